import t from 'tap'
import { createEventHub } from '../../api/events.js'
import { DEFAULT_POLICY } from '../../api/health/health.js'
import { openSqliteStore } from '../../api/store/sqlite/store.js'
import { DEFAULT_RETENTION } from '../../api/store/store.js'
import { listen, report, result, START, startApi, takeIn, until } from '../support/api.js'
import { follow } from '../support/follow.js'

const at = (seconds: number) => new Date(START.getTime() + seconds * 1000)
const bad = [result('orders-db', 'connect_timeout')]

t.test('events come as they happen, and what was missed comes first', async (t) => {
  const api = await startApi()
  t.teardown(api.close)
  const url = `${await listen(api.app)}/v1/events`
  const live = await follow(url)
  t.equal(live.response.headers['content-type'], 'text/event-stream; charset=utf-8')
  t.equal(live.response.headers['content-encoding'], undefined)
  await takeIn(api, report({ run: 'a' }), report({ run: 'b', at: at(1) }))
  await until(() => live.events().some(({ event }) => event === 'function-status'))
  const first = live.events()
  const ids = first.map(({ id }) => id)
  t.same(
    ids,
    ids.toSorted((a, b) => a - b),
  )
  t.equal(new Set(ids).size, ids.length)
  live.response.destroy()

  await takeIn(
    api,
    report({ run: 'c', at: at(2), results: bad }),
    report({ run: 'd', at: at(3), results: bad }),
  )
  const last = ids.at(-1) ?? 0
  const back = await follow(url, { 'last-event-id': String(last) })
  await until(() => back.events().some(({ event }) => event === 'incident-opened'))
  t.equal(back.events()[0]?.id, last + 1, 'nothing is missing')
  await takeIn(api, report({ run: 'e', at: at(4) }), report({ run: 'f', at: at(5) }))
  await until(() => back.events().some(({ event }) => event === 'incident-closed'))
  const seen = back.events().map(({ id }) => id)
  t.same(
    seen,
    seen.map((_, index) => last + 1 + index),
    'replay and live join without a gap or a double',
  )

  const only = await follow(`${url}?types=incident-opened,incident-closed&function=orders`, {
    'last-event-id': '0',
  })
  await until(() => only.events().length >= 2)
  t.same(new Set(only.events().map(({ event }) => event)), new Set(['incident-opened', 'incident-closed']))
  t.ok(only.events().every(({ data }) => data.function === 'orders'))
  back.response.destroy()
  only.response.destroy()
})

t.test('a position that is no longer kept, or never was, starts with a reset', async (t) => {
  const api = await startApi()
  t.teardown(api.close)
  const url = `${await listen(api.app)}/v1/events`
  const ahead = await follow(url, { 'last-event-id': '99999' })
  await until(() => ahead.events().length > 0)
  t.match(ahead.events(), [{ event: 'reset', id: await api.store.lastEventSeq() }])
  await takeIn(api, report({ run: 'a' }))
  await until(() => ahead.events().length > 1)
  ahead.response.destroy()
})

t.test('what is asked wrongly, and more clients than are allowed', async (t) => {
  const api = await startApi({ events: { maxClients: 1 } })
  t.teardown(api.close)
  const url = `${await listen(api.app)}/v1/events`
  t.match(await (await fetch(`${url}?types=nonsense`)).json(), {
    status: 400,
    errors: [{ pointer: '/types' }],
  })
  for (const id of ['x', '-1', '1.5', '99999999999999999999'])
    t.match(await (await fetch(url, { headers: { 'last-event-id': id } })).json(), { status: 400 }, id)
  const first = await follow(url)
  const second = await fetch(url)
  t.equal(second.status, 503)
  t.equal(second.headers.get('retry-after'), '5')
  first.response.destroy()
  await until(async () => {
    const again = await follow(url)
    const { statusCode } = again.response
    again.response.destroy()
    return statusCode === 200
  })
})

t.test('a heartbeat keeps the line open, and closing the server ends it', async (t) => {
  const api = await startApi({ events: { heartbeatMs: 10 } })
  const live = await follow(`${await listen(api.app)}/v1/events`)
  await until(() => live.text().includes(': still here'))
  await api.close()
  await until(live.ended)
  t.equal(live.response.complete, true, 'ended in order, not cut')
})

t.test('events that another process wrote are found', async (t) => {
  const api = await startApi({ events: { pollMs: 10 } })
  t.teardown(api.close)
  const live = await follow(`${await listen(api.app)}/v1/events`)
  const other = await openSqliteStore(api.folder, { policy: DEFAULT_POLICY, retention: DEFAULT_RETENTION })
  t.teardown(other.close)
  await other.ingest({
    source: 'test',
    receivedAt: api.now(),
    reports: [report({ run: 'a' })],
    rejects: [],
    otherLines: 0,
  })
  await until(() => live.events().length > 0)
  live.response.destroy()
})

t.test('a client that does not read is cut off; memory stays bounded', async (t) => {
  const api = await startApi()
  t.teardown(api.close)
  const hub = createEventHub(api.store, { maxWaitingBytes: 2000 })
  t.teardown(hub.close)
  const stuck = await hub.subscribe({ types: null, function: null }, null)
  if (!stuck) throw new Error('no stream')
  stuck.on('error', () => undefined)
  await until(() => stuck.readableLength > 0)
  for (let i = 0; i < 40 && !stuck.destroyed; i++) await takeIn(api, report({ run: `r${i}`, at: at(i) }))
  await until(() => stuck.destroyed)
  t.ok(stuck.readableLength < 4000)
  t.equal(hub.clients(), 0)
})
