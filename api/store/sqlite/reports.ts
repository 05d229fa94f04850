import type { Report, Result } from '../../../probe/report.schema.js'
import type { Db } from './db.js'

/** A report as stored: when, in which order among those of the same moment, and its results. */
export interface StoredReport {
  readonly at: number
  readonly tie: number
  readonly run: string
  readonly results: readonly Result[]
}

export interface Reports {
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
    insert: (probeId, at, tie, report) =>
      insert.run(
        probeId,
        at,
        tie,
        report.run,
        report.part[0],
        report.results.some(isNotable) ? 1 : 0,
        JSON.stringify(report.results),
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

/** Results worth an index of their own: failures, and whatever isn't plainly `ok`. */
export function isNotable(result: Result): boolean {
  return !result.asExpected || result.outcome !== 'ok'
}

/** Orders reports of one moment by what they are, never by when they came: FNV-1a over run and part, 52 bits. */
export function tieOf(run: string, part: number): number {
  const text = `${run}/${part}`
  let high = 0x811c9dc5
  let low = 0x01000193
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index)
    high = Math.imul(high ^ code, 0x01000193)
    low = Math.imul(low ^ code, 0x85ebca6b)
  }
  return (high >>> 0) * 0x100000 + ((low >>> 0) & 0xfffff)
}

function decode({ at, tie, run, results }: ReportRow): StoredReport {
  return { at, tie, run, results: JSON.parse(results) }
}
