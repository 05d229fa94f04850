/** Prints a world as the AWS CLI would: one file per call, named after the command, with exactly the shape it answers. */
import { awsNetworkInterfaces } from './aws-interfaces.js'
import { awsServices } from './aws-services.js'
import {
  ACCOUNT,
  type Acl,
  type Group,
  type Permission,
  PREFIX_LISTS,
  REGION,
  type Table,
  type World,
  type Zone,
} from './world.js'

export type Files = Map<string, unknown>

const nameTag = (name: string) => [{ Key: 'Name', Value: name }]
const arn = (service: string, rest: string) => `arn:aws:${service}:${REGION}:${ACCOUNT}:${rest}`

function permission(rule: Permission): Record<string, unknown> {
  return {
    IpProtocol: rule.protocol,
    ...(rule.from === undefined ? {} : { FromPort: rule.from, ToPort: rule.to ?? rule.from }),
    UserIdGroupPairs: rule.group === undefined ? [] : [{ UserId: ACCOUNT, GroupId: rule.group }],
    IpRanges: rule.cidr === undefined ? [] : [{ CidrIp: rule.cidr }],
    Ipv6Ranges: rule.cidr6 === undefined ? [] : [{ CidrIpv6: rule.cidr6 }],
    PrefixListIds: rule.prefixList === undefined ? [] : [{ PrefixListId: rule.prefixList }],
  }
}

function securityGroup(group: Group) {
  return {
    GroupId: group.id,
    IpPermissionsEgress: group.egress.map(permission),
    Tags: nameTag(group.name),
    VpcId: group.vpc,
    SecurityGroupArn: arn('ec2', `security-group/${group.id}`),
    OwnerId: ACCOUNT,
    GroupName: group.name,
    Description: group.name === 'default' ? 'default VPC security group' : `${group.name} security group`,
    IpPermissions: group.ingress.map(permission),
  }
}

const PROTOCOL_NUMBERS: Record<string, string> = { tcp: '6', udp: '17', icmp: '1', '-1': '-1' }

function networkAcl(acl: Acl) {
  const implicit = [false, true].map((egress) => ({
    CidrBlock: '0.0.0.0/0',
    Egress: egress,
    Protocol: '-1',
    RuleAction: 'deny',
    RuleNumber: 32767,
  }))
  const entries = acl.entries.map((entry) => ({
    ...(entry.cidr.includes(':') ? { Ipv6CidrBlock: entry.cidr } : { CidrBlock: entry.cidr }),
    Egress: entry.egress,
    ...(entry.from === undefined ? {} : { PortRange: { From: entry.from, To: entry.to ?? entry.from } }),
    Protocol: PROTOCOL_NUMBERS[entry.protocol] ?? entry.protocol,
    RuleAction: entry.action,
    RuleNumber: entry.number,
  }))
  return {
    Associations: acl.subnets.map((subnet) => ({
      NetworkAclAssociationId: `aclassoc-${subnet.slice(7)}`,
      NetworkAclId: acl.id,
      SubnetId: subnet,
    })),
    Entries: [...entries, ...implicit].sort((a, b) => Number(b.Egress) - Number(a.Egress)),
    IsDefault: acl.isDefault,
    NetworkAclId: acl.id,
    Tags: nameTag(acl.name),
    VpcId: acl.vpc,
    OwnerId: ACCOUNT,
  }
}

/** The field of a route that carries its target, by the target's kind. */
function routeTarget(via: string): Record<string, string> {
  const kind = via.slice(0, via.indexOf('-'))
  const field: Record<string, string> = {
    nat: 'NatGatewayId',
    tgw: 'TransitGatewayId',
    pcx: 'VpcPeeringConnectionId',
    eigw: 'EgressOnlyInternetGatewayId',
    eni: 'NetworkInterfaceId',
  }
  return { [field[kind] ?? 'GatewayId']: via }
}

function routeDestination(to: string): Record<string, string> {
  if (to.startsWith('pl-')) return { DestinationPrefixListId: to }
  return to.includes(':') ? { DestinationIpv6CidrBlock: to } : { DestinationCidrBlock: to }
}

function routeTable(world: World, table: Table) {
  const vpc = world.vpcs.find((one) => one.id === table.vpc)
  const local = [vpc?.cidr, vpc?.cidr6].flatMap((cidr) =>
    cidr === undefined
      ? []
      : [{ ...routeDestination(cidr), GatewayId: 'local', Origin: 'CreateRouteTable', State: 'active' }],
  )
  const gatewayRoutes = world.endpoints.flatMap((endpoint) => {
    const list = PREFIX_LISTS.find((one) => one.name === endpoint.service)
    return endpoint.type === 'Gateway' && endpoint.tables.includes(table.id) && list !== undefined
      ? [{ DestinationPrefixListId: list.id, GatewayId: endpoint.id, Origin: 'CreateRoute', State: 'active' }]
      : []
  })
  const own = table.routes.map((route) => ({
    ...routeDestination(route.to),
    ...routeTarget(route.via),
    Origin: 'CreateRoute',
    State: route.blackhole === true ? 'blackhole' : 'active',
  }))
  const association = (subnet: string | null) => ({
    Main: subnet === null,
    RouteTableAssociationId: `rtbassoc-${(subnet ?? table.id).split('-')[1]}`,
    RouteTableId: table.id,
    ...(subnet === null ? {} : { SubnetId: subnet }),
    AssociationState: { State: 'associated' },
  })
  return {
    Associations: [...(table.main ? [association(null)] : []), ...table.subnets.map(association)],
    PropagatingVgws: [],
    RouteTableId: table.id,
    Routes: [...local, ...own, ...gatewayRoutes],
    Tags: nameTag(table.name),
    VpcId: table.vpc,
    OwnerId: ACCOUNT,
  }
}

function natGateway(world: World, nat: World['nats'][number]) {
  return {
    CreateTime: '2026-01-05T02:10:11+00:00',
    NatGatewayAddresses: [
      {
        AllocationId: `eipalloc-${nat.id.slice(4)}`,
        NetworkInterfaceId: nat.eni,
        PrivateIp: nat.address,
        PublicIp: nat.publicAddress,
        AssociationId: `eipassoc-${nat.id.slice(4)}`,
        IsPrimary: true,
        Status: 'succeeded',
      },
    ],
    NatGatewayId: nat.id,
    State: nat.state,
    SubnetId: nat.subnet,
    VpcId: world.subnets.find((subnet) => subnet.id === nat.subnet)?.vpc,
    Tags: nameTag('nat'),
    ConnectivityType: 'public',
    AvailabilityMode: 'zonal',
  }
}

function vpcFiles(world: World): [string, unknown][] {
  const Vpcs = world.vpcs.map((vpc) => ({
    OwnerId: ACCOUNT,
    InstanceTenancy: 'default',
    ...(vpc.cidr6 === undefined
      ? {}
      : {
          Ipv6CidrBlockAssociationSet: [
            {
              AssociationId: `vpc-cidr-assoc-6${vpc.id.slice(5)}`,
              Ipv6CidrBlock: vpc.cidr6,
              Ipv6CidrBlockState: { State: 'associated' },
              NetworkBorderGroup: REGION,
              Ipv6Pool: 'Amazon',
            },
          ],
        }),
    CidrBlockAssociationSet: [
      {
        AssociationId: `vpc-cidr-assoc-${vpc.id.slice(4)}`,
        CidrBlock: vpc.cidr,
        CidrBlockState: { State: 'associated' },
      },
    ],
    IsDefault: false,
    Tags: nameTag(vpc.name),
    BlockPublicAccessStates: { InternetGatewayBlockMode: world.blockPublicAccess.mode },
    VpcId: vpc.id,
    State: 'available',
    CidrBlock: vpc.cidr,
    DhcpOptionsId: vpc.dhcp,
  }))
  const attributes = world.vpcs.flatMap((vpc): [string, unknown][] => [
    [
      `describe-vpc-attribute.${vpc.id}.enableDnsSupport`,
      { EnableDnsSupport: { Value: vpc.dnsSupport }, VpcId: vpc.id },
    ],
    [
      `describe-vpc-attribute.${vpc.id}.enableDnsHostnames`,
      { EnableDnsHostnames: { Value: vpc.dnsHostnames }, VpcId: vpc.id },
    ],
  ])
  const Subnets = world.subnets.map((subnet) => ({
    AvailabilityZoneId: `apne2-az${subnet.zone.slice(-1).charCodeAt(0) - 96}`,
    MapCustomerOwnedIpOnLaunch: false,
    OwnerId: ACCOUNT,
    AssignIpv6AddressOnCreation: false,
    Ipv6CidrBlockAssociationSet:
      subnet.cidr6 === undefined
        ? []
        : [
            {
              AssociationId: `subnet-cidr-assoc-${subnet.id.slice(7)}`,
              Ipv6CidrBlock: subnet.cidr6,
              Ipv6CidrBlockState: { State: 'associated' },
            },
          ],
    Tags: nameTag(subnet.name),
    SubnetArn: arn('ec2', `subnet/${subnet.id}`),
    EnableDns64: false,
    Ipv6Native: false,
    SubnetId: subnet.id,
    State: 'available',
    VpcId: subnet.vpc,
    CidrBlock: subnet.cidr,
    AvailableIpAddressCount: subnet.free,
    AvailabilityZone: subnet.zone,
    DefaultForAz: false,
    MapPublicIpOnLaunch: subnet.publicByDefault === true,
  }))
  const DhcpOptions = world.dhcp.map((options) => ({
    OwnerId: ACCOUNT,
    Tags: [],
    DhcpOptionsId: options.id,
    DhcpConfigurations: [
      { Key: 'domain-name', Values: [{ Value: `${REGION}.compute.internal` }] },
      { Key: 'domain-name-servers', Values: options.nameServers.map((Value) => ({ Value })) },
    ],
  }))
  return [
    ['describe-vpcs', { Vpcs }],
    ...attributes,
    ['describe-subnets', { Subnets }],
    ['describe-dhcp-options', { DhcpOptions }],
  ]
}

function gatewayFiles(world: World): [string, unknown][] {
  return [
    [
      'describe-internet-gateways',
      {
        InternetGateways: world.internetGateways.map((gateway) => ({
          Attachments: gateway.vpc === null ? [] : [{ State: 'available', VpcId: gateway.vpc }],
          InternetGatewayId: gateway.id,
          OwnerId: ACCOUNT,
          Tags: [],
        })),
      },
    ],
    [
      'describe-egress-only-internet-gateways',
      {
        EgressOnlyInternetGateways: world.egressOnlyGateways.map((gateway) => ({
          Attachments: [{ State: 'attached', VpcId: gateway.vpc }],
          EgressOnlyInternetGatewayId: gateway.id,
          Tags: [],
        })),
      },
    ],
    ['describe-nat-gateways', { NatGateways: world.nats.map((nat) => natGateway(world, nat)) }],
    [
      'describe-addresses',
      {
        Addresses: world.nats
          .filter((nat) => nat.state === 'available')
          .map((nat) => ({
            AllocationId: `eipalloc-${nat.id.slice(4)}`,
            AssociationId: `eipassoc-${nat.id.slice(4)}`,
            Domain: 'vpc',
            NetworkInterfaceId: nat.eni,
            NetworkInterfaceOwnerId: ACCOUNT,
            PrivateIpAddress: nat.address,
            PublicIp: nat.publicAddress,
            PublicIpv4Pool: 'amazon',
            NetworkBorderGroup: REGION,
          })),
      },
    ],
    ['describe-vpn-gateways', { VpnGateways: [] }],
    [
      'describe-prefix-lists',
      {
        PrefixLists: PREFIX_LISTS.map((list) => ({
          Cidrs: list.cidrs,
          PrefixListId: list.id,
          PrefixListName: list.name,
        })),
      },
    ],
    [
      'describe-managed-prefix-lists',
      {
        PrefixLists: PREFIX_LISTS.map((list) => ({
          PrefixListId: list.id,
          AddressFamily: 'IPv4',
          State: 'create-complete',
          PrefixListArn: `arn:aws:ec2:${REGION}:aws:prefix-list/${list.id}`,
          PrefixListName: list.name,
          Tags: [],
          OwnerId: 'AWS',
        })),
      },
    ],
    ...PREFIX_LISTS.map((list): [string, unknown] => [
      `get-managed-prefix-list-entries.${list.id}`,
      { Entries: list.cidrs.map((Cidr) => ({ Cidr })) },
    ]),
    [
      'describe-vpc-peering-connections',
      {
        VpcPeeringConnections: world.peerings.map((peering) => {
          const side = (vpcId: string, dns: boolean) => ({
            CidrBlock: world.vpcs.find((vpc) => vpc.id === vpcId)?.cidr,
            CidrBlockSet: [{ CidrBlock: world.vpcs.find((vpc) => vpc.id === vpcId)?.cidr }],
            OwnerId: ACCOUNT,
            PeeringOptions: {
              AllowDnsResolutionFromRemoteVpc: dns,
              AllowEgressFromLocalClassicLinkToRemoteVpc: false,
              AllowEgressFromLocalVpcToRemoteClassicLink: false,
            },
            VpcId: vpcId,
            Region: REGION,
          })
          return {
            AccepterVpcInfo: side(peering.accepter, peering.accepterDns),
            RequesterVpcInfo: side(peering.requester, peering.requesterDns),
            Status: { Code: 'active', Message: 'Active' },
            Tags: [],
            VpcPeeringConnectionId: peering.id,
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
          State: world.blockPublicAccess.mode === 'off' ? 'default-state' : 'update-complete',
          InternetGatewayBlockMode: world.blockPublicAccess.mode,
          ManagedBy: 'account',
          ExclusionsAllowed: 'allowed',
        },
      },
    ],
    [
      'describe-vpc-block-public-access-exclusions',
      {
        VpcBlockPublicAccessExclusions: world.blockPublicAccess.exclusions.map((exclusion) => ({
          ExclusionId: exclusion.id,
          InternetGatewayExclusionMode: exclusion.mode,
          ResourceArn: arn(
            'ec2',
            `${exclusion.resource.startsWith('vpc-') ? 'vpc' : 'subnet'}/${exclusion.resource}`,
          ),
          State: 'create-complete',
          Tags: [],
        })),
      },
    ],
  ]
}

function transitGatewayFiles(world: World): [string, unknown][] {
  const attachments = world.transitGateways.flatMap((gateway) =>
    gateway.attachments.map((attachment) => ({ gateway, attachment })),
  )
  return [
    [
      'describe-transit-gateways',
      {
        TransitGateways: world.transitGateways.map((gateway) => ({
          TransitGatewayId: gateway.id,
          TransitGatewayArn: arn('ec2', `transit-gateway/${gateway.id}`),
          State: 'available',
          OwnerId: ACCOUNT,
          Options: {
            AmazonSideAsn: 64512,
            AutoAcceptSharedAttachments: 'disable',
            DefaultRouteTableAssociation: 'enable',
            AssociationDefaultRouteTableId: gateway.table,
            DefaultRouteTablePropagation: 'enable',
            PropagationDefaultRouteTableId: gateway.table,
            VpnEcmpSupport: 'enable',
            DnsSupport: 'enable',
            SecurityGroupReferencingSupport: 'disable',
            MulticastSupport: 'disable',
          },
          Tags: [],
        })),
      },
    ],
    [
      'describe-transit-gateway-attachments',
      {
        TransitGatewayAttachments: attachments.map(({ gateway, attachment }) => ({
          TransitGatewayAttachmentId: attachment.id,
          TransitGatewayId: gateway.id,
          TransitGatewayOwnerId: ACCOUNT,
          ResourceOwnerId: ACCOUNT,
          ResourceType: 'vpc',
          ResourceId: attachment.vpc,
          State: 'available',
          Association: { TransitGatewayRouteTableId: gateway.table, State: 'associated' },
          Tags: [],
        })),
      },
    ],
    [
      'describe-transit-gateway-vpc-attachments',
      {
        TransitGatewayVpcAttachments: attachments.map(({ gateway, attachment }) => ({
          TransitGatewayAttachmentId: attachment.id,
          TransitGatewayId: gateway.id,
          VpcId: attachment.vpc,
          VpcOwnerId: ACCOUNT,
          State: 'available',
          SubnetIds: attachment.subnets,
          Options: { DnsSupport: 'enable', Ipv6Support: 'disable', ApplianceModeSupport: 'disable' },
          Tags: [],
        })),
      },
    ],
    [
      'describe-transit-gateway-route-tables',
      {
        TransitGatewayRouteTables: world.transitGateways.map((gateway) => ({
          TransitGatewayRouteTableId: gateway.table,
          TransitGatewayId: gateway.id,
          State: 'available',
          DefaultAssociationRouteTable: true,
          DefaultPropagationRouteTable: true,
          Tags: [],
        })),
      },
    ],
    ...world.transitGateways.flatMap((gateway): [string, unknown][] => {
      const listed = gateway.attachments.map((attachment) => ({
        TransitGatewayAttachmentId: attachment.id,
        ResourceId: attachment.vpc,
        ResourceType: 'vpc',
      }))
      return [
        [
          `search-transit-gateway-routes.${gateway.table}`,
          {
            Routes: gateway.routes.map((route) => ({
              DestinationCidrBlock: route.to,
              TransitGatewayAttachments: listed.filter(
                (attachment) => attachment.TransitGatewayAttachmentId === route.attachment,
              ),
              Type: 'propagated',
              State: 'active',
            })),
            AdditionalRoutesAvailable: false,
          },
        ],
        [
          `get-transit-gateway-route-table-associations.${gateway.table}`,
          { Associations: listed.map((one) => ({ ...one, State: 'associated' })) },
        ],
        [
          `get-transit-gateway-route-table-propagations.${gateway.table}`,
          { TransitGatewayRouteTablePropagations: listed.map((one) => ({ ...one, State: 'enabled' })) },
        ],
      ]
    }),
  ]
}

/** Every file of the snapshot, by its name without `.json`. */
function zoneFiles(zones: readonly Zone[]): [string, unknown][] {
  if (zones.length === 0) return []
  const head = ({ id: zoneId, name, addresses }: Zone) => ({
    Id: `/hostedzone/${zoneId}`,
    Name: `${name}.`,
    Config: { PrivateZone: true },
    ResourceRecordSetCount: Object.keys(addresses).length,
  })
  return [
    ['list-hosted-zones', { HostedZones: zones.map(head) }],
    ...zones.flatMap((zone): [string, unknown][] => [
      [
        `get-hosted-zone.${zone.id}`,
        { HostedZone: head(zone), VPCs: zone.vpcs.map((VPCId) => ({ VPCRegion: REGION, VPCId })) },
      ],
      [
        `list-resource-record-sets.${zone.id}`,
        {
          ResourceRecordSets: Object.entries(zone.addresses).map(([name, Value]) => ({
            Name: `${name}.`,
            Type: 'A',
            TTL: 300,
            ResourceRecords: [{ Value }],
          })),
        },
      ],
    ]),
  ]
}

export function awsFiles(world: World): Files {
  return new Map([
    ...vpcFiles(world),
    ...gatewayFiles(world),
    ...transitGatewayFiles(world),
    ...zoneFiles(world.zones ?? []),
    ['describe-route-tables', { RouteTables: world.tables.map((table) => routeTable(world, table)) }],
    ['describe-security-groups', { SecurityGroups: world.groups.map(securityGroup) }],
    ['describe-security-group-vpc-associations', { SecurityGroupVpcAssociations: [] }],
    ['describe-network-acls', { NetworkAcls: world.acls.map(networkAcl) }],
    ['describe-network-interfaces', { NetworkInterfaces: awsNetworkInterfaces(world) }],
    ...awsServices(world),
  ])
}
