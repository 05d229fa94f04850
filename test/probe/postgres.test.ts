import { PGlite } from '@electric-sql/pglite'
import { PGLiteSocketServer } from '@electric-sql/pglite-socket'
import t from 'tap'
import type { Finding } from '../../probe/checks/check.js'
import { postgres } from '../../probe/checks/postgres.js'
import { reached } from '../../probe/outcome.js'
import type { PostgresCheck } from '../../probe/plan.schema.js'
import { certificates } from '../support/certs.js'
import { freePort, isMissing, postgresBinaries, skipReason, startPostgres } from '../support/databases.js'
import { answering, cuttingHello, listen, silent, type TestServer } from '../support/servers.js'
import { destinationOf, testIo } from './transport.js'

const pems = await certificates
const io = testIo({ assets: { 'rds-ca.pem': pems.valid.ca } })

function probe(port: number, more: Partial<PostgresCheck> = {}, timeoutMs = 5000): Promise<Finding> {
  const check: PostgresCheck = { kind: 'postgres', name: 'db', host: 'localhost', ...more }
  return postgres.probe(check, destinationOf({ host: '127.0.0.1', port }, 'localhost'), { ...io, timeoutMs })
}

/** Answers the first bytes with a plain `N` (no TLS) where asked, and the next with `bytes`. */
function answeringStartup(bytes: Buffer): Promise<TestServer> {
  return listen((socket) => socket.once('data', () => socket.end(bytes)))
}

function errorResponse(code: string, message: string): Buffer {
  const fields = Buffer.from(`SFATAL\0VFATAL\0C${code}\0M${message}\0Fpostmaster.c\0L2357\0\0`)
  const head = Buffer.from([0x45, 0, 0, 0, 0])
  head.writeUInt32BE(fields.length + 4, 1)
  return Buffer.concat([head, fields])
}

t.test('a real PostgreSQL', { skip: skipReason(postgresBinaries()) }, async (t) => {
  const binaries = postgresBinaries()
  if (isMissing(binaries)) return
  const server = await startPostgres(binaries, {
    tls: pems.valid,
    hba: [
      'host all trusted 127.0.0.1/32 trust',
      'host all old 127.0.0.1/32 md5',
      'host all clear 127.0.0.1/32 password',
      'host all barred 127.0.0.1/32 reject',
      'hostssl all forced 127.0.0.1/32 scram-sha-256',
      'host all sonde 127.0.0.1/32 scram-sha-256',
    ],
  })
  t.teardown(() => server.stop())
  for (const user of ['trusted', 'old', 'clear', 'forced'])
    server.query(`CREATE ROLE ${user} LOGIN PASSWORD 'x'`)

  t.test('asks for a password over a verified connection', async (t) => {
    const found = await probe(server.port)
    t.equal(found.outcome, 'ok')
    t.match(found.detail, {
      authentication: /scram-sha-256/,
      tlsOffered: true,
      tlsVersion: 'TLSv1.3',
      certificateIssuer: /Sonde test root/,
    })
    t.ok(
      found.phases.connect !== undefined &&
        found.phases.tls !== undefined &&
        found.phases.exchange !== undefined,
    )
  })

  t.test('names each way to log in', async (t) => {
    t.equal((await probe(server.port, { user: 'clear', tls: 'off' })).detail?.authentication, 'cleartext')
    t.equal((await probe(server.port, { user: 'sonde', tls: 'off' })).detail?.authentication, 'scram-sha-256')
    // A role whose password is kept as SCRAM is asked by SCRAM also where md5 is allowed.
    t.match(
      (await probe(server.port, { user: 'old', tls: 'off' })).detail?.authentication,
      /^(md5|scram-sha-256)$/,
    )
  })

  t.test('tells the version and logs out where the server lets it in', async (t) => {
    const found = await probe(server.port, { user: 'trusted', database: 'postgres' })
    t.equal(found.outcome, 'ok')
    t.equal(found.detail?.authentication, 'ok')
    t.match(found.detail?.serverVersion, /^\d+\./)
  })

  t.test('an unknown database proves the path', async (t) => {
    const found = await probe(server.port, { user: 'trusted', database: 'nowhere' })
    t.equal(found.outcome, 'ok')
    t.equal(found.detail?.code, '3D000')
  })

  t.test('N18: a server that demands TLS is named as that', async (t) => {
    const plain = await probe(server.port, { user: 'forced', tls: 'off' })
    t.equal(plain.outcome, 'protocol_mismatch')
    t.equal(plain.detail?.code, '28000')
    t.match(plain.detail?.message, /no pg_hba.conf entry .* no encryption/)
    t.equal(reached(plain.outcome), 'true')
    const encrypted = await probe(server.port, { user: 'forced' })
    t.equal(encrypted.outcome, 'ok')
  })

  t.test('a user that is barred is a matter of rights', async (t) => {
    const found = await probe(server.port, { user: 'barred' })
    t.equal(found.outcome, 'ok')
    t.equal(found.detail?.code, '28000')
  })

  t.test(
    'a certificate of an unknown authority is refused, unless only encryption is asked for',
    async (t) => {
      const strange = { ...io, assets: {}, readAsset: async () => pems.rdsLike.ca }
      const check: PostgresCheck = { kind: 'postgres', name: 'db', host: 'localhost' }
      const to = destinationOf({ host: '127.0.0.1', port: server.port }, 'localhost')
      const refused = await postgres.probe(check, to, strange)
      t.equal(refused.outcome, 'tls_untrusted')
      t.equal(refused.endedIn, 'tls')
      t.equal((await postgres.probe({ ...check, tls: 'require' }, to, strange)).outcome, 'ok')
    },
  )

  t.test('the name in the certificate counts', async (t) => {
    const found = await probe(server.port, { serverName: 'elsewhere.test' })
    t.equal(found.outcome, 'tls_name_mismatch')
  })

  t.test('holds the connection, then uses it', async (t) => {
    const found = await probe(server.port, { holdMs: 120 }, 5000)
    t.equal(found.outcome, 'ok')
    t.equal(found.detail?.heldMs, 120)
  })

  t.test('no check is logged as a protocol violation', async (t) => {
    const before = server.query('SELECT count(*) FROM pg_stat_activity').trim()
    for (let i = 0; i < 20; i++) await probe(server.port)
    t.equal(server.query('SELECT count(*) FROM pg_stat_activity').trim(), before, 'and none leaves a session')
    t.notMatch(
      server.log(),
      /expected .* response|invalid frontend message|unexpected EOF|could not accept SSL/,
    )
  })
})

t.test('PostgreSQL in this process (PGlite)', async (t) => {
  const database = await PGlite.create()
  const port = await freePort()
  const server = new PGLiteSocketServer({ db: database, port, host: '127.0.0.1' })
  await server.start()
  t.teardown(async () => {
    await server.stop()
    await database.close()
  })
  const found = await probe(port, { tls: 'off', user: 'postgres' })
  t.equal(found.outcome, 'ok')
  t.match(found.detail?.serverVersion ?? found.detail?.authentication, /\S/)
})

t.test('servers that only answer so', async (t) => {
  const cases: readonly [string, Partial<PostgresCheck>, Buffer | string, Finding['outcome'], object][] = [
    ['no TLS where TLS is asked for', {}, 'N', 'tls_failed', { tlsOffered: false }],
    ['another protocol', {}, 'HTTP/1.1 400 Bad Request\r\n\r\n', 'protocol_mismatch', {}],
    ['another protocol, plain', { tls: 'off' }, 'HTTP/1.1 400 Bad Request\r\n\r\n', 'protocol_mismatch', {}],
    ['bytes that come in plain before TLS', {}, 'Sxxxx', 'protocol_mismatch', {}],
    [
      'starting up',
      { tls: 'off' },
      errorResponse('57P03', 'the database system is starting up'),
      'protocol_mismatch',
      { code: '57P03' },
    ],
    [
      'full',
      { tls: 'off' },
      errorResponse('53300', 'sorry, too many clients already'),
      'protocol_mismatch',
      { code: '53300' },
    ],
    [
      'can not fork',
      {},
      errorResponse('53000', 'could not fork new process'),
      'protocol_mismatch',
      { code: '53000' },
    ],
    [
      'wrong password',
      { tls: 'off' },
      errorResponse('28P01', 'password authentication failed'),
      'ok',
      { code: '28P01' },
    ],
    [
      'RDS Proxy without TLS',
      { tls: 'off' },
      errorResponse('28000', 'This RDS Proxy requires TLS connections'),
      'protocol_mismatch',
      { code: '28000' },
    ],
    [
      'an unknown authentication',
      { tls: 'off' },
      Buffer.from([0x52, 0, 0, 0, 8, 0, 0, 0, 99]),
      'protocol_mismatch',
      {},
    ],
    ['half a message', { tls: 'off' }, Buffer.from([0x52, 0, 0, 0, 8, 0]), 'protocol_mismatch', {}],
    [
      'a message of 4 GB',
      { tls: 'off' },
      Buffer.from([0x52, 255, 255, 255, 255, 0]),
      'protocol_mismatch',
      {},
    ],
    ['nothing', { tls: 'off' }, '', 'connection_reset', {}],
  ]
  for (const [name, more, bytes, outcome, detail] of cases) {
    const server = typeof bytes === 'string' ? await answering(bytes) : await answeringStartup(bytes)
    const found = await probe(server.port, more)
    t.equal(found.outcome, outcome, name)
    t.match(found.detail, detail, name)
    await server.close()
  }
  const said: Buffer[] = []
  const open = await listen((socket) => {
    socket.once('data', () => {
      socket.on('data', (chunk: Buffer) => said.push(chunk))
      // AuthenticationOk and ReadyForQuery.
      socket.write(Buffer.from([0x52, 0, 0, 0, 8, 0, 0, 0, 0, 0x5a, 0, 0, 0, 5, 0x49]))
    })
  })
  t.match(await probe(open.port, { tls: 'off' }), { outcome: 'ok', detail: { authentication: 'ok' } })
  await open.ended(1)
  t.same(Buffer.concat(said), Buffer.from([0x58, 0, 0, 0, 4]), 'who was let in says good-bye')
  await open.close()
  const cut = await cuttingHello('rst')
  t.equal((await probe(cut.port)).outcome, 'connection_reset')
  await cut.close()
  const mute = await silent()
  const found = await probe(mute.port, {}, 150)
  t.equal(found.outcome, 'exchange_timeout')
  t.equal(found.endedIn, 'exchange')
  await mute.close()
})

t.test('a long hold is warned of', async (t) => {
  const check: PostgresCheck = { kind: 'postgres', name: 'db', host: '::1', holdMs: 360_000 }
  t.match(postgres.warnings?.(check), [/authentication_timeout/])
  t.same(postgres.endpoint(check, {}), { host: '::1', port: 5432, target: '[::1]:5432' })
})
