import type { Snapshot } from '../../../api/network/snapshot.js'
import { snapshotFromDocuments } from '../../../api/snapshot/documents.js'
import { awsFiles } from '../../scenarios/support/aws.js'
import { gatewayEndpoint, interfaceEndpoint } from '../../scenarios/support/facts.js'
import {
  allTraffic,
  baseWorld,
  defaultEntries,
  IDS,
  id,
  REGION,
  type World,
} from '../../scenarios/support/world.js'

/** A name that breaks out of whatever does not escape it, with a letter that XML has no place for. */
export const HOSTILE = '"><img src=x onerror=alert(1)>]]>&\u0001'

interface Joined {
  /** One hexadecimal digit: its ids end in it. */
  readonly digit: string
  readonly name: string
  readonly range: string
  /** What its routes to the other VPCs go by. */
  readonly via: string
}

const PEERING = id('pcx', 'b1')
const PEERING_OF_OTHERS = id('pcx', 'cd')
const GATEWAY = id('tgw', '71')

const JOINED: readonly Joined[] = [
  { digit: 'b', name: 'ledger', range: '10.1', via: PEERING },
  { digit: 'c', name: 'warehouse', range: '10.2', via: GATEWAY },
  { digit: 'd', name: '정산-partner-integration-production', range: '10.3', via: GATEWAY },
  { digit: 'e', name: HOSTILE, range: '10.4', via: GATEWAY },
]

/** A VPC with a database of its name, in two zones, and no way out but to the first one. */
function join(world: World, { digit, name, range, via }: Joined): void {
  const vpc = id('vpc', `${digit}1`)
  const subnets = ['a', 'b'].map((zone, index) => ({
    id: id('subnet', `${digit}7${index}`),
    name: `${name}-${zone}`,
    vpc,
    cidr: `${range}.2${index}.0/24`,
    zone: `${REGION}${zone}`,
    free: 240,
  }))
  const ids = subnets.map((subnet) => subnet.id)
  world.vpcs.push({
    id: vpc,
    name,
    cidr: `${range}.0.0/16`,
    dnsSupport: true,
    dnsHostnames: true,
    dhcp: IDS.dhcp,
  })
  world.subnets.push(...subnets)
  world.tables.push({
    id: id('rtb', `${digit}0`),
    name,
    vpc,
    main: true,
    subnets: [],
    routes: [{ to: '10.0.0.0/16', via }],
  })
  world.acls.push({
    id: id('acl', `${digit}0`),
    name,
    vpc,
    isDefault: true,
    subnets: ids,
    entries: defaultEntries(),
  })
  const group = id('sg', `${digit}d`)
  world.groups.push({
    id: group,
    name: `${name}-db`,
    vpc,
    ingress: [{ protocol: 'tcp', from: 5432, to: 5432, cidr: '10.0.0.0/16' }],
    egress: [allTraffic()],
  })
  world.databases.push({
    id: `db-${digit}`,
    vpc,
    subnets: ids,
    eni: id('eni', `${digit}d`),
    subnet: ids[0] ?? '',
    address: `${range}.20.20`,
    port: 5432,
    engine: 'postgres',
    groups: [group],
  })
}

/** The account's first VPC with endpoints and load balancers, and four more: one peered with it, three by a transit gateway. */
export function fiveVpcs(): Snapshot {
  const world = baseWorld()
  interfaceEndpoint(world, 'secretsmanager')
  gatewayEndpoint(world, 's3', [IDS.tablePrivateA, IDS.tablePrivateB])
  world.balancers = (['application', 'network'] as const).map((type, index) => ({
    name: `catalogue-${type}`,
    type,
    groups: type === 'application' ? [IDS.groupEndpoints] : [],
    nodes: [
      { id: id('eni', `1b${index}a`), subnet: IDS.privateA, address: `10.0.11.7${index}` },
      { id: id('eni', `1b${index}b`), subnet: IDS.privateB, address: `10.0.12.7${index}` },
    ],
    listeners: [{ protocol: index === 0 ? 'HTTPS' : 'TCP', port: 443, targetGroup: 'catalogue' }],
  }))
  world.targetGroups = [
    {
      name: 'catalogue',
      type: 'instance',
      protocol: 'HTTP',
      port: 8080,
      targets: [{ id: IDS.instanceAdmin, state: 'healthy' }],
    },
  ]
  for (const one of JOINED) join(world, one)
  const peering = { requesterDns: true, accepterDns: true }
  world.peerings.push(
    { ...peering, id: PEERING, requester: IDS.vpc, accepter: id('vpc', 'b1') },
    { ...peering, id: PEERING_OF_OTHERS, requester: id('vpc', 'c1'), accepter: id('vpc', 'd1') },
  )
  const attached = JOINED.filter(({ via }) => via === GATEWAY)
  world.transitGateways.push({
    id: GATEWAY,
    table: id('tgw-rtb', '71'),
    attachments: [
      { id: id('tgw-attach', 'a1'), vpc: IDS.vpc, subnets: [IDS.privateA, IDS.privateB] },
      ...attached.map(({ digit }) => ({
        id: id('tgw-attach', `${digit}1`),
        vpc: id('vpc', `${digit}1`),
        subnets: [id('subnet', `${digit}70`), id('subnet', `${digit}71`)],
      })),
    ],
    routes: [
      { to: '10.0.0.0/16', attachment: id('tgw-attach', 'a1') },
      ...attached.map(({ digit, range }) => ({
        to: `${range}.0.0/16`,
        attachment: id('tgw-attach', `${digit}1`),
      })),
    ],
  })
  for (const table of world.tables.filter(({ name }) => name.startsWith('private')))
    table.routes.push(...JOINED.map(({ range, via }) => ({ to: `${range}.0.0/16`, via })))
  const { snapshot, problems } = snapshotFromDocuments({
    files: Object.fromEntries([...awsFiles(world)].map(([name, body]) => [`${name}.json`, body])),
  })
  if (problems.length > 0) throw new Error(JSON.stringify(problems))
  return snapshot
}
