import fc from 'fast-check'
import type { Test } from 'tap'
import type { Report } from '../../../probe/report.schema.js'
import type { MakeStore } from '../conformance.js'
import { dumpStore } from '../support/dump.js'
import { batchOf, DAY, HOUR, MINUTE, OPTIONS, T0 } from '../support/open.js'
import { makeReport, makeResult } from '../support/reports.js'

const SEED = 20260105

const arbitraryReport: fc.Arbitrary<Report> = fc
  .record({
    // Few moments, so that some reports share one; over two days, so that hours and days close in between.
    slot: fc.nat({ max: 40 }),
    gap: fc.constantFrom(MINUTE, 37 * MINUTE, 3 * HOUR),
    zone: fc.constantFrom('a', 'b'),
    run: fc.nat({ max: 1e6 }),
    outcomes: fc.array(fc.constantFrom('ok', 'ok', 'connect_timeout', 'dns_failed'), {
      minLength: 0,
      maxLength: 3,
    }),
    ms: fc.double({ min: 0, max: 5000, noNaN: true }),
    workloads: fc.subarray(['orders', 'billing']),
  })
  .map(({ slot, gap, zone, run, outcomes, ms, workloads }) =>
    makeReport({
      at: T0 + ((slot * gap) % (2 * DAY)),
      run: `run-${run}`,
      probe: { function: `probe-${zone}`, subnet: `subnet-1${zone}`, workloads },
      results: outcomes.map((outcome, n) => makeResult({ check: `check-${n}`, outcome, ms })),
    }),
  )

/** The reports cut into batches, shuffled, some of them given twice. */
const arbitraryHistory = fc
  .uniqueArray(arbitraryReport, { selector: ({ run }) => run, minLength: 2, maxLength: 50 })
  .chain((reports) =>
    fc.record({
      reports: fc.constant(reports),
      shuffled: fc.shuffledSubarray([...reports, ...reports.slice(0, 5)], {
        minLength: reports.length + Math.min(5, reports.length),
      }),
      size: fc.integer({ min: 1, max: 12 }),
    }),
  )

export async function testOrder(t: Test, makeStore: MakeStore, histories: number): Promise<void> {
  t.comment(`seed ${SEED}, ${histories} histories`)
  const now = new Date(T0 + 2 * DAY)
  const told = async (batches: readonly (readonly Report[])[]): Promise<unknown> => {
    const store = await makeStore(OPTIONS)
    try {
      for (const batch of batches) await store.ingest(batchOf(batch, { receivedAt: now }))
      return await dumpStore(store, now)
    } finally {
      await store.close()
    }
  }
  await fc.assert(
    fc.asyncProperty(arbitraryHistory, async ({ reports, shuffled, size }) => {
      const sorted = reports.toSorted((a, b) => (a.startedAt < b.startedAt ? -1 : 1))
      const pieces = Array.from({ length: Math.ceil(shuffled.length / size) }, (_, n) =>
        shuffled.slice(n * size, (n + 1) * size),
      )
      const [once, inOrder, inPieces] = [
        await told([reports]),
        await told(sorted.map((report) => [report])),
        await told(pieces),
      ]
      // Comparing texts is cheap; the difference is worked out only if there is one.
      const same = [inOrder, inPieces].every((told) => JSON.stringify(told) === JSON.stringify(once))
      return same || (t.same(inOrder, once) && t.same(inPieces, once))
    }),
    { seed: SEED, numRuns: histories },
  )
  t.pass('every order ends in the same state')
}
