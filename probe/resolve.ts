import { Resolver } from 'node:dns/promises'
import { readFile } from 'node:fs/promises'
import { isIP } from 'node:net'
import { CheckFailure, codeOf, type Outcome, outcomeOf, PhaseTimeout } from './outcome.js'

/** What a name stands for, and how long it took to learn. */
export interface NameAnswer {
  readonly addresses: readonly { readonly address: string; readonly family: 4 | 6 }[]
  readonly ms: number
  /** Where the answer came from: name servers, or `hosts` for the hosts file. Empty for an address. */
  readonly resolver: readonly string[]
  readonly warnings: readonly string[]
  /** Why there are no addresses. */
  readonly failure?: { readonly outcome: Outcome; readonly code?: string; readonly message: string }
}

export interface LookupOptions {
  /** Limit for the whole lookup, milliseconds. */
  readonly timeoutMs: number
  readonly family: 'any' | 'ipv4' | 'ipv6'
  /** Aborted when the run ends; the lookup is then reported as `deadline`. */
  readonly signal: AbortSignal
}

/** Never rejects: what DNS does is an answer too. */
export type Lookup = (host: string, options: LookupOptions) => Promise<NameAnswer>

/** What this machine's configuration says about names. */
export interface NameConfig {
  /** Name servers to ask in place of the system's, `address` or `address:port`. */
  readonly servers?: readonly string[]
  readonly hosts: ReadonlyMap<string, readonly string[]>
  readonly search: readonly string[]
  readonly ndots: number
}

type Family = 4 | 6
type Answer = { readonly family: Family } & (
  | { readonly found: readonly string[] }
  | { readonly error: unknown }
)

/**
 * Resolves names as the workload beside the probe would, but with answers that can be told apart.
 *
 * Workloads ask through getaddrinfo: hosts file, then the name servers and search list of resolv.conf. getaddrinfo itself
 * would be the wrong tool here: it blocks one of libuv's four threads for up to 10 s a dead server, can't be cancelled, and
 * folds SERVFAIL, timeout and refusal into EAI_AGAIN. So the same three sources are read, and the same servers are asked
 * with c-ares: no threads, a timeout of our own, and DNS's own codes. In a VPC the server is the VPC's resolver
 * (https://docs.aws.amazon.com/vpc/latest/userguide/AmazonDNS-concepts.html). Other nsswitch sources are not consulted.
 */
export function createLookup(
  config: () => Promise<NameConfig>,
  now: () => number = () => performance.now(),
): Lookup {
  return async (host, options) => {
    const started = now()
    const literal = familyOf(host)
    if (literal) return { addresses: [{ address: host, family: literal }], ms: 0, resolver: [], warnings: [] }
    const names = await config()
    const families: readonly Family[] =
      options.family === 'any' ? [4, 6] : options.family === 'ipv4' ? [4] : [6]
    const local = fromHosts(names, host).filter(({ family }) => families.includes(family))
    if (local.length > 0) return { addresses: local, ms: now() - started, resolver: ['hosts'], warnings: [] }
    const answer = await ask(host, names, families, options)
    return { ...answer, ms: now() - started }
  }
}

/**
 * Reads the machine's configuration once, at the first name that is asked. `SONDE_DNS_SERVERS` (addresses separated by
 * commas) takes the place of resolv.conf's servers; it is there for laboratories.
 */
export function systemNames(env: Readonly<Record<string, string | undefined>>): () => Promise<NameConfig> {
  let reading: Promise<NameConfig> | undefined
  return () => {
    reading ??= Promise.all([textOf('/etc/hosts'), textOf('/etc/resolv.conf')]).then(([hosts, conf]) => {
      const servers = (env['SONDE_DNS_SERVERS'] ?? '').split(/[\s,]+/).filter((server) => server !== '')
      return {
        ...parseResolvConf(conf),
        hosts: parseHosts(hosts),
        ...(servers.length > 0 ? { servers } : {}),
      }
    })
    return reading
  }
}

export function parseHosts(text: string): Map<string, string[]> {
  const hosts = new Map<string, string[]>()
  for (const line of text.split('\n')) {
    const [address, ...names] = (line.split('#', 1)[0] ?? '').trim().split(/\s+/)
    if (!address || isIP(address) === 0) continue
    for (const name of names) {
      const key = name.toLowerCase()
      hosts.set(key, [...new Set([...(hosts.get(key) ?? []), address])])
    }
  }
  return hosts
}

export function parseResolvConf(text: string): { search: string[]; ndots: number } {
  let search: string[] = []
  let ndots = 1
  for (const line of text.split('\n')) {
    const [keyword, ...words] = line.trim().split(/\s+/)
    if (keyword === 'search' || keyword === 'domain') search = words.filter((word) => word !== '.')
    if (keyword !== 'options') continue
    const option = words.find((word) => /^ndots:[0-9]+$/.test(word))
    if (option) ndots = Math.min(15, Number(option.slice('ndots:'.length)))
  }
  return { search, ndots }
}

/** The names that are asked in turn: a name with few dots is tried in the search list first, one with many last. */
export function candidates(host: string, search: readonly string[], ndots: number): string[] {
  if (host.endsWith('.')) return [host.slice(0, -1)]
  const searched = search.map((suffix) => `${host}.${suffix.replace(/\.$/, '')}`)
  return host.split('.').length - 1 >= ndots ? [host, ...searched] : [...searched, host]
}

async function ask(
  host: string,
  names: NameConfig,
  families: readonly Family[],
  options: LookupOptions,
): Promise<Omit<NameAnswer, 'ms'>> {
  // c-ares doubles its patience with each try: a third, then two thirds, is the whole timeout, and one lost packet is forgiven.
  const resolver = new Resolver({ timeout: Math.max(1, Math.ceil(options.timeoutMs / 3)), tries: 2 })
  let stop: unknown
  const cancel = (reason: unknown): void => {
    stop ??= reason
    resolver.cancel()
  }
  const timer = setTimeout(() => cancel(new PhaseTimeout('dns')), options.timeoutMs)
  const onAbort = (): void =>
    cancel(new CheckFailure('deadline', 'the run ended before the name was resolved'))
  options.signal.addEventListener('abort', onAbort, { once: true })
  try {
    if (names.servers) resolver.setServers(names.servers)
    const servers = resolver.getServers()
    if (options.signal.aborted) onAbort()
    let last: readonly Answer[] = []
    for (const name of candidates(host, names.search, names.ndots)) {
      if (stop !== undefined) break
      last = await Promise.all(families.map((family) => query(resolver, name, family, () => stop)))
      const outcome = conclude(last)
      if (outcome.addresses.length > 0 || outcome.failure?.outcome !== 'dns_not_found') {
        return { ...outcome, resolver: servers }
      }
    }
    if (stop !== undefined && last.length === 0) last = [{ family: 4, error: stop }]
    return { ...conclude(last), resolver: servers }
  } catch (error) {
    // Only a malformed server of SONDE_DNS_SERVERS gets here.
    return { ...conclude([{ family: 4, error }]), resolver: names.servers ?? [] }
  } finally {
    clearTimeout(timer)
    options.signal.removeEventListener('abort', onAbort)
  }
}

async function query(
  resolver: Resolver,
  name: string,
  family: Family,
  stopped: () => unknown,
): Promise<Answer> {
  try {
    return { family, found: await (family === 4 ? resolver.resolve4(name) : resolver.resolve6(name)) }
  } catch (error) {
    // A cancelled query says only that it was cancelled; why is what `stop` tells.
    return { family, error: codeOf(error) === 'ECANCELLED' ? (stopped() ?? error) : error }
  }
}

/** Joins the answers of both families: one that has addresses is enough, the other's trouble becomes a warning. */
function conclude(answers: readonly Answer[]): Pick<NameAnswer, 'addresses' | 'warnings' | 'failure'> {
  const addresses = answers.flatMap((answer) =>
    'found' in answer ? answer.found.map((address) => ({ address, family: answer.family })) : [],
  )
  const failures = answers
    .flatMap((answer) => ('error' in answer ? [{ family: answer.family, ...failureOf(answer.error) }] : []))
    .sort((a, b) => severity(b) - severity(a))
  if (addresses.length > 0) {
    const warnings = failures
      .filter((failure) => failure.outcome !== 'dns_not_found')
      .map((failure) => `${record(failure.family)} query: ${failure.message} (${failure.outcome})`)
    return { addresses, warnings }
  }
  const worst = failures[0]
  if (!worst)
    return { addresses, warnings: [], failure: { outcome: 'dns_not_found', message: 'an empty answer' } }
  const { family: _, ...failure } = worst
  return { addresses, warnings: [], failure }
}

function failureOf(error: unknown): { outcome: Outcome; code?: string; message: string } {
  const outcome = outcomeOf(error, 'dns')
  const code = codeOf(error)
  const message = words[code] ?? (error instanceof Error ? error.message : String(error))
  return { outcome, message, ...(code === '' ? {} : { code }) }
}

/** NXDOMAIN is firmer than an empty answer, and an error of the server's firmer than silence. */
function severity(failure: { outcome: Outcome; code?: string }): number {
  if (failure.outcome === 'dns_failed') return 4
  if (failure.outcome !== 'dns_not_found') return 3
  return failure.code === 'ENOTFOUND' ? 2 : 1
}

const words: Readonly<Record<string, string>> = {
  ENOTFOUND: 'the name does not exist (NXDOMAIN)',
  ENODATA: 'the name exists, without an address of this family',
  ESERVFAIL: 'the name server failed (SERVFAIL)',
  EREFUSED: 'the name server refused the query',
  ECONNREFUSED: 'nothing answers at the name server',
  ETIMEOUT: 'the name server did not answer',
}

function record(family: Family): string {
  return family === 4 ? 'A' : 'AAAA'
}

/** The hosts file, and `localhost`, which never leaves the machine (RFC 6761). */
function fromHosts(names: NameConfig, host: string): { address: string; family: Family }[] {
  const name = host.toLowerCase().replace(/\.$/, '')
  const special = name === 'localhost' || name.endsWith('.localhost') ? ['127.0.0.1', '::1'] : []
  return (names.hosts.get(name) ?? special).flatMap((address) => {
    const family = familyOf(address)
    return family ? [{ address, family }] : []
  })
}

function familyOf(text: string): Family | undefined {
  const family = isIP(text)
  return family === 4 || family === 6 ? family : undefined
}

function textOf(path: string): Promise<string> {
  // A machine without the file has nothing to say there.
  return readFile(path, 'utf8').catch(() => '')
}
