import type { Report } from '../../../probe/report.schema.js'
import { isNotable, type StoredReport } from '../stored-report.js'
import type { Db } from './db.js'
import { decodeResults, encodeResults } from './result-text.js'

export interface Reports {
  /** Whether this part of this run is there already. */
  readonly has: (report: Report) => boolean
  /** False if this part of this run is there already. */
  readonly insert: (probeId: number, at: number, tie: number, report: Report) => boolean
  /** A probe's reports in [from, to), oldest first, read in pieces. */
  readonly between: (probeId: number, from: number, to: number) => Iterable<StoredReport>
  /** A probe's reports before a position, newest first. */
  readonly before: (
    probeId: number,
    at: number,
    tie: number,
    limit: number,
    notable: boolean,
  ) => readonly StoredReport[]
}

interface ReportRow {
  readonly at: number
  readonly tie: number
  readonly run: string
  readonly results: string
}

const PIECE = 200

export function reportsOf(db: Db): Reports {
  const insert = db.prepare(
    `INSERT INTO reports (probe_id, at, tie, run, part, notable, results) VALUES (?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT (run, part) DO NOTHING`,
  )
  const has = db.prepare<{ id: number }>('SELECT id FROM reports WHERE run = ? AND part = ?')
  const next = db.prepare<ReportRow>(
    `SELECT at, tie, run, results FROM reports WHERE probe_id = ? AND (at, tie) > (?, ?) AND at < ?
     ORDER BY at, tie LIMIT ${PIECE}`,
  )
  const before = (condition: string) =>
    db.prepare<ReportRow>(
      `SELECT at, tie, run, results FROM reports WHERE probe_id = ? AND (at, tie) < (?, ?) ${condition}
       ORDER BY at DESC, tie DESC LIMIT ?`,
    )
  const beforeAll = before('')
  const beforeNotable = before('AND notable = 1')
  return {
    has: ({ run, part }) => has.get(run, part[0]) !== undefined,
    insert: (probeId, at, tie, report) =>
      insert.run(
        probeId,
        at,
        tie,
        report.run,
        report.part[0],
        report.results.some(isNotable) ? 1 : 0,
        encodeResults(report.results),
      ) > 0,
    between: function* (probeId, from, to) {
      let [at, tie] = [from, -1]
      for (;;) {
        const rows = next.all(probeId, at, tie, to)
        for (const row of rows) yield decode(row)
        const last = rows.at(-1)
        if (last === undefined || rows.length < PIECE) return
        at = last.at
        tie = last.tie
      }
    },
    before: (probeId, at, tie, limit, notable) =>
      (notable ? beforeNotable : beforeAll).all(probeId, at, tie, limit).map(decode),
  }
}

function decode({ at, tie, run, results }: ReportRow): StoredReport {
  return { at, tie, run, results: decodeResults(results) }
}
