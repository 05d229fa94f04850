import type { Snapshot } from '../../../api/network/snapshot.js'
import {
  ACCOUNT,
  type Draft,
  type DraftEni,
  type DraftRoute,
  type DraftRule,
  type DraftTable,
  type DraftTransit,
  LISTS,
  REGION,
} from './draft.js'
import { interfaceEndpoint, OPEN_POLICY, workloads } from './print-workloads.js'

/** Files of a snapshot by their name without `.json`, as the AWS CLI would print them. */
export type Files = ReadonlyMap<string, unknown>

export function print(draft: Draft): Files {
  return new Map([
    ...vpcs(draft),
    ['describe-route-tables', { RouteTables: draft.tables.map((table) => routeTable(draft, table)) }],
    ['describe-network-acls', { NetworkAcls: draft.acls.map((acl) => networkAcl(draft, acl)) }],
    ['describe-security-groups', { SecurityGroups: draft.groups.map(securityGroup) }],
    ['describe-security-group-vpc-associations', { SecurityGroupVpcAssociations: [] }],
    [
      'describe-network-interfaces',
      { NetworkInterfaces: draft.enis.map((eni) => networkInterface(draft, eni)) },
    ],
    ['describe-instances', { Reservations: [] }],
    ...gateways(draft),
    ...transit(draft.transit),
    ...workloads(draft),
    ...empty(),
  ])
}

/** The same as a snapshot in memory. */
export function asSnapshot(files: Files): Snapshot {
  return {
    takenAt: null,
    missing: [],
    documents: [...files].map(([name, body]) => {
      const dot = name.indexOf('.')
      const call = dot < 0 ? name : name.slice(0, dot)
      return { file: `${name}.json`, scope: '', call, key: dot < 0 ? '' : name.slice(dot + 1), body }
    }),
  }
}

function vpcs(draft: Draft): [string, unknown][] {
  return [
    [
      'describe-vpcs',
      {
        Vpcs: draft.vpcs.map((vpc) => ({
          VpcId: vpc.id,
          OwnerId: ACCOUNT,
          State: 'available',
          IsDefault: false,
          InstanceTenancy: 'default',
          DhcpOptionsId: 'dopt-1',
          CidrBlock: vpc.cidrs[0],
          CidrBlockAssociationSet: vpc.cidrs.map((CidrBlock, index) => ({
            AssociationId: `vpc-cidr-assoc-${vpc.id.slice(4)}${index}`,
            CidrBlock,
            CidrBlockState: { State: 'associated' },
          })),
          ...(vpc.cidr6 === null
            ? {}
            : {
                Ipv6CidrBlockAssociationSet: [
                  { Ipv6CidrBlock: vpc.cidr6, Ipv6CidrBlockState: { State: 'associated' } },
                ],
              }),
          Tags: [],
        })),
      },
    ],
    ...draft.vpcs.flatMap((vpc): [string, unknown][] => [
      [
        `describe-vpc-attribute.${vpc.id}.enableDnsSupport`,
        { VpcId: vpc.id, EnableDnsSupport: { Value: true } },
      ],
      [
        `describe-vpc-attribute.${vpc.id}.enableDnsHostnames`,
        { VpcId: vpc.id, EnableDnsHostnames: { Value: true } },
      ],
    ]),
    [
      'describe-dhcp-options',
      {
        DhcpOptions: [
          {
            DhcpOptionsId: 'dopt-1',
            DhcpConfigurations: [{ Key: 'domain-name-servers', Values: [{ Value: 'AmazonProvidedDNS' }] }],
          },
        ],
      },
    ],
    [
      'describe-subnets',
      {
        Subnets: draft.subnets.map((subnet) => ({
          SubnetId: subnet.id,
          VpcId: subnet.vpc,
          OwnerId: ACCOUNT,
          State: 'available',
          AvailabilityZone: `${REGION}${subnet.zone}`,
          AvailabilityZoneId: `euw1-az${subnet.zone.charCodeAt(0) - 96}`,
          AvailableIpAddressCount: 200,
          CidrBlock: subnet.cidr,
          MapPublicIpOnLaunch: false,
          Ipv6CidrBlockAssociationSet:
            subnet.cidr6 === null
              ? []
              : [{ Ipv6CidrBlock: subnet.cidr6, Ipv6CidrBlockState: { State: 'associated' } }],
          Tags: [],
        })),
      },
    ],
  ]
}

const ROUTE_FIELDS: Readonly<Record<string, string>> = {
  nat: 'NatGatewayId',
  tgw: 'TransitGatewayId',
  pcx: 'VpcPeeringConnectionId',
  eigw: 'EgressOnlyInternetGatewayId',
}

function destination(to: string): Record<string, string> {
  return to.includes(':') ? { DestinationIpv6CidrBlock: to } : { DestinationCidrBlock: to }
}

function routeTable(draft: Draft, table: DraftTable): unknown {
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

function networkAcl(draft: Draft, acl: Draft['acls'][number]): unknown {
  const implicit = [false, true].flatMap((Egress) => [
    { Egress, Protocol: '-1', RuleAction: 'deny', RuleNumber: 32767, CidrBlock: '0.0.0.0/0' },
    { Egress, Protocol: '-1', RuleAction: 'deny', RuleNumber: 32768, Ipv6CidrBlock: '::/0' },
  ])
  return {
    NetworkAclId: acl.id,
    VpcId: acl.vpc,
    OwnerId: ACCOUNT,
    IsDefault: acl.isDefault,
    Associations: draft.subnets
      .filter((subnet) => subnet.acl === acl.id)
      .map((subnet) => ({
        NetworkAclAssociationId: `aclassoc-${subnet.id.slice(7)}`,
        NetworkAclId: acl.id,
        SubnetId: subnet.id,
      })),
    Entries: [
      ...acl.entries.map((entry) => ({
        ...(entry.cidr.includes(':') ? { Ipv6CidrBlock: entry.cidr } : { CidrBlock: entry.cidr }),
        Egress: entry.egress,
        ...(entry.ports === null ? {} : { PortRange: { From: entry.ports[0], To: entry.ports[1] } }),
        Protocol: entry.protocol,
        RuleAction: entry.allow ? 'allow' : 'deny',
        RuleNumber: entry.number,
      })),
      ...implicit,
    ],
    Tags: [],
  }
}

function permission(rule: DraftRule): unknown {
  const { peer } = rule
  const cidr = 'cidr' in peer ? peer.cidr : null
  return {
    IpProtocol: rule.protocol,
    ...(rule.ports === null ? {} : { FromPort: rule.ports[0], ToPort: rule.ports[1] }),
    IpRanges: cidr !== null && !cidr.includes(':') ? [{ CidrIp: cidr }] : [],
    Ipv6Ranges: cidr?.includes(':') ? [{ CidrIpv6: cidr }] : [],
    PrefixListIds: 'list' in peer ? [{ PrefixListId: peer.list }] : [],
    UserIdGroupPairs: 'group' in peer ? [{ GroupId: peer.group, UserId: ACCOUNT }] : [],
  }
}

function securityGroup(group: Draft['groups'][number]): unknown {
  return {
    GroupId: group.id,
    GroupName: group.id,
    Description: group.id,
    VpcId: group.vpc,
    OwnerId: ACCOUNT,
    IpPermissions: group.ingress.map(permission),
    IpPermissionsEgress: group.egress.map(permission),
    Tags: [],
  }
}

function networkInterface(draft: Draft, eni: DraftEni): unknown {
  const subnet = draft.subnets.find((one) => one.id === eni.subnet)
  const association =
    eni.publicAddress === null
      ? {}
      : { Association: { IpOwnerId: ACCOUNT, PublicDnsName: '', PublicIp: eni.publicAddress } }
  return {
    ...association,
    NetworkInterfaceId: eni.id,
    InterfaceType: eni.made?.type ?? (eni.nat === null ? 'interface' : 'nat_gateway'),
    Description: eni.made?.description ?? (eni.nat === null ? '' : `Interface for NAT Gateway ${eni.nat}`),
    AvailabilityZone: `${REGION}${subnet?.zone ?? 'a'}`,
    SubnetId: eni.subnet,
    VpcId: eni.vpc,
    OwnerId: ACCOUNT,
    Status: 'in-use',
    SourceDestCheck: eni.nat === null,
    RequesterManaged: eni.nat !== null || eni.made !== undefined,
    Groups: eni.groups.map((GroupId) => ({ GroupId, GroupName: GroupId })),
    PrivateIpAddress: eni.address,
    PrivateIpAddresses: [{ ...association, Primary: true, PrivateIpAddress: eni.address }],
    Ipv6Addresses: eni.address6 === null ? [] : [{ Ipv6Address: eni.address6 }],
    TagSet: [],
  }
}

function gateways(draft: Draft): [string, unknown][] {
  const nats = draft.enis.filter((eni) => eni.nat !== null)
  return [
    [
      'describe-internet-gateways',
      {
        InternetGateways: draft.vpcs
          .filter((vpc) => vpc.igw !== null)
          .map((vpc) => ({
            InternetGatewayId: vpc.igw,
            OwnerId: ACCOUNT,
            Attachments: [{ State: 'available', VpcId: vpc.id }],
            Tags: [],
          })),
      },
    ],
    [
      'describe-egress-only-internet-gateways',
      {
        EgressOnlyInternetGateways: draft.vpcs
          .filter((vpc) => vpc.eigw !== null)
          .map((vpc) => ({
            EgressOnlyInternetGatewayId: vpc.eigw,
            Attachments: [{ State: 'attached', VpcId: vpc.id }],
            Tags: [],
          })),
      },
    ],
    [
      'describe-nat-gateways',
      {
        NatGateways: nats.map((eni) => ({
          NatGatewayId: eni.nat,
          State: 'available',
          SubnetId: eni.subnet,
          VpcId: eni.vpc,
          ConnectivityType: eni.natPublic ? 'public' : 'private',
          AvailabilityMode: 'zonal',
          NatGatewayAddresses: [
            {
              NetworkInterfaceId: eni.id,
              PrivateIp: eni.address,
              ...(eni.publicAddress === null
                ? {}
                : { PublicIp: eni.publicAddress, AllocationId: `eipalloc-${eni.id.slice(4)}` }),
              IsPrimary: true,
              Status: 'succeeded',
            },
          ],
          Tags: [],
        })),
      },
    ],
    [
      'describe-addresses',
      {
        Addresses: draft.enis
          .filter((eni) => eni.publicAddress !== null)
          .map((eni) => ({
            PublicIp: eni.publicAddress,
            AllocationId: `eipalloc-${eni.id.slice(4)}`,
            AssociationId: `eipassoc-${eni.id.slice(4)}`,
            Domain: 'vpc',
            NetworkInterfaceId: eni.id,
            PrivateIpAddress: eni.address,
          })),
      },
    ],
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
    [
      'describe-vpc-block-public-access-options',
      {
        VpcBlockPublicAccessOptions: {
          AwsAccountId: ACCOUNT,
          AwsRegion: REGION,
          State: 'update-complete',
          InternetGatewayBlockMode: draft.block.mode,
        },
      },
    ],
    [
      'describe-vpc-block-public-access-exclusions',
      {
        VpcBlockPublicAccessExclusions: draft.block.exclusions.map((one) => ({
          ExclusionId: `vpcbpa-exclude-${one.resource}`,
          InternetGatewayExclusionMode: one.mode,
          ResourceArn: `arn:aws:ec2:${REGION}:${ACCOUNT}:${one.resource.startsWith('vpc-') ? 'vpc' : 'subnet'}/${one.resource}`,
          State: 'create-complete',
        })),
      },
    ],
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

/** Asked for, and there is none: a missing file would mean that nobody knows. */
function empty(): [string, unknown][] {
  const none: readonly [string, string][] = [
    ['describe-vpn-gateways', 'VpnGateways'],
    ['describe-load-balancers', 'LoadBalancers'],
    ['describe-target-groups', 'TargetGroups'],
    ['describe-db-clusters', 'DBClusters'],
    ['describe-db-proxies', 'DBProxies'],
  ]
  return none.map(([call, field]) => [call, { [field]: [] }])
}
