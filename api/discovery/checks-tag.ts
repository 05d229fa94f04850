import type { Check } from '../../probe/plan.schema.js'

/** What the tag `sonde:checks` of a function asks for. */
export interface AskedChecks {
  /** Words that name proposals: `rds:orders`, or `orders` where that is plain enough. */
  readonly names: readonly string[]
  /** Checks that the tag spells out. */
  readonly checks: readonly Check[]
  readonly problems: readonly string[]
}

/**
 * Reads a tag's value: words, apart by spaces. A tag can't hold JSON: AWS lets letters, digits, spaces and `_.:/=+-@` into the
 * tags of most services, and 256 characters (https://docs.aws.amazon.com/tag-editor/latest/userguide/tagging.html).
 *
 * - `rds:orders`, `service:sqs`, `internet` or a plain `orders` select among what discovery proposes;
 * - `tcp://HOST:PORT`, `tls://HOST[:PORT]`, `https://HOST/PATH`, `postgres://HOST[:PORT]`, `mysql://…`, `mssql://…`, `redis://…`,
 *   `rediss://…`, `dns://HOST` and `aws://SERVICE` are checks of their own;
 * - `not:` before one of these asks that it be unreachable.
 */
export function readChecksTag(value: string): AskedChecks {
  const names: string[] = []
  const checks: Check[] = []
  const problems: string[] = []
  for (const word of value.split(/[\s,]+/).filter((part) => part !== '')) {
    const denied = word.startsWith('not:')
    const rest = denied ? word.slice('not:'.length) : word
    if (!rest.includes('://')) {
      if (denied) problems.push(`"${word}": not: needs a target, like not:tcp://10.0.9.4:22`)
      else names.push(word)
      continue
    }
    const check = checkOf(word, rest)
    if (typeof check === 'string') problems.push(`"${word}": ${check}`)
    else checks.push(denied ? { ...check, expect: 'unreachable' } : check)
  }
  return { names, checks, problems }
}

const KINDS: Readonly<Record<string, (name: string, host: string, port: number | null) => Check | string>> = {
  tcp: (name, host, port) => (port === null ? 'tcp needs a port' : { name, kind: 'tcp', host, port }),
  tls: (name, host, port) => ({ name, kind: 'tls', host, ...at(port) }),
  postgres: (name, host, port) => ({ name, kind: 'postgres', host, ...at(port) }),
  mysql: (name, host, port) => ({ name, kind: 'mysql', host, ...at(port) }),
  mssql: (name, host, port) => ({ name, kind: 'mssql', host, ...at(port) }),
  redis: (name, host, port) => ({ name, kind: 'redis', host, ...at(port) }),
  rediss: (name, host, port) => ({ name, kind: 'redis', host, ...at(port), tls: 'verify' }),
  dns: (name, host) => ({ name, kind: 'dns', host }),
  aws: (name, service) => ({ name, kind: 'aws', service }),
}

function checkOf(word: string, target: string): Check | string {
  const scheme = target.slice(0, target.indexOf('://'))
  const name = word.length <= 128 ? word : word.slice(0, 128)
  if (scheme === 'http' || scheme === 'https') {
    return URL.canParse(target) ? { name, kind: 'http', url: target } : 'not a URL'
  }
  const make = KINDS[scheme]
  if (make === undefined) {
    return `no such kind; known are ${['http', 'https', ...Object.keys(KINDS)].join(', ')}`
  }
  const rest = target.slice(scheme.length + '://'.length).replace(/\/$/, '')
  const [, host, port] = /^(\[[0-9A-Fa-f:.]+\]|[^:/]+)(?::([0-9]{1,5}))?$/.exec(rest) ?? []
  if (host === undefined) return 'expected HOST or HOST:PORT after ://'
  return make(name, host.replace(/^\[|\]$/g, ''), port === undefined ? null : Number(port))
}

function at(port: number | null): { port?: number } {
  return port === null ? {} : { port }
}
