import { createSecureContext, TLSSocket } from 'node:tls'
import t from 'tap'
import { matches } from '../../probe/checks/matching.js'
import { tcp } from '../../probe/checks/tcp.js'
import type { TcpCheck } from '../../probe/plan.schema.js'
import { certificates } from '../support/certs.js'
import { closedPort, greeting, listen, resetting, silent } from '../support/servers.js'
import { destinationOf, testIo } from './transport.js'

const check = (more: Partial<TcpCheck> = {}): TcpCheck => ({
  kind: 'tcp',
  name: 'port',
  host: '127.0.0.1',
  port: 1,
  ...more,
})

t.test('where it connects to, and what it warns of', async (t) => {
  t.same(tcp.endpoint(check({ host: '10.0.0.1', port: 22 }), {}), {
    host: '10.0.0.1',
    port: 22,
    target: '10.0.0.1:22',
  })
  t.same(tcp.warnings?.(check({ port: 5432 })), [])
  for (const port of [3306, 33060]) t.match(tcp.warnings?.(check({ port })), [/use kind mysql/])
})

t.test('an open port, a closed one', async (t) => {
  const server = await silent()
  t.teardown(server.close)
  const open = await tcp.probe(check(), destinationOf(server), testIo())
  t.match(open, { outcome: 'ok' })
  t.same(Object.keys(open.phases), ['connect'])
  t.same(await server.ended(1), ['fin'])
  const closed = { host: '127.0.0.1', port: await closedPort() }
  t.match(await tcp.probe(check(), destinationOf(closed), testIo()), {
    outcome: 'connect_refused',
    endedIn: 'connect',
  })
})

t.test('send and expect', async (t) => {
  const server = await listen((socket) => {
    socket.write('220-welcome\r\n220 ready\r\n')
    socket.on('data', () => socket.end('250-one\r\n250 done'))
  })
  t.teardown(server.close)
  const exchange = [{ expect: '^220 ' }, { send: 'EHLO sonde\r\n', expect: '^250 done$' }]
  const finding = await tcp.probe(check({ exchange }), destinationOf(server), testIo())
  t.match(finding, { outcome: 'ok' })
  t.same(Object.keys(finding.phases), ['connect', 'exchange'])
  t.equal(server.received(), 'EHLO sonde\r\n')
  t.same(await server.ended(1), ['fin'])
})

t.test('lines that do not match', async (t) => {
  const ssh = await greeting('SSH-2.0-secret\r\n')
  const flood = await greeting('x\n'.repeat(100_000))
  const longLine = await greeting('x'.repeat(10_000))
  const closing = await listen((socket) => socket.end('no\nno'))
  t.teardown(() => Promise.all([ssh, flood, longLine, closing].map((server) => server.close())))
  for (const [server, message] of [
    [ssh, /step 1: none of 1 lines matched within the timeout/],
    [flood, /within 65536 bytes/],
    [longLine, /4096 bytes/],
    [closing, /before the peer closed/],
  ] as const) {
    const finding = await tcp.probe(
      check({ exchange: [{ expect: '^220' }] }),
      destinationOf(server),
      testIo({ timeoutMs: 300 }),
    )
    t.match(finding, { outcome: 'protocol_mismatch', endedIn: 'exchange', detail: { message } })
    t.notMatch(JSON.stringify(finding), /secret/)
  }
})

t.test('nothing comes', async (t) => {
  const server = await silent()
  const reset = await resetting()
  t.teardown(() => Promise.all([server.close(), reset.close()]))
  const wish = check({ exchange: [{ expect: '.' }] })
  t.match(await tcp.probe(wish, destinationOf(server), testIo({ timeoutMs: 50 })), {
    outcome: 'exchange_timeout',
  })
  t.match(await tcp.probe(wish, destinationOf(reset), testIo()), { outcome: 'connection_reset' })
})

t.test('starts TLS amid the exchange', async (t) => {
  const { valid } = await certificates
  const secureContext = createSecureContext(valid)
  const server = await listen((socket) => {
    socket.write('220 ready\r\n')
    socket.once('data', () => {
      socket.removeAllListeners('data')
      socket.write('220 go ahead\r\n')
      const secured = new TLSSocket(socket, { isServer: true, secureContext })
      secured.on('error', () => undefined)
      secured.on('data', () => secured.write('250 secret\r\n'))
    })
  })
  t.teardown(server.close)
  const exchange = [
    { expect: '^220' },
    { send: 'STARTTLS\r\n', expect: '^220', startTls: true },
    { send: 'EHLO\r\n', expect: '^250' },
  ]
  const to = destinationOf(server, 'sonde.test')
  const trusting = testIo({ assets: { 'ca.pem': valid.ca } })
  const finding = await tcp.probe(check({ exchange, caFile: 'ca.pem' }), to, trusting)
  t.match(finding, { outcome: 'ok', detail: { serverName: 'sonde.test', certificateDaysLeft: 399 } })
  t.same(Object.keys(finding.phases).sort(), ['connect', 'exchange', 'tls'])
  t.match(await tcp.probe(check({ exchange }), to, testIo()), { outcome: 'tls_untrusted', endedIn: 'tls' })
})

t.test('holds', async (t) => {
  const server = await silent()
  const forgetful = await listen(
    (socket) => socket.on('end', () => socket.resetAndDestroy()),
    undefined,
    true,
  )
  const echo = await listen((socket) => socket.pipe(socket))
  t.teardown(() => Promise.all([server, forgetful, echo].map((each) => each.close())))
  const holdMs = 20
  t.match(await tcp.probe(check({ holdMs }), destinationOf(server), testIo()), {
    outcome: 'ok',
    detail: { heldMs: holdMs },
  })
  t.match(await tcp.probe(check({ holdMs }), destinationOf(forgetful), testIo()), {
    outcome: 'connection_reset',
    endedIn: 'exchange',
    detail: { heldMs: holdMs },
  })
  const exchange = [{ send: 'still there?\n', expect: '^still there' }]
  t.match(await tcp.probe(check({ holdMs, exchange }), destinationOf(echo), testIo()), { outcome: 'ok' })
})

t.test('a pattern that would never end is stopped', async (t) => {
  t.ok(matches('^a+b', 'aaab'))
  t.notOk(matches('^220', 'x'))
  t.throws(() => matches('^(a+)+$', `${'a'.repeat(60)}b`), /took more than 100 ms/)
  t.throws(() => matches('(', 'x'), /no regular expression/)
  t.throws(() => matches('(+', 'x'), /no regular expression/)
})
