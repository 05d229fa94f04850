import type { Test } from 'tap'
import { InvalidCursor } from '../../../api/store/store.js'
import type { MakeStore } from '../conformance.js'
import { allOf } from '../support/dump.js'
import { batchOf, HOUR, MINUTE, opened, T0 } from '../support/open.js'
import { makeReport, makeResult } from '../support/reports.js'

export async function testPages(t: Test, makeStore: MakeStore): Promise<void> {
  const now = new Date(T0 + 10 * MINUTE)

  await t.test('every list: all items once, in any page size', async (t) => {
    const store = await opened(t, makeStore)
    const names = Array.from({ length: 23 }, (_, n) => `fn-${String(n).padStart(2, '0')}`)
    for (const [index, name] of names.entries()) {
      const outcome = index % 3 === 0 ? 'connect_refused' : 'ok'
      const results = ['x', 'y'].map((check) => makeResult({ check, outcome }))
      const probe = { function: `probe-${name}`, subnet: `subnet-${index}`, workloads: [name, 'shared'] }
      await store.ingest(
        batchOf(
          [0, 1, 2].map((n) => makeReport({ at: T0 + n * MINUTE, run: `${name}-${n}`, probe, results })),
        ),
      )
    }
    const lists = {
      functions: (limit: number) => allOf((page) => store.listFunctions({ now, limit, ...page })),
      failing: (limit: number) =>
        allOf((page) => store.listFunctions({ now, limit, status: 'stale', ...page })),
      found: (limit: number) => allOf((page) => store.listFunctions({ now, limit, text: 'N-1', ...page })),
      checks: (limit: number) => allOf((page) => store.listChecks({ now, limit, ...page })),
      postures: (limit: number) => allOf((page) => store.listPostures({ limit, ...page })),
      incidents: (limit: number) => allOf((page) => store.listIncidents({ limit, ...page })),
      results: (limit: number) => allOf((page) => store.listResults({ function: 'shared', limit, ...page })),
      refused: (limit: number) =>
        allOf((page) =>
          store.listResults({ function: 'shared', limit, outcome: 'connect_refused', check: 'y', ...page }),
        ),
    }
    const counts = {
      functions: 24,
      failing: 24,
      found: 10,
      checks: 48,
      postures: 24,
      incidents: 32,
      results: 138,
      refused: 24,
    }
    for (const [name, list] of Object.entries(lists)) {
      const whole = await list(1000)
      t.equal(whole.length, Object.entries(counts).find(([key]) => key === name)?.[1], name)
      for (const limit of [1, 2, 7]) t.same(await list(limit), whole, `${name} by ${limit}`)
    }
    const times = (await lists.results(1000)).map(({ at }) => at)
    t.same(times, times.toSorted().reverse(), 'results come newest first')
  })

  await t.test('a text is found as it is written, not as a pattern', async (t) => {
    const store = await opened(t, makeStore)
    const names = ['a_b', 'axb', '100%', '1000', 'back\\slash', 'ÄRGER', "it's"]
    await store.declareFunctions(names.map((name) => ({ name })))
    for (const [text, found] of [
      ['a_b', ['a_b']],
      ['A_B', ['a_b']],
      ['%', ['100%']],
      ['_', ['a_b']],
      ['\\', ['back\\slash']],
      ["'", ["it's"]],
      ['00', ['100%', '1000']],
      ['.*', []],
    ] as const) {
      const { items } = await store.listFunctions({ now, limit: 9, text })
      t.same(
        items.map(({ name }) => name),
        [...found].sort(),
        text,
      )
    }
  })

  await t.test('a page stays where it was when more comes in', async (t) => {
    const store = await opened(t, makeStore)
    const minute = (n: number) => makeReport({ at: T0 + n * MINUTE })
    await store.ingest(batchOf([0, 1, 2, 3].map(minute)))
    const first = await store.listResults({ function: 'orders', limit: 2 })
    await store.ingest(batchOf([4, 5].map(minute)))
    const cursor = first.nextCursor ?? ''
    const second = await store.listResults({ function: 'orders', limit: 2, cursor })
    t.same(
      second.items.map(({ at }) => Date.parse(at)),
      [T0 + MINUTE, T0],
    )
  })

  await t.test('filters of results', async (t) => {
    const store = await opened(t, makeStore)
    const report = (n: number, outcome: string, subnet: string) =>
      makeReport({
        at: T0 + n * HOUR,
        run: `${n}`,
        probe: { function: subnet, subnet },
        results: [makeResult({ outcome })],
      })
    await store.ingest(
      batchOf([
        report(0, 'ok', 's1'),
        report(1, 'dns_failed', 's1'),
        report(2, 'ok', 's2'),
        report(3, 'dns_failed', 's2'),
      ]),
    )
    const runs = async (query: object) =>
      (await store.listResults({ function: 'orders', limit: 10, ...query })).items.map(({ run }) => run)
    t.same(await runs({}), ['3', '2', '1', '0'])
    t.same(await runs({ outcome: 'dns_failed' }), ['3', '1'])
    t.same(await runs({ asExpected: true }), ['2', '0'])
    t.same(await runs({ asExpected: false, subnet: 's1' }), ['1'])
    t.same(await runs({ from: new Date(T0 + HOUR), to: new Date(T0 + 3 * HOUR) }), ['2', '1'])
    t.same(await runs({ check: 'none' }), [])
  })

  await t.test('a cursor of another list, or of nobody, is refused', async (t) => {
    const store = await opened(t, makeStore)
    await store.declareFunctions([{ name: 'a' }, { name: 'b' }])
    const { nextCursor } = await store.listFunctions({ now, limit: 1 })
    const limit = 1
    for (const cursor of ['x', '', 'bnVsbA', 'W10', nextCursor ?? '']) {
      await t.rejects(store.listRejects({ limit, cursor }), InvalidCursor, `rejects: ${cursor}`)
      await t.rejects(store.listResults({ function: 'a', limit, cursor }), InvalidCursor)
      await t.rejects(store.listIncidents({ limit, cursor }), InvalidCursor)
      await t.rejects(store.listPostures({ limit, cursor }), InvalidCursor)
      await t.rejects(store.listChecks({ now, limit, cursor }), InvalidCursor)
    }
    await t.rejects(store.listFunctions({ now, limit, cursor: 'x' }), InvalidCursor)
  })
}
