import { type Connection, converse, reach } from '../connection.js'
import { CheckFailure, PhaseTimeout } from '../outcome.js'
import type { TcpCheck } from '../plan.schema.js'
import type { AddressChecker, CheckIo, Destination, Finding } from './check.js'
import { matches } from './matching.js'
import { hostPort } from './wire-text.js'

const MAX_LINE = 4096
/** How many bytes of an answer are looked through for the expected line. */
const MAX_ANSWER = 64 * 1024
const MYSQL_PORTS = new Set([3306, 33060])

type Step = NonNullable<TcpCheck['exchange']>[number]

/**
 * Connects; with `holdMs` stays idle; then runs the steps of `exchange`, each `send`, then lines until one matches `expect`,
 * then `startTls`. Without steps a held connection is used by closing it (see `Connection.finish`): a peer that leaves its
 * half open and says nothing ends in `exchange_timeout`, and needs a step to be told from a flow that was dropped.
 *
 * A line is at most 4 KiB and an answer at most 64 KiB. Lines that come but don't match are a `protocol_mismatch`; so that
 * nothing of an answer enters a report, only their number is told.
 */
export const tcp: AddressChecker<TcpCheck> = {
  endpoint: ({ host, port }) => ({ host, port, target: hostPort(host, port) }),
  probe: (check, destination, io) =>
    check.exchange === undefined && check.holdMs === undefined
      ? reach(destination, io)
      : use(check, destination, io),
  warnings: ({ host, port }) =>
    MYSQL_PORTS.has(port)
      ? [
          `a tcp check on ${hostPort(host, port)} leaves MySQL in the middle of its handshake, which it counts against the caller's address until it blocks it (max_connect_errors): use kind mysql`,
        ]
      : [],
}

async function use(check: TcpCheck, destination: Destination, io: CheckIo): Promise<Finding> {
  const steps = check.exchange ?? []
  const tls = steps.some((step) => step.startTls === true) ? await tlsStep(check, destination, io) : undefined
  return converse(destination, io, async (connection) => {
    if (check.holdMs !== undefined) await connection.hold(check.holdMs)
    for (const [at, step] of steps.entries()) await take(step, at + 1, connection, tls)
    if (steps.at(-1)?.startTls === true) await connection.settleTls()
    if (check.holdMs !== undefined && steps.length === 0) await connection.finish()
  })
}

type TlsStep = (connection: Connection) => Promise<unknown>

/** Loaded only here: a plan of plain ports does without the code of TLS. */
async function tlsStep(check: TcpCheck, destination: Destination, io: CheckIo): Promise<TlsStep> {
  const { secure, tlsSettings } = await import('./tls-options.js')
  const settings = await tlsSettings(check, destination.host, io)
  return (connection) => secure(connection, settings)
}

async function take(
  step: Step,
  number: number,
  connection: Connection,
  tls: TlsStep | undefined,
): Promise<void> {
  if (step.send !== undefined) await connection.write(step.send)
  if (step.expect !== undefined) await expectLine(step.expect, number, connection)
  if (step.startTls === true) await tls?.(connection)
}

async function expectLine(pattern: string, step: number, connection: Connection): Promise<void> {
  let bytes = 0
  for (let lines = 0; ; lines += 1) {
    const missed = (why: string, cause?: unknown): CheckFailure =>
      new CheckFailure('protocol_mismatch', `step ${step}: none of ${lines} lines matched ${why}`, { cause })
    if (bytes >= MAX_ANSWER) throw missed(`within ${MAX_ANSWER} bytes`)
    const line = await connection.readUntil('\n', MAX_LINE).catch(async (error: unknown) => {
      const rest = connection.buffered()
      // The last line of a peer that closes needs no line end. Reading what is buffered waits for nothing.
      if (error instanceof CheckFailure && rest > 0 && rest < MAX_LINE) return connection.readSome(MAX_LINE)
      if (error instanceof CheckFailure && lines > 0 && rest === 0)
        throw missed('before the peer closed the connection', error)
      if (error instanceof PhaseTimeout && (lines > 0 || rest > 0)) throw missed('within the timeout', error)
      throw error
    })
    bytes += line.length
    if (matches(pattern, line.toString('utf8').replace(/\r?\n$/, ''))) return
  }
}
