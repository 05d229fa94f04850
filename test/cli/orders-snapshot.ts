import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'

/** What a test may want otherwise about the sample network. */
interface OrdersOptions {
  /** Whether the database's group admits the function's. Default true. */
  readonly admitted?: boolean
  /** Where the private subnet's default route leads; null for none. Default the NAT gateway. */
  readonly defaultRoute?: 'nat' | null
  /** Calls to leave out, as if nobody had asked. */
  readonly without?: readonly string[]
  readonly databaseIds?: readonly string[]
  readonly takenAt?: string
}

const VPC = 'vpc-0a'
const NAMES = { public: 'subnet-0a', private: 'subnet-0b' } as const

const everything = {
  IpProtocol: '-1',
  IpRanges: [{ CidrIp: '0.0.0.0/0' }],
  Ipv6Ranges: [],
  PrefixListIds: [],
  UserIdGroupPairs: [],
}

function group(GroupId: string, ingress: readonly object[]) {
  return {
    GroupId,
    GroupName: GroupId,
    VpcId: VPC,
    OwnerId: '111122223333',
    IpPermissions: ingress,
    IpPermissionsEgress: [everything],
  }
}

function subnet(SubnetId: string, CidrBlock: string) {
  return {
    SubnetId,
    VpcId: VPC,
    CidrBlock,
    AvailabilityZone: 'eu-west-1a',
    AvailabilityZoneId: 'euw1-az1',
    AvailableIpAddressCount: 200,
    State: 'available',
    OwnerId: '111122223333',
    Ipv6CidrBlockAssociationSet: [],
  }
}

function eni(NetworkInterfaceId: string, over: object) {
  return {
    NetworkInterfaceId,
    VpcId: VPC,
    Status: 'in-use',
    SourceDestCheck: true,
    OwnerId: '111122223333',
    AvailabilityZone: 'eu-west-1a',
    Ipv6Addresses: [],
    TagSet: [],
    ...over,
  }
}

function addresses(PrivateIpAddress: string, publicIp?: string) {
  const Association =
    publicIp === undefined ? {} : { Association: { PublicIp: publicIp, IpOwnerId: '111122223333' } }
  return {
    PrivateIpAddress,
    PrivateIpAddresses: [{ Primary: true, PrivateIpAddress, ...Association }],
    ...Association,
  }
}

const local = {
  DestinationCidrBlock: '10.0.0.0/16',
  GatewayId: 'local',
  Origin: 'CreateRouteTable',
  State: 'active',
}
const aclEntry = (Egress: boolean, RuleNumber: number, RuleAction: string) => ({
  CidrBlock: '0.0.0.0/0',
  Egress,
  Protocol: '-1',
  RuleAction,
  RuleNumber,
})

/**
 * The files of a small network: the function `orders` in a private subnet, Postgres beside it, NAT in a public
 * subnet, an internet gateway.
 */
export function ordersFiles(options: OrdersOptions = {}): Readonly<Record<string, unknown>> {
  const databaseIds = options.databaseIds ?? ['orders-db']
  const peer = {
    IpProtocol: 'tcp',
    FromPort: 5432,
    ToPort: 5432,
    IpRanges: [],
    UserIdGroupPairs: [{ GroupId: 'sg-0f', UserId: '111122223333' }],
  }
  const defaultRoute =
    options.defaultRoute === null
      ? []
      : [
          {
            DestinationCidrBlock: '0.0.0.0/0',
            NatGatewayId: 'nat-0a',
            Origin: 'CreateRoute',
            State: 'active',
          },
        ]
  const files: Record<string, unknown> = {
    'snapshot.json': {
      version: 1,
      takenAt: options.takenAt ?? '2026-01-02T03:04:05Z',
      regions: ['eu-west-1'],
      accounts: [],
      missing: [],
    },
    'describe-vpcs.json': {
      Vpcs: [
        {
          VpcId: VPC,
          CidrBlock: '10.0.0.0/16',
          OwnerId: '111122223333',
          DhcpOptionsId: 'default',
          State: 'available',
          CidrBlockAssociationSet: [
            {
              AssociationId: 'vpc-cidr-1',
              CidrBlock: '10.0.0.0/16',
              CidrBlockState: { State: 'associated' },
            },
          ],
        },
      ],
    },
    [`describe-vpc-attribute.${VPC}.enableDnsSupport.json`]: {
      VpcId: VPC,
      EnableDnsSupport: { Value: true },
    },
    [`describe-vpc-attribute.${VPC}.enableDnsHostnames.json`]: {
      VpcId: VPC,
      EnableDnsHostnames: { Value: true },
    },
    'describe-subnets.json': {
      Subnets: [subnet(NAMES.public, '10.0.0.0/24'), subnet(NAMES.private, '10.0.1.0/24')],
    },
    'describe-route-tables.json': {
      RouteTables: [
        {
          RouteTableId: 'rtb-0a',
          VpcId: VPC,
          Associations: [
            {
              Main: false,
              SubnetId: NAMES.public,
              RouteTableId: 'rtb-0a',
              AssociationState: { State: 'associated' },
            },
          ],
          Routes: [
            local,
            {
              DestinationCidrBlock: '0.0.0.0/0',
              GatewayId: 'igw-0a',
              Origin: 'CreateRoute',
              State: 'active',
            },
          ],
        },
        {
          RouteTableId: 'rtb-0b',
          VpcId: VPC,
          Associations: [{ Main: true, RouteTableId: 'rtb-0b', AssociationState: { State: 'associated' } }],
          Routes: [local, ...defaultRoute],
        },
      ],
    },
    'describe-internet-gateways.json': {
      InternetGateways: [{ InternetGatewayId: 'igw-0a', Attachments: [{ VpcId: VPC, State: 'available' }] }],
    },
    'describe-nat-gateways.json': {
      NatGateways: [
        {
          NatGatewayId: 'nat-0a',
          VpcId: VPC,
          SubnetId: NAMES.public,
          State: 'available',
          ConnectivityType: 'public',
          NatGatewayAddresses: [
            {
              PrivateIp: '10.0.0.9',
              PublicIp: '203.0.113.7',
              NetworkInterfaceId: 'eni-0c',
              IsPrimary: true,
              Status: 'succeeded',
            },
          ],
        },
      ],
    },
    'describe-network-acls.json': {
      NetworkAcls: [
        {
          NetworkAclId: 'acl-0a',
          VpcId: VPC,
          IsDefault: true,
          Associations: [NAMES.public, NAMES.private].map((SubnetId) => ({
            SubnetId,
            NetworkAclId: 'acl-0a',
          })),
          Entries: [true, false].flatMap((egress) => [
            aclEntry(egress, 100, 'allow'),
            aclEntry(egress, 32767, 'deny'),
          ]),
        },
      ],
    },
    'describe-security-groups.json': {
      SecurityGroups: [
        group('sg-0f', []),
        group('sg-0d', [options.admitted === false ? { ...peer, FromPort: 6432, ToPort: 6432 } : peer]),
      ],
    },
    'describe-network-interfaces.json': {
      NetworkInterfaces: [
        eni('eni-0a', {
          SubnetId: NAMES.private,
          InterfaceType: 'lambda',
          Description: 'AWS Lambda VPC ENI-orders',
          Groups: [{ GroupId: 'sg-0f', GroupName: 'sg-0f' }],
          ...addresses('10.0.1.5'),
        }),
        eni('eni-0b', {
          SubnetId: NAMES.private,
          InterfaceType: 'interface',
          Description: 'RDSNetworkInterface',
          RequesterId: 'amazon-rds',
          Groups: [{ GroupId: 'sg-0d', GroupName: 'sg-0d' }],
          ...addresses('10.0.1.9'),
        }),
        eni('eni-0c', {
          SubnetId: NAMES.public,
          InterfaceType: 'nat_gateway',
          Description: 'Interface for NAT Gateway nat-0a',
          Groups: [],
          ...addresses('10.0.0.9', '203.0.113.7'),
        }),
      ],
    },
    'describe-db-instances.json': {
      DBInstances: databaseIds.map((DBInstanceIdentifier) => ({
        DBInstanceIdentifier,
        DBInstanceStatus: 'available',
        Engine: 'postgres',
        Endpoint: { Address: `${DBInstanceIdentifier}.abc.eu-west-1.rds.amazonaws.com`, Port: 5432 },
        AvailabilityZone: 'eu-west-1a',
        MultiAZ: false,
        PubliclyAccessible: false,
        VpcSecurityGroups: [{ VpcSecurityGroupId: 'sg-0d', Status: 'active' }],
        DBSubnetGroup: {
          DBSubnetGroupName: 'orders',
          VpcId: VPC,
          Subnets: [{ SubnetIdentifier: NAMES.private }],
        },
      })),
    },
    'list-functions.json': {
      Functions: [
        {
          FunctionName: 'orders',
          FunctionArn: 'arn:aws:lambda:eu-west-1:111122223333:function:orders',
          Role: 'arn:aws:iam::111122223333:role/orders',
          State: 'Active',
          LastUpdateStatus: 'Successful',
          VpcConfig: { VpcId: VPC, SubnetIds: [NAMES.private], SecurityGroupIds: ['sg-0f'] },
        },
      ],
    },
    'describe-vpc-block-public-access-options.json': {
      VpcBlockPublicAccessOptions: { InternetGatewayBlockMode: 'off' },
    },
  }
  for (const [call, list] of EMPTY) files[`${call}.json`] = { [list]: [] }
  for (const call of options.without ?? []) delete files[`${call}.json`]
  return files
}

const EMPTY = [
  ['describe-addresses', 'Addresses'],
  ['describe-db-clusters', 'DBClusters'],
  ['describe-dhcp-options', 'DhcpOptions'],
  ['describe-egress-only-internet-gateways', 'EgressOnlyInternetGateways'],
  ['describe-instances', 'Reservations'],
  ['describe-managed-prefix-lists', 'PrefixLists'],
  ['describe-prefix-lists', 'PrefixLists'],
  ['describe-transit-gateways', 'TransitGateways'],
  ['describe-vpc-block-public-access-exclusions', 'VpcBlockPublicAccessExclusions'],
  ['describe-vpc-endpoints', 'VpcEndpoints'],
  ['describe-vpc-peering-connections', 'VpcPeeringConnections'],
  ['describe-vpn-gateways', 'VpnGateways'],
  ['list-hosted-zones', 'HostedZones'],
] as const

/** Writes files into a folder, each as JSON; a text stands as it is. */
export async function writeFiles(root: string, files: Readonly<Record<string, unknown>>): Promise<string> {
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(root, name)), { recursive: true })
    await writeFile(join(root, name), typeof content === 'string' ? content : JSON.stringify(content))
  }
  return root
}
