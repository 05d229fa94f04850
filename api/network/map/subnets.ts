import type { Route, RouteTable, Subnet } from '../entities.js'
import type { Model } from '../model.js'

/**
 * What a subnet's route table makes of it. `public`: a default route to an internet gateway; `private`: another default route
 * out of the VPC (NAT, transit gateway, firewall, …); `isolated`: none; `unknown`: the snapshot doesn't hold its table.
 *
 * https://docs.aws.amazon.com/vpc/latest/userguide/configure-subnets.html (Subnet types)
 */
export type SubnetKind = 'public' | 'private' | 'isolated' | 'unknown'

/** A route as a map shows it. */
export interface MapRoute {
  readonly destination: string
  readonly targetKind: Route['targetKind']
  readonly target: string
  readonly state: string
  /** By a virtual private gateway, so that it can't be changed in the table. */
  readonly propagated: boolean
}

export interface MapSubnet {
  readonly id: string
  readonly name: string | null
  readonly zone: string | null
  readonly cidrs: readonly string[]
  readonly kind: SubnetKind
  readonly routeTable: string | null
  readonly networkAcl: string | null
  readonly freeAddresses: number | null
  /** Network interfaces in it, whoever they belong to. */
  readonly interfaces: number
  /** Without the local ones. */
  readonly routes: readonly MapRoute[]
}

const DEFAULTS: ReadonlySet<string> = new Set(['0.0.0.0/0', '::/0'])

export function mapSubnet(model: Model, names: ReadonlyMap<string, string>, subnet: Subnet): MapSubnet {
  const table = tableOf(model, subnet)
  return {
    id: subnet.id,
    name: names.get(subnet.id) ?? null,
    zone: subnet.zone,
    cidrs: subnet.cidrs.map(({ text }) => text),
    kind: kindOf(table),
    routeTable: table?.id ?? null,
    networkAcl: model.aclOfSubnet.get(subnet.id)?.id ?? null,
    freeAddresses: subnet.freeAddresses,
    interfaces: model.enisOfSubnet.get(subnet.id)?.length ?? 0,
    routes: (table?.routes ?? []).filter(({ targetKind }) => targetKind !== 'local').map(mapRoute),
  }
}

function tableOf(model: Model, subnet: Subnet): RouteTable | undefined {
  return model.routeTableOfSubnet.get(subnet.id) ?? model.mainRouteTable.get(subnet.vpcId)
}

function kindOf(table: RouteTable | undefined): SubnetKind {
  if (table === undefined) return 'unknown'
  const out = table.routes.filter(
    ({ destination, targetKind }) =>
      destination !== null && DEFAULTS.has(destination.text) && targetKind !== 'local',
  )
  if (out.some(({ targetKind }) => targetKind === 'internet-gateway')) return 'public'
  return out.length > 0 ? 'private' : 'isolated'
}

export function mapRoute(route: Route): MapRoute {
  return {
    destination: route.destination?.text ?? route.prefixListId ?? '',
    targetKind: route.targetKind,
    target: route.target,
    state: route.state,
    propagated: route.propagated,
  }
}
