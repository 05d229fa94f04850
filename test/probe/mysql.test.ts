import { type AddressInfo, connect, createServer } from 'node:net'
import t from 'tap'
import type { Finding } from '../../probe/checks/check.js'
import { mysql } from '../../probe/checks/mysql.js'
import type { MysqlCheck } from '../../probe/plan.schema.js'
import { certificates } from '../support/certs.js'
import { type Database, isMissing, mariadbBinaries, skipReason, startMariadb } from '../support/databases.js'
import { answering, greeting, listen, silent } from '../support/servers.js'
import { destinationOf, testIo } from './transport.js'

/** MariaDB's host cache leaves 127.0.0.1 out, so the checks come from another loopback address. */
const CLIENT = '127.0.0.9'
const CHECKS = 200
const MAX_CONNECT_ERRORS = 10

const pems = await certificates
const contexts = new Map()
const io = { ...testIo({ assets: { 'rds-ca.pem': pems.valid.ca } }), secureContexts: contexts }

function probe(port: number, more: Partial<MysqlCheck> = {}, timeoutMs = 5000): Promise<Finding> {
  const check: MysqlCheck = { kind: 'mysql', name: 'db', host: 'localhost', ...more }
  return mysql.probe(check, destinationOf({ host: '127.0.0.1', port }, 'localhost'), { ...io, timeoutMs })
}

async function relayFrom(
  address: string,
  port: number,
): Promise<{ port: number; stop: () => Promise<void> }> {
  const server = createServer({ allowHalfOpen: true }, (near) => {
    const far = connect({ port, host: '127.0.0.1', localAddress: address, allowHalfOpen: true })
    near.pipe(far).pipe(near)
    near.on('error', () => far.destroy())
    far.on('error', () => near.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const bound = server.address()
  return {
    port: isBound(bound) ? bound.port : 0,
    stop: () => new Promise((resolve) => server.close(() => resolve())),
  }
}

function isBound(address: AddressInfo | string | null): address is AddressInfo {
  return address !== null && typeof address === 'object'
}

/** All that MariaDB counts against its callers: the status counters, and the host cache's row of `CLIENT`. */
function counters(database: Database): Record<string, number> {
  const status = database.query(
    "SHOW GLOBAL STATUS WHERE Variable_name LIKE 'Aborted%' OR Variable_name LIKE 'Connection_errors%' OR Variable_name = 'Access_denied_errors'",
  )
  const columns = [
    [
      'SUM_CONNECT_ERRORS',
      'COUNT_HANDSHAKE_ERRORS',
      'COUNT_AUTHENTICATION_ERRORS',
      'COUNT_AUTH_PLUGIN_ERRORS',
    ],
    [
      'COUNT_HOST_BLOCKED_ERRORS',
      'COUNT_NO_AUTH_PLUGIN_ERRORS',
      'COUNT_LOCAL_ERRORS',
      'COUNT_UNKNOWN_ERRORS',
    ],
  ].flat()
  const row = database
    .query(
      `SELECT COUNT(*), ${columns.map((c) => `SUM(${c})`).join()} FROM performance_schema.host_cache WHERE IP='${CLIENT}' AND HOST_VALIDATED='YES'`,
    )
    .trim()
    .split('\t')
  const pairs = status
    .trim()
    .split('\n')
    .map((line) => line.split('\t'))
  return Object.fromEntries([
    ...pairs.map(([name = '', value]) => [name, Number(value)]),
    ...['rows', ...columns].map((name, at) => [name, Number(row[at])]),
  ])
}

function moved(before: Record<string, number>, after: Record<string, number>): Record<string, number> {
  return Object.fromEntries(
    Object.entries(after)
      .map(([name, value]): [string, number] => [name, value - (before[name] ?? 0)])
      .filter(([, by]) => by !== 0),
  )
}

/** What a plain TCP check does: connect, perhaps read the greeting, close. */
function connectAndDrop(port: number): Promise<void> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.once('data', () => socket.destroy())
    socket.on('error', () => undefined)
    socket.once('close', () => resolve())
  })
}

t.test('a real MariaDB', { skip: skipReason(mariadbBinaries()) }, async (t) => {
  const binaries = mariadbBinaries()
  if (isMissing(binaries)) return
  const server = await startMariadb(binaries, {
    tls: pems.valid,
    hosts: { [CLIENT]: 'caller.test' },
    settings: [`--max-connect-errors=${MAX_CONNECT_ERRORS}`, '--plugin-load-add=auth_ed25519'],
  })
  t.teardown(() => server.stop())
  const { port, stop } = await relayFrom(CLIENT, server.port)
  t.teardown(stop)
  server.query("CREATE USER sonde@'%'; CREATE USER locked@'%' IDENTIFIED BY 'secret'")
  server.query("CREATE USER ed@'%' IDENTIFIED VIA ed25519 USING PASSWORD('secret')")
  server.query("CREATE USER demanding@'%' REQUIRE SSL")

  t.test('logs in and out, over TLS and plain', async (t) => {
    const found = await probe(port)
    t.equal(found.outcome, 'ok')
    t.match(found.detail, {
      server: 'MariaDB',
      serverVersion: /^1\d\.\d+.*MariaDB/,
      authentication: 'ok',
      tlsOffered: true,
      tlsVersion: 'TLSv1.3',
      certificateIssuer: /Sonde test root/,
    })
    t.equal((await probe(port, { tls: 'off' })).outcome, 'ok')
    t.equal((await probe(port, { holdMs: 80 })).detail?.heldMs, 80)
  })

  t.test(`${CHECKS} checks move no counter of the server`, async (t) => {
    const before = counters(server)
    t.equal(before['rows'], 1, 'the host cache does count this caller')
    for (let i = 0; i < CHECKS; i++) {
      const found = await probe(port, i % 2 === 0 ? {} : { tls: 'off' })
      if (found.outcome !== 'ok') t.fail('a check failed', { found })
    }
    t.same(moved(before, counters(server)), {})
  })

  t.test('nor do checks whose certificate is refused', async (t) => {
    const before = counters(server)
    for (let i = 0; i < 2 * MAX_CONNECT_ERRORS; i++) {
      const found = await probe(port, { serverName: 'elsewhere.test' })
      t.equal(found.outcome, 'tls_name_mismatch')
      t.equal(found.endedIn, 'tls')
    }
    t.same(moved(before, counters(server)), {})
  })

  t.test('a refused log-in proves the path and never leads to a block', async (t) => {
    for (const user of ['nobody', 'locked', 'ed', 'demanding']) {
      const before = counters(server)
      const times = 3 * MAX_CONNECT_ERRORS
      for (let i = 0; i < times; i++) {
        const found = await probe(port, { user, tls: 'off' })
        t.equal(found.outcome, 'ok')
        t.match(found.detail, { authentication: 'denied', code: '1045', warnings: [/without password/] })
      }
      const {
        COUNT_AUTHENTICATION_ERRORS: wrong = 0,
        COUNT_AUTH_PLUGIN_ERRORS: unknown = 0,
        ...others
      } = moved(before, counters(server))
      t.same(others, { Aborted_connects: times, Access_denied_errors: times }, user)
      // Neither of these two leads to a block; an account that isn't there counts as the second in MariaDB.
      t.ok(wrong + unknown <= times, user)
    }
    t.equal((await probe(port)).outcome, 'ok', 'and the address is not blocked')
  })

  t.test('full: 1040', async (t) => {
    server.query('SET GLOBAL max_connections = 10')
    const holders = await Promise.all(
      Array.from({ length: 16 }, () => probe(server.port, { holdMs: 700, tls: 'off' })),
    )
    server.query('SET GLOBAL max_connections = 151')
    const refused = holders.filter(({ outcome }) => outcome !== 'ok')
    t.ok(refused.length > 0)
    for (const found of refused) t.match(found, { outcome: 'protocol_mismatch', detail: { code: '1040' } })
  })

  t.test('TLS demanded of everyone', async (t) => {
    server.query('SET GLOBAL require_secure_transport = ON')
    const plain = await probe(port, { tls: 'off' })
    // MySQL says so (3159); MariaDB only denies the log-in.
    t.match(plain, { outcome: 'ok', detail: { code: '1045', warnings: [/takes only encrypted/] } })
    t.equal((await probe(port)).outcome, 'ok')
    server.query('SET GLOBAL require_secure_transport = OFF')
  })

  t.test('the test can fail: connections that are dropped do block', async (t) => {
    const before = counters(server)
    for (let i = 0; i < 2 * MAX_CONNECT_ERRORS; i++) await connectAndDrop(port)
    t.match(await probe(port), { outcome: 'protocol_mismatch', detail: { code: '1129' } })
    const after = moved(before, counters(server))
    t.ok((after['SUM_CONNECT_ERRORS'] ?? 0) >= MAX_CONNECT_ERRORS)
    t.ok((after['COUNT_HOST_BLOCKED_ERRORS'] ?? 0) > 0)
    server.query('FLUSH HOSTS')
    t.equal((await probe(port)).outcome, 'ok')
  })
})

t.test(
  'a real MariaDB without TLS: the log-in is finished before TLS is missed',
  { skip: skipReason(mariadbBinaries()) },
  async (t) => {
    const binaries = mariadbBinaries()
    if (isMissing(binaries)) return
    const server = await startMariadb(binaries, { hosts: { [CLIENT]: 'caller.test' } })
    t.teardown(() => server.stop())
    const { port, stop } = await relayFrom(CLIENT, server.port)
    t.teardown(stop)
    server.query("CREATE USER sonde@'%'")
    await probe(port, { tls: 'off' })
    const before = counters(server)
    for (let i = 0; i < 20; i++)
      t.match(await probe(port), {
        outcome: 'tls_failed',
        detail: { tlsOffered: false, authentication: 'ok' },
      })
    t.same(moved(before, counters(server)), {})
  },
)

function packet(sequence: number, payload: Buffer): Buffer {
  return Buffer.concat([Buffer.from([payload.length & 0xff, payload.length >> 8, 0, sequence]), payload])
}

/** MySQL 8's greeting, as its protocol documentation lays it out. */
function greetingOf(version: string, plugin: string): Buffer {
  const capabilities = 0xdfff_f7ff
  return packet(
    0,
    Buffer.concat([
      Buffer.from(`\x0a${version}\0`, 'latin1'),
      Buffer.from([9, 0, 0, 0]),
      Buffer.from('12345678\0'),
      Buffer.from([
        capabilities & 0xff,
        (capabilities >> 8) & 0xff,
        0xff,
        2,
        0,
        (capabilities >>> 16) & 0xff,
        capabilities >>> 24,
        21,
      ]),
      Buffer.alloc(10),
      Buffer.from('123456789012\0'),
      Buffer.from(`${plugin}\0`),
    ]),
  )
}

/** Answers each packet of the client with the next of `answers`, and keeps what it said. */
async function scripted(answers: readonly Buffer[]) {
  const heard: Buffer[] = []
  const server = await listen((socket) => {
    let step = 0
    socket.write(answers[step++] ?? Buffer.alloc(0))
    socket.on('data', (chunk) => {
      heard.push(chunk)
      const next = answers[step++]
      if (next) socket.write(next)
    })
  })
  return { server, heard }
}

const OK = Buffer.from([0, 0, 0, 2, 0, 0, 0])

t.test('MySQL that takes only encrypted connections: 3159', async (t) => {
  const refusal = Buffer.from(
    '\xff\x57\x0c#HY000Connections using insecure transport are prohibited',
    'latin1',
  )
  const { server } = await scripted([greetingOf('8.4.3', 'caching_sha2_password'), packet(2, refusal)])
  const found = await probe(server.port, { tls: 'off' }, 1000)
  t.match(found, {
    outcome: 'protocol_mismatch',
    detail: { code: '3159', message: /^Connections using insecure/ },
  })
  await server.close()
})

t.test('the ways of MySQL 8 to ask for a password', async (t) => {
  const cases: readonly [string, string, readonly Buffer[], readonly string[]][] = [
    // caching_sha2_password takes one zero byte for an empty password.
    ['fast', 'caching_sha2_password', [packet(2, Buffer.from([1, 3])), packet(3, OK)], []],
    ['plain', 'caching_sha2_password', [packet(2, OK)], []],
    [
      'switch',
      'caching_sha2_password',
      [
        packet(2, Buffer.from('\xfemysql_native_password\x0012345678901234567890\0', 'latin1')),
        packet(4, OK),
      ],
      ['00000003'],
    ],
    [
      'switch to sha256',
      'mysql_native_password',
      [packet(2, Buffer.from('\xfesha256_password\x0012345678901234567890\0', 'latin1')), packet(4, OK)],
      ['0100000300'],
    ],
  ]
  for (const [name, plugin, answers, said] of cases) {
    const { server, heard } = await scripted([
      greetingOf('8.4.3', plugin),
      ...(name === 'fast' ? [Buffer.concat([...answers])] : answers),
    ])
    const found = await probe(server.port, { tls: 'off' }, 1000)
    t.match(
      found,
      { outcome: 'ok', detail: { server: 'MySQL', serverVersion: '8.4.3', authentication: 'ok' } },
      name,
    )
    await server.ended(1)
    const all = Buffer.concat(heard).toString('hex')
    for (const bytes of said) t.ok(all.includes(bytes), name)
    t.ok(all.endsWith('0100000001'), `${name}: ends with COM_QUIT`)
    await server.close()
  }
})

t.test('servers that only answer so', async (t) => {
  const error = (code: number, text: string): Buffer =>
    packet(0, Buffer.concat([Buffer.from([0xff, code & 0xff, code >> 8]), Buffer.from(text)]))
  const cases: readonly [string, Buffer | string, Finding['outcome'], object][] = [
    [
      'blocked',
      error(1129, "Host '10.0.0.1' is blocked because of many connection errors"),
      'protocol_mismatch',
      { code: '1129' },
    ],
    [
      'not allowed',
      error(1130, "Host '10.0.0.1' is not allowed to connect"),
      'protocol_mismatch',
      { code: '1130' },
    ],
    ['SSH', 'SSH-2.0-OpenSSH_9.2\r\n', 'protocol_mismatch', {}],
    ['another version', packet(0, Buffer.from('\x09old\0')), 'protocol_mismatch', {}],
    ['a greeting cut short', packet(0, Buffer.from('\x0a8.0\0')), 'protocol_mismatch', {}],
  ]
  for (const [name, bytes, outcome, detail] of cases) {
    const server = await (typeof bytes === 'string'
      ? greeting(bytes)
      : listen((socket) => void socket.write(bytes)))
    const found = await probe(server.port, { tls: 'off' })
    t.equal(found.outcome, outcome, name)
    t.match(found.detail, detail, name)
    await server.close()
  }
  const mute = await silent()
  t.equal((await probe(mute.port, {}, 100)).outcome, 'exchange_timeout')
  await mute.close()
  const web = await answering('HTTP/1.1 400 Bad Request\r\n\r\n')
  t.equal((await probe(web.port, {}, 100)).outcome, 'exchange_timeout', 'a server that waits to be spoken to')
  await web.close()
})
