import { setMaxListeners } from 'node:events'
import {
  type Attempt,
  type AttemptContext,
  type PreparedCheck,
  prepare,
  resultOf,
  unprepared,
} from './attempt.js'
import type { Finding } from './checks/check.js'
import { loadCheckers } from './checks/index.js'
import { describe, round } from './connection.js'
import { asExpected, type Outcome } from './outcome.js'
import type { Check, Plan } from './plan.schema.js'
import type { Result } from './report.schema.js'
import { runEnd } from './run-end.js'
import { isFinal } from './verdict.js'

export interface RunDeps extends Omit<AttemptContext, 'signal' | 'onEnd' | 'secureContexts'> {
  /** TLS contexts of runs before this one, and for runs after it. Default: this run has its own. */
  readonly secureContexts?: AttemptContext['secureContexts']
  /** Wall clock, for the report's `startedAt`. */
  readonly date: () => Date
  readonly newId: () => string
  /** Milliseconds that the whole run may take; undefined: as long as it needs. */
  readonly budgetMs?: number
  /** Milliseconds that closing sockets may take after that. Default 400. */
  readonly closingMs?: number
}

export interface RunOutcome {
  readonly run: string
  readonly startedAt: string
  readonly durationMs: number
  readonly results: readonly Result[]
}

/** A run under way. */
export interface Running {
  /** Resolves when every check is done or the budget is used up; never rejects. */
  readonly done: Promise<RunOutcome>
  /** What is known at this moment; checks that are not done carry `outcome` and `message`. For a process that is dying. */
  readonly soFar: (outcome: Outcome, message: string) => RunOutcome
  /** Ends the run now, as its deadline would. */
  readonly abort: () => void
}

/** A little more than a connection's own grace for a clean close. */
const CLOSING_MS = 400

/** The state of one check while the run is on. */
interface Progress {
  readonly check: Check
  /** Made when the check's turn comes. */
  prepared: PreparedCheck | undefined
  readonly attempts: Attempt[]
  startedAt: number | undefined
  done: boolean
}

/** Runs a plan to its end. */
export function run(plan: Plan, deps: RunDeps): Promise<RunOutcome> {
  return startRun(plan, deps).done
}

/**
 * Starts a plan's checks, at most `plan.concurrency` at once. A check is tried again only while it is not as expected.
 * When the budget ends every check is told to stop, and what has no result by then gets `deadline`.
 */
export function startRun(plan: Plan, deps: RunDeps): Running {
  const id = deps.newId()
  const startedAt = deps.date().toISOString()
  const started = deps.now()
  const controller = new AbortController()
  // Every attempt on every address listens: that many listeners are no leak.
  setMaxListeners(0, controller.signal)
  const context: AttemptContext = {
    ...deps,
    secureContexts: deps.secureContexts ?? new Map(),
    signal: controller.signal,
    onEnd: runEnd(controller.signal),
  }
  const progress: Progress[] = plan.checks.map((check) => ({
    check,
    prepared: undefined,
    attempts: [],
    startedAt: undefined,
    done: false,
  }))

  const early = new Error('the run ended before its code was loaded')
  let preparing = (check: Check): PreparedCheck => unprepared(check, plan, early)
  const loadAll = async (): Promise<void> => {
    preparing = await loadCheckers(plan.checks).then(
      (checkers) => (check: Check) => prepare(check, plan, deps.env, checkers),
      (error: unknown) => (check: Check) => unprepared(check, plan, error),
    )
  }

  const snapshot = (outcome: Outcome, message: string): RunOutcome => ({
    run: id,
    startedAt,
    durationMs: round(deps.now() - started),
    results: progress.map(({ check, prepared = preparing(check), attempts, startedAt: begun, done }) => {
      if (done && attempts.length > 0) return resultNow(prepared, attempts)
      const finding: Finding = { outcome, endedIn: 'plan', phases: {}, detail: { message } }
      const ms = begun === undefined ? 0 : round(deps.now() - begun)
      return resultNow(prepared, [...attempts, { finding, ms, address: null }])
    }),
  })

  let next = 0
  const worker = async (): Promise<void> => {
    for (let index = next++; !controller.signal.aborted; index = next++) {
      const entry = progress[index]
      if (!entry) return
      entry.startedAt = deps.now()
      const prepared = preparing(entry.check)
      entry.prepared = prepared
      await tryUntilExpected(prepared, entry.attempts, context)
      entry.done = true
    }
  }

  const abort = (): void => controller.abort()
  const timer = deps.budgetMs === undefined ? undefined : setTimeout(abort, Math.max(0, deps.budgetMs))
  const workers = Array.from({ length: Math.min(plan.concurrency, plan.checks.length) })
  const work = loadAll().then(() => Promise.all(workers.map(worker)))
  const done = untilDoneOrClosed(work, controller.signal, deps.closingMs ?? CLOSING_MS).then(() => {
    clearTimeout(timer)
    return snapshot('deadline', 'not done when the time of the run was used up')
  })
  return { done, soFar: snapshot, abort }
}

async function tryUntilExpected(
  prepared: PreparedCheck,
  attempts: Attempt[],
  context: AttemptContext,
): Promise<void> {
  while (attempts.length < prepared.attempts && !context.signal.aborted) {
    const begun = context.now()
    let attempt: Attempt
    try {
      attempt = await prepared.attempt(context)
    } catch (error) {
      attempt = {
        finding: { outcome: 'internal_error', phases: {}, detail: describe(error) },
        ms: round(context.now() - begun),
        address: null,
      }
    }
    attempts.push(attempt)
    const { outcome } = attempt.finding
    if (asExpected(outcome, prepared.expect) || isFinal(outcome)) return
  }
}

/** A check's result at this moment. That it was cut short counts only where no attempt has told more. */
function resultNow(prepared: PreparedCheck, attempts: readonly Attempt[]): Result {
  const deciding =
    attempts.findLast((attempt) => attempt.finding.outcome !== 'deadline')?.finding.outcome ?? 'deadline'
  const expected = asExpected(deciding, prepared.expect)
  const result = resultOf(prepared, attempts, expected)
  if (!result) throw new Error('a list with an entry has a last one')
  return result
}

/** Waits for the work, or, once the signal is given, so long as closing sockets may take. */
function untilDoneOrClosed(work: Promise<unknown>, signal: AbortSignal, closingMs: number): Promise<void> {
  return new Promise((resolve) => {
    let timer: NodeJS.Timeout | undefined
    const finish = (): void => {
      clearTimeout(timer)
      signal.removeEventListener('abort', close)
      resolve()
    }
    function close(): void {
      timer = setTimeout(finish, closingMs)
    }
    signal.addEventListener('abort', close, { once: true })
    work.then(finish, finish)
  })
}
