import type { Test } from 'tap'
import type { Step } from '../../../api/store/store.js'
import type { MakeStore } from '../conformance.js'
import { batchOf, DAY, HOUR, MINUTE, opened, T0 } from '../support/open.js'
import { makeReport, makeResult } from '../support/reports.js'

const STEP_MS = { minute: MINUTE, hour: HOUR, day: DAY }
const RELATIVE_ERROR = 0.011

/** Fifty hours of two probes, every seven minutes, with latencies that spread over four decades. */
const history = Array.from({ length: 430 }, (_, n) => {
  const subnet = n % 2 === 0 ? 'subnet-1a' : 'subnet-1b'
  const spread = (salt: number) => 10 ** (((n * 7919 + salt * 104729) % 4001) / 1000)
  const outcome = n % 11 === 0 ? 'connect_timeout' : 'ok'
  return makeReport({
    at: T0 + n * 7 * MINUTE,
    run: `run-${n}`,
    probe: { function: `probe-${subnet}`, subnet },
    results: ['x', 'y'].map((check, salt) =>
      makeResult({ check, outcome, ms: spread(salt), phases: { dns: spread(salt + 2), connect: 0 } }),
    ),
  })
})

export async function testTimeline(t: Test, makeStore: MakeStore): Promise<void> {
  const store = await opened(t, makeStore)
  for (let from = 0; from < history.length; from += 50)
    await store.ingest(batchOf(history.slice(from, from + 50)))
  const to = T0 + 51 * HOUR

  for (const step of ['minute', 'hour', 'day'] as const satisfies readonly Step[]) {
    for (const filter of [
      {},
      { check: 'x' },
      { subnet: 'subnet-1b' },
      { check: 'y', subnet: 'subnet-1a' },
      { check: 'z' },
    ]) {
      await t.test(`${step} ${JSON.stringify(filter)} equals brute force`, async (t) => {
        const { buckets } = await store.timeline({
          function: 'orders',
          from: new Date(T0),
          to: new Date(to),
          step,
          ...filter,
        })
        const wanted = bruteForce(STEP_MS[step], filter)
        t.same(
          buckets.map(({ at, total, asExpected, outcomes }) => ({ at, total, asExpected, outcomes })),
          wanted.map(({ at, total, asExpected, outcomes }) => ({ at, total, asExpected, outcomes })),
        )
        for (const [index, { latencies, dns }] of wanted.entries()) {
          const bucket = buckets[index]
          checkSummary(t, bucket?.latency ?? null, latencies)
          checkSummary(t, bucket?.phases.dns ?? null, dns)
          t.match(bucket?.phases.connect ?? null, latencies.length === 0 ? null : { p50: 0, max: 0 })
        }
      })
    }
  }

  await t.test('a stretch takes the whole buckets that it touches', async (t) => {
    const { buckets } = await store.timeline({
      function: 'orders',
      from: new Date(T0 + 5 * HOUR),
      to: new Date(T0 + 7 * HOUR),
      step: 'hour',
    })
    t.same(
      buckets.map(({ at }) => at),
      [5, 6, 7].map((n) => new Date(Math.floor((T0 + n * HOUR) / HOUR) * HOUR).toISOString()),
    )
  })

  await t.test('minutes within an hour that is closed', async (t) => {
    const [from, end] = [T0 + 5 * HOUR + 10 * MINUTE, T0 + 5 * HOUR + 40 * MINUTE]
    const query = { function: 'orders', from: new Date(from), to: new Date(end), step: 'minute' } as const
    const { buckets } = await store.timeline(query)
    const wanted = bruteForce(MINUTE, {}).map(({ at }) => at)
    t.same(
      buckets.map(({ at }) => at),
      wanted.filter((at) => Date.parse(at) >= from && Date.parse(at) < end),
    )
    t.ok(buckets.length > 0)
  })

  await t.test('an unknown function has no buckets', async (t) => {
    const query = { function: 'nobody', from: new Date(T0), to: new Date(to), step: 'day' } as const
    t.same(await store.timeline(query), { step: 'day', buckets: [] })
  })
}

function bruteForce(width: number, filter: { check?: string; subnet?: string }) {
  const buckets = new Map<
    number,
    {
      at: string
      total: number
      asExpected: number
      outcomes: Record<string, number>
      latencies: number[]
      dns: number[]
    }
  >()
  for (const report of history) {
    if (filter.subnet !== undefined && report.probe.subnet !== filter.subnet) continue
    const start = Math.floor(Date.parse(report.startedAt) / width) * width
    for (const result of report.results) {
      if (filter.check !== undefined && result.check !== filter.check) continue
      const at = new Date(start).toISOString()
      const bucket = buckets.get(start) ?? {
        at,
        total: 0,
        asExpected: 0,
        outcomes: {},
        latencies: [],
        dns: [],
      }
      buckets.set(start, bucket)
      bucket.total += 1
      bucket.outcomes[result.outcome] = (bucket.outcomes[result.outcome] ?? 0) + 1
      if (!result.asExpected) continue
      bucket.asExpected += 1
      bucket.latencies.push(result.ms)
      bucket.dns.push(result.phases.dns ?? 0)
    }
  }
  return [...buckets.values()]
}

function checkSummary(
  t: Test,
  summary: { count: number; p50: number; p90: number; p99: number; max: number } | null,
  values: readonly number[],
): void {
  if (values.length === 0) {
    t.equal(summary, null)
    return
  }
  const sorted = values.toSorted((a, b) => a - b)
  const quantile = (q: number) => sorted[Math.floor(q * (sorted.length - 1))] ?? 0
  t.equal(summary?.count, values.length)
  t.equal(summary?.max, Math.round((sorted.at(-1) ?? 0) * 1000) / 1000)
  for (const [name, q] of [
    ['p50', 0.5],
    ['p90', 0.9],
    ['p99', 0.99],
  ] as const) {
    const [got, want] = [summary?.[name] ?? Number.NaN, quantile(q)]
    if (Math.abs(got - want) > want * RELATIVE_ERROR + 0.001) t.fail(`${name} is ${got}, not ${want}`)
  }
}
