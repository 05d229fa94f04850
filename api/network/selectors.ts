import { parseAddress, parsePrefix } from './address.js'

/** Where a packet starts. `address` picks one of several addresses, or stands for a host that isn't in the snapshot. */
export type Source =
  | { readonly kind: 'function'; readonly name: string; readonly address?: string }
  | {
      readonly kind: 'posture'
      readonly subnetId: string
      readonly groupIds: readonly string[]
      readonly address?: string
    }
  | { readonly kind: 'eni'; readonly id: string; readonly address?: string }
  | { readonly kind: 'instance'; readonly id: string; readonly address?: string }

export type Destination =
  | { readonly kind: 'internet' }
  | { readonly kind: 'service'; readonly service: string; readonly region?: string }
  | { readonly kind: 'rds'; readonly id: string }
  /** By name or ARN. */
  | { readonly kind: 'load-balancer'; readonly id: string }
  | { readonly kind: 'eni'; readonly id: string; readonly address?: string }
  | { readonly kind: 'instance'; readonly id: string; readonly address?: string }
  | { readonly kind: 'address'; readonly address: string }
  | { readonly kind: 'host'; readonly host: string }

/** A selector that can't be understood; the message says what is wrong and what would be right. */
export class SelectorError extends Error {
  override readonly name = 'SelectorError'
}

const SOURCE_FORMS =
  'a function name or ARN, eni-…, i-…, or subnet-…+sg-…[+sg-…], each with an optional @address'
const DESTINATION_FORMS =
  'internet, service:NAME, rds:ID, lb:NAME, eni-…, i-…, HOST:PORT, ADDRESS:PORT ([v6]:PORT) or an address with a separate port'

function checkedAddress(text: string, whole: string): string {
  if (parseAddress(text) === null)
    throw new SelectorError(`'${text}' in '${whole}' is not an IPv4 or IPv6 address`)
  return text
}

/**
 * Reads the textual form of a source: see the message for the forms.
 * @throws SelectorError
 */
export function parseSource(text: string): Source {
  const trimmed = text.trim()
  if (trimmed === '') throw new SelectorError(`the source is empty: expected ${SOURCE_FORMS}`)
  const at = trimmed.lastIndexOf('@')
  const head = at < 0 ? trimmed : trimmed.slice(0, at)
  const address = at < 0 ? {} : { address: checkedAddress(trimmed.slice(at + 1), trimmed) }
  if (/^eni-[\w-]+$/.test(head)) return { kind: 'eni', id: head, ...address }
  if (/^i-[\w-]+$/.test(head)) return { kind: 'instance', id: head, ...address }
  if (head.startsWith('subnet-')) {
    const [subnetId = '', ...groupIds] = head.split('+')
    for (const group of groupIds) {
      if (!/^sg-[\w-]+$/.test(group))
        throw new SelectorError(`'${group}' in '${trimmed}' is not a security group id (sg-…)`)
    }
    if (groupIds.length === 0 && at < 0) {
      throw new SelectorError(`'${trimmed}' names no security group: write subnet-…+sg-…[+sg-…]`)
    }
    return { kind: 'posture', subnetId, groupIds, ...address }
  }
  if (/^(sg|vpc|rtb|acl|nat|igw|tgw|pcx|vpce|vgw)-[0-9a-f]{8,}$/.test(head)) {
    throw new SelectorError(`'${head}' can't send packets: expected ${SOURCE_FORMS}`)
  }
  if (/\s/.test(head)) throw new SelectorError(`'${trimmed}' is not a source: expected ${SOURCE_FORMS}`)
  if (head.startsWith('function:'))
    return { kind: 'function', name: head.slice('function:'.length), ...address }
  return { kind: 'function', name: head, ...address }
}

function checkedPort(text: string, whole: string): number {
  const port = Number(text)
  if (!/^\d{1,5}$/.test(text) || port > 65535)
    throw new SelectorError(`'${text}' in '${whole}' is not a port (0-65535)`)
  return port
}

const HOST = /^(?=.{1,253}\.?$)[a-z0-9_]([a-z0-9_-]*[a-z0-9])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9])?)*\.?$/i

/**
 * Reads the textual form of a destination. `port` is the port that was given beside it; one in the text wins only if
 * they agree.
 * @throws SelectorError
 */
export function parseDestination(
  text: string,
  port?: number | null,
): { readonly destination: Destination; readonly port: number | null } {
  const whole = text.trim()
  if (whole === '') throw new SelectorError(`the destination is empty: expected ${DESTINATION_FORMS}`)
  const given = port ?? null
  if (given !== null && !(Number.isInteger(given) && given >= 0 && given <= 65535)) {
    throw new SelectorError(`${given} is not a port (0-65535)`)
  }
  const { head, own } = splitPort(whole)
  if (own !== null && given !== null && own !== given) {
    throw new SelectorError(`'${whole}' names port ${own}, but the port given beside it is ${given}`)
  }
  return { destination: bareDestination(head, whole), port: own ?? given }
}

function splitPort(whole: string): { readonly head: string; readonly own: number | null } {
  const bracket = /^\[([^\]]*)\](?::(.*))?$/.exec(whole)
  if (bracket !== null) {
    const [, inner = '', port] = bracket
    if (parseAddress(inner)?.family !== 6)
      throw new SelectorError(`'${inner}' in '${whole}' is not an IPv6 address`)
    return { head: inner, own: port === undefined ? null : checkedPort(port, whole) }
  }
  if (parseAddress(whole) !== null) return { head: whole, own: null }
  const special = /^(service|rds|lb):(.*)$/.exec(whole)
  if (special !== null) {
    const [, kind = '', rest = ''] = special
    const colon = rest.lastIndexOf(':')
    if (colon < 0 || rest.startsWith('arn:')) return { head: whole, own: null }
    return { head: `${kind}:${rest.slice(0, colon)}`, own: checkedPort(rest.slice(colon + 1), whole) }
  }
  const colon = whole.lastIndexOf(':')
  if (colon < 0) return { head: whole, own: null }
  return { head: whole.slice(0, colon), own: checkedPort(whole.slice(colon + 1), whole) }
}

function bareDestination(head: string, whole: string): Destination {
  if (head === 'internet') return { kind: 'internet' }
  if (head.startsWith('service:')) {
    const name = head.slice('service:'.length).toLowerCase()
    const full = /^com\.amazonaws\.([a-z0-9-]+)\.(.+)$/.exec(name)
    if (full !== null) return { kind: 'service', region: full[1] ?? '', service: full[2] ?? '' }
    const [service = '', region] = name.split('@')
    if (!/^[a-z0-9][a-z0-9.-]*$/.test(service))
      throw new SelectorError(`'${whole}' names no AWS service: write service:dynamodb`)
    return region === undefined ? { kind: 'service', service } : { kind: 'service', service, region }
  }
  if (head.startsWith('rds:')) {
    const id = head.slice('rds:'.length)
    if (id === '') throw new SelectorError(`'${whole}' names no database: write rds:ID`)
    return { kind: 'rds', id: id.startsWith('arn:') ? id.slice(id.lastIndexOf(':') + 1) : id }
  }
  if (head.startsWith('lb:')) {
    const id = head.slice('lb:'.length)
    if (id === '') throw new SelectorError(`'${whole}' names no load balancer: write lb:NAME or lb:ARN`)
    return { kind: 'load-balancer', id }
  }
  const at = head.lastIndexOf('@')
  const bare = at < 0 ? head : head.slice(0, at)
  if (/^(eni|i)-[\w-]+$/.test(bare)) {
    const address = at < 0 ? {} : { address: checkedAddress(head.slice(at + 1), whole) }
    return bare.startsWith('eni-')
      ? { kind: 'eni', id: bare, ...address }
      : { kind: 'instance', id: bare, ...address }
  }
  if (parseAddress(head) !== null) return { kind: 'address', address: head }
  if (parsePrefix(head) !== null)
    throw new SelectorError(`'${whole}' is a range: a destination is one address`)
  if (/^[\d.]+$/.test(head)) throw new SelectorError(`'${head}' in '${whole}' is not an IPv4 address`)
  if (!HOST.test(head))
    throw new SelectorError(`'${whole}' is not a destination: expected ${DESTINATION_FORMS}`)
  return { kind: 'host', host: head.replace(/\.$/, '').toLowerCase() }
}
