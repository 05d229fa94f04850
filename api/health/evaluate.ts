import type { Text } from '../network/path.js'
import type { CheckState } from './fold.js'
import {
  type CheckHealth,
  type CheckStatus,
  type FunctionStatus,
  type HealthPolicy,
  STALE_INTERVALS,
  type StandpointCheck,
} from './health.js'
import { severity } from './severity.js'
import { partlySilent, silentSince, summarise } from './summary.js'

/** One probe as health sees it. Times in epoch milliseconds. */
export interface ProbeState {
  readonly probe: string
  readonly standpoint: string
  readonly subnet: string | null
  readonly securityGroups: readonly string[]
  readonly lastAt: number
  readonly intervalMs: number
  readonly checks: ReadonlyMap<string, CheckState>
}

/** Health as the results alone tell it, before the clock is asked. */
export interface Verdict {
  /** A report from after this time drops a probe that has fallen silent; null if there was none. */
  readonly holdsUntil: number | null
  readonly status: FunctionStatus
  readonly since: number | null
  /** When it becomes stale unless a report comes; null if there was none. */
  readonly staleAt: number | null
  readonly lastAt: number | null
  /** Why, in one sentence. */
  readonly text: Text
  readonly checks: readonly CheckHealth[]
  readonly probes: readonly {
    probe: string
    standpoint: string
    subnet: string | null
    staleAt: number
    lastAt: number
  }[]
}

/** What of a verdict the clock can change. */
export interface PresentHealth {
  readonly status: FunctionStatus
  readonly since: string | null
  readonly lastReportAt: string | null
  /** Why, in one sentence. */
  readonly text: Text
  readonly checks: readonly CheckHealth[]
}

/** A probe that has been silent for this long, while others of its posture report, has left it. */
export const FORGET_PROBE_MS = 24 * 3_600_000

/**
 * Health of the functions that share some probes. Pure, and free of the clock.
 *
 * - A check that its own probe has not reported for three of its intervals was taken out of the plan and is left out.
 * - A probe that falls silent keeps its last word, until it has been silent for a day longer than another probe.
 * - While a check has fewer results than a flip needs it is `pending`, and the newest result speaks for it.
 * - A check fails if it fails from all its standpoints, is degraded if it fails from some, or if it passes although one of
 *   the target's addresses keeps failing.
 * - A function is as bad as its worst check.
 */
export function evaluate(probes: readonly ProbeState[], policy: HealthPolicy): Verdict {
  const newest = probes.reduce((latest, { lastAt }) => Math.max(latest, lastAt), Number.NEGATIVE_INFINITY)
  const present = probes
    .filter((probe) => newest <= speaksUntil(probe))
    .toSorted(
      (a, b) =>
        order(a.subnet ?? '', b.subnet ?? '') || order(a.probe, b.probe) || order(a.standpoint, b.standpoint),
    )
  const seen = new Map<string, Sight[]>()
  for (const probe of present) {
    for (const [name, state] of probe.checks) {
      if (!isInPlan(state, probe)) continue
      const sights = seen.get(name)
      if (sights === undefined) seen.set(name, [{ probe, state }])
      else sights.push({ probe, state })
    }
  }
  const checks = [...seen]
    .toSorted(([a], [b]) => order(a, b))
    .map(([name, sights]) => checkHealth(name, sights, policy))
  const { status, since } = functionStatus(checks)
  const said = new Map([...seen].map(([name, sights]) => [name, sights.map(({ state }) => state.last)]))
  return {
    holdsUntil: present.length === 0 ? null : Math.min(...present.map(speaksUntil)),
    status,
    since,
    staleAt: present.length === 0 ? null : Math.max(...present.map(staleAt)),
    lastAt: present.length === 0 ? null : newest,
    text: summarise(status, checks, said, present.length),
    checks,
    probes: present.map((probe) => ({
      probe: probe.probe,
      standpoint: probe.standpoint,
      subnet: probe.subnet,
      staleAt: staleAt(probe),
      lastAt: probe.lastAt,
    })),
  }
}

/** The verdict at a time: what has gone silent by then is stale. */
export function atTime(verdict: Verdict, now: number): PresentHealth {
  const lastReportAt = verdict.lastAt === null ? null : iso(verdict.lastAt)
  if (verdict.staleAt !== null && verdict.staleAt <= now) {
    return {
      status: 'stale',
      since: iso(verdict.staleAt),
      lastReportAt,
      text: silentSince(lastReportAt, verdict.text),
      checks: verdict.checks.map((check) => ({
        ...check,
        status: 'stale',
        standpoints: check.standpoints.map((standpoint) => ({ ...standpoint, status: 'stale' })),
      })),
    }
  }
  const since = verdict.since === null ? null : iso(verdict.since)
  const silent = verdict.probes.filter((probe) => probe.staleAt <= now)
  if (silent.length === 0) {
    return { status: verdict.status, since, lastReportAt, text: verdict.text, checks: verdict.checks }
  }
  const isSilent = new Set(silent.map(({ standpoint, probe }) => `${standpoint} ${probe}`))
  const places = [...new Set(silent.map(({ subnet, probe }) => subnet ?? probe))]
  return {
    status: verdict.status,
    since,
    lastReportAt,
    text: partlySilent(places, verdict.text),
    checks: verdict.checks.map((check) => {
      const standpoints = check.standpoints.map(
        (standpoint): StandpointCheck =>
          isSilent.has(`${standpoint.standpoint} ${standpoint.probe}`)
            ? { ...standpoint, status: 'stale' }
            : standpoint,
      )
      const allStale = standpoints.every(({ status }) => status === 'stale')
      return { ...check, status: allStale ? 'stale' : check.status, standpoints }
    }),
  }
}

interface Sight {
  readonly probe: ProbeState
  readonly state: CheckState
}

function checkHealth(name: string, sights: readonly Sight[], policy: HealthPolicy): CheckHealth {
  const newest = sights.reduce(
    (best, sight) => (sight.state.last.at > best.state.last.at ? sight : best),
    firstOf(sights),
  )
  const failing = sights.filter(({ state }) => fails(state, policy))
  const passing = sights.filter(({ state }) => !fails(state, policy))
  const partial = passing.some(({ state }) => state.partial >= policy.flipAfter)
  const began = ({ state }: Sight): number => standpointSince(state, policy)
  let status: CheckHealth['status']
  let since: number
  if (failing.length > 0 && passing.length > 0) {
    status = 'degraded'
    since = Math.max(Math.min(...failing.map(began)), Math.min(...passing.map(began)))
  } else {
    const pending = sights.every(({ state }) => state.total < policy.flipAfter)
    status = pending ? 'pending' : failing.length > 0 ? 'failing' : partial ? 'degraded' : 'passing'
    since = Math.max(...sights.map(began))
  }
  const { kind, target, expect } = newest.state.last
  return {
    name,
    kind,
    target,
    expect,
    status,
    since: iso(since),
    standpoints: sights.map((sight) => standpointCheck(sight, policy)),
  }
}

function standpointCheck({ probe, state }: Sight, policy: HealthPolicy): StandpointCheck {
  return {
    standpoint: probe.standpoint,
    subnet: probe.subnet,
    securityGroups: probe.securityGroups,
    probe: probe.probe,
    status: standpointStatus(state, policy),
    outcome: state.last.outcome,
    endedIn: state.last.endedIn,
    asExpected: state.last.asExpected,
    consecutiveFailures: Math.max(-state.streak, 0),
    since: iso(standpointSince(state, policy)),
    lastAt: iso(state.last.at),
    ms: state.last.ms,
    address: state.last.address,
    addressKind: state.last.addressKind,
  }
}

function standpointStatus(state: CheckState, policy: HealthPolicy): CheckStatus {
  if (state.total < policy.flipAfter) return 'pending'
  return state.failing ? 'failing' : 'passing'
}

function standpointSince(state: CheckState, policy: HealthPolicy): number {
  return state.total < policy.flipAfter ? state.streakAt : state.since
}

/** A pending check is judged by its newest result: there is nothing yet that it could flip from. */
function fails(state: CheckState, policy: HealthPolicy): boolean {
  return state.total < policy.flipAfter ? !state.last.asExpected : state.failing
}

function functionStatus(checks: readonly CheckHealth[]): { status: FunctionStatus; since: number | null } {
  if (checks.length === 0) return { status: 'unknown', since: null }
  const of = (wanted: FunctionStatus): number[] =>
    checks.filter((check) => severity(check) === wanted).map(({ since }) => Date.parse(since))
  const failing = of('failing')
  if (failing.length > 0) return { status: 'failing', since: Math.min(...failing) }
  const degraded = of('degraded')
  if (degraded.length > 0) return { status: 'degraded', since: Math.min(...degraded) }
  return { status: 'healthy', since: Math.max(...of('healthy')) }
}

type Reporting = Pick<ProbeState, 'lastAt' | 'intervalMs'>

/** When a probe is stale unless another report comes. */
export function staleAt({ lastAt, intervalMs }: Reporting): number {
  return lastAt + STALE_INTERVALS * intervalMs
}

/** Up to which time another probe's report leaves this one its say. */
export function speaksUntil({ lastAt, intervalMs }: Reporting): number {
  return lastAt + Math.max(FORGET_PROBE_MS, STALE_INTERVALS * intervalMs)
}

function isInPlan(state: CheckState, { lastAt, intervalMs }: Reporting): boolean {
  return state.last.at >= lastAt - STALE_INTERVALS * intervalMs
}

/**
 * What of a probe the statuses depend on, its time and its silence aside: as long as it stays the same, and so do those of the
 * probes beside it, `evaluate` gives the function and each of its checks the same status. Most reports change nothing else.
 */
export function bearingOf(
  probe: Reporting & { readonly checks: Iterable<readonly [string, { readonly state: CheckState }]> },
  policy: HealthPolicy,
): string {
  let bearing = `${probe.intervalMs}`
  for (const [name, { state }] of probe.checks) {
    if (!isInPlan(state, probe)) continue
    const pending = state.total < policy.flipAfter ? '?' : ''
    const partial = state.partial >= policy.flipAfter ? '~' : ''
    bearing += `\u0000${fails(state, policy) ? '-' : '+'}${pending}${partial}${name}`
  }
  return bearing
}

function firstOf<T>(list: readonly T[]): T {
  const [first] = list
  if (first === undefined) throw new Error('a check without a standpoint can not be judged')
  return first
}

function iso(ms: number): string {
  return new Date(ms).toISOString()
}

function order(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
