import type { Static, TSchema } from 'typebox'
import { Compile } from 'typebox/compile'
import {
  type Document,
  isMap,
  isNode,
  isPair,
  isScalar,
  LineCounter,
  type Node,
  parseDocument,
  type YAMLError,
} from 'yaml'
import { escapePointer } from './errors.js'
import { MAX_YAML_ERRORS, wordsOfYaml } from './yaml-words.js'

/** One thing wrong with the configuration, with the place to look at. Lines and columns count from 1. */
export interface ConfigProblem {
  /** The file, or the environment variable or flag, that is wrong. */
  readonly source: string
  readonly line: number | null
  readonly column: number | null
  readonly message: string
}

/** A file can't be used; says everything that is wrong with it, not the first thing. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
  constructor(readonly problems: readonly ConfigProblem[]) {
    super(problems.map(formatProblem).join('\n'))
  }
}

/** `sonde.yaml:4:3: what is wrong`, the form that editors and terminals link. */
export function formatProblem({ source, line, column, message }: ConfigProblem): string {
  return line === null ? `${source}: ${message}` : `${source}:${line}:${column ?? 1}: ${message}`
}

/** What no YAML may hold (https://yaml.org/spec/1.2.2/#51-character-set), and what broken UTF-8 is read as. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for
const NOT_TEXT = /[\x00-\x08\x0b\x0c\x0e-\x1f\ufffd]/

/** What is particular to a kind of file. */
export interface FileRules<S extends TSchema> {
  readonly schema: S
  /** What a message calls the whole of it: `the configuration`. */
  readonly whole: string
  /** Says in words what the pattern at a path asks for: `must be twelve digits in quotes`. */
  readonly patternWords: (path: readonly string[]) => string
  /** What the schema can't say: asked only of a value that fits it. */
  readonly meaning: (value: Static<S>) => readonly MeaningProblem[]
}

export interface MeaningProblem {
  readonly path: readonly string[]
  readonly message: string
}

/** A file's value, and its document for whoever edits it. */
export interface YamlReading<T> {
  readonly value: T
  readonly document: Document.Parsed
}

/**
 * Reads YAML or JSON text (JSON is YAML) of one kind of file.
 * @throws ConfigError naming every wrong place by file, line and column.
 */
export function parseYamlFile<S extends TSchema>(
  text: string,
  source: string,
  rules: FileRules<S>,
): YamlReading<Static<S>> {
  const odd = text.search(NOT_TEXT)
  if (odd >= 0) {
    const before = text.slice(0, odd).split('\n')
    const place = { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 }
    throw new ConfigError([{ source, ...place, message: 'is no text file: YAML or JSON in UTF-8 is read' }])
  }
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, uniqueKeys: true, version: '1.2' })
  if (document.errors.length > 0) {
    throw new ConfigError(
      document.errors.slice(0, MAX_YAML_ERRORS).map((error) => yamlProblem(error, source, lines)),
    )
  }
  const at = (offset: number | undefined): Pick<ConfigProblem, 'line' | 'column'> => {
    if (offset === undefined) return { line: 1, column: 1 }
    const { line, col } = lines.linePos(offset)
    return { line: Math.max(line, 1), column: Math.max(col, 1) }
  }
  const root = document.contents
  let value: unknown
  try {
    value = document.toJS({ maxAliasCount: 100 }) ?? {}
  } catch (error) {
    throw new ConfigError([{ source, line: 1, column: 1, message: messageOf(error) }])
  }
  const problems: ConfigProblem[] = []
  const seen = new Set<string>()
  const add = (path: readonly string[], atKey: boolean, message: string): void => {
    const key = `${path.join('\u0000')}\u0001${message}`
    if (seen.has(key)) return
    seen.add(key)
    problems.push({ source, ...at(offsetOf(root, path, atKey)), message })
  }
  const validator = Compile(rules.schema)
  if (!validator.Check(value)) {
    for (const error of allErrors(rules.schema, value)) {
      const path = pointerPath(error.instancePath)
      for (const found of explain(error, path, value, rules)) add(found.path, found.atKey, found.message)
    }
  } else {
    for (const found of rules.meaning(value)) add(found.path, false, found.message)
    if (problems.length === 0) return { value, document }
  }
  problems.sort((a, b) => (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0))
  throw new ConfigError(problems)
}

function yamlProblem(error: YAMLError, source: string, lines: LineCounter): ConfigProblem {
  const { line, col } = lines.linePos(error.pos[0])
  return { source, line: Math.max(line, 1), column: Math.max(col, 1), message: wordsOfYaml(error) }
}

interface SchemaError {
  readonly keyword: string
  readonly instancePath: string
  readonly message: string
  readonly params: object
}

/** TypeBox stops after this many errors of one value. */
const TOLD_AT_ONCE = 8

/** Every error of a value: where TypeBox stopped counting, its parts are asked one by one. */
function allErrors(
  schema: TSchema,
  value: unknown,
  at = '',
  compiled = new Map<TSchema, ReturnType<typeof Compile>>(),
): SchemaError[] {
  const validator = compiled.get(schema) ?? Compile(schema)
  compiled.set(schema, validator)
  const told = validator.Errors(value).map((error) => ({
    ...error,
    instancePath: at + error.instancePath,
  }))
  if (told.length < TOLD_AT_ONCE || typeof value !== 'object' || value === null) return told
  const parts = Object.entries(value).flatMap(([key, part]) => {
    const inner = valueAt(schema, ['properties', key]) ?? valueAt(schema, ['items'])
    return isSchema(inner) ? allErrors(inner, part, `${at}/${escapePointer(key)}`, compiled) : []
  })
  return [...told, ...parts]
}

function isSchema(value: unknown): value is TSchema {
  return typeof value === 'object' && value !== null
}

interface Found {
  readonly path: readonly string[]
  readonly atKey: boolean
  readonly message: string
}

function explain(
  error: SchemaError,
  path: readonly string[],
  value: unknown,
  { schema, whole, patternWords }: Pick<FileRules<TSchema>, 'schema' | 'whole' | 'patternWords'>,
): Found[] {
  const name = path.length === 0 ? whole : path.join('.')
  switch (error.keyword) {
    case 'boolean':
      return [{ path, atKey: true, message: unknownKey(schema, path) }]
    case 'additionalProperties':
      return []
    case 'required': {
      const missing = 'requiredProperties' in error.params ? error.params.requiredProperties : []
      if (!Array.isArray(missing)) return []
      return missing.map((key) => ({ path, atKey: false, message: `${name} needs "${String(key)}"` }))
    }
    case 'enum': {
      const allowed = 'allowedValues' in error.params ? error.params.allowedValues : []
      const words = Array.isArray(allowed) ? allowed.map(String) : []
      const near = nearest(String(valueAt(value, path)), words)
      const hint = near ? `; did you mean ${near}?` : ''
      return [{ path, atKey: false, message: `${name} must be one of ${words.join(', ')}${hint}` }]
    }
    case 'type': {
      const wanted = 'type' in error.params ? String(error.params.type) : 'something else'
      return [
        {
          path,
          atKey: false,
          message: `${name} must be ${article(wanted)}, not ${shown(valueAt(value, path))}`,
        },
      ]
    }
    case 'pattern':
      return [{ path, atKey: false, message: `${name} ${patternWords(path)}` }]
    default:
      return [{ path, atKey: false, message: `${name} ${error.message}` }]
  }
}

function unknownKey(schema: TSchema, path: readonly string[]): string {
  const key = path[path.length - 1] ?? ''
  const known = knownKeys(schema, path.slice(0, -1))
  const near = nearest(key, known)
  const hint = near ? `did you mean "${near}"?` : `known here: ${known.join(', ')}`
  return `unknown key "${key}"; ${hint}`
}

function article(type: string): string {
  return /^[aeiou]/.test(type) ? `an ${type}` : `a ${type}`
}

function shown(value: unknown): string {
  if (Array.isArray(value)) return 'a list'
  if (value === null) return 'nothing'
  if (typeof value === 'object') return 'a mapping'
  const text = JSON.stringify(value)
  return text.length > 60 ? `${text.slice(0, 57)}…` : text
}

function pointerPath(pointer: string): string[] {
  if (pointer === '') return []
  return pointer
    .slice(1)
    .split('/')
    .map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'))
}

function valueAt(value: unknown, path: readonly string[]): unknown {
  let here: unknown = value
  for (const key of path) {
    if (typeof here !== 'object' || here === null) return undefined
    here = Object.entries(here).find(([name]) => name === key)?.[1]
  }
  return here
}

/** Start of the node at a path, or of its key; the nearest parent's if the path itself isn't written. */
function offsetOf(root: unknown, path: readonly string[], atKey: boolean): number | undefined {
  let node: unknown = root
  let offset = isNode(root) ? root.range?.[0] : undefined
  for (const [index, key] of path.entries()) {
    const last = index === path.length - 1
    if (isMap(node)) {
      const pair = node.items.find((item) => isScalar(item.key) && String(item.key.value) === key)
      if (!isPair(pair)) return offset
      const keyOffset = isScalar(pair.key) ? pair.key.range?.[0] : undefined
      if (last && atKey) return keyOffset ?? offset
      node = pair.value
      offset = startOf(node) ?? keyOffset ?? offset
    } else if (isNode(node) && 'items' in node && Array.isArray(node.items)) {
      node = node.items[Number(key)]
      offset = startOf(node) ?? offset
    } else return offset
  }
  return offset
}

function startOf(node: unknown): number | undefined {
  return isNode(node) ? (node as Node).range?.[0] : undefined
}

function knownKeys(schema: TSchema, path: readonly string[]): string[] {
  let here: unknown = schema
  for (const key of path) here = valueAt(here, ['properties', key]) ?? valueAt(here, ['items'])
  const properties = valueAt(here, ['properties'])
  return typeof properties === 'object' && properties !== null ? Object.keys(properties) : []
}

/** The known word that a typo most likely meant, or null if none is near. */
export function nearest(word: string, known: readonly string[]): string | null {
  let best: string | null = null
  let bestDistance = Math.max(1, Math.floor(word.length / 3)) + 1
  for (const candidate of known) {
    const distance = editDistance(word.toLowerCase(), candidate.toLowerCase())
    if (distance < bestDistance) {
      best = candidate
      bestDistance = distance
    }
  }
  return best
}

/** Insertions, deletions, replacements and swaps of neighbours that turn one word into the other. */
function editDistance(a: string, b: string): number {
  if (a.length > 64 || b.length > 64) return 64
  let before: number[] = []
  let row = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      const replaced = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]
      const swap = swapped ? (before[j - 2] ?? 0) + 1 : Number.POSITIVE_INFINITY
      next.push(Math.min(replaced, swap, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1))
    }
    before = row
    row = next
  }
  return row[b.length] ?? 0
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
