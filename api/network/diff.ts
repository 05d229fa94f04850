import type { LambdaFunction } from './entities.js'
import { TraceInputError } from './flow.js'
import { parseFlow } from './flow-text.js'
import { allFunctions, standpointKey, vpcOf } from './functions.js'
import type { Model } from './model.js'
import { compare } from './order.js'
import type { Trace, Verdict } from './path.js'
import { SelectorError } from './selectors.js'
import { trace } from './trace.js'

/** Databases of one VPC that a function is traced to; the rest is counted, so that a comparison stays bounded. */
export const MOST_DATABASES = 50

/** What a comparison of two snapshots keeps of a path. */
export interface PathSummary {
  readonly verdict: Verdict
  readonly blockers: readonly {
    readonly code: string
    readonly component: string
    readonly direction: string
  }[]
  /** Components that the packet passes on the way out. */
  readonly via: readonly string[]
  readonly seenAs: string | null
  readonly subnets: readonly { readonly subnet: string | null; readonly verdict: Verdict }[]
}

/** What changed about a path; `appeared` and `vanished` where its function or target is in one snapshot alone. */
type PathChange = 'appeared' | 'vanished' | 'verdict' | 'blockers' | 'subnets' | 'route' | 'address'

export interface ChangedPath extends PathDifference {
  readonly function: string
}

/** One target, and what changed about the path to it. */
export interface PathDifference {
  readonly to: string
  readonly changed: readonly PathChange[]
  readonly before: PathSummary | null
  readonly after: PathSummary | null
}

/** The versioned contract of `sonde diff --json`. */
export interface SnapshotDiff {
  readonly version: 1
  readonly before: { readonly takenAt: string | null }
  readonly after: { readonly takenAt: string | null }
  readonly functions: {
    readonly added: readonly string[]
    readonly removed: readonly string[]
    readonly compared: number
  }
  readonly paths: number
  readonly changes: readonly ChangedPath[]
  /** Databases beyond the bound that were left out, by function. */
  readonly omitted: readonly { readonly function: string; readonly databases: number }[]
}

interface Side {
  readonly model: Model
  readonly takenAt: string | null
}

/**
 * Compares the paths of every VPC function in two snapshots: to each database in its VPC, to the internet, to
 * DynamoDB, S3 and each service with an endpoint in its VPC. Pure and deterministic: sorted by function and target.
 */
export function diffPaths(before: Side, after: Side): SnapshotDiff {
  const functionsBefore = functionsOf(before.model)
  const functionsAfter = functionsOf(after.model)
  const names = [...new Set([...functionsBefore.keys(), ...functionsAfter.keys()])].sort(compare)
  const changes: ChangedPath[] = []
  const omitted: { function: string; databases: number }[] = []
  let paths = 0
  for (const name of names) {
    const oldOne = functionsBefore.get(name)
    const newOne = functionsAfter.get(name)
    if (oldOne === undefined || newOne === undefined) continue
    const targets = targetsOf([
      [before.model, oldOne],
      [after.model, newOne],
    ])
    if (targets.omitted > 0) omitted.push({ function: name, databases: targets.omitted })
    const compared = comparePaths(before.model, after.model, name, targets.list)
    paths += compared.paths
    changes.push(...compared.changes.map((change) => ({ function: name, ...change })))
  }
  const only = (here: ReadonlyMap<string, LambdaFunction>, there: ReadonlyMap<string, LambdaFunction>) =>
    names.filter((name) => here.has(name) && !there.has(name))
  return {
    version: 1,
    before: { takenAt: before.takenAt },
    after: { takenAt: after.takenAt },
    functions: {
      added: only(functionsAfter, functionsBefore),
      removed: only(functionsBefore, functionsAfter),
      compared: names.filter((name) => functionsBefore.has(name) && functionsAfter.has(name)).length,
    },
    paths,
    changes,
    omitted,
  }
}

function comparePaths(
  before: Model,
  after: Model,
  name: string,
  targets: readonly string[],
): { readonly paths: number; readonly changes: readonly PathDifference[] } {
  const changes: PathDifference[] = []
  let paths = 0
  for (const to of targets) {
    const summaries = [summarize(before, name, to), summarize(after, name, to)] as const
    if (summaries[0] === null && summaries[1] === null) continue
    paths++
    const changed = compareSummaries(...summaries)
    if (changed.length > 0) changes.push({ to, changed, before: summaries[0], after: summaries[1] })
  }
  return { paths, changes }
}

/** Functions that stand at one place with one role before and after: what holds for one of them holds for all. */
export interface ComparedStandpoint {
  readonly functions: readonly string[]
  readonly paths: number
  readonly changes: readonly PathDifference[]
}

/**
 * The same comparison, place by place instead of function by function, and only for functions that are in both. Lazy: who
 * asks for the next place decides when, so that a server can let other work in between.
 */
export function* diffStandpoints(before: Model, after: Model): Generator<ComparedStandpoint> {
  const functionsAfter = functionsOf(after)
  const places = new Map<string, { readonly sides: [LambdaFunction, LambdaFunction]; names: string[] }>()
  for (const [name, oldOne] of [...functionsOf(before)].sort(([a], [b]) => compare(a, b))) {
    const newOne = functionsAfter.get(name)
    if (newOne === undefined) continue
    const key = JSON.stringify([oldOne, newOne].map((one) => [standpointKey(one), one.role, one.state]))
    const place = places.get(key)
    if (place === undefined) places.set(key, { sides: [oldOne, newOne], names: [oldOne.name] })
    else place.names.push(oldOne.name)
  }
  for (const {
    sides: [oldOne, newOne],
    names,
  } of places.values()) {
    const targets = targetsOf([
      [before, oldOne],
      [after, newOne],
    ])
    yield { functions: names, ...comparePaths(before, after, oldOne.arn ?? oldOne.name, targets.list) }
  }
}

/** The functions by what names them in both snapshots: the ARN, or the name where the answer has none. */
function functionsOf(model: Model): ReadonlyMap<string, LambdaFunction> {
  return new Map(allFunctions(model).map((one) => [one.arn ?? one.name, one] as const))
}

function targetsOf(sides: readonly (readonly [Model, LambdaFunction])[]): {
  readonly list: readonly string[]
  readonly omitted: number
} {
  const services = new Set(['dynamodb', 's3'])
  const databases = new Set<string>()
  for (const [model, one] of sides) {
    const vpcId = vpcOf(model, one)
    // A function outside a VPC is asked about every private database: that it reaches none is what there is to say.
    for (const { id, vpcId: theirs } of model.databases)
      if (vpcId === null || theirs === vpcId) databases.add(`rds:${id}`)
    for (const { serviceName } of vpcId === null ? [] : (model.endpointsOfVpc.get(vpcId) ?? [])) {
      const service = /^(?:cn\.)?com\.amazonaws\.[a-z0-9-]+\.([a-z0-9.-]+)$/.exec(serviceName)?.[1]
      if (service !== undefined && !service.startsWith('vpce.')) services.add(service)
    }
  }
  const sorted = [...databases].sort(compare)
  return {
    list: [
      'internet',
      ...sorted.slice(0, MOST_DATABASES),
      ...[...services].sort(compare).map((name) => `service:${name}`),
    ],
    omitted: Math.max(sorted.length - MOST_DATABASES, 0),
  }
}

/** Null where the snapshot doesn't hold the target. */
function summarize(model: Model, from: string, to: string): PathSummary | null {
  try {
    const { source, destination, flow } = parseFlow(
      {
        from,
        to,
        protocol: 'tcp',
        port: null,
        sourcePort: null,
      },
      model,
    )
    return summaryOf(trace(model, source, destination, flow))
  } catch (error) {
    if (error instanceof SelectorError || error instanceof TraceInputError) return null
    throw error
  }
}

function summaryOf(path: Trace): PathSummary {
  const blockers = path.blockers.map(({ code, component, direction }) => ({ code, component, direction }))
  return {
    verdict: path.verdict,
    blockers: [...new Map(blockers.map((one) => [JSON.stringify(one), one])).entries()]
      .sort(([a], [b]) => compare(a, b))
      .map(([, one]) => one),
    // Lambda makes its interfaces anew as it likes: their ids are no change of a path.
    via: path.hops.filter(({ kind }) => kind !== 'network-interface').map(({ component }) => component),
    seenAs: path.seenAs,
    subnets: path.perSubnet
      .map(({ subnet, verdict }) => ({ subnet, verdict }))
      .sort((a, b) => compare(a.subnet ?? '', b.subnet ?? '')),
  }
}

function compareSummaries(before: PathSummary | null, after: PathSummary | null): readonly PathChange[] {
  if (before === null) return after === null ? [] : ['appeared']
  if (after === null) return ['vanished']
  const changed: PathChange[] = []
  const differs = (field: keyof PathSummary) => JSON.stringify(before[field]) !== JSON.stringify(after[field])
  if (differs('verdict')) changed.push('verdict')
  if (differs('blockers')) changed.push('blockers')
  if (differs('subnets')) changed.push('subnets')
  if (differs('via')) changed.push('route')
  if (differs('seenAs')) changed.push('address')
  return changed
}
