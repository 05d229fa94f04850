import { cutHello, expired, silentHello, untrusted, wrongName } from './candidates/certificates.js'
import type { Evidence, Explain } from './candidates/evidence.js'
import { names } from './candidates/names.js'
import { closed, mismatch, refused, silent, status } from './candidates/servers.js'
import { awsFailed, egress, policyDenied, throttled } from './candidates/services.js'
import { dropped } from './candidates/silence.js'
import type { Candidate } from './diagnosis.js'

export type { Evidence } from './candidates/evidence.js'

const BY_OUTCOME: Readonly<Record<string, Explain>> = {
  connect_refused: refused,
  tls_untrusted: untrusted,
  tls_expired: expired,
  tls_name_mismatch: wrongName,
  tls_failed: cutHello,
  protocol_mismatch: mismatch,
  exchange_timeout: silent,
  http_status: status,
  aws_endpoint_policy_denied: policyDenied,
  aws_throttled: throttled,
  aws_failed: awsFailed,
  wrong_egress_ip: egress,
  dns_not_found: names,
  dns_timeout: names,
  dns_failed: names,
  connect_timeout: dropped,
  connect_unreachable: dropped,
}

/** What may explain an outcome where the configuration is open, what fits best first. Empty where nothing is known to fit. */
export function candidatesFor(evidence: Evidence): readonly Candidate[] {
  const { outcome, endedIn } = evidence.observed
  if (endedIn === 'tls' && outcome === 'connection_reset') return cutHello(evidence)
  if (endedIn === 'tls' && outcome === 'exchange_timeout') return silentHello(evidence)
  if (outcome === 'connection_reset') return endedIn === 'connect' ? refused(evidence) : closed(evidence)
  return BY_OUTCOME[outcome]?.(evidence) ?? []
}
