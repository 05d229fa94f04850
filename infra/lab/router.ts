import type { Eni, Subnet, Vpc } from './account.js'
import { host, isV6 } from './addresses.js'
import { type Raw, records, text } from './documents.js'
import {
  DELIVERY,
  incoming,
  ipLine,
  type Layout,
  link,
  type Namespace,
  namespace,
  namespaceOf,
  portOf,
  routerOf,
  servicesOf,
  silentEnd,
  subnetTable,
} from './layout.js'
import { peeringPort } from './peering.js'
import { attachmentPort } from './transit.js'

/** A route by its own prefix goes before the same one out of a prefix list, and that before a propagated one. */
const METRIC = { own: 10, list: 20, propagated: 30 } as const

/**
 * A VPC's router: one table for each subnet, chosen by the device that a packet comes in by.
 *
 * `local` leads through a cable from the router to itself, so that the kernel's longest prefix match decides between
 * local and more specific routes, and what is delivered is looked up afterwards in one table
 * (https://docs.aws.amazon.com/vpc/latest/userguide/VPC_Route_Tables.html, route priority:
 * https://docs.aws.amazon.com/vpc/latest/userguide/route-tables-priority.html).
 */
export function addRouter(layout: Layout, vpc: Vpc): void {
  const name = routerOf(layout, vpc.id)
  const router = namespace(layout, name, true)
  link(layout, name, 'lp0', name, 'lp1')
  incoming(router, 'lp1', DELIVERY)
  incoming(router, 'lo', DELIVERY)
  silentEnd(router, DELIVERY)
  for (const eni of layout.account.enis) {
    if (eni.vpcId === vpc.id) addInterface(layout, router, eni)
  }
  for (const subnet of layout.account.subnets) {
    if (subnet.vpcId === vpc.id) addSubnetRoutes(layout, router, subnet)
  }
}

function addInterface(layout: Layout, router: Namespace, eni: Eni): void {
  const port = portOf(layout, eni)
  link(layout, router.name, port, namespaceOf(eni), 'eth0')
  incoming(router, port, subnetTable(layout, eni.subnetId))
  const own = namespace(layout, namespaceOf(eni), eni.type === 'nat_gateway')
  for (const address of eni.addresses) {
    ipLine(router, address, `route add ${host(address)} dev ${port} table ${DELIVERY}`)
    ipLine(own, address, `address add ${host(address)} dev eth0${isV6(address) ? ' nodad' : ''}`)
  }
  own.ip4.push('route add default dev eth0')
  if (eni.addresses.some(isV6)) own.ip6.push('route add default dev eth0')
}

function addSubnetRoutes(layout: Layout, router: Namespace, subnet: Subnet): void {
  const table = layout.account.tables.find((one) => text(one, 'RouteTableId') === subnet.tableId)
  const number = subnetTable(layout, subnet.id)
  silentEnd(router, number)
  const taken = new Set<string>()
  for (const route of records(table, 'Routes')) {
    const device = targetOf(layout, subnet, route)
    const listId = text(route, 'DestinationPrefixListId')
    const own = text(route, 'DestinationCidrBlock') || text(route, 'DestinationIpv6CidrBlock')
    const destinations = own === '' ? (layout.account.prefixLists.get(listId) ?? []) : [own]
    const propagated = text(route, 'Origin') === 'EnableVgwRoutePropagation'
    const metric = propagated ? METRIC.propagated : own === '' ? METRIC.list : METRIC.own
    for (const destination of destinations) {
      // A prefix that two lists share would be a second route of the same rank.
      if (taken.has(`${destination} ${metric}`)) continue
      taken.add(`${destination} ${metric}`)
      const where = device === null ? `blackhole ${destination}` : `${destination} dev ${device}`
      ipLine(router, destination, `route add ${where} table ${number} metric ${metric}`)
    }
  }
}

/** The router's device that a route leads to; null where packets are lost: a blackhole, or what the lab can't build. */
function targetOf(layout: Layout, subnet: Subnet, route: Raw): string | null {
  if (text(route, 'State') === 'blackhole') return null
  const { account } = layout
  const gateway = text(route, 'GatewayId')
  if (gateway === 'local') return 'lp0'
  if (gateway.startsWith('igw-')) return account.internetGateways.get(subnet.vpcId) === gateway ? 'igw' : null
  const egressOnly = text(route, 'EgressOnlyInternetGatewayId')
  if (egressOnly !== '') return account.egressOnlyGateways.get(subnet.vpcId) === egressOnly ? 'eigw' : null
  if (gateway.startsWith('vpce-')) return gatewayEndpointPort(layout, subnet.vpcId, gateway)
  const nat = text(route, 'NatGatewayId')
  if (nat !== '') {
    const gatewayEni = account.nats.find((one) => one.id === nat)?.eniId
    return eniPort(layout, subnet.vpcId, gatewayEni ?? '')
  }
  const eni = text(route, 'NetworkInterfaceId')
  if (eni !== '') return eniPort(layout, subnet.vpcId, eni)
  const peering = text(route, 'VpcPeeringConnectionId')
  if (peering !== '') return peeringPort(layout, peering)
  const transit = text(route, 'TransitGatewayId')
  if (transit !== '') return attachmentPort(layout, transit, subnet)
  const other = gateway || text(route, 'LocalGatewayId') || text(route, 'CoreNetworkArn')
  layout.unsupported.set(other, 'a route leads to it, and the lab has no such gateway: packets are dropped')
  return null
}

function eniPort(layout: Layout, vpcId: string, eniId: string): string | null {
  const eni = layout.account.enis.find((one) => one.id === eniId && one.vpcId === vpcId)
  return eni === undefined ? null : portOf(layout, eni)
}

/** Gateway endpoints (https://docs.aws.amazon.com/vpc/latest/privatelink/gateway-endpoints.html). */
function gatewayEndpointPort(layout: Layout, vpcId: string, id: string): string | null {
  const endpoint = layout.account.endpoints.find((one) => text(one, 'VpcEndpointId') === id)
  if (text(endpoint, 'VpcEndpointType') !== 'Gateway') {
    layout.unsupported.set(id, 'a route leads to it, and it is no gateway endpoint: packets are dropped')
    return null
  }
  if (text(endpoint, 'State').toLowerCase() !== 'available' || text(endpoint, 'VpcId') !== vpcId) return null
  addServices(layout, vpcId)
  return 'svc'
}

/**
 * The AWS services behind a VPC's gateway endpoints: any address is theirs. Only TCP and pings pass (code VPCE_GATEWAY_PROTOCOL_RESTRICTION,
 * https://docs.aws.amazon.com/vpc/latest/reachability/explanation-codes.html).
 */
function addServices(layout: Layout, vpcId: string): void {
  const name = servicesOf(layout, vpcId)
  if (layout.namespaces.has(name)) return
  const services = namespace(layout, name)
  const router = namespace(layout, routerOf(layout, vpcId), true)
  link(layout, router.name, 'svc', name, 'vpc')
  incoming(router, 'svc', DELIVERY)
  services.ip4.push('address add 169.254.0.1/32 dev vpc', 'route add local default dev lo table main')
  for (const cidr of layout.account.vpcs.find((one) => one.id === vpcId)?.cidrs ?? [])
    if (!isV6(cidr)) services.ip4.push(`route add ${cidr} dev vpc`)
  services.nft.push(
    'table inet gateway {',
    '  chain carried {',
    '    type filter hook prerouting priority -150; policy accept;',
    '    iifname "vpc" meta l4proto != { tcp, icmp } drop',
    '    icmp type != { echo-request, echo-reply } drop',
    '  }',
    '}',
  )
}
