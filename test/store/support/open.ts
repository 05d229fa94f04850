import type { Test } from 'tap'
import { DEFAULT_POLICY } from '../../../api/health/health.js'
import {
  DEFAULT_RETENTION,
  type IngestBatch,
  type Store,
  type StoreOptions,
} from '../../../api/store/store.js'
import type { Report } from '../../../probe/report.schema.js'
import type { MakeStore } from '../conformance.js'

export const OPTIONS: StoreOptions = { policy: DEFAULT_POLICY, retention: DEFAULT_RETENTION }
export const MINUTE = 60_000
export const HOUR = 60 * MINUTE
export const DAY = 24 * HOUR
/** Where the tests' time begins: an odd moment, so that no bucket's edge is hit by luck. */
export const T0 = Date.UTC(2026, 0, 5, 21, 17, 30, 250)

/** An empty store that is closed after the test. */
export async function opened(t: Test, make: MakeStore, options: Partial<StoreOptions> = {}): Promise<Store> {
  const store = await make({ ...OPTIONS, ...options })
  t.teardown(() => store.close())
  return store
}

/** A batch of reports that came a moment after the newest of them. */
export function batchOf(reports: readonly Report[], given: Partial<IngestBatch> = {}): IngestBatch {
  const newest = Math.max(T0, ...reports.map(({ startedAt }) => Date.parse(startedAt)))
  return {
    source: 'test',
    receivedAt: new Date(newest + 1000),
    reports,
    rejects: [],
    otherLines: 0,
    ...given,
  }
}
