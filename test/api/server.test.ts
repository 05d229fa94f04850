import { gunzipSync } from 'node:zlib'
import t from 'tap'
import { PROBLEMS } from '../../api/problems.js'
import { answersAgainst } from '../support/answers.js'
import { listen, report, startApi, takeIn, until } from '../support/api.js'
import { openapiFaults } from '../support/openapi.js'

const api = await startApi()
t.teardown(api.close)
await takeIn(api, report({ run: 'r1' }))
await api.store.declareFunctions(Array.from({ length: 60 }, (_, i) => ({ name: `f-${i}` })))

t.test('the OpenAPI document is whole, and describes every route of /v1', async (t) => {
  const answer = await api.app.inject('/openapi.json')
  t.equal(answer.statusCode, 200)
  const document = answer.json()
  t.same(openapiFaults(document), [])
  const described = new Set(
    Object.entries<object>(document.paths).flatMap(([path, item]) =>
      Object.keys(item).map((method) => `${method.toUpperCase()} ${path.replaceAll(/\{(\w+)\}/g, ':$1')}`),
    ),
  )
  const routes = api.app.printRoutes({ commonPrefix: false }).split('\n')
  t.ok(routes.length > 10)
  for (const path of [
    'functions',
    'functions/:name',
    'functions/:name/health',
    'functions/:name/results',
    'functions/:name/timeline',
    'checks',
    'postures',
    'incidents',
    'events',
    'rejects',
    'about',
  ]) {
    t.ok(described.has(`GET /v1/${path}`), path)
  }
  t.ok(described.has('POST /v1/reports'))
})

t.test('the checker itself finds what is wrong', async (t) => {
  t.same(openapiFaults({ openapi: '3.0.0' }), ['openapi: not 3.1'])
  const faults = openapiFaults({
    openapi: '3.1.0',
    info: { title: 'x', version: '1' },
    paths: {
      '/a/{id}': {
        get: {
          responses: {
            200: { description: 'x', content: { 'application/json': { schema: { $ref: '#/none' } } } },
          },
        },
      },
      '/b': { get: { summary: 'x', responses: { 404: { description: 'x' } } } },
    },
  })
  t.match(
    faults.join('\n'),
    /dangling #\/none[\s\S]*no summary[\s\S]*path parameter id[\s\S]*no content[\s\S]*no success/,
  )
})

t.test('an answer that is not as the document says fails the test that asked for it', async (t) => {
  const faultsOf = answersAgainst(api.app.swagger())
  const { body, statusCode: status } = await api.app.inject('/v1/functions?limit=1')
  const good = { method: 'GET', url: '/v1/functions?limit=1', status, contentType: 'application/json', body }
  t.same(faultsOf(good), [])
  t.match(faultsOf({ ...good, body: body.replace('"unknown"', '"fine"') }), [/GET \/v1\/functions 200: /])
  t.match(faultsOf({ ...good, body: body.replace('"name"', '"title"') }), [/GET \/v1\/functions 200: /])
  t.match(faultsOf({ ...good, status: 418 }), [/no such answer/])
  t.match(faultsOf({ ...good, contentType: 'text/html' }), [/no text\/html/])
  t.match(faultsOf({ ...good, url: '/v1/functions/x' }), [/GET \/v1\/functions\/\{name\} 200: /])
})

t.test('every problem has a page that says what it means', async (t) => {
  for (const [code, { status, title }] of Object.entries(PROBLEMS)) {
    const answer = await api.app.inject(`/problems/${code}`)
    t.match(answer.json(), { code, status, title, about: /\w/ })
  }
  t.equal((await api.app.inject('/problems/none')).json().code, 'not_found')
})

t.test('whatever goes wrong is a problem document', async (t) => {
  for (const [request, status, code] of [
    [{ method: 'GET', url: '/nowhere' }, 404, 'not_found'],
    [{ method: 'DELETE', url: '/v1/functions' }, 405, 'method_not_allowed'],
    [{ method: 'GET', url: '/%zz' }, 400, 'invalid_request'],
    [{ method: 'GET', url: '/v1/functions?limit=x' }, 400, 'invalid_request'],
    [
      { method: 'POST', url: '/v1/reports', payload: 'x', headers: { 'content-type': 'text/xml' } },
      415,
      'unsupported_media_type',
    ],
    [
      {
        method: 'POST',
        url: '/v1/reports',
        payload: 'x',
        headers: { 'content-type': 'text/plain', 'content-encoding': 'br' },
      },
      415,
      'unsupported_media_type',
    ],
    [
      {
        method: 'POST',
        url: '/v1/reports',
        payload: 'x',
        headers: { 'content-type': 'text/plain', 'content-encoding': 'gzip' },
      },
      400,
      'unreadable_body',
    ],
    [{ method: 'GET', url: `/v1/functions/${'x'.repeat(3000)}` }, 400, 'invalid_request'],
  ] as const) {
    const answer = await api.app.inject(request)
    t.equal(answer.statusCode, status, `${request.method} ${request.url.slice(0, 40)}`)
    t.match(answer.headers['content-type'], 'application/problem+json')
    t.match(answer.json(), {
      type: `/problems/${code}`,
      code,
      status,
      title: String,
      detail: String,
      requestId: answer.headers['x-request-id'],
    })
  }
})

t.test('a body of a kind that is not read is told what is', async (t) => {
  for (const [url, headers, words] of [
    [
      '/v1/reports',
      { 'content-type': 'text/xml' },
      'reads application/x-ndjson, application/json, text/plain, not "text/xml"',
    ],
    [
      '/v1/trace',
      { 'content-type': 'application/x-www-form-urlencoded' },
      'reads application/json, not "application/x-www',
    ],
  ] as const) {
    const { detail } = (await api.app.inject({ method: 'POST', url, payload: 'x', headers })).json()
    t.ok(detail.includes(words), detail)
  }
})

t.test('a method that a path does not take is told, with those that it takes', async (t) => {
  for (const [method, url, allow] of [
    ['POST', '/v1/functions?limit=1', 'GET, HEAD'],
    ['OPTIONS', '/v1/functions/orders/health', 'GET, HEAD'],
    ['GET', '/v1/reports', 'POST'],
    ['HEAD', '/v1/events', 'GET'],
  ] as const) {
    const answer = await api.app.inject({ method, url })
    t.equal(answer.statusCode, 405, `${method} ${url}`)
    t.equal(answer.headers.allow, allow)
  }
  const told = (await api.app.inject({ method: 'PUT', url: '/v1/reports' })).json()
  t.equal(told.detail, '/v1/reports takes POST, not PUT')
})

t.test('a request id is taken where it is sane, and made where it is not', async (t) => {
  const sane = await api.app.inject({ url: '/livez', headers: { 'x-request-id': 'abc-123.x:y' } })
  t.equal(sane.headers['x-request-id'], 'abc-123.x:y')
  for (const id of ['a b', 'x'.repeat(200), 'é', '"><script>']) {
    const answer = await api.app.inject({ url: '/livez', headers: { 'x-request-id': id } })
    t.match(answer.headers['x-request-id'], /^[0-9a-f-]{36}$/)
  }
})

t.test('an answer that the client has is 304, whatever its form on the wire', async (t) => {
  const url = '/v1/functions?limit=50'
  const first = await api.app.inject(url)
  const tag = String(first.headers['etag'])
  t.match(tag, /^W\/"[\w-]+"$/)
  for (const known of [tag, tag.slice(2), `"other", ${tag}`, '*']) {
    const again = await api.app.inject({ url, headers: { 'if-none-match': known } })
    t.equal(again.statusCode, 304, known)
    t.equal(again.body, '')
    t.equal(again.headers['etag'], tag)
  }
  t.equal((await api.app.inject({ url, headers: { 'if-none-match': '"other"' } })).statusCode, 200)
  const failing = await api.app.inject({ url: '/v1/functions/f-1/health', headers: { 'if-none-match': '*' } })
  t.equal(failing.statusCode, 503, 'what is no success is never 304')
})

t.test('large answers are compressed for who takes it, small ones are not', async (t) => {
  const large = await api.app.inject({
    url: '/v1/functions?limit=50',
    headers: { 'accept-encoding': 'gzip' },
  })
  t.equal(large.headers['content-encoding'], 'gzip')
  t.equal(JSON.parse(gunzipSync(large.rawPayload).toString()).items.length, 50)
  t.match(large.headers['vary'], /accept-encoding/i)
  const small = await api.app.inject({ url: '/livez', headers: { 'accept-encoding': 'gzip' } })
  t.equal(small.headers['content-encoding'], undefined)
})

t.test('pages may run nothing inline; the docs only styles', async (t) => {
  const strict = String((await api.app.inject('/livez')).headers['content-security-policy'])
  t.match(strict, "default-src 'none'")
  t.notMatch(strict, /unsafe/)
  const docs = await api.app.inject('/docs/')
  t.equal(docs.statusCode, 200)
  const relaxed = String(docs.headers['content-security-policy'])
  t.match(relaxed, "script-src 'self';")
  t.equal(relaxed.match(/unsafe-inline/g)?.length, 1, 'styles only')
  t.notMatch(docs.body, /<script(?![^>]*\bsrc=)/, 'the page itself has no inline script')
})

t.test('without tokens only this machine, and no other site through its browser', async (t) => {
  for (const host of ['localhost', 'localhost:8080', '127.0.0.1:1', '[::1]:80', 'sonde.localhost']) {
    t.equal((await api.app.inject({ url: '/v1/functions', headers: { host } })).statusCode, 200, host)
  }
  for (const host of [
    'evil.example',
    '127.0.0.1.evil.example',
    'localhost.evil.example:80',
    '10.0.0.1',
    '127.0.0.1:80@evil',
  ]) {
    const answer = await api.app.inject({ url: '/v1/functions', headers: { host } })
    t.match(answer.json(), { status: 403, code: 'host_not_allowed' }, host)
  }
  const form = { method: 'POST', url: '/v1/reports', payload: 'x' } as const
  for (const headers of [
    { origin: 'https://evil.example' },
    { origin: 'null' },
    { 'sec-fetch-site': 'cross-site' },
  ]) {
    const answer = await api.app.inject({ ...form, headers: { 'content-type': 'text/plain', ...headers } })
    t.match(answer.json(), { status: 403, code: 'cross_site' })
  }
  const own = await api.app.inject({
    ...form,
    headers: { 'content-type': 'text/plain', origin: 'http://localhost:8080' },
  })
  t.equal(own.statusCode, 200)
})

t.test('livez, readyz and about', async (t) => {
  t.same((await api.app.inject('/livez')).json(), { status: 'ok' })
  t.same((await api.app.inject('/readyz')).json(), { status: 'ok' })
  t.same((await api.app.inject('/v1/about')).json(), {
    version: '0.0.0-test',
    engine: 'sqlite',
    sample: null,
    runs: false,
    streams: true,
  })
  t.equal((await api.app.inject({ method: 'HEAD', url: '/v1/functions' })).body, '')
})

t.test('what is no HTTP at all is refused without harm', async (t) => {
  const url = new URL(await listen(api.app))
  const { connect } = await import('node:net')
  const say = (words: string) =>
    new Promise<string>((resolve, reject) => {
      let text = ''
      const socket = connect(Number(url.port), url.hostname, () => socket.write(words))
      socket.on('data', (chunk) => {
        text += chunk.toString()
      })
      socket.on('close', () => resolve(text))
      socket.on('error', reject)
    })
  for (const [words, status, code] of [
    ['\u0016\u0003\u0001 hello\r\n\r\n', 400, 'malformed_request'],
    ['FROBNICATE /v1/functions HTTP/1.1\r\nHost: localhost\r\n\r\n', 400, 'malformed_request'],
    [`GET / HTTP/1.1\r\nHost: localhost\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`, 431, 'headers_too_large'],
  ] as const) {
    const [head = '', body = ''] = (await say(words)).split('\r\n\r\n')
    t.match(head, new RegExp(`^HTTP/1\\.1 ${status} `), words.slice(0, 20))
    t.match(head, /content-type: application\/problem\+json/)
    t.match(JSON.parse(body), { status, code, type: `/problems/${code}`, detail: /./, requestId: /./ })
  }
  const lingering = connect({ port: Number(url.port), host: url.hostname, allowHalfOpen: true }, () =>
    lingering.write('\u0016\u0003\u0001 hello\r\n\r\n'),
  )
  lingering.on('error', () => undefined).resume()
  const open = () =>
    new Promise<number>((resolve, reject) =>
      api.app.server.getConnections((error, count) => (error ? reject(error) : resolve(count))),
    )
  await until(async () => (await open()) === 1)
  await until(async () => (await open()) === 0)
  lingering.destroy()
  t.equal((await fetch(new URL('/livez', url))).status, 200)
})
