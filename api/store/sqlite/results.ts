import { asksForNotable, type Lane, type Position, resultPage, resultPosition } from '../result-page.js'
import type { Page, ResultQuery, StoredResult } from '../store.js'
import type { StoredReport } from '../stored-report.js'
import type { ProbesOfFunction } from './places.js'
import type { Probe } from './probes.js'
import type { Reports } from './reports.js'

const PIECE = 16

/** A function's results, newest first. */
export function listResultsOf(reports: Reports, probesOf: ProbesOfFunction) {
  return async (query: ResultQuery): Promise<Page<StoredResult>> => {
    const start = resultPosition(query)
    const lanes = probesOf(query.function)
      .filter(({ probe }) => query.subnet === undefined || probe.subnet === query.subnet)
      .map(({ probe, until }) =>
        laneOf(reports, probe, until <= start[0] ? [until, -1, -1] : start, asksForNotable(query)),
      )
    return resultPage(query, lanes)
  }
}

/** One probe's reports, read in pieces. */
function laneOf(reports: Reports, probe: Probe, start: Position, notable: boolean): Lane {
  let queue: StoredReport[] = []
  let next: { at: number; tie: number } | null = { at: start[0], tie: start[1] + 1 }
  return {
    probe,
    next: () => {
      if (queue.length === 0 && next !== null) {
        queue = [...reports.before(probe.id, next.at, next.tie, PIECE, notable)]
        next = queue.length < PIECE ? null : (queue.at(-1) ?? null)
      }
      return queue.shift()
    },
  }
}
