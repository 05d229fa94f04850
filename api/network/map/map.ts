import type { Database, Endpoint, LambdaFunction, NatGateway } from '../entities.js'
import { allFunctions, standpointKey, vpcOf } from '../functions.js'
import type { Model } from '../model.js'
import { compare } from '../order.js'
import { type MapSubnet, mapSubnet } from './subnets.js'

/**
 * What a picture of the network needs, VPC by VPC, from the model. Pure. Every list is bounded, and what was left out is
 * counted: an account may hold thousands of subnets, and a picture of them all shows nothing.
 */

export const MAP_LIMITS = { vpcs: 500, subnets: 400, things: 400, names: 100 } as const

export interface VpcHead {
  readonly id: string
  readonly name: string | null
  /** Folder of the snapshot that it comes from: one region of one account; '' where there is one. */
  readonly scope: string
  readonly cidrs: readonly string[]
  readonly zones: readonly string[]
  readonly subnets: number
  readonly functions: number
  readonly databases: number
}

/** What joins VPCs with each other or with another network. */
export interface MapLink {
  readonly id: string
  readonly kind: 'vpc-peering-connection' | 'transit-gateway'
  readonly name: string | null
  readonly state: string | null
  readonly vpcs: readonly string[]
}

export interface NetworkOverview {
  readonly vpcs: readonly VpcHead[]
  readonly vpcsOmitted: number
  readonly links: readonly MapLink[]
  /** Functions without a VPC. */
  readonly outside: { readonly functions: Names }
}

/** Some names, and how many there are. */
export interface Names {
  readonly count: number
  readonly names: readonly string[]
}

/** Functions that share subnets and security groups stand at one place: Lambda gives them the same network interfaces. */
export interface MapStandpoint {
  readonly id: string
  readonly subnets: readonly string[]
  readonly securityGroups: readonly string[]
  readonly functions: Names
}

export interface MapThing {
  readonly id: string
  readonly kind:
    | 'nat-gateway'
    | 'internet-gateway'
    | 'egress-only-internet-gateway'
    | 'virtual-private-gateway'
    | 'vpc-endpoint'
    | 'vpc-peering-connection'
    | 'transit-gateway'
    | 'database'
    | 'db-proxy'
    | 'load-balancer'
  readonly name: string | null
  readonly state: string | null
  /** Where it stands; empty for what stands at the VPC's edge. */
  readonly subnets: readonly string[]
  /** One short fact: an address, a service, a port, the other VPC. */
  readonly detail: string | null
}

export interface VpcMap {
  readonly id: string
  readonly name: string | null
  readonly cidrs: readonly string[]
  readonly zones: readonly string[]
  readonly subnets: readonly MapSubnet[]
  readonly standpoints: readonly MapStandpoint[]
  readonly things: readonly MapThing[]
  readonly omitted: { readonly subnets: number; readonly standpoints: number; readonly things: number }
}

type NameTags = ReadonlyMap<string, string>

/** All VPCs with their sizes, and what joins them. */
export function networkOverview(model: Model, names: NameTags): NetworkOverview {
  const functions = byVpc(model)
  const heads = [...model.vpcs.values()].sort(byId).map((vpc): VpcHead => {
    const subnets = model.subnetsOfVpc.get(vpc.id) ?? []
    return {
      id: vpc.id,
      name: names.get(vpc.id) ?? null,
      scope: vpc.scope,
      cidrs: vpc.cidrs.map(({ text }) => text),
      zones: zonesOf(subnets.map(({ zone }) => zone)),
      subnets: subnets.length,
      functions: functions.get(vpc.id)?.length ?? 0,
      databases: model.databases.filter(({ vpcId }) => vpcId === vpc.id).length,
    }
  })
  // What holds functions is what one comes to see.
  const ranked = [...heads].sort((a, b) => b.functions - a.functions || compare(a.id, b.id))
  return {
    vpcs: ranked.slice(0, MAP_LIMITS.vpcs),
    vpcsOmitted: Math.max(heads.length - MAP_LIMITS.vpcs, 0),
    links: linksOf(model, names),
    outside: { functions: namesOf(functions.get(null) ?? []) },
  }
}

/** One VPC with its subnets, functions, databases and ways out; null where the model has no such VPC. */
export function vpcMap(model: Model, names: NameTags, vpcId: string): VpcMap | null {
  const vpc = model.vpcs.get(vpcId)
  if (vpc === undefined) return null
  const subnets = [...(model.subnetsOfVpc.get(vpcId) ?? [])].sort(
    (a, b) => compare(a.zone ?? '', b.zone ?? '') || compare(a.id, b.id),
  )
  const standpoints = standpointsOf(byVpc(model).get(vpcId) ?? [])
  const things = thingsOf(model, names, vpcId)
  return {
    id: vpc.id,
    name: names.get(vpc.id) ?? null,
    cidrs: vpc.cidrs.map(({ text }) => text),
    zones: zonesOf(subnets.map(({ zone }) => zone)),
    subnets: subnets.slice(0, MAP_LIMITS.subnets).map((subnet) => mapSubnet(model, names, subnet)),
    standpoints: standpoints.slice(0, MAP_LIMITS.things),
    things: things.slice(0, MAP_LIMITS.things),
    omitted: {
      subnets: Math.max(subnets.length - MAP_LIMITS.subnets, 0),
      standpoints: Math.max(standpoints.length - MAP_LIMITS.things, 0),
      things: Math.max(things.length - MAP_LIMITS.things, 0),
    },
  }
}

function byVpc(model: Model): ReadonlyMap<string | null, readonly LambdaFunction[]> {
  const found = new Map<string | null, LambdaFunction[]>()
  for (const one of allFunctions(model)) {
    const vpc = vpcOf(model, one)
    const list = found.get(vpc) ?? []
    list.push(one)
    found.set(vpc, list)
  }
  return found
}

function standpointsOf(functions: readonly LambdaFunction[]): readonly MapStandpoint[] {
  const found = new Map<string, LambdaFunction[]>()
  for (const one of functions) {
    const key = standpointKey(one)
    const list = found.get(key) ?? []
    list.push(one)
    found.set(key, list)
  }
  const standpoints = [...found.values()].map((list) => ({
    subnets: [...(list[0]?.vpc?.subnetIds ?? [])].sort(),
    securityGroups: [...(list[0]?.vpc?.groupIds ?? [])].sort(),
    functions: namesOf(list),
  }))
  standpoints.sort((a, b) => compare(a.functions.names[0] ?? '', b.functions.names[0] ?? ''))
  return standpoints.map((one, index) => ({ id: `standpoint-${index + 1}`, ...one }))
}

function namesOf(functions: readonly LambdaFunction[]): Names {
  const names = functions.map(({ name }) => name).sort(compare)
  return { count: names.length, names: names.slice(0, MAP_LIMITS.names) }
}

function thingsOf(model: Model, names: NameTags, vpcId: string): readonly MapThing[] {
  const named = (thing: Omit<MapThing, 'name'>): MapThing => ({
    ...thing,
    name: names.get(thing.id) ?? null,
  })
  const nats = [...model.natGateways.values()]
    .filter((nat) => nat.vpcId === vpcId && nat.state !== 'deleted')
    .map((nat) => named(natThing(nat)))
  const gateways = [...model.internetGateways.values()]
    .filter(({ attachments }) => attachments.has(vpcId))
    .map((gateway) =>
      named({
        id: gateway.id,
        kind: gateway.egressOnly ? 'egress-only-internet-gateway' : 'internet-gateway',
        state: gateway.attachments.get(vpcId) ?? null,
        subnets: [],
        detail: null,
      }),
    )
  const vpns = [...model.vpnGateways.values()]
    .filter(({ attachments }) => attachments.has(vpcId))
    .map(({ id, state }) => named({ id, kind: 'virtual-private-gateway', state, subnets: [], detail: null }))
  const endpoints = (model.endpointsOfVpc.get(vpcId) ?? []).map((one) => named(endpointThing(one)))
  const links = linksOf(model, names)
    .filter(({ vpcs }) => vpcs.includes(vpcId))
    .map((link) => ({
      id: link.id,
      kind: link.kind,
      name: link.name,
      state: link.state,
      subnets: attachedSubnets(model, link.id, vpcId),
      detail: link.vpcs.filter((id) => id !== vpcId).join(', ') || null,
    }))
  const databases = model.databases
    .filter((one) => one.vpcId === vpcId && one.clusterId === null)
    .map((one) => databaseThing(model, one))
  const balancers = [...model.loadBalancers.values()]
    .filter((one) => one.vpcId === vpcId)
    .map(
      (one): MapThing => ({
        id: one.name,
        kind: 'load-balancer',
        name: null,
        state: one.state,
        subnets: [...one.subnetIds],
        detail: one.internetFacing ? `${one.type}, internet-facing` : `${one.type}, internal`,
      }),
    )
  return [gateways, vpns, nats, endpoints, links, databases, balancers].flatMap((list) =>
    [...list].sort(byId),
  )
}

function natThing(nat: NatGateway): Omit<MapThing, 'name'> {
  const address = nat.addresses.find(({ publicIp }) => publicIp !== null)?.publicIp ?? null
  return {
    id: nat.id,
    kind: 'nat-gateway',
    state: nat.state,
    // A regional one stands in no subnet (VPC user guide, "Regional NAT gateways").
    subnets: nat.subnetId === null || nat.regional ? [] : [nat.subnetId],
    detail: address ?? (nat.public ? null : 'private'),
  }
}

function endpointThing(endpoint: Endpoint): Omit<MapThing, 'name'> {
  const service = endpoint.serviceName.replace(/^(?:cn\.)?com\.amazonaws\.[a-z0-9-]+\./, '')
  return {
    id: endpoint.id,
    kind: 'vpc-endpoint',
    state: endpoint.state,
    subnets: [...endpoint.subnetIds],
    detail: endpoint.type === 'Gateway' ? `${service} (gateway)` : service,
  }
}

function databaseThing(model: Model, database: Database): MapThing {
  const inZone = database.subnetIds.filter((id) => model.subnets.get(id)?.zone === database.zone)
  return {
    id: database.id,
    kind: database.kind === 'proxy' ? 'db-proxy' : 'database',
    name: null,
    state: database.status,
    subnets: inZone.length > 0 ? inZone : [...database.subnetIds],
    detail: database.port === null ? null : `port ${database.port}`,
  }
}

function linksOf(model: Model, names: NameTags): readonly MapLink[] {
  const peerings = [...model.peerings.values()].map((peering): MapLink => {
    const ends = [peering.requester.vpcId, peering.accepter.vpcId]
    return {
      id: peering.id,
      kind: 'vpc-peering-connection',
      name: names.get(peering.id) ?? null,
      state: peering.status,
      vpcs: ends.filter((id) => id !== null),
    }
  })
  const gateways = [...model.transitGateways.values()].map((gateway): MapLink => {
    const attached = [...model.transitAttachments.values()].filter(
      ({ gatewayId, kind }) => gatewayId === gateway.id && kind === 'vpc',
    )
    return {
      id: gateway.id,
      kind: 'transit-gateway',
      name: names.get(gateway.id) ?? null,
      state: gateway.state,
      vpcs: attached.flatMap(({ resourceId }) => (resourceId === null ? [] : [resourceId])).sort(compare),
    }
  })
  return [...peerings.sort(byId), ...gateways.sort(byId)]
}

function attachedSubnets(model: Model, gatewayId: string, vpcId: string): readonly string[] {
  const attachment = [...model.transitAttachments.values()].find(
    (one) => one.gatewayId === gatewayId && one.resourceId === vpcId,
  )
  return attachment?.subnetIds ?? []
}

function zonesOf(zones: readonly (string | null)[]): readonly string[] {
  return [...new Set(zones.filter((zone) => zone !== null))].sort(compare)
}

function byId(a: { readonly id: string }, b: { readonly id: string }): number {
  return compare(a.id, b.id)
}
