/** One thing wrong with a plan, and where: an RFC 6901 pointer into what was given. */
export interface PlanError {
  readonly pointer: string
  readonly message: string
}

/** A reference token of an RFC 6901 pointer. */
export function pointerToken(key: string | number): string {
  return String(key).replace(/~/g, '~0').replace(/\//g, '~1')
}

type JsonObject = Readonly<Record<string, unknown>>

/**
 * Everything in which a JSON value departs from a schema, in words. The pointers start with `base`. A missing property is
 * reported at the object that lacks it, so that every pointer leads somewhere.
 *
 * Covers the keywords that the schemas of this folder use and no others: a general validator weighs 17 kB of the
 * bundle's 100, stops at verdicts, and leaves the words to be made from keyword locations. The tests compare it with one.
 */
export function schemaErrors(schema: unknown, value: unknown, base: string): PlanError[] {
  if (!isObject(schema)) return []
  const fault = (): PlanError[] => [{ pointer: base, message: expectation(schema) }]
  if ('const' in schema) return value === schema['const'] ? [] : fault()
  if (Array.isArray(schema['enum'])) return schema['enum'].includes(value) ? [] : fault()
  if (Array.isArray(schema['anyOf'])) {
    const branches: readonly unknown[] = schema['anyOf']
    return branches.some((branch) => schemaErrors(branch, value, base).length === 0) ? [] : fault()
  }
  switch (schema['type']) {
    case 'object':
      return isObject(value) && !Array.isArray(value) ? objectErrors(schema, value, base) : fault()
    case 'array':
      return Array.isArray(value) ? listErrors(schema, value, base) : fault()
    case 'string':
      return typeof value === 'string' && fitsText(schema, value) ? [] : fault()
    case 'integer':
    case 'number':
      return typeof value === 'number' && fitsNumber(schema, value) ? [] : fault()
    case 'boolean':
      return typeof value === 'boolean' ? [] : fault()
    default:
      return []
  }
}

/** The known word that a misspelt one most likely means, if any is near. */
export function nearest(word: string, known: readonly string[]): string | undefined {
  const limit = Math.min(4, Math.max(1, Math.floor(word.length / 2)))
  // A word of any length may be given; one much longer than all that is known is near to none.
  if (word.length > 64) return undefined
  const ranked = known
    .map((candidate) => ({ candidate, distance: distance(word.toLowerCase(), candidate.toLowerCase()) }))
    .sort((a, b) => a.distance - b.distance)
  const best = ranked[0]
  return best && best.distance <= limit ? best.candidate : undefined
}

function objectErrors(schema: JsonObject, value: JsonObject, base: string): PlanError[] {
  const properties = isObject(schema['properties']) ? schema['properties'] : {}
  const patterns = Object.entries(isObject(schema['patternProperties']) ? schema['patternProperties'] : {})
  const required: readonly unknown[] = Array.isArray(schema['required']) ? schema['required'] : []
  const errors = required
    .filter((key) => typeof key === 'string' && !Object.hasOwn(value, key))
    .map((key) => ({ pointer: base, message: `${key} is missing` }))
  for (const [key, inner] of Object.entries(value)) {
    const pointer = `${base}/${pointerToken(key)}`
    const rule = Object.hasOwn(properties, key)
      ? properties[key]
      : patterns.find(([pattern]) => new RegExp(pattern, 'u').test(key))?.[1]
    if (rule !== undefined) errors.push(...schemaErrors(rule, inner, pointer))
    else if (schema['additionalProperties'] === false) {
      errors.push({ pointer, message: strangerMessage(key, Object.keys(properties)) })
    }
  }
  return errors
}

function strangerMessage(key: string, known: readonly string[]): string {
  if (known.length === 0) return 'not a name that is allowed here'
  const near = nearest(key, known)
  return `unknown property; ${near ? `did you mean ${near}?` : `known are ${known.join(', ')}`}`
}

function listErrors(schema: JsonObject, value: readonly unknown[], base: string): PlanError[] {
  const size = inBounds(value.length, schema['minItems'], schema['maxItems'])
  const own = size ? [] : [{ pointer: base, message: expectation(schema) }]
  return [
    ...own,
    ...value.flatMap((entry, index) => schemaErrors(schema['items'], entry, `${base}/${index}`)),
  ]
}

function fitsText(schema: JsonObject, value: string): boolean {
  // Code points, as JSON Schema counts them.
  if (!inBounds([...value].length, schema['minLength'], schema['maxLength'])) return false
  return typeof schema['pattern'] !== 'string' || new RegExp(schema['pattern'], 'u').test(value)
}

function fitsNumber(schema: JsonObject, value: number): boolean {
  if (schema['type'] === 'integer' && !Number.isInteger(value)) return false
  return inBounds(value, schema['minimum'], schema['maximum'])
}

function inBounds(value: number, least: unknown, most: unknown): boolean {
  return !(typeof least === 'number' && value < least) && !(typeof most === 'number' && value > most)
}

function expectation(schema: JsonObject): string {
  const about = typeof schema['description'] === 'string' ? ` (${schema['description']})` : ''
  if ('const' in schema) return `must be ${JSON.stringify(schema['const'])}`
  if (Array.isArray(schema['enum'])) return `must be one of ${schema['enum'].map(quoted).join(', ')}`
  if (Array.isArray(schema['anyOf'])) return `must be ${schema['anyOf'].map(noun).join(' or ')}${about}`
  return `must be ${noun(schema)}${about}`
}

function noun(schema: unknown): string {
  if (!isObject(schema)) return 'something else'
  const { minimum, maximum, minLength = 0, maxLength, pattern, minItems = 0, maxItems } = schema
  switch (schema['type']) {
    case 'integer':
      return `a whole number${maximum === undefined ? '' : ` from ${minimum} to ${maximum}`}`
    case 'string': {
      const length = maxLength === undefined ? '' : ` of ${minLength} to ${maxLength} characters`
      return `a text${length}${pattern === undefined ? '' : ` that matches ${pattern}`}`
    }
    case 'array':
      return `a list${maxItems === undefined ? '' : ` of ${minItems} to ${maxItems} entries`}`
    case 'object':
      return 'an object'
    default:
      return schema['type'] === 'boolean' ? 'true or false' : 'a number'
  }
}

function quoted(value: unknown): string {
  return JSON.stringify(value)
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null
}

/** Edits that turn one word into the other (Levenshtein). */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      const substitution = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)
      next.push(Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, substitution))
    }
    row = next
  }
  return row[b.length] ?? 0
}
