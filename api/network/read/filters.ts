import { type Prefix, parsePrefix } from '../address.js'
import type { AclEntry, GroupRule, NetworkAcl, PrefixList, Raw, SecurityGroup } from '../entities.js'
import {
  answer,
  bool,
  need,
  num,
  object,
  objects,
  prefix,
  protocol,
  type Source,
  str,
  strings,
  wrong,
} from './source.js'

/** `describe-security-groups`: each permission becomes one rule per peer, since peers are judged one by one. */
export function readSecurityGroups(source: Source, groups: Map<string, SecurityGroup>): boolean {
  const items = answer(source, 'SecurityGroups')
  for (const o of items ?? []) {
    const id = need(source, o, 'GroupId')
    if (id === null) continue
    groups.set(id, {
      id,
      vpcId: str(source, o, 'VpcId'),
      name: str(source, o, 'GroupName'),
      ownerId: str(source, o, 'OwnerId'),
      ingress: rules(source, o, 'IpPermissions'),
      egress: rules(source, o, 'IpPermissionsEgress'),
    })
  }
  return items !== null
}

function rules(source: Source, group: Raw, key: string): readonly GroupRule[] {
  const out: GroupRule[] = []
  for (const o of objects(source, group, key)) {
    const number = protocol(source, o, 'IpProtocol')
    if (number === null) continue
    const fromPort = num(source, o, 'FromPort')
    const toPort = num(source, o, 'ToPort')
    const add = (peer: GroupRule['peer']) => out.push({ protocol: number, fromPort, toPort, peer, raw: o })
    for (const r of objects(source, o, 'IpRanges')) {
      const p = prefix(source, r, 'CidrIp')
      if (p !== null) add({ kind: 'cidr', prefix: p })
    }
    for (const r of objects(source, o, 'Ipv6Ranges')) {
      const p = prefix(source, r, 'CidrIpv6')
      if (p !== null) add({ kind: 'cidr', prefix: p })
    }
    for (const r of objects(source, o, 'PrefixListIds')) {
      const id = need(source, r, 'PrefixListId')
      if (id !== null) add({ kind: 'prefix-list', id })
    }
    for (const r of objects(source, o, 'UserIdGroupPairs')) {
      const groupId = need(source, r, 'GroupId')
      if (groupId === null) continue
      const peeringId = str(source, r, 'VpcPeeringConnectionId')
      add({ kind: 'group', groupId, ownerId: str(source, r, 'UserId'), peeringId })
    }
  }
  return out
}

/** `describe-network-acls`: entries split by direction and sorted by number. */
export function readNetworkAcls(source: Source, acls: Map<string, NetworkAcl>): boolean {
  const items = answer(source, 'NetworkAcls')
  for (const o of items ?? []) {
    const id = need(source, o, 'NetworkAclId')
    if (id === null) continue
    const ingress: AclEntry[] = []
    const egress: AclEntry[] = []
    for (const e of objects(source, o, 'Entries')) {
      const entry = aclEntry(source, e)
      if (entry === null) continue
      if (bool(source, e, 'Egress') === true) egress.push(entry)
      else ingress.push(entry)
    }
    const byNumber = (a: AclEntry, b: AclEntry) => a.number - b.number
    acls.set(id, {
      id,
      vpcId: str(source, o, 'VpcId'),
      subnetIds: objects(source, o, 'Associations')
        .map((a) => str(source, a, 'SubnetId'))
        .filter((s) => s !== null),
      ingress: ingress.sort(byNumber),
      egress: egress.sort(byNumber),
    })
  }
  return items !== null
}

function aclEntry(source: Source, e: Raw): AclEntry | null {
  const number = num(source, e, 'RuleNumber')
  const action = need(source, e, 'RuleAction')
  const proto = protocol(source, e, 'Protocol')
  const range = prefix(source, e, 'CidrBlock') ?? prefix(source, e, 'Ipv6CidrBlock')
  if (range === null && e['CidrBlock'] === undefined && e['Ipv6CidrBlock'] === undefined) {
    wrong(source, e, 'CidrBlock', 'an IP address or CIDR')
  }
  if (number === null && e['RuleNumber'] === undefined) wrong(source, e, 'RuleNumber', 'a number')
  if (number === null || action === null || proto === null || range === null) return null
  const ports = object(source, e, 'PortRange')
  const icmp = object(source, e, 'IcmpTypeCode')
  return {
    number,
    allow: action === 'allow',
    protocol: proto,
    prefix: range,
    fromPort: ports === null ? null : num(source, ports, 'From'),
    toPort: ports === null ? null : num(source, ports, 'To'),
    icmpType: icmp === null ? null : num(source, icmp, 'Type'),
    icmpCode: icmp === null ? null : num(source, icmp, 'Code'),
    raw: e,
  }
}

/** `describe-prefix-lists` (AWS's own, with their CIDRs) and `describe-managed-prefix-lists` (names only). */
export function readPrefixLists(source: Source, lists: Map<string, PrefixList>): boolean {
  const items = answer(source, 'PrefixLists')
  for (const o of items ?? []) {
    const id = need(source, o, 'PrefixListId')
    if (id === null) continue
    const before = lists.get(id)
    const listed = Array.isArray(o['Cidrs']) ? parseAll(source, o) : null
    lists.set(id, {
      id,
      name: str(source, o, 'PrefixListName') ?? before?.name ?? null,
      entries: join(before, listed),
    })
  }
  return items !== null
}

function parseAll(source: Source, o: Raw): readonly Prefix[] {
  const out: Prefix[] = []
  for (const text of strings(source, o, 'Cidrs')) {
    const p = parsePrefix(text)
    if (p === null) wrong(source, o, 'Cidrs', 'a list of CIDRs')
    else out.push(p)
  }
  return out
}

/** `get-managed-prefix-list-entries.PL`: the list's id is the file's key. */
export function readPrefixListEntries(source: Source, lists: Map<string, PrefixList>): boolean {
  const items = answer(source, 'Entries')
  if (items === null) return false
  const id = source.document.key.split('.')[0] ?? ''
  const entries: Prefix[] = []
  for (const o of items) {
    const p = prefix(source, o, 'Cidr')
    if (p !== null) entries.push(p)
  }
  const before = lists.get(id)
  lists.set(id, { id, name: before?.name ?? null, entries: join(before, entries) })
  return true
}

/** Pages of one list add up. */
function join(before: PrefixList | undefined, more: readonly Prefix[] | null): readonly Prefix[] | null {
  const had = before?.entries ?? null
  if (had === null) return more
  if (more === null) return had
  const seen = new Set(had.map((p) => p.text))
  return [...had, ...more.filter((p) => !seen.has(p.text))]
}
