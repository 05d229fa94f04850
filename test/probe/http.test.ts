import type { RequestListener } from 'node:http'
import t from 'tap'
import type { CheckIo, Destination, Finding } from '../../probe/checks/check.js'
import { http } from '../../probe/checks/http.js'
import { CheckFailure } from '../../probe/outcome.js'
import type { HttpCheck } from '../../probe/plan.schema.js'
import { certificates } from '../support/certs.js'
import {
  answering,
  echoingCaller,
  flooding,
  httpServer,
  resetting,
  silent,
  type TestServer,
  trickling,
} from '../support/servers.js'
import { destinationOf, testIo } from './transport.js'

const HOST = 'sonde.test'

/** Asks a server by name, as the plan would. */
function ask(
  server: TestServer,
  more: Partial<HttpCheck> & { path?: string; scheme?: string } = {},
  io: CheckIo = testIo(),
): Promise<Finding> {
  const { path = '/', scheme = 'http', ...fields } = more
  const check: HttpCheck = {
    kind: 'http',
    name: 'web',
    url: `${scheme}://${HOST}:${server.port}${path}`,
    ...fields,
  }
  return http.probe(check, destinationOf(server, HOST), io)
}

async function serve(listener: RequestListener): Promise<TestServer> {
  const server = await httpServer(listener)
  t.teardown(server.close)
  return server
}

t.test('where it connects to: never the query', async (t) => {
  const endpoint = (url: string): unknown => http.endpoint({ kind: 'http', name: 'x', url }, {})
  t.same(endpoint('https://a.test/x?token=1#y'), { host: 'a.test', port: 443, target: 'https://a.test/x' })
  t.same(endpoint('http://[::1]:8080'), { host: '::1', port: 8080, target: 'http://[::1]:8080/' })
})

t.test('the request, and a clean end', async (t) => {
  const seen: unknown[] = []
  const server = await serve((request, response) => {
    seen.push([request.method, request.url, request.headers])
    response.setHeader('server', 'test/1.0')
    response.end('hello')
  })
  const finding = await ask(server, { path: '/a?q=1', method: 'GET', headers: { 'X-Extra': 'yes' } })
  t.match(finding, { outcome: 'ok', detail: { httpStatus: 200, server: 'test/1.0' } })
  t.same(Object.keys(finding.phases), ['connect', 'exchange'])
  t.match(seen, [
    [
      'GET',
      '/a?q=1',
      {
        host: `${HOST}:${server.port}`,
        'x-extra': 'yes',
        'user-agent': /^sonde\//,
        // A packed answer could not be searched for what the plan asks.
        'accept-encoding': 'identity',
      },
    ],
  ])
  t.equal((await ask(server, { method: 'HEAD' })).outcome, 'ok')
  t.same(await server.ended(2), ['fin', 'fin'])
})

t.test('status', async (t) => {
  const server = await serve((request, response) => {
    response.statusCode = Number(request.url?.slice(1))
    response.end('a body that may be secret')
  })
  const at = async (path: string, status?: HttpCheck['status']): Promise<string> => {
    const finding = await ask(server, { path, ...(status === undefined ? {} : { status }) })
    t.notMatch(JSON.stringify(finding), /secret/)
    t.equal(finding.detail?.httpStatus, Number(path.slice(1)))
    t.equal(finding.endedIn, finding.outcome === 'ok' ? undefined : 'exchange')
    return finding.outcome
  }
  t.equal(await at('/404'), 'ok', 'below 500 proves the path')
  t.equal(await at('/301'), 'ok', 'redirects are not followed')
  t.equal(await at('/503'), 'http_status')
  t.equal(await at('/404', '2xx'), 'http_status')
  t.equal(await at('/404', [200, 404]), 'ok')
  t.equal(await at('/503', '2xx,503'), 'ok')
})

t.test('matchers', async (t) => {
  const server = await serve((_request, response) => {
    response.setHeader('content-type', 'application/json')
    response.setHeader('set-cookie', ['a=1', 'b=2'])
    response.end('{"status":"secret up"}')
  })
  const cases: ReadonlyArray<[Partial<HttpCheck>, string]> = [
    [{ headerMatches: { 'Content-Type': '^application/json' } }, 'ok'],
    [{ headerMatches: { 'set-cookie': 'a=1, b=2' } }, 'ok'],
    [{ headerMatches: { 'content-type': 'html' } }, 'protocol_mismatch'],
    [{ headerMatches: { 'x-none': '.' } }, 'protocol_mismatch'],
    [{ bodyMatches: '"status":"[a-z ]+up"' }, 'ok'],
    [{ bodyMatches: 'down' }, 'protocol_mismatch'],
  ]
  for (const [wish, outcome] of cases) {
    const finding = await ask(server, wish)
    t.equal(finding.outcome, outcome, JSON.stringify(wish))
    t.notMatch(JSON.stringify(finding), /secret/)
  }
})

t.test("the caller's address", async (t) => {
  for (const form of ['text', 'json'] as const) {
    const server = await echoingCaller(form)
    t.teardown(server.close)
    t.match(await ask(server, { egressIp: ['127.0.0.0/8'] }), {
      outcome: 'ok',
      detail: { egressIp: '127.0.0.1' },
    })
    t.match(await ask(server, { egressIp: ['203.0.113.7'] }), {
      outcome: 'wrong_egress_ip',
      endedIn: 'exchange',
      detail: { egressIp: '127.0.0.1', httpStatus: 200 },
    })
  }
  const page = await serve((_request, response) => response.end('<html>secret</html>'))
  const finding = await ask(page, { egressIp: ['203.0.113.7'] })
  t.match(finding, { outcome: 'protocol_mismatch' })
  t.notMatch(JSON.stringify(finding), /secret/)
})

t.test('https: SNI, certificate, phases', async (t) => {
  const { valid, expired } = await certificates
  const good = await httpServer((_request, response) => response.end('x'), valid)
  const bad = await httpServer((_request, response) => response.end('x'), expired)
  t.teardown(() => Promise.all([good.close(), bad.close()]))
  const io = testIo({ assets: { 'ca.pem': valid.ca } })
  const wish = { scheme: 'https', caFile: 'ca.pem', bodyMatches: '^x$' }
  const finding = await ask(good, wish, io)
  t.match(finding, { outcome: 'ok', detail: { serverName: HOST, tlsVersion: 'TLSv1.3', httpStatus: 200 } })
  t.same(Object.keys(finding.phases), ['connect', 'tls', 'exchange'])
  t.same(await good.ended(1), ['fin'])
  const refused = await ask(bad, wish, io)
  t.match(refused, { outcome: 'tls_expired', endedIn: 'tls', detail: { certificateDaysLeft: -3 } })
  t.equal(refused.detail?.httpStatus, undefined, 'nothing is sent to a peer that is not trusted')
  t.match(await ask(good, { scheme: 'http' }), {
    outcome: /^(protocol_mismatch|connection_reset|http_status|ok)$/,
  })
})

t.test('what is no HTTP', async (t) => {
  const ssh = await answering('SSH-2.0-secret\r\n')
  const first = await trickling('220 secret smtp\r\n', 1)
  const reset = await resetting(20)
  const quiet = await silent()
  const cut = await answering('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc')
  t.teardown(() => Promise.all([ssh, first, reset, quiet, cut].map((server) => server.close())))
  const io = testIo({ timeoutMs: 200 })
  for (const server of [ssh, first]) {
    const finding = await ask(server, {}, io)
    t.match(finding, { outcome: 'protocol_mismatch', endedIn: 'exchange', detail: { code: /^HPE_/ } })
    t.notMatch(JSON.stringify(finding), /secret/)
  }
  t.match(await ask(reset, {}, io), { outcome: 'connection_reset', endedIn: 'exchange' })
  t.match(await ask(quiet, {}, io), { outcome: 'exchange_timeout', endedIn: 'exchange' })
  t.match(await ask(cut, {}, io), { outcome: 'ok' }, 'the status is all that was asked for')
  t.match(await ask(cut, { bodyMatches: 'abc' }, io), { outcome: 'connection_reset' })
  const hello = await trickling('HTTP/1.1 200 OK\r\n', 60)
  t.teardown(hello.close)
  t.match(await ask(hello, {}, io), { outcome: 'exchange_timeout' })
})

t.test('a body of a gigabyte is not read', async (t) => {
  const head = `HTTP/1.1 200 OK\r\nContent-Length: ${1024 ** 3}\r\n\r\n`
  const server = await flooding(1024 ** 3, head)
  const headers = await flooding(1024 ** 3, 'HTTP/1.1 200 OK\r\nX-Long: ')
  t.teardown(() => Promise.all([server.close(), headers.close()]))
  const before = process.memoryUsage().rss
  t.match(await ask(server), { outcome: 'ok' })
  t.match(await ask(server, { bodyMatches: '^x+$' }), { outcome: 'ok' })
  t.match(await ask(headers), { outcome: 'protocol_mismatch', detail: { code: 'HPE_HEADER_OVERFLOW' } })
  t.ok(process.memoryUsage().rss - before < 200 * 1024 ** 2)
  await server.ended(2)
})

t.test('redirects', async (t) => {
  const last = await serve((request, response) => {
    response.statusCode = request.headers['x-extra'] === undefined ? 200 : 500
    response.end('arrived')
  })
  const server = await serve((request, response) => {
    response.statusCode = 302
    const to: Record<string, string> = {
      '/once': `http://other.test:${last.port}/end?token=secret`,
      '/relative': '/once',
      '/loop': '/loop',
      '/ftp': 'ftp://other.test/',
      '/refused': 'http://169.254.169.254/latest/secret',
    }
    response.setHeader('location', to[request.url ?? ''] ?? '/')
    response.end()
  })
  const asked: string[] = []
  const io = testIo({
    resolve: async (host, port): Promise<readonly Destination[]> => {
      asked.push(`${host}:${port}`)
      if (host === '169.254.169.254') throw new CheckFailure('not_allowed', 'link-local is never contacted')
      return [{ host, port, address: '127.0.0.1', family: 4 }]
    },
  })
  const wish = { followRedirects: 3, status: '200', headers: { 'X-Extra': 'for the first only' } }
  const twice = await ask(server, { ...wish, path: '/relative' }, io)
  t.match(twice, { outcome: 'ok', detail: { redirects: 2, httpStatus: 200 } })
  t.same(Object.keys(twice.phases), ['dns', 'connect', 'exchange'])
  t.same(asked, [`${HOST}:${server.port}`, `other.test:${last.port}`])
  t.notMatch(JSON.stringify(twice), /secret/)
  t.match(await ask(server, { ...wish, path: '/loop' }, io), {
    outcome: 'http_status',
    endedIn: 'exchange',
    detail: { redirects: 3, httpStatus: 302, message: /more than 3/ },
  })
  t.match(await ask(server, { ...wish, path: '/ftp' }, io), { outcome: 'protocol_mismatch' })
  const refused = await ask(server, { ...wish, path: '/refused' }, io)
  t.match(refused, { outcome: 'not_allowed', endedIn: 'plan', detail: { redirects: 1 } })
  t.notMatch(JSON.stringify(refused), /secret/)
})

t.test('holds, aborts, and forty at once', async (t) => {
  const server = await serve((_request, response) => response.end('x'))
  t.match(await ask(server, { holdMs: 30 }), { outcome: 'ok', detail: { heldMs: 30, httpStatus: 200 } })
  const quiet = await silent()
  t.teardown(quiet.close)
  const abort = new AbortController()
  const pending = ask(quiet, {}, testIo({ signal: abort.signal, timeoutMs: 60_000 }))
  setTimeout(() => abort.abort(), 30)
  t.match(await pending, { outcome: 'deadline', endedIn: 'exchange' })
  await quiet.ended(1)
  const io = testIo()
  const findings = await Promise.all(Array.from({ length: 40 }, () => ask(server, { bodyMatches: 'x' }, io)))
  t.ok(findings.every(({ outcome }) => outcome === 'ok'))
  t.ok((await server.ended(41)).every((ending) => ending === 'fin'))
  t.equal(await server.connections(), 0)
})
