import type { Text } from '../network/path.js'

/** What health speaks of: pure data, derived from results and nothing else. */

/**
 * `healthy`  every check of every standpoint is as expected;
 * `degraded` some standpoint or some check fails, while another standpoint passes the same check, or an address of several fails;
 * `failing`  a check fails from every standpoint that reports it;
 * `stale`    no report for three intervals;
 * `unknown`  declared, but never reported.
 */
export type FunctionStatus = 'healthy' | 'degraded' | 'failing' | 'stale' | 'unknown'

/** `pending`: fewer results than a flip needs. */
export type CheckStatus = 'passing' | 'failing' | 'pending' | 'stale'

/** Latency of one phase over some results, in milliseconds. */
export interface LatencySummary {
  readonly count: number
  readonly p50: number
  readonly p90: number
  readonly p99: number
  readonly max: number
}

/** One check seen from one standpoint: one subnet with one set of security groups. */
export interface StandpointCheck {
  readonly standpoint: string
  readonly subnet: string | null
  readonly securityGroups: readonly string[]
  readonly probe: string
  readonly status: CheckStatus
  readonly outcome: string
  readonly endedIn: string | null
  readonly asExpected: boolean
  /** Failures in a row up to the newest result; 0 when it passed. */
  readonly consecutiveFailures: number
  /** ISO 8601: when the present status began. */
  readonly since: string
  readonly lastAt: string
  readonly ms: number
  readonly address: string | null
  readonly addressKind: 'private' | 'public' | null
}

export interface CheckHealth {
  readonly name: string
  readonly kind: string
  readonly target: string
  readonly expect: 'reachable' | 'unreachable'
  readonly status: CheckStatus | 'degraded'
  readonly since: string
  readonly standpoints: readonly StandpointCheck[]
}

export interface FunctionHealth {
  readonly name: string
  readonly status: FunctionStatus
  /** ISO 8601: when the present status began; null while `unknown`. */
  readonly since: string | null
  readonly lastReportAt: string | null
  readonly posture: string | null
  readonly region: string | null
  readonly account: string | null
  /** ISO 8601: when discovery no longer found it; null for a function that is there. */
  readonly vanishedAt: string | null
  /** One sentence that says why it has this status, in English: the text’s own. */
  readonly summary: string
  readonly text: Text
  readonly checks: readonly CheckHealth[]
}

/** Subnets and security groups that some functions share, and the probes that stand there. */
export interface Posture {
  readonly id: string
  readonly subnets: readonly string[]
  readonly securityGroups: readonly string[]
  readonly functions: readonly string[]
  readonly probes: readonly {
    readonly name: string
    readonly subnet: string | null
    readonly lastReportAt: string | null
  }[]
}

/** A stretch of time in which a function's check was not as expected. */
export interface Incident {
  readonly id: string
  readonly function: string
  readonly check: string
  readonly standpoint: string
  readonly subnet: string | null
  readonly openedAt: string
  /** Null while it lasts. */
  readonly closedAt: string | null
  /** The outcome with which it began, and the newest one. */
  readonly firstOutcome: string
  readonly lastOutcome: string
  readonly failures: number
}

export interface HealthPolicy {
  /** Failures (or successes) in a row before a check's status flips. */
  readonly flipAfter: number
  /** Expected milliseconds between two reports of a probe that doesn't say it itself. */
  readonly intervalMs: number
}

export const DEFAULT_POLICY: HealthPolicy = { flipAfter: 2, intervalMs: 60_000 }

/** Staleness: this many intervals without a report. */
export const STALE_INTERVALS = 3
