import type { FaultSite } from '../../infra/lab/faults/fault.js'
import type { StandingPlan } from '../../infra/lab/posts.js'
import type { Change } from '../diagnosis/diagnosis.js'
import type { LabState, LiveLab } from '../lab/live.js'
import { applyStep, type Step, withoutFault } from '../lab/steps.js'
import type { Text } from '../network/path.js'
import type { Snapshot } from '../network/snapshot.js'
import { FAULTS_AT_START, SAMPLE_FAULTS, type SampleFault, siteOf } from './faults.js'
import { functionsWith, type Obstacle, obstaclesOf } from './impact.js'

/** What the sample offers to break, and what of it is broken now. */
export interface SampleState {
  readonly faults: readonly {
    readonly id: string
    readonly title: Text
    readonly description: Text
    /** Those that notice it. */
    readonly functions: readonly string[]
    /** It was put in and still stands: a fix that mends it by another way ends it as well. */
    readonly active: boolean
  }[]
  readonly fixesApplied: number
}

/** The sample has no such fault. */
export class NoSuchFault extends Error {
  override readonly name = 'NoSuchFault'
}

/** The account is not as the fault needs it. */
export class FaultDoesNotFit extends Error {
  override readonly name = 'FaultDoesNotFit'
}

/** The sample's account under change. Each call is done once the network is raised; the probes then see it. */
export interface SampleEngine {
  readonly state: () => SampleState
  /** The checks, as `plan/check`, that the configuration blocks now from some subnet. */
  readonly blocked: () => ReadonlySet<string>
  /** Puts a fault in; nothing is done where it stands already. @throws {NoSuchFault} @throws {FaultDoesNotFit} */
  readonly break: (id: string) => Promise<void>
  /** Takes a fault back, and every fix that mended nothing else. @throws {NoSuchFault} */
  readonly mend: (id: string) => Promise<void>
  /** @throws {ChangeError} where the account can't take the changes */
  readonly fix: (changes: readonly Change[]) => Promise<void>
  /** Back to the beginning. */
  readonly reset: () => Promise<void>
}

interface Known {
  readonly fault: SampleFault
  readonly functions: readonly string[]
}

/** The account as it is without any fault, and with those of the beginning. */
export function startingState(sound: LabState): {
  readonly state: LabState
  readonly steps: readonly Step[]
} {
  return FAULTS_AT_START.reduce(
    ({ state, steps }: { state: LabState; steps: readonly Step[] }, id) => {
      const step = faultStep(state.snapshot, faultOf(id))
      return { state: applyStep(state, step), steps: [...steps, step] }
    },
    { state: sound, steps: [] },
  )
}

/** Drives a live lab that was raised with `startingState(sound)`. */
export function createSampleEngine(
  live: LiveLab,
  sound: LabState,
  plans: readonly StandingPlan[],
): SampleEngine {
  const start = startingState(sound)
  const known = survey(sound, plans)
  let steps = start.steps
  let active = standing(live.state(), sound, steps, plans)

  const move = async (
    next: (state: LabState) => { state: LabState; steps: readonly Step[] },
  ): Promise<void> => {
    let after = steps
    await live.change((state) => {
      const moved = next(state)
      after = moved.steps
      return moved.state
    })
    steps = after
    active = standing(live.state(), sound, steps, plans)
  }

  return {
    state: () => ({
      faults: known.map(({ fault: { id, title, description }, functions }) => ({
        id,
        title,
        description,
        functions,
        active: active.has(id),
      })),
      fixesApplied: steps.filter(({ kind }) => kind === 'fix').length,
    }),
    blocked: () => new Set(obstaclesOf(live.state().snapshot, plans).map(({ check }) => check)),
    async break(id) {
      const fault = faultOf(id)
      if (active.has(id)) return
      await move((state) => {
        const step = faultStep(state.snapshot, fault)
        return { state: applyStep(state, step), steps: [...steps, step] }
      })
    },
    async mend(id) {
      faultOf(id)
      if (!steps.some((step) => step.kind === 'fault' && step.id === id)) return
      await move(() => withoutFault(sound, steps, id))
    },
    async fix(changes) {
      const before = active
      await move((state) => {
        const step: Step = { kind: 'fix', changes, mended: [] }
        return { state: applyStep(state, step), steps: [...steps, step] }
      })
      const mended = [...before].filter((id) => !active.has(id))
      steps = steps.map((step, index) =>
        index === steps.length - 1 ? { kind: 'fix', changes, mended } : step,
      )
    },
    reset: () => move(() => start),
  }
}

/**
 * The faults that still stand: without them something less would be in the way. A fix may have ended one, and two may stand in the
 * way of the same check.
 */
function standing(
  now: LabState,
  sound: LabState,
  steps: readonly Step[],
  plans: readonly StandingPlan[],
): ReadonlySet<string> {
  const keys = (snapshot: Snapshot) => obstaclesOf(snapshot, plans).map(({ key }) => key)
  const present = keys(now.snapshot)
  const faults = steps.flatMap((step) => (step.kind === 'fault' ? [step] : []))
  const stands = faults.filter(({ id, site }) => {
    if (hasHosts(site)) return true
    const without = new Set(keys(withoutFault(sound, steps, id).state.snapshot))
    return present.some((key) => !without.has(key))
  })
  return new Set(stands.map(({ id }) => id))
}

/** Whom each fault, put alone into the sound account, hits. */
function survey(sound: LabState, plans: readonly StandingPlan[]): readonly Known[] {
  const before = new Set(obstaclesOf(sound.snapshot, plans).map(({ key }) => key))
  return SAMPLE_FAULTS.map((fault) => {
    const step = faultStep(sound.snapshot, fault)
    const isNew = ({ key }: Obstacle) => !before.has(key)
    const blocked = obstaclesOf(applyStep(sound, step).snapshot, plans).filter(isNew)
    const checks = hasHosts(step.site) ? checksOf(plans, fault) : new Set(blocked.map(({ check }) => check))
    return { fault, functions: functionsWith(plans, checks) }
  })
}

/** A host that misbehaves blocks nothing: whoever speaks with it notices. */
function checksOf(plans: readonly StandingPlan[], { flow }: SampleFault): ReadonlySet<string> {
  const host = `${flow.to.replace(/^rds:/, '')}.`
  return new Set(
    plans.flatMap((plan) =>
      plan.checks
        .filter((check) => String(check['host'] ?? '').startsWith(host))
        .map((check) => `${plan.name}/${String(check['name'])}`),
    ),
  )
}

function hasHosts(site: FaultSite): boolean {
  return Object.keys(site.hosts).length > 0
}

function faultOf(id: string): SampleFault {
  const fault = SAMPLE_FAULTS.find((one) => one.id === id)
  if (fault === undefined) throw new NoSuchFault(`the sample has no fault "${id}"`)
  return fault
}

function faultStep(snapshot: Snapshot, fault: SampleFault): Extract<Step, { kind: 'fault' }> {
  const site = siteOf(snapshot, fault)
  if (site === null)
    throw new FaultDoesNotFit(
      `${fault.id} can not be put in now: another fault or fix has changed what it needs; reset the sample first`,
    )
  return { kind: 'fault', id: fault.id, site }
}
