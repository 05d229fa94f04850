import { connect as netConnect, type Socket, type TcpNetConnectOpts } from 'node:net'
import type { ConnectionOptions, TLSSocket } from 'node:tls'
import { byteQueue } from './byte-queue.js'
import type { CheckIo, Destination, Finding } from './checks/check.js'
import { closeCleanly } from './close.js'
import { CheckFailure, codeOf, outcomeOf, PhaseTimeout } from './outcome.js'
import { type PhaseClock, phaseClock, ranOut, round } from './phase-clock.js'
import type { Detail } from './report.schema.js'

export { round } from './phase-clock.js'

/**
 * A byte stream to one address, with the phases timed and every wait bounded by the check's timeout.
 * Phase `exchange` begins with the first byte that is read or written, so a check that only connects has none, and what is
 * thrown right after `startTls` (a certificate that is refused) still counts as phase `tls`.
 */
export interface Connection {
  /** Sends and waits until the bytes are handed to the kernel. */
  readonly write: (data: Uint8Array | string) => Promise<void>
  /** The next `count` bytes; rejects with `connection_reset` or `protocol_mismatch` if the peer closes before. */
  readonly read: (count: number) => Promise<Buffer>
  /** Whatever has come in, at least one byte and at most `limit`; an empty buffer when the peer has closed. */
  readonly readSome: (limit?: number) => Promise<Buffer>
  /** Up to and including the delimiter; rejects with `protocol_mismatch` when `limit` bytes come without it. */
  readonly readUntil: (delimiter: string, limit: number) => Promise<Buffer>
  /** Bytes that came in and were not read yet. */
  readonly buffered: () => number
  /**
   * Upgrades the connection to TLS (phase `tls`) and returns the secured socket. Bytes that came in plain and were not read
   * are a `protocol_mismatch`: they would otherwise pass for the secured peer's.
   */
  readonly startTls: (options: ConnectionOptions) => Promise<TLSSocket>
  /**
   * Waits, still in phase `tls`, for the word of a server that has asked for a client certificate. In TLS 1.3 the client is done
   * before the server has judged it (RFC 8446, section 4.4.2.4), so that a refusal comes a round trip after a handshake
   * that looked complete. Any sign of life is consent; silence is too, after three round trips. Returns at once
   * where no certificate was asked for, which only such a server's list of signature algorithms tells.
   */
  readonly settleTls: () => Promise<void>
  /** Waits idle, outside the timeout; rejects at once when the peer resets or closes meanwhile. */
  readonly hold: (ms: number) => Promise<void>
  /**
   * Sends the FIN and reads on, now in phase `exchange`, until the peer answers; rejects when it resets or stays silent.
   * The way to use an idle connection whose protocol is unknown: the FIN is a packet of the flow like any other, so a NAT
   * gateway that has forgotten the flow answers it with a reset
   * (https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-troubleshooting.html), and it is the packet
   * that would be sent in any case. A TCP keep-alive would tell less: its answer is not visible to a program. A byte would
   * tell more, but is rubbish to the peer.
   */
  readonly finish: () => Promise<void>
  /**
   * Lends the socket to a library that reads it itself (an HTTP parser), bounded like every other wait. Bytes that have come
   * in already are given back to the socket first, which is paused: resume it once its listeners are on.
   */
  readonly lend: <T>(use: (socket: Socket) => Promise<T>) => Promise<T>
  /** Closes with a clean end of both sides, or `atOnce`, without waiting for the peer; the socket is destroyed in any case. */
  readonly end: (atOnce: boolean) => Promise<void>
  readonly socket: () => Socket
  /** Records a fact for the report; kept even if a later step fails. */
  readonly note: (facts: Detail) => void
}

/** How much is kept of what a flooding peer sends. */
const MAX_BUFFERED = 256 * 1024
/** How long a server may at least take to judge a handshake, in milliseconds. */
const MIN_VERDICT_MS = 100

/**
 * Opens a TCP connection (phase `connect`), runs `dialogue` on it, closes it cleanly and reports what was found.
 * Never rejects: every error becomes an outcome with the phase in which it happened. When it resolves no timer, no listener on
 * the signal and no open socket is left.
 */
export async function converse(
  destination: Destination,
  io: CheckIo,
  dialogue: (connection: Connection) => Promise<void>,
): Promise<Finding> {
  const clock = phaseClock(io)
  const detail: Detail = {}
  let connection: Connection | undefined
  try {
    connection = wrap(await open(destination, clock), clock, detail, io)
    clock.stop()
    await dialogue(connection)
    clock.stop()
    return { outcome: 'ok', phases: clock.phases(), detail }
  } catch (error) {
    clock.stop()
    // A dialogue that fails before its first byte: the connection did come about.
    const endedIn = connection !== undefined && clock.phase() === 'connect' ? 'exchange' : clock.phase()
    return {
      outcome: outcomeOf(error, endedIn),
      endedIn,
      phases: clock.phases(),
      detail: { ...detail, ...describe(error) },
    }
  } finally {
    clock.dispose()
    // Who stayed silent for the whole timeout is not waited for once more.
    await connection?.end(clock.expired())
  }
}

/**
 * Connects and closes cleanly: what `converse` does where there is no dialogue, without what a dialogue needs (phases, a queue of
 * bytes, errors at any moment), which would cost as much again as the connection itself. Never rejects; when it
 * resolves the socket is closed.
 */
export function reach(destination: Destination, io: CheckIo): Promise<Finding> {
  const started = io.now()
  const socket = connectTo(destination)
  return new Promise((resolve) => {
    let open = true
    const end = (): Finding['phases'] => {
      open = false
      clearTimeout(timer)
      forget()
      return { connect: round(io.now() - started) }
    }
    const fail = (error: unknown): void => {
      // Stays on as a listener: an error that comes later has nobody else to go to.
      if (!open) return
      const phases = end()
      socket.destroy()
      const outcome = outcomeOf(error, 'connect')
      resolve({ outcome, endedIn: 'connect', phases, detail: describe(error) })
    }
    const cut = (): void => fail(ranOut())
    const timer = setTimeout(() => fail(new PhaseTimeout('connect')), io.timeoutMs)
    const forget = io.onEnd(cut)
    if (io.signal.aborted) cut()
    socket.on('error', fail)
    socket.once('connect', () => {
      if (!open) return
      const finding: Finding = { outcome: 'ok', phases: end(), detail: {} }
      void closeCleanly(socket, io.onEnd).then(() => resolve(finding))
    })
  })
}

/** Message and code of an error, fit for a report: one line, bounded. */
export function describe(error: unknown): Detail {
  const code = codeOf(error)
  const message = (wording(error).split('\n', 1)[0] ?? '').slice(0, 200)
  return { ...(message === '' ? {} : { message }), ...(code === '' ? {} : { code }) }
}

/** OpenSSL's own message carries a thread id and a path of its source; its reason is the part a person reads. */
function wording(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const reason: unknown = 'reason' in error && 'library' in error ? error.reason : undefined
  return typeof reason === 'string' ? `TLS: ${reason}` : error.message
}

/** Only what the allow-list has seen may be contacted; a name here would be resolved a second time. */
const refuseNames: NonNullable<TcpNetConnectOpts['lookup']> = (name, _options, callback) =>
  callback(new CheckFailure('internal_error', `${name} is a name where an address was due`), '', 4)

function connectTo({ address, port, family }: Destination): Socket {
  return netConnect({ host: address, port, family, autoSelectFamily: false, lookup: refuseNames })
}

function open(destination: Destination, clock: PhaseClock): Promise<Socket> {
  const socket = connectTo(destination)
  const opened = new Promise<Socket>((resolve, reject) => {
    socket.once('connect', () => resolve(socket))
    // Stays on: an error that comes after the timeout has nobody else to go to.
    socket.on('error', reject)
  })
  return clock.guard(opened).catch((error: unknown) => {
    socket.destroy()
    throw error
  })
}

function wrap(plain: Socket, clock: PhaseClock, detail: Detail, io: CheckIo): Connection {
  const queue = byteQueue()
  let socket: Socket = plain
  let secured: TLSSocket | undefined
  let ended = false
  let prompt = false
  let broken: unknown
  let wake: () => void = () => undefined
  const onData = (chunk: Buffer): void => {
    queue.push(chunk)
    // A peer that floods must not fill memory: stop reading until someone takes bytes.
    if (queue.length() > MAX_BUFFERED) socket.pause()
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
  const attach = (): void => {
    socket.on('data', onData).on('end', onEnd).on('close', onEnd)
  }
  const detach = (): void => {
    socket.off('data', onData).off('end', onEnd).off('close', onEnd)
  }
  plain.on('error', onError)
  attach()

  const begin = (): void => {
    if (!clock.running()) clock.enter('exchange')
  }
  // Late: who only connects is spared the system call.
  const noDelay = (): void => {
    if (prompt) return
    prompt = true
    plain.setNoDelay(true)
  }
  /** Waits for news from the peer; false when nothing more can come. */
  const more = async (): Promise<boolean> => {
    if (broken !== undefined) throw broken
    if (ended) return false
    begin()
    const news = new Promise<void>((resolve) => {
      wake = resolve
    })
    socket.resume()
    await clock.guard(news)
    return true
  }
  const closedEarly = (): CheckFailure =>
    queue.length() === 0
      ? new CheckFailure('connection_reset', 'the peer closed the connection without an answer')
      : new CheckFailure('protocol_mismatch', 'the peer closed the connection in the middle of an answer')
  const readSome = async (limit: number): Promise<Buffer> => {
    begin()
    while (queue.length() === 0) if (!(await more())) return Buffer.alloc(0)
    return queue.take(limit)
  }

  return {
    write(data) {
      begin()
      noDelay()
      const written = new Promise<void>((resolve, reject) => {
        if (broken !== undefined) reject(broken)
        // Node would call it a destroyed stream; what happened is that the peer went away.
        else if (ended) reject(new CheckFailure('connection_reset', 'the peer had closed the connection'))
        else socket.write(data, (error) => (error ? reject(broken ?? error) : resolve()))
      })
      return clock.guard(written)
    },
    async read(count) {
      begin()
      while (queue.length() < count) if (!(await more())) throw closedEarly()
      return queue.take(count)
    },
    readSome: (limit = MAX_BUFFERED) => readSome(limit),
    async readUntil(delimiter, limit) {
      begin()
      for (let from = 0; ; ) {
        const at = queue.indexOf(delimiter, from)
        if (at >= 0 && at + delimiter.length <= limit) return queue.take(at + delimiter.length)
        if (queue.length() >= limit)
          throw new CheckFailure('protocol_mismatch', `${limit} bytes came without the expected delimiter`)
        from = Math.max(0, queue.length() - delimiter.length + 1)
        if (!(await more())) throw closedEarly()
      }
    },
    buffered: () => queue.length(),
    async startTls(options) {
      clock.enter('tls')
      // Whoever made the options has loaded it; a check without TLS does without its milliseconds.
      const { connect } = await import('node:tls')
      if (broken !== undefined) throw broken
      if (queue.length() > 0)
        throw new CheckFailure(
          'protocol_mismatch',
          `${queue.length()} bytes came in plain before the TLS handshake`,
        )
      if (ended) throw closedEarly()
      detach()
      noDelay()
      const upgraded = connect({ ...options, socket: plain })
      socket = secured = upgraded
      const ready = new Promise<void>((resolve, reject) => {
        upgraded.once('secureConnect', resolve)
        upgraded.on('error', (error) => {
          onError(error)
          reject(error)
        })
        upgraded.once('close', () =>
          reject(
            new CheckFailure('connection_reset', 'the peer closed the connection during the TLS handshake'),
          ),
        )
      })
      attach()
      await clock.guard(ready)
      clock.stop()
      return upgraded
    },
    async settleTls() {
      const asked = secured?.getProtocol() === 'TLSv1.3' && secured.getSharedSigalgs().length > 0
      if (!asked || queue.length() > 0) return
      clock.enter('tls')
      let timer: NodeJS.Timeout | undefined
      const sign = new Promise<void>((resolve) => {
        wake = resolve
        if (broken !== undefined || ended) resolve()
        secured?.once('session', () => resolve())
        const roundTrip = clock.phases().connect ?? 0
        timer = setTimeout(resolve, Math.max(MIN_VERDICT_MS, 3 * roundTrip))
      })
      try {
        await clock.guard(sign)
      } finally {
        clearTimeout(timer)
      }
      clock.stop()
      if (broken !== undefined) throw broken
      if (ended) throw closedEarly()
    },
    async hold(ms) {
      clock.enter('exchange')
      const started = io.now()
      let timer: NodeJS.Timeout | undefined
      const idle = new Promise<void>((resolve, reject) => {
        timer = setTimeout(resolve, ms)
        wake = () => {
          if (broken === undefined && !ended) return
          const after = Math.round(io.now() - started)
          const closed = new CheckFailure(
            'connection_reset',
            `the peer closed the idle connection after ${after} ms`,
          )
          reject(broken ?? closed)
        }
        wake()
      })
      try {
        await clock.pause(idle)
        detail.heldMs = ms
      } finally {
        clearTimeout(timer)
        wake = () => undefined
      }
    },
    async finish() {
      if (broken !== undefined) throw broken
      queue.take(queue.length())
      socket.end()
      await readSome(MAX_BUFFERED)
      clock.stop()
    },
    async lend(use) {
      if (broken !== undefined) throw broken
      if (ended) throw closedEarly()
      begin()
      noDelay()
      detach()
      socket.pause()
      if (queue.length() > 0) socket.unshift(queue.take(queue.length()))
      const lent = await clock.guard(use(socket))
      clock.stop()
      return lent
    },
    async end(atOnce) {
      detach()
      // The kernel sends the FIN by itself where nothing lies unread, as with a peer that said nothing.
      if (atOnce || io.signal.aborted) socket.destroy()
      else await closeCleanly(socket, io.onEnd)
    },
    socket: () => socket,
    note: (facts) => {
      Object.assign(detail, facts)
    },
  }
}
