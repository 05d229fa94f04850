import { addressAt } from '../addresses.js'
import {
  type Draft,
  type DraftAcl,
  type DraftAttachment,
  type DraftEndpoint,
  type DraftEni,
  type DraftEntry,
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
  interfaceIn,
  LISTS,
  pickPorts,
} from './draft.js'
import { makeBalancer, withRules } from './generate-balancers.js'
import type { Random } from './random.js'

const ZONES = ['a', 'b', 'c']

/** A random account: up to three VPCs, with most of what routes and filters packets, well and badly configured. */
export function generate(random: Random): Draft {
  const vpcs = [...Array(1 + random.below(3)).keys()].map((index) => makeVpc(random, index))
  const acls = vpcs.flatMap((vpc, index) => makeAcls(random, vpc, index))
  const shells = vpcs.flatMap((vpc, index) => makeTables(random, vpc, index))
  const subnets = vpcs.flatMap((vpc, index) => makeSubnets(random, vpc, index, shells, acls))
  const groupIds = vpcs.flatMap((vpc, index) =>
    [0, 1, 2].map((at) => ({ id: idOf('sg', index, at), vpc: vpc.id })),
  )
  const enis = vpcs.flatMap((vpc, index) => makeEnis(random, vpc, index, subnets, groupIds))
  const peerings = makePeerings(random, vpcs)
  const transit = random.chance(0.5) ? makeTransit(random, vpcs, subnets) : null
  const endpoints = vpcs.flatMap((vpc, index) => makeEndpoints(random, vpc, index, shells))
  const groups = groupIds.map(({ id, vpc }) => makeGroup(random, id, vpc, groupIds, enis, vpcs, subnets))
  const parts = { vpcs, subnets, enis, peerings, transit }
  const tables = shells.map((table) => ({ ...table, routes: makeRoutes(random, table, parts) }))
  const block = makeBlock(random, vpcs, subnets)
  // One endpoint of a service in a VPC: two would want the same private name.
  const direct = vpcs.flatMap((vpc, index) =>
    SERVICES.filter(() => random.chance(0.4)).map((service, at) =>
      makeInterfaceEndpoint(random, service, { vpc, index, at, subnets, groupIds }),
    ),
  )
  const balanced = vpcs.flatMap((vpc, index) =>
    [0, 1].flatMap((at) =>
      random.chance(0.6) ? [makeBalancer(random, { vpc, index, at, subnets, groupIds, enis })] : [],
    ),
  )
  const wanted = balanced.flatMap((one) => one.wanted)
  return {
    ...parts,
    enis: [...enis, ...[...direct, ...balanced].flatMap((one) => one.enis)],
    tables,
    groups: groups.map((group) => withRules(group, wanted)),
    acls,
    endpoints,
    block,
    functions: [],
    databases: [],
    interfaceEndpoints: direct.map(({ endpoint }) => endpoint),
    balancers: balanced.map(({ balancer }) => balancer),
  }
}

/** Services that have no gateway endpoint. */
export const SERVICES = ['secretsmanager', 'sqs'] as const

/** An interface endpoint in one or two zones, with private DNS or without. */
function makeInterfaceEndpoint(
  random: Random,
  service: string,
  place: {
    readonly vpc: DraftVpc
    readonly index: number
    readonly at: number
    readonly subnets: readonly DraftSubnet[]
    readonly groupIds: readonly { id: string; vpc: string }[]
  },
): { readonly endpoint: DraftInterfaceEndpoint; readonly enis: readonly DraftEni[] } {
  const { vpc, index, at, subnets, groupIds } = place
  const id = idOf('vpce', index, 0x10 + at)
  const own = subnets.filter((subnet) => subnet.vpc === vpc.id)
  const first = random.pick(own)
  const others = own.filter((subnet) => subnet.zone !== first.zone)
  const chosen = others.length > 0 && random.chance(0.3) ? [first, random.pick(others)] : [first]
  const group = random.pick(groupIds.filter((one) => one.vpc === vpc.id)).id
  const enis = chosen.map((subnet, zone): DraftEni => {
    const host = 0x40 + at * 4 + zone
    const made = { type: 'vpc_endpoint', description: `VPC Endpoint Interface ${id}` }
    return { ...interfaceIn(subnet, idOf('eni', index, host), host, [group]), made }
  })
  const privateDns = random.chance(0.6)
  return { endpoint: { id, vpc: vpc.id, service, enis: enis.map((eni) => eni.id), group, privateDns }, enis }
}

function makeVpc(random: Random, index: number): DraftVpc {
  return {
    id: idOf('vpc', index),
    cidrs: [`10.${index}.0.0/16`, ...(random.chance(0.2) ? [`100.64.${index * 16}.0/20`] : [])],
    cidr6: random.chance(0.4) ? `2001:db8:${index + 1}00::/56` : null,
    igw: random.chance(0.8) ? idOf('igw', index) : null,
    eigw: random.chance(0.4) ? idOf('eigw', index) : null,
  }
}

function makeTables(random: Random, vpc: DraftVpc, index: number): DraftTable[] {
  return [...Array(2 + random.below(2)).keys()].map((at) => ({
    id: idOf('rtb', index, at),
    vpc: vpc.id,
    main: at === 0,
    routes: [],
  }))
}

function makeSubnets(
  random: Random,
  vpc: DraftVpc,
  index: number,
  tables: readonly DraftTable[],
  acls: readonly DraftAcl[],
): DraftSubnet[] {
  return [...Array(2 + random.below(3)).keys()].map((at) => {
    const secondary = vpc.cidrs[1] !== undefined && at === 1
    return {
      id: idOf('subnet', index, at),
      vpc: vpc.id,
      cidr: secondary ? `100.64.${index * 16 + 1}.0/24` : `10.${index}.${at * 60}.0/24`,
      cidr6: vpc.cidr6 !== null && random.chance(0.8) ? `2001:db8:${index + 1}00:${at}::/64` : null,
      zone: random.pick(ZONES),
      table: random.pick(tables.filter((table) => table.vpc === vpc.id)).id,
      acl: random.pick(acls.filter((acl) => acl.vpc === vpc.id)).id,
    }
  })
}

function makeEnis(
  random: Random,
  vpc: DraftVpc,
  index: number,
  subnets: readonly DraftSubnet[],
  groups: readonly { id: string; vpc: string }[],
): DraftEni[] {
  const own = subnets.filter((subnet) => subnet.vpc === vpc.id)
  const make = (at: number, nat: string | null): DraftEni => {
    const subnet = random.pick(own)
    const natPublic = random.chance(0.85)
    return {
      id: idOf('eni', index, at),
      subnet: subnet.id,
      vpc: vpc.id,
      address: addressAt(subnet.cidr, 10 + at),
      address6:
        subnet.cidr6 === null || nat !== null || random.chance(0.3) ? null : addressAt(subnet.cidr6, 10 + at),
      publicAddress: (nat === null ? random.chance(0.3) : natPublic)
        ? `203.0.113.${index * 40 + at + 1}`
        : null,
      groups:
        nat === null
          ? random
              .some(
                groups.filter((one) => one.vpc === vpc.id),
                0.5,
              )
              .map(({ id }) => id)
          : [],
      nat,
      natPublic,
    }
  }
  const hosts = [...Array(3 + random.below(2)).keys()].map((at) => make(at, null))
  const nats = random.chance(0.7) ? [make(20, idOf('nat', index))] : []
  // An interface has at least one group.
  const whole = hosts.map((eni) => (eni.groups.length > 0 ? eni : { ...eni, groups: [idOf('sg', index, 0)] }))
  return [...whole, ...nats]
}

function makePeerings(random: Random, vpcs: readonly DraftVpc[]): DraftPeering[] {
  return vpcs.flatMap((requester, a) =>
    vpcs
      .slice(a + 1)
      .filter(() => random.chance(0.7))
      .map((accepter, b) => ({ id: idOf('pcx', a, b), requester: requester.id, accepter: accepter.id })),
  )
}

function makeTransit(
  random: Random,
  vpcs: readonly DraftVpc[],
  subnets: readonly DraftSubnet[],
): DraftTransit {
  const tables = [0, 1].map((at) => idOf('tgw-rtb', 0, at))
  const attachments = vpcs.map((vpc, index): DraftAttachment => {
    // One subnet in a zone, as the API demands.
    const byZone = new Map(subnets.filter((one) => one.vpc === vpc.id).map((one) => [one.zone, one.id]))
    const chosen = random.some([...byZone.values()], 0.75)
    return {
      id: idOf('tgw-attach', index),
      vpc: vpc.id,
      subnets: chosen.length > 0 ? chosen : [...byZone.values()].slice(0, 1),
      table: random.chance(0.9) ? random.pick(tables) : null,
    }
  })
  return {
    id: idOf('tgw', 0),
    attachments,
    tables: tables.map((id) => ({
      id,
      routes: [
        ...attachments.flatMap((attachment) => {
          const vpc = vpcs.find((one) => one.id === attachment.vpc)
          return vpc !== undefined && random.chance(0.8)
            ? vpc.cidrs.map((to) => ({ to, attachment: attachment.id, propagated: true }))
            : []
        }),
        ...(random.chance(0.4)
          ? [{ to: '0.0.0.0/0', attachment: random.pick(attachments).id, propagated: false }]
          : []),
        ...(random.chance(0.2) ? [{ to: '10.1.60.0/24', attachment: null, propagated: false }] : []),
      ],
    })),
  }
}

function makeEndpoints(
  random: Random,
  vpc: DraftVpc,
  index: number,
  tables: readonly DraftTable[],
): DraftEndpoint[] {
  return LISTS.slice(0, 2)
    .filter(() => random.chance(0.3))
    .map((list, at) => ({
      id: idOf('vpce', index, at),
      vpc: vpc.id,
      list: list.id,
      tables: random
        .some(
          tables.filter((table) => table.vpc === vpc.id),
          0.6,
        )
        .map(({ id }) => id),
    }))
}

function makeGroup(
  random: Random,
  id: string,
  vpc: string,
  groups: readonly { id: string; vpc: string }[],
  enis: readonly DraftEni[],
  vpcs: readonly DraftVpc[],
  subnets: readonly DraftSubnet[],
): DraftGroup {
  const rule = (): DraftRule => {
    const protocol = random.pick(['tcp', 'tcp', 'udp', '-1'])
    const six = random.chance(0.15)
    const peer = random.pick<() => DraftRule['peer']>([
      () => ({ cidr: six ? '::/0' : '0.0.0.0/0' }),
      () => ({
        cidr: six ? (random.pick(subnets).cidr6 ?? '::/0') : (random.pick(vpcs).cidrs[0] ?? '10.0.0.0/8'),
      }),
      () => ({ cidr: random.pick(subnets).cidr }),
      () => ({ cidr: `${random.pick(enis).address}/32` }),
      () => ({ group: random.pick(groups).id }),
      () => ({ group: random.pick(groups.filter((one) => one.vpc === vpc)).id }),
      () => ({ list: random.pick(LISTS).id }),
    ])()
    return { protocol, ports: protocol === '-1' ? null : pickPorts(random), peer }
  }
  const rules = (most: number) => [...Array(random.below(most + 1)).keys()].map(rule)
  const all: DraftRule = { protocol: '-1', ports: null, peer: { cidr: '0.0.0.0/0' } }
  const all6: DraftRule = { protocol: '-1', ports: null, peer: { cidr: '::/0' } }
  const usual = random.chance(0.65) ? [all, ...(random.chance(0.6) ? [all6] : [])] : []
  const open = random.chance(0.3) ? [all, all6] : []
  return { id, vpc, ingress: [...rules(4), ...open], egress: [...rules(3), ...usual] }
}

function makeAcls(random: Random, vpc: DraftVpc, index: number): DraftAcl[] {
  const open = [false, true].flatMap((egress): DraftEntry[] =>
    ['0.0.0.0/0', '::/0'].map((cidr, at) => ({
      number: 100 + at,
      egress,
      allow: true,
      protocol: '-1',
      cidr,
      ports: null,
    })),
  )
  const custom = [0, 1].map((at): DraftAcl => {
    const entries = [false, true].flatMap((egress) => {
      const list = [...Array(1 + random.below(3)).keys()].map((rank): DraftEntry => {
        const protocol = random.pick(['6', '17', '-1', '6'])
        return {
          number: 10 + rank * 10,
          egress,
          allow: random.chance(0.6),
          protocol,
          cidr: random.pick([
            '0.0.0.0/0',
            '10.0.0.0/8',
            '10.1.0.0/16',
            `10.${index}.60.0/24`,
            '::/0',
            '198.51.100.0/24',
          ]),
          ports: protocol === '-1' ? null : pickPorts(random),
        }
      })
      return random.chance(0.6) ? [...list, ...open.filter((one) => one.egress === egress)] : list
    })
    return { id: idOf('acl', index, at + 1), vpc: vpc.id, isDefault: false, entries }
  })
  const standard = { id: idOf('acl', index), vpc: vpc.id, isDefault: true, entries: open }
  return random.chance(0.55) ? [standard] : [standard, ...custom]
}

function makeRoutes(
  random: Random,
  table: DraftTable,
  { vpcs, enis, peerings, transit }: Pick<Draft, 'vpcs' | 'enis' | 'peerings' | 'transit'>,
): DraftRoute[] {
  const vpc = vpcs.find((one) => one.id === table.vpc)
  const routes = new Map<string, DraftRoute>()
  const add = (to: string, via: string | null | undefined, probability: number, blackhole = false) => {
    if (via === null || via === undefined || routes.has(to) || !random.chance(probability)) return
    routes.set(to, { to, via, blackhole })
  }
  const nat = enis.find((eni) => eni.vpc === table.vpc && eni.nat !== null)?.nat
  const pcxs = peerings.filter((one) => one.requester === table.vpc || one.accepter === table.vpc)
  for (const peering of pcxs) {
    const other = vpcs.find(
      (one) => one.id === (peering.requester === table.vpc ? peering.accepter : peering.requester),
    )
    for (const cidr of other?.cidrs ?? []) add(cidr, peering.id, 0.75)
    if (other?.cidr6) add(other.cidr6, peering.id, 0.6)
    add('10.0.0.0/8', peering.id, 0.1)
  }
  if (transit !== null) {
    for (const other of vpcs)
      if (other.id !== table.vpc) for (const cidr of other.cidrs) add(cidr, transit.id, 0.6)
    add('10.0.0.0/8', transit.id, 0.3)
    add('0.0.0.0/0', transit.id, 0.2)
  }
  const first = random.chance(0.5)
  add('0.0.0.0/0', first ? nat : vpc?.igw, 0.8)
  add('0.0.0.0/0', first ? vpc?.igw : nat, 0.6)
  add('198.51.100.0/24', vpc?.igw, 0.15)
  add('198.51.100.0/24', nat, 0.15)
  add('203.0.113.0/24', nat, 0.1)
  add('198.51.100.80/32', idOf('nat', 15), 0.1, true)
  add('::/0', vpc?.eigw, 0.5)
  add('::/0', vpc?.igw, 0.5)
  return [...routes.values()]
}

function makeBlock(
  random: Random,
  vpcs: readonly DraftVpc[],
  subnets: readonly DraftSubnet[],
): Draft['block'] {
  if (random.chance(0.8)) return { mode: 'off', exclusions: [] }
  const mode = random.pick(['block-bidirectional', 'block-ingress'])
  const resource = random.chance(0.5) ? random.pick(vpcs).id : random.pick(subnets).id
  // An egress-only exclusion exists in bidirectional mode alone.
  const exclusion =
    mode === 'block-ingress' ? 'allow-bidirectional' : random.pick(['allow-bidirectional', 'allow-egress'])
  return { mode, exclusions: random.chance(0.6) ? [{ resource, mode: exclusion }] : [] }
}
