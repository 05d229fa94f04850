import { isIP } from 'node:net'
import { parseRange } from './address.js'
import type { Check, HttpCheck } from './plan.schema.js'
import { type PlanError, pointerToken } from './plan-schema.js'

/** What a schema can't say about a single check. Pointers are relative to the check. */
export function ruleErrors(check: Check): PlanError[] {
  return [
    ...('host' in check ? hostErrors(check.host, check.family) : []),
    ...(check.kind === 'dns' ? dnsErrors(check) : []),
    ...(check.kind === 'tcp' ? tcpErrors(check) : []),
    ...(check.kind === 'http' ? httpErrors(check) : []),
    ...(check.kind === 'aws' ? awsErrors(check) : []),
    ...tlsErrors(check),
    ...caFileErrors(check),
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

function hostErrors(host: string, family: Check['family']): PlanError[] {
  const fault = hostFault(host)
  if (fault) return [{ pointer: '/host', message: fault }]
  return familyErrors('/host', host, family)
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

function dnsErrors(check: Extract<Check, { kind: 'dns' }>): PlanError[] {
  const errors = rangeErrors('/addresses', check.addresses)
  if (isIP(check.host)) errors.push({ pointer: '/host', message: 'an address needs no DNS; write a name' })
  const wanted = { A: 'ipv6', AAAA: 'ipv4' } as const
  if (check.type && check.family === wanted[check.type]) {
    errors.push({ pointer: '/family', message: `contradicts "type": "${check.type}"` })
  }
  return errors
}

function tcpErrors(check: Extract<Check, { kind: 'tcp' }>): PlanError[] {
  const errors: PlanError[] = []
  for (const [index, step] of (check.exchange ?? []).entries()) {
    const pointer = `/exchange/${index}`
    if (Object.keys(step).length === 0) {
      errors.push({ pointer, message: 'a step needs send, expect or startTls' })
    }
    errors.push(...regexErrors(`${pointer}/expect`, step.expect))
  }
  if (!check.exchange?.some((step) => step.startTls)) {
    errors.push(...unusedTls(check, 'no step of exchange has "startTls": true'))
  }
  return errors
}

function httpErrors(check: HttpCheck): PlanError[] {
  const errors: PlanError[] = []
  const url = URL.canParse(check.url) ? new URL(check.url) : undefined
  if (!url) errors.push({ pointer: '/url', message: 'not a URL' })
  else {
    const host = url.hostname.replace(/^\[|\]$/g, '')
    const fault = hostFault(host)
    if (fault) errors.push({ pointer: '/url', message: fault })
    errors.push(...familyErrors('/url', host, check.family))
    // A redirect may lead to https.
    if (url.protocol === 'http:' && !check.followRedirects)
      errors.push(...unusedTls(check, 'the URL is plain http'))
  }
  for (const [name, value] of Object.entries(check.headers ?? {})) {
    const pointer = `/headers/${pointerToken(name)}`
    if (/[\r\n]/.test(value)) errors.push({ pointer, message: 'a header holds no line break' })
    if (secretHeaders.has(name.toLowerCase())) {
      errors.push({
        pointer,
        message: 'refused: a plan holds no secrets; any answer of the server proves the path',
      })
    }
    if (ownHeaders.has(name.toLowerCase())) {
      errors.push({ pointer, message: 'refused: the check itself frames its request' })
    }
  }
  for (const [name, pattern] of Object.entries(check.headerMatches ?? {})) {
    errors.push(...regexErrors(`/headerMatches/${pointerToken(name)}`, pattern))
  }
  errors.push(...regexErrors('/bodyMatches', check.bodyMatches), ...rangeErrors('/egressIp', check.egressIp))
  for (const key of ['bodyMatches', 'egressIp'] as const) {
    if (check.method === 'HEAD' && check[key] !== undefined) {
      errors.push({ pointer: `/${key}`, message: 'contradicts "method": "HEAD", which has no body' })
    }
  }
  return errors
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

function awsErrors(check: Extract<Check, { kind: 'aws' }>): PlanError[] {
  const errors: PlanError[] = []
  if (check.endpoint !== undefined && check.variant !== undefined && check.variant !== 'standard') {
    errors.push({ pointer: '/variant', message: 'contradicts "endpoint", which is already the whole name' })
  }
  return errors
}

/** TLS options where no TLS, or no verification, takes place: what they ask for would silently not be done. */
function tlsErrors(check: Check): PlanError[] {
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
