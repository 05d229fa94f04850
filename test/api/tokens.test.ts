import t from 'tap'
import { newToken } from '../../api/auth.js'
import { ndjson, report, startApi } from '../support/api.js'

const reader = newToken()
const sender = newToken()
const admin = newToken()
const slow = newToken()
const api = await startApi({
  auth: {
    mode: 'token',
    tokens: [
      { name: 'reader', hash: reader.hash, scopes: ['read'] },
      { name: 'sender', hash: sender.hash, scopes: ['ingest'] },
      { name: 'admin', hash: admin.hash, scopes: ['admin'] },
      { name: 'slow', hash: slow.hash, scopes: ['read'], requestsPerMinute: 2 },
    ],
  },
})
t.teardown(api.close)

const bearer = (token: string) => ({ authorization: `Bearer ${token}` })
const read = (headers: Record<string, string>) => api.app.inject({ url: '/v1/functions', headers })
const send = (headers: Record<string, string>) =>
  api.app.inject({
    method: 'POST',
    url: '/v1/reports',
    headers: { 'content-type': 'text/plain', ...headers },
    payload: ndjson(report({ run: 'a' })),
  })

t.test('a scope opens what it names, and admin everything', async (t) => {
  t.equal((await read(bearer(reader.token))).statusCode, 200)
  t.equal((await send(bearer(sender.token))).statusCode, 200)
  t.equal((await read(bearer(admin.token))).statusCode, 200)
  t.equal((await send(bearer(admin.token))).statusCode, 200)
  t.equal((await api.app.inject({ url: '/metrics', headers: bearer(reader.token) })).statusCode, 200)
  t.match((await send(bearer(reader.token))).json(), {
    status: 403,
    code: 'forbidden',
    detail: /reader lacks the scope ingest/,
  })
  t.match((await read(bearer(sender.token))).json(), { status: 403, code: 'forbidden' })
})

t.test('without a token that is known: 401, and nothing is read', async (t) => {
  for (const headers of [
    {},
    { authorization: '' },
    { authorization: reader.token },
    { authorization: `Basic ${reader.token}` },
    { authorization: 'Bearer' },
    bearer('sonde_made-up'),
    bearer(reader.hash),
    bearer(`${reader.token} `.repeat(2).trim()),
    bearer('x'.repeat(5000)),
  ]) {
    const answer = await read(headers)
    t.equal(answer.statusCode, 401, JSON.stringify(headers).slice(0, 60))
    t.match(answer.headers['www-authenticate'], /^Bearer/)
    t.equal(answer.json().code, 'unauthenticated')
  }
  t.equal((await send({})).statusCode, 401)
  t.equal((await api.store.counts(api.now())).duplicates, 1, 'only what had a token came in')
})

t.test('every route of the data asks for a token; what holds none does not', async (t) => {
  const document = (await api.app.inject('/openapi.json')).json()
  for (const path of Object.keys(document.paths)) {
    if (!path.startsWith('/v1') && path !== '/metrics') continue
    const url = path.replace('{name}', 'orders')
    const method = 'get' in document.paths[path] ? 'GET' : 'POST'
    t.equal((await api.app.inject({ method, url })).statusCode, 401, `${method} ${path}`)
    if (method === 'GET') t.equal((await api.app.inject({ method: 'HEAD', url })).statusCode === 200, false)
  }
  for (const url of ['/livez', '/readyz', '/openapi.json', '/docs/', '/problems/forbidden']) {
    t.equal((await api.app.inject(url)).statusCode, 200, url)
  }
  t.equal((await api.app.inject('/nowhere')).statusCode, 404)
  t.equal(
    (await api.app.inject({ url: '/livez', headers: { host: 'sonde.example.com' } })).statusCode,
    200,
    'any name may be used',
  )
})

t.test('each token has its own share', async (t) => {
  t.equal((await read(bearer(slow.token))).statusCode, 200)
  t.equal((await read(bearer(slow.token))).statusCode, 200)
  const third = await read(bearer(slow.token))
  t.match(third.json(), {
    status: 429,
    code: 'too_many_requests',
    detail: /slow may make 2 requests a minute/,
  })
  t.ok(Number(third.headers['retry-after']) >= 1)
  t.equal((await read(bearer(reader.token))).statusCode, 200, 'another one goes on')
})

t.test('a document says how to be let in', async (t) => {
  const document = (await api.app.inject('/openapi.json')).json()
  t.match(document.components.securitySchemes, { token: { type: 'http', scheme: 'bearer' } })
  t.same(document.security, [{ token: [] }])
})
