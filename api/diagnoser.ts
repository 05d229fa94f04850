import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Result } from '../probe/report.schema.js'
import { resultAdvice } from './diagnosis/advice.js'
import type { Change, Diagnosis, Fix } from './diagnosis/diagnosis.js'
import { questionOfResult } from './diagnosis/flow.js'
import { type Attributed, type DiagnosisGroup, groupDiagnoses } from './diagnosis/group.js'
import { type Case, investigate } from './diagnosis/investigate.js'
import { diagnose, putsInDoubt } from './diagnosis/join.js'
import { failedAddresses, failsLate, type History } from './diagnosis/observed.js'
import { type Question, rehearse } from './diagnosis/rehearse.js'
import { fixForAll, unmendedQuestions } from './diagnosis/together.js'
import type { CheckHealth, FunctionHealth, StandpointCheck } from './health/health.js'
import type { Trace } from './network/path.js'
import { SelectorError } from './network/selectors.js'
import { TraceInputError, trace } from './network/trace.js'
import type { CurrentNetwork, NetworkState } from './network-state.js'
import type { Page, Store, StoredResult } from './store/store.js'

/** One check from one standpoint, with its diagnosis. */
export interface CheckDiagnosis {
  readonly check: string
  readonly subnet: string | null
  readonly probe: string
  readonly outcome: string
  readonly at: string
  /** ISO 8601: when the check's present status began there. */
  readonly since: string
  readonly diagnosis: Diagnosis
  /** Why the configuration could not be asked, where it couldn't. */
  readonly note: string | null
}

/** The same, with what it asks of the configuration; null where it could not be asked. */
interface Examined extends CheckDiagnosis {
  readonly question: Question | null
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

/** A path before and after some changes. */
export interface Rehearsed {
  readonly before: Trace
  readonly after: Trace
}

/** Joins what the store knows of results with the newest snapshot. */
export interface Diagnoser {
  readonly ofFunction: (health: FunctionHealth) => Promise<FunctionDiagnosis>
  readonly pathsOf: (health: FunctionHealth) => readonly CheckPath[]
  readonly groups: () => Promise<Groups>
  /**
   * The path of a check from one standpoint through the newest snapshot as it is, and with changes applied to a copy.
   * Null where there is no such check, standpoint or snapshot, or the check has no path.
   * @throws {ChangeError} where a change can't be applied.
   */
  readonly rehearse: (
    health: FunctionHealth,
    place: { readonly check: string; readonly subnet: string | null },
    changes: readonly Change[],
  ) => Promise<Rehearsed | null>
  /**
   * Looks for functions whose checks pass although the snapshot says that they can't; `groups` speaks of them from then on.
   * Returns how many of them put the snapshot in doubt: not those that pass by another address than the closed one. Lets other
   * work in between pages.
   */
  readonly sweep: () => Promise<number>
  /** The diagnosis in one sentence for the function's first failing check; null where nothing fails or is known. */
  readonly sentence: (health: FunctionHealth) => Promise<Diagnosis['summary'] | null>
}

/** What is asked about one check, but for the snapshot: that is named by the network. */
export type Inquiry = Omit<Case, 'snapshot' | 'model'>

/** Looks into one check on one network: rehearsing fixes takes its time, so it may be done elsewhere. */
export type Investigate = (network: CurrentNetwork, inquiry: Inquiry) => Promise<Diagnosis>

/** Looks for one change of a network that opens the paths of several checks. */
export type MendAll = (network: CurrentNetwork, questions: readonly Question[]) => Promise<Fix | null>

export interface DiagnoserParts {
  readonly store: Store
  readonly network: NetworkState
  readonly clock: () => Date
  /** Default: in this thread. */
  readonly investigate?: Investigate
  readonly mendAll?: MendAll
}

/** Functions that one answer of `groups` looks into. */
const MAX_FUNCTIONS = 1000
/** Results that tell how often a check fails of late. */
const HISTORY = 30
const MAX_REMEMBERED = 5000
const MAX_MENDED = 200
const PAGE = 200

const here: Investigate = async ({ snapshot, model }, inquiry) => investigate({ ...inquiry, snapshot, model })

const mendHere: MendAll = async ({ snapshot }, questions) => fixForAll(snapshot, questions)

interface Found {
  readonly diagnosis: Diagnosis
  readonly question: Question | null
  readonly note: string | null
}

/** A diagnoser on a store and a network. What it found is remembered until the snapshot or the outcome changes. */
export function createDiagnoser({
  store,
  network,
  clock,
  investigate: look = here,
  mendAll = mendHere,
}: DiagnoserParts): Diagnoser {
  // One cause fails many functions that stand at one place: what was found there is found once.
  const remembered = new Map<string, Promise<Found>>()
  const mended = new Map<string, Promise<Fix | null>>()
  // Functions with checks that pass where the snapshot has a closed path.
  let contradicting: ReadonlySet<string> = new Set()
  network.onChange(() => {
    remembered.clear()
    mended.clear()
    contradicting = new Set()
  })

  const examine = async (
    health: FunctionHealth,
    check: CheckHealth,
    at: StandpointCheck,
  ): Promise<Examined> => {
    const found = at.asExpected
      ? await examined(health, check, at, [])
      : await examined(health, check, at, await latest(health.name, check.name, at))
    // A name with several addresses passes by any of them: what the others met, the stored result tells.
    const doubtful = at.asExpected && found.diagnosis.kind === 'contradicted'
    return {
      check: check.name,
      subnet: at.subnet,
      probe: at.probe,
      outcome: at.outcome,
      at: at.lastAt,
      since: at.since,
      ...(doubtful ? await examined(health, check, at, await latest(health.name, check.name, at)) : found),
    }
  }

  const examined = (
    health: FunctionHealth,
    check: CheckHealth,
    at: StandpointCheck,
    results: readonly StoredResult[],
  ): Promise<Found> => {
    const current = network.current()
    const history: History = {
      total: results.length,
      failed: results.filter((one) => !one.asExpected).length,
    }
    const result = asResult(check, at, results)
    const newer = current !== null && at.lastAt > current.version.takenAt
    const key = JSON.stringify([
      current?.version.id,
      newer,
      at.standpoint,
      { ...result, ms: 0, phases: {}, attempts: failsLate(result), addresses: failedAddresses(result) },
      share(history),
    ])
    const found = remembered.get(key) ?? judge(look, current, health, at, result, history)
    remembered.delete(key)
    remembered.set(key, found)
    found.catch(() => remembered.delete(key))
    const oldest = remembered.size > MAX_REMEMBERED ? remembered.keys().next().value : undefined
    if (oldest !== undefined) remembered.delete(oldest)
    return found
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

  const examineAll = async (
    health: FunctionHealth,
    wanted: (at: StandpointCheck) => boolean,
  ): Promise<readonly Examined[]> => {
    const asked = health.checks.flatMap((check) =>
      check.standpoints.filter(wanted).map((at) => examine(health, check, at)),
    )
    return Promise.all(asked)
  }

  /** A cause's fix for all of its checks, where that of the first would leave some as they are. */
  const mendedWhole = async (group: DiagnosisGroup): Promise<DiagnosisGroup> => {
    const current = network.current()
    const questions = unmendedQuestions(group)
    if (current === null || questions === null) return group
    const key = JSON.stringify([current.version.id, questions])
    const asked = mended.get(key) ?? mendAll(current, questions)
    mended.set(key, asked)
    asked.catch(() => mended.delete(key))
    const oldest = mended.size > MAX_MENDED ? mended.keys().next().value : undefined
    if (oldest !== undefined) mended.delete(oldest)
    const fix = await asked
    return fix === null ? group : { ...group, fixes: [fix] }
  }

  /** Whether a packet came through where the snapshot says that none can. */
  const isDoubtful = async (health: FunctionHealth, passing: readonly Passing[]): Promise<boolean> => {
    for (const { check, at, trace } of passing) {
      const result = asResult(check, at, await latest(health.name, check.name, at))
      if (putsInDoubt(trace, result)) return true
    }
    return false
  }

  const failing = (health: FunctionHealth) => examineAll(health, (at) => !at.asExpected)

  return {
    ofFunction: async (health) => ({
      function: health.name,
      status: health.status,
      snapshot: network.current()?.version.id ?? null,
      items: (await examineAll(health, () => true)).map(({ question: _, ...item }) => item),
    }),
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
    async rehearse(health, place, changes) {
      const current = network.current()
      const check = health.checks.find(({ name }) => name === place.check)
      const at = check?.standpoints.find(({ subnet }) => subnet === place.subnet)
      if (!current || !check || !at) return null
      const result = asResult(check, at, await latest(health.name, check.name, at))
      const asked = questionOfResult(current.snapshot, identityOf(health, at), result)
      if (asked === null) return null
      const tried = [asked.question, asked.asFunction].flatMap((question) =>
        question === null ? [] : [rehearsed(current, question, changes)],
      )
      // A change of the function itself shows only where the question starts from the function.
      const wanted = check.expect === 'reachable' ? 'reachable' : 'unreachable'
      return tried.find(({ after }) => after.verdict === wanted) ?? tried[0] ?? null
    },
    async sweep() {
      const found = new Set<string>()
      let doubts = 0
      let cursor: string | null = null
      do {
        const page: Page<FunctionHealth> = await store.listFunctions({
          now: clock(),
          limit: PAGE,
          ...(cursor === null ? {} : { cursor }),
        })
        const current = network.current()
        for (const health of page.items) {
          const passing = current === null ? [] : passingThoughClosed(current, health)
          if (passing.length === 0) continue
          found.add(health.name)
          if (await isDoubtful(health, passing)) doubts += 1
        }
        cursor = page.nextCursor
        await nextTurn()
      } while (cursor !== null && found.size < MAX_FUNCTIONS)
      contradicting = found
      return doubts
    },
    async groups() {
      const attributed: Attributed[] = []
      let seen = 0
      let omitted = 0
      for (const status of ['failing', 'degraded'] as const) {
        let cursor: string | null = null
        do {
          const page: Page<FunctionHealth> = await store.listFunctions({
            now: clock(),
            status,
            limit: PAGE,
            ...(cursor === null ? {} : { cursor }),
          })
          for (const health of page.items) {
            seen += 1
            if (seen > MAX_FUNCTIONS) {
              omitted += 1
              continue
            }
            for (const { check, diagnosis, since, question } of await failing(health)) {
              const asked = question === null ? {} : { question }
              attributed.push({ functionName: health.name, check, diagnosis, since, ...asked })
            }
          }
          cursor = page.nextCursor
        } while (cursor !== null && seen <= MAX_FUNCTIONS)
      }
      for (const name of contradicting) {
        const health = await store.getFunction(name, clock())
        for (const { check, diagnosis, since, question } of health
          ? await examineAll(health, (at) => at.asExpected)
          : []) {
          const asked = question === null || diagnosis.kind === 'contradicted' ? {} : { question }
          if (diagnosis.kind === 'contradicted' || diagnosis.kind === 'proven')
            attributed.push({ functionName: name, check, diagnosis, since, ...asked })
        }
      }
      return {
        snapshot: network.current()?.version.id ?? null,
        groups: await Promise.all(groupDiagnoses(attributed).map(mendedWhole)),
        functionsOmitted: omitted,
      }
    },
    async sentence(health) {
      return (await failing(health))[0]?.diagnosis.summary ?? null
    },
  }
}

function rehearsed(current: CurrentNetwork, question: Question, changes: readonly Change[]): Rehearsed {
  return {
    before: trace(current.model, question.source, question.destination, question.flow),
    after: rehearse(current.snapshot, changes, question).trace,
  }
}

/** How often of late, coarsely: a diagnosis doesn't change with each single run. */
function share({ total, failed }: History): string {
  if (total === 0 || failed === 0 || failed === total) return `${failed === 0 ? 'none' : 'all'}`
  return (failed / total).toFixed(1)
}

async function judge(
  look: Investigate,
  current: CurrentNetwork | null,
  health: FunctionHealth,
  at: StandpointCheck,
  result: Result,
  history: History,
): Promise<Found> {
  const blind = (note: string | null): Found => ({
    diagnosis: diagnose({ result, trace: null, history, advice: resultAdvice(result) }),
    question: null,
    note,
  })
  if (!current) return blind(null)
  try {
    const asked = questionOfResult(current.snapshot, identityOf(health, at), result)
    if (asked === null) return blind(null)
    const { question, asFunction } = asked
    return {
      diagnosis: await look(current, { question, asFunction, result, history, ranAt: at.lastAt }),
      question,
      note: null,
    }
  } catch (error) {
    if (error instanceof SelectorError || error instanceof TraceInputError) return blind(error.message)
    throw error
  }
}

/** A check that passes from a standpoint, and the closed path that the snapshot has for it. */
interface Passing {
  readonly check: CheckHealth
  readonly at: StandpointCheck
  readonly trace: Trace
}

function passingThoughClosed(current: CurrentNetwork, health: FunctionHealth): readonly Passing[] {
  return health.checks.flatMap((check) =>
    check.expect !== 'reachable'
      ? []
      : check.standpoints.flatMap((at): readonly Passing[] => {
          const trace = at.asExpected ? pathOf(current, health, check, at).trace : null
          return trace?.verdict === 'unreachable' ? [{ check, at, trace }] : []
        }),
  )
}

function pathOf(
  current: CurrentNetwork | null,
  health: FunctionHealth,
  check: CheckHealth,
  at: StandpointCheck,
): { trace: Trace | null; note: string | null } {
  if (!current) return { trace: null, note: 'no snapshot is kept yet' }
  try {
    const asked = questionOfResult(current.snapshot, identityOf(health, at), asResult(check, at, []))
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

/** The newest result as the probe reported it; its runs of late stand for attempts, oldest first. */
function asResult(check: CheckHealth, at: StandpointCheck, newestFirst: readonly StoredResult[]): Result {
  const [stored] = newestFirst
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
    attempts:
      newestFirst.length === 0
        ? [{ outcome: at.outcome, ms: at.ms }]
        : newestFirst.map(({ outcome, ms }) => ({ outcome, ms })).reverse(),
    ...(stored && stored.outcome === at.outcome ? seenBy(stored) : {}),
  }
}

function seenBy({ detail, addresses }: StoredResult): Pick<Result, 'detail' | 'addresses'> {
  return { detail, ...(addresses === undefined ? {} : { addresses: [...addresses] }) }
}

const PHASES = ['plan', 'dns', 'connect', 'tls', 'exchange'] as const

function phase(name: string | null): (typeof PHASES)[number] | undefined {
  return PHASES.find((known) => known === name)
}
