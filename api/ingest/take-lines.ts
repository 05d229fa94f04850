import { setImmediate as turn } from 'node:timers/promises'
import type { IngestSummary, Store } from '../store/store.js'
import { type LogLine, sortLines } from './sort-lines.js'

/** Lines in one transaction at most: a large delivery must not keep everyone else from the thread until it is through. */
export const STRETCH_LINES = 500
/** Characters in one transaction at most. */
const STRETCH_CHARS = 8 * 1024 * 1024

export interface TakenLines extends IngestSummary {
  /** Log lines that are no reports. */
  readonly ignored: number
}

export interface TakeLinesOptions {
  readonly source: string
  readonly clock: () => Date
  /** The source's position after all of these lines; saved in the transaction of the last of them. */
  readonly checkpoint?: string
}

/**
 * Takes the lines of a delivery or a page in, stretch by stretch, each in one transaction, and lets others get their turn in
 * between. Where this is cut off some stretches are taken in and the checkpoint is not moved: sent or read again, what is
 * known already is a duplicate.
 */
export async function takeLines(
  store: Store,
  lines: Iterable<LogLine>,
  { source, clock, checkpoint }: TakeLinesOptions,
): Promise<TakenLines> {
  const total = { accepted: 0, duplicates: 0, rejected: 0, ignored: 0 }
  const take = async (stretch: readonly LogLine[], position: string | undefined): Promise<void> => {
    const sorted = sortLines(stretch)
    const summary = await store.ingest({
      source,
      receivedAt: clock(),
      ...sorted,
      ...(position === undefined ? {} : { checkpoint: position }),
    })
    total.accepted += summary.accepted
    total.duplicates += summary.duplicates
    total.rejected += summary.rejected
    total.ignored += sorted.otherLines
  }
  let stretch: LogLine[] = []
  let chars = 0
  for (const line of lines) {
    if (stretch.length >= STRETCH_LINES || chars + line.text.length > STRETCH_CHARS) {
      await take(stretch, undefined)
      await turn()
      stretch = []
      chars = 0
    }
    stretch.push(line)
    chars += line.text.length
  }
  if (stretch.length > 0 || checkpoint !== undefined) await take(stretch, checkpoint)
  return total
}
