import { openSqliteStore } from '../../api/store/sqlite/store.js'
import type { Store } from '../../api/store/store.js'
import { DEFAULT_RETENTION } from '../../api/store/store.js'
import { OPTIONS } from '../store/support/open.js'
import { makeReport, makeResult } from '../store/support/reports.js'
import type { BenchRow } from './bench.js'
import { MINUTE, T0 } from './history.js'

const DAY = 1440 * MINUTE
const DAYS = 90
const EVERY = 5 * MINUTE
const BATCH = 2000
const CALLS = 200
const PAGE_CALLS = 100

/** Timelines and lists: what they cost must not grow with what lies behind them. */
export async function run(): Promise<readonly BenchRow[]> {
  return [...(await timelines()), ...(await pages())]
}

async function timelines(): Promise<BenchRow[]> {
  const short = await history(1)
  const long = await history(DAYS)
  const rows: BenchRow[] = []
  // The same number of buckets over one day's history and over ninety: only the history behind them differs.
  for (const [step, span] of [
    ['minute', 6 * 60 * MINUTE],
    ['hour', DAY],
  ] as const) {
    const last = (days: number) => ({
      function: 'orders',
      from: new Date(T0 + days * DAY - span),
      to: new Date(T0 + days * DAY),
      step,
    })
    const reference = await millis(CALLS, () => short.timeline(last(1)))
    const value = await millis(CALLS, () => long.timeline(last(DAYS)))
    rows.push({
      name: `timeline by ${step}, ${DAYS} days of history against 1`,
      value,
      unit: 'ms',
      reference,
      ratio: value / reference,
      goal: '<= 2x',
    })
  }
  const days = { function: 'orders', from: new Date(T0), to: new Date(T0 + DAYS * DAY), step: 'day' } as const
  const value = await millis(CALLS, () => long.timeline(days))
  rows.push({ name: `timeline by day over ${DAYS} days`, value, unit: 'ms' })
  await short.close()
  await long.close()
  return rows
}

async function pages(): Promise<BenchRow[]> {
  const [few, many] = [await fleet(100), await fleet(10_000)]
  const now = new Date(T0 + MINUTE)
  const rows: BenchRow[] = []
  for (const [name, query] of [
    ['first page', {}],
    ['failing only', { status: 'failing' }],
  ] as const) {
    const page = (store: Store) => millis(PAGE_CALLS, () => store.listFunctions({ now, limit: 50, ...query }))
    const reference = await page(few)
    const value = await page(many)
    rows.push({
      name: `functions, ${name} of 50, 10,000 against 100`,
      value,
      unit: 'ms',
      reference,
      ratio: value / reference,
      goal: '<= 1.2x',
    })
  }
  await few.close()
  await many.close()
  return rows
}

async function history(days: number): Promise<Store> {
  const retention = { ...DEFAULT_RETENTION, minuteRollupsDays: 365, hourRollupsDays: 365, resultsDays: 365 }
  const store = await openSqliteStore(':memory:', { ...OPTIONS, retention })
  const total = (days * DAY) / EVERY
  for (let from = 0; from < total; from += BATCH) {
    const reports = Array.from({ length: Math.min(BATCH, total - from) }, (_, n) =>
      makeReport({
        at: T0 + (from + n) * EVERY,
        results: ['x', 'y', 'z'].map((check) => makeResult({ check, ms: 1 + ((from + n) % 97) })),
      }),
    )
    await store.ingest({
      source: 'bench',
      receivedAt: new Date(T0 + days * DAY),
      reports,
      rejects: [],
      otherLines: 0,
    })
  }
  return store
}

async function fleet(functions: number): Promise<Store> {
  const store = await openSqliteStore(':memory:', OPTIONS)
  for (let from = 0; from < functions; from += BATCH) {
    const reports = Array.from({ length: Math.min(BATCH, functions - from) }, (_, n) => {
      const id = from + n
      return makeReport({
        at: T0,
        run: `run-${id}`,
        probe: { function: `probe-${id}`, subnet: `subnet-${id}`, workloads: [`function-${id}`] },
        results: Array.from({ length: 5 }, (_, check) =>
          makeResult({ check: `check-${check}`, outcome: id % 2 === 0 ? 'connect_timeout' : 'ok' }),
        ),
      })
    })
    await store.ingest({ source: 'bench', receivedAt: new Date(T0), reports, rejects: [], otherLines: 0 })
  }
  return store
}

/** Milliseconds per call, the best of three rounds. */
async function millis(calls: number, work: () => Promise<unknown>): Promise<number> {
  let best = Number.POSITIVE_INFINITY
  for (let round = 0; round < 3; round += 1) {
    const start = performance.now()
    for (let call = 0; call < calls; call += 1) await work()
    best = Math.min(best, (performance.now() - start) / calls)
  }
  return best
}
