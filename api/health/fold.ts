import type { Result } from '../../probe/report.schema.js'

/**
 * The state of one check at one probe: a fold over its results in order of (time, tie). Everything that health says is
 * derived from this, so that two stores that hold the same results say the same.
 */
export interface CheckState {
  /** Results folded so far. */
  readonly total: number
  /** Confirmed: `flipAfter` failures in a row, and not yet as many successes. */
  readonly failing: boolean
  /** Epoch milliseconds at which the confirmed status began: the first result of the streak that flipped it. */
  readonly since: number
  /** Successes in a row (positive) or failures in a row (negative) up to the newest result. */
  readonly streak: number
  /** When that streak began, and with which outcome. */
  readonly streakAt: number
  readonly streakOutcome: string
  /** Newest results in a row in which the check passed although an address of several failed. */
  readonly partial: number
  /** The incident that lasts, if one does. */
  readonly incident: OpenIncident | null
  readonly last: LastResult
}

export interface OpenIncident {
  readonly openedAt: number
  readonly firstOutcome: string
  readonly lastOutcome: string
  readonly failures: number
}

export interface ClosedIncident extends OpenIncident {
  readonly closedAt: number
}

/** What is kept of the newest result. */
export interface LastResult {
  readonly at: number
  readonly kind: string
  readonly target: string
  readonly expect: 'reachable' | 'unreachable'
  readonly outcome: string
  readonly endedIn: string | null
  readonly asExpected: boolean
  readonly ms: number
  readonly address: string | null
  readonly addressKind: 'private' | 'public' | null
  /** Where the name has several addresses: how many there are, how many failed, and how the first of those did. */
  readonly addresses: { readonly tried: number; readonly failed: number; readonly outcome: string } | null
}

export interface Folded {
  readonly state: CheckState
  /** The incident that this result ended. */
  readonly closed: ClosedIncident | null
}

/**
 * Takes one more result in; results must come in order of time.
 *
 * A check starts as not failing. It flips after `flipAfter` results in a row of the other kind, and the new status began
 * with the first of them. An incident is the stretch between such flips: from the first failure of the streak that
 * opened it to the first success of the streak that closed it.
 *
 * @param previous null for the first result of a check
 * @param at epoch milliseconds
 */
export function foldResult(
  previous: CheckState | null,
  result: Result,
  at: number,
  flipAfter: number,
): Folded {
  const passed = result.asExpected
  const continues = previous !== null && previous.streak > 0 === passed
  const streak = (continues ? Math.abs(previous.streak) + 1 : 1) * (passed ? 1 : -1)
  const streakAt = continues ? previous.streakAt : at
  const streakOutcome = continues ? previous.streakOutcome : result.outcome
  const last = lastResult(result, at)
  const state: CheckState = {
    total: (previous?.total ?? 0) + 1,
    failing: previous?.failing ?? false,
    since: previous?.since ?? at,
    streak,
    streakAt,
    streakOutcome,
    partial: last.addresses !== null && passed ? (previous?.partial ?? 0) + 1 : 0,
    incident: previous?.incident ?? null,
    last,
  }
  if (!state.failing) {
    if (passed || -streak < flipAfter) return { state, closed: null }
    const incident = {
      openedAt: streakAt,
      firstOutcome: streakOutcome,
      lastOutcome: result.outcome,
      failures: -streak,
    }
    return { state: { ...state, failing: true, since: streakAt, incident }, closed: null }
  }
  const open = state.incident
  if (open !== null && !passed) {
    const incident = { ...open, lastOutcome: result.outcome, failures: open.failures + 1 }
    return { state: { ...state, incident }, closed: null }
  }
  if (streak < flipAfter) return { state, closed: null }
  return {
    state: { ...state, failing: false, since: streakAt, incident: null },
    closed: open === null ? null : { ...open, closedAt: streakAt },
  }
}

/**
 * How long a check that its probe no longer reports is kept. Far longer than any schedule, so that a check that comes once a
 * day is not taken for one that left the plan.
 */
export const FORGET_CHECK_MS = 7 * 24 * 3_600_000

/** Whether a check left its probe's plan, seen at the time of a later report of that probe. */
export function hasLeft(state: CheckState, at: number): boolean {
  return state.last.at < at - FORGET_CHECK_MS
}

/** What becomes of the incident of a check that left the plan: it lasted as long as anyone knows. */
export function endedByLeaving({ incident, last }: CheckState): ClosedIncident | null {
  return incident === null ? null : { ...incident, closedAt: last.at }
}

function lastResult(result: Result, at: number): LastResult {
  return {
    at,
    kind: result.kind,
    target: result.target,
    expect: result.expect,
    outcome: result.outcome,
    endedIn: result.endedIn ?? null,
    asExpected: result.asExpected,
    ms: result.ms,
    address: result.address,
    addressKind: result.addressKind,
    addresses: result.expect === 'reachable' ? failingAddresses(result) : null,
  }
}

function failingAddresses(result: Result): LastResult['addresses'] {
  if (result.addresses === undefined || result.addresses.length < 2) return null
  // An address that answers with a denial has shown that its path works.
  const failed = result.addresses.filter(({ outcome }) => outcome !== 'ok' && outcome !== 'aws_access_denied')
  const [first] = failed
  return first === undefined || failed.length === result.addresses.length
    ? null
    : { tried: result.addresses.length, failed: failed.length, outcome: first.outcome }
}
