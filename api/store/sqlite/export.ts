import type { ExportedResult } from '../store.js'
import { toExportedResult } from '../stored-result.js'
import type { Db } from './db.js'
import type { Reports } from './reports.js'

interface Row {
  readonly id: number
  readonly name: string
  readonly subnet: string | null
  readonly account: string | null
  readonly region: string | null
}

/** Probes read at once. */
const PIECE = 100

/** All results of a time, probe by probe; nothing is held open between two of them. */
export function exportResultsOf(db: Db, reports: Reports) {
  const after = db.prepare<Row>(
    `SELECT p.id, p.name, s.subnet, s.account, s.region FROM probes p JOIN standpoints s ON s.id = p.standpoint_id
     WHERE p.id > ? ORDER BY p.id LIMIT ${PIECE}`,
  )
  return async function* (from: Date, to: Date): AsyncGenerator<ExportedResult> {
    let last = 0
    for (;;) {
      const probes = after.all(last)
      for (const probe of probes) {
        last = probe.id
        for (const report of reports.between(probe.id, from.getTime(), to.getTime())) {
          for (const result of report.results) yield toExportedResult(report, result, probe)
        }
      }
      if (probes.length < PIECE) return
    }
  }
}
