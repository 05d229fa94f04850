import { type Connection, converse } from '../connection.js'
import { CheckFailure } from '../outcome.js'
import type { PostgresCheck } from '../plan.schema.js'
import type { AddressChecker } from './check.js'
import { secure, type TlsSettings, tlsSettings } from './tls-options.js'
import { hostPort, oneLine } from './wire-text.js'

/** `SSLRequest` as PostgreSQL's protocol fixes it: length 8, code 80877103. */
const SSL_REQUEST = Buffer.from([0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f])
const TERMINATE = Buffer.from([0x58, 0, 0, 0, 4])
/** Longer than any message that a server sends before or while it lets someone in. */
const MAX_MESSAGE = 16 * 1024
const MAX_MESSAGES = 64
/** A server closes a connection that has not logged in after its `authentication_timeout`, 60 s unless changed. */
const AUTHENTICATION_TIMEOUT_MS = 60_000

const authenticationNames: Readonly<Record<number, string>> = {
  0: 'ok',
  2: 'kerberos',
  3: 'cleartext',
  5: 'md5',
  7: 'gss',
  9: 'sspi',
  10: 'sasl',
}

/**
 * SQLSTATEs with which the server turns away everyone, whoever they are: starting up or shutting down, out of connections.
 * The network is fine, but no caller is served, so these aren't `ok`.
 */
const TURNS_EVERYONE_AWAY = /^(57P0[0-9]|53[0-9A-Z]{3}|58[0-9A-Z]{3}|XX000)$/
/** How PostgreSQL (before and since 12) and RDS Proxy say that they take no plain connection. */
const DEMANDS_TLS = /no encryption|SSL off|(requires?|only).{0,20}(TLS|SSL)|(TLS|SSL).{0,20}required/i

/**
 * Speaks PostgreSQL's protocol up to the server's first answer to a startup message, without any credential:
 * <https://www.postgresql.org/docs/current/protocol-flow.html#PROTOCOL-FLOW-START-UP>.
 *
 * - A demand for a password (`detail.authentication`) proves the path: `ok`.
 * - So does an error about the account or database that was asked for (28P01, 28000, 3D000, 42501, …): `ok` with `detail.code`.
 * - An error that turns everyone away (57P03 starting up, 53300 too many connections, …) is `protocol_mismatch` with `detail.code`:
 *   packets arrive, the database serves nobody.
 * - With `tls: off`, a server that lets nobody in unencrypted (`rds.force_ssl`: 28000 "no pg_hba.conf entry …, no encryption") is
 *   `protocol_mismatch` with that code and message; `detail.tlsOffered` isn't known then.
 * - Where TLS is asked for and the server has none: `tls_failed`, `detail.tlsOffered` false.
 *
 * After a demand for a password the connection is closed without a message: PostgreSQL takes that quietly (psql does the same before it
 * asks for a password), while a Terminate there would be logged as a protocol violation. Where the server lets the user in, Terminate is sent.
 */
export const postgres: AddressChecker<PostgresCheck> = {
  endpoint(check) {
    const port = check.port ?? 5432
    return { host: check.host, port, target: hostPort(check.host, port) }
  },
  async probe(check, destination, io) {
    const settings =
      check.tls === 'off'
        ? undefined
        : await tlsSettings(check, check.host, io, { ca: 'rds', verify: check.tls !== 'require' })
    return converse(destination, io, (connection) => dialogue(connection, check, settings))
  },
  warnings: (check) =>
    (check.holdMs ?? 0) >= AUTHENTICATION_TIMEOUT_MS
      ? [
          'holdMs: a PostgreSQL server closes a connection that has not logged in after its authentication_timeout (60 s by default); to hold longer use a tcp, tls or redis check',
        ]
      : [],
}

async function dialogue(
  connection: Connection,
  check: PostgresCheck,
  settings: TlsSettings | undefined,
): Promise<void> {
  if (settings !== undefined) await askForTls(connection, settings)
  if (check.holdMs !== undefined) await connection.hold(check.holdMs)
  await connection.write(startupMessage(check.user ?? 'sonde', check.database))
  await readAnswer(connection, check)
}

async function askForTls(connection: Connection, settings: TlsSettings): Promise<void> {
  await connection.write(SSL_REQUEST)
  const answer = String.fromCharCode((await connection.read(1))[0] ?? 0)
  // A server that can't fork or is too old answers with an error message instead of one letter.
  if (answer === 'E') {
    const { code, message } = parseError(await readBody(connection))
    connection.note({ code })
    throw new CheckFailure('protocol_mismatch', message)
  }
  if (answer !== 'S' && answer !== 'N') throw notPostgres()
  connection.note({ tlsOffered: answer === 'S' })
  if (answer === 'N') throw new CheckFailure('tls_failed', 'the server offers no TLS')
  await secure(connection, settings)
}

/** Reads messages until the server has said what it wants, and leaves as the protocol allows. */
async function readAnswer(connection: Connection, check: PostgresCheck): Promise<void> {
  for (let count = 0; count < MAX_MESSAGES; count++) {
    const type = String.fromCharCode((await connection.read(1))[0] ?? 0)
    // Known letters only, before a length is believed: another protocol's bytes would make it a wait for nothing.
    if (!'RENSKvZ'.includes(type)) throw notPostgres()
    const body = await readBody(connection)
    if (type === 'E') {
      answerToError(connection, parseError(body), check)
      return
    }
    if (type === 'R') {
      const authentication = authenticationOf(body)
      connection.note({ authentication })
      if (authentication !== 'ok') return
    }
    if (type === 'S') noteParameter(connection, body)
    if (type === 'Z') {
      await connection.write(TERMINATE)
      return
    }
  }
  throw notPostgres()
}

async function readBody(connection: Connection): Promise<Buffer> {
  const length = (await connection.read(4)).readUInt32BE(0)
  if (length < 4 || length > MAX_MESSAGE) throw notPostgres()
  return connection.read(length - 4)
}

function startupMessage(user: string, database: string | undefined): Buffer {
  const parameters = ['user', user, 'database', database ?? 'postgres', 'application_name', 'sonde', '']
  const text = Buffer.from(`${parameters.join('\0')}\0`)
  const head = Buffer.alloc(8)
  head.writeUInt32BE(8 + text.length, 0)
  head.writeUInt32BE(196608, 4)
  return Buffer.concat([head, text])
}

function authenticationOf(body: Buffer): string {
  if (body.length < 4) throw notPostgres()
  const code = body.readUInt32BE(0)
  if (code === 10) {
    const mechanisms = body.toString('latin1', 4).split('\0').filter(isMechanism)
    return mechanisms.join(' ').toLowerCase() || 'sasl'
  }
  const name = authenticationNames[code]
  if (name === undefined) throw notPostgres()
  return name
}

function isMechanism(text: string): boolean {
  return /^[A-Z0-9-]{1,32}$/.test(text)
}

function noteParameter(connection: Connection, body: Buffer): void {
  const [name, value] = body.toString('utf8').split('\0')
  if (name === 'server_version' && value) connection.note({ serverVersion: value.slice(0, 64) })
}

interface ServerError {
  readonly code: string
  readonly message: string
}

/** The fields of an ErrorResponse: a letter and a text each, closed by a zero byte. */
function parseError(body: Buffer): ServerError {
  const fields = new Map(
    body
      .toString('utf8')
      .split('\0')
      .filter((field) => field !== '')
      .map((field): [string, string] => [field.charAt(0), field.slice(1)]),
  )
  const code = fields.get('C') ?? ''
  if (!/^[0-9A-Z]{5}$/.test(code)) throw notPostgres()
  return { code, message: oneLine(fields.get('M') ?? '') }
}

function answerToError(connection: Connection, error: ServerError, check: PostgresCheck): void {
  connection.note({ code: error.code, message: error.message })
  const demandsTls = check.tls === 'off' && DEMANDS_TLS.test(error.message)
  if (demandsTls || TURNS_EVERYONE_AWAY.test(error.code))
    throw new CheckFailure('protocol_mismatch', error.message)
}

function notPostgres(): CheckFailure {
  return new CheckFailure('protocol_mismatch', 'the answer is not PostgreSQL')
}
