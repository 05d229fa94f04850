import ipaddr from 'ipaddr.js'

/**
 * A range of addresses: one address is a range of one. IPv4 bounds are plain numbers (fast), IPv6 bounds are bigints;
 * both compare with `<=`, and ranges of different families never meet.
 */
export interface Prefix {
  readonly family: 4 | 6
  readonly lo: number | bigint
  readonly hi: number | bigint
  readonly length: number
  /** As AWS or the user wrote it. */
  readonly text: string
}

/** Parses dotted IPv4 to an unsigned 32-bit number, or -1. Tight because every rule of every group passes through. */
function ipv4(text: string, end: number): number {
  let value = 0
  let octet = -1
  let dots = 0
  for (let i = 0; i < end; i++) {
    const c = text.charCodeAt(i)
    if (c === 46) {
      if (octet < 0) return -1
      value = value * 256 + octet
      octet = -1
      dots++
    } else if (c >= 48 && c <= 57) {
      octet = octet < 0 ? c - 48 : octet * 10 + c - 48
      if (octet > 255) return -1
    } else return -1
  }
  if (dots !== 3 || octet < 0) return -1
  return value * 256 + octet
}

function ipv6(text: string): bigint | null {
  if (!ipaddr.IPv6.isValid(text) || text.includes('%')) return null
  let value = 0n
  for (const part of ipaddr.IPv6.parse(text).parts) value = (value << 16n) | BigInt(part)
  return value
}

/** Parses one address, v4 or v6; null if it is none. */
export function parseAddress(text: string): Prefix | null {
  const v4 = ipv4(text, text.length)
  if (v4 >= 0) return { family: 4, lo: v4, hi: v4, length: 32, text }
  if (!text.includes(':')) return null
  const v6 = ipv6(text)
  return v6 === null ? null : { family: 6, lo: v6, hi: v6, length: 128, text }
}

/** Parses `ADDRESS/LENGTH`, host bits ignored as AWS does; a bare address is a range of one. Null if it is neither. */
export function parsePrefix(text: string): Prefix | null {
  const slash = text.indexOf('/')
  if (slash < 0) return parseAddress(text)
  const lengthText = text.slice(slash + 1)
  if (!/^\d{1,3}$/.test(lengthText)) return null
  const length = Number(lengthText)
  const v4 = ipv4(text, slash)
  if (v4 >= 0) {
    if (length > 32) return null
    const size = 2 ** (32 - length)
    const lo = Math.floor(v4 / size) * size
    return { family: 4, lo, hi: lo + size - 1, length, text }
  }
  const v6 = ipv6(text.slice(0, slash))
  if (v6 === null || length > 128) return null
  const shift = BigInt(128 - length)
  const lo = (v6 >> shift) << shift
  return { family: 6, lo, hi: lo + (1n << shift) - 1n, length, text }
}

/** Whether every address of `inner` lies in `outer`. */
export function contains(outer: Prefix, inner: Prefix): boolean {
  return outer.family === inner.family && outer.lo <= inner.lo && inner.hi <= outer.hi
}

/** Whether the two share at least one address. */
export function overlaps(a: Prefix, b: Prefix): boolean {
  return a.family === b.family && a.lo <= b.hi && b.lo <= a.hi
}

export function isSingle(prefix: Prefix): boolean {
  return prefix.lo === prefix.hi
}

function literal(text: string): Prefix {
  const prefix = parsePrefix(text)
  if (prefix === null) throw new TypeError(`not an address range: ${text}`)
  return prefix
}

const RFC1918 = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16'].map(literal)
const RFC6598 = literal('100.64.0.0/10')
const NOT_GLOBAL = [
  ...['0.0.0.0/8', '127.0.0.0/8', '169.254.0.0/16', '224.0.0.0/4', '240.0.0.0/4'],
  ...['fc00::/7', 'fe80::/10', '::/127', 'ff00::/8'],
].map(literal)

/** The well-known NAT64 prefix, by which an IPv6-only subnet reaches IPv4 through a NAT gateway. */
export const NAT64 = literal('64:ff9b::/96')

export const isRfc1918 = (p: Prefix): boolean => RFC1918.some((range) => contains(range, p))
export const isRfc6598 = (p: Prefix): boolean => contains(RFC6598, p)

/** Whether the address can be met on the internet. */
export function isPublic(p: Prefix): boolean {
  return !isRfc1918(p) && !isRfc6598(p) && !NOT_GLOBAL.some((range) => contains(range, p))
}

/** The IPv4 address inside a NAT64 address; null if it isn't one. */
export function nat64Inner(p: Prefix): Prefix | null {
  if (!contains(NAT64, p) || typeof p.lo !== 'bigint') return null
  const n = Number(p.lo & 0xffffffffn)
  return parseAddress([n >>> 24, (n >>> 16) & 255, (n >>> 8) & 255, n & 255].join('.'))
}
