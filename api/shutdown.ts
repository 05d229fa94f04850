import type { FastifyBaseLogger } from 'fastify'

/** The part of a process that a shutdown touches. */
export interface SignalSource {
  readonly on: (signal: 'SIGTERM' | 'SIGINT', listener: (signal: 'SIGTERM' | 'SIGINT') => void) => unknown
  readonly off: (signal: 'SIGTERM' | 'SIGINT', listener: (signal: 'SIGTERM' | 'SIGINT') => void) => unknown
}

export interface ShutdownOptions {
  readonly signals: SignalSource
  /** Stops taking in, finishes what was taken in, closes the store. */
  readonly close: () => Promise<void>
  readonly exit: (code: number) => void
  readonly logger: Pick<FastifyBaseLogger, 'info' | 'warn' | 'error'>
  /** Longest time that finishing may take. Default 25 s: less than the 30 s after which orchestrators kill. */
  readonly graceMs?: number
  /** Monotonic, in milliseconds. */
  readonly now?: () => number
}

/** npm passes on the Ctrl-C that the terminal has sent to all of its processes: what follows this soon is the same signal. */
const ECHO_MS = 1000

/**
 * On SIGTERM or SIGINT closes in order and exits with 0; with 1 if closing fails or takes longer than the grace. A second
 * signal exits at once, unless it is the echo of the first. Returns how to stop listening.
 */
export function installShutdown(options: ShutdownOptions): () => void {
  const { signals, close, exit, logger, graceMs = 25_000, now = () => performance.now() } = options
  let first: { readonly signal: 'SIGTERM' | 'SIGINT'; readonly at: number } | null = null
  const listen = (signal: 'SIGTERM' | 'SIGINT'): void => {
    if (first !== null) {
      if (signal === first.signal && now() - first.at < ECHO_MS) return
      logger.warn({ signal }, 'a second signal: stopping at once')
      exit(signal === 'SIGINT' ? 130 : 143)
      return
    }
    first = { signal, at: now() }
    logger.info({ signal }, 'shutting down: finishing what was accepted')
    const late = setTimeout(() => {
      logger.error({ graceMs }, 'shutting down took too long: stopping at once')
      exit(1)
    }, graceMs)
    close().then(
      () => {
        clearTimeout(late)
        logger.info({}, 'stopped')
        exit(0)
      },
      (err: unknown) => {
        clearTimeout(late)
        logger.error({ err }, 'shutting down failed')
        exit(1)
      },
    )
  }
  signals.on('SIGTERM', listen)
  signals.on('SIGINT', listen)
  return () => {
    signals.off('SIGTERM', listen)
    signals.off('SIGINT', listen)
  }
}
