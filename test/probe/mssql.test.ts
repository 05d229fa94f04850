import type { Socket } from 'node:net'
import { Duplex } from 'node:stream'
import { TLSSocket } from 'node:tls'
import t from 'tap'
import type { Finding } from '../../probe/checks/check.js'
import { mssql } from '../../probe/checks/mssql.js'
import type { MssqlCheck } from '../../probe/plan.schema.js'
import { certificates, type ServerCertificate } from '../support/certs.js'
import { answering, listen, silent, type TestServer } from '../support/servers.js'
import { destinationOf, testIo } from './transport.js'

/**
 * No SQL Server runs here: it is not free to install. What answers is a responder written from MS-TDS: its pre-login answer has the
 * bytes of section 4.2's example, and its TLS handshake is a real one, inside TDS packets of type 0x12 as section 3.2.5.2 has it.
 */
const pems = await certificates

function probe(port: number, more: Partial<MssqlCheck> = {}, timeoutMs = 5000): Promise<Finding> {
  const check: MssqlCheck = { kind: 'mssql', name: 'db', host: 'localhost', ...more }
  const io = testIo({ timeoutMs, assets: { 'rds-ca.pem': pems.valid.ca } })
  return mssql.probe(check, destinationOf({ host: '127.0.0.1', port }, 'localhost'), io)
}

/** Section 4.2, "Pre-Login Response", with the encryption byte to choose: version 9.0 build 0. */
function preLoginAnswer(encryption: number): Buffer {
  const bytes =
    '04 01 00 2B 00 00 01 00 00 00 1A 00 06 01 00 20 00 01 02 00 21 00 01 03 00 22 00 00 04 00 22 00 01 FF 09 00 00 00 00 00 00 00 00'
  const answer = Buffer.from(bytes.replaceAll(' ', ''), 'hex')
  answer[8 + 0x20] = encryption
  return answer
}

interface Responder {
  readonly server: TestServer
  /** The first packet of each connection. */
  readonly asked: Buffer[]
  /** Versions of TLS agreed on. */
  readonly secured: string[]
}

async function sqlServer(
  encryption: number,
  identity: ServerCertificate = pems.valid,
  type = 0x12,
): Promise<Responder> {
  const asked: Buffer[] = []
  const secured: string[] = []
  const server = await listen((socket) => {
    socket.once('data', (first) => {
      asked.push(first)
      if (encryption !== 2) shakeHands(socket, identity, type, (version) => secured.push(version))
      socket.write(preLoginAnswer(encryption))
    })
  })
  return { server, asked, secured }
}

function shakeHands(
  socket: Socket,
  identity: ServerCertificate,
  type: number,
  done: (version: string) => void,
): void {
  let held = Buffer.alloc(0)
  const carrier = new Duplex({
    read: () => undefined,
    write(chunk: Buffer, _encoding, next) {
      const head = Buffer.from([type, 1, (chunk.length + 8) >> 8, (chunk.length + 8) & 0xff, 0, 0, 0, 0])
      socket.write(Buffer.concat([head, chunk]), () => next())
    },
  })
  socket.on('data', (chunk: Buffer) => {
    held = Buffer.concat([held, chunk])
    while (held.length >= 8 && held.length >= held.readUInt16BE(2)) {
      const length = held.readUInt16BE(2)
      carrier.push(held.subarray(8, length))
      held = held.subarray(length)
    }
  })
  socket.on('close', () => carrier.destroy())
  const secure = new TLSSocket(carrier, { isServer: true, key: identity.key, cert: identity.cert })
  secure.on('secure', () => done(secure.getProtocol() ?? ''))
  secure.on('error', () => undefined)
}

t.test('the pre-login packet is well-formed', async (t) => {
  const { server, asked } = await sqlServer(2)
  await probe(server.port, { tls: 'off' })
  t.equal(
    asked[0]?.toString('hex'),
    [
      '1201002f00000000',
      '00001a0006' + '0100200001' + '0200210001' + '0300220004' + '0400260001' + 'ff',
      '000000000000' + '02' + '00' + '00000000' + '00',
    ].join(''),
  )
  await server.close()
})

t.test('TLS inside TDS, verified', async (t) => {
  for (const [encryption, type] of [
    [1, 0x12],
    [3, 0x04],
    [0, 0x12],
  ] as const) {
    const { server, secured } = await sqlServer(encryption, pems.valid, type)
    const found = await probe(server.port)
    t.match(found, {
      outcome: 'ok',
      phases: { connect: Number, tls: Number, exchange: Number },
      detail: {
        server: 'Microsoft SQL Server',
        serverVersion: '9.0.0',
        tlsOffered: true,
        tlsVersion: 'TLSv1.2',
        certificateIssuer: /Sonde test root/,
      },
    })
    t.same(secured, ['TLSv1.2'])
    t.same(await server.ended(1), ['fin'])
    await server.close()
  }
})

t.test('certificates that are refused', async (t) => {
  for (const [identity, outcome] of [
    [pems.untrusted, 'tls_untrusted'],
    [pems.expired, 'tls_expired'],
    [pems.wrongName, 'tls_name_mismatch'],
  ] as const) {
    const { server } = await sqlServer(1, identity)
    t.match(await probe(server.port), { outcome, endedIn: 'tls', phases: { tls: Number } })
    t.equal((await probe(server.port, { tls: 'require' })).outcome, 'ok')
    await server.close()
  }
})

t.test('encryption that one side wants and the other has not', async (t) => {
  const without = await sqlServer(2)
  t.match(await probe(without.server.port), {
    outcome: 'tls_failed',
    detail: { tlsOffered: false, serverVersion: '9.0.0' },
  })
  t.equal((await probe(without.server.port, { tls: 'off' })).outcome, 'ok')
  await without.server.close()
  const demanding = await sqlServer(3)
  t.match(await probe(demanding.server.port, { tls: 'off' }), {
    outcome: 'protocol_mismatch',
    detail: { tlsOffered: true, message: /demands encryption/ },
  })
  await demanding.server.close()
})

t.test('servers that only answer so', async (t) => {
  const hex = (text: string) => Buffer.from(text.replaceAll(' ', ''), 'hex')
  const sized = (type: number, payload: Buffer) =>
    Buffer.concat([Buffer.from([type, 1, 0, payload.length + 8, 0, 0, 1, 0]), payload])
  const error = Buffer.concat([hex('aa 0000 39440000 01 10 0400'), Buffer.from('full', 'utf16le')])
  const cases: readonly [string, Buffer, Finding['outcome'], object][] = [
    ['an error', sized(4, error), 'protocol_mismatch', { code: '17465', message: 'full' }],
    ['an error cut short', sized(4, hex('aa 00')), 'protocol_mismatch', {}],
    ['no terminator', sized(4, hex('00 001a 0006 01 0020 0001')), 'protocol_mismatch', {}],
    ['no encryption', sized(4, hex('00 0006 0006 ff 100000000000')), 'protocol_mismatch', {}],
    ['offsets beyond the end', sized(4, hex('00 ffff 0006 01 ffff 0001 ff')), 'protocol_mismatch', {}],
    ['an empty packet', hex('04 01 0008 0000 01 00'), 'protocol_mismatch', {}],
    ['HTTP', Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n'), 'protocol_mismatch', {}],
    ['TLS alert instead of TDS', hex('15 03 01 00 02 02 46'), 'protocol_mismatch', {}],
    [
      'a handshake that is no TLS',
      Buffer.concat([preLoginAnswer(1), sized(0x12, Buffer.from('hello, not TLS'))]),
      'tls_failed',
      {},
    ],
    ['a handshake that ends', preLoginAnswer(1), 'connection_reset', {}],
  ]
  for (const [name, bytes, outcome, detail] of cases) {
    const server = await listen((socket) => socket.once('data', () => socket.end(bytes)))
    const found = await probe(server.port)
    t.equal(found.outcome, outcome, name)
    t.match(found.detail, detail, name)
    await server.close()
  }
  const strict = await answering('')
  t.equal((await probe(strict.port)).outcome, 'connection_reset', 'TDS 8 closes on a plain pre-login')
  await strict.close()
  const mute = await silent()
  t.match(await probe(mute.port, {}, 100), { outcome: 'exchange_timeout', endedIn: 'exchange' })
  await mute.close()
})
