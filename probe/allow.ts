import {
  type Address,
  type AddressRange,
  embedded,
  inRange,
  parseAddress,
  parseRange,
  ranges,
} from './address.js'

type Env = Readonly<Record<string, string | undefined>>

/** One entry of the allow-list: a name (exact, or `*.suffix`), a range, or everything; with a port or for all. */
export type AllowPattern = { readonly port?: number } & (
  | { readonly any: true }
  | { readonly name: string }
  | { readonly suffix: string }
  | { readonly range: AddressRange }
)

/** What a probe may contact. */
export interface AllowList {
  /** Undefined: every target that isn't refused for everyone. */
  readonly patterns: readonly AllowPattern[] | undefined
  /** Whether loopback may be contacted; never in a Lambda. */
  readonly loopback: boolean
  /** Host of the Lambda runtime API, which speaks to whoever asks and hands out invocations. */
  readonly runtimeApi: string | undefined
}

export type AllowReading =
  | { readonly ok: true; readonly allow: AllowList }
  | { readonly ok: false; readonly errors: readonly string[] }

/** What the name alone decides: `depends` means that each resolved address is judged. */
export type NameVerdict =
  | { readonly verdict: 'allowed' | 'depends' }
  | { readonly verdict: 'refused'; readonly reason: string }

/**
 * Builds the allow-list of a process: `SONDE_ALLOW` (patterns separated by commas or blanks) or `options.allow` in its
 * place. In a Lambda loopback is refused whatever the options say: it is where the runtime API listens.
 */
export function readAllow(
  env: Env,
  options: { readonly allow?: readonly string[]; readonly allowLoopback?: boolean } = {},
): AllowReading {
  const given = options.allow ?? (env['SONDE_ALLOW'] === undefined ? undefined : [env['SONDE_ALLOW']])
  const words = given?.flatMap((text) => text.split(/[\s,]+/)).filter((word) => word !== '')
  const patterns: AllowPattern[] = []
  const errors: string[] = []
  for (const word of words ?? []) {
    const pattern = parsePattern(word)
    if (typeof pattern === 'string') errors.push(pattern)
    else patterns.push(pattern)
  }
  if (errors.length > 0) return { ok: false, errors }
  return {
    ok: true,
    allow: {
      // SONDE_ALLOW='' is a list without entries, not the absence of a list: it refuses everything.
      patterns: words === undefined ? undefined : patterns,
      loopback: options.allowLoopback === true && !inLambda(env),
      runtimeApi: runtimeApiHost(env),
    },
  }
}

export function inLambda(env: Env): boolean {
  return env['AWS_LAMBDA_RUNTIME_API'] !== undefined || env['AWS_LAMBDA_FUNCTION_NAME'] !== undefined
}

/** Judges a target by its name, before it is resolved: a name that can't be allowed isn't even asked of the resolver. */
export function judgeName(allow: AllowList, host: string, port: number | undefined): NameVerdict {
  if (parseAddress(host)) return { verdict: 'depends' }
  const name = normalName(host)
  if (allow.runtimeApi !== undefined && name === normalName(allow.runtimeApi)) {
    return { verdict: 'refused', reason: 'the Lambda runtime API is never a target' }
  }
  if (!allow.patterns) return { verdict: 'allowed' }
  const candidates = allow.patterns.filter((pattern) => fitsPort(pattern, port))
  if (candidates.some((pattern) => fitsName(pattern, name))) return { verdict: 'allowed' }
  if (candidates.some((pattern) => 'range' in pattern)) return { verdict: 'depends' }
  return { verdict: 'refused', reason: `${target(host, port)} is not in the allow-list (SONDE_ALLOW)` }
}

/**
 * Judges the very address that is going to be connected to; a reason if it must not be.
 * `named` is what `judgeName` said. What is refused for everyone comes first: no pattern lifts that.
 */
export function judgeAddress(
  allow: AllowList,
  address: string,
  port: number | undefined,
  named: 'allowed' | 'depends',
): string | undefined {
  const parsed = parseAddress(address)
  if (!parsed) return `${address} is not an address`
  const plain = embedded(parsed)
  const what = refusedAs(parsed, plain, allow.loopback)
  if (what !== undefined) {
    return `${address} is ${what}${what === 'loopback' ? ': allowed only outside Lambda, with --allow-loopback' : ''}`
  }
  const runtime = allow.runtimeApi === undefined ? undefined : parseAddress(allow.runtimeApi)
  if (runtime && runtime.family === plain.family && runtime.bits === plain.bits) {
    return `${address} is the Lambda runtime API`
  }
  if (named === 'allowed' || !allow.patterns) return undefined
  const fits = allow.patterns.some(
    (pattern) =>
      fitsPort(pattern, port) && ('any' in pattern || ('range' in pattern && inRange(plain, pattern.range))),
  )
  return fits ? undefined : `${target(address, port)} is not in the allow-list (SONDE_ALLOW)`
}

/**
 * Refused for everyone. Link-local holds the instance metadata service and the credentials of containers
 * (https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instancedata-data-retrieval.html: 169.254.169.254 and fd00:ec2::254).
 */
export const refused = [
  { what: 'loopback', ranges: ranges('127.0.0.0/8', '::1') },
  { what: 'link-local', ranges: ranges('169.254.0.0/16', 'fe80::/10') },
  { what: "one of EC2's own instance services", ranges: ranges('fd00:ec2::/32') },
  { what: 'unspecified', ranges: ranges('0.0.0.0/8', '::') },
  { what: 'multicast', ranges: ranges('224.0.0.0/4', 'ff00::/8') },
  { what: 'reserved or broadcast', ranges: ranges('240.0.0.0/4') },
] as const

/** Asked for every address of every attempt: loops, since closures would be made anew each time. */
function refusedAs(parsed: Address, plain: Address, loopback: boolean): string | undefined {
  for (const entry of refused) {
    if (loopback && entry.what === 'loopback') continue
    for (const range of entry.ranges) {
      if (inRange(parsed, range) || (plain !== parsed && inRange(plain, range))) return entry.what
    }
  }
  return undefined
}

function parsePattern(word: string): AllowPattern | string {
  const bracketed = /^\[([^\]]+)\](?::(.*))?$/.exec(word)
  // More than one colon without brackets is IPv6, never a port.
  const plain = /^([^:]*)(?::([^:]*))?$/.exec(word)
  const [, body = '', portText] = bracketed ?? plain ?? [word, word]
  const port = portText === undefined ? undefined : Number(portText)
  if (port !== undefined && !(/^[0-9]{1,5}$/.test(portText ?? '') && port >= 1 && port <= 65535)) {
    return `${word}: "${portText}" is not a port (1 to 65535)`
  }
  const withPort = port === undefined ? {} : { port }
  if (body === '*') return { any: true, ...withPort }
  const range = parseRange(body)
  if (range) return { range, ...withPort }
  if (bracketed || /[/:]/.test(body) || /^[0-9.]+$/.test(body)) {
    return `${word}: not a range; write an address or a CIDR whose host bits are zero, such as 10.0.0.0/16`
  }
  const suffix = body.startsWith('*.') ? body.slice(2) : undefined
  if (!isName(suffix ?? body)) {
    return `${word}: not a host pattern; write a name, or *.suffix ("*" stands only at the beginning)`
  }
  return suffix === undefined
    ? { name: normalName(body), ...withPort }
    : { suffix: `.${normalName(suffix)}`, ...withPort }
}

function isName(text: string): boolean {
  return /^[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*\.?$/i.test(text)
}

function fitsName(pattern: AllowPattern, name: string): boolean {
  if ('any' in pattern) return true
  if ('name' in pattern) return pattern.name === name
  return 'suffix' in pattern && name.endsWith(pattern.suffix) && name.length > pattern.suffix.length
}

function fitsPort(pattern: AllowPattern, port: number | undefined): boolean {
  return pattern.port === undefined || port === undefined || pattern.port === port
}

function normalName(name: string): string {
  return name.toLowerCase().replace(/\.$/, '')
}

function runtimeApiHost(env: Env): string | undefined {
  const api = env['AWS_LAMBDA_RUNTIME_API']
  if (api === undefined || api === '') return undefined
  return api.replace(/:[0-9]+$/, '').replace(/^\[|\]$/g, '')
}

function target(host: string, port: number | undefined): string {
  if (port === undefined) return host
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
}
