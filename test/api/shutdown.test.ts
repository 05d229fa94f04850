import { EventEmitter, once } from 'node:events'
import { rm } from 'node:fs/promises'
import { request } from 'node:http'
import { connect } from 'node:net'
import t from 'tap'
import { installShutdown } from '../../api/shutdown.js'
import { listen, ndjson, report, startApi, until } from '../support/api.js'

const silent = { info: () => undefined, warn: () => undefined, error: () => undefined }

/** Closing that takes until it is told to be done. */
function slowClose() {
  let finish = (): void => undefined
  const closed = new Promise<void>((resolve) => {
    finish = resolve
  })
  return { close: () => closed, finish }
}

t.test('what was accepted is finished, what comes after is refused, streams end', async (t) => {
  const api = await startApi()
  t.teardown(() => rm(api.folder, { recursive: true, force: true }))
  const { port } = new URL(await listen(api.app))
  const stream = await fetch(`http://127.0.0.1:${port}/v1/events`)
  const events = stream.text()
  const half = request({
    port,
    host: '127.0.0.1',
    method: 'POST',
    path: '/v1/reports',
    headers: { 'content-type': 'text/plain' },
  })
  const body = ndjson(report({ run: 'a' }))
  half.write(body.slice(0, 20))
  await until(async () => /requests\{state="running"\} 1/.test((await api.app.inject('/metrics')).body))

  const closing = api.app.close()
  await until(() => api.app.closing())
  half.end(body.slice(20))
  const [response] = await once(half, 'response')
  t.equal(response.statusCode, 200, 'the request that had begun is answered')
  response.resume()
  t.match(await events, /retry: 2000/, 'the stream ended in order')
  await closing
  t.equal((await api.store.counts(api.now())).reports, 1, 'and what it brought is kept')
  const refused = connect(Number(port), '127.0.0.1')
  const [error] = await once(refused, 'error')
  t.equal(error.code, 'ECONNREFUSED')
  await api.store.close()
})

t.test('on a connection that was kept, a request after the signal is 503 and the last', async (t) => {
  const api = await startApi()
  t.teardown(() => rm(api.folder, { recursive: true, force: true }))
  const { port } = new URL(await listen(api.app))
  const half = request({
    port,
    host: '127.0.0.1',
    method: 'POST',
    path: '/v1/reports',
    headers: { 'content-type': 'text/plain' },
  })
  half.write('x')
  await until(async () => /requests\{state="running"\} 1/.test((await api.app.inject('/metrics')).body))
  const kept = connect(Number(port), '127.0.0.1')
  let text = ''
  kept.on('data', (chunk) => {
    text += chunk.toString()
  })
  // Half a request keeps the connection from being idle when the server closes.
  kept.write('GET /v1/functions HTTP/1.1\r\nHost: localhost\r\n')
  await new Promise((resolve) => setTimeout(resolve, 50))
  const closing = api.app.close()
  await until(() => api.app.closing())
  kept.write('\r\n')
  await once(kept, 'close')
  t.match(text, /^HTTP\/1\.1 503 /)
  t.match(text, /connection: close/i)
  t.match(text, /"code":"not_ready"/)
  half.end()
  await once(half, 'response')
  await closing
  await api.store.close()
})

t.test('SIGTERM exits with 0 once all is done; a second one at once', async (t) => {
  const signals = new EventEmitter()
  const exits: number[] = []
  const { close, finish } = slowClose()
  const stop = installShutdown({ signals, close, exit: (code) => exits.push(code), logger: silent })
  signals.emit('SIGTERM', 'SIGTERM')
  await new Promise((resolve) => setImmediate(resolve))
  t.same(exits, [], 'not before it is done')
  signals.emit('SIGINT', 'SIGINT')
  t.same(exits, [130])
  finish()
  await until(() => exits.length === 2)
  t.same(exits, [130, 0])
  stop()
  t.equal(signals.listenerCount('SIGTERM') + signals.listenerCount('SIGINT'), 0)
})

t.test('npm repeats the Ctrl-C of a terminal: that is no second one', async (t) => {
  const signals = new EventEmitter()
  const exits: number[] = []
  let now = 0
  const { close, finish } = slowClose()
  installShutdown({ signals, close, exit: (code) => exits.push(code), logger: silent, now: () => now })
  signals.emit('SIGINT', 'SIGINT')
  now = 900
  signals.emit('SIGINT', 'SIGINT')
  t.same(exits, [])
  now = 1100
  signals.emit('SIGINT', 'SIGINT')
  t.same(exits, [130])
  finish()
  await until(() => exits.length === 2)
})

t.test('closing that fails, or takes too long, exits with 1', async (t) => {
  for (const close of [() => Promise.reject(new Error('disk')), () => new Promise<void>(() => undefined)]) {
    const signals = new EventEmitter()
    const exits: number[] = []
    installShutdown({ signals, close, exit: (code) => exits.push(code), logger: silent, graceMs: 20 })
    signals.emit('SIGINT', 'SIGINT')
    await until(() => exits.length === 1)
    t.same(exits, [1])
  }
})
