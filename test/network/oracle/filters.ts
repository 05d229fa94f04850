import { type End, type Shot, withPorts } from './packet.js'
import { type Answers, byId, inside, type Json, list, number, part, text } from './raw.js'

const PROTOCOLS: { readonly [name: string]: number } = { '-1': -1, tcp: 6, udp: 17, icmp: 1, icmpv6: 58 }
const protocolOf = (o: Json, key: string): number => {
  const value = text(o, key) ?? '-1'
  return PROTOCOLS[value] ?? Number(value)
}

/** A subnet's ACL on one packet: entries by number, the first match decides, nothing matched is a denial. */
export function aclDenies(answers: Answers, subnet: string, egress: boolean, p: Shot): string | null {
  const acl = list(answers.get('describe-network-acls'), 'NetworkAcls').find((a) =>
    list(a, 'Associations').some((s) => s['SubnetId'] === subnet),
  )
  if (acl === undefined) throw new Error(`no ACL for ${subnet}`)
  const entries = list(acl, 'Entries')
    .filter((e) => e['Egress'] === egress)
    .toSorted((a, b) => (number(a, 'RuleNumber') ?? 0) - (number(b, 'RuleNumber') ?? 0))
  const remote = egress ? p.dst : p.src
  for (const e of entries) {
    const cidr = text(e, 'CidrBlock')
    if (cidr === null || !inside(cidr, remote)) continue
    const protocol = protocolOf(e, 'Protocol')
    if (protocol !== -1) {
      if (protocol !== p.protocol) continue
      const range = part(e, 'PortRange')
      if (withPorts(protocol) && range !== undefined) {
        if (p.dport < (number(range, 'From') ?? 0) || p.dport > (number(range, 'To') ?? 65535)) continue
      }
      const icmp = part(e, 'IcmpTypeCode')
      if (protocol === 1 && icmp !== undefined) {
        const [type, code] = [number(icmp, 'Type') ?? -1, number(icmp, 'Code') ?? -1]
        if ((type !== -1 && type !== p.type) || (code !== -1 && code !== p.code)) continue
      }
    }
    return e['RuleAction'] === 'allow' ? null : text(acl, 'NetworkAclId')
  }
  return text(acl, 'NetworkAclId')
}

/** How one end's groups see the other: its address, and its groups where a reference to them counts. */
export interface Other {
  readonly address: string
  readonly groups: readonly string[]
  readonly references: 'count' | 'lost' | 'lost in transit'
}

/** The union of an end's groups on one packet; null if some rule admits it. */
export function groupsDeny(
  answers: Answers,
  end: End,
  egress: boolean,
  p: Shot,
  other: Other,
): string | null {
  if (end.ungrouped) return null
  let rules = 0
  let referenced = false
  for (const id of end.groups) {
    const group = byId(answers, 'describe-security-groups', 'SecurityGroups', 'GroupId', id)
    if (group === undefined) throw new Error(`no group ${id}`)
    for (const rule of list(group, egress ? 'IpPermissionsEgress' : 'IpPermissions')) {
      const counted = ['IpRanges', 'Ipv6Ranges', 'UserIdGroupPairs', 'PrefixListIds']
      rules += counted.reduce((n, key) => n + list(rule, key).length, 0)
      if (!admits(rule, p)) continue
      if (list(rule, 'IpRanges').some((r) => inside(text(r, 'CidrIp') ?? '', other.address))) return null
      for (const l of list(rule, 'PrefixListIds')) {
        const entries = list(
          answers.get(`get-managed-prefix-list-entries ${text(l, 'PrefixListId')}`),
          'Entries',
        )
        if (entries.some((e) => inside(text(e, 'Cidr') ?? '', other.address))) return null
      }
      if (list(rule, 'UserIdGroupPairs').some((g) => other.groups.includes(text(g, 'GroupId') ?? ''))) {
        if (other.references === 'count') return null
        referenced = true
      }
    }
  }
  const first = end.groups[0] ?? end.name
  if (referenced) {
    const code = other.references === 'lost' ? 'SG_REFERENCES_NOT_PRESERVED' : 'SG_REFERENCING_SUPPORT'
    return `${code} ${first}`
  }
  return `${rules === 0 ? 'SG_HAS_NO_RULES' : 'ENI_SG_RULES_MISMATCH'} ${first}`
}

function admits(rule: Json, p: Shot): boolean {
  const protocol = protocolOf(rule, 'IpProtocol')
  if (protocol === -1) return true
  if (protocol !== p.protocol) return false
  const from = number(rule, 'FromPort') ?? -1
  const to = number(rule, 'ToPort') ?? -1
  if (protocol === 1) return (from === -1 || from === p.type) && (to === -1 || to === p.code)
  return !withPorts(protocol) || from === -1 || (from <= p.dport && p.dport <= to)
}
