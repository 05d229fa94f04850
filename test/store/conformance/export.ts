import type { Test } from 'tap'
import type { MakeStore } from '../conformance.js'
import { batchOf, HOUR, opened, T0 } from '../support/open.js'
import { makeReport, makeResult } from '../support/reports.js'

export async function testExport(t: Test, makeStore: MakeStore): Promise<void> {
  const store = await opened(t, makeStore)
  const report = (n: number, zone: string) =>
    makeReport({
      at: T0 + n * HOUR,
      run: `run-${zone}-${n}`,
      probe: { function: `probe-${zone}`, subnet: `subnet-1${zone}`, workloads: ['orders', 'billing'] },
      results: [makeResult({ check: 'x' }), makeResult({ check: 'y', outcome: 'dns_failed' })],
    })
  const hours = Array.from({ length: 60 }, (_, n) => n)
  await store.ingest(batchOf(hours.flatMap((n) => [report(n, 'a'), report(n, 'b')])))
  const exported = async (from: number, to: number): Promise<readonly string[]> => {
    const found: string[] = []
    for await (const one of store.exportResults(new Date(T0 + from * HOUR), new Date(T0 + to * HOUR)))
      found.push(`${one.probe} ${one.run} ${one.check} ${one.region}`)
    return found
  }
  const wanted = (from: number, to: number): readonly string[] =>
    hours
      .filter((n) => n >= from && n < to)
      .flatMap((n) =>
        ['a', 'b'].flatMap((z) => ['x', 'y'].map((c) => `probe-${z} run-${z}-${n} ${c} eu-west-1`)),
      )
  const all = await exported(-1, 100)
  t.same(all.toSorted(), wanted(0, 60).toSorted(), 'each result once, though two functions share each probe')
  const ofA = all.filter((one) => one.startsWith('probe-a'))
  t.same(
    ofA,
    wanted(0, 60).filter((one) => one.startsWith('probe-a')),
    'of each probe the oldest first',
  )
  t.same((await exported(7, 40)).toSorted(), wanted(7, 40).toSorted(), 'from a time until before another')
  t.same(await exported(200, 300), [])
}
