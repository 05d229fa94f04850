import { setImmediate as turn } from 'node:timers/promises'
import type { Report } from '../../probe/report.schema.js'
import type { IngestSummary, Reject, Store } from '../store/store.js'
import { type Line, MAX_LINE_BYTES } from './lines.js'
import { MAX_KEPT_CHARS, parseLine } from './parse.js'

export interface LinesSummary extends IngestSummary {
  readonly lines: number
  readonly otherLines: number
}

export interface IngestLinesOptions {
  readonly clock: () => Date
  /** Makes the source's position from the offset after the last line of a batch; saved in the batch's transaction. */
  readonly checkpointAt?: (end: number) => string
  /** What to do with a last line that has no line end: `take` it, or `leave` it for when the rest of it is there. */
  readonly unended: 'take' | 'leave'
  /** Ends between two batches. */
  readonly signal?: AbortSignal
  /** Lines in one transaction at most. */
  readonly batchLines?: number
  /** Told of each line that held a report which was not taken in: its number, from 1 where reading began, and why. */
  readonly onReject?: (line: number, reason: string) => void
}

/** Lines in one transaction at most: what a batch holds lives until it is committed, and larger ones outlive young memory. */
export const BATCH_LINES = 200
/** Characters in one transaction at most, so that long lines don't fill the memory. */
export const BATCH_CHARS = 8 * 1024 * 1024

/**
 * Takes lines into a store, batch by batch, each in one transaction with the position after it: wherever this is cut off,
 * going on from the saved position loses nothing and counts nothing twice.
 */
export async function ingestLines(
  store: Store,
  source: string,
  lines: AsyncIterable<readonly Line[]>,
  options: IngestLinesOptions,
): Promise<LinesSummary> {
  const most = options.batchLines ?? BATCH_LINES
  const total = { lines: 0, otherLines: 0, accepted: 0, duplicates: 0, rejected: 0 }
  let batch = emptyBatch()
  let number = 0
  const flush = async (): Promise<void> => {
    if (batch.lines === 0) return
    const { reports, rejects, otherLines, end, reportAt, rejectAt } = batch
    total.lines += batch.lines
    total.otherLines += otherLines
    batch = emptyBatch()
    const checkpoint = end === null || !options.checkpointAt ? {} : { checkpoint: options.checkpointAt(end) }
    const receivedAt = options.clock()
    const summary = await store.ingest({ source, receivedAt, reports, rejects, otherLines, ...checkpoint })
    total.accepted += summary.accepted
    total.duplicates += summary.duplicates
    total.rejected += summary.rejected
    if (options.onReject) {
      const refused = summary.refused.map(({ index, reason }) => ({ line: reportAt[index] ?? 0, reason }))
      const told = [
        ...rejects.map(({ reason }, index) => ({ line: rejectAt[index] ?? 0, reason })),
        ...refused,
      ]
      for (const { line, reason } of told.sort((a, b) => a.line - b.line)) options.onReject(line, reason)
    }
    // Others get their turn between two batches; and the database driver frees what it lent only then.
    await turn()
  }
  for await (const group of lines) {
    for (const line of group) {
      if (!line.ended && options.unended === 'leave') continue
      number += 1
      addLine(batch, line, number)
      if (batch.lines >= most || batch.chars >= BATCH_CHARS) await flush()
      if (options.signal?.aborted) return total
    }
  }
  await flush()
  return total
}

interface Batch {
  reports: Report[]
  rejects: Reject[]
  /** Numbers of the lines that `reports` and `rejects` came from. */
  reportAt: number[]
  rejectAt: number[]
  otherLines: number
  lines: number
  chars: number
  end: number | null
}

function emptyBatch(): Batch {
  return {
    reports: [],
    rejects: [],
    reportAt: [],
    rejectAt: [],
    otherLines: 0,
    lines: 0,
    chars: 0,
    end: null,
  }
}

function addLine(batch: Batch, { text, end, overlong, ended }: Line, number: number): void {
  batch.lines += 1
  batch.chars += text.length
  const parsed = overlong ? null : parseLine(text)
  if (parsed?.kind === 'report') {
    batch.reports.push(parsed.report)
    batch.reportAt.push(number)
  } else if (parsed === null || parsed.kind === 'reject') {
    const reason = `longer than ${MAX_LINE_BYTES} bytes`
    batch.rejects.push(parsed?.reject ?? { reason, pointer: null, line: text.slice(0, MAX_KEPT_CHARS) })
    batch.rejectAt.push(number)
  } else batch.otherLines += 1
  // A last line that is no whole report may still be written: it is told, and read again once it has its end.
  if (ended || parsed?.kind === 'report') batch.end = end
}
