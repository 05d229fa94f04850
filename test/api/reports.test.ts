import { once } from 'node:events'
import { request } from 'node:http'
import { deflateSync, gzipSync } from 'node:zlib'
import t from 'tap'
import { type Bench, listen, ndjson, report, START, startApi, until } from '../support/api.js'

const post = (api: Bench, payload: string | Buffer, headers: Record<string, string> = {}) =>
  api.app.inject({
    method: 'POST',
    url: '/v1/reports',
    payload,
    headers: { 'content-type': 'application/x-ndjson', ...headers },
  })

const at = (seconds: number) => new Date(START.getTime() + seconds * 1000)

t.test('lines are taken in, and each that was not is told by its number', async (t) => {
  const api = await startApi()
  t.teardown(api.close)
  const body = ndjson(
    report({ run: 'a' }),
    '',
    'START RequestId: 8f507cfc Version: $LATEST',
    { ...report({ run: 'b' }), run: 7 },
    report({ run: 'a' }),
    report({ run: 'c', at: new Date('2030-01-01T00:00:00Z') }),
    report({ run: 'd', at: at(1) }),
  )
  const answer = await post(api, body)
  t.equal(answer.statusCode, 207)
  const told = answer.json()
  t.match(told, { accepted: 2, duplicates: 1, rejected: 2, ignored: 1, linesOmitted: 0 })
  t.match(told.lines, [
    { line: 3, status: 'ignored' },
    { line: 4, status: 'rejected', pointer: '/run', reason: /\w/ },
    { line: 5, status: 'duplicate' },
    { line: 6, status: 'rejected', pointer: '/startedAt' },
  ])
  t.equal((await api.app.inject('/v1/functions/orders/health')).statusCode, 200)
  t.equal((await api.app.inject('/v1/rejects')).json().items.length, 2)
  const again = await post(api, ndjson(report({ run: 'a' }), report({ run: 'd', at: at(1) })))
  t.equal(again.statusCode, 200, 'sending again is harmless')
  t.match(again.json(), { accepted: 0, duplicates: 2 })
  const refused = await post(api, ndjson(report({ run: 'c', at: new Date('2030-01-01T00:00:00Z') })))
  t.equal(refused.statusCode, 207, 'what is refused is told each time')
  t.match(refused.json(), { rejected: 1, lines: [{ line: 1, status: 'rejected' }] })
  t.equal((await api.app.inject('/v1/rejects')).json().items.length, 2, 'and listed once')
})

t.test('gzip, deflate, JSON in its forms, a byte order mark', async (t) => {
  const api = await startApi()
  t.teardown(api.close)
  const line = (run: string) => ndjson(report({ run }))
  const accepted = async (payload: string | Buffer, headers: Record<string, string>) =>
    (await post(api, payload, headers)).json().accepted
  t.equal(await accepted(gzipSync(line('a')), { 'content-encoding': 'gzip' }), 1)
  t.equal(await accepted(deflateSync(line('b')), { 'content-encoding': 'deflate' }), 1)
  t.equal(
    await accepted(JSON.stringify(report({ run: 'c' }), null, 2), { 'content-type': 'application/json' }),
    1,
  )
  t.equal(
    await accepted(`[${line('d')},${line('e')}]`, { 'content-type': 'application/json; charset=utf-8' }),
    2,
  )
  t.equal(await accepted(`${line('f')}\n${line('g')}`, { 'content-type': 'application/json' }), 2)
  t.equal(await accepted(`\ufeff${line('h')}\r\n`, { 'content-type': 'text/plain' }), 1)
  t.match((await post(api, '{"sonde":', { 'content-type': 'application/json' })).json(), {
    code: 'unreadable_body',
  })
  t.match((await post(api, '')).json(), { accepted: 0, rejected: 0 })
})

t.test('a body that is nested without end is refused, not a fault', async (t) => {
  const api = await startApi()
  t.teardown(api.close)
  for (const [open, shut] of [
    ['[', ']'],
    ['{"sonde":', '}'],
  ] as const) {
    const json = { 'content-type': 'application/json' }
    const nested = (levels: number) => `${open.repeat(levels)}1${shut.repeat(levels)}`
    t.equal((await post(api, nested(64), json)).statusCode, open === '[' ? 200 : 207)
    t.equal((await post(api, nested(65), json)).statusCode, 400)
    const payload = nested(200_000)
    const answer = await post(api, payload, json)
    t.equal(answer.statusCode, 400, answer.body.slice(0, 200))
    t.match(answer.json(), { code: 'unreadable_body', detail: /nested too deeply/ })
    const line = await post(api, payload)
    t.equal(line.statusCode, open === '[' ? 200 : 207)
  }
})

t.test('an answer is bounded, whatever was sent', async (t) => {
  const api = await startApi()
  t.teardown(api.close)
  const told = (await post(api, 'nothing\n'.repeat(1000))).json()
  t.equal(told.ignored, 1000)
  t.equal(told.lines.length, 200)
  t.equal(told.linesOmitted, 800)
})

t.test('a body past the limit is 413, packed or not, and nothing of it is kept', async (t) => {
  const api = await startApi({ maxBodyBytes: 65_536 })
  t.teardown(api.close)
  const large = `${ndjson(report({ run: 'a' }))}\n`.repeat(300)
  t.match((await post(api, large)).json(), { status: 413, code: 'payload_too_large' })
  const bomb = gzipSync(Buffer.alloc(50 * 1024 * 1024, 0x20))
  t.ok(bomb.length < 65_536)
  t.match((await post(api, bomb, { 'content-encoding': 'gzip' })).json(), { status: 413 })
  t.equal((await api.store.counts(api.now())).reports, 0)
})

t.test('too much at once is turned away before it is read, and told when to come back', async (t) => {
  const api = await startApi({ ingest: { running: 1, waiting: 1 } })
  t.teardown(api.close)
  const { port } = new URL(await listen(api.app))
  const begin = () => {
    const sent = request({
      port,
      host: '127.0.0.1',
      method: 'POST',
      agent: false,
      path: '/v1/reports',
      headers: { 'content-type': 'text/plain' },
    })
    const status = new Promise<{ status: number | undefined; retryAfter: string | undefined }>(
      (resolve, reject) => {
        sent.on('error', reject)
        sent.on('response', (response) => {
          response.resume()
          response.on('end', () =>
            resolve({ status: response.statusCode, retryAfter: response.headers['retry-after'] }),
          )
        })
      },
    )
    return { sent, status }
  }
  const load = async (state: string) => {
    const text = (await api.app.inject('/metrics')).body
    return Number(new RegExp(`sonde_ingest_requests\\{state="${state}"\\} (\\d+)`).exec(text)?.[1])
  }
  const connections = () =>
    new Promise<number>((resolve, reject) =>
      api.app.server.getConnections((error, count) => (error ? reject(error) : resolve(count))),
    )
  const first = begin()
  first.sent.write('{')
  await until(async () => (await load('running')) === 1)
  const second = begin()
  second.sent.end(ndjson(report({ run: 'second' })))
  await until(async () => (await load('waiting')) === 1)
  const third = begin()
  third.sent.end(ndjson(report({ run: 'third' })))
  t.same(await third.status, { status: 503, retryAfter: '1' })
  first.sent.end('}')
  t.equal((await first.status).status, 200)
  t.equal((await second.status).status, 200, 'who waited had its turn')
  const gone = begin()
  gone.sent.write('x')
  await until(async () => (await load('running')) === 1)
  gone.status.catch(() => undefined)
  gone.sent.destroy()
  await until(async () => (await load('running')) === 0)
  t.equal((await api.store.counts(api.now())).reports, 1)
  const holder = begin()
  holder.sent.write('{')
  await until(async () => (await load('running')) === 1)
  const left = begin()
  left.status.catch(() => undefined)
  left.sent.end(ndjson(report({ run: 'left' })))
  await until(async () => (await load('waiting')) === 1)
  const closed = new Promise((resolve) => left.sent.once('close', resolve))
  left.sent.destroy()
  await closed
  // That it is gone has reached the server before its turn comes.
  await until(async () => (await connections()) === 1)
  holder.sent.end('}')
  t.equal((await holder.status).status, 200)
  await until(async () => (await load('running')) === 0)
  t.equal(await load('waiting'), 0, 'who left while waiting takes nobody else\u2019s place')
})

t.test('who stops sending in the middle of a body does not keep others out', async (t) => {
  const api = await startApi({ ingest: { running: 1, waiting: 1, stallMs: 100 } })
  t.teardown(api.close)
  const { port } = new URL(await listen(api.app))
  const stalled = request({
    port,
    host: '127.0.0.1',
    method: 'POST',
    path: '/v1/reports',
    headers: { 'content-type': 'text/plain', 'content-length': '1000' },
  })
  const cut = once(stalled, 'error')
  stalled.write('{')
  await until(async () => /state="running"\} 1/.test((await api.app.inject('/metrics')).body))
  const answer = await fetch(`http://127.0.0.1:${port}/v1/reports`, {
    method: 'POST',
    headers: { 'content-type': 'text/plain' },
    body: ndjson(report({ run: 'patient' })),
  })
  t.match(await answer.json(), { accepted: 1 })
  const [error] = await cut
  t.equal(error.code, 'ECONNRESET')
})
