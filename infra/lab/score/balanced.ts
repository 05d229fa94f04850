import type { DraftBalancer, DraftEni, DraftRule, DraftSubnet, DraftVpc } from '../fuzz/draft.js'
import { balancerHost } from '../fuzz/print-balancers.js'
import type { LabFlow } from '../plan.js'
import {
  ALL,
  addAcl,
  addBalancer,
  addEni,
  addGroup,
  addPeering,
  addSubnet,
  addTable,
  addVpc,
  type Ground,
} from './ground.js'
import {
  addStanding,
  defaultAcl,
  FUNCTION,
  joinBoth,
  mainTable,
  type Standing,
  tcp,
  ZONES,
} from './standing.js'

/** An internal Application Load Balancer, in two or three zones as it has to be. */
export function applicationBalancerFamily(ground: Ground): readonly LabFlow[] {
  const { random } = ground
  const listener = random.pick([
    { protocol: 'HTTPS', port: 443 },
    { protocol: 'HTTP', port: 80 },
  ])
  return addBalanced(ground, { type: 'application', listener, zones: 2 + random.below(2), grouped: true })
}

/** An internal Network Load Balancer, with security groups of its own or without. */
export function networkBalancerFamily(ground: Ground): readonly LabFlow[] {
  const { random } = ground
  const listener = { protocol: 'TCP', port: random.pick([80, 443, 6379]) }
  const grouped = random.chance(0.7)
  return addBalanced(ground, { type: 'network', listener, zones: 1 + random.below(3), grouped })
}

interface Wants {
  readonly type: DraftBalancer['type']
  readonly listener: DraftBalancer['listener']
  /** How many zones it is enabled for. */
  readonly zones: number
  readonly grouped: boolean
}

/** A function, a load balancer in its VPC or in a peered one, and targets in that VPC or in one that is peered with it. */
function addBalanced(ground: Ground, { type, listener, zones, grouped }: Wants): readonly LabFlow[] {
  const { random } = ground
  const own = addVpc(ground, { igw: random.chance(0.5) })
  const standing = addStanding(ground, own, { dbPort: listener.port })
  const away = random.chance(0.25) ? addVpc(ground, { igw: false }) : null
  const vpc = away ?? own
  const nodes = addNodeSubnets(ground, vpc, standing, zones)
  const peer = random.chance(0.6) ? [{ group: standing.group }] : cidrsOf(standing.subnets)
  const group = grouped ? addGroup(ground, vpc, rules(listener.port, peer), [ALL]) : null
  const groups = group === null ? [] : [group.id]
  const beyond = away === null && random.chance(0.25) ? addVpc(ground, { igw: false }) : null
  const crossZone = type === 'application' || random.chance(0.5)
  const port = random.pick([8080, 3000, 8443])
  const preserves = type === 'network' && beyond === null && random.chance(0.5)
  const seen = preserves ? standing.subnets : nodes
  const seenAs = group !== null && random.chance(0.6) ? [{ group: group.id }] : cidrsOf(seen)
  const targets = addTargets(ground, beyond ?? vpc, rules(port, seenAs), crossZone ? null : nodes)
  const name = type === 'application' ? 'orders-web' : 'orders-tcp'
  addBalancer(ground, nodes, {
    name,
    type,
    groups,
    listener,
    crossZone,
    preserves,
    target: { port, enis: targets },
  })
  if (away !== null) joinBoth(ground, standing, away, addPeering(ground, own, away))
  if (beyond !== null) {
    const middle: Standing = { vpc, subnets: nodes, group: '' }
    joinBoth(ground, middle, beyond, addPeering(ground, vpc, beyond))
  }
  return [{ from: FUNCTION, to: `${balancerHost(name, type)}:${listener.port}`, port: listener.port }]
}

const cidrsOf = (subnets: readonly DraftSubnet[]) => subnets.map(({ cidr }) => ({ cidr }))

const rules = (port: number, peers: readonly DraftRule['peer'][]) => peers.map((peer) => tcp(port, peer))

/** Subnets of the load balancer's own, or those of the function where they are enough. */
function addNodeSubnets(
  ground: Ground,
  vpc: DraftVpc,
  standing: Standing,
  zones: number,
): readonly DraftSubnet[] {
  const { random } = ground
  if (vpc === standing.vpc && standing.subnets.length >= zones && random.chance(0.3))
    return standing.subnets.slice(0, zones)
  const table = random.chance(0.5) ? addTable(ground, vpc) : mainTable(ground, vpc)
  const acl = random.chance(0.6) ? defaultAcl(ground, vpc) : addAcl(ground, vpc, { inward: [], outward: [] })
  return ZONES.slice(0, zones).map((zone) => addSubnet(ground, vpc, { zone, table, acl }))
}

/** One or two targets; one in each of the load balancer's zones where it keeps to the zone. */
function addTargets(
  ground: Ground,
  vpc: DraftVpc,
  ingress: readonly DraftRule[],
  eachZoneOf: readonly DraftSubnet[] | null,
): readonly DraftEni[] {
  const { random } = ground
  const table = addTable(ground, vpc)
  const acl = random.chance(0.6) ? defaultAcl(ground, vpc) : addAcl(ground, vpc, { inward: [], outward: [] })
  const admin = addGroup(ground, vpc, [tcp(22, { cidr: '10.0.0.0/8' })], [ALL])
  const group = addGroup(ground, vpc, [...ingress, tcp(22, { group: admin.id })], [ALL])
  const zones = eachZoneOf?.map(({ zone }) => zone) ?? random.pick([['a'], ['b'], ['a', 'b'], ['a', 'a']])
  const subnets = new Map(
    [...new Set(zones)].map((zone) => [zone, addSubnet(ground, vpc, { zone, table, acl })] as const),
  )
  return zones.flatMap((zone) => {
    const subnet = subnets.get(zone)
    return subnet === undefined ? [] : [addEni(ground, subnet, { groups: [group.id] })]
  })
}
