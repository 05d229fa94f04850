import type { Test } from 'tap'
import type { MakeStore } from '../conformance.js'
import { allOf } from '../support/dump.js'
import { batchOf, DAY, HOUR, MINUTE, opened, T0 } from '../support/open.js'
import { makeReport, makeResult } from '../support/reports.js'

const zone = (letter: string, at: number, outcome: string) =>
  makeReport({
    at,
    run: `run-${letter}-${at}`,
    probe: { function: `sonde-probe-1${letter}`, subnet: `subnet-1${letter}` },
    results: [makeResult({ outcome })],
  })

export async function testHealth(t: Test, makeStore: MakeStore): Promise<void> {
  await t.test('one failure does not flip, two do, and two successes flip back', async (t) => {
    const store = await opened(t, makeStore)
    const outcomes = ['ok', 'ok', 'connect_timeout', 'ok', 'connect_timeout', 'connect_timeout', 'ok', 'ok']
    const wanted = ['healthy', 'healthy', 'healthy', 'healthy', 'healthy', 'failing', 'failing', 'healthy']
    const seen: unknown[] = []
    for (const [n, outcome] of outcomes.entries()) {
      const at = T0 + n * MINUTE
      await store.ingest(batchOf([zone('a', at, outcome)]))
      seen.push((await store.getFunction('orders', new Date(at)))?.status)
    }
    t.same(seen, wanted)
    const { items } = await store.listIncidents({ limit: 10 })
    t.match(items, [
      {
        function: 'orders',
        check: 'orders-db',
        subnet: 'subnet-1a',
        openedAt: new Date(T0 + 4 * MINUTE).toISOString(),
        closedAt: new Date(T0 + 6 * MINUTE).toISOString(),
        firstOutcome: 'connect_timeout',
        failures: 2,
      },
    ])
    t.equal(items.length, 1)
  })

  await t.test('one of three subnets fails: degraded, and says which', async (t) => {
    const store = await opened(t, makeStore)
    for (const n of [0, 1]) {
      const at = T0 + n * MINUTE
      await store.ingest(
        batchOf([zone('a', at, 'connect_timeout'), zone('b', at, 'ok'), zone('c', at, 'ok')]),
      )
    }
    const health = await store.getFunction('orders', new Date(T0 + MINUTE))
    t.match(health, { status: 'degraded', since: new Date(T0).toISOString() })
    t.equal(health?.summary, 'orders-db: connect_timeout from subnet-1a (1 of 3 subnets)')
    t.equal(health?.text.ko, 'orders-db: subnet-1a에서 connect_timeout (서브넷 3개 중 1개)')
    t.match(await store.counts(new Date(T0 + MINUTE)), {
      functions: { degraded: 1 },
      lastReportAt: new Date(T0 + MINUTE).toISOString(),
    })
    const { items } = await store.listPostures({ limit: 10 })
    t.match(items, [{ subnets: ['subnet-1a', 'subnet-1b', 'subnet-1c'], functions: ['orders'] }])
    t.equal(health?.posture, items[0]?.id)
  })

  await t.test('three intervals without a report are stale', async (t) => {
    const store = await opened(t, makeStore)
    await store.ingest(batchOf([zone('a', T0, 'ok')]))
    const at = async (ms: number) => {
      const now = new Date(T0 + ms)
      const [health, counts, stale, healthy] = await Promise.all([
        store.getFunction('orders', now),
        store.counts(now),
        store.listFunctions({ now, limit: 5, status: 'stale' }),
        store.listFunctions({ now, limit: 5, status: 'healthy' }),
      ])
      return [health?.status, counts.functions.stale, stale.items.length, healthy.items.length]
    }
    t.same(await at(3 * MINUTE - 1), ['healthy', 0, 0, 1])
    t.same(await at(3 * MINUTE), ['stale', 1, 1, 0])
    await store.prune(new Date(T0 + 3 * MINUTE))
    t.same(await at(3 * MINUTE), ['stale', 1, 1, 0], 'also when that was noted')
    await store.ingest(batchOf([zone('a', T0 + 4 * MINUTE, 'ok')]))
    t.same(await at(4 * MINUTE), ['healthy', 0, 0, 1], 'until a report comes again')
    t.same(await at(7 * MINUTE), ['stale', 1, 1, 0])
  })

  await t.test('a probe that reports seldom keeps its function from being stale', async (t) => {
    const store = await opened(t, makeStore)
    const seldom = { function: 'probe-1a', subnet: 'subnet-1a', intervalMs: HOUR }
    const often = { function: 'probe-1b', subnet: 'subnet-1b', intervalMs: MINUTE }
    for (const [n, probe] of [seldom, often, often, often].entries())
      await store.ingest(batchOf([makeReport({ at: T0 + n * MINUTE, run: `run-${n}`, probe })]))
    const now = new Date(T0 + 30 * MINUTE)
    for (let pruned = 0; pruned < 2; pruned += 1) {
      t.match(await store.getFunction('orders', now), {
        status: 'healthy',
        summary: /no report from subnet-1b$/,
      })
      t.equal((await store.listFunctions({ now, limit: 9, status: 'healthy' })).items.length, 1)
      t.equal((await store.listFunctions({ now, limit: 9, status: 'stale' })).items.length, 0)
      t.match((await store.counts(now)).functions, { healthy: 1, stale: 0 })
      await store.prune(now)
    }
  })

  await t.test('stale functions are listed by name, whether that was noted already or not', async (t) => {
    const store = await opened(t, makeStore)
    const names = ['f', 'b', 'e', 'a', 'd', 'c']
    const report = (name: string, at: number) =>
      makeReport({
        at,
        run: `${name}-${at}`,
        probe: { function: `probe-${name}`, subnet: `subnet-${name}`, workloads: [name] },
      })
    const listed = async (now: number) => {
      const query = { now: new Date(now), status: 'stale' } as const
      const all = await store.listFunctions({ ...query, limit: 9 })
      for (const limit of [1, 2, 5]) {
        const paged = await allOf((page) => store.listFunctions({ ...query, limit, ...page }))
        t.same(paged, all.items, `by ${limit}`)
      }
      return all.items.map(({ name }) => name)
    }
    for (const [n, name] of names.entries()) await store.ingest(batchOf([report(name, T0 + n * 1000)]))
    t.same(await listed(T0 + 3 * MINUTE + 2000), ['b', 'e', 'f'])
    await store.prune(new Date(T0 + 3 * MINUTE + 2000))
    t.same(await listed(T0 + 3 * MINUTE + 4000), ['a', 'b', 'd', 'e', 'f'])
    const found = await store.listFunctions({
      now: new Date(T0 + 3 * MINUTE + 4000),
      limit: 9,
      status: 'healthy',
    })
    t.same(
      found.items.map(({ name }) => name),
      ['c'],
    )
    await store.ingest(batchOf([report('e', T0 + 4 * MINUTE), report('a', T0 + 4 * MINUTE)]))
    t.same(await listed(T0 + 4 * MINUTE), ['b', 'c', 'd', 'f'])
  })

  await t.test(
    'a status changes with the report that changes it, among many that change nothing',
    async (t) => {
      const store = await opened(t, makeStore)
      const status = async (at: number) => {
        const now = new Date(at)
        const health = await store.getFunction('orders', now)
        const { items } = await store.listFunctions({
          now,
          limit: 1,
          ...(health ? { status: health.status } : {}),
        })
        t.same(items[0]?.summary, health?.summary, 'the list agrees')
        return health?.status
      }
      const steady = async (from: number, to: number, outcome: string) => {
        for (let at = from; at < to; at += MINUTE) {
          await store.ingest(batchOf([zone('a', at, 'ok'), zone('b', at, outcome)]))
        }
        return status(to - MINUTE)
      }
      t.equal(await steady(T0, T0 + 6 * MINUTE, 'ok'), 'healthy')
      t.equal(await steady(T0 + 6 * MINUTE, T0 + 7 * MINUTE, 'dns_failed'), 'healthy')
      t.equal(await steady(T0 + 7 * MINUTE, T0 + 12 * MINUTE, 'dns_failed'), 'degraded')
      for (const minute of [0, 1, 2]) {
        await store.ingest(batchOf([zone('a', T0 + DAY + 11 * MINUTE + minute, 'ok')]))
      }
      t.equal(await status(T0 + DAY + 12 * MINUTE), 'healthy', 'the other probe has been silent for a day')
      await store.ingest(batchOf([zone('b', T0 + DAY + 11 * MINUTE, 'dns_failed')]))
      t.equal(await status(T0 + DAY + 12 * MINUTE), 'degraded', 'and has its say again when it is back')
    },
  )

  await t.test(
    'declared functions exist before any report and share the probes of their posture',
    async (t) => {
      const store = await opened(t, makeStore)
      const posture = { subnets: ['subnet-1b', 'subnet-1a'], securityGroups: ['sg-1'] }
      await store.declareFunctions([
        { name: 'billing', posture, region: 'eu-west-1' },
        { name: 'mailer', posture },
        { name: 'alone' },
      ])
      const before = await store.listFunctions({ now: new Date(T0), limit: 10 })
      t.same(
        before.items.map(({ name, status, since }) => [name, status, since]),
        [
          ['alone', 'unknown', null],
          ['billing', 'unknown', null],
          ['mailer', 'unknown', null],
        ],
      )
      await store.ingest(
        batchOf([zone('a', T0, 'ok'), zone('b', T0, 'ok'), zone('c', T0, 'connect_timeout')]),
      )
      const status = async (name: string) => (await store.getFunction(name, new Date(T0)))?.status
      t.same(await Promise.all(['alone', 'billing', 'mailer', 'orders'].map(status)), [
        'unknown',
        'healthy',
        'healthy',
        'degraded',
      ])
      await store.declareFunctions([
        { name: 'late', posture },
        { name: 'billing', posture },
      ])
      t.equal(await status('late'), 'healthy', 'also when declared after the reports')
    },
  )

  await t.test('a report without workloads speaks for its own function', async (t) => {
    const store = await opened(t, makeStore)
    const { workloads: _, ...identity } = makeReport({ at: T0 }).probe
    const report = { ...makeReport({ at: T0 }), probe: { ...identity, function: 'self', subnet: null } }
    await store.ingest(batchOf([report]))
    t.match(await store.getFunction('self', new Date(T0)), { status: 'healthy', posture: null })
    t.equal(await store.getFunction('orders', new Date(T0)), null)
  })

  await t.test('a check that left the plan is forgotten, a silent probe after a day', async (t) => {
    const store = await opened(t, makeStore)
    const both = [makeResult({ check: 'old', outcome: 'connect_timeout' }), makeResult({ check: 'new' })]
    await store.ingest(batchOf([makeReport({ at: T0, results: both }), zone('b', T0, 'connect_timeout')]))
    const minutes = (n: number) =>
      makeReport({ at: T0 + n * MINUTE, results: [makeResult({ check: 'new' })] })
    await store.ingest(batchOf([minutes(1), minutes(2), minutes(3)]))
    const names = async (now: number) =>
      (await store.getFunction('orders', new Date(now)))?.checks.map(({ name }) => name)
    t.same(await names(T0 + 3 * MINUTE), ['new', 'old', 'orders-db'])
    await store.ingest(batchOf([minutes(4)]))
    t.same(await names(T0 + 4 * MINUTE), ['new', 'orders-db'])
    await store.ingest(batchOf([makeReport({ at: T0 + DAY + 1, results: [makeResult({ check: 'new' })] })]))
    t.same(await names(T0 + DAY + 1), ['new'])
  })

  await t.test('unreachable as expected is healthy', async (t) => {
    const store = await opened(t, makeStore)
    const closed = makeResult({ expect: 'unreachable', outcome: 'connect_timeout', asExpected: true })
    await store.ingest(batchOf([makeReport({ at: T0, results: [closed] })]))
    t.equal((await store.getFunction('orders', new Date(T0)))?.status, 'healthy')
  })
}
