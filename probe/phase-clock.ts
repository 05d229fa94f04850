import type { CheckIo } from './checks/check.js'
import { CheckFailure, type Phase, PhaseTimeout } from './outcome.js'
import type { Phases } from './report.schema.js'

/** Times the phases of one attempt and bounds all of them together by the check's timeout. */
export interface PhaseClock {
  /** Ends the running phase and starts this one; going back to an earlier phase adds to its time. */
  readonly enter: (phase: Phase) => void
  /** Ends the running phase's time; it stays the one that a failure is blamed on. */
  readonly stop: () => void
  readonly running: () => boolean
  readonly phase: () => Phase
  readonly phases: () => Phases
  /** Whether the timeout is used up or the run has ended. */
  readonly expired: () => boolean
  /** Rejects with `PhaseTimeout` when the timeout is used up, with `deadline` when the run ends. */
  readonly guard: <T>(work: Promise<T>) => Promise<T>
  /** Like `guard`, but neither a phase's time nor the timeout runs meanwhile: only the run's end cuts it. */
  readonly pause: <T>(work: Promise<T>) => Promise<T>
  /** Takes the timer and the listener away. To be called in any case. */
  readonly dispose: () => void
}

export function phaseClock(io: CheckIo): PhaseClock {
  const times: { dns?: number; connect?: number; tls?: number; exchange?: number } = {}
  let current: Phase = 'connect'
  let since: number | undefined = io.now()
  let left = io.timeoutMs
  let armedAt = io.now()
  let timer: NodeJS.Timeout | undefined
  let failure: { readonly error: unknown } | undefined
  // A set, not one long-lived promise to race against: a conversation of many reads would leave a reaction on it for each.
  const waiting = new Set<(error: unknown) => void>()

  const fail = (error: unknown): void => {
    failure ??= { error }
    for (const reject of waiting) reject(failure.error)
    waiting.clear()
  }
  const arm = (): void => {
    if (failure !== undefined) return
    armedAt = io.now()
    timer = setTimeout(() => fail(new PhaseTimeout(current)), Math.max(0, left))
  }
  const disarm = (): void => {
    clearTimeout(timer)
    left -= io.now() - armedAt
  }
  const onAbort = (): void => fail(ranOut())
  const stop = (): void => {
    if (since === undefined || current === 'plan') return
    times[current] = round((times[current] ?? 0) + io.now() - since)
    since = undefined
  }
  const guard = <T>(work: Promise<T>): Promise<T> =>
    new Promise((resolve, reject) => {
      if (failure !== undefined) reject(failure.error)
      else waiting.add(reject)
      // Also where it has failed already: what the abandoned work rejects with later must not go unhandled.
      work.then(
        (value) => {
          waiting.delete(reject)
          resolve(value)
        },
        (error: unknown) => {
          waiting.delete(reject)
          reject(error)
        },
      )
    })

  if (io.signal.aborted) onAbort()
  const forget = io.onEnd(onAbort)
  arm()
  return {
    enter(phase) {
      stop()
      current = phase
      since = io.now()
    },
    stop,
    running: () => since !== undefined,
    phase: () => current,
    phases: () => ({ ...times }),
    expired: () => failure !== undefined,
    guard,
    async pause(work) {
      stop()
      disarm()
      try {
        return await guard(work)
      } finally {
        arm()
      }
    },
    dispose() {
      clearTimeout(timer)
      forget()
    },
  }
}

/** Why a check ends when the run does. */
export function ranOut(): CheckFailure {
  return new CheckFailure('deadline', 'the run ended before this check did')
}

const TIMED = ['dns', 'connect', 'tls', 'exchange'] as const

/** Phase by phase the time of both, in the order in which they are passed; a phase that neither has stays absent. */
export function sumPhases(a: Phases, b: Phases): Phases {
  const entered = TIMED.filter((phase) => a[phase] !== undefined || b[phase] !== undefined)
  return Object.fromEntries(entered.map((phase) => [phase, round((a[phase] ?? 0) + (b[phase] ?? 0))]))
}

/** The time of all phases together; undefined where there is none. */
export function totalOf(phases: Phases): number | undefined {
  let total: number | undefined
  for (const phase of TIMED) {
    const ms = phases[phase]
    if (ms !== undefined) total = (total ?? 0) + ms
  }
  return total === undefined ? undefined : round(total)
}

/** Milliseconds with microsecond digits: enough for a loopback, short in a log. */
export function round(ms: number): number {
  return Math.round(ms * 1000) / 1000
}
