import { decodeCursor, encodeCursor } from './cursor.js'
import type { Page, ResultQuery, StoredResult } from './store.js'
import type { StoredReport } from './stored-report.js'
import { matches, toStoredResult } from './stored-result.js'

/** Reports that one page looks through: a rare filter gives short pages with a cursor, never slow ones. */
const MAX_SCANNED_REPORTS = 2000

export type Position = readonly [at: number, tie: number, index: number]

/** One probe's reports at or before a position, newest first. */
export interface Lane {
  readonly probe: { readonly name: string; readonly subnet: string | null }
  readonly next: () => StoredReport | undefined | Promise<StoredReport | undefined>
}

/** Where a page begins; the report of the position itself may have results left. */
export function resultPosition(query: ResultQuery): Position {
  return query.cursor === undefined
    ? [query.to?.getTime() ?? Number.MAX_SAFE_INTEGER, -1, -1]
    : decodeCursor('results', query.cursor, ['number', 'number', 'number'])
}

/** Whether a query asks for nothing but what `isNotable` says of. */
export function asksForNotable(query: ResultQuery): boolean {
  return query.asExpected === false || (query.outcome !== undefined && query.outcome !== 'ok')
}

/** A function's results, newest first: the reports of its probes, merged as they are read. */
export async function resultPage(query: ResultQuery, lanes: readonly Lane[]): Promise<Page<StoredResult>> {
  const start = resultPosition(query)
  const from = query.from?.getTime() ?? 0
  const fronts = await Promise.all(lanes.map(async (lane) => ({ lane, report: await lane.next() })))
  const items: StoredResult[] = []
  let last: Position = start
  for (let scanned = 0; scanned < MAX_SCANNED_REPORTS; scanned += 1) {
    const front = newest(fronts)
    const report = front?.report
    if (front === undefined || report === undefined || report.at < from) return { items, nextCursor: null }
    for (const [index, result] of report.results.entries()) {
      const resumed = report.at === start[0] && report.tie === start[1] && index <= start[2]
      if (resumed || !matches(result, query)) continue
      if (items.length >= query.limit) return { items, nextCursor: encodeCursor('results', last) }
      items.push(toStoredResult(report, result, front.lane.probe))
      last = [report.at, report.tie, index]
    }
    front.report = await front.lane.next()
    if (items.length === 0 || scanned === MAX_SCANNED_REPORTS - 1)
      last = [report.at, report.tie, report.results.length]
  }
  return { items, nextCursor: encodeCursor('results', last) }
}

interface Front {
  readonly lane: Lane
  report: StoredReport | undefined
}

function newest(fronts: readonly Front[]): Front | undefined {
  let best: Front | undefined
  for (const front of fronts) {
    const [a, b] = [front.report, best?.report]
    if (a !== undefined && (b === undefined || a.at > b.at || (a.at === b.at && a.tie > b.tie))) best = front
  }
  return best
}
