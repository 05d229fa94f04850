import t from 'tap'
import { tcp } from '../../probe/checks/tcp.js'
import { tls } from '../../probe/checks/tls.js'
import type { TcpCheck, TlsCheck } from '../../probe/plan.schema.js'
import { certificates, type ServerCertificate, type TestCertificates } from '../support/certs.js'
import {
  answering,
  blackHole,
  cuttingHello,
  hasIpv6,
  listen,
  silent,
  type TestServer,
  tlsServer,
} from '../support/servers.js'
import { destinationOf, testIo } from './transport.js'

const check = (more: Partial<TlsCheck> = {}): TlsCheck => ({
  kind: 'tls',
  name: 'secure',
  host: 'sonde.test',
  ...more,
})

/** Probes a server that shows `shown`, trusting the root of `trusted` in addition to Node's own. */
async function probeTls(
  shown: ServerCertificate,
  trusted: ServerCertificate,
  more: Partial<TlsCheck> = {},
  host?: string,
): Promise<{ finding: Awaited<ReturnType<typeof tls.probe>>; server: TestServer; names: unknown[] }> {
  const names: unknown[] = []
  const server = await tlsServer(shown, (socket) => names.push(socket.servername), host)
  t.teardown(server.close)
  const wish = check({ host: server.host, serverName: 'sonde.test', caFile: 'ca.pem', ...more })
  const io = testIo({ assets: { 'ca.pem': trusted.ca, 'rds-ca.pem': trusted.ca } })
  return { finding: await tls.probe(wish, destinationOf(server, wish.host), io), server, names }
}

t.test('where it connects to', async (t) => {
  t.same(tls.endpoint(check(), {}), { host: 'sonde.test', port: 443, target: 'sonde.test:443' })
  t.same(tls.endpoint(check({ host: '::1', port: 8443 }), {}).target, '[::1]:8443')
})

t.test('a valid certificate', async (t) => {
  const { valid } = await certificates
  const { finding, server, names } = await probeTls(valid, valid)
  t.match(finding, {
    outcome: 'ok',
    detail: {
      serverName: 'sonde.test',
      tlsVersion: 'TLSv1.3',
      cipher: /^TLS_/,
      certificateSubject: 'CN=sonde.test, O=Sonde',
      certificateIssuer: 'CN=Sonde test root',
      certificateNotBefore: /^\d{4}-.*Z$/,
      certificateExpires: /^\d{4}-.*Z$/,
      certificateDaysLeft: 399,
    },
  })
  t.equal(finding.endedIn, undefined)
  t.same(Object.keys(finding.phases), ['connect', 'tls'])
  t.same(names, ['sonde.test'])
  t.same(await server.ended(1), ['fin'])
})

const refusals: ReadonlyArray<[keyof TestCertificates, string, string, RegExp]> = [
  ['expired', 'tls_expired', 'CERT_HAS_EXPIRED', /CN=sonde.test, O=Sonde expired on 20/],
  ['notYetValid', 'tls_expired', 'CERT_NOT_YET_VALID', /is not valid before 20/],
  ['selfSigned', 'tls_untrusted', 'DEPTH_ZERO_SELF_SIGNED_CERT', /CN=sonde.test/],
  ['untrusted', 'tls_untrusted', '', /issued by CN=Sonde test root/],
  ['incomplete', 'tls_untrusted', 'UNABLE_TO_VERIFY_LEAF_SIGNATURE', /Subordinate CA/],
]
for (const [name, outcome, code, message] of refusals) {
  t.test(`${name} is ${outcome}, and still described`, async (t) => {
    const made = await certificates
    const trusted = name === 'incomplete' ? made.rdsLike : made.valid
    const { finding, server } = await probeTls(made[name], trusted)
    t.match(finding, { outcome, endedIn: 'tls', detail: { message, code: new RegExp(code) } })
    t.match(finding.detail, { certificateSubject: /CN=/, certificateExpires: /Z$/, tlsVersion: 'TLSv1.3' })
    t.same(Object.keys(finding.phases), ['connect', 'tls'])
    await server.ended(1)
  })
}

t.test('the name', async (t) => {
  const { valid, wrongName, untrusted } = await certificates
  const wrong = await probeTls(wrongName, valid)
  t.match(wrong.finding, {
    outcome: 'tls_name_mismatch',
    endedIn: 'tls',
    detail: { message: /not for sonde.test; it names DNS:other.test/ },
  })
  const both = await probeTls(untrusted, valid, { serverName: 'third.test' })
  t.match(both.finding, { outcome: 'tls_untrusted', detail: { message: /nor is it for third.test/ } })
  const address = await probeTls(valid, valid, { serverName: '127.0.0.1' })
  t.equal(address.finding.outcome, 'ok')
  t.same(address.names, [false], 'an address is never sent as SNI')
  t.equal(address.finding.detail?.serverName, undefined)
  const other = await probeTls(valid, valid, { serverName: '127.0.0.9' })
  t.equal(other.finding.outcome, 'tls_name_mismatch')
})

t.test('over IPv6', { skip: skipV6() }, async (t) => {
  const { valid } = await certificates
  const { finding, names } = await probeTls(valid, valid, { serverName: '::1' }, '::1')
  t.equal(finding.outcome, 'ok')
  t.same(names, [false])
})

t.test('days left', async (t) => {
  const { tenDays, expired, agingIssuer } = await certificates
  t.match((await probeTls(tenDays, tenDays, { minDaysLeft: 10 })).finding, { outcome: 'ok' })
  t.match((await probeTls(tenDays, tenDays, { minDaysLeft: 11 })).finding, {
    outcome: 'tls_expired',
    endedIn: 'tls',
    detail: { certificateDaysLeft: 10, message: /in 10 days, fewer than the 11/ },
  })
  t.match((await probeTls(expired, expired)).finding.detail, { certificateDaysLeft: -3 })
  // The chain is as good as the first of its certificates to run out; a root is not the server's to renew.
  t.match((await probeTls(agingIssuer, agingIssuer, { minDaysLeft: 20 })).finding, { outcome: 'ok' })
  t.match((await probeTls(agingIssuer, agingIssuer, { minDaysLeft: 21 })).finding, {
    outcome: 'tls_expired',
    endedIn: 'tls',
    detail: {
      certificateDaysLeft: 399,
      message:
        'the certificate of its issuer, CN=Sonde test aging CA, expires in 20 days, fewer than the 21 asked for',
    },
  })
})

t.test('a server that asks for a client certificate', async (t) => {
  const { valid } = await certificates
  const to = { caFile: 'ca.pem', host: 'sonde.test' }
  const io = (more: Parameters<typeof testIo>[0] = {}): ReturnType<typeof testIo> =>
    testIo({ assets: { 'ca.pem': valid.ca }, ...more })
  for (const [version, code] of [
    ['TLSv1.3', 'ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED'],
    // OpenSSL 3 still calls it after SSLv3; OpenSSL 4, in Node 26, no longer does.
    ['TLSv1.2', /^ERR_SSL_(SSLV3|SSL\/TLS)_ALERT_HANDSHAKE_FAILURE$/],
  ] as const) {
    const strict = { ...valid, requestCert: true, rejectUnauthorized: true, maxVersion: version }
    const demanding = await tlsServer(strict)
    const asking = await tlsServer({ ...strict, rejectUnauthorized: false })
    t.teardown(() => Promise.all([demanding.close(), asking.close()]))
    const refused = { outcome: 'tls_failed', endedIn: 'tls', detail: { code, tlsVersion: version } }
    if (version === 'TLSv1.2') Reflect.deleteProperty(refused.detail, 'tlsVersion')
    t.match(await tls.probe(check(to), destinationOf(demanding, 'sonde.test'), io()), refused, version)
    t.match(await tls.probe(check(to), destinationOf(asking, 'sonde.test'), io()), { outcome: 'ok' })
    const upgrade: TcpCheck = { kind: 'tcp', name: 'x', port: 1, exchange: [{ startTls: true }], ...to }
    t.match(await tcp.probe(upgrade, destinationOf(demanding, 'sonde.test'), io()), refused)
    t.match(await tcp.probe(upgrade, destinationOf(asking, 'sonde.test'), io()), { outcome: 'ok' })
  }
})

t.test('roots', async (t) => {
  const { rdsLike, valid } = await certificates
  const server = await tlsServer(rdsLike)
  t.teardown(server.close)
  const to = destinationOf(server, 'localhost')
  const rds = { assets: { 'rds-ca.pem': rdsLike.ca } }
  const wish = check({ host: 'localhost' })
  t.equal((await tls.probe(wish, to, testIo(rds))).outcome, 'tls_untrusted', 'system roots do not know it')
  t.equal((await tls.probe({ ...wish, ca: 'rds' }, to, testIo(rds))).outcome, 'ok')
  await t.rejects(tls.probe({ ...wish, ca: 'rds' }, to, testIo()), /rds-ca.pem/)
  await t.rejects(
    tls.probe({ ...wish, caFile: 'x' }, to, testIo({ assets: { x: 'no pem' } })),
    /x holds no PEM certificate/,
  )
  const broken = valid.ca.replace(/MII/, 'AAA')
  await t.rejects(tls.probe({ ...wish, caFile: 'x' }, to, testIo({ assets: { x: broken } })), /can't be read/)

  let reads = 0
  const base = testIo()
  const shared = {
    ...base,
    secureContexts: new Map(),
    readAsset: async () => {
      reads += 1
      return rdsLike.ca
    },
  }
  const many = await Promise.all([1, 2, 3].map(() => tls.probe({ ...wish, ca: 'rds' }, to, shared)))
  t.ok(many.every(({ outcome }) => outcome === 'ok'))
  t.equal(reads, 1, 'parsed once a run')
})

t.test('a hello that is cut names what was asked for', async (t) => {
  for (const how of ['rst', 'fin'] as const) {
    const server = await cuttingHello(how)
    t.teardown(server.close)
    t.match(await tls.probe(check(), destinationOf(server, 'sonde.test'), testIo()), {
      outcome: 'connection_reset',
      endedIn: 'tls',
      detail: { serverName: 'sonde.test' },
    })
  }
})

t.test('what is no TLS', async (t) => {
  const banner = await listen((socket) => void socket.write('SSH-2.0-OpenSSH_9.6\r\n'))
  const text = await answering('HTTP/1.1 400 Bad Request\r\n\r\n')
  t.teardown(() => Promise.all([banner.close(), text.close()]))
  for (const server of [banner, text]) {
    const finding = await tls.probe(check(), destinationOf(server), testIo())
    t.match(finding, { outcome: 'protocol_mismatch', endedIn: 'tls' })
    t.notMatch(JSON.stringify(finding), /OpenSSH|Bad Request/)
  }
})

t.test('an alert keeps its code', async (t) => {
  const alert = await listen((socket) =>
    socket.once('data', () => socket.end(Buffer.from('15030300020228', 'hex'))),
  )
  t.teardown(alert.close)
  t.match(await tls.probe(check(), destinationOf(alert), testIo()), {
    outcome: 'tls_failed',
    endedIn: 'tls',
    detail: { code: /ALERT_HANDSHAKE_FAILURE/ },
  })
})

t.test("silence during the handshake, and the run's end", async (t) => {
  const server = await silent()
  const hole = await blackHole()
  t.teardown(() => Promise.all([server.close(), hole.close()]))
  const to = destinationOf(server, 'sonde.test')
  t.match(await tls.probe(check(), to, testIo({ timeoutMs: 50 })), {
    outcome: 'exchange_timeout',
    endedIn: 'tls',
  })
  t.match(await tls.probe(check(), destinationOf(hole), testIo({ timeoutMs: 50 })), {
    outcome: 'connect_timeout',
  })
  const abort = new AbortController()
  const pending = tls.probe(check(), to, testIo({ signal: abort.signal, timeoutMs: 60_000 }))
  setTimeout(() => abort.abort(), 20)
  t.match(await pending, { outcome: 'deadline', endedIn: 'tls' })
  await server.ended(2)
})

t.test('holds, and then uses the connection', async (t) => {
  const { valid } = await certificates
  const { finding, server } = await probeTls(valid, valid, { holdMs: 30 })
  t.match(finding, { outcome: 'ok', detail: { heldMs: 30 } })
  t.same(await server.ended(1), ['fin'])
})

t.test('forty at once', async (t) => {
  const { valid } = await certificates
  const server = await tlsServer(valid)
  t.teardown(server.close)
  const io = { ...testIo({ assets: { 'ca.pem': valid.ca } }), secureContexts: new Map() }
  const wish = check({ caFile: 'ca.pem' })
  const findings = await Promise.all(
    Array.from({ length: 40 }, () => tls.probe(wish, destinationOf(server, 'sonde.test'), io)),
  )
  t.ok(findings.every(({ outcome }) => outcome === 'ok'))
  t.ok((await server.ended(40)).every((ending) => ending === 'fin'))
})

function skipV6(): string | false {
  if (hasIpv6) return false
  if (process.env['CI'] === 'true') throw new Error('CI needs ::1 on its loopback')
  return 'this machine has no ::1'
}
