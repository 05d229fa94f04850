import type { Report } from '../../probe/report.schema.js'
import { FORGET_CHECK_MS } from '../health/fold.js'
import type { Reject } from './store.js'

/** A report from further in the future than this is refused: it would stay the newest one until then. */
export const MAX_AHEAD_MS = 24 * 3_600_000
/** A reject keeps this much of its line. */
export const MAX_REJECT_CHARS = 4096

/** A report that is refused, as it is kept: by its run and part, so that a source that is read again adds it no second time. */
export function refusedReject(report: Report, reason: string, pointer: string | null): Reject {
  const line = JSON.stringify(report).slice(0, MAX_REJECT_CHARS)
  return { reason, pointer, line, key: `${report.run}/${report.part[0]}` }
}

/**
 * Distinct names of checks that a probe may have at one time: twice what a plan may hold, so that all of one can be renamed.
 * A name that is made anew in every run would else grow the probe's state and the page without end.
 */
export const MAX_CHECKS = 2000

/** Why a report is not taken in, or null. Times in epoch milliseconds; results before `horizon` were deleted. */
export function refusal(at: number, receivedAt: number, horizon: number): string | null {
  if (!Number.isFinite(at) || at < 0) return 'startedAt is not a time after 1970'
  if (at > receivedAt + MAX_AHEAD_MS) return 'startedAt lies more than a day in the future'
  if (at >= horizon) return null
  const edge = new Date(horizon).toISOString()
  return `startedAt lies before ${edge}, up to where results were deleted: it can't be told from one counted already`
}

/**
 * Why a report's checks are not taken in, or null.
 * @param known names that the probe has already, in its state and in the reports before this one
 */
export function tooManyChecks(probe: string, known: Iterable<string>, report: Report): string | null {
  const names = new Set(known)
  for (const { check } of report.results) names.add(check)
  return names.size <= MAX_CHECKS
    ? null
    : `probe ${probe} would have ${names.size} checks of different names, and ${MAX_CHECKS} is the limit: a check keeps its ` +
        `name from run to run, and one that left the plan is forgotten after ${FORGET_CHECK_MS / 86_400_000} days`
}
