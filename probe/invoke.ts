import { type AllowReading, readAllow } from './allow.js'
import type { Assets } from './assets.js'
import { describe } from './connection.js'
import { identify, type LambdaContext } from './identity.js'
import { loadPlan, type PlanError } from './plan.js'
import type { Printer } from './print.js'
import { errorLine, printedReports } from './report.js'
import type { ErrorLine, ProbeAnswer } from './report.schema.js'
import { createLookup, systemNames } from './resolve.js'
import { type RunDeps, type RunOutcome, startRun } from './run.js'
import { type Fatality, watchProcess } from './watchdog.js'

/** The process around an invocation. */
export interface ProbeHost {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly assets: Assets
  readonly printer: Printer
  /** TLS contexts made of assets, which don't change while the process lives. */
  readonly secureContexts: NonNullable<RunDeps['secureContexts']>
}

/** Time kept back from the Lambda's own limit, in milliseconds, and the share of it where the limit is short. */
const MARGIN_MS = 1500
const MARGIN_SHARE = 0.25

/** A plan or an allow-list that can't be run; its message names every fault with its pointer. */
export class BadPlan extends Error {
  override readonly name = 'BadPlan'
  constructor(
    readonly code: ErrorLine['error']['code'],
    readonly source: string,
    readonly errors: readonly PlanError[],
  ) {
    super(
      `${source}: ${errors.map(({ pointer, message }) => `${pointer === '' ? '' : `${pointer}: `}${message}`).join('; ')}`,
    )
  }
}

/** The time that a run may take, and that its sockets may take to close, given what is left of the invocation. */
export function budgetOf(remainingMs: number): { readonly budgetMs: number; readonly closingMs: number } {
  const margin = Math.min(MARGIN_MS, Math.max(0, remainingMs) * MARGIN_SHARE)
  // The rest of the margin is for printing.
  return { budgetMs: Math.max(0, remainingMs - margin), closingMs: Math.min(400, margin / 2) }
}

/**
 * One invocation: finds the plan, runs it, prints its report lines, returns the reports. The lines are printed in any
 * case, also when the process is told to end or something throws outside of every check.
 * Throws `BadPlan`, after a line that says the same, where there is nothing to run.
 */
export async function invoke(
  event: unknown,
  context: LambdaContext | undefined,
  coldStart: boolean,
  host: ProbeHost,
): Promise<ProbeAnswer> {
  const { env, assets, printer, secureContexts } = host
  const identity = identify(env, coldStart, context)
  const loaded = await loadPlan({ event, env, bundled: () => assets.find('plan.json') })
  const allow = readAllow(env)
  const bad = faultOf(loaded, allow)
  if (bad) {
    await printer.line(errorLine(bad, identity, new Date(), env))
    throw bad
  }
  if (!loaded.ok || !allow.ok) throw new TypeError('a reading without faults is complete')

  const remaining = context?.getRemainingTimeInMillis?.()
  // Loaded late: it takes a fifth of the time in which the bundle loads.
  const { randomUUID } = await import('node:crypto')
  const running = startRun(loaded.plan, {
    env,
    allow: allow.allow,
    lookup: createLookup(systemNames(env)),
    readAsset: assets.read,
    secureContexts,
    now: () => performance.now(),
    date: () => new Date(),
    newId: randomUUID,
    ...(remaining === undefined ? {} : budgetOf(remaining)),
  })
  let rescued: RunOutcome | undefined
  let told: 'SIGTERM' | 'SIGINT' | undefined
  const unwatch = watchProcess((fatality) => {
    if (!('error' in fatality)) told ??= fatality.kind
    if (rescued) return
    rescued = running.soFar(...ending(fatality))
    for (const { line } of printedReports(rescued, identity, env)) printer.lineNow(line)
    running.abort()
  })
  try {
    const outcome = await running.done
    const printed = printedReports(rescued ?? outcome, identity, env)
    if (!rescued) for (const { line } of printed) await printer.line(line)
    const reports = printed.map(({ report }) => report)
    return { sonde: 1, reports, ...(loaded.warnings.length > 0 ? { warnings: [...loaded.warnings] } : {}) }
  } finally {
    unwatch()
    if (told !== undefined) endSoon(told)
  }
}

/** How long a process that was told to end may take to pass its answer on, in milliseconds. */
const LAST_ANSWER_MS = 1000

/**
 * A signal that was listened to doesn't end the process any more, and Lambda's runtime would wait for a next invocation until it
 * is killed. Who else listens for the signal has heard it, and decides.
 */
function endSoon(signal: 'SIGTERM' | 'SIGINT'): void {
  if (process.listenerCount(signal) > 0) return
  setTimeout(() => process.kill(process.pid, signal), LAST_ANSWER_MS).unref()
}

function faultOf(loaded: Awaited<ReturnType<typeof loadPlan>>, allow: AllowReading): BadPlan | undefined {
  if (!loaded.ok) return new BadPlan('bad_plan', loaded.source, loaded.errors)
  if (allow.ok) return undefined
  return new BadPlan(
    'bad_allow_list',
    'SONDE_ALLOW',
    allow.errors.map((message) => ({ pointer: '', message })),
  )
}

function ending(fatality: Fatality): ['deadline' | 'internal_error', string] {
  if (!('error' in fatality)) return ['deadline', `the process was told to end (${fatality.kind})`]
  return ['internal_error', `${fatality.kind}: ${describe(fatality.error).message ?? 'no message'}`]
}
