import { type Address, embedded, inRange, parseAddress, parseRange } from '../address.js'
import { CheckFailure } from '../outcome.js'
import type { HttpCheck } from '../plan.schema.js'
import type { Answer } from './http-wire.js'
import { matches } from './matching.js'

/** Fields in which services that echo the caller's address put it, in the order in which they are believed. */
const ADDRESS_FIELDS = ['ip', 'origin', 'query', 'address', 'ip_addr', 'ipAddress', 'clientIp', 'sourceIp']

/** Whether the verdict needs the body; without need it is not waited for. */
export function needsBody(check: HttpCheck): boolean {
  return check.bodyMatches !== undefined || check.egressIp !== undefined
}

/**
 * Whether a status is as asked: `2xx`, `200,404`, `2xx,404` or a list of numbers. With no wish any status below 500 is,
 * since it proves the path and a server that works; with matchers on the answer only 2xx, lest an error page be searched.
 */
export function statusAccepted(
  check: Pick<HttpCheck, 'status' | 'headerMatches' | 'bodyMatches' | 'egressIp'>,
  status: number,
): boolean {
  const wish = check.status
  if (typeof wish === 'string')
    return wish
      .split(',')
      .some((item) =>
        item.endsWith('xx') ? Math.floor(status / 100) === Number(item[0]) : status === Number(item),
      )
  if (wish !== undefined) return wish.includes(status)
  const matching =
    check.headerMatches !== undefined || check.bodyMatches !== undefined || check.egressIp !== undefined
  return matching ? status >= 200 && status < 300 : status < 500
}

/**
 * Judges an answer; throws `http_status` for the status, `protocol_mismatch` where headers or body are not what the plan
 * describes (something else answers there, such as a proxy's page), `wrong_egress_ip` for another address.
 * Returns the caller's address where it was asked for. Nothing of the body enters a message.
 */
export function judgeAnswer(check: HttpCheck, answer: Answer, note: (egressIp: string) => void): void {
  if (!statusAccepted(check, answer.status))
    throw new CheckFailure('http_status', `status ${answer.status} is not as asked for`)
  for (const [name, pattern] of Object.entries(check.headerMatches ?? {})) {
    const value = answer.header(name)
    if (value === undefined) throw new CheckFailure('protocol_mismatch', `the answer has no header ${name}`)
    if (!matches(pattern, value))
      throw new CheckFailure('protocol_mismatch', `header ${name} is not as asked for`)
  }
  if (check.bodyMatches !== undefined && !matches(check.bodyMatches, answer.body))
    throw new CheckFailure('protocol_mismatch', 'the first 64 KiB of the body are not as asked for')
  if (check.egressIp !== undefined) {
    const egressIp = callerAddress(answer.body)
    if (egressIp === undefined)
      throw new CheckFailure('protocol_mismatch', "the answer doesn't name the caller's address")
    note(egressIp)
    if (!addressAccepted(egressIp, check.egressIp))
      throw new CheckFailure(
        'wrong_egress_ip',
        `the caller is seen as ${egressIp}, which is none of ${check.egressIp.join(', ').slice(0, 120)}`,
      )
  }
}

/**
 * The address in an answer such as `203.0.113.7\n`, `"203.0.113.7"`, `{"ip":"203.0.113.7"}`, `{"origin":"10.0.0.5, 203.0.113.7"}`
 * (a list as in X-Forwarded-For: the last is the one that connected) or lines with `ip=203.0.113.7`; undefined where there is none.
 */
export function callerAddress(body: string): string | undefined {
  const text = body.replace(/^\ufeff/, '').trim()
  const value = parsed(text)
  if (typeof value === 'string') return lastAddress(value)
  if (typeof value === 'object' && value !== null) {
    const fields = new Map<string, unknown>(Object.entries(value))
    for (const name of ADDRESS_FIELDS) {
      const field = fields.get(name)
      const address = typeof field === 'string' ? lastAddress(field) : undefined
      if (address !== undefined) return address
    }
    return undefined
  }
  return lastAddress(text) ?? lastAddress(/^ip=([0-9A-Fa-f:.]{2,45})\r?$/m.exec(text)?.[1] ?? '')
}

/** Whether an address is one of, or lies in one of, the given addresses and ranges. */
export function addressAccepted(text: string, accepted: readonly string[]): boolean {
  const address = parseAddress(text)
  if (address === undefined) return false
  const plain: Address = embedded(address)
  return accepted.some((item) => {
    const range = parseRange(item)
    return range !== undefined && (inRange(address, range) || inRange(plain, range))
  })
}

function lastAddress(text: string): string | undefined {
  const last = text.split(',').at(-1)?.trim() ?? ''
  return parseAddress(last) === undefined ? undefined : last
}

function parsed(text: string): unknown {
  if (!/^["{]/.test(text)) return undefined
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
