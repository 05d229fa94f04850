import type { Result } from '../probe/report.schema.js'
import { resultAdvice } from './diagnosis/advice.js'
import type { Diagnosis } from './diagnosis/diagnosis.js'
import { questionOfResult } from './diagnosis/flow.js'
import { type Attributed, type DiagnosisGroup, groupDiagnoses } from './diagnosis/group.js'
import { investigate } from './diagnosis/investigate.js'
import { diagnose } from './diagnosis/join.js'
import type { History } from './diagnosis/observed.js'
import type { Question } from './diagnosis/rehearse.js'
import type { CheckHealth, FunctionHealth, StandpointCheck } from './health/health.js'
import type { Trace } from './network/path.js'
import { SelectorError } from './network/selectors.js'
import { TraceInputError, trace } from './network/trace.js'
import type { CurrentNetwork, NetworkState } from './network-state.js'
import type { Store, StoredResult } from './store/store.js'

/** One check from one standpoint, with its diagnosis. */
export interface CheckDiagnosis {
  readonly check: string
  readonly subnet: string | null
  readonly probe: string
  readonly outcome: string
  readonly at: string
  readonly diagnosis: Diagnosis
  /** Why the configuration could not be asked, where it couldn't. */
  readonly note: string | null
}

export interface FunctionDiagnosis {
  readonly function: string
  readonly status: FunctionHealth['status']
  /** Id of the snapshot that was asked; null where none is kept. */
  readonly snapshot: string | null
  readonly items: readonly CheckDiagnosis[]
}

/** One check's path from one standpoint. */
export interface CheckPath {
  readonly check: string
  readonly subnet: string | null
  readonly target: string
  readonly trace: Trace | null
  readonly note: string | null
}

export interface Groups {
  readonly snapshot: string | null
  readonly groups: readonly DiagnosisGroup[]
  /** Functions that are not healthy beyond those looked into. */
  readonly functionsOmitted: number
}

/** Joins what the store knows of results with the newest snapshot. */
export interface Diagnoser {
  readonly ofFunction: (health: FunctionHealth) => Promise<FunctionDiagnosis>
  readonly pathsOf: (health: FunctionHealth) => readonly CheckPath[]
  readonly groups: () => Promise<Groups>
  /** The diagnosis in one sentence for the function's first failing check; null where nothing fails or is known. */
  readonly sentence: (health: FunctionHealth) => Promise<Diagnosis['summary'] | null>
}

/** Functions that one answer of `groups` looks into. */
const MAX_FUNCTIONS = 1000
/** Results that tell how often a check fails of late. */
const HISTORY = 30
const MAX_REMEMBERED = 5000
const PAGE = 200

export function createDiagnoser(store: Store, network: NetworkState, clock: () => Date): Diagnoser {
  // One cause fails many functions that stand at one place: what was found there is found once.
  const remembered = new Map<string, { diagnosis: Diagnosis; note: string | null }>()
  network.onChange(() => remembered.clear())

  const examine = async (
    health: FunctionHealth,
    check: CheckHealth,
    at: StandpointCheck,
  ): Promise<CheckDiagnosis> => {
    const current = network.current()
    const key = JSON.stringify([
      current?.version.id,
      at.standpoint,
      check.name,
      check.target,
      at.outcome,
      at.lastAt,
    ])
    const found =
      remembered.get(key) ?? judge(current, health, check, at, await latest(health.name, check.name, at))
    remembered.delete(key)
    remembered.set(key, found)
    const oldest = remembered.size > MAX_REMEMBERED ? remembered.keys().next().value : undefined
    if (oldest !== undefined) remembered.delete(oldest)
    return {
      check: check.name,
      subnet: at.subnet,
      probe: at.probe,
      outcome: at.outcome,
      at: at.lastAt,
      ...found,
    }
  }

  const latest = async (
    name: string,
    check: string,
    at: StandpointCheck,
  ): Promise<readonly StoredResult[]> => {
    const subnet = at.subnet === null ? {} : { subnet: at.subnet }
    const page = await store.listResults({ function: name, check, ...subnet, limit: HISTORY })
    return page.items
  }

  const ofFunction: Diagnoser['ofFunction'] = async (health) => {
    const items: CheckDiagnosis[] = []
    for (const check of health.checks) {
      for (const at of check.standpoints) items.push(await examine(health, check, at))
    }
    return {
      function: health.name,
      status: health.status,
      snapshot: network.current()?.version.id ?? null,
      items,
    }
  }

  return {
    ofFunction,
    pathsOf: (health) => {
      const current = network.current()
      return health.checks.flatMap((check) =>
        check.standpoints.map((at) => ({
          check: check.name,
          subnet: at.subnet,
          target: check.target,
          ...pathOf(current, health, check, at),
        })),
      )
    },
    async groups() {
      const attributed: Attributed[] = []
      let seen = 0
      let omitted = 0
      for (const status of ['failing', 'degraded'] as const) {
        let cursor: string | null = null
        do {
          const page = await store.listFunctions({
            now: clock(),
            status,
            limit: PAGE,
            ...(cursor === null ? {} : { cursor }),
          })
          for (const health of page.items) {
            if (++seen > MAX_FUNCTIONS) {
              omitted += 1
              continue
            }
            for (const item of await failing(health)) {
              attributed.push({ functionName: health.name, check: item.check, diagnosis: item.diagnosis })
            }
          }
          cursor = page.nextCursor
        } while (cursor !== null && seen <= MAX_FUNCTIONS)
      }
      return {
        snapshot: network.current()?.version.id ?? null,
        groups: groupDiagnoses(attributed),
        functionsOmitted: omitted,
      }
    },
    async sentence(health) {
      return (await failing(health))[0]?.diagnosis.summary ?? null
    },
  }

  async function failing(health: FunctionHealth): Promise<readonly CheckDiagnosis[]> {
    const items: CheckDiagnosis[] = []
    for (const check of health.checks) {
      for (const at of check.standpoints) if (!at.asExpected) items.push(await examine(health, check, at))
    }
    return items
  }
}

function judge(
  current: CurrentNetwork | null,
  health: FunctionHealth,
  check: CheckHealth,
  at: StandpointCheck,
  results: readonly StoredResult[],
): { diagnosis: Diagnosis; note: string | null } {
  const history: History = {
    total: results.length,
    failed: results.filter((result) => !result.asExpected).length,
  }
  const result = asResult(check, at, results[0])
  const blind = (note: string | null) => ({
    diagnosis: diagnose({ result, trace: null, history, advice: resultAdvice(result) }),
    note,
  })
  if (!current) return blind(null)
  try {
    const asked = questionOfResult(current.snapshot, identityOf(health, at), result)
    if (asked === null) return blind(null)
    const diagnosis = investigate({
      snapshot: current.snapshot,
      model: current.model,
      question: asked.question,
      asFunction: asked.asFunction,
      result,
      history,
      ranAt: at.lastAt,
    })
    return { diagnosis, note: null }
  } catch (error) {
    if (error instanceof SelectorError || error instanceof TraceInputError) return blind(error.message)
    throw error
  }
}

function pathOf(
  current: CurrentNetwork | null,
  health: FunctionHealth,
  check: CheckHealth,
  at: StandpointCheck,
): { trace: Trace | null; note: string | null } {
  if (!current) return { trace: null, note: 'no snapshot is kept yet' }
  try {
    const asked = questionOfResult(current.snapshot, identityOf(health, at), asResult(check, at, undefined))
    if (asked === null) return { trace: null, note: 'a check of names has no path' }
    const { source, destination, flow }: Question = asked.question
    return { trace: trace(current.model, source, destination, flow), note: null }
  } catch (error) {
    if (error instanceof SelectorError || error instanceof TraceInputError)
      return { trace: null, note: error.message }
    throw error
  }
}

/** The probe as its report named it, as far as a question needs it; the function itself is the first of its workloads. */
function identityOf(health: FunctionHealth, at: StandpointCheck) {
  return {
    function: at.probe,
    version: '',
    region: health.region,
    account: health.account,
    subnet: at.subnet,
    securityGroups: [...at.securityGroups],
    coldStart: false,
    memoryMb: null,
    runtime: '',
    workloads: [health.name],
  }
}

function asResult(check: CheckHealth, at: StandpointCheck, stored: StoredResult | undefined): Result {
  const endedIn = phase(at.endedIn)
  return {
    check: check.name,
    kind: check.kind,
    target: check.target,
    expect: check.expect,
    outcome: at.outcome,
    asExpected: at.asExpected,
    ms: at.ms,
    phases: stored?.phases ?? {},
    ...(endedIn === undefined ? {} : { endedIn }),
    address: at.address,
    addressKind: at.addressKind,
    attempts: [{ outcome: at.outcome, ms: at.ms }],
    ...(stored && stored.outcome === at.outcome ? { detail: stored.detail } : {}),
  }
}

const PHASES = ['plan', 'dns', 'connect', 'tls', 'exchange'] as const

function phase(name: string | null): (typeof PHASES)[number] | undefined {
  return PHASES.find((known) => known === name)
}
