import { addressAt } from '../addresses.js'
import {
  type Draft,
  type DraftAcl,
  type DraftBalancer,
  type DraftDatabase,
  type DraftEndpoint,
  type DraftEni,
  type DraftEntry,
  type DraftFunction,
  type DraftGroup,
  type DraftInterfaceEndpoint,
  type DraftPeering,
  type DraftRoute,
  type DraftRule,
  type DraftSubnet,
  type DraftTable,
  type DraftTransit,
  type DraftVpc,
  idOf,
} from '../fuzz/draft.js'
import { balancerInterface } from '../fuzz/print-balancers.js'
import type { Random } from '../fuzz/random.js'

/** An account under construction; what is finished is a `Draft`. */
export interface Ground {
  readonly random: Random
  readonly vpcs: DraftVpc[]
  readonly subnets: DraftSubnet[]
  readonly enis: DraftEni[]
  readonly tables: DraftTable[]
  readonly groups: DraftGroup[]
  readonly acls: DraftAcl[]
  readonly peerings: DraftPeering[]
  readonly endpoints: DraftEndpoint[]
  readonly functions: DraftFunction[]
  readonly databases: DraftDatabase[]
  readonly interfaceEndpoints: DraftInterfaceEndpoint[]
  readonly balancers: DraftBalancer[]
  transit: DraftTransit | null
}

export function groundOf(random: Random): Ground {
  return {
    random,
    vpcs: [],
    subnets: [],
    enis: [],
    tables: [],
    groups: [],
    acls: [],
    peerings: [],
    endpoints: [],
    functions: [],
    databases: [],
    interfaceEndpoints: [],
    balancers: [],
    transit: null,
  }
}

export function draftOf({ random: _, ...parts }: Ground): Draft {
  return { ...parts, block: { mode: 'off', exclusions: [] } }
}

const PRIVATE = '10.0.0.0/8'
const ANYWHERE = '0.0.0.0/0'
const REPLIES: readonly [number, number] = [1024, 65535]
export const ALL: DraftRule = { protocol: '-1', ports: null, peer: { cidr: ANYWHERE } }
export const ALL6: DraftRule = { protocol: '-1', ports: null, peer: { cidr: '::/0' } }

/** The number of a thing among those of its VPC: ids are made of both. */
const placeOf = (vpc: DraftVpc) => Number.parseInt(vpc.id.slice(-3, -2), 16)

export function addVpc(ground: Ground, wants: { igw: boolean; six?: boolean }): DraftVpc {
  const { random, vpcs } = ground
  const index = vpcs.length
  const second = index * 32 + random.below(32)
  const vpc = {
    id: idOf('vpc', index),
    cidrs: [`10.${second}.0.0/16`],
    cidr6: wants.six === true ? `2001:db8:${index + 1}00::/56` : null,
    igw: wants.igw ? idOf('igw', index) : null,
    eigw: wants.six === true ? idOf('eigw', index) : null,
  }
  vpcs.push(vpc)
  addTable(ground, vpc, true)
  addAcl(ground, vpc, null)
  addGroup(ground, vpc, [], [ALL])
  return vpc
}

export function addTable(ground: Ground, vpc: DraftVpc, main = false): DraftTable {
  const own = ground.tables.filter((one) => one.vpc === vpc.id).length
  const table = { id: idOf('rtb', placeOf(vpc), own), vpc: vpc.id, main, routes: [] }
  ground.tables.push(table)
  return table
}

export function route(table: DraftTable, to: string, via: string | null): void {
  const added: DraftRoute = { to, via: via ?? '', blackhole: false }
  table.routes.push(added)
}

/** A default ACL that lets everything through, or one with the rules that its subnets need, as careful people write them. */
export function addAcl(
  ground: Ground,
  vpc: DraftVpc,
  needs: { readonly inward: readonly number[]; readonly outward: readonly number[] } | null,
): DraftAcl {
  const own = ground.acls.filter((one) => one.vpc === vpc.id)
  const entry = (
    number: number,
    egress: boolean,
    cidr: string,
    ports: DraftEntry['ports'] = null,
  ): DraftEntry => ({
    number,
    egress,
    allow: true,
    protocol: ports === null ? '-1' : '6',
    cidr,
    ports,
  })
  const entries =
    needs === null
      ? [false, true].flatMap((egress) => [entry(100, egress, ANYWHERE), entry(101, egress, '::/0')])
      : [false, true].flatMap((egress) => [
          entry(100, egress, PRIVATE),
          entry(110, egress, ANYWHERE, REPLIES),
          ...(egress ? needs.outward : needs.inward).map((port, index) =>
            entry(120 + 10 * index, egress, ANYWHERE, [port, port]),
          ),
        ])
  const acl = { id: idOf('acl', placeOf(vpc), own.length), vpc: vpc.id, isDefault: own.length === 0, entries }
  ground.acls.push(acl)
  return acl
}

export function addSubnet(
  ground: Ground,
  vpc: DraftVpc,
  at: { zone: string; table: DraftTable; acl: DraftAcl },
): DraftSubnet {
  const own = ground.subnets.filter((one) => one.vpc === vpc.id).length
  const subnet = {
    id: idOf('subnet', placeOf(vpc), own),
    vpc: vpc.id,
    cidr: (vpc.cidrs[0] ?? '').replace('0.0/16', `${own * 8 + 1}.0/24`),
    cidr6: vpc.cidr6 === null ? null : vpc.cidr6.replace('::/56', `:${own + 1}::/64`),
    zone: at.zone,
    table: at.table.id,
    acl: at.acl.id,
  }
  ground.subnets.push(subnet)
  return subnet
}

export function addGroup(
  ground: Ground,
  vpc: DraftVpc,
  ingress: readonly DraftRule[],
  egress: readonly DraftRule[],
): DraftGroup {
  const own = ground.groups.filter((one) => one.vpc === vpc.id).length
  const group = { id: idOf('sg', placeOf(vpc), own), vpc: vpc.id, ingress, egress }
  ground.groups.push(group)
  return group
}

export function addEni(
  ground: Ground,
  subnet: DraftSubnet,
  wants: Partial<Pick<DraftEni, 'groups' | 'nat' | 'publicAddress' | 'made'>> & { six?: boolean },
): DraftEni {
  const { enis, random } = ground
  const { six, ...more } = wants
  const host = 10 + enis.filter((one) => one.subnet === subnet.id).length * 7 + random.below(7)
  const eni = {
    id: idOf('eni', Math.floor(enis.length / 256), enis.length % 256),
    subnet: subnet.id,
    vpc: subnet.vpc,
    address: addressAt(subnet.cidr, host),
    address6: six === true && subnet.cidr6 !== null ? addressAt(subnet.cidr6, host) : null,
    publicAddress: null,
    groups: [],
    nat: null,
    natPublic: true,
    ...more,
  }
  enis.push(eni)
  return eni
}

/** A NAT gateway in a subnet. */
export function addNat(ground: Ground, subnet: DraftSubnet): string {
  const own = ground.enis.filter((one) => one.nat !== null).length
  const id = idOf('nat', 0, own)
  addEni(ground, subnet, { nat: id, publicAddress: `203.0.113.${own + 1}` })
  return id
}

/** A function with the interfaces that Lambda makes for it. */
export function addFunction(
  ground: Ground,
  name: string,
  subnets: readonly DraftSubnet[],
  group: DraftGroup,
  dualStack = false,
): void {
  ground.functions.push({ name, subnets: subnets.map(({ id }) => id), groups: [group.id], dualStack })
  for (const subnet of subnets) {
    addEni(ground, subnet, {
      groups: [group.id],
      six: dualStack,
      made: { type: 'lambda', description: `AWS Lambda VPC ENI-${name}` },
    })
  }
}

export function addDatabase(
  ground: Ground,
  subnet: DraftSubnet,
  group: DraftGroup,
  wants: { id: string; port: number; publicAddress?: string | null },
): void {
  const eni = addEni(ground, subnet, {
    groups: [group.id],
    publicAddress: wants.publicAddress ?? null,
    made: { type: 'interface', description: 'RDSNetworkInterface' },
  })
  const engine = wants.port === 5432 ? 'postgres' : 'mysql'
  ground.databases.push({ id: wants.id, eni: eni.id, engine, port: wants.port })
}

/** A peering connection that either of two VPCs asked for. */
export function addPeering({ random, peerings }: Ground, one: DraftVpc, other: DraftVpc): string {
  const id = idOf('pcx', peerings.length)
  const [requester, accepter] = random.chance(0.5) ? [one, other] : [other, one]
  peerings.push({ id, requester: requester.id, accepter: accepter.id, dns: true })
  return id
}

/** A load balancer with the interface that AWS makes for it in each of its subnets. */
export function addBalancer(
  ground: Ground,
  subnets: readonly DraftSubnet[],
  wants: Omit<DraftBalancer, 'vpc' | 'enis' | 'target'> & {
    readonly target: Omit<DraftBalancer['target'], 'enis'> & { readonly enis: readonly DraftEni[] }
  },
): void {
  const { target, ...more } = wants
  const enis = subnets.map((subnet) =>
    addEni(ground, subnet, { groups: wants.groups, made: balancerInterface(wants) }),
  )
  ground.balancers.push({
    ...more,
    vpc: subnets[0]?.vpc ?? '',
    enis: enis.map(({ id }) => id),
    target: { ...target, enis: target.enis.map(({ id }) => id) },
  })
}
