import type { Test } from 'tap'
import { DEFAULT_RETENTION } from '../../../api/store/store.js'
import type { MakeStore } from '../conformance.js'
import { batchOf, MINUTE, opened, T0 } from '../support/open.js'
import { makeReport, makeResult } from '../support/reports.js'

export async function testEvents(t: Test, makeStore: MakeStore): Promise<void> {
  await t.test('what happens is told in order', async (t) => {
    const store = await opened(t, makeStore)
    const outcomes = ['ok', 'ok', 'dns_failed', 'dns_failed', 'ok', 'ok']
    for (const [n, outcome] of outcomes.entries()) {
      await store.ingest(batchOf([makeReport({ at: T0 + n * MINUTE, results: [makeResult({ outcome })] })]))
    }
    const events = await store.eventsAfter(0, 100)
    const told = events.filter(({ type }) => type !== 'report' && type !== 'check-status')
    t.match(told, [
      { type: 'function-status', function: 'orders', data: { from: 'unknown', to: 'healthy' } },
      { type: 'incident-opened', function: 'orders', data: { check: 'orders-db', subnet: 'subnet-1a' } },
      { type: 'function-status', function: 'orders', data: { from: 'healthy', to: 'failing' } },
      { type: 'incident-closed', function: 'orders', data: { check: 'orders-db' } },
      { type: 'function-status', function: 'orders', data: { from: 'failing', to: 'healthy' } },
    ])
    const numbers = events.map(({ seq }) => seq)
    t.same(
      numbers,
      [...new Set(numbers)].toSorted((a, b) => a - b),
    )
    t.equal(await store.lastEventSeq(), numbers.at(-1))
    const third = numbers[2] ?? 0
    t.same(await store.eventsAfter(third, 2), events.slice(3, 5))
  })

  await t.test('events are bounded, and numbers are never given again', async (t) => {
    const store = await opened(t, makeStore, { retention: { ...DEFAULT_RETENTION, maxEvents: 5 } })
    t.equal(await store.lastEventSeq(), 0)
    for (let n = 0; n < 20; n += 1) await store.ingest(batchOf([makeReport({ at: T0 + n * MINUTE })]))
    const events = await store.eventsAfter(0, 100)
    t.equal(events.length, 5)
    t.equal(events.at(-1)?.seq, await store.lastEventSeq())
  })
}
