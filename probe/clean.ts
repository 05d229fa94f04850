/** Longest text in a report, in UTF-16 units, where its schema names no other. */
const MAX_TEXT = 200
/** Longest list in a report where its schema names no other. */
const MAX_LIST = 16

type Env = Readonly<Record<string, string | undefined>>

/**
 * Keeps of `value` what `schema` describes and nothing else: unknown members, members of another type and surplus entries
 * are dropped, texts are cleaned. What no schema names can't get into a report, whoever puts it into a finding.
 */
export function conform(schema: unknown, value: unknown, clean: (text: string) => string): unknown {
  if (!isObject(schema)) return undefined
  if (Array.isArray(schema['anyOf'])) {
    const fits = schema['anyOf'].map((branch) => conform(branch, value, clean))
    return fits.find((fit) => fit !== undefined)
  }
  if (Array.isArray(schema['enum'])) return schema['enum'].includes(value) ? value : undefined
  switch (schema['type']) {
    case 'string': {
      if (typeof value !== 'string') return undefined
      const limit = typeof schema['maxLength'] === 'number' ? schema['maxLength'] : MAX_TEXT
      return clip(clean(value.slice(0, 4 * limit)), limit)
    }
    case 'integer':
    case 'number':
      // A time that isn't a number is a defect; it must not cost the whole line.
      return typeof value === 'number'
        ? Number.isFinite(value)
          ? Math.max(value, lowest(schema))
          : 0
        : undefined
    case 'boolean':
      return typeof value === 'boolean' ? value : undefined
    case 'null':
      return value === null ? null : undefined
    case 'array':
      return Array.isArray(value) ? conformList(schema, value, clean) : undefined
    case 'object':
      return isObject(value) ? conformObject(schema['properties'], value, clean) : undefined
    default:
      return undefined
  }
}

/**
 * A cleaner of texts for the environment that it runs in: no line breaks, no query strings, no user or password in a URL,
 * no `password=…`, no AWS key, and no value of an environment variable that is named like a secret.
 */
export function textCleaner(env: Env): (text: string) => string {
  const secrets = Object.entries(env)
    .filter(([name, value]) => secretName.test(name) && value !== undefined && value.length >= 6)
    .map(([, value]) => value ?? '')
    // A secret that contains another must go first, or its rest would stay.
    .sort((a, b) => b.length - a.length)
  return (text) => {
    let cleaned = text
    for (const secret of secrets) cleaned = cleaned.replaceAll(secret, '***')
    return oneLine(cleaned)
      .replace(/\b([a-z][a-z0-9+.-]*:\/\/)[^\s/@]*@/gi, '$1')
      .replace(/([a-z][a-z0-9+.-]*:\/\/[^\s?#]*)[?#]\S*/gi, '$1')
      .replace(/\?[^\s?=]*=\S*/g, '')
      .replace(/\b(?:AKIA|ASIA)[A-Z0-9]{12,}/g, '***')
      .replace(
        /\b(\w*(?:password|passwd|secret|token|authorization|signature|credential)\w*)(["']?\s*[=:]\s*)(?:(?:bearer|basic)\s+)?[^\s,;]+/gi,
        '$1$2***',
      )
  }
}

/** What breaks a line, taken out; for names, which must stay what they are. */
export function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ')
}

const secretName =
  /key|secret|token|passw|passphrase|pwd|credential|auth|private|dsn|connection|database_url|cookie/i

function conformList(
  { items, maxItems }: Readonly<Record<string, unknown>>,
  value: readonly unknown[],
  clean: (text: string) => string,
): unknown[] {
  // A list of results or reports is bounded elsewhere; a list of texts is bounded here.
  const texts = isObject(items) && items['type'] === 'string'
  const limit = typeof maxItems === 'number' ? maxItems : texts ? MAX_LIST : value.length
  const kept = Array.isArray(items)
    ? items.map((item, index) => conform(item, value[index], clean))
    : value.slice(0, limit).map((entry) => conform(items, entry, clean))
  return kept.filter((entry) => entry !== undefined)
}

function conformObject(properties: unknown, value: object, clean: (text: string) => string): object {
  const known = isObject(properties) ? Object.entries(properties) : []
  const given = new Map(Object.entries(value))
  const kept = known.map(([key, schema]) => [key, conform(schema, given.get(key), clean)] as const)
  return Object.fromEntries(kept.filter(([, entry]) => entry !== undefined))
}

function lowest(schema: Readonly<Record<string, unknown>>): number {
  return typeof schema['minimum'] === 'number' ? schema['minimum'] : Number.NEGATIVE_INFINITY
}

function clip(text: string, limit: number): string {
  if (text.length <= limit) return text
  // Half of a surrogate pair would not survive UTF-8.
  return `${text.slice(0, limit - 1).replace(/[\ud800-\udbff]$/, '')}…`
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
}
