import { type Connection, converse } from '../connection.js'
import { CheckFailure } from '../outcome.js'
import type { RedisCheck } from '../plan.schema.js'
import type { AddressChecker } from './check.js'
import { secure, type TlsSettings, tlsSettings } from './tls-options.js'
import { hostPort, oneLine } from './wire-text.js'

const PING = '*1\r\n$4\r\nPING\r\n'
/** HELLO tells the version without touching a key; QUIT makes the server close, so nothing is left half open. */
const HELLO_AND_QUIT = '*1\r\n$5\r\nHELLO\r\n*1\r\n$4\r\nQUIT\r\n'
const MAX_LINE = 1024
const MAX_HELLO = 16 * 1024

/**
 * Speaks RESP (<https://redis.io/docs/latest/develop/reference/protocol-spec/>): PING, the server's version, QUIT. Redis, Valkey,
 * ElastiCache, MemoryDB.
 *
 * Any answer in the protocol proves the path, so an error is `ok` with its first word as `detail.code`: NOAUTH and NOPERM (a password or
 * right is missing), DENIED (protected mode), LOADING, MASTERDOWN, … The one exception is a server with no connection left (`ERR max
 * number of clients reached`): it serves nobody and is `protocol_mismatch`, as with the other databases. What isn't RESP is
 * `protocol_mismatch` too: so is a TLS port that is spoken to in plain (it answers with an alert, or closes: `connection_reset`). A plain port
 * that is spoken to in TLS waits for the end of a line: `exchange_timeout` in phase `tls`.
 */
export const redis: AddressChecker<RedisCheck> = {
  endpoint(check) {
    const port = check.port ?? 6379
    return { host: check.host, port, target: hostPort(check.host, port) }
  },
  async probe(check, destination, io) {
    const mode = check.tls ?? 'off'
    const settings =
      mode === 'off' ? undefined : await tlsSettings(check, check.host, io, { verify: mode === 'verify' })
    return converse(destination, io, (connection) => dialogue(connection, check, settings))
  },
}

async function dialogue(
  connection: Connection,
  check: RedisCheck,
  settings: TlsSettings | undefined,
): Promise<void> {
  if (settings !== undefined) await secure(connection, settings)
  await ping(connection)
  if (check.holdMs !== undefined) {
    await connection.hold(check.holdMs)
    await ping(connection)
  }
  await leave(connection)
}

async function ping(connection: Connection): Promise<void> {
  // A server in protected mode or without a free connection answers before it is asked and closes: then the write fails, the answer doesn't.
  const sent = connection.write(PING).catch((error: unknown) => error)
  const line = (await connection.readUntil('\r\n', MAX_LINE)).toString('utf8').trimEnd()
  if (line.startsWith('+PONG')) {
    connection.note({ authentication: 'ok' })
    await sent
    return
  }
  const error = /^-([A-Z][A-Z0-9]{1,31})\b(.*)$/s.exec(line)
  if (!error) throw new CheckFailure('protocol_mismatch', 'the answer is not Redis')
  const [, code = '', words = ''] = error
  connection.note({ code, message: oneLine(`${code}${words}`) })
  if (/max number of clients/i.test(words)) throw new CheckFailure('protocol_mismatch', oneLine(words))
  if (code === 'NOAUTH' || code === 'NOPERM') connection.note({ authentication: 'required' })
}

/** Whatever goes wrong while leaving, the path is proven: the PING was answered. */
async function leave(connection: Connection): Promise<void> {
  try {
    await connection.write(HELLO_AND_QUIT)
    const answer = (await connection.readUntil('+OK\r\n', MAX_HELLO)).toString('latin1')
    const version = /\r\nversion\r\n\$\d+\r\n([0-9A-Za-z.+-]{1,32})\r\n/.exec(answer)?.[1]
    const server = /\r\nserver\r\n\$\d+\r\n([0-9A-Za-z._-]{1,32})\r\n/.exec(answer)?.[1]
    connection.note({ ...(version && { serverVersion: version }), ...(server && { server }) })
  } catch {
    return
  }
}
