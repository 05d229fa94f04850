import ipaddr from 'ipaddr.js'

/** Whether a text is an IPv6 address or prefix. */
export function isV6(text: string): boolean {
  return text.includes(':')
}

/** Whether an address lies in a prefix of the same family. */
export function within(address: string, cidr: string): boolean {
  if (isV6(address) !== isV6(cidr)) return false
  const [range, bits] = ipaddr.parseCIDR(cidr)
  return ipaddr.parse(address).match(range, bits)
}

/** The address at an offset from the start of a prefix. */
export function addressAt(cidr: string, offset: number): string {
  const [base] = ipaddr.parseCIDR(cidr)
  const bytes = base.toByteArray()
  let carry = offset
  for (let at = bytes.length - 1; at >= 0 && carry > 0; at -= 1) {
    const sum = (bytes[at] ?? 0) + carry
    bytes[at] = sum % 256
    carry = Math.floor(sum / 256)
  }
  return ipaddr.fromByteArray(bytes).toString()
}

/** An address with the prefix length of a single host. */
export function host(address: string): string {
  return `${address}/${isV6(address) ? 128 : 32}`
}

/** Ranges of a call's answer that overlap would make an nft set refuse: those inside another are left out. */
export function disjoint(cidrs: readonly string[]): readonly string[] {
  const unique = [...new Set(cidrs.map(canonical))]
  return unique.filter((cidr) => !unique.some((other) => other !== cidr && covers(other, cidr)))
}

/** A prefix with its host bits cleared, as AWS itself stores it and as nft wants it. */
export function canonical(cidr: string): string {
  const [address, bits] = ipaddr.parseCIDR(cidr)
  const network =
    address.kind() === 'ipv4'
      ? ipaddr.IPv4.networkAddressFromCIDR(cidr)
      : ipaddr.IPv6.networkAddressFromCIDR(cidr)
  return `${network.toString()}/${bits}`
}

function covers(outer: string, inner: string): boolean {
  const [address, bits] = ipaddr.parseCIDR(inner)
  const [, outerBits] = ipaddr.parseCIDR(outer)
  return outerBits <= bits && within(address.toString(), outer)
}
