/**
 * A small AWS account as plain data, and the network that most scenarios start from: a Lambda function `orders-api`
 * in private subnets, a PostgreSQL instance `orders` in data subnets, a NAT gateway in a public one.
 * `aws.ts` prints a world as the AWS CLI would; a scenario is this world with one thing changed.
 */

export const REGION = 'ap-northeast-2'
export const ACCOUNT = '111122223333'

export interface Permission {
  protocol: string
  from?: number
  to?: number
  cidr?: string
  cidr6?: string
  group?: string
  prefixList?: string
}

export interface Group {
  id: string
  name: string
  vpc: string
  ingress: Permission[]
  egress: Permission[]
}

export interface AclEntry {
  number: number
  egress: boolean
  action: 'allow' | 'deny'
  protocol: string
  cidr: string
  from?: number
  to?: number
}

export interface Acl {
  id: string
  name: string
  vpc: string
  isDefault: boolean
  subnets: string[]
  entries: AclEntry[]
}

export interface Route {
  to: string
  via: string
  blackhole?: boolean
}

export interface Table {
  id: string
  name: string
  vpc: string
  main: boolean
  subnets: string[]
  routes: Route[]
}

export interface Subnet {
  id: string
  name: string
  vpc: string
  cidr: string
  cidr6?: string
  zone: string
  free: number
  publicByDefault?: boolean
}

export interface Vpc {
  id: string
  name: string
  cidr: string
  cidr6?: string
  dnsSupport: boolean
  dnsHostnames: boolean
  dhcp: string
}

export interface Nat {
  id: string
  subnet: string
  eni: string
  address: string
  publicAddress: string
  state: string
}

export interface Database {
  id: string
  vpc: string
  subnets: string[]
  eni: string
  subnet: string
  address: string
  publicAddress?: string
  port: number
  engine: string
  groups: string[]
}

export interface Proxy {
  name: string
  vpc: string
  subnets: string[]
  enis: { id: string; subnet: string; address: string }[]
  groups: string[]
  target: string
}

export interface Instance {
  id: string
  name: string
  eni: string
  subnet: string
  address: string
  groups: string[]
}

export interface Fn {
  name: string
  role: string
  vpc: string | null
  subnets: string[]
  groups: string[]
  enis: { id: string; subnet: string; address: string; address6?: string }[]
  dualStack?: boolean
  state: string
  stateReasonCode?: string
  stateReason?: string
  lastUpdateStatus?: string
  lastUpdateStatusReasonCode?: string
  lastUpdateStatusReason?: string
}

export interface Endpoint {
  id: string
  type: 'Gateway' | 'Interface'
  service: string
  vpc: string
  tables: string[]
  nics: { id: string; subnet: string; address: string }[]
  groups: string[]
  privateDns: boolean
  policy?: string
}

export interface Peering {
  id: string
  requester: string
  accepter: string
  requesterDns: boolean
  accepterDns: boolean
}

export interface TransitGateway {
  id: string
  table: string
  attachments: { id: string; vpc: string; subnets: string[] }[]
  routes: { to: string; attachment: string }[]
}

/** A load balancer of Elastic Load Balancing, with one interface in each of its subnets. */
export interface Balancer {
  name: string
  type: 'application' | 'network'
  groups: string[]
  nodes: { id: string; subnet: string; address: string }[]
  listeners: { protocol: string; port: number; targetGroup: string }[]
}

export interface TargetGroup {
  name: string
  type: 'instance' | 'ip'
  protocol: string
  port: number
  targets: { id: string; zone?: string; state: string; reason?: string }[]
}

export interface World {
  vpcs: Vpc[]
  dhcp: { id: string; nameServers: string[] }[]
  subnets: Subnet[]
  tables: Table[]
  internetGateways: { id: string; vpc: string | null }[]
  egressOnlyGateways: { id: string; vpc: string }[]
  nats: Nat[]
  groups: Group[]
  acls: Acl[]
  databases: Database[]
  proxies: Proxy[]
  instances: Instance[]
  functions: Fn[]
  roles: { name: string; allowed: string[] }[]
  endpoints: Endpoint[]
  peerings: Peering[]
  transitGateways: TransitGateway[]
  /** Asked for only where there are some. */
  zones?: Zone[]
  balancers?: Balancer[]
  targetGroups?: TargetGroup[]
  blockPublicAccess: { mode: string; exclusions: { id: string; resource: string; mode: string }[] }
}

/** An id in AWS's form: the prefix and 17 hexadecimal digits, of which the last ones are readable. */
export function id(prefix: string, tail: string): string {
  return `${prefix}-${tail.padStart(17, '0')}`
}

export const ENI_ACTIONS = [
  'ec2:CreateNetworkInterface',
  'ec2:DescribeNetworkInterfaces',
  'ec2:DescribeSubnets',
  'ec2:DeleteNetworkInterface',
  'ec2:AssignPrivateIpAddresses',
  'ec2:UnassignPrivateIpAddresses',
]

/** A private hosted zone of Route 53: its names and their addresses. */
export interface Zone {
  id: string
  name: string
  vpcs: string[]
  addresses: Readonly<Record<string, string>>
}

export const IDS = {
  vpc: id('vpc', 'a1'),
  dhcp: id('dopt', 'a1'),
  igw: id('igw', 'a1'),
  nat: id('nat', 'a1'),
  publicA: id('subnet', 'a01'),
  publicB: id('subnet', 'b01'),
  privateA: id('subnet', 'a11'),
  privateB: id('subnet', 'b11'),
  privateC: id('subnet', 'c11'),
  dataA: id('subnet', 'a21'),
  dataB: id('subnet', 'b21'),
  tableMain: id('rtb', 'a0'),
  tablePublic: id('rtb', 'a1'),
  tablePrivateA: id('rtb', 'a11'),
  tablePrivateB: id('rtb', 'b11'),
  tablePrivateC: id('rtb', 'c11'),
  aclDefault: id('acl', 'a0'),
  groupDefault: id('sg', 'a0'),
  groupFunction: id('sg', 'f1'),
  groupDatabase: id('sg', 'd1'),
  groupEndpoints: id('sg', 'e1'),
  groupAdmin: id('sg', 'ad'),
  instanceAdmin: id('i', 'ad'),
  eniAdmin: id('eni', 'ad'),
  eniDatabase: id('eni', 'd1'),
  eniNat: id('eni', '0a7'),
  s3List: 'pl-78a54011',
  dynamodbList: 'pl-48a54021',
} as const

export const PREFIX_LISTS = [
  {
    id: IDS.s3List,
    name: `com.amazonaws.${REGION}.s3`,
    cidrs: ['3.5.140.0/22', '52.219.56.0/22', '52.219.144.0/22'],
  },
  {
    id: IDS.dynamodbList,
    name: `com.amazonaws.${REGION}.dynamodb`,
    cidrs: ['52.94.8.0/24', '13.209.118.0/24'],
  },
]

export function allTraffic(cidr = '0.0.0.0/0'): Permission {
  return { protocol: '-1', cidr }
}

export function defaultEntries(): AclEntry[] {
  return [false, true].map((egress) => ({
    number: 100,
    egress,
    action: 'allow' as const,
    protocol: '-1',
    cidr: '0.0.0.0/0',
  }))
}

/** The network of the article: private function, private database, NAT gateway in a public subnet. Everything works. */
export function baseWorld(): World {
  const zone = (letter: string) => `${REGION}${letter}`
  const subnet = (subnetId: string, name: string, cidr: string, letter: string): Subnet => ({
    id: subnetId,
    name,
    vpc: IDS.vpc,
    cidr,
    zone: zone(letter),
    free: 240,
  })
  return {
    vpcs: [
      {
        id: IDS.vpc,
        name: 'shop',
        cidr: '10.0.0.0/16',
        dnsSupport: true,
        dnsHostnames: true,
        dhcp: IDS.dhcp,
      },
    ],
    dhcp: [{ id: IDS.dhcp, nameServers: ['AmazonProvidedDNS'] }],
    subnets: [
      { ...subnet(IDS.publicA, 'public-a', '10.0.1.0/24', 'a'), publicByDefault: true },
      { ...subnet(IDS.publicB, 'public-b', '10.0.2.0/24', 'b'), publicByDefault: true },
      subnet(IDS.privateA, 'private-a', '10.0.11.0/24', 'a'),
      subnet(IDS.privateB, 'private-b', '10.0.12.0/24', 'b'),
      subnet(IDS.privateC, 'private-c', '10.0.13.0/24', 'c'),
      subnet(IDS.dataA, 'data-a', '10.0.21.0/24', 'a'),
      subnet(IDS.dataB, 'data-b', '10.0.22.0/24', 'b'),
    ],
    tables: [
      { id: IDS.tableMain, name: 'main', vpc: IDS.vpc, main: true, subnets: [], routes: [] },
      {
        id: IDS.tablePublic,
        name: 'public',
        vpc: IDS.vpc,
        main: false,
        subnets: [IDS.publicA, IDS.publicB],
        routes: [{ to: '0.0.0.0/0', via: IDS.igw }],
      },
      ...(
        [
          [IDS.tablePrivateA, 'private-a', IDS.privateA],
          [IDS.tablePrivateB, 'private-b', IDS.privateB],
          [IDS.tablePrivateC, 'private-c', IDS.privateC],
        ] as const
      ).map(([table, name, inSubnet]) => ({
        id: table,
        name,
        vpc: IDS.vpc,
        main: false,
        subnets: [inSubnet],
        routes: [{ to: '0.0.0.0/0', via: IDS.nat }],
      })),
    ],
    internetGateways: [{ id: IDS.igw, vpc: IDS.vpc }],
    egressOnlyGateways: [],
    nats: [
      {
        id: IDS.nat,
        subnet: IDS.publicA,
        eni: IDS.eniNat,
        address: '10.0.1.10',
        publicAddress: '203.0.113.7',
        state: 'available',
      },
    ],
    groups: [
      {
        id: IDS.groupDefault,
        name: 'default',
        vpc: IDS.vpc,
        ingress: [{ protocol: '-1', group: IDS.groupDefault }],
        egress: [allTraffic()],
      },
      { id: IDS.groupFunction, name: 'orders-api', vpc: IDS.vpc, ingress: [], egress: [allTraffic()] },
      {
        id: IDS.groupDatabase,
        name: 'orders-db',
        vpc: IDS.vpc,
        ingress: [
          { protocol: 'tcp', from: 5432, to: 5432, group: IDS.groupFunction },
          { protocol: 'tcp', from: 5432, to: 5432, group: IDS.groupAdmin },
        ],
        egress: [allTraffic()],
      },
      {
        id: IDS.groupEndpoints,
        name: 'endpoints',
        vpc: IDS.vpc,
        ingress: [{ protocol: 'tcp', from: 443, to: 443, group: IDS.groupFunction }],
        egress: [allTraffic()],
      },
      {
        id: IDS.groupAdmin,
        name: 'admin',
        vpc: IDS.vpc,
        ingress: [{ protocol: 'tcp', from: 22, to: 22, cidr: '10.0.1.0/24' }],
        egress: [allTraffic()],
      },
    ],
    acls: [
      {
        id: IDS.aclDefault,
        name: 'default',
        vpc: IDS.vpc,
        isDefault: true,
        subnets: [IDS.publicA, IDS.publicB, IDS.privateA, IDS.privateB, IDS.privateC, IDS.dataA, IDS.dataB],
        entries: defaultEntries(),
      },
    ],
    databases: [
      {
        id: 'orders',
        vpc: IDS.vpc,
        subnets: [IDS.dataA, IDS.dataB],
        eni: IDS.eniDatabase,
        subnet: IDS.dataA,
        address: '10.0.21.20',
        port: 5432,
        engine: 'postgres',
        groups: [IDS.groupDatabase],
      },
    ],
    proxies: [],
    instances: [
      {
        id: IDS.instanceAdmin,
        name: 'admin',
        eni: IDS.eniAdmin,
        subnet: IDS.dataA,
        address: '10.0.21.50',
        groups: [IDS.groupAdmin],
      },
    ],
    functions: [
      {
        name: 'orders-api',
        role: 'orders-api-role',
        vpc: IDS.vpc,
        subnets: [IDS.privateA, IDS.privateB],
        groups: [IDS.groupFunction],
        enis: [
          { id: id('eni', 'fa'), subnet: IDS.privateA, address: '10.0.11.31' },
          { id: id('eni', 'fb'), subnet: IDS.privateB, address: '10.0.12.31' },
        ],
        state: 'Active',
        lastUpdateStatus: 'Successful',
      },
    ],
    roles: [{ name: 'orders-api-role', allowed: [...ENI_ACTIONS] }],
    endpoints: [],
    peerings: [],
    transitGateways: [],
    blockPublicAccess: { mode: 'off', exclusions: [] },
  }
}

/** Finds the one thing of a world that a scenario changes; a scenario that names something absent is a mistake. */
export function find<T extends { id?: string; name?: string }>(list: readonly T[], key: string): T {
  const found = list.find((item) => item.id === key || item.name === key)
  if (found === undefined) throw new Error(`the scenario's world has no ${key}`)
  return found
}
