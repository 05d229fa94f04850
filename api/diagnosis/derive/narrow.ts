import { parsePrefix } from '../../network/address.js'
import type { Change } from '../diagnosis.js'
import { isRaw, number, PLACES, type Raw, records, strings, text } from '../raw.js'
import { protocolOf } from './protocols.js'
import { byId, groupIdsOf, interfaceAt, type Option, type Situation, within } from './situation.js'

type Revoke = Extract<Change, { kind: 'revoke-security-group' }>

/** The address of the target as the packet reached it. */
function targetAddress(situation: Situation): string {
  const [first] = situation.trace.perSubnet
  const hops = (first ?? situation.trace).hops
  return hops.at(-1)?.packet.destination ?? ''
}

function sourceAddress(situation: Situation): string {
  const [first] = situation.trace.perSubnet
  return (first ?? situation.trace).hops[0]?.packet.source ?? ''
}

function matchesTraffic(situation: Situation, permission: Raw): boolean {
  const protocol = text(permission, 'IpProtocol')
  if (protocol === '-1') return true
  if (protocolOf(protocol) !== protocolOf(situation.question.flow.protocol)) return false
  const { port } = situation.question.flow
  const [from, to] = [number(permission, 'FromPort'), number(permission, 'ToPort')]
  return port === null || from === null || to === null || from === -1 || (from <= port && port <= to)
}

function prefixListCovers(situation: Situation, listId: string, address: string): boolean {
  const listed = byId(situation.snapshot, PLACES.prefixList, listId)
  const entries = situation.snapshot.documents
    .filter((document) => document.call === 'get-managed-prefix-list-entries' && document.key === listId)
    .flatMap((document) =>
      records(isRaw(document.body) ? document.body : undefined, 'Entries').map((entry) =>
        text(entry, 'Cidr'),
      ),
    )
  if (parsePrefix(address) === null) {
    const managed = listed ?? byId(situation.snapshot, PLACES.managedPrefixList, listId)
    return situation.service !== null && text(managed, 'PrefixListName') === situation.service
  }
  return within(address, [...strings(listed, 'Cidrs'), ...entries])
}

/** An end that the trace gives by name (`internet`, a service's host) is met by the rules for everywhere. */
function admits(cidr: string, far: string): boolean {
  return parsePrefix(far) === null ? /^(0\.0\.0\.0|::)\/0$/.test(cidr) : within(far, [cidr])
}

/** The rules of a group by which the packet passes, one for each peer that admits it. */
function openings(
  situation: Situation,
  groupId: string,
  direction: 'ingress' | 'egress',
  far: string,
): readonly Revoke[] {
  const group = byId(situation.snapshot, PLACES.securityGroup, groupId)
  const farGroups =
    direction === 'ingress'
      ? [...situation.standpoint.groupIds, ...groupIdsOf(interfaceAt(situation.snapshot, far))]
      : groupIdsOf(interfaceAt(situation.snapshot, far))
  return records(group, direction === 'ingress' ? 'IpPermissions' : 'IpPermissionsEgress')
    .filter((permission) => matchesTraffic(situation, permission))
    .flatMap((permission) => {
      const peers: readonly Revoke['peer'][] = [
        ...records(permission, 'UserIdGroupPairs')
          .map((pair) => text(pair, 'GroupId'))
          .filter((id) => farGroups.includes(id))
          .map((id) => ({ groupId: id })),
        ...[
          ...records(permission, 'IpRanges').map((one) => text(one, 'CidrIp')),
          ...records(permission, 'Ipv6Ranges').map((one) => text(one, 'CidrIpv6')),
        ]
          .filter((cidr) => admits(cidr, far))
          .map((cidr) => ({ cidr })),
        ...records(permission, 'PrefixListIds')
          .map((one) => text(one, 'PrefixListId'))
          .filter((id) => prefixListCovers(situation, id, far))
          .map((prefixListId) => ({ prefixListId })),
      ]
      return peers.map((peer) => ({
        kind: 'revoke-security-group' as const,
        direction,
        groupId,
        protocol: text(permission, 'IpProtocol'),
        fromPort: number(permission, 'FromPort'),
        toPort: number(permission, 'ToPort'),
        peer,
      }))
    })
}

/**
 * What closes a path that must not be open: the inbound rules of the target that admit the packet, else the outbound
 * rules of the source that let it go. All of them, since groups only add up.
 */
export function deriveNarrowing(situation: Situation): readonly Option[] {
  const [from, to] = [sourceAddress(situation), targetAddress(situation)]
  const target = interfaceAt(situation.snapshot, to)
  const inbound = groupIdsOf(target).flatMap((group) => openings(situation, group, 'ingress', from))
  const outbound = situation.standpoint.groupIds.flatMap((group) => openings(situation, group, 'egress', to))
  return inbound.length > 0 ? [inbound] : outbound.length > 0 ? [outbound] : []
}
