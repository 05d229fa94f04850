import type { Test } from 'tap'
import { MAX_CHECKS } from '../../../api/store/admission.js'
import type { MakeStore } from '../conformance.js'
import { dumpStore } from '../support/dump.js'
import { batchOf, DAY, HOUR, opened, T0 } from '../support/open.js'
import { makeReport, makeResult } from '../support/reports.js'

/** A probe's checks: how many there may be, and what becomes of those that left its plan. */
export async function testChecks(t: Test, makeStore: MakeStore): Promise<void> {
  await t.test(
    'names of checks are bounded, and a report past the bound is refused with the reason',
    async (t) => {
      const store = await opened(t, makeStore)
      const half = MAX_CHECKS / 2
      const report = (at: number, from: number, count: number) =>
        makeReport({
          at,
          run: `run-${at}-${from}`,
          results: Array.from({ length: count }, (_, n) => makeResult({ check: `check-${from + n}` })),
        })
      const full = [report(T0, 0, half), report(T0 + 1, half, half)]
      t.match(await store.ingest(batchOf([...full, report(T0 + 2, MAX_CHECKS, 1)])), {
        accepted: 2,
        refused: [
          {
            index: 2,
            pointer: '/results',
            reason: /sonde-probe-1a would have 2001 checks.*2000 is the limit/,
          },
        ],
      })
      t.match((await store.listRejects({ limit: 1 })).items, [{ reason: /2000 is the limit/ }])
      t.match(await store.ingest(batchOf([report(T0 + 3, MAX_CHECKS, 1)])), { accepted: 0, rejected: 1 })
      t.match(await store.ingest(batchOf([report(T0 + 4, 7, 10)])), { accepted: 1 }, 'known names go on')
      t.match(await store.ingest(batchOf(full)), { accepted: 0, duplicates: 2 }, 'what is there is no news')
      const other = {
        ...report(T0 + 5, MAX_CHECKS, 1),
        probe: makeReport({ at: T0, probe: { function: 'b' } }).probe,
      }
      t.match(await store.ingest(batchOf([other])), { accepted: 1 }, 'each probe has its own')

      await store.ingest(batchOf([report(T0 + 8 * DAY, 0, 1)]))
      const renamed = report(T0 + 8 * DAY + HOUR, 5000, half)
      t.match(await store.ingest(batchOf([renamed])), { accepted: 1 }, 'what left the plan makes room')
      const again = await store.ingest(batchOf(full.slice(1)))
      t.match(again, { accepted: 0, duplicates: 1, refused: [] }, 'what was taken in once is never refused')
    },
  )

  await t.test(
    'a check that left the plan is forgotten, its incident ends and its history stays',
    async (t) => {
      const store = await opened(t, makeStore)
      const both = (n: number) => [
        makeResult({ check: 'old', outcome: 'dns_failed' }),
        makeResult({ check: 'kept', ms: n }),
      ]
      const plan = (n: number) => makeReport({ at: T0 + n * HOUR, results: both(n) })
      const without = (n: number) =>
        makeReport({ at: T0 + n * DAY, run: `day-${n}`, results: [makeResult({ check: 'kept' })] })
      await store.ingest(batchOf([plan(0), plan(1), plan(2)]))
      await store.ingest(batchOf([without(6)]))
      t.match((await store.listIncidents({ limit: 9 })).items, [
        { check: 'old', closedAt: null, failures: 3 },
      ])

      await store.ingest(batchOf([without(8)]))
      const { items } = await store.listIncidents({ limit: 9 })
      t.match(items, [{ check: 'old', closedAt: new Date(T0 + 2 * HOUR).toISOString(), failures: 3 }])
      t.equal((await store.counts(new Date(T0 + 8 * DAY))).openIncidents, 0)
      const history = {
        function: 'orders',
        check: 'old',
        from: new Date(T0 - DAY),
        to: new Date(T0 + 9 * DAY),
      }
      for (const step of ['hour', 'day'] as const) {
        const { buckets } = await store.timeline({ ...history, step })
        t.equal(
          buckets.reduce((sum, { total }) => sum + total, 0),
          3,
          `by ${step}`,
        )
      }

      await store.ingest(batchOf([plan(3)]))
      t.match(
        (await store.listIncidents({ limit: 9 })).items,
        [{ check: 'old', closedAt: new Date(T0 + 3 * HOUR).toISOString(), failures: 4 }],
        'and a late report is still taken into account',
      )
      const back = makeReport({ at: T0 + 9 * DAY, results: both(9) })
      await store.ingest(batchOf([back]))
      const health = await store.getFunction('orders', new Date(T0 + 9 * DAY))
      t.match(
        health?.checks.map(({ name, status }) => [name, status]),
        [
          ['kept', 'passing'],
          ['old', 'pending'],
        ],
        'one that comes back begins anew',
      )

      const now = new Date(T0 + 9 * DAY)
      const told = await dumpStore(store, now)
      for (const reports of [
        [back, without(8), without(6), plan(3), plan(2), plan(1), plan(0)],
        [without(8), plan(2), back, plan(0), plan(3), without(6), plan(1)],
      ]) {
        const other = await opened(t, makeStore)
        for (const report of reports) await other.ingest(batchOf([report], { receivedAt: now }))
        t.same(await dumpStore(other, now), told, 'whatever the order')
      }
    },
  )
}
