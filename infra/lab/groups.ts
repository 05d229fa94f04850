import type { Eni, Vpc } from './account.js'
import { addressAt, canonical, disjoint, isV6 } from './addresses.js'
import { forwardersWith } from './balancers.js'
import { type Raw, records, text } from './documents.js'
import { addressMatch, groupTraffic, protocolOf } from './filters.js'
import { type Layout, namespace, namespaceOf } from './layout.js'
import { arePeeredBy } from './peering.js'

/** The address of a VPC's own resolver besides the one in its range. */
export const LINK_LOCAL_RESOLVER = '169.254.169.253'

/** The resolver in the VPC's range: its base plus two (https://docs.aws.amazon.com/vpc/latest/userguide/AmazonDNS-concepts.html). */
export function resolverOf(vpc: Vpc | undefined): string {
  const cidr = vpc?.cidrs.find((one) => !isV6(one))
  return cidr === undefined ? LINK_LOCAL_RESOLVER : addressAt(cidr, 2)
}

/**
 * The security groups of an interface, in its own namespace: stateful, the union of its groups' rules, deny by default
 * (https://docs.aws.amazon.com/vpc/latest/userguide/vpc-security-groups.html). Traffic to the Amazon resolver is not filtered.
 * Before destination NAT, so that the port that was asked for decides.
 */
export function addGroups(layout: Layout, vpc: Vpc, eni: Eni): void {
  const groups = layout.account.groups.filter((group) => eni.groups.includes(text(group, 'GroupId')))
  const space = namespace(layout, namespaceOf(eni))
  const rules = (field: string, side: 'saddr' | 'daddr') =>
    groups.flatMap((group) =>
      records(group, field).flatMap((rule) =>
        permission(layout, eni.vpcId, rule, side).map((one) => `    ${one} accept`),
      ),
    )
  space.nft.push(
    'table inet groups {',
    '  chain inbound {',
    '    type filter hook prerouting priority -150; policy accept;',
    '    iifname != "eth0" accept',
    '    ct state established,related accept',
    ...rules('IpPermissions', 'saddr'),
    '    drop',
    '  }',
    '  chain outbound {',
    '    type filter hook postrouting priority 0; policy accept;',
    '    oifname != "eth0" accept',
    '    ct state established,related accept',
    `    ip daddr { ${resolverOf(vpc)}, ${LINK_LOCAL_RESOLVER} } meta l4proto { tcp, udp } th dport 53 accept`,
    ...rules('IpPermissionsEgress', 'daddr'),
    '    drop',
    '  }',
    '}',
  )
}

/** The nft matches of one permission: one for each kind of peer that it names. */
function permission(layout: Layout, vpcId: string, rule: Raw, side: 'saddr' | 'daddr'): readonly string[] {
  const traffic = groupTraffic(rule, protocolOf(text(rule, 'IpProtocol')))
  const cidrs = [
    ...records(rule, 'IpRanges').map((one) => text(one, 'CidrIp')),
    ...records(rule, 'Ipv6Ranges').map((one) => text(one, 'CidrIpv6')),
    ...records(rule, 'PrefixListIds').flatMap(
      (one) => layout.account.prefixLists.get(text(one, 'PrefixListId')) ?? [],
    ),
  ]
  const named = records(rule, 'UserIdGroupPairs').map((one) => text(one, 'GroupId'))
  const members = named.flatMap((id) => membersOf(layout, vpcId, id))
  // Under its client's address a packet comes from the load balancer that signed it: a reference means that one, not the client
  // (https://docs.aws.amazon.com/elasticloadbalancing/latest/network/load-balancer-security-groups.html).
  const inward = side === 'saddr' ? named.map((id) => forwardersWith(layout.account, id)) : []
  const signs = inward.some((numbers) => numbers !== null)
  const forwarders = [...new Set(inward.flatMap((numbers) => numbers ?? []))]
  return [
    ...cidrs.map((cidr) => `${addressMatch(side, canonical(cidr))} ${traffic}`),
    ...(['ip', 'ip6'] as const).flatMap((family) => {
      const unsigned = signs && family === 'ip' ? 'ip dscp 0' : ''
      const addresses = members.filter((address) => isV6(address) === (family === 'ip6'))
      return addresses.length === 0
        ? []
        : [`${family} ${side} { ${disjoint(addresses.map(whole)).join(', ')} } ${unsigned} ${traffic}`]
    }),
    ...forwarders.map((number) => `ip dscp ${number} ${traffic}`),
  ]
}

const whole = (address: string) => `${address}/${isV6(address) ? 128 : 32}`

/**
 * The private addresses that a reference to a group stands for: those of its interfaces in this VPC or in one that is peered with it
 * (https://docs.aws.amazon.com/vpc/latest/peering/vpc-peering-security-groups.html).
 */
function membersOf(layout: Layout, vpcId: string, groupId: string): readonly string[] {
  return layout.account.enis
    .filter((eni) => eni.groups.includes(groupId))
    .filter((eni) => eni.vpcId === vpcId || arePeeredBy(layout.account, eni.vpcId, vpcId, 'packets'))
    .flatMap((eni) => eni.addresses)
}
