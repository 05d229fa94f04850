import { ACCOUNT, type Draft, type DraftRoute, type DraftTable } from './draft.js'

const ROUTE_FIELDS: Readonly<Record<string, string>> = {
  nat: 'NatGatewayId',
  tgw: 'TransitGatewayId',
  pcx: 'VpcPeeringConnectionId',
  eigw: 'EgressOnlyInternetGatewayId',
}

function destination(to: string): Record<string, string> {
  return to.includes(':') ? { DestinationIpv6CidrBlock: to } : { DestinationCidrBlock: to }
}

export function routeTable(draft: Draft, table: DraftTable): unknown {
  const vpc = draft.vpcs.find((one) => one.id === table.vpc)
  const local = [...(vpc?.cidrs ?? []), ...(vpc?.cidr6 ? [vpc.cidr6] : [])].map((to) => ({
    ...destination(to),
    GatewayId: 'local',
    Origin: 'CreateRouteTable',
    State: 'active',
  }))
  const own = table.routes.map((route: DraftRoute) => ({
    ...destination(route.to),
    [ROUTE_FIELDS[route.via.split('-')[0] ?? ''] ?? 'GatewayId']: route.via,
    Origin: 'CreateRoute',
    State: route.blackhole ? 'blackhole' : 'active',
  }))
  const endpoints = draft.endpoints
    .filter((endpoint) => endpoint.tables.includes(table.id))
    .map((endpoint) => ({
      DestinationPrefixListId: endpoint.list,
      GatewayId: endpoint.id,
      Origin: 'CreateRoute',
      State: 'active',
    }))
  const associated = draft.subnets.filter((subnet) => subnet.table === table.id && !table.main)
  return {
    RouteTableId: table.id,
    VpcId: table.vpc,
    OwnerId: ACCOUNT,
    Associations: [
      ...(table.main
        ? [
            {
              Main: true,
              RouteTableId: table.id,
              RouteTableAssociationId: `rtbassoc-${table.id.slice(4)}`,
              AssociationState: { State: 'associated' },
            },
          ]
        : []),
      ...associated.map((subnet) => ({
        Main: false,
        RouteTableId: table.id,
        SubnetId: subnet.id,
        RouteTableAssociationId: `rtbassoc-${subnet.id.slice(7)}`,
        AssociationState: { State: 'associated' },
      })),
    ],
    PropagatingVgws: [],
    Routes: [...local, ...own, ...endpoints],
    Tags: [],
  }
}
