import { contains, isPublic, type Prefix, parseAddress } from './address.js'
import type { LoadBalancer } from './balancing/entities.js'
import { balancerAt } from './balancing/known.js'
import { state } from './deciding-rule.js'
import type { Database, Endpoint, Eni } from './entities.js'
import { TraceInputError } from './flow.js'
import type { Model } from './model.js'
import type { Blocker, Missing, Note } from './path.js'
import { addressKey } from './read/finish.js'
import type { Destination } from './selectors.js'
import { interfaceOf, type Standpoint } from './standpoint.js'
import * as say from './text/routes.js'
import { implied, ofEni } from './walk/node.js'
import type { Node } from './walk/walk.js'

/** One address that the destination may be met at. */
export interface Target {
  readonly address: Prefix
  readonly label: string | null
  /** The interface meant, where it is known. */
  readonly node: Node | null
  readonly listId: string | null
  readonly endpoint: Endpoint | null
  /** A proxy forwards to these: a leg of its own. */
  readonly proxy: Database | null
  /** A load balancer forwards what its listeners take. */
  readonly balancer: BalancerEnd | null
}

/** A load balancer as the end of a packet's way, and the start of the next. */
export interface BalancerEnd {
  readonly balancer: LoadBalancer
  /** The interface that is met; null where it could be any of them. */
  readonly node: Node | null
  /** Reached by an endpoint of PrivateLink: targets then see the load balancer, whatever is set. */
  readonly privateLink: boolean
}

/** How several targets count together. */
export type Combine = 'worst' | 'ambiguous' | 'first-reachable'

export interface Resolution {
  readonly targets: readonly Target[]
  readonly combine: Combine
  readonly resolved: readonly string[]
  readonly blockers: readonly Blocker[]
  readonly missing: readonly Missing[]
  readonly notes: readonly Note[]
  /** What stands in the way of a better path: told as blockers only where the path that is left doesn't work. */
  readonly hints: readonly Blocker[]
}

/** A public address that stands for "the internet": in nobody's rules, so that only what admits everybody admits it. */
export const ANYWHERE = parseAddress('198.51.99.1')
export const ANYWHERE6 = parseAddress('2600:1f99::1')

export const nothing: Resolution = {
  targets: [],
  combine: 'worst',
  resolved: [],
  blockers: [],
  missing: [],
  notes: [],
  hints: [],
}

export const target = (address: Prefix, node: Node | null, label: string | null = null): Target => ({
  address,
  label,
  node,
  listId: null,
  endpoint: null,
  proxy: null,
  balancer: null,
})

/** One of an interface's addresses; one that AWS made for a load balancer stands for that. */
export function atInterface(model: Model, eni: Eni, address: Prefix): Target {
  const balancing = balancerAt(model, eni)
  if (balancing === null) return target(address, ofEni(model, eni, address))
  const node = { ...balancing.node, address }
  return { ...target(address, node), balancer: { balancer: balancing.balancer, node, privateLink: false } }
}

/** A public address: where a load balancer's interface holds it, that is what is met. */
export function atPublicAddress(model: Model, address: Prefix): Target {
  const eni = model.publicAddresses.get(address.text)?.eni ?? null
  const balancing = eni === null ? null : balancerAt(model, eni)
  return {
    ...target(address, null),
    balancer: balancing === null ? null : { ...balancing, privateLink: false },
  }
}

export const found = (targets: readonly Target[], combine: Combine = 'worst'): Resolution => ({
  ...nothing,
  targets,
  combine,
  resolved: [...new Set(targets.map((t) => t.label ?? t.address.text))],
})

export const notThere = (component: string, call: string): Resolution => ({
  ...nothing,
  missing: [{ call, component, text: say.notInSnapshot(component, call) }],
})

/** The internet: IPv4, and where that is closed and the source has IPv6, IPv6. */
export function internetTargets(from: Standpoint): Resolution {
  const targets: Target[] = []
  if (ANYWHERE !== null && (from.v4 !== null || from.v6 === null))
    targets.push(target(ANYWHERE, null, 'internet'))
  if (ANYWHERE6 !== null && from.v6 !== null) targets.push(target(ANYWHERE6, null, 'internet (IPv6)'))
  return { ...found(targets, 'first-reachable'), resolved: [] }
}

export function interfaceTarget(
  model: Model,
  from: Standpoint,
  d: Extract<Destination, { kind: 'eni' | 'instance' }>,
): Resolution {
  const asked = d.address === undefined ? null : parseAddress(d.address)
  const eni = d.kind === 'eni' ? model.enis.get(d.id) : interfaceOf(model, d.id, asked)
  const call = d.kind === 'eni' ? 'describe-network-interfaces' : 'describe-instances'
  if (eni === undefined) {
    const dead = d.kind === 'instance' ? (model.instances.get(d.id)?.state ?? null) : null
    if (dead !== null) {
      if (dead === 'running') return notThere(d.id, 'describe-network-interfaces')
      const rule = state(d.id, dead)
      return {
        ...nothing,
        blockers: [
          { code: 'BAD_STATE', component: d.id, direction: 'forward', rule, text: say.badState(d.id, dead) },
        ],
      }
    }
    if (model.answered.has(call))
      throw new TraceInputError(
        `the snapshot has no ${d.kind === 'eni' ? 'interface' : 'instance'} ${d.id} (${call})`,
      )
    return notThere(d.id, call)
  }
  const families: (4 | 6)[] = from.v4 === null && from.v6 !== null ? [6, 4] : [4, 6]
  for (const family of families) {
    const address = asked ?? eni.addresses.find((a) => a.address.family === family)?.address
    const able = family === 4 ? from.v4 !== null || from.v6 === null : from.v6 !== null
    if (address === undefined || address.family !== family || !able) continue
    if (asked !== null && isPublic(asked) && asked.family === 4) return found([atPublicAddress(model, asked)])
    return found([atInterface(model, eni, address)])
  }
  const [first] = eni.addresses
  return first === undefined
    ? notThere(d.id, 'describe-network-interfaces')
    : found([atInterface(model, eni, first.address)])
}

/** An address: in the source's own VPC first, else wherever exactly one interface holds it. */
export function addressTarget(model: Model, from: Standpoint, text: string): Resolution {
  const address = parseAddress(text)
  if (address === null) throw new TraceInputError(`'${text}' is not an IPv4 or IPv6 address`)
  if (isPublic(address) && address.family === 4 && !inVpc(model, from.vpcId, address))
    return found([atPublicAddress(model, address)])
  const eni = holder(model, from, address)
  return found([eni === null ? target(address, null) : atInterface(model, eni, address)])
}

function holder(model: Model, from: Standpoint, address: Prefix): Eni | null {
  if (from.vpcId !== null && inVpc(model, from.vpcId, address))
    return model.eniByAddress.get(addressKey(from.vpcId, address)) ?? null
  const holders: Eni[] = []
  for (const vpc of model.vpcs.values()) {
    const eni = model.eniByAddress.get(addressKey(vpc.id, address))
    if (eni !== undefined) holders.push(eni)
  }
  const [only] = holders
  return only === undefined || holders.length > 1 ? null : only
}

function inVpc(model: Model, vpcId: string | null, address: Prefix): boolean {
  return vpcId !== null && model.vpcs.get(vpcId)?.cidrs.some((c) => contains(c, address)) === true
}

const sameGroups = (a: readonly string[] | null, b: readonly string[] | null): boolean =>
  a !== null && b !== null && a.length === b.length && a.every((g) => b.includes(g))

export const databasesNamed = (model: Model, id: string): readonly Database[] =>
  model.databasesById.get(id.toLowerCase()) ?? []

/** Where a database's interfaces stand: in its zone's subnets of its group; the instances of a cluster where they are. */
export function databaseNodes(model: Model, database: Database): readonly Node[] {
  const subnets = database.subnetIds.map((id) => model.subnets.get(id)).filter((s) => s !== undefined)
  const inZone = database.zone === null ? [] : subnets.filter((s) => s.zone === database.zone)
  const chosen = inZone.length > 0 ? inZone : subnets
  const managed = (eni: Eni) =>
    (eni.requesterId === 'amazon-rds' ||
      eni.description.includes('RDSNetworkInterface') ||
      eni.description.includes('RDS')) &&
    sameGroups(eni.groupIds, database.groupIds)
  const nodes = implied(
    model,
    chosen,
    database.id,
    database.kind === 'proxy' ? 'db-proxy' : 'target',
    database.groupIds,
    managed,
  )
  // Where one of the subnets visibly holds the interface, the others don't matter.
  const seen = database.kind === 'proxy' ? [] : nodes.filter((n) => n.eni !== null)
  return seen.length > 0 && seen.length < nodes.length ? seen : nodes
}
