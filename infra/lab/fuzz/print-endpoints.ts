import { ACCOUNT, type Draft, LISTS } from './draft.js'
import { interfaceEndpoint, OPEN_POLICY } from './print-workloads.js'

/** Prefix lists, and the VPC endpoints of both types. */
export function endpoints(draft: Draft): [string, unknown][] {
  return [
    [
      'describe-managed-prefix-lists',
      {
        PrefixLists: LISTS.map((list) => ({
          PrefixListId: list.id,
          PrefixListName: list.name,
          AddressFamily: 'IPv4',
          State: 'create-complete',
          OwnerId: list.name === 'own' ? ACCOUNT : 'AWS',
        })),
      },
    ],
    [
      'describe-prefix-lists',
      {
        PrefixLists: LISTS.slice(0, 2).map((list) => ({
          PrefixListId: list.id,
          PrefixListName: list.name,
          Cidrs: list.cidrs,
        })),
      },
    ],
    ...LISTS.map((list): [string, unknown] => [
      `get-managed-prefix-list-entries.${list.id}`,
      { Entries: list.cidrs.map((Cidr) => ({ Cidr })) },
    ]),
    [
      'describe-vpc-endpoints',
      {
        VpcEndpoints: [
          ...draft.endpoints.map((endpoint) => ({
            VpcEndpointId: endpoint.id,
            VpcEndpointType: 'Gateway',
            VpcId: endpoint.vpc,
            ServiceName: LISTS.find((list) => list.id === endpoint.list)?.name,
            State: 'available',
            PolicyDocument: OPEN_POLICY,
            RouteTableIds: endpoint.tables,
            SubnetIds: [],
            Groups: [],
            NetworkInterfaceIds: [],
            DnsEntries: [],
          })),
          ...draft.interfaceEndpoints.map((endpoint) => interfaceEndpoint(draft, endpoint)),
        ],
      },
    ],
  ]
}
