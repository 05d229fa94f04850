import { type Prefix, parsePrefix } from '../address.js'
import type { Raw } from '../entities.js'
import type { SnapshotDocument, SnapshotProblem } from '../snapshot.js'

/** A document being read, and where to put what is wrong with it. */
export interface Source {
  readonly document: SnapshotDocument
  readonly problems: SnapshotProblem[]
}

function isObject(value: unknown): value is Raw {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function describe(value: unknown): string {
  if (value === undefined) return 'nothing'
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'an array'
  if (typeof value === 'object') return 'an object'
  const text = JSON.stringify(value) ?? String(value)
  return `${typeof value} ${text.length > 60 ? `${text.slice(0, 57)}...` : text}`
}

/** Where `wanted` stands in the document; looked for only when something is wrong, so that reading carries no paths. */
function pointerTo(root: unknown, wanted: unknown): string | null {
  const stack: [unknown, string][] = [[root, '']]
  for (let top = stack.pop(); top !== undefined; top = stack.pop()) {
    const [value, path] = top
    if (value === wanted) return path
    if (typeof value !== 'object' || value === null) continue
    for (const [key, child] of Object.entries(value)) {
      if (typeof child === 'object' && child !== null) {
        stack.push([child, `${path}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`])
      }
    }
  }
  return null
}

const MOST_PROBLEMS_IN_ONE_FILE = 50

/** Notes that `holder[key]` is not what was expected. */
export function wrong(source: Source, holder: unknown, key: string, expected: string): void {
  const { file, body } = source.document
  let count = 0
  for (const problem of source.problems) if (problem.file === file) count++
  if (count >= MOST_PROBLEMS_IN_ONE_FILE) return
  const found = isObject(holder) || Array.isArray(holder) ? (holder as Raw)[key] : holder
  const at = pointerTo(body, holder)
  const suffix = key === '' ? '' : `/${key}`
  source.problems.push({
    file,
    pointer: `${at ?? ''}${suffix}`,
    message: `expected ${expected}, found ${describe(key === '' ? holder : found)}`,
  })
}

/** The objects under `key` of the document's top level; null (and a problem) where the answer isn't one of that call. */
export function answer(source: Source, key: string): readonly Raw[] | null {
  const { body } = source.document
  if (!isObject(body)) {
    wrong(source, body, '', `an object with ${key}`)
    return null
  }
  if (!Array.isArray(body[key])) {
    wrong(source, body, key, 'an array')
    return null
  }
  return objects(source, body, key)
}

/** The document's top-level object; null (and a problem) if it is none. */
export function body(source: Source): Raw | null {
  if (isObject(source.document.body)) return source.document.body
  wrong(source, source.document.body, '', 'an object')
  return null
}

const NO_OBJECTS: readonly Raw[] = []
const NO_STRINGS: readonly string[] = []

export function objects(source: Source, o: Raw, key: string): readonly Raw[] {
  const value = o[key]
  if (value === undefined || value === null) return NO_OBJECTS
  if (!Array.isArray(value)) {
    wrong(source, o, key, 'an array')
    return NO_OBJECTS
  }
  if (value.every(isObject)) return value
  value.forEach((item, i) => {
    if (!isObject(item)) wrong(source, value, String(i), 'an object')
  })
  return value.filter(isObject)
}

export function object(source: Source, o: Raw, key: string): Raw | null {
  const value = o[key]
  if (value === undefined || value === null) return null
  if (isObject(value)) return value
  wrong(source, o, key, 'an object')
  return null
}

export function strings(source: Source, o: Raw, key: string): readonly string[] {
  const value = o[key]
  if (value === undefined || value === null) return NO_STRINGS
  if (!Array.isArray(value)) {
    wrong(source, o, key, 'an array of strings')
    return NO_STRINGS
  }
  const out: string[] = []
  value.forEach((item, i) => {
    if (typeof item === 'string') out.push(item)
    else wrong(source, value, String(i), 'a string')
  })
  return out
}

export function str(source: Source, o: Raw, key: string): string | null {
  const value = o[key]
  if (typeof value === 'string') return value
  if (value !== undefined && value !== null) wrong(source, o, key, 'a string')
  return null
}

/** A string that must be there: without it the object can't be used. */
export function need(source: Source, o: Raw, key: string): string | null {
  const value = o[key]
  if (typeof value === 'string' && value !== '') return value
  wrong(source, o, key, 'a string')
  return null
}

export function num(source: Source, o: Raw, key: string): number | null {
  const value = o[key]
  if (typeof value === 'number') return value
  if (value !== undefined && value !== null) wrong(source, o, key, 'a number')
  return null
}

export function bool(source: Source, o: Raw, key: string): boolean | null {
  const value = o[key]
  if (typeof value === 'boolean') return value
  if (value !== undefined && value !== null) wrong(source, o, key, 'true or false')
  return null
}

/** An address or range; null where absent, null and a problem where it is neither. */
export function prefix(source: Source, o: Raw, key: string): Prefix | null {
  const text = str(source, o, key)
  if (text === null || text === '') return null
  const parsed = parsePrefix(text)
  if (parsed === null) wrong(source, o, key, 'an IP address or CIDR')
  return parsed
}

const PROTOCOLS: ReadonlyMap<string, number> = new Map([
  ['all', -1],
  ['icmp', 1],
  ['tcp', 6],
  ['udp', 17],
  ['icmpv6', 58],
])

/** A protocol by name or number; -1 is all. Null if it is neither. */
export function protocolNumber(text: string): number | null {
  const named = PROTOCOLS.get(text.toLowerCase())
  if (named !== undefined) return named
  if (!/^(-1|\d{1,3})$/.test(text)) return null
  const value = Number(text)
  return value <= 255 ? value : null
}

/** The protocol under `key`; null and a problem if it isn't one. */
export function protocol(source: Source, o: Raw, key: string): number | null {
  const value = o[key]
  const parsed = typeof value === 'string' ? protocolNumber(value) : null
  if (parsed === null) wrong(source, o, key, 'a protocol name or number')
  return parsed
}
