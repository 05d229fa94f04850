import { ACCOUNT, type Draft, type DraftTransit, REGION } from './draft.js'

/** Peering connections, and the transit gateway. */
export function betweenVpcs(draft: Draft): [string, unknown][] {
  return [
    [
      'describe-vpc-peering-connections',
      {
        VpcPeeringConnections: draft.peerings.map((peering) => {
          const side = (VpcId: string) => {
            const cidrs = draft.vpcs.find((vpc) => vpc.id === VpcId)?.cidrs ?? []
            return {
              VpcId,
              OwnerId: ACCOUNT,
              Region: REGION,
              CidrBlock: cidrs[0],
              CidrBlockSet: cidrs.map((CidrBlock) => ({ CidrBlock })),
              PeeringOptions: { AllowDnsResolutionFromRemoteVpc: peering.dns === true },
            }
          }
          return {
            VpcPeeringConnectionId: peering.id,
            Status: { Code: 'active', Message: 'Active' },
            RequesterVpcInfo: side(peering.requester),
            AccepterVpcInfo: side(peering.accepter),
            Tags: [],
          }
        }),
      },
    ],
    ...transit(draft.transit),
  ]
}

function transit(gateway: DraftTransit | null): [string, unknown][] {
  if (gateway === null) {
    return [
      ['describe-transit-gateways', { TransitGateways: [] }],
      ['describe-transit-gateway-attachments', { TransitGatewayAttachments: [] }],
      ['describe-transit-gateway-vpc-attachments', { TransitGatewayVpcAttachments: [] }],
      ['describe-transit-gateway-route-tables', { TransitGatewayRouteTables: [] }],
    ]
  }
  const { id, attachments, tables } = gateway
  return [
    [
      'describe-transit-gateways',
      {
        TransitGateways: [
          {
            TransitGatewayId: id,
            State: 'available',
            OwnerId: ACCOUNT,
            Options: { SecurityGroupReferencingSupport: 'disable', DnsSupport: 'enable' },
          },
        ],
      },
    ],
    [
      'describe-transit-gateway-attachments',
      {
        TransitGatewayAttachments: attachments.map((one) => ({
          TransitGatewayAttachmentId: one.id,
          TransitGatewayId: id,
          ResourceType: 'vpc',
          ResourceId: one.vpc,
          State: 'available',
          ...(one.table === null
            ? {}
            : { Association: { TransitGatewayRouteTableId: one.table, State: 'associated' } }),
        })),
      },
    ],
    [
      'describe-transit-gateway-vpc-attachments',
      {
        TransitGatewayVpcAttachments: attachments.map((one) => ({
          TransitGatewayAttachmentId: one.id,
          TransitGatewayId: id,
          VpcId: one.vpc,
          VpcOwnerId: ACCOUNT,
          State: 'available',
          SubnetIds: one.subnets,
          Options: { DnsSupport: 'enable', Ipv6Support: 'disable', ApplianceModeSupport: 'disable' },
        })),
      },
    ],
    [
      'describe-transit-gateway-route-tables',
      {
        TransitGatewayRouteTables: tables.map((table) => ({
          TransitGatewayRouteTableId: table.id,
          TransitGatewayId: id,
          State: 'available',
        })),
      },
    ],
    ...tables.flatMap((table): [string, unknown][] => {
      const listed = (attachment: string) =>
        attachments
          .filter((one) => one.id === attachment)
          .map((one) => ({ TransitGatewayAttachmentId: one.id, ResourceId: one.vpc, ResourceType: 'vpc' }))
      const associated = attachments.filter((one) => one.table === table.id).flatMap((one) => listed(one.id))
      const propagating = [
        ...new Set(table.routes.filter((one) => one.propagated).map((one) => one.attachment ?? '')),
      ]
      return [
        [
          `search-transit-gateway-routes.${table.id}`,
          {
            Routes: table.routes.map((route) => ({
              DestinationCidrBlock: route.to,
              TransitGatewayAttachments: route.attachment === null ? [] : listed(route.attachment),
              Type: route.propagated ? 'propagated' : 'static',
              State: route.attachment === null ? 'blackhole' : 'active',
            })),
            AdditionalRoutesAvailable: false,
          },
        ],
        [
          `get-transit-gateway-route-table-associations.${table.id}`,
          { Associations: associated.map((one) => ({ ...one, State: 'associated' })) },
        ],
        [
          `get-transit-gateway-route-table-propagations.${table.id}`,
          {
            TransitGatewayRouteTablePropagations: propagating
              .flatMap(listed)
              .map((one) => ({ ...one, State: 'enabled' })),
          },
        ],
      ]
    }),
  ]
}
