import { type Draft, type DraftRule, type DraftVpc, idOf, LISTS } from '../fuzz/draft.js'
import type { Random } from '../fuzz/random.js'
import type { LabFlow } from '../plan.js'
import { applicationBalancerFamily, networkBalancerFamily } from './balanced.js'
import {
  ALL,
  addAcl,
  addDatabase,
  addEni,
  addGroup,
  addNat,
  addPeering,
  addSubnet,
  addTable,
  addVpc,
  draftOf,
  type Ground,
  groundOf,
  route,
} from './ground.js'
import {
  addStanding,
  defaultAcl,
  FUNCTION,
  joinBoth,
  mainTable,
  type Standing,
  tablesOf,
  tcp,
  ZONES,
} from './standing.js'

/** A random network in which everything works, and what a function in it asks for. */
export interface Topology {
  readonly family: Family
  readonly draft: Draft
  readonly flows: readonly LabFlow[]
}

const INTERFACE_SERVICES = ['secretsmanager', 'sts', 'kms', 'sqs', 'ssm'] as const

const FAMILIES = {
  nat: natFamily,
  isolated: isolatedFamily,
  'interface-endpoint': interfaceFamily,
  peering: peeringFamily,
  'transit-gateway': transitFamily,
  'dual-stack': dualStackFamily,
  'central-egress': centralFamily,
  'application-balancer': applicationBalancerFamily,
  'network-balancer': networkBalancerFamily,
} as const

export type Family = keyof typeof FAMILIES
export const FAMILY_NAMES: readonly Family[] = [
  'nat',
  'isolated',
  'interface-endpoint',
  'dual-stack',
  'central-egress',
  'peering',
  'transit-gateway',
  'application-balancer',
  'network-balancer',
]

/** A healthy network of a family; the same seed makes the same one. */
export function topologyOf(random: Random, family: Family): Topology {
  const ground = groundOf(random)
  const flows = FAMILIES[family](ground)
  addStrangers(ground)
  return { family, draft: draftOf(ground), flows }
}

/** Public subnets with NAT gateways: one for all, or one for each zone. */
function addNats(ground: Ground, vpc: DraftVpc, zones: readonly string[]): ReadonlyMap<string, string> {
  const { random } = ground
  const table = addTable(ground, vpc)
  route(table, '0.0.0.0/0', vpc.igw)
  const acl = random.chance(0.6)
    ? defaultAcl(ground, vpc)
    : addAcl(ground, vpc, { inward: [], outward: [443] })
  const each = random.chance(0.5)
  const wanted = each ? zones : zones.slice(0, 1)
  const nats = wanted.map((zone) => addNat(ground, addSubnet(ground, vpc, { zone, table, acl })))
  return new Map(zones.map((zone, index) => [zone, nats[each ? index : 0] ?? '']))
}

/** Every table of the function's subnets leads out by the NAT gateway of its zone, else by the first. */
function leadOut(ground: Ground, { vpc, subnets }: Standing): void {
  const nats = addNats(
    ground,
    vpc,
    subnets.map(({ zone }) => zone),
  )
  for (const table of tablesOf(ground, subnets)) {
    const zone = subnets.find((one) => one.table === table.id)?.zone ?? 'a'
    route(table, '0.0.0.0/0', nats.get(zone) ?? null)
  }
}

/** A database whose group admits the function: by its group where that may be named, else by ranges. */
function addTarget(
  ground: Ground,
  vpc: DraftVpc,
  { subnets, group }: Standing,
  wants: { port: number; mayName: boolean; public?: boolean; zones?: readonly string[] },
): LabFlow {
  const { random } = ground
  const table = wants.public === true || random.chance(0.5) ? addTable(ground, vpc) : mainTable(ground, vpc)
  if (wants.public === true) route(table, '0.0.0.0/0', vpc.igw)
  const acl =
    random.chance(0.6) || wants.public === true
      ? defaultAcl(ground, vpc)
      : addAcl(ground, vpc, { inward: [wants.port], outward: [] })
  const subnet = addSubnet(ground, vpc, { zone: random.pick(wants.zones ?? ZONES), table, acl })
  const peers: readonly DraftRule['peer'][] =
    wants.mayName && random.chance(0.6)
      ? [{ group }]
      : random.chance(0.5)
        ? subnets.map(({ cidr }) => ({ cidr }))
        : [{ cidr: ground.vpcs[0]?.cidrs[0] ?? '10.0.0.0/8' }]
  const admin = addGroup(ground, vpc, [tcp(22, { cidr: '10.0.0.0/8' })], [ALL])
  const rules = [...peers.map((peer) => tcp(wants.port, peer)), tcp(wants.port, { group: admin.id })]
  const own = addGroup(ground, vpc, random.chance(0.5) ? rules : rules.slice(0, -1), [ALL])
  addDatabase(ground, subnet, own, {
    id: 'orders',
    port: wants.port,
    publicAddress: wants.public === true ? '203.0.113.200' : null,
  })
  return { from: FUNCTION, to: 'rds:orders', port: wants.port }
}

const dbPort = (random: Random) => random.pick([5432, 5432, 3306])
const internet: LabFlow = { from: FUNCTION, to: 'internet', port: 443 }
const service = (name: string): LabFlow => ({ from: FUNCTION, to: `service:${name}`, port: 443 })

/** Private subnets, NAT gateways in public ones, a database, and at times a gateway endpoint. */
function natFamily(ground: Ground): readonly LabFlow[] {
  const { random } = ground
  const port = dbPort(random)
  const vpc = addVpc(ground, { igw: true })
  const standing = addStanding(ground, vpc, { dbPort: port })
  leadOut(ground, standing)
  if (random.chance(0.3)) addGateway(ground, standing, random.pick(LISTS.slice(0, 2)).id)
  // A subnet that leads nowhere, as most accounts have.
  addSubnet(ground, vpc, { zone: 'a', table: mainTable(ground, vpc), acl: defaultAcl(ground, vpc) })
  const database = addTarget(ground, vpc, standing, { port, mayName: true })
  return [internet, database, service(random.pick(INTERFACE_SERVICES))]
}

function addGateway(ground: Ground, { vpc, subnets }: Standing, list: string): void {
  const tables = tablesOf(ground, subnets).map(({ id }) => id)
  const own = ground.endpoints.length
  ground.endpoints.push({ id: idOf('vpce', 0, own), vpc: vpc.id, list, tables })
}

/** No way out but gateway endpoints. */
function isolatedFamily(ground: Ground): readonly LabFlow[] {
  const { random } = ground
  const port = dbPort(random)
  const vpc = addVpc(ground, { igw: random.chance(0.5) })
  const chosen = random.chance(0.5) ? LISTS.slice(0, 2) : [random.pick(LISTS.slice(0, 2))]
  const lists = chosen.map(({ id }) => id)
  const standing = addStanding(ground, vpc, { dbPort: port, lists })
  for (const list of lists) addGateway(ground, standing, list)
  const database = addTarget(ground, vpc, standing, { port, mayName: true })
  return [...chosen.map(({ name }) => service(name.split('.').at(-1) ?? '')), database]
}

/** No way out but interface endpoints, in the function's subnets or in subnets of their own. */
function interfaceFamily(ground: Ground): readonly LabFlow[] {
  const { random } = ground
  const port = dbPort(random)
  const vpc = addVpc(ground, { igw: random.chance(0.5) })
  const standing = addStanding(ground, vpc, { dbPort: port })
  const places = random.chance(0.6)
    ? standing.subnets.map(({ zone }) =>
        addSubnet(ground, vpc, { zone, table: mainTable(ground, vpc), acl: defaultAcl(ground, vpc) }),
      )
    : standing.subnets
  const peer = random.chance(0.6) ? { group: standing.group } : { cidr: vpc.cidrs[0] ?? '' }
  const names = random.some(INTERFACE_SERVICES, 0.3)
  const services = names.length > 0 ? names : ['secretsmanager']
  const group = addGroup(ground, vpc, [tcp(443, peer)], [ALL])
  services.forEach((name, index) => {
    const id = idOf('vpce', 1, index)
    const enis = places.map(
      (subnet) =>
        addEni(ground, subnet, {
          groups: [group.id],
          made: { type: 'vpc_endpoint', description: `VPC Endpoint Interface ${id}` },
        }).id,
    )
    ground.interfaceEndpoints.push({
      id,
      vpc: vpc.id,
      service: name,
      enis,
      group: group.id,
      privateDns: true,
    })
  })
  const database = addTarget(ground, vpc, standing, { port, mayName: true })
  return [...services.slice(0, 2).map(service), database]
}

/** A database in a peered VPC, private or with a public address. */
function peeringFamily(ground: Ground): readonly LabFlow[] {
  const { random } = ground
  const port = dbPort(random)
  const isPublic = random.chance(0.5)
  const vpc = addVpc(ground, { igw: random.chance(0.4) })
  const standing = addStanding(ground, vpc, { dbPort: port })
  if (vpc.igw !== null && random.chance(0.6)) leadOut(ground, standing)
  const other = addVpc(ground, { igw: isPublic })
  const id = addPeering(ground, vpc, other)
  const flow = addTarget(ground, other, standing, { port, mayName: true, public: isPublic })
  joinBoth(ground, standing, other, id)
  return [flow]
}

/** A database behind a transit gateway: one table for all attachments, or one for each. */
function transitFamily(ground: Ground): readonly LabFlow[] {
  const { random } = ground
  const port = dbPort(random)
  const vpc = addVpc(ground, { igw: random.chance(0.4) })
  const standing = addStanding(ground, vpc, { dbPort: port })
  if (vpc.igw !== null && random.chance(0.6)) leadOut(ground, standing)
  const other = addVpc(ground, { igw: false })
  // From another zone AWS does not document which of the attachment's subnets a reply comes in by.
  const zones = standing.subnets.map(({ zone }) => zone)
  const flow = addTarget(ground, other, standing, { port, mayName: false, zones })
  const gateway = addTransit(ground, standing, other)
  joinBoth(ground, standing, other, gateway)
  return [flow]
}

function addTransit(ground: Ground, { vpc, subnets }: Standing, other: DraftVpc, outward = false): string {
  const { random } = ground
  const id = idOf('tgw', 0)
  const apart = random.chance(0.6)
  const tables = apart ? [idOf('tgw-rtb', 0), idOf('tgw-rtb', 1)] : [idOf('tgw-rtb', 0)]
  const ends = [vpc, other].map((one, index) => ({
    vpc: one,
    id: idOf('tgw-attach', index),
    table: tables[apart ? index : 0] ?? '',
  }))
  const feet = (of: DraftVpc) =>
    of === vpc
      ? subnets
      : [...new Map(ground.subnets.filter((one) => one.vpc === of.id).map((one) => [one.zone, one])).values()]
  ground.transit = {
    id,
    attachments: ends.map((end) => ({
      id: end.id,
      vpc: end.vpc.id,
      subnets: feet(end.vpc).map((one) => one.id),
      table: end.table,
    })),
    tables: tables.map((table, index) => ({
      id: table,
      routes: ends
        .filter((_, at) => !apart || at !== index)
        .map((end) => ({
          to: outward && end.vpc === other ? '0.0.0.0/0' : (end.vpc.cidrs[0] ?? ''),
          attachment: end.id,
          propagated: !outward && random.chance(0.6),
        })),
    })),
  }
  return id
}

/** IPv6 out by an egress-only internet gateway, with or without NAT beside it. */
function dualStackFamily(ground: Ground): readonly LabFlow[] {
  const { random } = ground
  const vpc = addVpc(ground, { igw: true, six: true })
  const standing = addStanding(ground, vpc, { dbPort: 5432, dualStack: true })
  for (const table of tablesOf(ground, standing.subnets)) route(table, '::/0', vpc.eigw)
  if (random.chance(0.5)) leadOut(ground, standing)
  return [{ from: FUNCTION, to: '[2600:9000:2000::1]:443', port: 443 }]
}

/** The internet by a transit gateway and the NAT gateway of another VPC. */
function centralFamily(ground: Ground): readonly LabFlow[] {
  const vpc = addVpc(ground, { igw: false })
  const standing = addStanding(ground, vpc, { dbPort: 5432 })
  const egress = addVpc(ground, { igw: true })
  const outside = addTable(ground, egress)
  route(outside, '0.0.0.0/0', egress.igw)
  route(outside, vpc.cidrs[0] ?? '', idOf('tgw', 0))
  const acl = defaultAcl(ground, egress)
  const zones = standing.subnets.map(({ zone }) => zone)
  const nat = addNat(ground, addSubnet(ground, egress, { zone: zones[0] ?? 'a', table: outside, acl }))
  const inner = addTable(ground, egress)
  route(inner, '0.0.0.0/0', nat)
  for (const zone of zones) addSubnet(ground, egress, { zone, table: inner, acl })
  const id = addTransit(ground, standing, egress, true)
  for (const table of tablesOf(ground, standing.subnets)) route(table, '0.0.0.0/0', id)
  return [internet]
}

/** What else stands about: a host and a function of another team. */
function addStrangers(ground: Ground): void {
  const [vpc] = ground.vpcs
  const [subnet] = ground.subnets
  if (vpc === undefined || subnet === undefined || !ground.random.chance(0.5)) return
  const group = addGroup(ground, vpc, [tcp(22, { cidr: '10.0.0.0/8' })], [ALL])
  addEni(ground, subnet, { groups: [group.id] })
}
