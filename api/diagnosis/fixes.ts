import { createHash } from 'node:crypto'
import type { Blocker, Trace } from '../network/path.js'
import type { Snapshot } from '../network/snapshot.js'
import { applyChanges, ChangeError } from './apply.js'
import { costOf, invasiveness } from './cost.js'
import { deriveNarrowing } from './derive/narrow.js'
import { type Option, type Situation, situationOf } from './derive/situation.js'
import { deriveFor } from './derive/table.js'
import type { Change, Fix } from './diagnosis.js'
import { groupBy } from './raw.js'
import { ask, type Question } from './rehearse.js'
import { renderCli } from './render/cli.js'
import { renderCloudFormation } from './render/cloudformation.js'
import { renderTerraform } from './render/terraform.js'
import { wordsOf } from './words.js'

/** Bounds of the search: it is a search, and a large account must not make it a long one. */
export interface SearchLimits {
  /** How many times the path may be traced again; 60 unless told. */
  readonly rehearsals?: number
  /** How many alternatives are wanted; 3 unless told. */
  readonly alternatives?: number
}

const REHEARSALS = 60
const ALTERNATIVES = 3

/** A set of changes on the way to a fix. It is traced only when its turn comes. */
interface Candidate {
  readonly changes: readonly Change[]
  readonly weight: number
  readonly base: Snapshot
  readonly added: Option
  /** The blockers that the last option was meant to lift. */
  readonly aimedAt: readonly Blocker[]
  /** All blockers met on the way to it, each once. */
  readonly met: ReadonlyMap<string, Blocker>
}

const blockerKey = (blocker: Blocker) =>
  [blocker.code, blocker.component, blocker.direction, blocker.subnet ?? ''].join(' ')

/** Blockers of one kind and way are lifted together: one NAT gateway for the tables of every subnet. */
function firstGroup(blockers: readonly Blocker[]): readonly Blocker[] {
  const groups = [...groupBy(blockers, (one) => `${one.code} ${one.direction}`).values()]
  return groups.find((group) => group.some((blocker) => deriveFor(blocker.code) !== null)) ?? []
}

/** The options for the first blockers in path order that any change can lift. */
function optionsFor(situation: Situation): { aimedAt: readonly Blocker[]; options: readonly Option[] } {
  const aimedAt = firstGroup(situation.trace.blockers)
  const [first] = aimedAt
  const derive = first === undefined ? null : deriveFor(first.code)
  return {
    aimedAt,
    options: derive === null ? [] : derive(aimedAt, situation).filter((one) => one.length > 0),
  }
}

/** What a change touches, whoever its peer is: two fixes of one shape are one alternative. */
function shapeOf(change: Change): string {
  const { kind } = change
  switch (kind) {
    case 'authorize-security-group':
    case 'revoke-security-group':
      return `${kind} ${change.direction} ${change.groupId}`
    case 'put-network-acl-entry':
      return `${kind} ${change.networkAclId} ${change.egress}`
    case 'put-route':
      return `${kind} ${change.routeTableId} ${change.destination}`
    case 'create-endpoint':
      return `${kind} ${change.service}`
    case 'configure-function-vpc':
      return `${kind} ${change.functionName}`
    case 'create-block-public-access-exclusion':
      return kind
    default:
      return JSON.stringify(change)
  }
}

function covers(found: readonly Change[], candidate: readonly Change[]): boolean {
  const shapes = new Set(candidate.map(shapeOf))
  return found.every((change) => shapes.has(shapeOf(change)))
}

/** Taking any change of a fix away must leave the path as it was meant not to be; else that change isn't part of the fix. */
function minimized(
  snapshot: Snapshot,
  question: Question,
  found: { changes: readonly Change[]; trace: Trace },
  wanted: Trace['verdict'],
): { changes: readonly Change[]; trace: Trace } {
  let best = found
  for (const change of found.changes) {
    if (best.changes.length < 2) break
    const fewer = best.changes.filter((one) => one !== change)
    const trace = tryTrace(snapshot, fewer, question)
    if (trace?.verdict === wanted) best = { changes: fewer, trace }
  }
  return best
}

function tryTrace(snapshot: Snapshot, changes: readonly Change[], question: Question): Trace | null {
  try {
    return ask(applyChanges(snapshot, changes), question)
  } catch (error) {
    if (error instanceof ChangeError) return null
    throw error
  }
}

/** Completes a set of changes whose rehearsal is known to a fix that can be shown. */
export function fixOf(changes: readonly Change[], rehearsal: Trace, behind: readonly Blocker[] = []): Fix {
  const id = createHash('sha256').update(JSON.stringify(changes)).digest('hex').slice(0, 12)
  return {
    id,
    ...wordsOf(changes),
    changes,
    cost: costOf(changes),
    cli: renderCli(changes),
    cloudformation: renderCloudFormation(changes),
    terraform: renderTerraform(changes),
    behind,
    rehearsal,
  }
}

/**
 * Finds minimal sets of changes that make an unreachable path reachable, the least invasive first. Every one has been
 * rehearsed from the given snapshot; what its rehearsal does not prove is not among them.
 */
export function findFixes(
  snapshot: Snapshot,
  question: Question,
  trace: Trace,
  limits: SearchLimits = {},
): readonly Fix[] {
  if (trace.verdict !== 'unreachable') return []
  let left = limits.rehearsals ?? REHEARSALS
  const wanted = limits.alternatives ?? ALTERNATIVES
  const found: Fix[] = []
  const seen = new Set<string>()
  let open = expand(snapshot, question, trace, [])
  while (open.length > 0 && left > 0 && found.length < wanted) {
    const [next, ...rest] = [...open].sort((a, b) => a.weight - b.weight)
    open = rest
    if (next === undefined) break
    const key = next.changes
      .map((change) => JSON.stringify(change))
      .sort()
      .join()
    if (seen.has(key) || found.some((fix) => covers(fix.changes, next.changes))) continue
    seen.add(key)
    left -= 1
    const step = rehearsed(next, question)
    if (step === null) continue
    if (step.trace.verdict === 'reachable') {
      const whole = tryTrace(snapshot, next.changes, question) ?? step.trace
      const best = minimized(snapshot, question, { changes: next.changes, trace: whole }, 'reachable')
      const first = new Set(trace.blockers.map(blockerKey))
      const behind = [...next.met].filter(([key]) => !first.has(key)).map(([, blocker]) => blocker)
      if (!found.some((fix) => covers(fix.changes, best.changes)))
        found.push(fixOf(best.changes, best.trace, behind))
    } else if (lifted(next.aimedAt, step.trace)) {
      open = [...open, ...expand(step.snapshot, question, step.trace, next.changes, next.met)]
    }
  }
  return found
}

function rehearsed(candidate: Candidate, question: Question): { snapshot: Snapshot; trace: Trace } | null {
  try {
    const snapshot = applyChanges(candidate.base, candidate.added)
    return { snapshot, trace: ask(snapshot, question) }
  } catch (error) {
    if (error instanceof ChangeError) return null
    throw error
  }
}

/**
 * An option that lifts none of the blockers it was meant for leads nowhere. Behind a load balancer one group or ACL may turn away several
 * addresses, of which the trace tells one after the other: each is a step of its own, and its text names the address.
 */
function lifted(aimedAt: readonly Blocker[], trace: Trace): boolean {
  const each = (blocker: Blocker) => `${blockerKey(blocker)} ${blocker.text.en}`
  const still = new Set(trace.blockers.map(each))
  return aimedAt.some((blocker) => !still.has(each(blocker)))
}

function expand(
  snapshot: Snapshot,
  question: Question,
  trace: Trace,
  chosen: readonly Change[],
  before: ReadonlyMap<string, Blocker> = new Map(),
): readonly Candidate[] {
  const { aimedAt, options } = optionsFor(situationOf(snapshot, question, trace, chosen))
  const met = new Map([...before, ...trace.blockers.map((one) => [blockerKey(one), one] as const)])
  return options.map((option) => {
    const added = [...new Map(option.map((change) => [JSON.stringify(change), change] as const)).values()]
    const changes = [...chosen, ...added]
    return { changes, weight: invasiveness(changes), base: snapshot, added, aimedAt, met }
  })
}

/** Finds what closes a path that is open and must not be: the rules that open it, taken away. */
export function findNarrowing(snapshot: Snapshot, question: Question, trace: Trace): readonly Fix[] {
  if (trace.verdict !== 'reachable') return []
  return deriveNarrowing(situationOf(snapshot, question, trace)).flatMap((changes) => {
    const closed = tryTrace(snapshot, changes, question)
    if (closed?.verdict !== 'unreachable') return []
    const best = minimized(snapshot, question, { changes, trace: closed }, 'unreachable')
    return [fixOf(best.changes, best.trace)]
  })
}
