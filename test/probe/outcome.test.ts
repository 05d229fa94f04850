import t from 'tap'
import {
  asExpected,
  CheckFailure,
  OUTCOMES,
  type Outcome,
  outcomeOf,
  type Phase,
  PhaseTimeout,
  type Reached,
  reached,
} from '../../probe/outcome.js'

/** What the design says of each outcome: did a packet come back, and does it satisfy a check that wants to reach, or not to. */
const MEANING: Readonly<Record<Outcome, readonly [Reached, boolean, boolean]>> = {
  ok: ['true', true, false],
  dns_not_found: ['false', false, true],
  dns_timeout: ['false', false, true],
  dns_failed: ['false', false, true],
  connect_timeout: ['false', false, true],
  connect_refused: ['true', false, false],
  connect_unreachable: ['false', false, true],
  connection_reset: ['true', false, false],
  tls_untrusted: ['true', false, false],
  tls_expired: ['true', false, false],
  tls_name_mismatch: ['true', false, false],
  tls_failed: ['true', false, false],
  protocol_mismatch: ['true', false, false],
  exchange_timeout: ['true', false, false],
  http_status: ['true', false, false],
  // The path works; a role's rights are not the network's fault. A policy of the endpoint is.
  aws_access_denied: ['true', true, false],
  aws_endpoint_policy_denied: ['true', false, false],
  aws_throttled: ['true', false, false],
  aws_failed: ['true', false, false],
  wrong_egress_ip: ['true', false, false],
  wrong_path: ['true', false, false],
  // What never left the probe proves nothing, either way.
  not_allowed: ['unknown', false, false],
  deadline: ['unknown', false, false],
  internal_error: ['unknown', false, false],
}

t.test('what each outcome says of the target and of the expectation', async (t) => {
  t.same([...OUTCOMES].sort(), Object.keys(MEANING).sort(), 'the vocabulary is closed')
  for (const outcome of OUTCOMES) {
    const found = [reached(outcome), asExpected(outcome, 'reachable'), asExpected(outcome, 'unreachable')]
    t.same(found, MEANING[outcome], outcome)
  }
})

t.test('an error of Node in its phase', async (t) => {
  for (const [code, phase, outcome] of [
    ['ENOTFOUND', 'dns', 'dns_not_found'],
    ['ENODATA', 'dns', 'dns_not_found'],
    ['EAI_AGAIN', 'dns', 'dns_timeout'],
    ['ETIMEOUT', 'dns', 'dns_timeout'],
    ['ETIMEDOUT', 'dns', 'dns_timeout'],
    ['ECONNREFUSED', 'dns', 'dns_failed'],
    ['ESERVFAIL', 'dns', 'dns_failed'],
    ['ENEVERHEARD', 'dns', 'dns_failed'],
    ['ETIMEDOUT', 'connect', 'connect_timeout'],
    ['ECONNREFUSED', 'connect', 'connect_refused'],
    ['EHOSTUNREACH', 'connect', 'connect_unreachable'],
    ['ENETUNREACH', 'connect', 'connect_unreachable'],
    // A connection that was made and then died silently was connected: the kernel's own timeout ends the exchange.
    ['ETIMEDOUT', 'tls', 'exchange_timeout'],
    ['ETIMEDOUT', 'exchange', 'exchange_timeout'],
    ['EHOSTUNREACH', 'exchange', 'connect_unreachable'],
    ['ECONNRESET', 'tls', 'connection_reset'],
    ['EPIPE', 'exchange', 'connection_reset'],
    ['ECONNABORTED', 'exchange', 'connection_reset'],
    ['CERT_NOT_YET_VALID', 'tls', 'tls_expired'],
    ['SELF_SIGNED_CERT_IN_CHAIN', 'tls', 'tls_untrusted'],
    ['ERR_TLS_CERT_ALTNAME_INVALID', 'tls', 'tls_name_mismatch'],
    ['ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE', 'exchange', 'tls_failed'],
    ['EPROTO', 'tls', 'tls_failed'],
    ['ENEVERHEARD', 'tls', 'tls_failed'],
    ['HPE_INVALID_CONSTANT', 'exchange', 'protocol_mismatch'],
    ['ENEVERHEARD', 'connect', 'internal_error'],
  ] as const satisfies readonly (readonly [string, Phase, Outcome])[]) {
    t.equal(outcomeOf(Object.assign(new Error('x'), { code }), phase), outcome, `${code} in ${phase}`)
  }
})

t.test('a timeout by its own phase, a finding by its own word, anything else is a defect', async (t) => {
  for (const [phase, outcome] of [
    ['plan', 'deadline'],
    ['dns', 'dns_timeout'],
    ['connect', 'connect_timeout'],
    ['tls', 'exchange_timeout'],
    ['exchange', 'exchange_timeout'],
  ] as const)
    t.equal(outcomeOf(new PhaseTimeout(phase), 'exchange'), outcome)
  t.equal(outcomeOf(new CheckFailure('wrong_path', 'x'), 'connect'), 'wrong_path')
  for (const thrown of [new TypeError('x'), 'x', null, undefined, { code: 5 }])
    t.equal(outcomeOf(thrown, 'exchange'), 'internal_error')
})
