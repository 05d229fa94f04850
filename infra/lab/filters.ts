import { portsOf } from './account.js'
import { isV6 } from './addresses.js'
import { number, type Raw, record } from './documents.js'

const TCP = '6'
const UDP = '17'
const ICMP = '1'
const ICMPV6 = '58'
const NUMBERS: Readonly<Record<string, string>> = {
  tcp: TCP,
  udp: UDP,
  icmp: ICMP,
  icmpv6: ICMPV6,
  all: '-1',
}

/** A protocol as AWS writes it, a name or a number, as a number; -1 is all of them. */
export function protocolOf(name: string): string {
  return NUMBERS[name.toLowerCase()] ?? name
}

/**
 * The part of an nft rule that stands for protocol and ports; null where nothing can match. A rule without ports, or
 * with protocol -1, holds for all of them.
 */
export function trafficMatch(protocol: string, ports: readonly [number, number] | null): string {
  if (protocol === '-1') return ''
  if ((protocol === TCP || protocol === UDP) && ports !== null) {
    const name = protocol === TCP ? 'tcp' : 'udp'
    return `${name} dport ${ports[0]}-${ports[1]}`
  }
  return `meta l4proto ${protocol}`
}

/** Type and code of an ICMP rule of a security group: they stand in the fields for ports, -1 being any. */
export function groupTraffic(rule: Raw, protocol: string): string {
  if (protocol !== ICMP && protocol !== ICMPV6) return trafficMatch(protocol, portsOf(rule))
  return icmpMatch(protocol, number(rule, 'FromPort'), number(rule, 'ToPort'))
}

/** Traffic of an entry of a network ACL. */
export function aclTraffic(entry: Raw, protocol: string): string {
  if (protocol !== ICMP && protocol !== ICMPV6)
    return trafficMatch(protocol, portsOf(record(entry, 'PortRange'), 'From', 'To'))
  const icmp = record(entry, 'IcmpTypeCode')
  return icmpMatch(protocol, number(icmp, 'Type'), number(icmp, 'Code'))
}

function icmpMatch(protocol: string, type: number | null, code: number | null): string {
  const name = protocol === ICMP ? 'icmp' : 'icmpv6'
  if (type === null || type === -1) return `meta l4proto ${protocol}`
  return code === null || code === -1 ? `${name} type ${type}` : `${name} type ${type} ${name} code ${code}`
}

/** The part of an nft rule that stands for a prefix; all of a family's addresses are just the family. */
export function addressMatch(side: 'saddr' | 'daddr', cidr: string): string {
  const family = isV6(cidr) ? 'ip6' : 'ip'
  if (cidr.endsWith('/0')) return `meta nfproto ${isV6(cidr) ? 'ipv6' : 'ipv4'}`
  return `${family} ${side} ${cidr}`
}
