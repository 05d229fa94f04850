import type { Snapshot } from '../../../api/network/snapshot.js'
import { type Account, type Eni, readAccount, type Subnet } from '../account.js'
import { isV6, within } from '../addresses.js'
import { balancersOf, balancerTargets, type LabBalancer } from '../balancers.js'
import { listed, type Raw, records, strings, text } from '../documents.js'
import { databaseNames, publicAddresses, serviceRanges } from '../names.js'
import type { LabFlow } from '../plan.js'
import { standpointsOf } from '../standpoints.js'

/** Where packets of a flow go to. */
export type Target =
  | { readonly kind: 'internet'; readonly address: string }
  | {
      readonly kind: 'service'
      readonly service: string
      readonly address: string
      readonly how: 'gateway' | 'interface' | 'public'
      readonly endpoint: Raw | null
    }
  | { readonly kind: 'balancer'; readonly balancer: LabBalancer; readonly address: string }
  | { readonly kind: 'host'; readonly eni: Eni; readonly address: string; readonly port: number }

/** A place from which the flow starts. */
export interface Start {
  readonly subnet: Subnet
  readonly groups: readonly string[]
}

/** What surrounds a flow: where it starts, where it goes, and what is on its way by the account's own routes. */
export interface Terrain {
  readonly account: Account
  readonly flow: LabFlow
  readonly port: number
  readonly starts: readonly Start[]
  readonly target: Target
  /** The NAT gateway that the flow leaves by, and the subnet in which it stands. */
  readonly nat: { readonly id: string; readonly subnet: Subnet } | null
}

/** The addresses that stand for the internet, one of each family. */
const OUTSIDE = '198.51.100.80'

/** Looks around a flow; null where it does not start in a VPC, or its target is none that faults are known for. */
export function terrainOf(snapshot: Snapshot, flow: LabFlow): Terrain | null {
  const account = readAccount(snapshot.documents)
  const starts = standpointsOf(account, flow.from).flatMap(({ subnetId, groups }) => {
    const subnet = account.subnets.find((one) => one.id === subnetId)
    return subnet === undefined ? [] : [{ subnet, groups }]
  })
  const [first] = starts
  if (first === undefined) return null
  const target = targetOf(account, flow, first.subnet)
  if (target === null) return null
  const port = flow.port ?? (target.kind === 'host' ? target.port : 443)
  return { account, flow, port, starts, target, nat: natOf(account, first.subnet, target) }
}

function targetOf(account: Account, flow: LabFlow, from: Subnet): Target | null {
  const { to } = flow
  if (to === 'internet') return { kind: 'internet', address: OUTSIDE }
  if (to.startsWith('[')) return { kind: 'internet', address: to.slice(1, to.indexOf(']')) }
  if (to.startsWith('service:')) return serviceTarget(account, to.slice('service:'.length), from)
  const balancer = balancersOf(account).find(({ dnsName }) => to === dnsName || to.startsWith(`${dnsName}:`))
  if (balancer !== undefined)
    return { kind: 'balancer', balancer, address: balancer.enis[0]?.addresses[0] ?? '' }
  const database = databaseNames(account).find(
    ({ name }) => (to.startsWith('rds:') && name.startsWith(`${to.slice(4)}.`)) || to.startsWith(`${name}:`),
  )
  const eni = database?.enis[0] ?? hostEni(account, to)
  const [address] = eni?.addresses ?? []
  if (eni === undefined || address === undefined) return null
  return { kind: 'host', eni, address, port: database?.port ?? flow.port ?? 443 }
}

function hostEni(account: Account, to: string): Eni | undefined {
  const instance = listed(account.documents, 'describe-instances', 'Reservations')
    .flatMap((one) => records(one, 'Instances'))
    .find((one) => text(one, 'InstanceId') === to)
  const address = text(instance, 'PrivateIpAddress')
  return account.enis.find((eni) => eni.id === to || (address !== '' && eni.addresses.includes(address)))
}

function serviceTarget(account: Account, service: string, from: Subnet): Target | null {
  const name = `${service}.${account.region}.amazonaws.com`
  const address = publicAddresses(serviceRanges(account), name)?.[0]
  if (address === undefined) return null
  const own = account.endpoints.filter(
    (one) =>
      text(one, 'VpcId') === from.vpcId && text(one, 'ServiceName').endsWith(`.${account.region}.${service}`),
  )
  const direct = own.find(
    (one) => text(one, 'VpcEndpointType') === 'Interface' && one['PrivateDnsEnabled'] === true,
  )
  if (direct !== undefined) {
    const enis = strings(direct, 'NetworkInterfaceIds')
    const [at] = account.enis.find((eni) => eni.id === enis[0])?.addresses ?? []
    return { kind: 'service', service, how: 'interface', endpoint: direct, address: at ?? address }
  }
  const gateway = text(routeOf(account, from, address), 'GatewayId')
  const endpoint = own.find((one) => text(one, 'VpcEndpointId') === gateway) ?? null
  return { kind: 'service', service, address, how: endpoint === null ? 'public' : 'gateway', endpoint }
}

/** The route of a subnet's table that an address takes: the longest prefix. */
export function routeOf(account: Account, subnet: Subnet, address: string): Raw | undefined {
  const table = tableOf(account, subnet.tableId)
  let best: Raw | undefined
  let length = -1
  for (const route of records(table, 'Routes')) {
    const own = text(route, 'DestinationCidrBlock') || text(route, 'DestinationIpv6CidrBlock')
    const ranges =
      own === '' ? (account.prefixLists.get(text(route, 'DestinationPrefixListId')) ?? []) : [own]
    for (const range of ranges) {
      const bits = Number(range.split('/')[1])
      if (isV6(range) === isV6(address) && within(address, range) && bits > length) {
        best = route
        length = bits
      }
    }
  }
  return best
}

export function tableOf(account: Account, id: string): Raw | undefined {
  return account.tables.find((one) => text(one, 'RouteTableId') === id)
}

/** The NAT gateway that a subnet's default route leads to, where the target is a public address. */
function natOf(account: Account, from: Subnet, target: Target): Terrain['nat'] {
  const outward = target.kind === 'internet' || (target.kind === 'service' && target.how === 'public')
  const id = outward ? text(routeOf(account, from, target.address), 'NatGatewayId') : ''
  const raw = listed(account.documents, 'describe-nat-gateways', 'NatGateways').find(
    (one) => text(one, 'NatGatewayId') === id,
  )
  const subnet = account.subnets.find((one) => one.id === text(raw, 'SubnetId'))
  return raw === undefined || subnet === undefined ? null : { id, subnet }
}

/** Whether a target is somebody's own, in a VPC: then it may be in another one than the function. */
export function isOwn(target: Target): target is Extract<Target, { kind: 'host' | 'balancer' }> {
  return target.kind === 'host' || target.kind === 'balancer'
}

/** The way on from a load balancer: the targets behind it, and the first of its own subnets. */
export interface Onward {
  readonly balancer: LabBalancer
  readonly node: Subnet
  readonly targets: readonly { readonly eni: Eni; readonly port: number }[]
}

/** Null where the flow goes to no load balancer, or nothing stands behind it. */
export function onwardOf({ account, target }: Terrain): Onward | null {
  if (target.kind !== 'balancer') return null
  const { balancer } = target
  const [first] = balancer.enis
  const node = first === undefined ? undefined : subnetOf(account, first)
  const targets = balancerTargets(account, balancer)
  return node === undefined || targets.length === 0 ? null : { balancer, node, targets }
}

/**
 * The interface that takes the flow's packets in: a host's, a load balancer's first one, or an interface endpoint's in the first start's
 * zone.
 */
export function targetEni({ account, target, starts }: Terrain): Eni | null {
  if (target.kind === 'host') return target.eni
  if (target.kind === 'balancer') return target.balancer.enis[0] ?? null
  if (target.kind !== 'service' || target.how !== 'interface' || target.endpoint === null) return null
  const ids = strings(target.endpoint, 'NetworkInterfaceIds')
  const own = account.enis.filter((eni) => ids.includes(eni.id))
  const zone = starts[0]?.subnet.zone
  return (
    own.find((eni) => account.subnets.find((one) => one.id === eni.subnetId)?.zone === zone) ?? own[0] ?? null
  )
}

export function subnetOf(account: Account, eni: Eni): Subnet | undefined {
  return account.subnets.find((one) => one.id === eni.subnetId)
}

/** The different route tables of the starts, each with one of its subnets. */
export function startTables({ starts }: Terrain): readonly Subnet[] {
  return [...new Map(starts.map(({ subnet }) => [subnet.tableId, subnet] as const)).values()]
}
