import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ingestStream } from '../../api/ingest/file.js'
import { openDb, type Value } from '../../api/store/sqlite/db.js'
import { openSqliteStore } from '../../api/store/sqlite/store.js'
import type { Report, Result } from '../../probe/report.schema.js'
import { OPTIONS } from '../store/support/open.js'
import type { BenchRow } from './bench.js'
import { fleetReport } from './history.js'

const CHECKS = 10
const REPORTS = 10_000
const ROUNDS = 3
const BATCH_ROWS = 5000

/**
 * Report lines into the store, from bytes to committed health, against bare inserts of the same results as the rows of a
 * plain table with one index. Rounds alternate, so that a busy machine slows both.
 */
export async function run(): Promise<readonly BenchRow[]> {
  const rows: BenchRow[] = []
  for (const probes of [50, 1000]) {
    const lines = Array.from(
      { length: REPORTS },
      (_, n) => `${JSON.stringify(fleetReport(n, probes, CHECKS))}\n`,
    )
    const results = lines.flatMap((line) => {
      const report: Report = JSON.parse(line)
      return report.results.map((result) => rowOf(report, result))
    })
    const [ours, bare]: [number[], number[]] = [[], []]
    for (let round = 0; round < ROUNDS; round += 1) {
      bare.push(await timed(async (dir) => bareInserts(dir, results)))
      ours.push(await timed(async (dir) => ingestAll(dir, lines)))
    }
    const value = results.length / Math.min(...ours)
    const reference = results.length / Math.min(...bare)
    rows.push({
      name: `ingest, ${probes} probes of ${CHECKS} checks`,
      value,
      unit: 'results/s',
      reference,
      ratio: value / reference,
      goal: '>= 0.4x bare inserts',
    })
  }
  return rows
}

async function timed(work: (dir: string) => Promise<void>): Promise<number> {
  const dir = await mkdtemp(join(tmpdir(), 'sonde-bench-'))
  try {
    const start = performance.now()
    await work(dir)
    return (performance.now() - start) / 1000
  } finally {
    await rm(dir, { recursive: true, force: true })
  }
}

/** A result as the row that a plain table of results would hold. */
function rowOf({ run, startedAt, probe }: Report, result: Result): Value[] {
  return [
    run,
    Date.parse(startedAt),
    probe.function,
    probe.subnet,
    result.check,
    result.kind,
    result.target,
    result.expect,
    result.outcome,
    result.asExpected ? 1 : 0,
    result.endedIn ?? null,
    result.ms,
    JSON.stringify(result.phases),
    result.address,
    result.addressKind,
    JSON.stringify(result.detail ?? {}),
  ]
}

async function bareInserts(dir: string, rows: readonly Value[][]): Promise<void> {
  const db = openDb(join(dir, 'bare.db'))
  db.exec(`CREATE TABLE results (id INTEGER PRIMARY KEY, run, at, probe, subnet, name, kind, target, expect, outcome,
    as_expected, ended_in, ms, phases, address, address_kind, detail)`)
  db.exec('CREATE INDEX results_at ON results (at)')
  const insert = db.prepare(`INSERT INTO results VALUES (NULL${', ?'.repeat(16)})`)
  for (let from = 0; from < rows.length; from += BATCH_ROWS) {
    db.transaction(() => {
      for (const row of rows.slice(from, from + BATCH_ROWS)) insert.run(...row)
    })
  }
  db.close()
}

async function ingestAll(dir: string, lines: readonly string[]): Promise<void> {
  const store = await openSqliteStore(dir, OPTIONS)
  async function* bytes() {
    for (let from = 0; from < lines.length; from += 50)
      yield Buffer.from(lines.slice(from, from + 50).join(''))
  }
  const { accepted } = await ingestStream(store, 'bench', bytes(), { clock: () => new Date('2026-06-01') })
  if (accepted !== lines.length) throw new Error(`${accepted} of ${lines.length} reports were taken in`)
  await store.close()
}
