import { ChangeError } from '../../../api/diagnosis/apply.js'
import type { Diagnosis } from '../../../api/diagnosis/diagnosis.js'
import type { Snapshot } from '../../../api/network/snapshot.js'
import type { LabDocument } from '../documents.js'
import { inject } from '../faults/catalogue.js'
import type { FaultSite } from '../faults/fault.js'
import type { LabFlow } from '../plan.js'
import { runProbes, type Sighting, targetsOf } from '../run.js'
import type { Hosts } from '../services.js'
import type { Lab } from '../start.js'
import {
  diagnosisAt,
  diagnosisOfFunction,
  firstFailure,
  isAdvised,
  isAmong,
  isCalm,
  isCause,
  isGreen,
  mended,
  namedBy,
} from './judge.js'
import { type Case, type Chosen, type Job, planJob } from './plan.js'
import type { Family } from './topologies.js'

/** What went wrong with a case, with all that is needed to look into it. */
export interface Miss {
  readonly seed: number
  readonly family: string
  readonly what: string
  readonly flow: LabFlow
  readonly sites: readonly FaultSite[]
  readonly snapshot: Snapshot
  readonly sightings: readonly Sighting[]
  readonly diagnosis: Pick<Diagnosis, 'kind' | 'cause' | 'blockers' | 'summary'> | null
}

/**
 * How a case came out. `masked`: packets get through all the same, so there is nothing to name. `moot`: of two faults one is
 * named, and its fix turns the packets green with the other one still there; it is neither counted as named nor as missed.
 */
export interface Outcome {
  readonly sites: readonly FaultSite[]
  readonly state: 'named' | 'missed' | 'masked' | 'moot'
  /** Whether Sonde's fix turned the packets green; null where no configuration mends it (a host's fault, advice only), or none can be proven to. */
  readonly fixed: boolean | null
  readonly misses: readonly Miss[]
}

export interface HealthyOutcome {
  readonly flows: number
  readonly alarms: readonly Miss[]
}

export interface Score {
  readonly healthy: readonly HealthyOutcome[]
  readonly outcomes: readonly Outcome[]
}

export interface ScoreOptions {
  readonly seed: number
  /** Injections that packets see. */
  readonly count: number
  /** Healthy networks, at least. */
  readonly healthy: number
  /** The families of networks that seeds choose from; all of them unless told. */
  readonly families?: readonly Family[]
  readonly progress?: (score: Score) => void
}

const NO_FIX = 'no fix'

/** Injections in one network. */
const PER_NETWORK = 3

/**
 * Random healthy networks, faults put into them one by one and in pairs, the real probe in each, and the diagnosis held
 * against what was put in. Each lab takes the next network as it is done with one.
 */
export async function score(labs: readonly Lab[], options: ScoreOptions): Promise<Score> {
  const chosen: Chosen = new Map()
  const healthy: HealthyOutcome[] = []
  const outcomes: Outcome[] = []
  const counted = () => outcomes.filter(({ state }) => state === 'named' || state === 'missed').length
  let next = options.seed
  let planned = 0
  const work = async (lab: Lab): Promise<void> => {
    while (healthyLeft() > 0 || counted() < options.count) {
      const seed = next
      next += 1
      const wanted = Math.min(PER_NETWORK, Math.max(0, options.count - planned))
      const job = planJob(seed, wanted, chosen, options.families)
      planned += job.cases.length
      started += 1
      healthy.push(await tryHealthy(lab, job))
      for (const one of job.cases) {
        const outcome = await tryCase(lab, job, one)
        if (outcome === null || outcome.state === 'masked' || outcome.state === 'moot') planned -= 1
        if (outcome !== null) outcomes.push(outcome)
        options.progress?.({ healthy, outcomes })
      }
    }
  }
  let started = 0
  const healthyLeft = () => options.healthy - started
  await Promise.all(labs.map(work))
  return { healthy, outcomes }
}

/** All flows of a network as it is: green, and nothing said against them. */
async function tryHealthy(lab: Lab, { seed, topology, snapshot }: Job): Promise<HealthyOutcome> {
  const { family, flows } = topology
  await lab.up(snapshot.documents, {}, targetsOf(flows))
  const sightings = await runProbes(lab, snapshot.documents, flows)
  const alarms = flows.flatMap((flow, index) =>
    sightings.flatMap((at): readonly Miss[] => {
      const result = at.results[index]
      if (result === undefined) return []
      const base = { seed, family, flow, sites: [], snapshot, sightings: [at] }
      const diagnosis = diagnosisAt(snapshot, flow, at, result)
      if (!isGreen(result)) return [{ ...base, diagnosis, what: `not healthy: ${result.outcome}` }]
      return diagnosis === null || diagnosis.kind === 'healthy'
        ? []
        : [{ ...base, diagnosis, what: `false alarm: ${diagnosis.kind}` }]
    }),
  )
  return { flows: flows.length, alarms }
}

/** Puts the faults in, and holds what is said against what was done; null where they exclude one another. */
async function tryCase(lab: Lab, job: Job, { flow, sites }: Case): Promise<Outcome | null> {
  const broken = injectAll(job.snapshot, sites)
  if (broken === null) return null
  const hosts: Hosts = Object.assign({}, ...sites.map((site) => site.hosts))
  const sightings = await look(lab, broken.documents, hosts, flow)
  const failure = firstFailure(sightings)
  const base = { seed: job.seed, family: job.topology.family, flow, sites, snapshot: broken, sightings }
  if (failure === null) return { sites, state: 'masked', fixed: null, misses: falseAlarms(base) }
  if (sites.length > 1 && !(await eachBreaks(lab, job.snapshot, sites, flow)))
    return { sites, state: 'masked', fixed: null, misses: [] }
  const { at, result } = failure
  const asked = diagnosisAt(broken, flow, at, result)
  const whole = diagnosisOfFunction(broken, flow, at, result)
  // Two faults may stand at two of the function's subnets: each is told where it is met.
  const told = sightings.flatMap((one) =>
    one.results.flatMap((seen) => {
      const diagnosis = isGreen(seen) ? null : diagnosisAt(broken, flow, one, seen)
      return diagnosis === null ? [] : namedBy(diagnosis)
    }),
  )
  const fix = await tryFix(lab, broken, whole, hosts, flow)
  const judged = [
    { diagnosis: asked, named: told, from: at.subnetId ?? flow.from },
    { diagnosis: whole, named: whole === null ? [] : namedBy(whole), from: 'the function' },
  ].map(({ diagnosis, named, from }) => ({
    diagnosis,
    wrong: diagnosis === null ? 'no diagnosis' : firstWrong(diagnosis, sites, result),
    unnamed: sites.filter(
      (site) =>
        !isHost(site) &&
        !(isAmong(named, site.expected) && (diagnosis === null || isAdvised(diagnosis, site))),
    ),
    from,
  }))
  const wrong = judged.flatMap((one): readonly Miss[] =>
    one.wrong === null
      ? []
      : [{ ...base, diagnosis: one.diagnosis, what: `${one.wrong} (asked from ${one.from})` }],
  )
  const silent = judged.filter(({ unnamed }) => unnamed.length > 0)
  // The fix leaves the other fault where it is, and packets get through: it no longer stands in the way of anything.
  if (sites.length > 1 && wrong.length === 0 && silent.length > 0 && fix.green)
    return { sites, state: 'moot', fixed: true, misses: [] }
  const unnamed = silent.map(
    (one): Miss => ({
      ...base,
      diagnosis: one.diagnosis,
      what: `not named: ${one.unnamed.map(({ fault }) => fault).join(' + ')} (asked from ${one.from})`,
    }),
  )
  // Where AWS does not document which way a packet takes, no rehearsal can prove a fix, and none is shown.
  const untold = fix.why === NO_FIX && (whole?.path?.missing.length ?? 0) > 0
  const unmended = sites.some(isHost) || untold || sites.some(({ expected }) => expected.advice !== undefined)
  const unfixed: readonly Miss[] =
    unmended || fix.green ? [] : [{ ...base, diagnosis: whole, what: fix.why, sightings: fix.sightings }]
  const misses = wrong.length > 0 ? wrong : unnamed
  return {
    sites,
    state: misses.length === 0 ? 'named' : 'missed',
    fixed: unmended ? null : fix.green,
    misses: [...misses, ...unfixed],
  }
}

const isHost = (site: FaultSite) => Object.keys(site.hosts).length > 0

function injectAll(snapshot: Snapshot, sites: readonly FaultSite[]): Snapshot | null {
  try {
    return sites.reduce((so, site) => inject(so, site).snapshot, snapshot)
  } catch (error) {
    if (error instanceof ChangeError) return null
    throw error
  }
}

async function look(
  lab: Lab,
  documents: readonly LabDocument[],
  hosts: Hosts,
  flow: LabFlow,
): Promise<readonly Sighting[]> {
  await lab.up(documents, hosts, targetsOf([flow]))
  return runProbes(lab, documents, [flow])
}

/** Whether each of a pair breaks the flow by itself: only then is there something to say of both. */
async function eachBreaks(
  lab: Lab,
  snapshot: Snapshot,
  sites: readonly FaultSite[],
  flow: LabFlow,
): Promise<boolean> {
  for (const site of sites) {
    const { documents } = inject(snapshot, site).snapshot
    if (firstFailure(await look(lab, documents, site.hosts, flow)) === null) return false
  }
  return true
}

/** The packets get through: whoever says otherwise is wrong. */
function falseAlarms(base: Omit<Miss, 'what' | 'diagnosis'>): readonly Miss[] {
  return base.sightings.flatMap((at): readonly Miss[] => {
    const [result] = at.results
    const diagnosis = result === undefined ? null : diagnosisAt(base.snapshot, base.flow, at, result)
    return diagnosis === null || isCalm(diagnosis)
      ? []
      : [{ ...base, diagnosis, what: `${diagnosis.kind}, though the packets get through` }]
  })
}

function firstWrong(
  diagnosis: Diagnosis,
  sites: readonly FaultSite[],
  result: Parameters<typeof isCause>[2],
): string | null {
  if (sites.some((site) => isCause(diagnosis, site, result))) return null
  return `the cause is not named first: ${sites.map(({ fault }) => fault).join(' + ')}`
}

async function tryFix(
  lab: Lab,
  broken: Snapshot,
  diagnosis: Diagnosis | null,
  hosts: Hosts,
  flow: LabFlow,
): Promise<{ green: boolean; why: string; sightings: readonly Sighting[] }> {
  const after = mended(broken, diagnosis)
  if (after === null) return { green: false, why: NO_FIX, sightings: [] }
  const sightings = await look(lab, after.documents, hosts, flow)
  const green = sightings.length > 0 && firstFailure(sightings) === null
  return { green, why: 'the fix does not turn the packets green', sightings }
}
