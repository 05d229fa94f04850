import type { Blocker } from '../../network/path.js'
import type { Change } from '../diagnosis.js'
import { all, isRaw, PLACES, type Raw, record, records, text } from '../raw.js'
import { deriveEndpoints } from './endpoints.js'
import {
  anywhere,
  blockedHops,
  byId,
  cidrsOf,
  type Derive,
  freshId,
  isInternet,
  type Option,
  type Situation,
  within,
} from './situation.js'
import {
  destinationOf,
  onlyPublicIn,
  peeringsBetween,
  publicSubnets,
  routeTo,
  runningNats,
  subnetsServedBy,
  tablesOf,
  transitGatewaysBetween,
  vpcOfAddress,
  workingNats,
  zoneOf,
} from './topology.js'

type PutRoute = Extract<Change, { kind: 'put-route' }>

function put(table: Raw | undefined, destination: string, kind: string, id: string): PutRoute {
  return {
    kind: 'put-route',
    routeTableId: text(table, 'RouteTableId'),
    destination,
    target: { kind, id },
    replace: routeTo(table, destination) !== undefined,
  }
}

/** The tables of the source's subnets from which the internet is not reached: those blocked, or led to a dead NAT gateway. */
function sourceTables(blockers: readonly Blocker[], situation: Situation): readonly Raw[] {
  const own = tablesOf(situation, situation.standpoint.subnetIds)
  const blocked = blockers.map((blocker) => blocker.component).filter((id) => own.includes(id))
  const subnets = new Set(
    blockers.flatMap((blocker) => (blocker.subnet === undefined ? [] : [blocker.subnet])),
  )
  const bySubnet = tablesOf(situation, [...subnets])
  const ids = blocked.length > 0 ? blocked : bySubnet.length > 0 ? bySubnet : own
  return [...new Set(ids)]
    .map((id) => byId(situation.snapshot, PLACES.routeTable, id))
    .filter((table) => table !== undefined)
}

/** The NAT gateway in the zone of the subnets that a table serves, else the first: each zone leaves by its own. */
function nearest(situation: Situation, table: Raw, nats: readonly Raw[]): string {
  const own = situation.standpoint.subnetIds.filter((subnet) =>
    tablesOf(situation, [subnet]).includes(text(table, 'RouteTableId')),
  )
  const zones = own.map((subnet) => zoneOf(situation, subnet))
  const near = nats.find((nat) => zones.includes(zoneOf(situation, text(nat, 'SubnetId'))))
  return text(near ?? nats[0], 'NatGatewayId')
}

function natOptions(
  blockers: readonly Blocker[],
  situation: Situation,
  destination: string,
): readonly Option[] {
  const vpcId = situation.standpoint.vpcId
  if (vpcId === null) return []
  const tables = sourceTables(blockers, situation)
  if (tables.length === 0) return []
  const zones = situation.standpoint.subnetIds.map((subnet) => zoneOf(situation, subnet))
  const dead = new Set(blockers.map((blocker) => blocker.component))
  const alive = (nat: Raw) => !dead.has(text(nat, 'NatGatewayId'))
  const working = workingNats(situation, vpcId).filter(alive)
  const nats = working.length > 0 ? working : runningNats(situation, vpcId).filter(alive)
  const existing: readonly Option[] =
    nats.length === 0
      ? []
      : [tables.map((table) => put(table, destination, 'nat-gateway', nearest(situation, table, nats)))]
  const [subnet] = publicSubnets(situation, vpcId, zones)
  if (subnet === undefined) return existing
  const as = freshId(situation, 'nat')
  const create: Option = [
    { kind: 'create-nat-gateway', subnetId: text(subnet, 'SubnetId'), public: true, as },
    ...tables.map((table) => put(table, destination, 'nat-gateway', as)),
  ]
  return [...existing, create]
}

/** A NAT gateway in a subnet of its own that only lacks the route to the internet gateway: that route is the fix. */
function natSubnetOptions(blockers: readonly Blocker[], situation: Situation): readonly Option[] {
  return blockers.flatMap((blocker): readonly Option[] => {
    const table = byId(situation.snapshot, PLACES.routeTable, blocker.component)
    const served = subnetsServedBy(table)
    const gateways = all(situation.snapshot, PLACES.internetGateway)
    const attached = gateways.find((one) =>
      records(one, 'Attachments').some((attachment) => attachment['VpcId'] === table?.['VpcId']),
    )
    // The one gateway that is attached to nothing is meant where the VPC has none.
    const [free, ...others] = gateways.filter((one) => records(one, 'Attachments').length === 0)
    const gateway = attached ?? (others.length === 0 ? free : undefined)
    if (table === undefined || gateway === undefined || served.length === 0) return []
    const natSubnets = all(situation.snapshot, PLACES.natGateway).map((nat) => text(nat, 'SubnetId'))
    const alone = served.every((subnet) => onlyPublicIn(situation, subnet))
    if (!alone || !served.some((subnet) => natSubnets.includes(subnet))) return []
    const internetGatewayId = text(gateway, 'InternetGatewayId')
    const vpcId = text(table, 'VpcId')
    const attach: Option = attached ? [] : [{ kind: 'attach-internet-gateway', internetGatewayId, vpcId }]
    return [[...attach, put(table, '0.0.0.0/0', 'internet-gateway', internetGatewayId)]]
  })
}

/** IPv6 leaves through an egress-only internet gateway: the one that is there, else a new one. */
function ipv6Options(blockers: readonly Blocker[], situation: Situation): readonly Option[] {
  const vpcId = situation.standpoint.vpcId
  const tables = sourceTables(blockers, situation)
  if (vpcId === null || tables.length === 0) return []
  const lead = (id: string): Option =>
    tables.map((table) => put(table, '::/0', 'egress-only-internet-gateway', id))
  const there = all(situation.snapshot, PLACES.egressOnlyGateway).filter((gateway) =>
    records(gateway, 'Attachments').some((one) => one['VpcId'] === vpcId),
  )
  if (there.length > 0) return there.map((gateway) => lead(text(gateway, 'EgressOnlyInternetGatewayId')))
  const as = freshId(situation, 'eigw')
  return [[{ kind: 'create-egress-only-gateway', vpcId, as }, ...lead(as)]]
}

/** A route that leads into a black hole and is narrower than what would lead on: without it the wider one decides. */
function withoutBlackholes(blockers: readonly Blocker[]): readonly Option[] {
  const routes = blockers.flatMap((blocker): readonly Change[] => {
    const raw = blocker.rule?.raw
    const destination = isRaw(raw) ? destinationOf(raw) : ''
    return blocker.code === 'BAD_STATE_ROUTE' && destination !== '' && !/\/0$/.test(destination)
      ? [{ kind: 'delete-route', routeTableId: blocker.component, destination }]
      : []
  })
  return routes.length === 0 ? [] : [routes]
}

/** A route whose internet gateway was detached is active again once that is attached. */
function reattached(blockers: readonly Blocker[], situation: Situation): readonly Option[] {
  return blockers.flatMap((blocker): readonly Option[] => {
    const raw = blocker.rule?.raw
    const gateway = byId(situation.snapshot, PLACES.internetGateway, isRaw(raw) ? text(raw, 'GatewayId') : '')
    const vpcId = text(byId(situation.snapshot, PLACES.routeTable, blocker.component), 'VpcId')
    if (gateway === undefined || vpcId === '' || records(gateway, 'Attachments').length > 0) return []
    const internetGatewayId = text(gateway, 'InternetGatewayId')
    return [[{ kind: 'attach-internet-gateway', internetGatewayId, vpcId }]]
  })
}

/** The route from a table's VPC to the one that the address lies in: by peering, by transit gateway. */
function privateOptions(blockers: readonly Blocker[], situation: Situation): readonly Option[] {
  const perBlocker = blockers.map((blocker): readonly Option[] => {
    const table = byId(situation.snapshot, PLACES.routeTable, blocker.component)
    const [hop] = blockedHops(situation.trace, blocker)
    const address = hop?.packet.destination ?? ''
    const vpc = vpcOfAddress(situation, address)
    const from = text(table, 'VpcId')
    const to = text(vpc, 'VpcId')
    if (table === undefined || vpc === undefined || from === to) return []
    const destination = cidrsOf(vpc).find((cidr) => within(address, [cidr])) ?? address
    const peerings = peeringsBetween(situation, from, to)
    const gateways = transitGatewaysBetween(situation, from, to)
    if (peerings.length + gateways.length === 0) {
      const as = freshId(situation, 'pcx')
      return [
        [
          { kind: 'create-peering', requesterVpcId: from, accepterVpcId: to, as },
          put(table, destination, 'vpc-peering-connection', as),
        ],
      ]
    }
    return [
      ...peerings.map((peering): Option => {
        const id = text(peering, 'VpcPeeringConnectionId')
        return [put(table, destination, 'vpc-peering-connection', id)]
      }),
      ...gateways.map((id): Option => [put(table, destination, 'transit-gateway', id)]),
    ]
  })
  const widest = Math.max(0, ...perBlocker.map((options) => options.length))
  return Array.from({ length: widest }, (_, index) =>
    perBlocker.flatMap((options) => options[Math.min(index, options.length - 1)] ?? []),
  )
}

/**
 * An RDS name resolves to its public address from a peered VPC until the peering's DNS option is on
 * (https://docs.aws.amazon.com/vpc/latest/peering/vpc-peering-dns.html).
 */
function peeringDnsOptions(situation: Situation): readonly Option[] {
  const { destination } = situation.question
  const vpcId = situation.standpoint.vpcId
  if (vpcId === null || (destination.kind !== 'rds' && destination.kind !== 'host')) return []
  return all(situation.snapshot, PLACES.peering).flatMap((peering): readonly Option[] =>
    (['requester', 'accepter'] as const).flatMap((side): readonly Option[] => {
      const own = record(peering, side === 'requester' ? 'RequesterVpcInfo' : 'AccepterVpcInfo')
      const other = record(peering, side === 'requester' ? 'AccepterVpcInfo' : 'RequesterVpcInfo')
      const off = record(own, 'PeeringOptions')?.['AllowDnsResolutionFromRemoteVpc'] === false
      const peeringId = text(peering, 'VpcPeeringConnectionId')
      return off && text(other, 'VpcId') === vpcId
        ? [[{ kind: 'modify-peering-dns', peeringId, side, value: true }]]
        : []
    }),
  )
}

function targetAddress(blockers: readonly Blocker[], situation: Situation): string {
  const addresses = blockers.flatMap((blocker) =>
    blockedHops(situation.trace, blocker).map((hop) => hop.packet.destination),
  )
  const { destination } = situation.question
  const own = destination.kind === 'address' ? destination.address : undefined
  return (
    addresses[0] ?? own ?? situation.trace.resolved[0] ?? (destination.kind === 'internet' ? '0.0.0.1' : '')
  )
}

/** Every way to give a packet a route: an endpoint for a service, a peering's option, a NAT gateway, a way to the other VPC. */
export const deriveRoutes: Derive = (blockers, situation) => {
  const address = targetAddress(blockers, situation)
  const asked = situation.question.destination.kind
  const named = asked === 'internet' || asked === 'service' || (asked === 'host' && address === '')
  const public_ = named || isInternet(address)
  const narrower = withoutBlackholes(blockers)
  if (!public_) return [...narrower, ...privateOptions(blockers, situation)]
  return [
    ...narrower,
    ...reattached(blockers, situation),
    ...peeringDnsOptions(situation),
    ...deriveEndpoints(blockers, situation),
    ...natSubnetOptions(blockers, situation),
    ...(anywhere(address) === '::/0'
      ? ipv6Options(blockers, situation)
      : natOptions(blockers, situation, '0.0.0.0/0')),
  ]
}
