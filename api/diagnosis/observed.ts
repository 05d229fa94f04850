import { isOutcome, reached as outcomeReached, type Reached } from '../../probe/outcome.js'

/** What one check saw, as far as a diagnosis reads it. The probe's `Result` is one. */
export interface Observed {
  readonly outcome: string
  readonly expect?: 'reachable' | 'unreachable'
  readonly kind?: string
  readonly target?: string
  readonly endedIn?: string
  readonly address?: string | null
  readonly addressKind?: 'private' | 'public' | null
  readonly attempts?: readonly { readonly outcome: string }[]
  readonly addresses?: readonly {
    readonly address: string
    readonly addressKind: 'private' | 'public'
    readonly outcome: string
  }[]
  readonly detail?: {
    readonly message?: string
    readonly code?: string
    readonly serverName?: string
    readonly certificateIssuer?: string
    readonly certificateNotBefore?: string
    readonly certificateExpires?: string
    readonly certificateDaysLeft?: number
    readonly httpStatus?: number
    readonly egressIp?: string
    readonly awsErrorCode?: string
    readonly resolver?: readonly string[]
    readonly heldMs?: number
  }
}

/** How often a check failed of late: what a single run can't tell. */
export interface History {
  readonly total: number
  readonly failed: number
}

/** What the configuration tells beside the path itself. */
export interface Facts {
  /** The NAT gateway that the path goes through. */
  readonly nat: string | null
  /** An endpoint of the service asked for in the caller's VPC. */
  readonly endpoint: string | null
  /** Such an endpoint that lacks private DNS. */
  readonly endpointWithoutDns: string | null
  /** Name servers of the DHCP options, where they are not AWS's own. */
  readonly nameServers: readonly string[]
  /** The region, where the snapshot tells it. */
  readonly region: string
}

export const NO_FACTS: Facts = {
  nat: null,
  endpoint: null,
  endpointWithoutDns: null,
  nameServers: [],
  region: '',
}

/** Did a packet come back from the target? An outcome of a newer probe is unknown. */
export function cameBack(observed: Observed): Reached {
  return isOutcome(observed.outcome) ? outcomeReached(observed.outcome) : 'unknown'
}

/** Whether the check found what it was sent for: the target, or that the path works and IAM says no. */
export function succeeded(observed: Observed): boolean {
  return observed.outcome === 'ok' || observed.outcome === 'aws_access_denied'
}

/** Of a name's addresses those that failed, where others answered: the check passes, and a client that meets one of these does not. */
export function failedAddresses(observed: Observed): readonly string[] {
  const tried = observed.addresses ?? []
  const failed = tried.filter(({ outcome }) => !succeeded({ outcome }))
  return failed.length < tried.length ? failed.map(({ address }) => address) : []
}

/** The first attempts succeed and the later ones fail: what a resource that runs out looks like. */
export function failsLate(observed: Observed): boolean {
  const attempts = observed.attempts ?? []
  const firstFailure = attempts.findIndex((attempt) => attempt.outcome !== 'ok')
  return firstFailure > 0 && attempts.slice(firstFailure).every((attempt) => attempt.outcome !== 'ok')
}

/** The rate of failure where some runs succeed: null where all fail or too few are known. */
export function sporadicRate(observed: Observed, history: History | undefined): number | null {
  const known = history !== undefined && history.total >= 2 ? history : fromAttempts(observed)
  if (known === null || known.failed === 0 || known.failed >= known.total) return null
  return known.failed / known.total
}

function fromAttempts(observed: Observed): History | null {
  const attempts = observed.attempts ?? []
  if (attempts.length < 2) return null
  return { total: attempts.length, failed: attempts.filter((attempt) => attempt.outcome !== 'ok').length }
}

/** The host of a target, without its port and its path. */
export function hostOf(target: string): string {
  const bare = target.replace(/^[a-z+]+:\/\//i, '').replace(/[/?#].*$/, '')
  // Without brackets, what has several colons is an IPv6 address without a port.
  return /^\[(.+)\]/.exec(bare)?.[1] ?? bare.replace(/^([^:]*):\d+$/, '$1')
}
