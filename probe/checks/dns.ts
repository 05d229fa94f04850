import { inRange, parseAddress, parseRange } from '../address.js'
import type { DnsCheck } from '../plan.schema.js'
import type { LookupOptions, NameAnswer } from '../resolve.js'
import type { Finding } from './check.js'

/** How many answers a report names; a name rarely has more, and the line is bounded. */
const MAX_ANSWERS = 16

export interface DnsFinding extends Finding {
  /** The first answer, for the result's `address`. */
  readonly address: string | null
}

/** The families that the check asks for. */
export function dnsFamily(check: DnsCheck): LookupOptions['family'] {
  if (check.type) return check.type === 'A' ? 'ipv4' : 'ipv6'
  return check.family ?? 'any'
}

/**
 * Judges a name's answers. Nothing is contacted but the resolver.
 * An answer outside the expected ranges is `wrong_path`: the name leads elsewhere than it should, as where an interface
 * endpoint lacks private DNS or a peering its DNS option, and a public address is answered for a private one.
 */
export function judgeDns(check: DnsCheck, answer: NameAnswer): DnsFinding {
  const answers = answer.addresses.map(({ address }) => address)
  const detail = {
    resolver: [...answer.resolver],
    answers: answers.slice(0, MAX_ANSWERS),
    ...(answer.warnings.length > 0 ? { warnings: [...answer.warnings] } : {}),
  }
  const base = { phases: { dns: answer.ms }, address: answers[0] ?? null }
  if (answer.failure) {
    const { outcome, message, code } = answer.failure
    return { ...base, outcome, endedIn: 'dns', detail: { ...detail, message, ...(code ? { code } : {}) } }
  }
  const stray = answers.filter((address) => !isExpected(address, check.addresses))
  if (stray.length === 0) return { ...base, outcome: 'ok', detail }
  const message = `answered ${stray.slice(0, 4).join(', ')}, expected ${check.addresses?.slice(0, 4).join(', ')}`
  return {
    ...base,
    outcome: 'wrong_path',
    endedIn: 'dns',
    address: stray[0] ?? null,
    detail: { ...detail, message },
  }
}

function isExpected(text: string, expected: DnsCheck['addresses']): boolean {
  if (!expected) return true
  const address = parseAddress(text)
  return expected.some((entry) => {
    const range = parseRange(entry)
    return address !== undefined && range !== undefined && inRange(address, range)
  })
}
