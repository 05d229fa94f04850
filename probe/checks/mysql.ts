import { type Connection, converse } from '../connection.js'
import { CheckFailure } from '../outcome.js'
import type { MysqlCheck } from '../plan.schema.js'
import type { AddressChecker } from './check.js'
import {
  CLIENT_SSL,
  emptyPassword,
  frame,
  type Greeting,
  loginRequest,
  notMysql,
  parseError,
  parseGreeting,
  parseSwitch,
  readGreeting,
  readPacket,
  type ServerError,
  sslRequest,
} from './mysql-wire.js'
import { judge, type TlsSettings, tlsFacts, tlsSettings } from './tls-options.js'
import { hostPort } from './wire-text.js'

const COM_QUIT = Buffer.from([0x01])
const COM_PING = Buffer.from([0x0e])
const MAX_ROUNDS = 8

/**
 * Errors with which the server turns away everyone at this address or in this manner, whoever they are: too many connections, host
 * blocked, host not allowed, only encrypted connections (3159), shutting down.
 */
const TURNS_EVERYONE_AWAY = new Set([1040, 1053, 1129, 1130, 1158, 1159, 3159])

/**
 * Logs in as a user with an empty password and out again.
 *
 * MySQL counts every connection that is dropped in its handshake, and blocks an address with too many of them
 * (`max_connect_errors`, <https://dev.mysql.com/doc/refman/8.4/en/host-cache.html>). A Lambda shares its address with
 * production, so this check finishes every handshake that it begins: also where the server has no TLS, and where its certificate is
 * refused (nothing secret is sent; the verdict is given after the log-out). What is
 * left are a TLS handshake that fails outright and a timeout, of the check or of the run.
 *
 * - Logged in and out (an account without password and without rights exists): `ok`, `detail.authentication` `ok`, no counter of the
 *   server moves.
 * - Access denied (1045 and its kin) proves the path too: `ok`, `detail.authentication` `denied`, with a warning. Such a log-in moves
 *   `Aborted_connects`, MariaDB's `Access_denied_errors` and, in the host cache, `COUNT_AUTHENTICATION_ERRORS` (in MariaDB
 *   `COUNT_AUTH_PLUGIN_ERRORS` where there is no such account), but not `SUM_CONNECT_ERRORS`: it never leads to a block.
 * - An error that turns everyone away (1040 too many connections, 1129 blocked, 1130 host not allowed, 3159 TLS demanded) is
 *   `protocol_mismatch` with `detail.code`. MariaDB has no word of its own for a demand for TLS: it denies the log-in with 1045.
 * - Where TLS is asked for and the server has none: `tls_failed`, `detail.tlsOffered` false.
 */
export const mysql: AddressChecker<MysqlCheck> = {
  endpoint(check) {
    const port = check.port ?? 3306
    return { host: check.host, port, target: hostPort(check.host, port) }
  },
  async probe(check, destination, io) {
    const settings =
      check.tls === 'off'
        ? undefined
        : await tlsSettings(check, check.host, io, { ca: 'rds', verify: check.tls !== 'require' })
    const finding = await converse(destination, io, (connection) => dialogue(connection, check, settings))
    // The certificate is judged after the log-out, in the exchange; what it failed is TLS.
    return finding.outcome.startsWith('tls_') && finding.endedIn === 'exchange'
      ? { ...finding, endedIn: 'tls' }
      : finding
  },
}

async function dialogue(
  connection: Connection,
  check: MysqlCheck,
  settings: TlsSettings | undefined,
): Promise<void> {
  const { payload } = await readGreeting(connection)
  if (payload[0] === 0xff) throw turnedAway(connection, parseError(payload))
  const greeting = parseGreeting(payload)
  const tlsOffered = (greeting.capabilities & CLIENT_SSL) !== 0
  connection.note({
    server: greeting.mariadb ? 'MariaDB' : 'MySQL',
    serverVersion: greeting.version,
    tlsOffered,
  })
  const secured = settings !== undefined && tlsOffered
  const refused = secured ? await startTls(connection, settings) : undefined
  await logIn(connection, check, greeting, secured)
  if (refused !== undefined) throw refused
  if (settings !== undefined && !tlsOffered) throw new CheckFailure('tls_failed', 'the server offers no TLS')
}

/** Returns what is wrong with the certificate instead of throwing it: the log-in must be finished first. */
async function startTls(connection: Connection, settings: TlsSettings): Promise<CheckFailure | undefined> {
  await connection.write(frame(1, sslRequest()))
  const { servername } = settings.options
  if (servername !== undefined) connection.note({ serverName: servername })
  const socket = await connection.startTls(settings.options)
  connection.note(tlsFacts(socket))
  try {
    judge(socket, settings)
    return undefined
  } catch (error) {
    if (error instanceof CheckFailure) return error
    throw error
  }
}

async function logIn(
  connection: Connection,
  check: MysqlCheck,
  greeting: Greeting,
  secured: boolean,
): Promise<void> {
  let plugin = greeting.plugin
  await connection.write(frame(secured ? 2 : 1, loginRequest(check.user ?? 'sonde', plugin, secured)))
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const { sequence, payload } = await readPacket(connection)
    switch (payload[0]) {
      case 0x00:
        connection.note({ authentication: 'ok' })
        await useAndLeave(connection, check)
        return
      case 0xff:
        judgeError(connection, check, parseError(payload))
        return
      case 0xfe:
        plugin = parseSwitch(payload) || 'mysql_old_password'
        await connection.write(frame(sequence + 1, emptyPassword(plugin)))
        break
      case 0x01:
        // caching_sha2_password: 3 announces the OK that follows, 4 asks for the password itself, here an empty one.
        if (payload[1] !== 0x03) await connection.write(frame(sequence + 1, Buffer.alloc(1)))
        break
      default:
        throw notMysql()
    }
  }
  throw notMysql()
}

async function useAndLeave(connection: Connection, check: MysqlCheck): Promise<void> {
  if (check.holdMs !== undefined) {
    await connection.hold(check.holdMs)
    await connection.write(frame(0, COM_PING))
    if ((await readPacket(connection)).payload[0] !== 0x00) throw notMysql()
  }
  await connection.write(frame(0, COM_QUIT))
}

function judgeError(connection: Connection, check: MysqlCheck, error: ServerError): void {
  if (TURNS_EVERYONE_AWAY.has(error.code)) throw turnedAway(connection, error)
  const user = check.user ?? 'sonde'
  const maybe = check.tls === 'off' ? ', or takes only encrypted connections' : ''
  connection.note({
    authentication: 'denied',
    code: String(error.code),
    message: error.message,
    warnings: [
      `the server refused the log-in of '${user}'${maybe}; an account of this name without password and without rights keeps its Aborted_connects counter still`,
      ...(check.holdMs === undefined
        ? []
        : ['holdMs had no effect: only a logged-in connection can be held']),
    ],
  })
}

function turnedAway(connection: Connection, error: ServerError): CheckFailure {
  connection.note({ code: String(error.code) })
  return new CheckFailure('protocol_mismatch', error.message)
}
