/**
 * The account that `npm start` shows: a shop in one VPC, eight functions in four postures and one outside of it, all well.
 * `write.ts` prints it into `infra/lab/sample/snapshot`; a test holds the two together.
 */
import { createHash } from 'node:crypto'
import {
  allTraffic,
  type Database,
  defaultEntries,
  ENI_ACTIONS,
  type Endpoint,
  type Fn,
  type Group,
  type Permission,
  PREFIX_LISTS,
  REGION,
  type Subnet,
  type World,
} from '../../scenarios/support/world.js'

/** An id as AWS would make one, the same at every run. */
function id(prefix: string, name: string): string {
  return `${prefix}-0${createHash('sha256').update(`${prefix} ${name}`).digest('hex').slice(0, 16)}`
}

const VPC = id('vpc', 'shop')
const INTERNET_GATEWAY = id('igw', 'shop')
const NAT = id('nat', 'public-a')
const DHCP = id('dopt', 'shop')
const RANGES = [
  ['public-a', '10.20.0.0/24'],
  ['public-b', '10.20.1.0/24'],
  ['app-a', '10.20.10.0/24'],
  ['app-b', '10.20.11.0/24'],
  ['app-c', '10.20.12.0/24'],
  ['jobs-a', '10.20.20.0/24'],
  ['jobs-b', '10.20.21.0/24'],
  ['partners-a', '10.20.25.0/24'],
  ['data-a', '10.20.30.0/24'],
  ['data-b', '10.20.31.0/24'],
] as const
type SubnetName = (typeof RANGES)[number][0]

const subnet = (name: SubnetName) => id('subnet', name)
const group = (name: string) => id('sg', name)
const table = (name: string) => id('rtb', name)
const tcp = (port: number, from: string): Permission => ({
  protocol: 'tcp',
  from: port,
  to: port,
  group: group(from),
})

function subnets(): Subnet[] {
  return RANGES.map(([name, cidr]) => ({
    id: subnet(name),
    name,
    vpc: VPC,
    cidr,
    zone: `${REGION}${name.slice(-1)}`,
    free: 246,
    ...(name.startsWith('public') ? { publicByDefault: true } : {}),
  }))
}

function groups(): Group[] {
  const open = (name: string): Group => ({
    id: group(name),
    name,
    vpc: VPC,
    ingress: [],
    egress: [allTraffic()],
  })
  const prefixLists = PREFIX_LISTS.filter((list) => list.name.endsWith('.s3')).map((list) => list.id)
  return [
    { ...open('default'), ingress: [{ protocol: '-1', group: group('default') }] },
    open('shop-app'),
    open('shop-reports'),
    open('shop-partners'),
    {
      ...open('shop-jobs'),
      egress: [
        tcp(5432, 'ledger-db'),
        tcp(443, 'vpc-endpoints'),
        ...prefixLists.map((prefixList) => ({ protocol: 'tcp', from: 443, to: 443, prefixList })),
      ],
    },
    {
      ...open('orders-db'),
      ingress: [tcp(5432, 'shop-app'), tcp(5432, 'shop-reports'), tcp(5432, 'shop-partners')],
    },
    { ...open('ledger-db'), ingress: [tcp(5432, 'shop-jobs'), tcp(5432, 'shop-reports')] },
    { ...open('vpc-endpoints'), ingress: [tcp(443, 'shop-app'), tcp(443, 'shop-jobs')] },
  ]
}

function database(name: string, place: SubnetName, address: string): Database {
  return {
    id: name,
    vpc: VPC,
    subnets: [subnet('data-a'), subnet('data-b')],
    eni: id('eni', name),
    subnet: subnet(place),
    address,
    port: 5432,
    engine: 'postgres',
    groups: [group(`${name}-db`)],
  }
}

interface Place {
  readonly groups: string
  readonly subnets: readonly SubnetName[]
}

const PLACES: Readonly<Record<string, Place | null>> = {
  'orders-api': { groups: 'shop-app', subnets: ['app-a', 'app-b', 'app-c'] },
  'checkout-api': { groups: 'shop-app', subnets: ['app-a', 'app-b', 'app-c'] },
  'payments-worker': { groups: 'shop-app', subnets: ['app-a', 'app-b', 'app-c'] },
  'report-builder': { groups: 'shop-reports', subnets: ['app-a', 'app-b'] },
  'ledger-archiver': { groups: 'shop-jobs', subnets: ['jobs-a', 'jobs-b'] },
  'audit-export': { groups: 'shop-jobs', subnets: ['jobs-a', 'jobs-b'] },
  'partner-sync': { groups: 'shop-partners', subnets: ['partners-a'] },
  'image-resizer': null,
}

/** Functions with the same posture share their interfaces. */
function functions(): Fn[] {
  return Object.entries(PLACES).map(([name, place]) => ({
    name,
    role: `${name}-role`,
    vpc: place === null ? null : VPC,
    subnets: (place?.subnets ?? []).map(subnet),
    groups: place === null ? [] : [group(place.groups)],
    enis: first(name, place)
      ? (place?.subnets ?? []).map((at) => ({
          id: id('eni', `${place?.groups} ${at}`),
          subnet: subnet(at),
          address: `${(RANGES.find(([one]) => one === at)?.[1] ?? '').replace(/0\/24$/, '')}${hostNumber(place)}`,
        }))
      : [],
    state: 'Active',
    lastUpdateStatus: 'Successful',
  }))
}

function first(name: string, place: Place | null): boolean {
  return Object.entries(PLACES).find(([, one]) => one?.groups === place?.groups)?.[0] === name
}

function hostNumber(place: Place | null): number {
  return 40 + ['shop-app', 'shop-reports', 'shop-jobs', 'shop-partners'].indexOf(place?.groups ?? '') * 10
}

function endpoints(): Endpoint[] {
  const gateway = (service: string, tables: readonly string[]): Endpoint => ({
    id: id('vpce', service),
    type: 'Gateway',
    service: `com.amazonaws.${REGION}.${service}`,
    vpc: VPC,
    tables: tables.map(table),
    nics: [],
    groups: [],
    privateDns: false,
  })
  return [
    gateway('s3', ['app-a', 'app-b', 'app-c', 'jobs']),
    gateway('dynamodb', ['app-a', 'app-b', 'app-c']),
    {
      id: id('vpce', 'secretsmanager'),
      type: 'Interface',
      service: `com.amazonaws.${REGION}.secretsmanager`,
      vpc: VPC,
      tables: [],
      nics: (['jobs-a', 'jobs-b'] as const).map((at, index) => ({
        id: id('eni', `secretsmanager ${at}`),
        subnet: subnet(at),
        address: `10.20.2${index}.200`,
      })),
      groups: [group('vpc-endpoints')],
      privateDns: true,
    },
  ]
}

export function sampleWorld(): World {
  const viaNat = [{ to: '0.0.0.0/0', via: NAT }]
  const routes = (name: string, inSubnets: readonly SubnetName[], own: { to: string; via: string }[]) => ({
    id: table(name),
    name,
    vpc: VPC,
    main: false,
    subnets: inSubnets.map(subnet),
    routes: own,
  })
  return {
    vpcs: [{ id: VPC, name: 'shop', cidr: '10.20.0.0/16', dnsSupport: true, dnsHostnames: true, dhcp: DHCP }],
    dhcp: [{ id: DHCP, nameServers: ['AmazonProvidedDNS'] }],
    subnets: subnets(),
    tables: [
      { ...routes('main', [], []), main: true },
      routes('public', ['public-a', 'public-b'], [{ to: '0.0.0.0/0', via: INTERNET_GATEWAY }]),
      routes('app-a', ['app-a'], viaNat),
      routes('app-b', ['app-b'], viaNat),
      routes('app-c', ['app-c'], viaNat),
      routes('partners', ['partners-a'], viaNat),
      routes('jobs', ['jobs-a', 'jobs-b'], []),
      routes('data', ['data-a', 'data-b'], []),
    ],
    internetGateways: [{ id: INTERNET_GATEWAY, vpc: VPC }],
    egressOnlyGateways: [],
    nats: [
      {
        id: NAT,
        subnet: subnet('public-a'),
        eni: id('eni', 'nat public-a'),
        address: '10.20.0.10',
        publicAddress: '203.0.113.7',
        state: 'available',
      },
    ],
    groups: groups(),
    acls: [
      {
        id: id('acl', 'default'),
        name: 'default',
        vpc: VPC,
        isDefault: true,
        subnets: RANGES.map(([name]) => name)
          .filter((name) => name !== 'app-b')
          .map(subnet),
        entries: defaultEntries(),
      },
      {
        id: id('acl', 'app-b'),
        name: 'app-b',
        vpc: VPC,
        isDefault: false,
        subnets: [subnet('app-b')],
        entries: defaultEntries(),
      },
    ],
    databases: [database('orders', 'data-a', '10.20.30.20'), database('ledger', 'data-b', '10.20.31.20')],
    proxies: [],
    instances: [],
    functions: functions(),
    roles: Object.keys(PLACES).map((name) => ({ name: `${name}-role`, allowed: [...ENI_ACTIONS] })),
    endpoints: endpoints(),
    peerings: [],
    transitGateways: [],
    blockPublicAccess: { mode: 'off', exclusions: [] },
  }
}
