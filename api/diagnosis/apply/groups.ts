import type { Change } from '../diagnosis.js'
import { PLACES, type Raw, records, text } from '../raw.js'
import { ChangeError, type Draft } from './draft.js'

type Authorize = Extract<Change, { kind: 'authorize-security-group' }>
type Revoke = Extract<Change, { kind: 'revoke-security-group' }>
type CreateGroup = Extract<Change, { kind: 'create-security-group' }>
type PutEntry = Extract<Change, { kind: 'put-network-acl-entry' }>
type DeleteEntry = Extract<Change, { kind: 'delete-network-acl-entry' }>
export type Peer = Authorize['peer']

const LISTS = ['UserIdGroupPairs', 'IpRanges', 'Ipv6Ranges', 'PrefixListIds'] as const

/** Where a peer stands in an `IpPermissions` entry: the list, and the field that names it. */
function peerField(peer: Peer): { list: (typeof LISTS)[number]; field: string; value: string } {
  if ('groupId' in peer) return { list: 'UserIdGroupPairs', field: 'GroupId', value: peer.groupId }
  if ('prefixListId' in peer)
    return { list: 'PrefixListIds', field: 'PrefixListId', value: peer.prefixListId }
  return peer.cidr.includes(':')
    ? { list: 'Ipv6Ranges', field: 'CidrIpv6', value: peer.cidr }
    : { list: 'IpRanges', field: 'CidrIp', value: peer.cidr }
}

const permissionsField = (direction: 'ingress' | 'egress') =>
  direction === 'ingress' ? 'IpPermissions' : 'IpPermissionsEgress'

function sameTraffic(permission: Raw, change: Authorize | Revoke): boolean {
  const port = (field: string) => (typeof permission[field] === 'number' ? permission[field] : null)
  return (
    text(permission, 'IpProtocol') === change.protocol &&
    port('FromPort') === change.fromPort &&
    port('ToPort') === change.toPort
  )
}

/**
 * AWS shows one entry per protocol and port range: a new peer joins the entry that is there. A rule that exists is refused, as AWS does
 * with `InvalidPermission.Duplicate` (EC2 API reference, "Error codes").
 */
export function authorizeGroup(draft: Draft, change: Authorize): void {
  const group = draft.get(PLACES.securityGroup, change.groupId)
  if ('groupId' in change.peer) draft.get(PLACES.securityGroup, change.peer.groupId)
  const field = permissionsField(change.direction)
  const { list, field: peerName, value } = peerField(change.peer)
  const peer =
    'groupId' in change.peer ? { GroupId: value, UserId: text(group, 'OwnerId') } : { [peerName]: value }
  const permissions = records(group, field)
  const alike = permissions.filter((permission) => sameTraffic(permission, change))
  const [joined] = alike
  if (alike.some((permission) => records(permission, list).some((one) => one[peerName] === value))) {
    throw new ChangeError(`${change.groupId} has that ${change.direction} rule for ${value} already`)
  }
  const empty = { UserIdGroupPairs: [], IpRanges: [], Ipv6Ranges: [], PrefixListIds: [] }
  const ports = change.fromPort === null ? {} : { FromPort: change.fromPort, ToPort: change.toPort }
  const next =
    joined === undefined
      ? [...permissions, { IpProtocol: change.protocol, ...ports, ...empty, [list]: [peer] }]
      : permissions.map((permission) =>
          permission === joined ? { ...joined, [list]: [...records(joined, list), peer] } : permission,
        )
  draft.put(PLACES.securityGroup, change.groupId, { ...group, [field]: next })
}

/** Takes the peer out of its entry, and the entry away once it admits nobody. */
export function revokeGroup(draft: Draft, change: Revoke): void {
  const group = draft.get(PLACES.securityGroup, change.groupId)
  const field = permissionsField(change.direction)
  const { list, field: peerName, value } = peerField(change.peer)
  let found = false
  const next = records(group, field).flatMap((permission) => {
    if (!sameTraffic(permission, change)) return [permission]
    const peers = records(permission, list)
    const kept = peers.filter((one) => one[peerName] !== value)
    if (kept.length === peers.length) return [permission]
    found = true
    const left = { ...permission, [list]: kept }
    return LISTS.some((name) => records(left, name).length > 0) ? [left] : []
  })
  if (!found) throw new ChangeError(`${change.groupId} has no such ${change.direction} rule for ${value}`)
  draft.put(PLACES.securityGroup, change.groupId, { ...group, [field]: next })
}

/** A new group admits nothing and lets everything out (VPC user guide, "Create a security group"). */
export function createGroup(draft: Draft, change: CreateGroup): void {
  const vpc = draft.get(PLACES.vpc, change.vpcId)
  const out = {
    IpProtocol: '-1',
    UserIdGroupPairs: [],
    IpRanges: [{ CidrIp: '0.0.0.0/0' }],
    Ipv6Ranges: [],
    PrefixListIds: [],
  }
  draft.add(
    PLACES.securityGroup,
    change.as,
    {
      GroupId: change.as,
      GroupName: change.name,
      Description: change.description,
      IpPermissions: [],
      IpPermissionsEgress: [out],
      OwnerId: text(vpc, 'OwnerId'),
      Tags: [],
      VpcId: change.vpcId,
    },
    { place: PLACES.vpc, id: change.vpcId },
  )
}

const LAST_RULE_NUMBER = 32766

export function putAclEntry(draft: Draft, change: PutEntry): void {
  const acl = draft.get(PLACES.networkAcl, change.networkAclId)
  if (change.ruleNumber < 1 || change.ruleNumber > LAST_RULE_NUMBER) {
    throw new ChangeError(`rule number ${change.ruleNumber} is not within 1 and ${LAST_RULE_NUMBER}`)
  }
  const entries = records(acl, 'Entries')
  if (entries.some((one) => isEntry(one, change))) {
    throw new ChangeError(`${change.networkAclId} has an ${sideOf(change)} rule ${change.ruleNumber} already`)
  }
  const entry: Raw = {
    ...(change.cidr.includes(':') ? { Ipv6CidrBlock: change.cidr } : { CidrBlock: change.cidr }),
    Egress: change.egress,
    ...(change.fromPort === null ? {} : { PortRange: { From: change.fromPort, To: change.toPort } }),
    Protocol: change.protocol,
    RuleAction: change.action,
    RuleNumber: change.ruleNumber,
  }
  draft.put(PLACES.networkAcl, change.networkAclId, { ...acl, Entries: [...entries, entry] })
}

/** @throws {ChangeError} where there is no such rule; the last one, `*`, can't be removed either (VPC user guide, network ACL rules) */
export function deleteAclEntry(draft: Draft, change: DeleteEntry): void {
  const acl = draft.get(PLACES.networkAcl, change.networkAclId)
  if (change.ruleNumber > LAST_RULE_NUMBER) {
    throw new ChangeError(`the last rule of ${change.networkAclId} can't be deleted`)
  }
  const entries = records(acl, 'Entries')
  const kept = entries.filter((one) => !isEntry(one, change))
  if (kept.length === entries.length) {
    throw new ChangeError(`${change.networkAclId} has no ${sideOf(change)} rule ${change.ruleNumber}`)
  }
  draft.put(PLACES.networkAcl, change.networkAclId, { ...acl, Entries: kept })
}

function isEntry(entry: Raw, { ruleNumber, egress }: PutEntry | DeleteEntry): boolean {
  return entry['RuleNumber'] === ruleNumber && entry['Egress'] === egress
}

function sideOf({ egress }: PutEntry | DeleteEntry): string {
  return egress ? 'outbound' : 'inbound'
}
