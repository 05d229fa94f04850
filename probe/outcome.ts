/**
 * The closed vocabulary of what a packet saw, and the one place where an error becomes an outcome.
 * An outcome says what happened, never why: the why is the diagnosis.
 */

/** Did a packet come back from the target itself? */
export type Reached = 'true' | 'false' | 'unknown'

/** The part of a check in which it ended. `plan` means that it never left the probe. */
export type Phase = 'plan' | 'dns' | 'connect' | 'tls' | 'exchange'

const table = {
  ok: 'true',
  dns_not_found: 'false',
  dns_timeout: 'false',
  dns_failed: 'false',
  connect_timeout: 'false',
  connect_refused: 'true',
  connect_unreachable: 'false',
  connection_reset: 'true',
  tls_untrusted: 'true',
  tls_expired: 'true',
  tls_name_mismatch: 'true',
  tls_failed: 'true',
  protocol_mismatch: 'true',
  exchange_timeout: 'true',
  http_status: 'true',
  aws_access_denied: 'true',
  aws_endpoint_policy_denied: 'true',
  aws_throttled: 'true',
  aws_failed: 'true',
  wrong_egress_ip: 'true',
  wrong_path: 'true',
  not_allowed: 'unknown',
  deadline: 'unknown',
  internal_error: 'unknown',
} as const satisfies Record<string, Reached>

export type Outcome = keyof typeof table

/** Every outcome, in the order of the design. */
export const OUTCOMES: readonly Outcome[] = Object.keys(table).filter(isOutcome)

export function isOutcome(value: unknown): value is Outcome {
  return typeof value === 'string' && Object.hasOwn(table, value)
}

/** Whether an outcome proves that packets travel to the target and back. */
export function reached(outcome: Outcome): Reached {
  return table[outcome]
}

export type Expectation = 'reachable' | 'unreachable'

/**
 * Whether an outcome satisfies a check's expectation.
 * `reachable` is satisfied by `ok` and by `aws_access_denied` (the path works; a role's rights are not the network's fault).
 * `unreachable` is satisfied when nothing came back. What never left the probe satisfies neither.
 */
export function asExpected(outcome: Outcome, expect: Expectation): boolean {
  if (expect === 'unreachable') return reached(outcome) === 'false'
  return outcome === 'ok' || outcome === 'aws_access_denied'
}

/** A check's own finding that isn't an error of Node's: a wrong status, another protocol, a refused target. */
export class CheckFailure extends Error {
  override readonly name = 'CheckFailure'
  constructor(
    readonly outcome: Outcome,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options)
  }
}

/** Raised when a phase's share of the timeout is used up; its outcome depends on the phase. */
export class PhaseTimeout extends Error {
  override readonly name = 'PhaseTimeout'
  constructor(readonly phase: Phase) {
    super(`no answer in phase ${phase} within the timeout`)
  }
}

const byTimedOutPhase: Record<Phase, Outcome> = {
  plan: 'deadline',
  dns: 'dns_timeout',
  connect: 'connect_timeout',
  tls: 'exchange_timeout',
  exchange: 'exchange_timeout',
}

const codes: Readonly<Partial<Record<Outcome, string>>> = {
  dns_not_found: 'ENOTFOUND ENODATA EAI_NONAME EAI_NODATA',
  dns_timeout: 'ETIMEOUT EAI_AGAIN',
  dns_failed: 'ESERVFAIL EREFUSED EFORMERR EBADRESP EBADNAME ENOTIMP EAI_FAIL',
  connect_timeout: 'ETIMEDOUT',
  connect_refused: 'ECONNREFUSED',
  connect_unreachable: 'EHOSTUNREACH ENETUNREACH EHOSTDOWN EADDRNOTAVAIL EAFNOSUPPORT',
  connection_reset: 'ECONNRESET ECONNABORTED EPIPE',
  tls_expired: 'CERT_HAS_EXPIRED CERT_NOT_YET_VALID',
  tls_name_mismatch: 'ERR_TLS_CERT_ALTNAME_INVALID',
  tls_untrusted:
    'UNABLE_TO_GET_ISSUER_CERT UNABLE_TO_GET_ISSUER_CERT_LOCALLY UNABLE_TO_VERIFY_LEAF_SIGNATURE SELF_SIGNED_CERT_IN_CHAIN DEPTH_ZERO_SELF_SIGNED_CERT CERT_UNTRUSTED CERT_REJECTED CERT_REVOKED CERT_CHAIN_TOO_LONG INVALID_CA INVALID_PURPOSE CERT_SIGNATURE_FAILURE',
}

const byCode: ReadonlyMap<string, Outcome> = new Map(
  OUTCOMES.flatMap((outcome) => (codes[outcome]?.split(' ') ?? []).map((code) => [code, outcome] as const)),
)

const dnsQueryCodes = new Set(['ECONNREFUSED', 'ETIMEDOUT', 'ECONNRESET'])

/**
 * Turns whatever was thrown in a phase into an outcome. Never throws.
 * A reset in the TLS phase stays `connection_reset`: that the hello was cut is told by the phase.
 */
export function outcomeOf(error: unknown, phase: Phase): Outcome {
  if (error instanceof CheckFailure) return error.outcome
  if (error instanceof PhaseTimeout) return byTimedOutPhase[error.phase]
  const code = codeOf(error)
  if (phase === 'dns' && dnsQueryCodes.has(code)) return code === 'ETIMEDOUT' ? 'dns_timeout' : 'dns_failed'
  const known = byCode.get(code)
  if (known === 'connect_timeout' && phase !== 'connect') return 'exchange_timeout'
  if (known) return known
  if (code.startsWith('ERR_SSL') || code.startsWith('ERR_TLS') || code === 'EPROTO') return 'tls_failed'
  if (phase === 'tls' && code !== '') return 'tls_failed'
  if (phase === 'dns' && code !== '') return 'dns_failed'
  if (phase === 'exchange' && code.startsWith('HPE_')) return 'protocol_mismatch'
  return 'internal_error'
}

/** The error's system or OpenSSL code, or '' if it has none. */
export function codeOf(error: unknown): string {
  if (typeof error !== 'object' || error === null || !('code' in error)) return ''
  return typeof error.code === 'string' ? error.code : ''
}
