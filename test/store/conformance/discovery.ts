import type { Test } from 'tap'
import type { Store } from '../../../api/store/store.js'
import type { MakeStore } from '../conformance.js'
import { batchOf, MINUTE, opened, T0 } from '../support/open.js'
import { makeReport, makeResult } from '../support/reports.js'

const A = { subnets: ['subnet-1a'], securityGroups: ['sg-1'] }
const B = { subnets: ['subnet-1b'], securityGroups: ['sg-1'] }
const HOME = { account: '123456789012', region: 'eu-west-1' }

/** A probe of nobody's but of its standpoint: whom it speaks for is discovery's word. */
const seen = (letter: string, at: number, outcome: string) =>
  makeReport({
    at,
    run: `run-${letter}-${at}`,
    probe: {
      function: `probe-${letter}`,
      subnet: `subnet-1${letter}`,
      securityGroups: ['sg-1'],
      workloads: [],
    },
    results: [makeResult({ outcome })],
  })

const names = async (store: Store, vanished = false) =>
  (await store.listFunctions({ now: new Date(T0), limit: 10, vanished })).items.map(({ name }) => name)

const runs = async (store: Store, name: string) =>
  (await store.listResults({ function: name, limit: 10 })).items.map(({ run }) => run)

export async function testDiscovery(t: Test, makeStore: MakeStore): Promise<void> {
  await t.test('functions appear and vanish by region, and come back', async (t) => {
    const store = await opened(t, makeStore)
    await store.declareFunctions([{ name: 'configured', posture: A }])
    await store.discoverFunctions(
      HOME,
      [
        { name: 'orders', posture: A },
        { name: 'billing', posture: A },
      ],
      new Date(T0),
    )
    await store.discoverFunctions(
      { ...HOME, region: 'us-east-1' },
      [{ name: 'far', posture: B }],
      new Date(T0),
    )
    await store.ingest(batchOf([seen('a', T0, 'ok')]))
    t.same(await names(store), ['billing', 'configured', 'far', 'orders'])
    t.match(await store.getFunction('orders', new Date(T0)), { status: 'healthy', vanishedAt: null })

    const later = new Date(T0 + MINUTE)
    await store.discoverFunctions(HOME, [{ name: 'billing', posture: A }], later)
    t.same(await names(store), ['billing', 'configured', 'far'])
    t.same(await names(store, true), ['orders'])
    t.match(await store.getFunction('orders', later), {
      status: 'unknown',
      vanishedAt: later.toISOString(),
      posture: null,
      checks: [],
    })
    t.match((await store.counts(later)).functions, { healthy: 2, unknown: 1 })
    t.same(
      (await store.listPostures({ limit: 5 })).items.find(({ subnets }) => subnets[0] === 'subnet-1a')
        ?.functions,
      ['billing', 'configured'],
    )
    const naming = makeReport({
      at: T0 + 2 * MINUTE,
      run: 'late',
      probe: { subnet: 'subnet-1a', workloads: ['orders'] },
    })
    await store.ingest(batchOf([naming]))
    t.same(await names(store, true), ['orders'], 'a report that still names it brings it not back')

    await store.discoverFunctions(HOME, [{ name: 'orders', posture: A }], new Date(T0 + 3 * MINUTE))
    t.same(await names(store), ['configured', 'far', 'orders'])
    t.match(await store.getFunction('orders', new Date(T0)), { status: 'healthy', vanishedAt: null })
    await store.discoverFunctions(HOME, [], new Date(T0 + 4 * MINUTE))
    t.same(await names(store), ['configured', 'far'], 'what is declared or of another region stays')
    await store.declareFunctions([{ name: 'orders', posture: A }])
    t.same(await names(store), ['configured', 'far', 'orders'], 'declaring brings it back too')
  })

  await t.test(
    'history is kept: of another posture until the move, of a vanished function until it was gone',
    async (t) => {
      const store = await opened(t, makeStore)
      const at = (n: number) => T0 + n * MINUTE
      await store.discoverFunctions(
        HOME,
        [
          { name: 'orders', posture: A },
          { name: 'stays', posture: A },
        ],
        new Date(T0),
      )
      const minutes = (letter: string, outcome: string, ...list: number[]) =>
        batchOf(list.map((n) => seen(letter, at(n), outcome)))
      await store.ingest(minutes('a', 'connect_timeout', 0, 1))
      await store.discoverFunctions(
        HOME,
        [
          { name: 'orders', posture: B },
          { name: 'stays', posture: A },
        ],
        new Date(at(2)),
      )
      await store.ingest(minutes('a', 'connect_timeout', 3, 4))
      await store.ingest(minutes('b', 'ok', 3, 4))
      t.match(await store.getFunction('orders', new Date(at(4))), {
        status: 'healthy',
        checks: [{ standpoints: [{}] }],
      })
      t.same(
        await runs(store, 'orders'),
        [4, 3].map((n) => `run-b-${at(n)}`).concat([1, 0].map((n) => `run-a-${at(n)}`)),
      )
      t.same((await runs(store, 'stays')).length, 4)
      const line = await store.timeline({
        function: 'orders',
        step: 'minute',
        from: new Date(T0),
        to: new Date(at(10)),
      })
      t.same(
        line.buckets.map(({ total }) => total),
        [1, 1, 1, 1],
        'nothing of its old place after the move',
      )
      const incidents = await store.listIncidents({ function: 'orders', limit: 5 })
      t.match(incidents.items, [{ check: 'orders-db', openedAt: new Date(T0).toISOString() }])
      t.same((await store.listIncidents({ function: 'stays', limit: 5 })).items.length, 1)

      await store.discoverFunctions(HOME, [{ name: 'stays', posture: A }], new Date(at(5)))
      await store.ingest(minutes('b', 'connect_timeout', 6, 7))
      t.same((await runs(store, 'orders')).length, 4, 'what it saw while it was there')
      t.same((await store.listIncidents({ function: 'orders', limit: 5 })).items.length, 1)
      await store.discoverFunctions(
        HOME,
        [
          { name: 'stays', posture: A },
          { name: 'orders', posture: A },
        ],
        new Date(at(8)),
      )
      t.match(await store.getFunction('orders', new Date(at(5))), { status: 'failing' })
      t.same((await runs(store, 'orders')).length, 6, 'back in a place, all that the place saw')
    },
  )

  await t.test('who appeared and who vanished is told', async (t) => {
    const store = await opened(t, makeStore)
    await store.discoverFunctions(HOME, [{ name: 'orders', posture: A }], new Date(T0))
    await store.discoverFunctions(HOME, [{ name: 'orders', posture: A }], new Date(T0))
    await store.discoverFunctions(HOME, [], new Date(T0 + MINUTE))
    const events = await store.eventsAfter(0, 10)
    t.match(events, [
      { type: 'function-status', function: 'orders', data: { from: null, to: 'unknown' } },
      { type: 'function-status', function: 'orders', data: { from: 'unknown', to: null } },
    ])
    t.equal(events.length, 2)
  })
}
