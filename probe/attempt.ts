import { addressKind } from './address.js'
import { type AllowList, judgeAddress, judgeName } from './allow.js'
import type { CheckIo, Destination, Finding } from './checks/check.js'
import { dnsFamily, judgeDns } from './checks/dns.js'
import { type BoundCheck, bind, type Checkers, type ConnectingCheck } from './checks/index.js'
import { describe, round } from './connection.js'
import { CheckFailure, type Expectation, outcomeOf } from './outcome.js'
import { sumPhases, totalOf } from './phase-clock.js'
import type { Check, DnsCheck } from './plan.schema.js'
import type { AddressResult, Phases, Result } from './report.schema.js'
import type { Lookup, LookupOptions, NameAnswer } from './resolve.js'
import { type AddressFinding, addressResults, mostTelling } from './verdict.js'

/** What attempts share within one run. */
export interface AttemptContext {
  readonly env: CheckIo['env']
  readonly allow: AllowList
  readonly lookup: Lookup
  readonly readAsset: CheckIo['readAsset']
  /** Outlives a run where a warm environment keeps it; the checks of one run share it in any case. */
  readonly secureContexts: NonNullable<CheckIo['secureContexts']>
  readonly now: CheckIo['now']
  readonly signal: AbortSignal
  readonly onEnd: CheckIo['onEnd']
}

/** One attempt of a check, over all addresses of its name. */
export interface Attempt {
  readonly finding: Finding
  readonly ms: number
  readonly address: string | null
  readonly addresses?: AddressResult[]
}

/** A check made ready to be tried: named for the report, and with its own limits. */
export interface PreparedCheck {
  readonly check: Check
  readonly target: string
  readonly expect: Expectation
  readonly attempts: number
  readonly warnings: readonly string[]
  readonly attempt: (context: AttemptContext) => Promise<Attempt>
}

/** How many addresses of a name are tried, in all and of one family: a name with more is a pool, and a sample will do. */
const MAX_ADDRESSES = 8
const MAX_PER_FAMILY = 4

/** Binds a check to its code. What is wrong with it (no region for an AWS name) is told by its attempts, not thrown. */
export function prepare(
  check: Check,
  defaults: { readonly timeoutMs: number; readonly attempts: number },
  env: CheckIo['env'],
  checkers: Checkers,
): PreparedCheck {
  const timeoutMs = check.timeoutMs ?? defaults.timeoutMs
  // Spelled out: copying a part that both share takes longer than all the rest of this.
  const ready = (
    target: string,
    warnings: readonly string[],
    attempt: PreparedCheck['attempt'],
  ): PreparedCheck => ({
    check,
    target,
    expect: check.expect ?? 'reachable',
    attempts: check.attempts ?? defaults.attempts,
    warnings,
    attempt,
  })
  try {
    if (check.kind === 'dns') return ready(check.host, [], (context) => attemptDns(check, timeoutMs, context))
    const bound = bind(check, checkers)
    const { host, port, target } = bound.endpoint(env)
    const way: Way = { check, bound, host, port, options: { timeoutMs, family: check.family ?? 'any' } }
    return ready(target, bound.warnings, (context) => attemptAddresses(way, context))
  } catch (error) {
    return unprepared(check, defaults, error)
  }
}

/** A check whose code could not be bound, or is not yet: every attempt tells the error. */
export function unprepared(
  check: Check,
  defaults: { readonly attempts: number },
  error: unknown,
): PreparedCheck {
  const finding: Finding = {
    outcome: outcomeOf(error, 'plan'),
    endedIn: 'plan',
    phases: {},
    detail: describe(error),
  }
  return {
    check,
    target: 'host' in check ? check.host : check.name,
    expect: check.expect ?? 'reachable',
    attempts: check.attempts ?? defaults.attempts,
    warnings: [],
    attempt: async () => ({ finding, ms: 0, address: null }),
  }
}

/** The result of a check from its attempts so far; undefined while there is none. */
export function resultOf(
  prepared: PreparedCheck,
  attempts: readonly Attempt[],
  expected: boolean,
): Result | undefined {
  const last = attempts.at(-1)
  if (!last) return undefined
  // A deadline that cut a repetition short must not hide what the attempts before it saw.
  const deciding = attempts.findLast((attempt) => attempt.finding.outcome !== 'deadline') ?? last
  const { finding, address, addresses, ms } = deciding
  const warnings = [...prepared.warnings, ...(finding.detail?.warnings ?? [])]
  const detail = { ...finding.detail, ...(warnings.length > 0 ? { warnings } : {}) }
  return {
    check: prepared.check.name,
    kind: prepared.check.kind,
    target: prepared.target,
    expect: prepared.expect,
    outcome: finding.outcome,
    asExpected: expected,
    ms,
    phases: finding.phases,
    ...(finding.endedIn ? { endedIn: finding.endedIn } : {}),
    address,
    addressKind: address === null ? null : addressKind(address),
    attempts: attempts.map((attempt) => ({ outcome: attempt.finding.outcome, ms: attempt.ms })),
    ...(addresses ? { addresses } : {}),
    ...(Object.keys(detail).length > 0 ? { detail } : {}),
  }
}

async function attemptDns(check: DnsCheck, timeoutMs: number, context: AttemptContext): Promise<Attempt> {
  const named = judgeName(context.allow, check.host, undefined)
  if (named.verdict === 'refused') return refusal(named.reason)
  const answer = await context.lookup(check.host, {
    timeoutMs,
    family: dnsFamily(check),
    signal: context.signal,
  })
  const hidden = answer.addresses
    .map(({ address }) =>
      named.verdict === 'depends' ? judgeAddress(context.allow, address, undefined, 'depends') : undefined,
    )
    .find((reason) => reason !== undefined)
  if (hidden !== undefined) return refusal(`an answer lies outside the allow-list (SONDE_ALLOW)`)
  const { address, ...finding } = judgeDns(check, { ...answer, ms: round(answer.ms) })
  return { finding, ms: round(answer.ms), address }
}

/** How a check's name is looked up and judged, and each of its addresses tried; the same for all its attempts. */
interface Way {
  readonly check: ConnectingCheck
  readonly bound: BoundCheck
  readonly host: string
  readonly port: number
  readonly options: Pick<LookupOptions, 'timeoutMs' | 'family'>
}

/** Its frame lives as long as the packets are under way, of which there may be hundreds: what comes after is `attemptOf`'s. */
async function attemptAddresses(way: Way, context: AttemptContext): Promise<Attempt> {
  const { host, port, options } = way
  const named = judgeName(context.allow, host, port)
  if (named.verdict === 'refused') return refusal(named.reason)
  const answer = await context.lookup(host, { ...options, signal: context.signal })
  if (answer.failure) return unresolved(answer, answer.failure)
  const { destinations, refused } = judged(answer, host, port, named.verdict, context.allow)
  const io = ioOf(options, context)
  const [first] = destinations
  if (first && answer.addresses.length === 1)
    return attemptOf(way.check, answer, [await tryAddress(way.bound, first, io)])
  const tried = await Promise.all(destinations.map((destination) => tryAddress(way.bound, destination, io)))
  return attemptOf(way.check, answer, [...tried, ...refused])
}

function ioOf(options: Way['options'], context: AttemptContext): CheckIo {
  return {
    timeoutMs: options.timeoutMs,
    signal: context.signal,
    onEnd: context.onEnd,
    now: context.now,
    env: context.env,
    readAsset: context.readAsset,
    secureContexts: context.secureContexts,
    resolve: (host, port) => destinationsOf(host, port, options, context),
  }
}

function unresolved(
  { ms, resolver }: NameAnswer,
  { outcome, message, code }: NonNullable<NameAnswer['failure']>,
): Attempt {
  const dns = resolver.length > 0 ? round(ms) : undefined
  const detail = { message, ...(code ? { code } : {}), resolver: [...resolver] }
  const phases = dns === undefined ? {} : { dns }
  return { finding: { outcome, endedIn: 'dns', phases, detail }, ms: dns ?? 0, address: null }
}

/** One attempt from what was found at each address of the name. */
function attemptOf(check: ConnectingCheck, answer: NameAnswer, findings: readonly AddressFinding[]): Attempt {
  const telling = mostTelling(findings, check.expect ?? 'reachable')
  if (!telling) return refusal('the name has no address that could be tried')
  const { finding, ms } = telling
  const dns: Phases = answer.resolver.length > 0 ? { dns: round(answer.ms) } : {}
  const warnings = [...answer.warnings, ...(finding.detail?.warnings ?? [])]
  const left = answer.addresses.length - findings.length
  if (left > 0) warnings.push(`${left} more addresses of the name were not tried`)
  const addresses = addressResults(findings)
  return {
    finding: withLookup(finding, dns, warnings),
    ms: round((dns.dns ?? 0) + ms),
    // An address that was refused was not what answered.
    address: finding.outcome === 'not_allowed' ? null : telling.address,
    ...(addresses ? { addresses } : {}),
  }
}

async function tryAddress(bound: BoundCheck, destination: Destination, io: CheckIo): Promise<AddressFinding> {
  const started = io.now()
  let finding: Finding
  try {
    finding = await bound.probe(destination, io)
  } catch (error) {
    // A checker never rejects for what the network does: this is a defect of ours, and it's named as one.
    finding = { outcome: 'internal_error', phases: {}, detail: describe(error) }
  }
  // The phases are what the path took; a peer that lingers over the close, or a hold, is no latency.
  const ms = totalOf(finding.phases) ?? round(io.now() - started)
  return { address: destination.address, ms, finding }
}

/** The finding together with what the lookup of its name took and had to say. */
function withLookup(finding: Finding, dns: Phases, warnings: readonly string[]): Finding {
  if (dns.dns === undefined && warnings.length === 0) return finding
  return {
    ...finding,
    // A redirect's name was looked up as well, and adds to the time of the first.
    phases: sumPhases(dns, finding.phases),
    detail: { ...finding.detail, ...(warnings.length > 0 ? { warnings: [...warnings] } : {}) },
  }
}

/** Judges each address of a name; only addresses that were judged are ever connected to. */
function judged(
  answer: NameAnswer,
  host: string,
  port: number,
  named: 'allowed' | 'depends',
  allow: AllowList,
): { readonly destinations: readonly Destination[]; readonly refused: readonly AddressFinding[] } {
  const destinations: Destination[] = []
  const refused: AddressFinding[] = []
  for (const { address, family } of sample(answer.addresses)) {
    const reason = judgeAddress(allow, address, port, named)
    if (reason === undefined) destinations.push({ host, port, address, family })
    else refused.push({ address, ms: 0, finding: refusal(reason).finding })
  }
  return { destinations, refused }
}

/** A further name that turns up during a check. */
async function destinationsOf(
  host: string,
  port: number,
  options: Way['options'],
  context: AttemptContext,
): Promise<readonly Destination[]> {
  const named = judgeName(context.allow, host, port)
  if (named.verdict === 'refused') throw new CheckFailure('not_allowed', named.reason)
  const answer = await context.lookup(host, { ...options, signal: context.signal })
  if (answer.failure) throw new CheckFailure(answer.failure.outcome, `${host}: ${answer.failure.message}`)
  const { destinations, refused } = judged(answer, host, port, named.verdict, context.allow)
  const reason = refused[0]?.finding.detail?.message
  if (destinations.length === 0) throw new CheckFailure('not_allowed', reason ?? `${host} has no address`)
  return destinations
}

function sample<A extends { readonly family: 4 | 6 }>(addresses: readonly A[]): readonly A[] {
  if (addresses.length < 2) return addresses
  const of = (family: 4 | 6): readonly A[] =>
    addresses.filter((entry) => entry.family === family).slice(0, MAX_PER_FAMILY)
  return [...of(4), ...of(6)].slice(0, MAX_ADDRESSES)
}

function refusal(message: string): Attempt {
  return {
    finding: { outcome: 'not_allowed', endedIn: 'plan', phases: {}, detail: { message } },
    ms: 0,
    address: null,
  }
}
