import { parseAddress } from './address.js'
import type { LoadBalancer } from './balancing/entities.js'
import { balancerNodes, balancersNamed, zonesLeftOutOfDns } from './balancing/known.js'
import { absence, setting, state } from './deciding-rule.js'
import { askZones } from './dns.js'
import type { Database, Instance } from './entities.js'
import { TraceInputError } from './flow.js'
import type { Model } from './model.js'
import type { Blocker } from './path.js'
import type { Destination } from './selectors.js'
import { callOfResourceHost } from './service-names.js'
import { endpointTargets, serviceOfHost, serviceTargets } from './services.js'
import { interfaceOf, type Standpoint } from './standpoint.js'
import {
  ANYWHERE,
  addressTarget,
  databaseNodes,
  databasesNamed,
  found,
  interfaceTarget,
  internetTargets,
  nothing,
  notThere,
  type Resolution,
  target,
} from './targets.js'
import * as sayBalancer from './text/balancers.js'
import * as say from './text/names.js'
import * as sayRoute from './text/routes.js'
import { peeringBetween } from './walk/peering.js'
import type { Node } from './walk/walk.js'

/**
 * What a destination means from one standpoint: the addresses it is met at there.
 * @throws TraceInputError where an id is none of the snapshot's
 */
export function resolve(model: Model, from: Standpoint, destination: Destination): Resolution {
  switch (destination.kind) {
    case 'internet':
      return internetTargets(from)
    case 'address':
      return addressTarget(model, from, destination.address)
    case 'eni':
    case 'instance':
      return interfaceTarget(model, from, destination)
    case 'rds':
      return ofDatabaseId(model, from, destination.id)
    case 'load-balancer':
      return ofBalancerId(model, from, destination.id)
    case 'service':
      return serviceTargets(model, from, destination.service, destination.region ?? null, null)
    case 'host':
      return ofHost(model, from, destination.host.toLowerCase().replace(/\.$/, ''), 0)
  }
}

/** Whether the destination is met by a name, so that the resolver matters. */
export function needsName(destination: Destination): boolean {
  return ['host', 'rds', 'service', 'load-balancer'].includes(destination.kind)
}

function ofDatabaseId(model: Model, from: Standpoint, id: string): Resolution {
  const all = databasesNamed(model, id)
  const near = all.filter((d) => d.vpcId !== null && d.vpcId === from.vpcId)
  const candidates = near.length > 0 ? near : all
  const order = ['instance', 'cluster', 'proxy'] as const
  const kind = order.find((k) => candidates.some((d) => d.kind === k))
  const chosen = candidates.filter((d) => d.kind === kind)
  const [database, second] = chosen
  if (database === undefined) {
    const calls = ['describe-db-instances', 'describe-db-clusters', 'describe-db-proxies']
    const unasked = calls.find((c) => !model.answered.has(c))
    if (unasked === undefined || (unasked !== calls[0] && model.answered.has('describe-db-instances'))) {
      throw new TraceInputError(`the snapshot has no database ${id} (${calls.join(', ')})`)
    }
    return notThere(id, unasked)
  }
  if (second !== undefined) {
    throw new TraceInputError(`the snapshot has several databases ${id}: give its host name instead`)
  }
  return ofDatabase(model, from, database)
}

/**
 * A database's name leads to its private address inside its VPC. Outside, a publicly accessible one's leads to its
 * public address, unless a peering connection or transit gateway resolves names privately.
 * https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_VPC.WorkingWithRDSInstanceinaVPC.html
 * https://docs.aws.amazon.com/vpc/latest/peering/vpc-peering-dns.html
 */
function ofDatabase(model: Model, from: Standpoint, database: Database): Resolution {
  const writer =
    database.kind === 'cluster' ? databasesNamed(model, database.memberIds[0] ?? '')[0] : undefined
  const placed = writer === undefined ? database : { ...database, zone: writer.zone ?? database.zone }
  const nodes = databaseNodes(model, placed)
  const [first] = nodes
  if (first === undefined)
    return notThere(
      database.id,
      database.subnetIds.length > 0 ? 'describe-subnets' : 'describe-db-subnet-groups',
    )
  const host = database.hosts[0] ?? database.id
  const named = privately(model, from, first.vpcId, host, database.publiclyAccessible)
  if (named.kind === 'missing') return named.resolution
  if (named.kind === 'public') return byPublic(nodes, host, named.hints)
  const targets = nodes.map((n) => ({
    ...target(n.address, n),
    proxy: database.kind === 'proxy' ? database : null,
  }))
  const resolution = found(targets, database.kind === 'proxy' ? 'worst' : 'ambiguous')
  const { status } = database
  if (status === null || !NOT_RUNNING.has(status)) return resolution
  const rule = state(database.id, status)
  const text = sayRoute.badState(database.id, status)
  const blocker: Blocker = { code: 'BAD_STATE', component: database.id, direction: 'forward', rule, text }
  return { ...resolution, blockers: [blocker] }
}

/** States in which a database answers nobody; what isn't listed (backing-up, modifying, …) still serves. */
const NOT_RUNNING = new Set(['stopped', 'stopping', 'creating', 'deleting', 'failed', 'incompatible-network'])

type Naming =
  | { readonly kind: 'private' }
  | { readonly kind: 'public'; readonly hints: readonly Blocker[] }
  | { readonly kind: 'missing'; readonly resolution: Resolution }

function privately(model: Model, from: Standpoint, vpcId: string, host: string, hasPublic: boolean): Naming {
  if (!hasPublic || from.vpcId === vpcId) return { kind: 'private' }
  if (from.vpcId === null) return { kind: 'public', hints: [] }
  const peering = peeringBetween(model, from.vpcId, vpcId)
  if (peering !== undefined) {
    const side = peering.requester.vpcId === vpcId ? peering.requester : peering.accepter
    if (side.allowsDns === true) return { kind: 'private' }
    const rule = setting(peering.id, 'AllowDnsResolutionFromRemoteVpc false')
    const text = say.peeringDns(peering.id, host)
    const code = 'PEERING_DNS_RESOLUTION_DISABLED'
    return { kind: 'public', hints: [{ code, component: peering.id, direction: 'forward', rule, text }] }
  }
  const attachments = [...model.transitAttachments.values()].filter(
    (a) => a.kind === 'vpc' && a.dnsSupport === true,
  )
  const mine = attachments.filter((a) => a.resourceId === from.vpcId)
  const theirs = attachments.filter((a) => a.resourceId === vpcId)
  const shared = mine.find((a) => theirs.some((b) => b.gatewayId === a.gatewayId))
  if (shared !== undefined && model.transitGateways.get(shared.gatewayId)?.dnsSupport === true)
    return { kind: 'private' }
  return { kind: 'public', hints: [] }
}

/** By public address: those of the interfaces that show one; without any, only that it is public is known. */
function byPublic(nodes: readonly Node[], host: string, hints: readonly Blocker[]): Resolution {
  const known = nodes.map((n) => n.publicIp).filter((ip) => ip !== null)
  const targets = [...new Set(known)].map((ip) => parseAddress(ip)).filter((p) => p !== null)
  if (targets.length > 0) return { ...found(targets.map((p) => target(p, null))), hints }
  const call = 'describe-network-interfaces'
  const missing = [{ call, component: host, text: say.publicAddressUnknown(host) }]
  return { ...found(ANYWHERE === null ? [] : [target(ANYWHERE, null, host)]), missing, hints }
}

const MOST_ALIASES = 8

function ofHost(model: Model, from: Standpoint, host: string, depth: number): Resolution {
  if (depth > MOST_ALIASES) return notThere(host, 'list-resource-record-sets')
  if (parseAddress(host) !== null) return addressTarget(model, from, host)
  const answer = askZones(model, from.vpcId, host)
  switch (answer.kind) {
    case 'addresses': {
      const parts = answer.addresses.map((a) => addressTarget(model, from, a))
      return { ...found(parts.flatMap((p) => p.targets)), resolved: answer.addresses }
    }
    case 'name':
      return ofHost(model, from, answer.name, depth + 1)
    case 'missing':
      return { ...nothing, missing: [answer.missing] }
    case 'blocked': {
      const text =
        answer.code === 'DNS_NAME_NOT_FOUND'
          ? say.nameMissing(host, answer.zone)
          : say.zoneNotAssociated(host, answer.zone, from.vpcId ?? '-')
      const rule = absence(answer.component, host)
      return {
        ...nothing,
        blockers: [{ code: answer.code, component: answer.component, direction: 'forward', rule, text }],
      }
    }
    case 'elsewhere':
      return ofKnownName(model, from, host)
  }
}

function ofKnownName(model: Model, from: Standpoint, host: string): Resolution {
  const thing = model.names.get(host)
  if (thing !== undefined) {
    switch (thing.kind) {
      case 'database':
        return ofDatabase(model, from, thing.database)
      case 'load-balancer':
        return ofBalancer(model, thing.balancer, host)
      case 'instance':
        return ofInstanceName(model, from, thing.instance, thing.public, host)
      case 'endpoint':
        return endpointTargets(model, thing.endpoint)
    }
  }
  const call = callOfResourceHost(host)
  if (call !== undefined)
    return { ...nothing, missing: [{ call, component: host, text: say.resourceUnknown(host) }] }
  const service = serviceOfHost(host)
  if (service !== null) return serviceTargets(model, from, service.service, service.region, host)
  const notes = [{ code: 'NAME_TAKEN_FOR_PUBLIC', component: host, text: say.namePublic(host) }]
  return { ...found(ANYWHERE === null ? [] : [target(ANYWHERE, null, host)]), resolved: [], notes }
}

function ofBalancerId(model: Model, from: Standpoint, id: string): Resolution {
  const all = balancersNamed(model, id)
  const near = all.filter(({ vpcId }) => vpcId !== null && vpcId === from.vpcId)
  const [balancer, second] = near.length > 0 ? near : all
  const call = 'describe-load-balancers'
  if (balancer === undefined) {
    if (model.answered.has(call))
      throw new TraceInputError(`the snapshot has no load balancer ${id} (${call})`)
    return notThere(id, call)
  }
  if (second !== undefined)
    throw new TraceInputError(`the snapshot has several load balancers ${id}: give the ARN of one`)
  return ofBalancer(model, balancer, balancer.dnsName)
}

/** Its name leads to one address in each zone; to public ones, wherever it is asked from, if it faces the internet. */
function ofBalancer(model: Model, balancer: LoadBalancer, host: string): Resolution {
  const nodes = balancerNodes(model, balancer)
  const end = (node: Node | null) => ({ balancer, node, privateLink: false })
  if (balancer.internetFacing) {
    const listed = balancer.publicIps.map((ip) => parseAddress(ip)).filter((p) => p !== null)
    const met = listed.length > 0 ? found(listed.map((p) => target(p, null))) : byPublic(nodes, host, [])
    const at = ({ text }: { readonly text: string }) => nodes.find((n) => n.publicIp === text) ?? null
    return { ...met, targets: met.targets.map((one) => ({ ...one, balancer: end(at(one.address)) })) }
  }
  if (nodes.length === 0) return notThere(balancer.name, 'describe-subnets')
  const left = zonesLeftOutOfDns(model, balancer, nodes)
  const named = nodes.filter(({ subnet }) => !left.includes(subnet?.zone ?? ''))
  const text = sayBalancer.leftOutOfDns(balancer.name, left.join(', '))
  return {
    ...found(named.map((n) => ({ ...target(n.address, n), balancer: end(n) }))),
    notes: left.length === 0 ? [] : [{ code: 'ZONE_LEFT_OUT_OF_DNS', component: balancer.name, text }],
  }
}

function ofInstanceName(
  model: Model,
  from: Standpoint,
  instance: Instance,
  isPublicName: boolean,
  host: string,
): Resolution {
  const eni = interfaceOf(model, instance.id, null)
  if (eni === undefined) return notThere(instance.id, 'describe-network-interfaces')
  const naming = privately(model, from, eni.vpcId, host, isPublicName)
  if (naming.kind === 'missing') return naming.resolution
  const entry = eni.addresses.find((a) => a.publicIp !== null)
  if (naming.kind === 'public' && entry?.publicIp != null) {
    const address = parseAddress(entry.publicIp)
    if (address !== null) return { ...found([target(address, null)]), hints: naming.hints }
  }
  return interfaceTarget(model, from, { kind: 'instance', id: instance.id })
}
