import { contains, overlaps, type Prefix } from '../address.js'
import type { GroupRule, PrefixList, SecurityGroup } from '../entities.js'
import { ALL, hasPorts, isIcmp, type Packet } from './packet.js'
import { type Ranges, subtract } from './ports.js'

/** What is known of the other end when one end's groups are asked. */
export interface Peer {
  readonly address: Prefix
  /** Its groups; empty where it has none or isn't an interface; null where they can't be known. */
  readonly groupIds: readonly string[] | null
  /** Whether a reference to a group of the other end counts on this way: not through NAT, a public address, a middlebox. */
  readonly referable: 'yes' | 'no' | 'unknown'
  /** The prefix list that the address stands for. */
  readonly listId: string | null
}

export type GroupVerdict =
  | { readonly verdict: 'pass'; readonly rule: GroupRule; readonly groupId: string }
  /** `near` is a rule that would admit it but for one thing (its ports, its reference); it helps to say what to change. */
  | {
      readonly verdict: 'block'
      readonly denied: Ranges | null
      readonly unusedReference: GroupRule | null
      readonly noRules: boolean
    }
  | { readonly verdict: 'unknown'; readonly missing: GroupMissing }

export type GroupMissing =
  | { readonly kind: 'group'; readonly id: string }
  | { readonly kind: 'prefix-list'; readonly id: string }
  | { readonly kind: 'address'; readonly groupId: string }
  | { readonly kind: 'reference'; readonly groupId: string }

export interface CompiledRule {
  readonly rule: GroupRule
  readonly groupId: string
}

/** One direction of an interface's groups together: rules by protocol, since most of them are for another one. */
export interface CompiledDirection {
  readonly byProtocol: ReadonlyMap<number, readonly CompiledRule[]>
  readonly count: number
}

export interface CompiledGroups {
  readonly ingress: CompiledDirection
  readonly egress: CompiledDirection
  /** Groups that the snapshot doesn't hold. */
  readonly absent: readonly string[]
}

export function compileGroups(
  ids: readonly string[],
  groups: ReadonlyMap<string, SecurityGroup>,
): CompiledGroups {
  const absent: string[] = []
  const found: SecurityGroup[] = []
  for (const id of new Set(ids)) {
    const group = groups.get(id)
    if (group === undefined) absent.push(id)
    else found.push(group)
  }
  return { ingress: compile(found, 'ingress'), egress: compile(found, 'egress'), absent }
}

function compile(groups: readonly SecurityGroup[], direction: 'ingress' | 'egress'): CompiledDirection {
  const byProtocol = new Map<number, CompiledRule[]>()
  let count = 0
  for (const group of groups) {
    for (const rule of group[direction]) {
      count++
      const list = byProtocol.get(rule.protocol)
      const compiled = { rule, groupId: group.id }
      if (list === undefined) byProtocol.set(rule.protocol, [compiled])
      else list.push(compiled)
    }
  }
  return { byProtocol, count }
}

const NO_RULES: readonly CompiledRule[] = []

/**
 * Judges a packet by all the groups of one interface: allow-only, the union of their rules. The answer to an admitted
 * packet is never judged (connection tracking). -1 stands for every protocol; ICMP rules name type and code; several
 * rules may cover a range of ports between them. A rule that names a group admits the private addresses of that
 * group's interfaces; a rule that names a prefix list admits its entries.
 *
 * https://docs.aws.amazon.com/vpc/latest/userguide/security-group-rules.html
 * https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/security-group-connection-tracking.html
 */
export function judgeGroups(
  compiled: CompiledDirection,
  absent: readonly string[],
  packet: Packet,
  peer: Peer,
  lists: ReadonlyMap<string, PrefixList>,
): GroupVerdict {
  let left: Ranges | null = hasPorts(packet.protocol) ? packet.destinationPorts : null
  let missing: GroupMissing | null = null
  let unusedReference: GroupRule | null = null
  const any = compiled.byProtocol.get(ALL) ?? NO_RULES
  const own = packet.protocol === ALL ? NO_RULES : (compiled.byProtocol.get(packet.protocol) ?? NO_RULES)
  for (const rules of [any, own]) {
    for (const { rule, groupId } of rules) {
      const reach = portsOf(rule, packet, left)
      if (reach === 'none') continue
      const peerMatch = matchPeer(rule, peer, lists, groupId)
      if (peerMatch === 'no') {
        if (
          rule.peer.kind === 'group' &&
          peer.referable === 'no' &&
          peer.groupIds?.includes(rule.peer.groupId)
        ) {
          unusedReference = rule
        }
        continue
      }
      if (peerMatch !== 'yes') {
        missing ??= peerMatch
        continue
      }
      if (reach === 'all' || left === null) return { verdict: 'pass', rule, groupId }
      left = subtract(left, rule.fromPort ?? 0, rule.toPort ?? 65535)
      if (left.length === 0) return { verdict: 'pass', rule, groupId }
    }
  }
  const [gone] = absent
  if (gone !== undefined) return { verdict: 'unknown', missing: { kind: 'group', id: gone } }
  if (missing !== null) return { verdict: 'unknown', missing }
  return { verdict: 'block', denied: left, unusedReference, noRules: compiled.count === 0 }
}

function portsOf(rule: GroupRule, packet: Packet, left: Ranges | null): 'all' | 'some' | 'none' {
  if (rule.protocol === ALL) return 'all'
  if (isIcmp(packet.protocol)) {
    if (packet.icmp === null) return 'all'
    const type = rule.fromPort ?? -1
    const code = rule.toPort ?? -1
    return (type === -1 || type === packet.icmp.type) && (code === -1 || code === packet.icmp.code)
      ? 'all'
      : 'none'
  }
  if (left === null) return 'all'
  // -1 for the ports of a TCP or UDP rule is how some answers write "all ports".
  if (rule.fromPort === null || rule.toPort === null || rule.fromPort === -1) return 'all'
  let covered = true
  let touched = false
  for (const [a, b] of left) {
    if (rule.fromPort <= a && b <= rule.toPort) touched = true
    else {
      covered = false
      if (a <= rule.toPort && rule.fromPort <= b) touched = true
    }
  }
  return covered ? 'all' : touched ? 'some' : 'none'
}

function matchPeer(
  rule: GroupRule,
  peer: Peer,
  lists: ReadonlyMap<string, PrefixList>,
  groupId: string,
): 'yes' | 'no' | GroupMissing {
  switch (rule.peer.kind) {
    case 'cidr':
      if (contains(rule.peer.prefix, peer.address)) return 'yes'
      return overlaps(rule.peer.prefix, peer.address) ? { kind: 'address', groupId } : 'no'
    case 'group': {
      if (peer.referable === 'no') return 'no'
      if (peer.groupIds === null) return { kind: 'reference', groupId: rule.peer.groupId }
      if (!peer.groupIds.includes(rule.peer.groupId)) return 'no'
      return peer.referable === 'unknown' ? { kind: 'reference', groupId: rule.peer.groupId } : 'yes'
    }
    case 'prefix-list': {
      const { id } = rule.peer
      if (peer.listId === id) return 'yes'
      const list = lists.get(id)
      if (list === undefined || list.entries === null) return { kind: 'prefix-list', id }
      let partly = false
      for (const entry of list.entries) {
        if (contains(entry, peer.address)) return 'yes'
        if (overlaps(entry, peer.address)) partly = true
      }
      return partly ? { kind: 'address', groupId } : 'no'
    }
  }
}
