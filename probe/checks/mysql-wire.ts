import type { Connection } from '../connection.js'
import { CheckFailure } from '../outcome.js'
import { oneLine } from './wire-text.js'

/**
 * MySQL's packets, as MySQL and MariaDB write them:
 * <https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_connection_phase.html>,
 * <https://mariadb.com/docs/server/reference/clientserver-protocol/1-connecting/connection>.
 * Parsers throw `CheckFailure('protocol_mismatch')` on whatever doesn't fit, and nothing else.
 */

/** Longer than any packet of the connection phase. */
const MAX_PACKET = 16 * 1024

const CLIENT_PROTOCOL_41 = 0x200
export const CLIENT_SSL = 0x800
const CLIENT_LONG_PASSWORD = 0x1
const CLIENT_SECURE_CONNECTION = 0x8000
const CLIENT_PLUGIN_AUTH = 0x80000
const UTF8_GENERAL_CI = 33

interface Packet {
  readonly sequence: number
  readonly payload: Buffer
}

export interface Greeting {
  readonly version: string
  readonly mariadb: boolean
  readonly capabilities: number
  readonly plugin: string
}

export interface ServerError {
  readonly code: number
  readonly message: string
}

export async function readPacket(connection: Connection): Promise<Packet> {
  const head = await connection.read(4)
  const length = head.readUIntLE(0, 3)
  if (length === 0 || length > MAX_PACKET) throw notMysql()
  return { sequence: head.readUInt8(3), payload: await connection.read(length) }
}

/** The server's first packet: a greeting of version 10, or an error. */
export async function readGreeting(connection: Connection): Promise<Packet> {
  const packet = await readPacket(connection)
  if (packet.sequence !== 0 || (packet.payload[0] !== 0x0a && packet.payload[0] !== 0xff)) throw notMysql()
  return packet
}

export function frame(sequence: number, payload: Buffer): Buffer {
  const head = Buffer.alloc(4)
  head.writeUIntLE(payload.length, 0, 3)
  head.writeUInt8(sequence & 0xff, 3)
  return Buffer.concat([head, payload])
}

/** The server's version 10 greeting. */
export function parseGreeting(payload: Buffer): Greeting {
  const end = payload.indexOf(0, 1)
  // Version, thread id (4), first scramble (8), filler, lower capabilities, character set, status, upper capabilities.
  if (end < 2 || payload.length < end + 16) throw notMysql()
  const text = payload.toString('latin1', 1, end)
  const at = end + 1 + 4 + 8 + 1
  const low = payload.readUInt16LE(at)
  const high = payload.length >= at + 7 ? payload.readUInt16LE(at + 5) : 0
  const capabilities = low + high * 0x10000
  const scrambleLength = Math.max(13, (payload[at + 7] ?? 0) - 8)
  const plugin =
    payload.length > at + 18 + scrambleLength
      ? untilZero(payload.subarray(at + 18 + scrambleLength)).toString('latin1')
      : ''
  return {
    // MariaDB before 11 puts a replication prefix before its version.
    version: oneLine(text.replace(/^5\.5\.5-(?=1)/, '')).slice(0, 64),
    mariadb: /mariadb/i.test(text),
    capabilities,
    plugin: /^\w{1,64}$/.test(plugin) ? plugin : 'mysql_native_password',
  }
}

export function parseError(payload: Buffer): ServerError {
  if (payload.length < 3 || payload[0] !== 0xff) throw notMysql()
  const hasState = payload[3] === 0x23
  return { code: payload.readUInt16LE(1), message: oneLine(payload.toString('utf8', hasState ? 9 : 3)) }
}

/** The plugin that an authentication switch request asks for; '' for the switch to the password form of MySQL 3.23. */
export function parseSwitch(payload: Buffer): string {
  return untilZero(payload.subarray(1)).toString('latin1')
}

export function sslRequest(): Buffer {
  return loginHead(CLIENT_SSL)
}

/** `HandshakeResponse41` for a user with an empty password. */
export function loginRequest(user: string, plugin: string, tls: boolean): Buffer {
  const answer = emptyPassword(plugin)
  return Buffer.concat([
    loginHead(tls ? CLIENT_SSL : 0),
    Buffer.from(`${user}\0`),
    Buffer.from([answer.length]),
    answer,
    Buffer.from(`${plugin}\0`),
  ])
}

/**
 * What each authentication plugin expects from someone without a password. A wrong length would count as a broken handshake (which
 * blocks the caller's address in the end), not as a wrong password.
 */
export function emptyPassword(plugin: string): Buffer {
  if (plugin === 'mysql_native_password' || plugin === 'mysql_old_password') return Buffer.alloc(0)
  // A signature of the right length that can't be right: MariaDB has no empty password here.
  if (plugin === 'client_ed25519') return Buffer.alloc(64)
  return Buffer.alloc(1)
}

export function notMysql(): CheckFailure {
  return new CheckFailure('protocol_mismatch', 'the answer is not MySQL')
}

function loginHead(extra: number): Buffer {
  const head = Buffer.alloc(32)
  head.writeUInt32LE(
    CLIENT_LONG_PASSWORD | CLIENT_PROTOCOL_41 | CLIENT_SECURE_CONNECTION | CLIENT_PLUGIN_AUTH | extra,
    0,
  )
  head.writeUInt32LE(1 << 24, 4)
  head.writeUInt8(UTF8_GENERAL_CI, 8)
  return head
}

function untilZero(bytes: Buffer): Buffer {
  const end = bytes.indexOf(0)
  return end < 0 ? bytes : bytes.subarray(0, end)
}
