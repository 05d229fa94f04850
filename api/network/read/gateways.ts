import type { Prefix } from '../address.js'
import type {
  InternetGateway,
  NatAddress,
  NatGateway,
  Peering,
  PeeringSide,
  Raw,
  Route,
  RouteTable,
  RouteTargetKind,
  VpnConnection,
  VpnGateway,
} from '../entities.js'
import { answer, bool, need, object, objects, prefix, type Source, str } from './source.js'

const TARGETS: readonly (readonly [string, RouteTargetKind])[] = [
  ['NatGatewayId', 'nat-gateway'],
  ['TransitGatewayId', 'transit-gateway'],
  ['VpcPeeringConnectionId', 'vpc-peering-connection'],
  ['EgressOnlyInternetGatewayId', 'egress-only-internet-gateway'],
  ['LocalGatewayId', 'unsupported'],
  ['CarrierGatewayId', 'unsupported'],
  ['CoreNetworkArn', 'unsupported'],
  ['OdbNetworkArn', 'unsupported'],
  ['NetworkInterfaceId', 'network-interface'],
  ['InstanceId', 'instance'],
]

const GATEWAYS: readonly (readonly [string, RouteTargetKind])[] = [
  ['igw-', 'internet-gateway'],
  ['vgw-', 'virtual-private-gateway'],
  ['vpce-', 'vpc-endpoint'],
  ['eigw-', 'egress-only-internet-gateway'],
  ['nat-', 'nat-gateway'],
  ['pcx-', 'vpc-peering-connection'],
  ['tgw-', 'transit-gateway'],
]

function target(source: Source, o: Raw): readonly [RouteTargetKind, string] {
  const gateway = str(source, o, 'GatewayId')
  if (gateway === 'local') return ['local', 'local']
  if (gateway !== null && gateway !== '') {
    for (const [start, kind] of GATEWAYS) if (gateway.startsWith(start)) return [kind, gateway]
    return ['unsupported', gateway]
  }
  for (const [key, kind] of TARGETS) {
    const id = str(source, o, key)
    if (id !== null && id !== '') return [kind, id]
  }
  return ['unsupported', 'unknown']
}

export function readRouteTables(source: Source, tables: Map<string, RouteTable>): boolean {
  const items = answer(source, 'RouteTables')
  for (const o of items ?? []) {
    const id = need(source, o, 'RouteTableId')
    if (id === null) continue
    const subnetIds: string[] = []
    const gatewayIds: string[] = []
    let main = false
    for (const a of objects(source, o, 'Associations')) {
      const state = object(source, a, 'AssociationState')
      const word = state === null ? null : str(source, state, 'State')
      if (word === 'disassociated' || word === 'failed') continue
      if (bool(source, a, 'Main') === true) main = true
      const subnet = str(source, a, 'SubnetId')
      if (subnet !== null) subnetIds.push(subnet)
      const gateway = str(source, a, 'GatewayId')
      if (gateway !== null) gatewayIds.push(gateway)
    }
    const routes: Route[] = []
    for (const r of objects(source, o, 'Routes')) {
      const destination =
        prefix(source, r, 'DestinationCidrBlock') ?? prefix(source, r, 'DestinationIpv6CidrBlock')
      const prefixListId = str(source, r, 'DestinationPrefixListId')
      if (destination === null && prefixListId === null) continue
      const [targetKind, to] = target(source, r)
      routes.push({
        destination,
        prefixListId,
        targetKind,
        target: to,
        state: str(source, r, 'State') ?? 'active',
        propagated: str(source, r, 'Origin') === 'EnableVgwRoutePropagation',
        raw: r,
      })
    }
    tables.set(id, {
      id,
      scope: source.document.scope,
      vpcId: str(source, o, 'VpcId'),
      main,
      subnetIds,
      gatewayIds,
      routes,
    })
  }
  return items !== null
}

export function readInternetGateways(source: Source, gateways: Map<string, InternetGateway>): boolean {
  return readGateways(source, gateways, 'InternetGateways', 'InternetGatewayId', false)
}

export function readEgressOnlyGateways(source: Source, gateways: Map<string, InternetGateway>): boolean {
  return readGateways(source, gateways, 'EgressOnlyInternetGateways', 'EgressOnlyInternetGatewayId', true)
}

function readGateways(
  source: Source,
  gateways: Map<string, InternetGateway>,
  list: string,
  idKey: string,
  egressOnly: boolean,
): boolean {
  const items = answer(source, list)
  for (const o of items ?? []) {
    const id = need(source, o, idKey)
    if (id === null) continue
    gateways.set(id, { id, egressOnly, attachments: attachments(source, o, 'Attachments') })
  }
  return items !== null
}

function attachments(source: Source, o: Raw, key: string): ReadonlyMap<string, string> {
  const out = new Map<string, string>()
  for (const a of objects(source, o, key)) {
    const vpcId = str(source, a, 'VpcId')
    if (vpcId !== null) out.set(vpcId, str(source, a, 'State') ?? 'attached')
  }
  return out
}

export function readNatGateways(source: Source, gateways: Map<string, NatGateway>): boolean {
  const items = answer(source, 'NatGateways')
  for (const o of items ?? []) {
    const id = need(source, o, 'NatGatewayId')
    if (id === null) continue
    const addresses = objects(source, o, 'NatGatewayAddresses').map(
      (a): NatAddress => ({
        privateIp: str(source, a, 'PrivateIp'),
        publicIp: str(source, a, 'PublicIp'),
        zone: str(source, a, 'AvailabilityZone'),
        status: str(source, a, 'Status'),
        eniId: str(source, a, 'NetworkInterfaceId'),
      }),
    )
    const subnetId = str(source, o, 'SubnetId')
    gateways.set(id, {
      id,
      vpcId: str(source, o, 'VpcId'),
      subnetId,
      state: str(source, o, 'State') ?? 'available',
      public: (str(source, o, 'ConnectivityType') ?? 'public') === 'public',
      regional: str(source, o, 'AvailabilityMode') === 'regional',
      addresses,
      routeTableId: str(source, o, 'RouteTableId'),
      raw: o,
    })
  }
  return items !== null
}

function side(source: Source, o: Raw, key: string): PeeringSide {
  const s = object(source, o, key)
  if (s === null) return { vpcId: null, ownerId: null, region: null, cidrs: [], allowsDns: null }
  const cidrs = new Map<string, Prefix>()
  const add = (p: Prefix | null) => {
    if (p !== null) cidrs.set(p.text, p)
  }
  add(prefix(source, s, 'CidrBlock'))
  for (const c of objects(source, s, 'CidrBlockSet')) add(prefix(source, c, 'CidrBlock'))
  for (const c of objects(source, s, 'Ipv6CidrBlockSet')) add(prefix(source, c, 'Ipv6CidrBlock'))
  const options = object(source, s, 'PeeringOptions')
  return {
    vpcId: str(source, s, 'VpcId'),
    ownerId: str(source, s, 'OwnerId'),
    region: str(source, s, 'Region'),
    cidrs: [...cidrs.values()],
    allowsDns: options === null ? null : bool(source, options, 'AllowDnsResolutionFromRemoteVpc'),
  }
}

export function readPeerings(source: Source, peerings: Map<string, Peering>): boolean {
  const items = answer(source, 'VpcPeeringConnections')
  for (const o of items ?? []) {
    const id = need(source, o, 'VpcPeeringConnectionId')
    if (id === null) continue
    const status = object(source, o, 'Status')
    const requester = side(source, o, 'RequesterVpcInfo')
    const accepter = side(source, o, 'AccepterVpcInfo')
    const before = peerings.get(id)
    // Each account sees only its own side's options: two answers complete each other.
    const joined = (a: PeeringSide, b: PeeringSide | undefined): PeeringSide =>
      b === undefined
        ? a
        : {
            ...a,
            cidrs: a.cidrs.length > 0 ? a.cidrs : b.cidrs,
            allowsDns: a.allowsDns ?? b.allowsDns,
            region: a.region ?? b.region,
          }
    peerings.set(id, {
      id,
      status: (status === null ? null : str(source, status, 'Code')) ?? 'active',
      requester: joined(requester, before?.requester),
      accepter: joined(accepter, before?.accepter),
    })
  }
  return items !== null
}

export function readVpnGateways(source: Source, gateways: Map<string, VpnGateway>): boolean {
  const items = answer(source, 'VpnGateways')
  for (const o of items ?? []) {
    const id = need(source, o, 'VpnGatewayId')
    if (id === null) continue
    gateways.set(id, {
      id,
      state: str(source, o, 'State'),
      attachments: attachments(source, o, 'VpcAttachments'),
    })
  }
  return items !== null
}

export function readVpnConnections(source: Source, connections: Map<string, VpnConnection>): boolean {
  const items = answer(source, 'VpnConnections')
  for (const o of items ?? []) {
    const id = need(source, o, 'VpnConnectionId')
    if (id === null) continue
    const options = object(source, o, 'Options')
    connections.set(id, {
      id,
      gatewayId: str(source, o, 'VpnGatewayId'),
      transitGatewayId: str(source, o, 'TransitGatewayId'),
      state: str(source, o, 'State'),
      tunnels: objects(source, o, 'VgwTelemetry')
        .map((t) => str(source, t, 'Status'))
        .filter((s) => s !== null),
      routes: objects(source, o, 'Routes')
        .map((r) => prefix(source, r, 'DestinationCidrBlock'))
        .filter((p) => p !== null),
      staticOnly: options !== null && bool(source, options, 'StaticRoutesOnly') === true,
    })
  }
  return items !== null
}
