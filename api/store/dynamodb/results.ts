import { asksForNotable, type Lane, type Position, resultPage, resultPosition } from '../result-page.js'
import type { Page, ResultQuery, StoredResult } from '../store.js'
import { isNotable, type StoredReport } from '../stored-report.js'
import type { Head } from './head.js'
import type { MetaAccess } from './meta.js'
import { inOrder, type Stretches } from './stretches.js'
import type { Surveys } from './survey.js'

/** A function's results, newest first: the reports in its probes' heads, and then hour by hour. */
export function listResultsOf(stretches: Stretches, probesOf: Surveys['probesOf'], meta: MetaAccess) {
  return async (query: ResultQuery): Promise<Page<StoredResult>> => {
    const start = resultPosition(query)
    const { edges } = await meta.recent()
    const lanes = (await probesOf(query.function))
      .filter(({ head }) => query.subnet === undefined || head.about.subnet === query.subnet)
      .map(({ head, until }): Lane => {
        const from: Position = until <= start[0] ? [until, -1, -1] : start
        const reports = newestFirst(stretches, head, from, edges.results, asksForNotable(query))
        return { probe: head.about, next: async () => (await reports.next()).value ?? undefined }
      })
    return resultPage(query, lanes)
  }
}

async function* newestFirst(
  stretches: Stretches,
  head: Head,
  [at, tie]: Position,
  edge: number,
  notable: boolean,
): AsyncGenerator<StoredReport, undefined> {
  const fits = (report: StoredReport): boolean =>
    (report.at < at || (report.at === at && report.tie <= tie)) &&
    (!notable || report.results.some(isNotable))
  let fresh = head.fresh.filter(fits)
  for await (const { hour, reports } of stretches.before(head, at, notable)) {
    const later = fresh.filter((report) => report.at >= hour)
    fresh = fresh.filter((report) => report.at < hour)
    for (const report of inOrder([...later, ...reports.filter(fits)]).reverse()) {
      if (report.at < edge) return undefined
      yield report
    }
  }
  for (const report of inOrder(fresh).reverse()) {
    if (report.at < edge) return undefined
    yield report
  }
  return undefined
}
