import type { Test } from 'tap'
import type { Store, StoreOptions } from '../../api/store/store.js'
import { testChecks } from './conformance/checks.js'
import { testDiscovery } from './conformance/discovery.js'
import { testEvents } from './conformance/events.js'
import { testExport } from './conformance/export.js'
import { testHealth } from './conformance/health.js'
import { testIngest } from './conformance/ingest.js'
import { testNames } from './conformance/names.js'
import { testOrder } from './conformance/order.js'
import { testPages } from './conformance/pages.js'
import { testRetention } from './conformance/retention.js'
import { testTimeline } from './conformance/timeline.js'

/** Makes an empty store; closing it is the suite's business. */
export type MakeStore = (options: StoreOptions) => Promise<Store>

export interface Extent {
  /** Random histories whose order is shuffled: fewer for an engine behind a network. */
  readonly histories: number
}

/** What every engine must keep. Run it with each of them. */
export async function conformance(
  t: Test,
  makeStore: MakeStore,
  { histories }: Extent = { histories: 50 },
): Promise<void> {
  await t.test('ingest: atomic, idempotent, with its checkpoint', (t) => testIngest(t, makeStore))
  await t.test('health of functions', (t) => testHealth(t, makeStore))
  await t.test('checks', (t) => testChecks(t, makeStore))
  await t.test('names of functions', (t) => testNames(t, makeStore, histories))
  await t.test('functions follow discovery', (t) => testDiscovery(t, makeStore))
  await t.test('the order of reports does not matter', (t) => testOrder(t, makeStore, histories))
  await t.test('pages', (t) => testPages(t, makeStore))
  await t.test('timeline', (t) => testTimeline(t, makeStore))
  await t.test('export', (t) => testExport(t, makeStore))
  await t.test('retention', (t) => testRetention(t, makeStore))
  await t.test('events', (t) => testEvents(t, makeStore))
}
