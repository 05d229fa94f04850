import { isIP } from 'node:net'

/**
 * An IP address as a number, so that ranges are compared and not spelled: a number for IPv4, which costs a fraction of a bigint,
 * and a bigint for IPv6. Only addresses of one family are compared.
 */
export interface Address {
  readonly family: 4 | 6
  readonly bits: number | bigint
}

/** An address range; a single address is a range of full length. */
export interface AddressRange extends Address {
  readonly prefix: number
  /** The highest address of the range, of which `bits` is the lowest. */
  readonly last: number | bigint
}

/** Reads an address; undefined where it isn't one. A zone (`%eth0`) is dropped. */
export function parseAddress(text: string): Address | undefined {
  const family = isIP(text)
  if (family === 4) return { family: 4, bits: bitsOfV4(text) }
  if (family === 6) return { family: 6, bits: bitsOfV6(text.split('%', 1)[0] ?? '') }
  return undefined
}

/**
 * Reads an address or a CIDR range; undefined where it is neither.
 * A range with bits set beyond its prefix isn't one either: `10.0.0.5/24` may mean one host or 256.
 */
export function parseRange(text: string): AddressRange | undefined {
  const slash = text.indexOf('/')
  const address = parseAddress(slash < 0 ? text : text.slice(0, slash))
  if (!address) return undefined
  const width = widthOf(address.family)
  if (slash < 0) return rangeOf(address, width)
  const length = text.slice(slash + 1)
  if (!/^(0|[1-9][0-9]{0,2})$/.test(length)) return undefined
  const prefix = Number(length)
  if (prefix > width) return undefined
  const range = rangeOf(address, prefix)
  return range.bits === address.bits ? range : undefined
}

export function inRange(address: Address, range: AddressRange): boolean {
  return address.family === range.family && address.bits >= range.bits && address.bits <= range.last
}

/** The IPv4 address inside an IPv4-mapped, IPv4-compatible or NAT64 address; any other address unchanged. */
export function embedded(address: Address): Address {
  // `::` and `::1` lie in the range of compatible addresses without being any.
  if (address.family === 4 || address.bits <= 1n) return address
  if (!embeddings.some((range) => inRange(address, range))) return address
  return { family: 4, bits: Number(BigInt(address.bits) & 0xffff_ffffn) }
}

/** `public` means routable on the internet; what a VPC uses for itself is `private`. */
export function addressKind(text: string): 'private' | 'public' {
  const address = parseAddress(text)
  return address && privateRanges.some((range) => inRange(embedded(address), range)) ? 'private' : 'public'
}

/** Whether two spellings name the same address. */
export function sameAddress(a: string, b: string): boolean {
  const left = parseAddress(a)
  const right = parseAddress(b)
  if (!left || !right) return false
  const x = embedded(left)
  const y = embedded(right)
  return x.family === y.family && x.bits === y.bits
}

/**
 * Ranges written in the source. They are not validated as input is: `isIP` compiles a regular expression so large that it
 * would be a third of the time that the bundle takes to load. The tests hold each of them against `parseRange`.
 */
export function ranges(...texts: readonly string[]): readonly AddressRange[] {
  return texts.map((text) => {
    const family = text.includes(':') ? 6 : 4
    const [address = '', length = widthOf(family)] = text.split('/')
    const bits = family === 4 ? bitsOfV4(address) : bitsOfV6(address)
    return rangeOf({ family, bits }, Number(length))
  })
}

/** IPv4-mapped, IPv4-compatible, NAT64. */
export const embeddings = ranges('::ffff:0:0/96', '::/96', '64:ff9b::/96')
// RFC 1918, RFC 6598 (AWS allows it in VPCs), unique local, and what never leaves the host or the link.
export const privateRanges = ranges(
  '10.0.0.0/8',
  '172.16.0.0/12',
  '192.168.0.0/16',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  'fc00::/7',
  'fe80::/10',
  '::1',
)

/** The range of this prefix in which an address lies. */
export function rangeOf({ family, bits }: Address, prefix: number): AddressRange {
  if (typeof bits === 'number') {
    const size = 2 ** (widthOf(family) - prefix)
    const first = bits - (bits % size)
    return { family, bits: first, prefix, last: first + size - 1 }
  }
  const hosts = (1n << BigInt(widthOf(family) - prefix)) - 1n
  return { family, bits: bits & ~hosts, prefix, last: bits | hosts }
}

function widthOf(family: 4 | 6): number {
  return family === 4 ? 32 : 128
}

function bitsOfV4(text: string): number {
  return text.split('.').reduce((bits, octet) => bits * 256 + Number(octet), 0)
}

function bitsOfV6(text: string): bigint {
  const [head = '', tail] = text.split('::')
  const left = groupsOf(head)
  const right = tail === undefined ? [] : groupsOf(tail)
  const zeros: bigint[] = Array(Math.max(0, 8 - left.length - right.length)).fill(0n)
  return [...left, ...zeros, ...right].reduce((bits, group) => (bits << 16n) | group, 0n)
}

function groupsOf(text: string): bigint[] {
  if (text === '') return []
  return text.split(':').flatMap((group) => {
    if (!group.includes('.')) return [BigInt(`0x${group}`)]
    const v4 = BigInt(bitsOfV4(group))
    return [v4 >> 16n, v4 & 0xffffn]
  })
}
