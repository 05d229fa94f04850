import { isIP } from 'node:net'
import { parseRange } from './address.js'
import type { AwsCheck, Check, DnsCheck, HttpCheck, TcpCheck } from './plan.schema.js'
import { type PlanError, pointerToken } from './plan-schema.js'

/** What a schema can't say about single properties. Pointers are relative to the check. */
export function propertyErrors(check: Check): PlanError[] {
  return [
    ...('host' in check ? faultAt('/host', hostFault(check.host)) : []),
    ...(check.kind === 'dns' ? dnsErrors(check) : []),
    ...(check.kind === 'tcp' ? stepErrors(check) : []),
    ...(check.kind === 'http' ? httpErrors(check) : []),
    ...caFileErrors(check),
  ]
}

/** Properties that are right by themselves and contradict each other; for checks in which nothing else is wrong. */
export function contradictions(check: Check): PlanError[] {
  return [
    ...('host' in check ? familyErrors('/host', check.host, check.family) : []),
    ...(check.kind === 'dns' ? dnsContradictions(check) : []),
    ...(check.kind === 'tcp' && !check.exchange?.some((step) => step.startTls)
      ? unusedTls(check, 'no step of exchange has "startTls": true')
      : []),
    ...(check.kind === 'http' ? httpContradictions(check) : []),
    ...(check.kind === 'aws' ? awsContradictions(check) : []),
    ...tlsContradictions(check),
  ]
}

/** What is allowed but probably not meant. */
export function ruleWarnings(check: Check): string[] {
  const warnings: string[] = []
  if (check.expect === 'unreachable') {
    const unused = [
      'exchange',
      'status',
      'headerMatches',
      'bodyMatches',
      'egressIp',
      'addresses',
      'minDaysLeft',
    ].filter((key) => key in check)
    if (unused.length > 0) {
      warnings.push(
        `${unused.join(', ')} decides nothing where the expectation is "unreachable": any answer fails it`,
      )
    }
  }
  if ('holdMs' in check && check.holdMs !== undefined && check.holdMs > 800_000) {
    warnings.push(`holdMs ${check.holdMs} hardly fits into the 900 s that a Lambda may run`)
  }
  return warnings
}

type TlsBearing = Extract<Check, { serverName?: string }>

function faultAt(pointer: string, message: string | undefined): PlanError[] {
  return message === undefined ? [] : [{ pointer, message }]
}

function familyErrors(pointer: string, host: string, family: Check['family']): PlanError[] {
  const literal = isIP(host)
  if (literal === 0 || family === undefined || family === 'any') return []
  if (family === `ipv${literal}`) return []
  return [{ pointer: '/family', message: `contradicts ${pointer}: ${host} is an IPv${literal} address` }]
}

function hostFault(host: string): string | undefined {
  if (isIP(host) !== 0) return undefined
  if (/^\[.*\]/.test(host)) return 'an IPv6 address stands without brackets; a port has its own property'
  if (/^[^:]+:[0-9]+$/.test(host)) return `no port here; write "port": ${host.split(':')[1]}`
  if (host.includes(':')) return 'neither a name nor an IPv6 address'
  // Code points beyond ASCII are what a resolver never sees: IDNs travel in their ASCII form.
  if (/[^\x20-\x7e]/.test(host)) return 'write an internationalised name in its ASCII (xn--) form'
  const labels = host.replace(/\.$/, '').split('.')
  const bad = labels.find((label) => !/^[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?$/.test(label))
  if (bad !== undefined)
    return `not a DNS name: ${bad === '' ? 'an empty label' : `the label ${JSON.stringify(bad)}`}`
  if (labels.every((label) => /^[0-9]+$/.test(label)))
    return 'neither a name nor an IPv4 address of four numbers'
  return undefined
}

function dnsErrors(check: DnsCheck): PlanError[] {
  const literal = isIP(check.host) === 0 ? undefined : 'an address needs no DNS; write a name'
  return [...faultAt('/host', literal), ...rangeErrors('/addresses', check.addresses)]
}

function dnsContradictions(check: DnsCheck): PlanError[] {
  const other = { A: 'ipv6', AAAA: 'ipv4' } as const
  if (!check.type || check.family !== other[check.type]) return []
  return [{ pointer: '/family', message: `contradicts "type": "${check.type}"` }]
}

function stepErrors(check: TcpCheck): PlanError[] {
  return (check.exchange ?? []).flatMap((step, index) => {
    const pointer = `/exchange/${index}`
    const empty = Object.keys(step).length === 0 ? 'a step needs send, expect or startTls' : undefined
    return [...faultAt(pointer, empty), ...regexErrors(`${pointer}/expect`, step.expect)]
  })
}

function httpErrors(check: HttpCheck): PlanError[] {
  return [
    ...faultAt('/url', URL.canParse(check.url) ? hostFault(hostOf(check.url)) : 'not a URL'),
    ...Object.entries(check.headers ?? {}).flatMap(([name, value]) =>
      faultAt(`/headers/${pointerToken(name)}`, headerFault(name.toLowerCase(), value)),
    ),
    ...Object.entries(check.headerMatches ?? {}).flatMap(([name, pattern]) =>
      regexErrors(`/headerMatches/${pointerToken(name)}`, pattern),
    ),
    ...regexErrors('/bodyMatches', check.bodyMatches),
    ...rangeErrors('/egressIp', check.egressIp),
  ]
}

function httpContradictions(check: HttpCheck): PlanError[] {
  // A redirect may lead to https.
  const plain = new URL(check.url).protocol === 'http:' && !check.followRedirects
  const unread = (['bodyMatches', 'egressIp'] as const).filter(
    (key) => check.method === 'HEAD' && key in check,
  )
  return [
    ...familyErrors('/url', hostOf(check.url), check.family),
    ...(plain ? unusedTls(check, 'the URL is plain http') : []),
    ...unread.map((key) => ({
      pointer: `/${key}`,
      message: 'contradicts "method": "HEAD", which has no body',
    })),
  ]
}

function headerFault(name: string, value: string): string | undefined {
  if (/[\r\n]/.test(value)) return 'a header holds no line break'
  if (secretHeaders.has(name))
    return 'refused: a plan holds no secrets; any answer of the server proves the path'
  return ownHeaders.has(name) ? 'refused: the check itself frames its request' : undefined
}

function hostOf(url: string): string {
  return new URL(url).hostname.replace(/^\[|\]$/g, '')
}

const secretHeaders = new Set(['authorization', 'proxy-authorization', 'cookie'])
const ownHeaders = new Set([
  'connection',
  'content-length',
  'expect',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
])

function awsContradictions(check: AwsCheck): PlanError[] {
  const errors: PlanError[] = []
  if (check.endpoint !== undefined && check.variant !== undefined && check.variant !== 'standard') {
    errors.push({ pointer: '/variant', message: 'contradicts "endpoint", which is already the whole name' })
  }
  return errors
}

/** TLS options where no TLS, or no verification, takes place: what they ask for would silently not be done. */
function tlsContradictions(check: Check): PlanError[] {
  if (!('tls' in check) && check.kind !== 'redis') return []
  const mode = 'tls' in check ? check.tls : 'off'
  const reason =
    check.kind === 'redis' && check.tls === undefined ? '"tls" is "off" by default' : '"tls" is "off"'
  if (mode === 'off') return unusedTls(check, reason)
  if (mode !== 'require') return []
  return (['ca', 'caFile'] as const)
    .filter((key) => key in check)
    .map((key) => ({
      pointer: `/${key}`,
      message: 'contradicts "tls": "require", which trusts any certificate; use "verify"',
    }))
}

function unusedTls(check: Check, reason: string): PlanError[] {
  const options: readonly (keyof TlsBearing)[] = ['serverName', 'ca', 'caFile', 'minDaysLeft']
  return options
    .filter((key) => key in check)
    .map((key) => ({ pointer: `/${key}`, message: `has no effect: ${reason}` }))
}

function caFileErrors(check: Check): PlanError[] {
  if (!('caFile' in check) || check.caFile === undefined || /^[A-Za-z0-9_][\w.-]*$/.test(check.caFile))
    return []
  return [{ pointer: '/caFile', message: 'the name of a file beside the probe, without a path' }]
}

function rangeErrors(pointer: string, texts: readonly string[] | undefined): PlanError[] {
  return (texts ?? []).flatMap((text, index) =>
    parseRange(text)
      ? []
      : [
          {
            pointer: `${pointer}/${index}`,
            message: 'neither an address nor a range whose host bits are zero',
          },
        ],
  )
}

function regexErrors(pointer: string, pattern: string | undefined): PlanError[] {
  if (pattern === undefined) return []
  try {
    new RegExp(pattern)
    return []
  } catch (error) {
    return [{ pointer, message: error instanceof Error ? error.message : 'not a regular expression' }]
  }
}
