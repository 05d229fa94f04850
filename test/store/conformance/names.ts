import fc from 'fast-check'
import type { Test } from 'tap'
import type { Store } from '../../../api/store/store.js'
import type { Report } from '../../../probe/report.schema.js'
import type { MakeStore } from '../conformance.js'
import { dumpStore } from '../support/dump.js'
import { batchOf, DAY, OPTIONS, opened, T0 } from '../support/open.js'
import { makeReport, makeResult } from '../support/reports.js'

const SEED = 20260301
const ACCOUNT = '123456789012'

/** A report from a subnet that exists in one account and region only. */
function from(region: string | null, account: string | null, outcome: string, workload = 'orders'): Report {
  const place = `${region}-${account}`
  return makeReport({
    at: T0,
    run: `run-${place}-${workload}`,
    probe: {
      function: `probe-${place}`,
      region,
      account,
      subnet: `subnet-${place}`,
      workloads: [workload],
    },
    results: [makeResult({ outcome })],
  })
}

const arn = (region: string, account: string): string => `arn:aws:lambda:${region}:${account}:function:orders`

async function statuses(store: Store): Promise<unknown> {
  const { items } = await store.listFunctions({ now: new Date(T0), limit: 100 })
  return items.map(({ name, status, region, account }) => [name, status, region, account])
}

/** A name means one function only within one account and region. */
export async function testNames(t: Test, makeStore: MakeStore, histories: number): Promise<void> {
  const west = () => from('eu-west-1', ACCOUNT, 'ok')
  const north = () => from('eu-north-1', ACCOUNT, 'connect_timeout')
  const laptop = () => from(null, null, 'dns_failed')

  await t.test(
    'functions of one name in two regions are two functions, told apart by their ARNs',
    async (t) => {
      const store = await opened(t, makeStore)
      await store.ingest(batchOf([west()]))
      t.same(await statuses(store), [['orders', 'healthy', 'eu-west-1', ACCOUNT]], 'alone it needs no ARN')
      await store.ingest(batchOf([north()]))
      t.same(await statuses(store), [
        [arn('eu-north-1', ACCOUNT), 'failing', 'eu-north-1', ACCOUNT],
        [arn('eu-west-1', ACCOUNT), 'healthy', 'eu-west-1', ACCOUNT],
      ])
      const now = new Date(T0)
      t.equal(await store.getFunction('orders', now), null, 'the bare name means neither')
      const failing = await store.listFunctions({ now, limit: 9, status: 'failing', text: 'orders' })
      t.same(
        failing.items.map(({ name }) => name),
        [arn('eu-north-1', ACCOUNT)],
      )
      const { items } = await store.listResults({ function: arn('eu-west-1', ACCOUNT), limit: 9 })
      t.same(
        items.map(({ outcome }) => outcome),
        ['ok'],
      )
    },
  )

  await t.test('and so are those of two accounts, and what was said by ARN', async (t) => {
    const store = await opened(t, makeStore)
    const elsewhere = from('eu-west-1', ACCOUNT, 'connect_timeout', arn('eu-west-1', '210987654321'))
    await store.ingest(batchOf([west(), { ...elsewhere, run: 'other', results: west().results }]))
    const { items } = await store.listFunctions({ now: new Date(T0), limit: 9 })
    t.same(
      items.map(({ name }) => name),
      [arn('eu-west-1', ACCOUNT), arn('eu-west-1', '210987654321')],
    )
  })

  await t.test('what does not tell its home means the only function that fits', async (t) => {
    const store = await opened(t, makeStore)
    await store.declareFunctions([{ name: 'orders' }])
    await store.ingest(batchOf([west(), laptop()]))
    t.match(await statuses(store), [['orders', 'degraded']])
    await store.ingest(batchOf([north()]))
    t.match(
      await statuses(store),
      [
        [arn('eu-north-1', ACCOUNT)],
        [arn('eu-west-1', ACCOUNT), 'healthy'],
        ['orders', 'failing', null, null],
      ],
      'and is one of its own where several do',
    )
    await store.ingest(batchOf([from('eu-north-1', null, 'ok')]))
    t.match(await statuses(store), [[arn('eu-north-1', ACCOUNT), 'degraded'], {}, ['orders', 'failing']])
  })

  await t.test('declarations are told apart as well', async (t) => {
    const store = await opened(t, makeStore)
    const posture = (place: string) => ({ subnets: [`subnet-${place}`], securityGroups: ['sg-1'] })
    await store.declareFunctions([
      { name: 'orders', region: 'eu-west-1', account: ACCOUNT, posture: posture(`eu-west-1-${ACCOUNT}`) },
      { name: arn('eu-north-1', ACCOUNT), posture: posture(`eu-north-1-${ACCOUNT}`) },
    ])
    t.match(await statuses(store), [
      [arn('eu-north-1', ACCOUNT), 'unknown', 'eu-north-1', ACCOUNT],
      [arn('eu-west-1', ACCOUNT), 'unknown', 'eu-west-1', ACCOUNT],
    ])
    const other = { ...north(), probe: { ...north().probe, workloads: ['billing'] } }
    await store.ingest(batchOf([other]))
    t.match(await statuses(store), [[arn('eu-north-1', ACCOUNT), 'failing'], {}, ['billing', 'failing']])
  })

  await t.test('in whatever order they come', async (t) => {
    t.comment(`seed ${SEED}`)
    const reports = [west(), north(), laptop(), from('eu-north-1', null, 'ok'), from('eu-west-1', '9', 'ok')]
    const told = async (batches: readonly (readonly Report[])[]): Promise<unknown> => {
      const store = await makeStore(OPTIONS)
      try {
        for (const batch of batches) await store.ingest(batchOf(batch))
        return await dumpStore(store, new Date(T0 + DAY))
      } finally {
        await store.close()
      }
    }
    await fc.assert(
      fc.asyncProperty(
        fc.subarray(reports, { minLength: 2 }).chain((some) =>
          fc.record({
            some: fc.constant(some),
            shuffled: fc.shuffledSubarray(some, { minLength: some.length }),
          }),
        ),
        async ({ some, shuffled }) => {
          const [once, oneByOne] = [await told([some]), await told(shuffled.map((report) => [report]))]
          return JSON.stringify(once) === JSON.stringify(oneByOne) || t.same(oneByOne, once)
        },
      ),
      { seed: SEED, numRuns: histories },
    )
    t.pass('every order ends in the same state')
  })
}
