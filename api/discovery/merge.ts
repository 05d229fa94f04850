import { isDeepStrictEqual } from 'node:util'
import { parsePlan } from '../../probe/plan.js'
import type { Check } from '../../probe/plan.schema.js'
import type { PlanFile, PosturePlan } from './plan-file.schema.js'

/** One thing that a re-run would change in the file. */
export type PlanChange =
  | { readonly kind: 'add-posture'; readonly posture: PosturePlan }
  | { readonly kind: 'remove-posture'; readonly id: string }
  | {
      readonly kind: 'set'
      readonly id: string
      readonly field: Field
      readonly value: PosturePlan[Field] | undefined
    }
  | { readonly kind: 'add-function'; readonly id: string; readonly name: string }
  | { readonly kind: 'remove-function'; readonly id: string; readonly name: string }
  | { readonly kind: 'add-check'; readonly id: string; readonly check: Check }
  | { readonly kind: 'change-check'; readonly id: string; readonly check: Check }
  | { readonly kind: 'remove-check'; readonly id: string; readonly name: string }

/** What discovery sees otherwise and the file keeps, since a person wrote it so. */
export interface Kept {
  readonly id: string
  readonly what: string
  readonly why: string
}

export interface Merge {
  readonly changes: readonly PlanChange[]
  readonly kept: readonly Kept[]
}

/** What discovery tells of a posture besides functions and checks. How often it runs and whether it does is the person's. */
const FIELDS = ['account', 'region', 'vpc', 'subnets', 'securityGroups', 'ipv6'] as const
type Field = (typeof FIELDS)[number]

export interface MergeInput {
  /** What discovery generated when the file was last written by it; null where that isn't known. */
  readonly base: PlanFile | null
  /** The file as it is. */
  readonly mine: PlanFile
  /** What discovery generates now. */
  readonly theirs: PlanFile
  /** Entries of other places are not this discovery's business. */
  readonly covers: (posture: PosturePlan) => boolean
  /** Checks whose source could not be asked: that discovery has them not says nothing. */
  readonly isUncertain: (checkName: string) => boolean
}

/**
 * Compares three ways, entry by entry and check by check: what stands in the file as discovery wrote it follows discovery; what a
 * person added, changed or took out stays as that person left it, and is told where discovery now sees it otherwise.
 */
export function mergePlans({ base, mine, theirs, covers, isUncertain }: MergeInput): Merge {
  const [before, now] = [byId(base), byId(theirs)]
  const changes: PlanChange[] = []
  const kept: Kept[] = []
  for (const posture of mine.postures) {
    const { id } = posture
    const [old, next] = [before.get(id), now.get(id)]
    if (next) {
      mergePosture({ old, mine: posture, next, isUncertain, changes, kept })
    } else if (old && covers(posture)) {
      if (isDeepStrictEqual(old, posture)) changes.push({ kind: 'remove-posture', id })
      else kept.push({ id, what: 'the posture', why: 'edited by hand; no function has it any more' })
    }
  }
  const present = new Set(mine.postures.map(({ id }) => id))
  for (const posture of theirs.postures) {
    const { id } = posture
    if (present.has(id)) continue
    if (before.has(id))
      kept.push({ id, what: 'the posture', why: 'taken out by hand; functions have it still' })
    else changes.push({ kind: 'add-posture', posture })
  }
  return { changes, kept }
}

/**
 * What to remember as generated once the file is written: what discovery generates now, and, where it could not look this time,
 * what it generated before.
 */
export function nextBase({ base, theirs, covers, isUncertain }: Omit<MergeInput, 'mine'>): PlanFile {
  const before = byId(base)
  const now = byId(theirs)
  const postures = theirs.postures.map((posture) => {
    const sees = checksOf(posture)
    const unseen = [...checksOf(before.get(posture.id))]
      .filter(([name]) => isUncertain(name) && !sees.has(name))
      .map(([, check]) => check)
    if (unseen.length === 0) return posture
    return { ...posture, plan: { ...posture.plan, checks: [...posture.plan.checks, ...unseen] } }
  })
  const elsewhere = (base?.postures ?? []).filter((posture) => !now.has(posture.id) && !covers(posture))
  return { ...theirs, postures: [...postures, ...elsewhere] }
}

/** One posture three times: as it was generated (if it was), as it is, as it is generated now; and where to put what differs. */
interface Sides {
  readonly old: PosturePlan | undefined
  readonly mine: PosturePlan
  readonly next: PosturePlan
  readonly isUncertain: (name: string) => boolean
  readonly changes: PlanChange[]
  readonly kept: Kept[]
}

function mergePosture(sides: Sides): void {
  const { old, mine, next, changes, kept } = sides
  const { id } = mine
  for (const field of FIELDS) {
    if (isDeepStrictEqual(mine[field], next[field])) continue
    if (old && isDeepStrictEqual(mine[field], old[field])) {
      changes.push({ kind: 'set', id, field, value: next[field] })
    } else if (!old || !isDeepStrictEqual(old[field], next[field])) {
      kept.push({ id, what: field, why: `edited by hand; discovery sees ${shown(next[field])}` })
    }
  }
  const [had, has, sees] = [new Set(old?.functions), new Set(mine.functions), new Set(next.functions)]
  for (const name of has)
    if (!sees.has(name) && had.has(name)) changes.push({ kind: 'remove-function', id, name })
  for (const name of sees) {
    if (has.has(name)) continue
    if (had.has(name))
      kept.push({ id, what: `function ${name}`, why: 'taken out by hand; it is there still' })
    else changes.push({ kind: 'add-function', id, name })
  }
  mergeChecks(sides)
}

function mergeChecks({ old, mine, next, isUncertain, changes, kept }: Sides): void {
  const { id } = mine
  const [had, has, sees] = [checksOf(old), checksOf(mine), checksOf(next)]
  const removed: PlanChange[] = []
  for (const [name, check] of has) {
    const [was, is] = [had.get(name), sees.get(name)]
    const untouched = was !== undefined && isDeepStrictEqual(was, check)
    if (is !== undefined) {
      if (isDeepStrictEqual(is, check)) continue
      if (untouched) changes.push({ kind: 'change-check', id, check: is })
      else if (!isDeepStrictEqual(is, was)) {
        kept.push({ id, what: `check ${name}`, why: `edited by hand; discovery proposes ${shown(is)}` })
      }
    } else if (was === undefined || isUncertain(name)) continue
    else if (untouched) removed.push({ kind: 'remove-check', id, name })
    else kept.push({ id, what: `check ${name}`, why: 'edited by hand; what it asks is found no more' })
  }
  let added = 0
  for (const [name, check] of sees) {
    if (has.has(name)) continue
    if (had.has(name)) kept.push({ id, what: `check ${name}`, why: 'taken out by hand; it is found still' })
    else {
      added++
      changes.push({ kind: 'add-check', id, check })
    }
  }
  // A plan without a check is none.
  if (removed.length < has.size + added) changes.push(...removed)
  else kept.push({ id, what: 'its checks', why: 'found no more; a plan needs one' })
}

function checksOf(posture: PosturePlan | undefined): ReadonlyMap<string, Check> {
  const reading = posture === undefined ? null : parsePlan(posture.plan)
  return new Map(reading?.ok ? reading.plan.checks.map((check) => [check.name, check]) : [])
}

function byId(file: PlanFile | null): ReadonlyMap<string, PosturePlan> {
  return new Map((file?.postures ?? []).map((posture) => [posture.id, posture]))
}

function shown(value: unknown): string {
  return value === undefined ? 'none' : JSON.stringify(value)
}
