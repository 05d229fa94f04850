import { contains, overlaps, type Prefix } from '../address.js'
import type { AclEntry, NetworkAcl } from '../entities.js'
import { ALL, hasPorts, isIcmp, type Packet } from './packet.js'
import { intersect, type Ranges, subtract } from './ports.js'

export type AclVerdict =
  | { readonly verdict: 'pass'; readonly entry: AclEntry }
  /** `entry` is null for the implicit deny (`*`); `denied` are the ports that don't get through, null where ports don't count. */
  | { readonly verdict: 'block'; readonly entry: AclEntry | null; readonly denied: Ranges | null }
  /** The rules tell addresses apart that the packet's range holds together. */
  | { readonly verdict: 'unknown'; readonly entry: AclEntry }

export interface CompiledAcl {
  readonly ingress: readonly AclEntry[]
  readonly egress: readonly AclEntry[]
}

export const compileAcl = (acl: NetworkAcl): CompiledAcl => ({ ingress: acl.ingress, egress: acl.egress })

/**
 * Judges a packet at a subnet's edge: lowest number first, the first entry that matches decides, and what nothing
 * matches is denied. Stateless: replies are judged like any other packet. Entries match the remote address and the
 * destination port; IPv4 and IPv6 entries are apart because their prefixes never meet; with protocol -1 ports are
 * ignored. A range of ports passes only if all of it does.
 *
 * https://docs.aws.amazon.com/vpc/latest/userguide/nacl-rules.html
 * https://docs.aws.amazon.com/vpc/latest/userguide/nacl-ephemeral-ports.html
 */
export function judgeAcl(entries: readonly AclEntry[], packet: Packet, remote: Prefix): AclVerdict {
  if (packet.protocol === ALL) return judgeEvery(entries, packet, remote)
  return judgeFrom(entries, 0, packet, remote, hasPorts(packet.protocol) ? packet.destinationPorts : null)
}

/** Every protocol passes if each does: those that entries name, with the ICMP types that they name, and any other. */
function judgeEvery(entries: readonly AclEntry[], packet: Packet, remote: Prefix): AclVerdict {
  let last: AclVerdict | null = null
  for (const kind of kindsNamed(entries)) {
    const one = judgeAcl(entries, { ...packet, ...kind }, remote)
    if (one.verdict === 'block') return one
    if (last?.verdict !== 'unknown') last = one
  }
  return last ?? { verdict: 'block', entry: null, denied: null }
}

/** Stands for every protocol number, ICMP type and code that no entry names. */
const NO_ONES = 253

function kindsNamed(entries: readonly AclEntry[]): readonly Pick<Packet, 'protocol' | 'icmp'>[] {
  const kinds: Pick<Packet, 'protocol' | 'icmp'>[] = []
  for (const protocol of new Set([...entries.map((e) => e.protocol), NO_ONES])) {
    if (protocol === ALL) continue
    if (!isIcmp(protocol)) {
      kinds.push({ protocol, icmp: null })
      continue
    }
    const own = entries.filter((e) => e.protocol === protocol)
    const types = new Set([...own.map((e) => e.icmpType ?? -1), NO_ONES])
    const codes = new Set([...own.map((e) => e.icmpCode ?? -1), NO_ONES])
    for (const type of types)
      for (const code of codes) if (type !== -1 && code !== -1) kinds.push({ protocol, icmp: { type, code } })
  }
  return kinds
}

function judgeFrom(
  entries: readonly AclEntry[],
  start: number,
  packet: Packet,
  remote: Prefix,
  ports: Ranges | null,
): AclVerdict {
  let left = ports
  let allowed: AclEntry | null = null
  for (let i = start; i < entries.length; i++) {
    const entry = entries[i]
    if (entry === undefined) break
    if (!overlaps(entry.prefix, remote)) continue
    const matched = matches(entry, packet, left)
    if (matched === 'none') continue
    if (!contains(entry.prefix, remote)) return split(entries, i, entry, packet, remote, left)
    if (matched === 'all') {
      if (entry.allow) return { verdict: 'pass', entry: allowed ?? entry }
      return { verdict: 'block', entry, denied: left }
    }
    if (!entry.allow) {
      const denied = left === null ? null : intersect(left, entry.fromPort ?? 0, entry.toPort ?? 65535)
      return { verdict: 'block', entry, denied }
    }
    if (left !== null) {
      left = subtract(left, entry.fromPort ?? 0, entry.toPort ?? 65535)
      allowed = entry
    }
  }
  return { verdict: 'block', entry: null, denied: left }
}

/** An entry that covers part of an address range: if both parts end alike, that is the answer. */
function split(
  entries: readonly AclEntry[],
  index: number,
  entry: AclEntry,
  packet: Packet,
  remote: Prefix,
  ports: Ranges | null,
): AclVerdict {
  const inside = judgeFrom([{ ...entry, prefix: remote }], 0, packet, remote, ports)
  const outside = judgeFrom(entries, index + 1, packet, remote, ports)
  if (inside.verdict === 'pass' && outside.verdict === 'pass') return outside
  if (inside.verdict === 'block' && outside.verdict === 'block') {
    // An allow entry for only some of the ports is no denial by itself: the rest falls to what follows.
    return entry.allow ? outside : inside
  }
  return { verdict: 'unknown', entry }
}

/** How much of the packet an entry speaks for, its address aside. */
function matches(entry: AclEntry, packet: Packet, ports: Ranges | null): 'all' | 'some' | 'none' {
  if (entry.protocol === ALL) return 'all'
  if (entry.protocol !== packet.protocol) return 'none'
  if (isIcmp(packet.protocol)) return icmpMatches(entry, packet) ? 'all' : 'none'
  if (ports === null || entry.fromPort === null || entry.toPort === null) return 'all'
  let covered = true
  let touched = false
  for (const [a, b] of ports) {
    if (entry.fromPort <= a && b <= entry.toPort) touched = true
    else {
      covered = false
      if (a <= entry.toPort && entry.fromPort <= b) touched = true
    }
  }
  return covered ? 'all' : touched ? 'some' : 'none'
}

function icmpMatches(entry: AclEntry, packet: Packet): boolean {
  if (packet.icmp === null) return true
  const type = entry.icmpType ?? -1
  const code = entry.icmpCode ?? -1
  return (type === -1 || type === packet.icmp.type) && (code === -1 || code === packet.icmp.code)
}
