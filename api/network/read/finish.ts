import { contains, type Prefix, parseAddress } from '../address.js'
import type { Database, Endpoint, Eni, HostedZone, LambdaFunction, RouteTable, Subnet } from '../entities.js'
import type { Memo } from '../memo.js'
import type { Model, NamedThing, PublicAddress } from '../model.js'
import type { MissingCall } from '../snapshot.js'
import { joinBalancers } from './balancers.js'
import { plainName } from './dns.js'
import type { Collected } from './documents.js'
import { joinAttachments, joinTransitTables } from './transit-tables.js'

/** Key of an address inside a VPC: overlapping VPCs each have their own 10.0.0.5. */
export const addressKey = (vpcId: string, address: Prefix): string => `${vpcId} ${address.lo}`

/** Joins what was read into the model: indexes by subnet, address, name; associations; expanded propagations. */
export function finish(c: Collected, refused: readonly MissingCall[], memo: Memo): Model {
  const enis = joinInterfaces(c)
  const routing = indexRouteTables(c)
  const aclOfSubnet = new Map(
    [...c.networkAcls.values()].flatMap((acl) => acl.subnetIds.map((s) => [s, acl] as const)),
  )
  const attachments = joinAttachments(c)
  const databases = joinDatabases(c)
  return {
    answered: c.answered,
    answeredFor: c.answeredFor,
    refused,
    vpcs: c.vpcs,
    vpcAttributes: c.vpcAttributes,
    subnets: c.subnets,
    subnetsOfVpc: groupBy(c.subnets.values(), (s: Subnet) => s.vpcId),
    routeTables: c.routeTables,
    ...routing,
    internetGateways: c.internetGateways,
    internetGatewayOfVpc: new Map(
      [...c.internetGateways.values()]
        .filter((g) => !g.egressOnly)
        .flatMap((g) => [...g.attachments.keys()].map((vpc) => [vpc, g] as const)),
    ),
    natGateways: c.natGateways,
    securityGroups: c.securityGroups,
    networkAcls: c.networkAcls,
    aclOfSubnet,
    enis,
    eniByAddress: indexAddresses(enis),
    enisOfSubnet: groupBy(enis.values(), (e: Eni) => e.subnetId),
    instances: c.instances,
    publicAddresses: indexPublicAddresses(c, enis),
    endpoints: c.endpoints,
    endpointsOfVpc: groupBy(c.endpoints.values(), (e: Endpoint) => e.vpcId),
    prefixLists: c.prefixLists,
    nameServers: c.nameServers,
    peerings: c.peerings,
    transitGateways: c.transitGateways,
    transitAttachments: attachments,
    transitRouteTables: joinTransitTables(c, attachments),
    vpnGateways: c.vpnGateways,
    vpnConnections: c.vpnConnections,
    blockPublicAccess: c.blockPublicAccess,
    blockPublicAccessExclusions: c.exclusions,
    functions: indexFunctions(c),
    databases,
    databasesById: groupBy(databases, (d: Database) => d.id.toLowerCase()),
    proxyTargets: c.proxyTargets,
    ...joinBalancers(c.balancing),
    hostedZones: joinZones(c),
    names: indexNames(c, databases),
    roles: c.roles,
    policies: c.policies,
    memo,
  }
}

function groupBy<T>(items: Iterable<T>, key: (item: T) => string): Map<string, T[]> {
  const out = new Map<string, T[]>()
  for (const item of items) {
    const k = key(item)
    const list = out.get(k)
    if (list === undefined) out.set(k, [item])
    else list.push(item)
  }
  return out
}

/** An interface that only describe-instances shows is as real; where both show it, describe-network-interfaces knows more. */
function joinInterfaces(c: Collected): Map<string, Eni> {
  const out = new Map(c.enis)
  for (const [id, eni] of c.witnessed) {
    const full = out.get(id)
    if (full === undefined) out.set(id, eni)
    else if (full.instanceId === null) out.set(id, { ...full, instanceId: eni.instanceId })
  }
  // An Elastic IP that only describe-addresses shows belongs to the interface all the same.
  for (const e of c.elastic.values()) {
    const eni = e.eniId === null ? undefined : out.get(e.eniId)
    if (eni === undefined || eni.addresses.some((a) => a.publicIp === e.publicIp)) continue
    out.set(eni.id, {
      ...eni,
      addresses: eni.addresses.map((a, i) =>
        (e.privateIp === null ? i === 0 : a.address.text === e.privateIp)
          ? { ...a, publicIp: e.publicIp }
          : a,
      ),
    })
  }
  return out
}

function indexAddresses(enis: ReadonlyMap<string, Eni>): Map<string, Eni> {
  const out = new Map<string, Eni>()
  for (const eni of enis.values())
    for (const a of eni.addresses) out.set(addressKey(eni.vpcId, a.address), eni)
  return out
}

function indexPublicAddresses(c: Collected, enis: ReadonlyMap<string, Eni>): Map<string, PublicAddress> {
  const out = new Map<string, PublicAddress>()
  for (const eni of enis.values()) {
    for (const a of eni.addresses) {
      if (a.publicIp !== null)
        out.set(a.publicIp, { publicIp: a.publicIp, eni, natGateway: null, private: a.address })
    }
  }
  for (const nat of c.natGateways.values()) {
    for (const a of nat.addresses) {
      if (a.publicIp === null) continue
      const eni = out.get(a.publicIp)?.eni ?? (a.eniId === null ? null : (enis.get(a.eniId) ?? null))
      const inner = a.privateIp === null ? null : parseAddress(a.privateIp)
      out.set(a.publicIp, { publicIp: a.publicIp, eni, natGateway: nat, private: inner })
    }
  }
  return out
}

function indexRouteTables(c: Collected) {
  const routeTableOfSubnet = new Map<string, RouteTable>()
  const routeTableOfGateway = new Map<string, RouteTable>()
  const mainRouteTable = new Map<string, RouteTable>()
  for (const table of c.routeTables.values()) {
    for (const subnet of table.subnetIds) routeTableOfSubnet.set(subnet, table)
    for (const gateway of table.gatewayIds) routeTableOfGateway.set(gateway, table)
    if (table.main && table.vpcId !== null) mainRouteTable.set(table.vpcId, table)
  }
  return { routeTableOfSubnet, routeTableOfGateway, mainRouteTable }
}

function indexFunctions(c: Collected): Map<string, LambdaFunction[]> {
  const out = new Map<string, LambdaFunction[]>()
  for (const f of c.functions.values()) {
    for (const key of f.arn === null ? [f.name] : [f.name, f.arn]) {
      const list = out.get(key)
      if (list === undefined) out.set(key, [f])
      else list.push(f)
    }
  }
  return out
}

/** A cluster stands in its subnet group's subnets; its answer names only the group. */
function joinDatabases(c: Collected): Database[] {
  const out: Database[] = []
  for (const [key, d] of c.databases) {
    if (d.kind !== 'cluster') {
      out.push(d)
      continue
    }
    const group = c.subnetGroups.get(c.subnetGroupOf.get(key) ?? '')
    const member = d.memberIds
      .map((id) => c.databases.get(`${d.scope} instance ${id.toLowerCase()}`))
      .find((m) => m !== undefined)
    out.push({
      ...d,
      vpcId: group?.vpcId ?? member?.vpcId ?? null,
      subnetIds: group?.subnetIds ?? member?.subnetIds ?? [],
      groupIds: d.groupIds ?? member?.groupIds ?? null,
      zone: member?.zone ?? null,
      publiclyAccessible: d.publiclyAccessible || member?.publiclyAccessible === true,
    })
  }
  return out
}

function joinZones(c: Collected): HostedZone[] {
  const out: HostedZone[] = []
  for (const [id, z] of c.zones) {
    if (z.name === null) continue
    out.push({
      id,
      name: z.name,
      private: z.private ?? (z.vpcIds?.length ?? 0) > 0,
      vpcIds: z.vpcIds,
      records: z.records,
    })
  }
  return out.sort((a, b) => b.name.length - a.name.length || a.id.localeCompare(b.id))
}

function indexNames(c: Collected, databases: readonly Database[]): Map<string, NamedThing> {
  const names = new Map<string, NamedThing>()
  for (const database of databases)
    for (const host of database.hosts) names.set(plainName(host), { kind: 'database', database })
  for (const balancer of c.balancing.balancers.values())
    names.set(plainName(balancer.dnsName), { kind: 'load-balancer', balancer })
  for (const instance of c.instances.values()) {
    if (instance.publicDnsName)
      names.set(plainName(instance.publicDnsName), { kind: 'instance', instance, public: true })
    if (instance.privateDnsName)
      names.set(plainName(instance.privateDnsName), { kind: 'instance', instance, public: false })
  }
  for (const endpoint of c.endpoints.values()) {
    for (const name of endpoint.dnsNames) {
      if (name.includes('vpce-')) names.set(plainName(name), { kind: 'endpoint', endpoint })
    }
  }
  return names
}

/** The subnet of a VPC that holds an address or range; undefined where none does. */
export function subnetHolding(model: Model, vpcId: string, address: Prefix): Subnet | undefined {
  for (const subnet of model.subnetsOfVpc.get(vpcId) ?? []) {
    for (const cidr of subnet.cidrs) if (contains(cidr, address)) return subnet
  }
  return undefined
}
