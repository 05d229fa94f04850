import {
  type DraftBalancer,
  type DraftEni,
  type DraftGroup,
  type DraftRule,
  type DraftSubnet,
  type DraftVpc,
  idOf,
  interfaceIn,
  PORTS,
} from './draft.js'
import { balancerInterface } from './print-balancers.js'
import type { Random } from './random.js'

/**
 * A load balancer in one or two zones with one target, so that every packet to it meets the same: in its own VPC, in one of its
 * zones, or in another VPC, whose addresses belong to no zone.
 */
export function makeBalancer(
  random: Random,
  place: {
    readonly vpc: DraftVpc
    readonly index: number
    readonly at: number
    readonly subnets: readonly DraftSubnet[]
    readonly groupIds: readonly { id: string; vpc: string }[]
    readonly enis: readonly DraftEni[]
  },
): {
  readonly balancer: DraftBalancer
  readonly enis: readonly DraftEni[]
  readonly wanted: readonly WantedRule[]
} {
  const { vpc, index, at, subnets, groupIds, enis } = place
  const hosts = enis.filter((eni) => eni.nat === null)
  const inside = hosts.filter((eni) => eni.vpc === vpc.id)
  const target = random.pick(random.chance(0.75) ? inside : hosts)
  const zone = subnets.find(({ id }) => id === target.subnet)?.zone
  const own = subnets.filter((subnet) => subnet.vpc === vpc.id)
  const first = random.pick(target.vpc === vpc.id ? own.filter((subnet) => subnet.zone === zone) : own)
  const others = own.filter((subnet) => subnet.zone !== first.zone)
  const chosen = others.length > 0 && random.chance(0.4) ? [first, random.pick(others)] : [first]
  const type = random.pick(['application', 'network', 'network'] as const)
  const grouped = type === 'application' || random.chance(0.6)
  const groups = grouped ? [random.pick(groupIds.filter((one) => one.vpc === vpc.id)).id] : []
  const protocol = type === 'application' ? 'HTTP' : random.pick(['TCP', 'TCP', 'TCP_UDP', 'UDP'])
  const near = type === 'network' && target.vpc === vpc.id
  const listener = { protocol: near || type === 'application' ? protocol : 'TCP', port: random.pick(PORTS) }
  const preserves = near && (listener.protocol !== 'TCP' || random.chance(0.6))
  const name = `fuzz-${index}-${at}`
  const made = balancerInterface({ name, type })
  const interfaces = chosen.map((subnet, nth) => {
    const host = 0x60 + at * 4 + nth
    return { ...interfaceIn(subnet, idOf('eni', index, host), host, groups), made }
  })
  const balancer: DraftBalancer = {
    name,
    type,
    vpc: vpc.id,
    enis: interfaces.map(({ id }) => id),
    groups,
    listener,
    crossZone: type === 'application' || random.chance(0.5),
    preserves,
    target: { port: random.pick(PORTS), enis: [target.id] },
  }
  return { balancer, enis: interfaces, wanted: rulesFor(random, balancer, target, chosen) }
}

/** A rule that a group gets besides its own. */
export interface WantedRule {
  readonly group: string
  readonly side: 'ingress' | 'egress'
  readonly rule: DraftRule
}

export const withRules = (group: DraftGroup, wanted: readonly WantedRule[]): DraftGroup => {
  const own = (side: WantedRule['side']) =>
    wanted.filter((one) => one.group === group.id && one.side === side).map(({ rule }) => rule)
  return {
    ...group,
    ingress: [...group.ingress, ...own('ingress')],
    egress: [...group.egress, ...own('egress')],
  }
}

/** Rules that random groups hardly ever have: towards the listener, from there to the target, and in there; any may be missing. */
function rulesFor(
  random: Random,
  { groups, listener, target: { port } }: DraftBalancer,
  target: DraftEni,
  subnets: readonly DraftSubnet[],
): readonly WantedRule[] {
  const any = { cidr: '0.0.0.0/0' }
  const rule = (to: number, peer: DraftRule['peer']): DraftRule => {
    const protocol = listener.protocol === 'TCP_UDP' ? '-1' : listener.protocol === 'UDP' ? 'udp' : 'tcp'
    return { protocol, ports: protocol === '-1' ? null : [to, to], peer }
  }
  const [own] = groups
  const [far] = target.groups
  const clients = random.pick<DraftRule['peer']>([
    any,
    { cidr: '10.0.0.0/8' },
    ...subnets.map(({ cidr }) => ({ cidr })),
    ...(own === undefined ? [] : [{ group: own }]),
  ])
  const all: readonly (WantedRule | null)[] = [
    own === undefined ? null : { group: own, side: 'ingress', rule: rule(listener.port, any) },
    own === undefined ? null : { group: own, side: 'egress', rule: rule(port, any) },
    far === undefined ? null : { group: far, side: 'ingress', rule: rule(port, clients) },
  ]
  return all.filter((one) => one !== null && random.chance(0.8)).flatMap((one) => one ?? [])
}
