import { awsServices } from '../../probe/checks/aws-services.js'
import { all, PLACES, type Raw, records, text } from '../diagnosis/raw.js'
import { privateLinkName } from '../network/service-names.js'
import type { Snapshot } from '../network/snapshot.js'
import type { Candidate, Candidates, Passed } from './candidate.js'
import { isIgnored } from './found.js'

/** PrivateLink's name of a service → the name by which a plan's `aws` check knows it. */
const BY_PRIVATELINK: ReadonlyMap<string, string> = new Map(
  Object.keys(awsServices).map((service) => [privateLinkName(service), service]),
)

/**
 * VPC endpoints, as the AWS services that are meant to be used: who pays for an interface endpoint, or put a gateway endpoint on
 * a route table, wants its service reached by it. What a role's policies allow says what could be used, and no answer that a
 * snapshot holds says what is; services without an endpoint are therefore named by the tag `sonde:checks`.
 *
 * `via: endpoint` is asked of interface endpoints alone; behind a gateway endpoint the addresses are public either way.
 */
export function endpointCandidates(snapshot: Snapshot): Candidates {
  const candidates = new Map<string, Candidate>()
  const passed: Passed[] = []
  for (const endpoint of all(snapshot, PLACES.endpoint)) {
    const vpcId = text(endpoint, 'VpcId')
    const type = text(endpoint, 'VpcEndpointType')
    const ignored = isIgnored(records(endpoint, 'Tags'))
    if (ignored || (type !== 'Interface' && type !== 'Gateway') || text(endpoint, 'State') === 'deleted')
      continue
    const name = text(endpoint, 'ServiceName')
    const service = BY_PRIVATELINK.get(serviceIn(name))
    if (service === undefined) {
      passed.push({ vpcId, what: `${text(endpoint, 'VpcEndpointId')} (${name})`, why: whyNone(name) })
      continue
    }
    const key = `${vpcId} ${service}`
    // Of several endpoints of one service the one with private DNS decides: the service's own name leads there.
    if (candidates.has(key) && !(type === 'Interface' && endpoint['PrivateDnsEnabled'] === true)) continue
    candidates.set(key, {
      vpcId,
      check: { name: `service:${service}`, kind: 'aws', service, ...wayTo(endpoint, type) },
    })
  }
  return { candidates: [...candidates.values()], passed }
}

function wayTo(endpoint: Raw, type: string): { via?: 'endpoint'; endpoint?: string } {
  if (type === 'Gateway') return {}
  if (endpoint['PrivateDnsEnabled'] === true) return { via: 'endpoint' }
  const own = records(endpoint, 'DnsEntries')
    .map((entry) => text(entry, 'DnsName'))
    .find((host) => host.startsWith('vpce-'))
  return own === undefined ? { via: 'endpoint' } : { via: 'endpoint', endpoint: own }
}

/** `com.amazonaws.REGION.SERVICE` (also `cn.com.amazonaws.…`); a service's name may hold dots itself. */
function serviceIn(name: string): string {
  return (
    /^(?:[a-z]+\.)?com\.amazonaws\.[a-z]{2}(?:-[a-z]+)+-[0-9]+\.(.+)$/
      .exec(name)?.[1]
      ?.replace(/-fips$/, '') ?? ''
  )
}

function whyNone(name: string): string {
  return name.includes('.vpce.') || !name.includes('amazonaws')
    ? 'an endpoint service of someone: AWS does not tell its ports, add a tcp or tls check by hand'
    : 'no cheap read-only call of that service is known: add a tls check of its name by hand'
}
