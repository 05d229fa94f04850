import t from 'tap'
import type { Finding } from '../../probe/checks/check.js'
import { redis } from '../../probe/checks/redis.js'
import type { RedisCheck } from '../../probe/plan.schema.js'
import { certificates } from '../support/certs.js'
import { isMissing, redisBinaries, skipReason, startRedis } from '../support/databases.js'
import { answering, greeting, listen, silent } from '../support/servers.js'
import { destinationOf, testIo } from './transport.js'

const pems = await certificates

function probe(port: number, more: Partial<RedisCheck> = {}, timeoutMs = 5000): Promise<Finding> {
  const check: RedisCheck = { kind: 'redis', name: 'cache', host: 'localhost', ...more }
  const io = testIo({ timeoutMs, assets: { 'ca.pem': pems.valid.ca } })
  return redis.probe(check, destinationOf({ host: '127.0.0.1', port }, 'localhost'), io)
}

t.test('a real Redis', { skip: skipReason(redisBinaries()) }, async (t) => {
  const binaries = redisBinaries()
  if (isMissing(binaries)) return

  t.test('plain', async (t) => {
    const server = await startRedis(binaries)
    t.teardown(() => server.stop())
    const found = await probe(server.port)
    t.match(found, {
      outcome: 'ok',
      detail: { authentication: 'ok', server: /redis|valkey/, serverVersion: /^\d+\.\d+/ },
    })
    t.equal((await probe(server.port, { holdMs: 60 })).detail?.heldMs, 60)
    for (let i = 0; i < 20; i++) await probe(server.port)
    t.match(server.query('INFO clients'), /connected_clients:1\b/, 'only the administrator is left')
    // A TLS hello has no line end: Redis waits for one and never answers.
    t.match(await probe(server.port, { tls: 'verify' }, 200), { outcome: 'exchange_timeout', endedIn: 'tls' })
  })

  t.test('with a password', async (t) => {
    const server = await startRedis(binaries, { settings: ['--requirepass', 'secret'] })
    t.teardown(() => server.stop())
    t.match(await probe(server.port), {
      outcome: 'ok',
      detail: { code: 'NOAUTH', authentication: 'required' },
    })
  })

  t.test('with a right that is missing', async (t) => {
    const server = await startRedis(binaries)
    t.teardown(() => server.stop())
    server.query('ACL SETUSER default -ping')
    t.match(await probe(server.port), { outcome: 'ok', detail: { code: 'NOPERM' } })
  })

  t.test('without a connection to spare', async (t) => {
    const server = await startRedis(binaries, { settings: ['--maxclients', '2'] })
    t.teardown(() => server.stop())
    const found = await Promise.all(Array.from({ length: 8 }, () => probe(server.port, { holdMs: 400 })))
    t.ok(found.some(({ outcome }) => outcome === 'ok'))
    const refused = found.filter(({ outcome }) => outcome !== 'ok')
    t.ok(refused.length > 0)
    for (const one of refused)
      t.match(one, { outcome: 'protocol_mismatch', detail: { message: /max number of clients/ } })
  })

  t.test('TLS', async (t) => {
    const server = await startRedis(binaries, { tls: pems.valid })
    t.teardown(() => server.stop())
    t.match(await probe(server.port, { tls: 'verify', caFile: 'ca.pem' }), {
      outcome: 'ok',
      detail: { tlsVersion: /^TLSv1/, serverVersion: /^\d/ },
    })
    t.equal((await probe(server.port, { tls: 'verify' })).outcome, 'tls_untrusted')
    t.equal((await probe(server.port, { tls: 'require' })).outcome, 'ok')
    t.match(
      (await probe(server.port)).outcome,
      /^(protocol_mismatch|connection_reset)$/,
      'plain to a TLS port',
    )
  })
})

t.test('servers that only answer so', async (t) => {
  const protectedMode = await greeting('-DENIED Redis is running in protected mode because\r\n')
  t.match(await probe(protectedMode.port), { outcome: 'ok', detail: { code: 'DENIED' } })
  const dropping = await listen((socket) => socket.end('-DENIED Redis is running in protected mode\r\n'))
  t.match(await probe(dropping.port), { outcome: 'ok', detail: { code: 'DENIED' } })
  const loading = await answering('-LOADING Redis is loading the dataset in memory\r\n')
  t.match(await probe(loading.port), { outcome: 'ok', detail: { code: 'LOADING' } })
  const web = await answering('HTTP/1.1 400 Bad Request\r\n\r\n')
  t.equal((await probe(web.port)).outcome, 'protocol_mismatch')
  const endless = await answering('+PONG'.padEnd(4000, 'x'))
  t.equal((await probe(endless.port)).outcome, 'protocol_mismatch')
  const closing = await answering('+PONG\r\n')
  t.equal((await probe(closing.port)).outcome, 'ok', 'a server that closes right after')
  const forgetful = await listen((socket) => socket.once('data', () => socket.write('+PONG\r\n')))
  const held = await probe(forgetful.port, { holdMs: 30 }, 300)
  t.match(held, { outcome: 'exchange_timeout', endedIn: 'exchange' }, 'what was held must be of use')
  await forgetful.close()
  const mute = await silent()
  t.equal((await probe(mute.port, {}, 100)).outcome, 'exchange_timeout')
  for (const server of [protectedMode, dropping, loading, web, endless, closing, mute]) await server.close()
})
