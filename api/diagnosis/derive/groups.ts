import type { Blocker, Hop, SubnetTrace } from '../../network/path.js'
import type { Change } from '../diagnosis.js'
import { all, PLACES, record, strings, text } from '../raw.js'
import { protocolName } from './protocols.js'
import {
  blockedHops,
  byId,
  type Derive,
  groupIdsOf,
  interfaceAt,
  isInternet,
  type Option,
  rangeFor,
  type Situation,
} from './situation.js'

type Authorize = Extract<Change, { kind: 'authorize-security-group' }>

/** Ports as a security group rule writes them. Other protocols than TCP and UDP are let through whole. */
function traffic(
  situation: Situation,
  hop: Hop | undefined,
): Pick<Authorize, 'protocol' | 'fromPort' | 'toPort'> {
  const { protocol, port } = situation.question.flow
  const name = protocolName(protocol)
  if (name === 'icmp' || name === 'icmpv6') return { protocol: name, fromPort: -1, toPort: -1 }
  if (name !== 'tcp' && name !== 'udp') return { protocol: name, fromPort: null, toPort: null }
  const to = hop?.packet.destinationPort ?? port
  return { protocol: name, fromPort: to ?? 0, toPort: to ?? 65535 }
}

/** A group may name another one only within a VPC or across an active peering (VPC user guide, "Security group rules"). */
function mayReference(situation: Situation, groupId: string, otherId: string): boolean {
  const vpcOf = (id: string) => text(byId(situation.snapshot, PLACES.securityGroup, id), 'VpcId')
  const [one, other] = [vpcOf(groupId), vpcOf(otherId)]
  if (one === '' || other === '') return false
  if (one === other) return true
  return all(situation.snapshot, PLACES.peering).some((peering) => {
    const sides = ['RequesterVpcInfo', 'AccepterVpcInfo'].map((side) => text(record(peering, side), 'VpcId'))
    return sides.includes(one) && sides.includes(other)
  })
}

function prefixListOf(situation: Situation, address: string): string | null {
  if (!isInternet(address) || situation.service === null) return null
  const lists = [
    ...all(situation.snapshot, PLACES.prefixList),
    ...all(situation.snapshot, PLACES.managedPrefixList),
  ]
  const list = lists.find((one) => text(one, 'PrefixListName') === situation.service)
  return list === undefined ? null : text(list, 'PrefixListId')
}

/** Who the peer of a new rule may be, the narrowest first: a group, the service's prefix list, a range. */
function peers(
  situation: Situation,
  groupId: string,
  address: string,
  forwarders: readonly string[],
): readonly Authorize['peer'][] {
  const groups = [...forwarders, ...groupIdsOf(interfaceAt(situation.snapshot, address))]
  const own = situation.standpoint.groupIds.includes(groupId)
    ? groups
    : [...groups, ...situation.standpoint.groupIds]
  const reference = isInternet(address) ? undefined : own.find((id) => mayReference(situation, groupId, id))
  const list = prefixListOf(situation, address)
  return [
    ...(reference === undefined ? [] : [{ groupId: reference }]),
    ...(list === null ? [] : [{ prefixListId: list }]),
    { cidr: rangeFor(situation.snapshot, address) },
  ]
}

function rulesFor(blocker: Blocker, hop: Hop | undefined, situation: Situation): readonly Authorize[] {
  const groupId = blocker.component.startsWith('sg-')
    ? blocker.component
    : (blocker.rule?.in ??
      groupIdsOf(byId(situation.snapshot, PLACES.networkInterface, blocker.component))[0])
  if (groupId === undefined || !groupId.startsWith('sg-')) return []
  const source = hop?.packet.source ?? ''
  const destination = hop?.packet.destination ?? ''
  // Under its client's address or its own: what a load balancer sends on is let in by a reference to its group.
  const forwarders = hop === undefined ? [] : forwardersOf(situation, hop)
  const ofSource =
    forwarders.includes(groupId) ||
    situation.standpoint.groupIds.includes(groupId) ||
    groupIdsOf(interfaceAt(situation.snapshot, source)).includes(groupId)
  const ofDestination = groupIdsOf(interfaceAt(situation.snapshot, destination)).includes(groupId)
  const rule = (direction: 'ingress' | 'egress', address: string): readonly Authorize[] =>
    address === ''
      ? []
      : peers(situation, groupId, address, direction === 'ingress' ? forwarders : []).map((peer) => ({
          kind: 'authorize-security-group',
          direction,
          groupId,
          ...traffic(situation, hop),
          peer,
        }))
  return [
    ...(ofSource ? rule('egress', destination) : []),
    ...(ofDestination || !ofSource ? rule('ingress', source) : []),
  ]
}

/** The groups of the load balancer that sent a packet on to where it was stopped; none before it got to one. */
function forwardersOf({ snapshot, trace }: Situation, hop: Hop): readonly string[] {
  const traces: readonly SubnetTrace[] = trace.perSubnet.length > 0 ? trace.perSubnet : [trace]
  const hops = traces.map((one) => one.hops).find((one) => one.includes(hop)) ?? []
  const before = hops.slice(0, hops.indexOf(hop))
  const listener = before.findLastIndex(({ kind }) => kind === 'listener')
  if (listener < 0) return []
  const name = before.slice(0, listener).findLast(({ kind }) => kind === 'load-balancer')?.component
  const balancer = all(snapshot, PLACES.loadBalancer).find((one) => text(one, 'LoadBalancerName') === name)
  return strings(balancer, 'SecurityGroups')
}

/** The missing rules of the blocked groups; the rehearsal tells which side's rule it was. */
export const deriveGroupRules: Derive = (blockers, situation) => {
  const perBlocker = blockers.map((blocker) => {
    const hops = blockedHops(situation.trace, blocker)
    return hops.length === 0
      ? rulesFor(blocker, undefined, situation)
      : hops.flatMap((hop) => rulesFor(blocker, hop, situation))
  })
  const unique = (rules: readonly Authorize[]) => {
    const seen = new Map(rules.map((rule) => [JSON.stringify(rule), rule] as const))
    return [...seen.values()]
  }
  const alternatives = perBlocker.map(unique)
  const widest = Math.max(0, ...alternatives.map((rules) => rules.length))
  // From several subnets a packet may need a rule each: what is the same for all of them is one rule, the others go together.
  return Array.from(
    { length: widest },
    (_, index): Option =>
      unique(alternatives.flatMap((rules) => rules[Math.min(index, rules.length - 1)] ?? [])),
  )
}
