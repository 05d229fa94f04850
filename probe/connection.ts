import { connect as netConnect, type Socket } from 'node:net'
import { type ConnectionOptions, type TLSSocket, connect as tlsConnect } from 'node:tls'
import type { CheckIo, Destination, Finding } from './checks/check.js'
import { CheckFailure, codeOf, outcomeOf, type Phase, PhaseTimeout } from './outcome.js'
import type { Detail, Phases } from './report.schema.js'

/** A byte stream to one address, with the phases timed and every wait bounded by the check's timeout. */
export interface Connection {
  /** Sends and waits until the bytes are handed to the kernel. */
  readonly write: (data: Uint8Array | string) => Promise<void>
  /** The next `count` bytes; rejects with `connection_reset` or `protocol_mismatch` if the peer closes before. */
  readonly read: (count: number) => Promise<Buffer>
  /** Whatever has come in, at least one byte and at most `limit`; an empty buffer when the peer has closed. */
  readonly readSome: (limit?: number) => Promise<Buffer>
  /** Up to and including the delimiter; rejects with `protocol_mismatch` when `limit` bytes come without it. */
  readonly readUntil: (delimiter: string, limit: number) => Promise<Buffer>
  /** Upgrades the connection to TLS (phase `tls`) and returns the secured socket. */
  readonly startTls: (options: ConnectionOptions) => Promise<TLSSocket>
  /** Waits idle, outside the timeout; rejects at once when the peer resets or closes meanwhile. */
  readonly hold: (ms: number) => Promise<void>
  /** Sends the FIN and waits shortly for the peer's; the socket is destroyed in any case. */
  readonly end: () => Promise<void>
  readonly socket: () => Socket
  /** Records a fact for the report; kept even if a later step fails. */
  readonly note: (facts: Detail) => void
}

/** How long a clean close may take before the socket is destroyed, in milliseconds. */
const CLOSE_GRACE_MS = 250
const MAX_BUFFERED = 256 * 1024

/**
 * Opens a TCP connection (phase `connect`), runs `dialogue` on it (phase `exchange`, except inside `startTls`), closes it
 * cleanly and reports what was found. Never rejects: every error becomes an outcome with the phase in which it happened.
 */
export async function converse(
  destination: Destination,
  io: CheckIo,
  dialogue: (connection: Connection) => Promise<void>,
): Promise<Finding> {
  const clock = phaseClock(io)
  const detail: Detail = {}
  let socket: Socket | undefined
  try {
    socket = await open(destination, clock)
    clock.enter('exchange')
    const connection = wrap(socket, clock, detail)
    try {
      await dialogue(connection)
    } finally {
      socket = connection.socket()
      clock.stop()
      await connection.end()
    }
    return { outcome: 'ok', phases: clock.phases(), detail }
  } catch (error) {
    const endedIn = clock.phase()
    clock.stop()
    return {
      outcome: outcomeOf(error, endedIn),
      endedIn,
      phases: clock.phases(),
      detail: { ...detail, ...describe(error) },
    }
  } finally {
    clock.dispose()
    socket?.destroy()
  }
}

/** Message and code of an error, fit for a report: one line, bounded. */
export function describe(error: unknown): Detail {
  const code = codeOf(error)
  const text = error instanceof Error ? error.message : String(error)
  const message = (text.split('\n', 1)[0] ?? '').slice(0, 200)
  return { ...(message === '' ? {} : { message }), ...(code === '' ? {} : { code }) }
}

interface PhaseClock {
  enter(phase: Phase): void
  phase(): Phase
  phases(): Phases
  /** Ends the current phase's time. */
  stop(): void
  /** Rejects when the timeout is used up or the run ends; while `pause` is on, only when the run ends. */
  guard<T>(work: Promise<T>): Promise<T>
  pause<T>(work: () => Promise<T>): Promise<T>
  dispose(): void
}

function phaseClock(io: CheckIo): PhaseClock {
  const times: { dns?: number; connect?: number; tls?: number; exchange?: number } = {}
  let current: Phase = 'connect'
  let since: number | undefined = io.now()
  let left = io.timeoutMs
  let started = io.now()
  let timer: NodeJS.Timeout | undefined
  let fail: (error: unknown) => void = () => undefined
  const failed = new Promise<never>((_, reject) => {
    fail = reject
  })
  failed.catch(() => undefined)
  const arm = (): void => {
    started = io.now()
    timer = setTimeout(() => fail(new PhaseTimeout(current)), Math.max(0, left))
  }
  const disarm = (): void => {
    clearTimeout(timer)
    left -= io.now() - started
  }
  const onAbort = (): void => fail(new CheckFailure('deadline', 'the run ended before this check did'))
  io.signal.addEventListener('abort', onAbort, { once: true })
  if (io.signal.aborted) onAbort()
  arm()
  const settle = (): void => {
    if (since === undefined || current === 'plan') return
    times[current] = round((times[current] ?? 0) + io.now() - since)
    since = undefined
  }
  return {
    enter(phase) {
      settle()
      current = phase
      since = io.now()
    },
    phase: () => current,
    phases: () => ({ ...times }),
    stop: settle,
    guard: (work) => Promise.race([work, failed]),
    async pause(work) {
      settle()
      disarm()
      try {
        return await Promise.race([work(), failed])
      } finally {
        since = io.now()
        arm()
      }
    },
    dispose() {
      clearTimeout(timer)
      io.signal.removeEventListener('abort', onAbort)
    },
  }
}

/** Milliseconds with microsecond digits: enough for a loopback, short in a log. */
export function round(ms: number): number {
  return Math.round(ms * 1000) / 1000
}

function open(destination: Destination, clock: PhaseClock): Promise<Socket> {
  const socket = netConnect({
    host: destination.address,
    port: destination.port,
    family: destination.family,
    autoSelectFamily: false,
  })
  socket.setNoDelay(true)
  const opened = new Promise<Socket>((resolve, reject) => {
    socket.once('connect', () => resolve(socket))
    socket.once('error', reject)
  })
  return clock.guard(opened).catch((error: unknown) => {
    socket.on('error', () => undefined)
    socket.destroy()
    throw error
  })
}

function wrap(plain: Socket, clock: PhaseClock, detail: Detail): Connection {
  let socket: Socket = plain
  let chunks: Buffer[] = []
  let buffered = 0
  let ended = false
  let broken: unknown
  let wake: () => void = () => undefined
  const onData = (chunk: Buffer): void => {
    chunks.push(chunk)
    buffered += chunk.length
    // A peer that floods must not fill memory: stop reading until someone takes bytes.
    if (buffered > MAX_BUFFERED) socket.pause()
    wake()
  }
  const onEnd = (): void => {
    ended = true
    wake()
  }
  const onError = (error: unknown): void => {
    broken ??= error
    wake()
  }
  const attach = (to: Socket): void => {
    to.on('data', onData)
    to.on('end', onEnd)
    to.on('close', onEnd)
    to.on('error', onError)
  }
  attach(socket)

  const more = async (): Promise<boolean> => {
    if (broken !== undefined) throw broken
    if (ended) return false
    socket.resume()
    await clock.guard(
      new Promise<void>((resolve) => {
        wake = resolve
      }),
    )
    if (broken !== undefined && buffered === 0) throw broken
    return true
  }
  const take = (count: number): Buffer => {
    const all = chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks)
    const head = all.subarray(0, count)
    const rest = all.subarray(count)
    chunks = rest.length > 0 ? [rest] : []
    buffered = rest.length
    return head
  }
  const closedEarly = (): CheckFailure =>
    buffered === 0
      ? new CheckFailure('connection_reset', 'the peer closed the connection without an answer')
      : new CheckFailure('protocol_mismatch', 'the peer closed the connection in the middle of an answer')

  return {
    write: (data) =>
      clock.guard(
        new Promise((resolve, reject) => {
          if (broken !== undefined) reject(broken)
          else socket.write(data, (error) => (error ? reject(error) : resolve()))
        }),
      ),
    async read(count) {
      while (buffered < count) if (!(await more())) throw closedEarly()
      return take(count)
    },
    async readSome(limit = MAX_BUFFERED) {
      while (buffered === 0) if (!(await more())) return Buffer.alloc(0)
      return take(limit)
    },
    async readUntil(delimiter, limit) {
      for (;;) {
        const at = Buffer.concat(chunks).indexOf(delimiter)
        if (at >= 0 && at + delimiter.length <= limit) return take(at + delimiter.length)
        if (buffered >= limit)
          throw new CheckFailure('protocol_mismatch', `${limit} bytes came without the expected delimiter`)
        if (!(await more())) throw closedEarly()
      }
    },
    async startTls(options) {
      clock.enter('tls')
      socket.off('data', onData)
      socket.off('end', onEnd)
      socket.off('close', onEnd)
      const secured = tlsConnect({ ...options, socket })
      const ready = new Promise<TLSSocket>((resolve, reject) => {
        secured.once('secureConnect', () => resolve(secured))
        secured.once('error', reject)
        secured.once('close', () =>
          reject(
            new CheckFailure('connection_reset', 'the peer closed the connection during the TLS handshake'),
          ),
        )
      })
      secured.on('error', onError)
      socket = secured
      try {
        await clock.guard(ready)
      } finally {
        attach(secured)
      }
      clock.enter('exchange')
      return secured
    },
    async hold(ms) {
      const started = performance.now()
      await clock.pause(
        () =>
          new Promise<void>((resolve, reject) => {
            const timer = setTimeout(done, ms)
            const lost = (): void => {
              clearTimeout(timer)
              reject(
                broken ??
                  new CheckFailure(
                    'connection_reset',
                    `the peer closed the idle connection after ${Math.round(performance.now() - started)} ms`,
                  ),
              )
            }
            function done(): void {
              socket.off('close', lost)
              socket.off('end', lost)
              socket.off('error', lost)
              resolve()
            }
            socket.once('end', lost)
            socket.once('close', lost)
            socket.once('error', lost)
            socket.resume()
          }),
      )
      detail.heldMs = ms
    },
    end: () => closeCleanly(socket),
    socket: () => socket,
    note: (facts) => {
      Object.assign(detail, facts)
    },
  }
}

function closeCleanly(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    if (socket.destroyed) {
      resolve()
      return
    }
    const timer = setTimeout(finish, CLOSE_GRACE_MS)
    function finish(): void {
      clearTimeout(timer)
      socket.destroy()
      resolve()
    }
    socket.once('close', finish)
    socket.once('end', finish)
    socket.on('error', () => undefined)
    socket.end()
    socket.resume()
  })
}
