const NUMBERS: Readonly<Record<string, string>> = { tcp: '6', udp: '17', icmp: '1', icmpv6: '58', all: '-1' }
const NAMES: Readonly<Record<string, string>> = {
  '6': 'tcp',
  '17': 'udp',
  '1': 'icmp',
  '58': 'icmpv6',
  all: '-1',
}

/** A protocol as network ACLs write it: its number; `-1` for every protocol. */
export function protocolOf(protocol: string): string {
  return NUMBERS[protocol] ?? protocol
}

/** A protocol as security groups write it: its name where it has one. */
export function protocolName(protocol: string): string {
  return NAMES[protocol] ?? protocol
}
