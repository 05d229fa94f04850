import type { Test } from 'tap'
import { DEFAULT_RETENTION, type Store } from '../../../api/store/store.js'
import type { MakeStore } from '../conformance.js'
import { batchOf, DAY, HOUR, opened, T0 } from '../support/open.js'
import { makeReport, makeResult } from '../support/reports.js'

const MAX_STEPS = 100

async function pruneAll(store: Store, now: Date): Promise<number> {
  let steps = 1
  while (steps < MAX_STEPS && (await store.prune(now))) steps += 1
  return steps
}

export async function testRetention(t: Test, makeStore: MakeStore): Promise<void> {
  const retention = {
    ...DEFAULT_RETENTION,
    resultsDays: 2,
    minuteRollupsDays: 3,
    hourRollupsDays: 5,
    dayRollupsDays: 20,
    incidentsDays: 10,
  }
  const store = await opened(t, makeStore, { retention })
  const hours = Array.from({ length: 24 * 12 }, (_, n) =>
    makeReport({ at: T0 + n * HOUR, results: [makeResult({ outcome: n % 24 < 3 ? 'dns_failed' : 'ok' })] }),
  )
  await store.ingest(batchOf(hours))
  const end = T0 + 12 * DAY
  const seen = async () => {
    const query = { function: 'orders', from: new Date(0), to: new Date(end + 30 * DAY) }
    const [minutes, byHour, days, results, incidents] = await Promise.all([
      store.timeline({ ...query, step: 'minute' }),
      store.timeline({ ...query, step: 'hour' }),
      store.timeline({ ...query, step: 'day' }),
      store.listResults({ function: 'orders', limit: 1000 }),
      store.listIncidents({ limit: 1000 }),
    ])
    return {
      minutes: minutes.buckets.length,
      hours: byHour.buckets.length,
      total: days.buckets.reduce((sum, { total }) => sum + total, 0),
      results: results.items.length,
      incidents: incidents.items.length,
    }
  }
  t.same(await seen(), { minutes: 288, hours: 288, total: 288, results: 288, incidents: 12 })

  const health = await store.getFunction('orders', new Date(end))
  await pruneAll(store, new Date(end))
  const kept = await seen()
  t.same({ total: kept.total }, { total: 288 }, 'days outlive everything')
  t.ok(Math.abs(kept.results - 48) <= 1, `${kept.results} results of two days`)
  t.ok(Math.abs(kept.minutes - 72) <= 1, `${kept.minutes} minutes of three days`)
  t.ok(Math.abs(kept.hours - 120) <= 1, `${kept.hours} hours of five days`)
  t.equal(kept.incidents, 10)
  t.same(await store.getFunction('orders', new Date(end)), health, 'health does not notice')

  const old = await store.ingest(batchOf(hours.slice(0, 3), { receivedAt: new Date(end) }))
  t.match(old, { accepted: 0, rejected: 3 }, 'what may have been counted before is refused')
  t.same(await seen(), kept)
  const late = await store.ingest(batchOf([makeReport({ at: end - DAY + 1 })], { receivedAt: new Date(end) }))
  t.match(late, { accepted: 1 }, 'what is late within the retention is taken')
  t.equal((await seen()).total, 289)

  await pruneAll(store, new Date(end + 60 * DAY))
  t.match(
    await seen(),
    { minutes: 0, hours: 0, total: 0, results: 0, incidents: 0 },
    'in the end all of it goes',
  )
  await store.ping()
}
