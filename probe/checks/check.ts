import type { SecureContext } from 'node:tls'
import type { Outcome, Phase } from '../outcome.js'
import type { Check } from '../plan.schema.js'
import type { Detail, Phases } from '../report.schema.js'

/** One address that a check's host stands for. */
export interface Destination {
  /** The name or address as the plan gives it. */
  readonly host: string
  readonly port: number
  readonly address: string
  readonly family: 4 | 6
}

/** What a check gets from outside itself. */
export interface CheckIo {
  /** Milliseconds for connect, TLS and exchange together (a hold is not counted). */
  readonly timeoutMs: number
  /** Aborted when the run's own deadline comes; a check then closes its socket at once. */
  readonly signal: AbortSignal
  /** Calls back once when the signal is given; returns how to be forgotten before. Cheaper than a listener on the signal itself. */
  readonly onEnd: (listener: () => void) => () => void
  /** Monotonic milliseconds. */
  readonly now: () => number
  readonly env: Readonly<Record<string, string | undefined>>
  /** Reads an asset that lies beside the bundle (`rds-ca.pem`, a plan's `caFile`). Rejects with a clear error if it is not there. */
  readonly readAsset: (name: string) => Promise<string>
  /**
   * TLS contexts with added roots, shared by the checks of a run: parsing the RDS bundle and Node's own roots takes 40 ms of
   * processor time. Absent: each check makes its own.
   */
  readonly secureContexts?: Map<string, Promise<SecureContext>>
  /**
   * Resolves a further host that turns up during the check (a redirect) through the run's allow-list.
   * Rejects with `CheckFailure('not_allowed')` where it must not be contacted.
   */
  readonly resolve: (host: string, port: number) => Promise<readonly Destination[]>
}

/** What one attempt on one address found. */
export interface Finding {
  readonly outcome: Outcome
  /** Where it ended; absent when it went through. */
  readonly endedIn?: Phase
  readonly phases: Phases
  readonly detail?: Detail
}

/** Where a check of a kind connects to, and how it is named in reports. */
export interface Endpoint {
  readonly host: string
  readonly port: number
  /** `host:port`, a URL without query string, …: never with secrets. */
  readonly target: string
}

/** A kind that connects to each address of a host. */
export interface AddressChecker<C extends Check> {
  readonly endpoint: (check: C, env: CheckIo['env']) => Endpoint
  /** Never rejects for what the network does; a rejection is a defect and becomes `internal_error`. */
  readonly probe: (check: C, destination: Destination, io: CheckIo) => Promise<Finding>
  /** Said once a result, whatever the outcome. */
  readonly warnings?: (check: C) => readonly string[]
}
