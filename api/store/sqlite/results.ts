import { decodeCursor, encodeCursor } from '../cursor.js'
import type { Page, ResultQuery, StoredResult } from '../store.js'
import type { StoredReport } from '../stored-report.js'
import { matches, toStoredResult } from '../stored-result.js'
import type { ProbesOfFunction } from './places.js'
import type { Probe } from './probes.js'
import type { Reports } from './reports.js'

/** Reports that one page looks through: a rare filter gives short pages with a cursor, never slow ones. */
const MAX_SCANNED_REPORTS = 2000
const PIECE = 16

type Position = readonly [at: number, tie: number, index: number]

/** A function's results, newest first: the reports of its probes, merged as they are read. */
export function listResultsOf(reports: Reports, probesOf: ProbesOfFunction) {
  return (query: ResultQuery): Page<StoredResult> => {
    const start: Position =
      query.cursor === undefined
        ? [query.to?.getTime() ?? Number.MAX_SAFE_INTEGER, -1, -1]
        : decodeCursor('results', query.cursor, ['number', 'number', 'number'])
    const from = query.from?.getTime() ?? 0
    const notable = query.asExpected === false || (query.outcome !== undefined && query.outcome !== 'ok')
    const lanes = probesOf(query.function)
      .filter(({ probe }) => query.subnet === undefined || probe.subnet === query.subnet)
      .map(({ probe, until }) => laneOf(reports, probe, until <= start[0] ? [until, -1, -1] : start, notable))
    const items: StoredResult[] = []
    let last: Position = start
    for (let scanned = 0; scanned < MAX_SCANNED_REPORTS; scanned += 1) {
      const lane = newest(lanes)
      const report = lane?.peek()
      if (lane === undefined || report === undefined || report.at < from) return { items, nextCursor: null }
      for (const [index, result] of report.results.entries()) {
        const resumed = report.at === start[0] && report.tie === start[1] && index <= start[2]
        if (resumed || !matches(result, query)) continue
        if (items.length >= query.limit) return { items, nextCursor: encodeCursor('results', last) }
        items.push(toStoredResult(report, result, lane.probe))
        last = [report.at, report.tie, index]
      }
      lane.drop()
      if (items.length === 0 || scanned === MAX_SCANNED_REPORTS - 1)
        last = [report.at, report.tie, report.results.length]
    }
    return { items, nextCursor: encodeCursor('results', last) }
  }
}

interface Lane {
  readonly probe: Probe
  readonly peek: () => StoredReport | undefined
  readonly drop: () => void
}

/** One probe's reports at or before a position, newest first, read in pieces. */
function laneOf(reports: Reports, probe: Probe, start: Position, notable: boolean): Lane {
  let queue: StoredReport[] = []
  // The report of the position itself may have results left.
  let next: { at: number; tie: number } | null = { at: start[0], tie: start[1] + 1 }
  const peek = (): StoredReport | undefined => {
    if (queue.length === 0 && next !== null) {
      queue = [...reports.before(probe.id, next.at, next.tie, PIECE, notable)]
      next = queue.length < PIECE ? null : (queue.at(-1) ?? null)
    }
    return queue[0]
  }
  return { probe, peek, drop: () => void queue.shift() }
}

function newest(lanes: readonly Lane[]): Lane | undefined {
  let best: Lane | undefined
  for (const lane of lanes) {
    const [a, b] = [lane.peek(), best?.peek()]
    if (a !== undefined && (b === undefined || a.at > b.at || (a.at === b.at && a.tie > b.tie))) best = lane
  }
  return best
}
