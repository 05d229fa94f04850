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

/** Rounds of the whole fleet that are taken in before the clock starts: what a probe's first reports make is made once in its life. */
const WARM_UP = 2

/**
 * Report lines into the store, from bytes to committed health, against bare inserts of the same results as the rows of a
 * plain table with one index. Rounds alternate, so that a busy machine slows both; processor time is told beside wall time.
 */
export async function run(): Promise<readonly BenchRow[]> {
  const rows: BenchRow[] = []
  for (const probes of [50, 1000]) {
    const first = probes * WARM_UP
    const lines = Array.from(
      { length: first + REPORTS },
      (_, n) => `${JSON.stringify(fleetReport(n, probes, CHECKS))}\n`,
    )
    const inserted = lines.flatMap((line) => {
      const report: Report = JSON.parse(line)
      return report.results.map((result) => rowOf(report, result))
    })
    const [ours, bare]: [Taken[], Taken[]] = [[], []]
    for (let round = 0; round < ROUNDS; round += 1) {
      bare.push(await timed((dir) => bareInserts(dir, inserted, first * CHECKS)))
      ours.push(await timed((dir) => ingestAll(dir, lines, first)))
    }
    for (const clock of ['wall', 'processor'] as const) {
      const perSecond = (taken: readonly Taken[]) =>
        (REPORTS * CHECKS) / Math.min(...taken.map((one) => one[clock]))
      const [value, reference] = [perSecond(ours), perSecond(bare)]
      rows.push({
        name: `ingest, ${probes} probes of ${CHECKS} checks, ${clock} time`,
        value,
        unit: 'results/s',
        reference,
        ratio: value / reference,
        goal: '>= 0.4x bare inserts',
      })
    }
  }
  return rows
}

/** Seconds. */
interface Taken {
  readonly wall: number
  readonly processor: number
}

/** @param prepare returns what is timed */
async function timed(prepare: (dir: string) => Promise<() => Promise<void>>): Promise<Taken> {
  const dir = await mkdtemp(join(tmpdir(), 'sonde-bench-'))
  try {
    const work = await prepare(dir)
    const [start, used] = [performance.now(), process.cpuUsage()]
    await work()
    const { user, system } = process.cpuUsage(used)
    return { wall: (performance.now() - start) / 1000, processor: (user + system) / 1e6 }
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

async function bareInserts(
  dir: string,
  rows: readonly Value[][],
  first: number,
): Promise<() => Promise<void>> {
  const db = openDb(join(dir, 'bare.db'))
  db.exec(`CREATE TABLE results (id INTEGER PRIMARY KEY, run, at, probe, subnet, name, kind, target, expect, outcome,
    as_expected, ended_in, ms, phases, address, address_kind, detail)`)
  db.exec('CREATE INDEX results_at ON results (at)')
  const insert = db.prepare(`INSERT INTO results VALUES (NULL${', ?'.repeat(16)})`)
  const put = (start: number, end: number): void => {
    for (let from = start; from < end; from += BATCH_ROWS) {
      db.transaction(() => {
        for (const row of rows.slice(from, Math.min(end, from + BATCH_ROWS))) insert.run(...row)
      })
    }
  }
  put(0, first)
  return async () => {
    put(first, rows.length)
    db.close()
  }
}

async function ingestAll(dir: string, lines: readonly string[], first: number): Promise<() => Promise<void>> {
  const store = await openSqliteStore(dir, OPTIONS)
  const take = async (some: readonly string[]): Promise<void> => {
    async function* bytes() {
      for (let from = 0; from < some.length; from += 50)
        yield Buffer.from(some.slice(from, from + 50).join(''))
    }
    const { accepted } = await ingestStream(store, 'bench', bytes(), { clock: () => new Date('2026-06-01') })
    if (accepted !== some.length) throw new Error(`${accepted} of ${some.length} reports were taken in`)
  }
  await take(lines.slice(0, first))
  return async () => {
    await take(lines.slice(first))
    await store.close()
  }
}
