import { Duplex } from 'node:stream'
import { type TLSSocket, connect as tlsConnect } from 'node:tls'
import { type Connection, converse, round } from '../connection.js'
import { CheckFailure, codeOf, outcomeOf, PhaseTimeout } from '../outcome.js'
import type { MssqlCheck } from '../plan.schema.js'
import type { AddressChecker, CheckIo, Finding } from './check.js'
import { judge, type TlsSettings, tlsFacts, tlsSettings } from './tls-options.js'
import { hostPort, oneLine } from './wire-text.js'

const PRELOGIN = 0x12
const RESPONSE = 0x04
const END_OF_MESSAGE = 0x01
const MAX_PACKET = 32 * 1024
/** TDS packets are at most this long until a login agrees on more. */
const PACKET = 4096
const HEADER = 8

const ENCRYPT = { off: 0, on: 1, notSupported: 2, required: 3 } as const

/**
 * Speaks TDS up to the end of the TLS handshake, without a login:
 * <https://learn.microsoft.com/en-us/openspecs/windows_protocols/ms-tds/60f56408-0188-4cd5-8b90-25c6f2423868>.
 *
 * The pre-login answer gives version and encryption. With `verify` and `require` the TLS handshake follows, which TDS 7 carries inside
 * pre-login packets; then the connection is closed. SQL Server blocks no address for that and writes no failed log-in.
 *
 * - TLS asked for and the server has none: `tls_failed`, `detail.tlsOffered` false.
 * - `tls: off` and a server that insists on encryption: `protocol_mismatch`, `detail.tlsOffered` true.
 * - A server that is set to strict encryption (TDS 8: TLS before the first byte) closes without an answer: `connection_reset`. Check it
 *   with kind `tls`.
 */
export const mssql: AddressChecker<MssqlCheck> = {
  endpoint(check) {
    const port = check.port ?? 1433
    return { host: check.host, port, target: hostPort(check.host, port) }
  },
  async probe(check, destination, io) {
    const settings =
      check.tls === 'off'
        ? undefined
        : await tlsSettings(check, check.host, io, {
            ca: 'rds',
            verify: check.tls !== 'require',
            // TLS 1.3 exists only in TDS 8, where nothing is wrapped.
            maxVersion: 'TLSv1.2',
          })
    const watch = stopwatch(io)
    const finding = await converse(destination, io, (connection) => dialogue(connection, settings, watch))
    return withTlsPhase(finding, watch)
  },
}

/** Times the handshake by itself: on the wire it is part of the exchange. */
interface Stopwatch {
  readonly start: () => void
  readonly stop: () => void
  readonly ms: () => number | undefined
  readonly running: () => boolean
}

async function dialogue(
  connection: Connection,
  settings: TlsSettings | undefined,
  watch: Stopwatch,
): Promise<void> {
  await connection.write(frame(preLogin(settings === undefined ? ENCRYPT.notSupported : ENCRYPT.on)))
  const answer = await readPacket(connection)
  if (answer[0] === 0xaa) throw serverError(connection, answer)
  const { version, encryption } = parsePreLogin(answer)
  connection.note({ server: 'Microsoft SQL Server', serverVersion: version })
  const demanded = encryption === ENCRYPT.on || encryption === ENCRYPT.required
  if (settings === undefined) {
    if (!demanded) return
    connection.note({ tlsOffered: true })
    throw new CheckFailure('protocol_mismatch', 'the server demands encryption')
  }
  connection.note({ tlsOffered: encryption !== ENCRYPT.notSupported })
  if (encryption === ENCRYPT.notSupported) throw new CheckFailure('tls_failed', 'the server offers no TLS')
  watch.start()
  await secureInside(connection, settings)
  watch.stop()
}

/** Runs the TLS handshake inside TDS packets, and ends there: nothing is sent over the secured stream. */
async function secureInside(connection: Connection, settings: TlsSettings): Promise<void> {
  const { servername } = settings.options
  if (servername !== undefined) connection.note({ serverName: servername })
  const carrier = wrapped(connection)
  const secured = tlsConnect({ ...settings.options, socket: carrier })
  try {
    await new Promise<void>((resolve, reject) => {
      secured.once('secureConnect', resolve)
      secured.on('error', reject)
      carrier.on('error', reject)
      secured.once('close', () =>
        reject(
          new CheckFailure('connection_reset', 'the peer closed the connection during the TLS handshake'),
        ),
      )
    })
    noteAndJudge(connection, secured, settings)
  } catch (error) {
    if (error instanceof CheckFailure || error instanceof PhaseTimeout) throw error
    connection.note({ code: codeOf(error) })
    throw new CheckFailure(outcomeOf(error, 'tls'), error instanceof Error ? error.message : String(error))
  } finally {
    carrier.destroy()
    secured.destroy()
  }
}

function noteAndJudge(connection: Connection, secured: TLSSocket, settings: TlsSettings): void {
  connection.note(tlsFacts(secured))
  judge(secured, settings)
}

/** A stream whose bytes travel as the contents of TDS packets. */
function wrapped(connection: Connection): Duplex {
  return new Duplex({
    read() {
      readPacket(connection).then(
        (payload) => this.push(payload),
        (error: Error) => this.destroy(error),
      )
    },
    write(chunk: Buffer, _encoding, done) {
      connection.write(frame(chunk)).then(() => done(), done)
    },
  })
}

function frame(payload: Buffer): Buffer {
  const parts: Buffer[] = []
  const room = PACKET - HEADER
  for (let at = 0; at < payload.length; at += room) {
    const part = payload.subarray(at, at + room)
    const head = Buffer.alloc(HEADER)
    head.writeUInt8(PRELOGIN, 0)
    head.writeUInt8(at + room < payload.length ? 0 : END_OF_MESSAGE, 1)
    head.writeUInt16BE(HEADER + part.length, 2)
    head.writeUInt8(parts.length & 0xff, 6)
    parts.push(head, part)
  }
  return Buffer.concat(parts)
}

async function readPacket(connection: Connection): Promise<Buffer> {
  const head = await connection.read(HEADER)
  const type = head.readUInt8(0)
  const length = head.readUInt16BE(2)
  // A server answers in type 4; while TLS is shaken, some answer in the client's own type.
  if ((type !== RESPONSE && type !== PRELOGIN) || length <= HEADER || length > MAX_PACKET) throw notTds()
  return connection.read(length - HEADER)
}

/** Options VERSION, ENCRYPTION, INSTOPT, THREADID, MARS, as MS-TDS 4.1 shows them. */
function preLogin(encryption: number): Buffer {
  const values = [
    Buffer.alloc(6),
    Buffer.from([encryption]),
    Buffer.alloc(1),
    Buffer.alloc(4),
    Buffer.alloc(1),
  ]
  const table: number[] = []
  let offset = values.length * 5 + 1
  for (const [token, value] of values.entries()) {
    table.push(token, offset >> 8, offset & 0xff, 0, value.length)
    offset += value.length
  }
  return Buffer.concat([Buffer.from([...table, 0xff]), ...values])
}

function parsePreLogin(payload: Buffer): { version: string; encryption: number } {
  const options = new Map<number, Buffer>()
  for (let at = 0; payload[at] !== 0xff; at += 5) {
    if (at + 5 > payload.length) throw notTds()
    const offset = payload.readUInt16BE(at + 1)
    const value = payload.subarray(offset, offset + payload.readUInt16BE(at + 3))
    options.set(payload.readUInt8(at), value)
  }
  const version = options.get(0)
  const encryption = options.get(1)?.[0]
  if (version === undefined || version.length < 4 || encryption === undefined || encryption > 3)
    throw notTds()
  return { version: `${version[0]}.${version[1]}.${version.readUInt16BE(2)}`, encryption }
}

/** An ERROR token instead of a pre-login answer: number, state, class and text in UTF-16. */
function serverError(connection: Connection, payload: Buffer): CheckFailure {
  if (payload.length < 11) return notTds()
  connection.note({ code: String(payload.readInt32LE(3)) })
  const length = payload.readUInt16LE(9) * 2
  return new CheckFailure('protocol_mismatch', oneLine(payload.toString('utf16le', 11, 11 + length)))
}

function notTds(): CheckFailure {
  return new CheckFailure('protocol_mismatch', 'the answer is not SQL Server')
}

function stopwatch(io: CheckIo): Stopwatch {
  let started: number | undefined
  let took: number | undefined
  return {
    start: () => {
      started = io.now()
    },
    stop: () => {
      took = started === undefined ? undefined : io.now() - started
    },
    ms: () => took ?? (started === undefined ? undefined : io.now() - started),
    running: () => started !== undefined && took === undefined,
  }
}

function withTlsPhase(finding: Finding, watch: Stopwatch): Finding {
  const ms = watch.ms()
  if (ms === undefined) return finding
  const exchange = Math.max(0, (finding.phases.exchange ?? 0) - ms)
  return {
    ...finding,
    phases: { ...finding.phases, tls: round(ms), exchange: round(exchange) },
    ...(finding.endedIn === 'exchange' && watch.running() ? { endedIn: 'tls' as const } : {}),
  }
}
