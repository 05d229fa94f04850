import type { Test } from 'tap'
import type { MakeStore } from '../conformance.js'
import { dumpStore } from '../support/dump.js'
import { batchOf, DAY, MINUTE, opened, T0 } from '../support/open.js'
import { makeReport, makeResult } from '../support/reports.js'

export async function testIngest(t: Test, makeStore: MakeStore): Promise<void> {
  await t.test('a report that comes again changes nothing but the checkpoint', async (t) => {
    const store = await opened(t, makeStore)
    const reports = [0, 1, 2].map((n) => makeReport({ at: T0 + n * MINUTE }))
    t.match(await store.ingest(batchOf(reports, { checkpoint: 'a' })), {
      accepted: 3,
      duplicates: 0,
      rejected: 0,
    })
    const before = await dumpStore(store, new Date(T0 + DAY))
    const again = await store.ingest(batchOf([...reports, ...reports], { checkpoint: 'b' }))
    t.match(again, { accepted: 0, duplicates: 6, duplicateIndexes: [0, 1, 2, 3, 4, 5] })
    t.same(await dumpStore(store, new Date(T0 + DAY)), before)
    t.equal(await store.checkpoint('test'), 'b')
    t.equal(await store.checkpoint('elsewhere'), null)
    t.equal((await store.counts(new Date(T0))).duplicates, 6)
  })

  await t.test('without a checkpoint the position stays', async (t) => {
    const store = await opened(t, makeStore)
    await store.ingest(batchOf([], { checkpoint: 'a' }))
    await store.ingest(batchOf([makeReport({ at: T0 })]))
    t.equal(await store.checkpoint('test'), 'a')
  })

  await t.test('a batch that fails leaves nothing behind', async (t) => {
    const store = await opened(t, makeStore)
    await store.ingest(batchOf([makeReport({ at: T0 })], { checkpoint: 'a' }))
    const before = await dumpStore(store, new Date(T0 + DAY))
    const good = makeReport({ at: T0 + MINUTE })
    const cyclic = makeReport({ at: T0 + 2 * MINUTE })
    Object.assign(cyclic.results[0] ?? {}, { detail: { cyclic } })
    await t.rejects(store.ingest(batchOf([good, cyclic], { checkpoint: 'b' })))
    t.same(await dumpStore(store, new Date(T0 + DAY)), before)
    t.equal(await store.checkpoint('test'), 'a')
    t.match(await store.ingest(batchOf([good])), { accepted: 1 }, 'and the store goes on')
  })

  await t.test('parts of a run count once each, in any order', async (t) => {
    const store = await opened(t, makeStore)
    const part = (n: number) =>
      makeReport({ at: T0, run: 'r', part: [n, 3], results: [makeResult({ check: `check-${n}` })] })
    await store.ingest(batchOf([part(3)]))
    await store.ingest(batchOf([part(1), part(3), part(2)]))
    const health = await store.getFunction('orders', new Date(T0))
    t.same(
      health?.checks.map(({ name }) => name),
      ['check-1', 'check-2', 'check-3'],
    )
    t.match(await store.counts(new Date(T0)), { reports: 3, results: 3, duplicates: 1 })
  })

  await t.test('what is unknown here is kept', async (t) => {
    const store = await opened(t, makeStore)
    const newer = {
      ...makeResult({ kind: 'quic', outcome: 'quic_version_refused' }),
      asExpected: false,
      novelty: 1,
    }
    await store.ingest(batchOf([makeReport({ at: T0, results: [newer] })]))
    const { items } = await store.listResults({
      function: 'orders',
      limit: 10,
      outcome: 'quic_version_refused',
    })
    t.match(items, [{ kind: 'quic', outcome: 'quic_version_refused' }])
    const { buckets } = await store.timeline({
      function: 'orders',
      from: new Date(T0),
      to: new Date(T0 + MINUTE),
      step: 'hour',
    })
    t.same(
      buckets.map(({ outcomes }) => outcomes),
      [{ quic_version_refused: 1 }],
    )
  })

  await t.test('names that mean something to JavaScript are names', async (t) => {
    const store = await opened(t, makeStore)
    const checks = ['__proto__', 'constructor', "it's", '%', '']
    const results = checks.map((check) => makeResult({ check }))
    await store.ingest(batchOf([makeReport({ at: T0, results, probe: { workloads: ['__proto__'] } })]))
    const health = await store.getFunction('__proto__', new Date(T0))
    t.same(
      health?.checks.map(({ name }) => name),
      [...checks].sort(),
    )
  })

  await t.test('rejects are kept, newest first, and bounded', async (t) => {
    const store = await opened(t, makeStore)
    const rejects = Array.from({ length: 1500 }, (_, n) => ({
      reason: `no ${n}`,
      pointer: '/x',
      line: 'x'.repeat(9000),
    }))
    const summary = await store.ingest(batchOf([], { rejects, otherLines: 7 }))
    t.equal(summary.rejected, 1500)
    const { items } = await store.listRejects({ limit: 2 })
    t.match(items, [{ reason: 'no 1499', pointer: '/x', source: 'test' }, { reason: 'no 1498' }])
    t.ok((items[0]?.line.length ?? 0) <= 4096)
    t.equal((await store.listRejects({ limit: 5000 })).items.length, 1000)
    t.match(await store.counts(new Date(T0)), { rejects: 1500, otherLines: 7 })
    const more = rejects.slice(0, 20).map((one) => ({ ...one, reason: 'later' }))
    await store.ingest(batchOf([], { rejects: more }))
    const kept = (await store.listRejects({ limit: 5000 })).items
    t.equal(kept.length, 1000, 'over batches as within one')
    t.equal(kept.at(-1)?.reason, 'no 520', 'the oldest went')
  })

  await t.test('a reject with a key is kept once, within a batch and across batches', async (t) => {
    const store = await opened(t, makeStore)
    const reject = (key: string) => ({ reason: 'no', pointer: null, line: key, key })
    t.equal(
      (await store.ingest(batchOf([], { rejects: [reject('a'), reject('b'), reject('a')] }))).rejected,
      2,
    )
    t.equal((await store.ingest(batchOf([], { rejects: [reject('b'), reject('c')] }))).rejected, 1)
    t.equal((await store.ingest(batchOf([], { source: 'other', rejects: [reject('a')] }))).rejected, 1)
    t.same(
      (await store.listRejects({ limit: 9 })).items.map(({ line }) => line),
      ['a', 'c', 'b', 'a'],
    )
  })

  await t.test('a report from the future is refused and told, once for each source', async (t) => {
    const store = await opened(t, makeStore)
    const receivedAt = new Date(T0)
    const summary = await store.ingest(
      batchOf([makeReport({ at: T0 + 2 * DAY }), makeReport({ at: T0 })], { receivedAt }),
    )
    t.match(summary, { accepted: 1, rejected: 1, refused: [{ index: 0, pointer: '/startedAt' }] })
    t.match((await store.listRejects({ limit: 1 })).items, [{ reason: /in the future/ }])
    const again = await store.ingest(batchOf([makeReport({ at: T0 + 2 * DAY })], { receivedAt }))
    t.match(again, { accepted: 0, rejected: 0, refused: [{ index: 0, pointer: '/startedAt' }] })
    t.equal(
      (await store.listRejects({ limit: 9 })).items.length,
      1,
      'a log that is read again adds no reject',
    )
  })
}
