import { all, PLACES, type Raw, record, records, strings, text } from '../raw.js'
import { byId, cidrsOf, type Situation, within } from './situation.js'

const DEFAULTS = ['0.0.0.0/0', '::/0']

/** The route table of a subnet: its own, else the main one of its VPC. */
export function tableOf(situation: Situation, subnetId: string): Raw | undefined {
  const tables = all(situation.snapshot, PLACES.routeTable)
  const own = tables.find((table) =>
    records(table, 'Associations').some((one) => one['SubnetId'] === subnetId),
  )
  if (own !== undefined) return own
  const vpcId = text(byId(situation.snapshot, PLACES.subnet, subnetId), 'VpcId')
  return tables.find(
    (table) =>
      text(table, 'VpcId') === vpcId && records(table, 'Associations').some((one) => one['Main'] === true),
  )
}

export function routeTo(table: Raw | undefined, destination: string): Raw | undefined {
  return records(table, 'Routes').find(
    (route) =>
      route['DestinationCidrBlock'] === destination ||
      route['DestinationIpv6CidrBlock'] === destination ||
      route['DestinationPrefixListId'] === destination,
  )
}

/** The internet gateway that a subnet's table leads to, or null: what makes a subnet public. */
export function internetGatewayOf(situation: Situation, subnetId: string): string | null {
  const table = tableOf(situation, subnetId)
  for (const destination of DEFAULTS) {
    const route = routeTo(table, destination)
    const gateway = text(route, 'GatewayId')
    if (gateway.startsWith('igw-') && text(route, 'State') !== 'blackhole') return gateway
  }
  return null
}

export function subnetsOf(situation: Situation, vpcId: string): readonly Raw[] {
  return all(situation.snapshot, PLACES.subnet).filter((subnet) => text(subnet, 'VpcId') === vpcId)
}

export function zoneOf(situation: Situation, subnetId: string): string {
  return text(byId(situation.snapshot, PLACES.subnet, subnetId), 'AvailabilityZone')
}

/** NAT gateways that lead to the internet: available, public, and regional or in a public subnet. */
export function workingNats(situation: Situation, vpcId: string): readonly Raw[] {
  return all(situation.snapshot, PLACES.natGateway).filter(
    (nat) =>
      text(nat, 'VpcId') === vpcId &&
      text(nat, 'State') === 'available' &&
      text(nat, 'ConnectivityType') !== 'private' &&
      (text(nat, 'AvailabilityMode') === 'regional' ||
        internetGatewayOf(situation, text(nat, 'SubnetId')) !== null),
  )
}

/** Public NAT gateways that run, and would lead to the internet if the way out of their subnets were mended. */
export function runningNats(situation: Situation, vpcId: string): readonly Raw[] {
  return all(situation.snapshot, PLACES.natGateway).filter(
    (nat) =>
      text(nat, 'VpcId') === vpcId &&
      text(nat, 'State') === 'available' &&
      text(nat, 'ConnectivityType') !== 'private',
  )
}

/** Whether a subnet is meant to be public, though its way out is broken: a dead route to an internet gateway, a NAT gateway in it. */
function meantPublic(situation: Situation, subnetId: string): boolean {
  const table = tableOf(situation, subnetId)
  const gateway = DEFAULTS.some((to) => text(routeTo(table, to), 'GatewayId').startsWith('igw-'))
  return (
    gateway || all(situation.snapshot, PLACES.natGateway).some((nat) => text(nat, 'SubnetId') === subnetId)
  )
}

/**
 * Subnets in which nothing but AWS-managed default routing stands in the way of a NAT gateway, the given zones first; where there is none,
 * those that are meant to be public.
 */
export function publicSubnets(situation: Situation, vpcId: string, zones: readonly string[]): readonly Raw[] {
  const free = subnetsOf(situation, vpcId).filter((subnet) => subnet['AvailableIpAddressCount'] !== 0)
  const working = free.filter((subnet) => internetGatewayOf(situation, text(subnet, 'SubnetId')) !== null)
  const open =
    working.length > 0 ? working : free.filter((subnet) => meantPublic(situation, text(subnet, 'SubnetId')))
  const rank = (subnet: Raw) => {
    const index = zones.indexOf(text(subnet, 'AvailabilityZone'))
    return index === -1 ? zones.length : index
  }
  return [...open].sort((a, b) => rank(a) - rank(b))
}

/** A subnet's way to the internet that a Lambda can use: a default route to a working NAT gateway or further on. */
export function hasNatRoute(situation: Situation, subnetId: string): boolean {
  const route = routeTo(tableOf(situation, subnetId), '0.0.0.0/0')
  if (route === undefined || text(route, 'State') === 'blackhole') return false
  const vpcId = text(byId(situation.snapshot, PLACES.subnet, subnetId), 'VpcId')
  const nat = text(route, 'NatGatewayId')
  if (nat === '') return text(route, 'TransitGatewayId') !== ''
  return workingNats(situation, vpcId).some((one) => text(one, 'NatGatewayId') === nat)
}

export function vpcOfAddress(situation: Situation, address: string): Raw | undefined {
  return all(situation.snapshot, PLACES.vpc).find((vpc) => within(address, cidrsOf(vpc)))
}

/** The active peerings between two VPCs. */
export function peeringsBetween(situation: Situation, one: string, other: string): readonly Raw[] {
  return all(situation.snapshot, PLACES.peering).filter((peering) => {
    const sides = ['RequesterVpcInfo', 'AccepterVpcInfo'].map((side) => text(record(peering, side), 'VpcId'))
    return (
      sides.includes(one) && sides.includes(other) && text(record(peering, 'Status'), 'Code') === 'active'
    )
  })
}

/** Transit gateways to which both VPCs are attached. */
export function transitGatewaysBetween(situation: Situation, one: string, other: string): readonly string[] {
  const gatewaysOf = (vpcId: string) =>
    all(situation.snapshot, PLACES.transitGatewayVpcAttachment)
      .filter((attachment) => text(attachment, 'VpcId') === vpcId)
      .map((attachment) => text(attachment, 'TransitGatewayId'))
  const others = gatewaysOf(other)
  return [...new Set(gatewaysOf(one))].filter((gateway) => others.includes(gateway))
}

/** The route tables that serve these subnets, each once. */
export function tablesOf(situation: Situation, subnetIds: readonly string[]): readonly string[] {
  return [...new Set(subnetIds.map((subnet) => text(tableOf(situation, subnet), 'RouteTableId')))].filter(
    (id) => id !== '',
  )
}

/** The destination of a route: a range, or a prefix list's id; '' where it has none. */
export function destinationOf(route: Raw): string {
  return (
    text(route, 'DestinationCidrBlock') ||
    text(route, 'DestinationIpv6CidrBlock') ||
    text(route, 'DestinationPrefixListId')
  )
}

/**
 * Whether nothing but NAT gateways and what has a public address lives in a subnet: only then may its routing be changed for
 * their sake.
 */
export function onlyPublicIn(situation: Situation, subnetId: string): boolean {
  return all(situation.snapshot, PLACES.networkInterface)
    .filter((eni) => text(eni, 'SubnetId') === subnetId)
    .every(
      (eni) =>
        text(eni, 'InterfaceType') === 'nat_gateway' || text(record(eni, 'Association'), 'PublicIp') !== '',
    )
}

/** The subnets that a table serves, by its explicit associations. */
export function subnetsServedBy(table: Raw | undefined): readonly string[] {
  return records(table, 'Associations')
    .map((one) => text(one, 'SubnetId'))
    .filter((id) => id !== '')
}

export function endpointsOf(situation: Situation, vpcId: string, service: string): readonly Raw[] {
  return all(situation.snapshot, PLACES.endpoint).filter(
    (endpoint) =>
      text(endpoint, 'VpcId') === vpcId &&
      text(endpoint, 'ServiceName') === service &&
      !['deleted', 'deleting', 'failed', 'rejected'].includes(text(endpoint, 'State').toLowerCase()),
  )
}

export function tablesOfEndpoint(endpoint: Raw): readonly string[] {
  return strings(endpoint, 'RouteTableIds')
}
