/** A report from further in the future than this is refused: it would stay the newest one until then. */
export const MAX_AHEAD_MS = 24 * 3_600_000
/** A reject keeps this much of its line. */
export const MAX_REJECT_CHARS = 4096

/** Why a report is not taken in, or null. Times in epoch milliseconds; results before `horizon` were deleted. */
export function refusal(at: number, receivedAt: number, horizon: number): string | null {
  if (!Number.isFinite(at) || at < 0) return 'startedAt is not a time after 1970'
  if (at > receivedAt + MAX_AHEAD_MS) return 'startedAt lies more than a day in the future'
  if (at >= horizon) return null
  const edge = new Date(horizon).toISOString()
  return `startedAt lies before ${edge}, up to where results were deleted: it can't be told from one counted already`
}
