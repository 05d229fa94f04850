import { parseJson } from './json-text.js'
import { type Check, type CheckKind, CheckSchemas, type Plan, PlanEnvelopeSchema } from './plan.schema.js'
import { contradictions, propertyErrors, ruleWarnings } from './plan-rules.js'
import { nearest, type PlanError, pointerToken, schemaErrors } from './plan-schema.js'

export type { PlanError } from './plan-schema.js'

export type PlanReading =
  | { readonly ok: true; readonly plan: Plan; readonly warnings: readonly string[] }
  | { readonly ok: false; readonly errors: readonly PlanError[] }

/** Where a plan may come from, first one first; each is JSON text, a parsed value, or absent. */
export interface PlanSources {
  readonly event: unknown
  readonly env: Readonly<Record<string, string | undefined>>
  /** The text of the `plan.json` beside the bundle, or undefined if there is none. */
  readonly bundled: () => Promise<string | undefined>
}

export type LoadedPlan = PlanReading & { readonly source: 'event' | 'SONDE_PLAN' | 'plan.json' | 'none' }

const defaults = { timeoutMs: 3000, attempts: 2, concurrency: 64 }

/** Deeper than any plan; what is deeper is refused before something recursive meets it. */
const MAX_DEPTH = 32

/**
 * Reads a plan from JSON text or from a value, and fills in the envelope's defaults. Never throws: all that is wrong is
 * returned at once, each with a pointer to it. `${NAME}` stays as it is written, since secrets have no place in a plan.
 */
export function parsePlan(input: unknown): PlanReading {
  const value = plainValue(input)
  if ('errors' in value) return { ok: false, errors: value.errors }
  const texts = inspect(value.value)
  if (texts.errors.length > 0) return { ok: false, errors: texts.errors }

  const errors = schemaErrors(PlanEnvelopeSchema, value.value, '')
  const given = isRecord(value.value) && Array.isArray(value.value['checks']) ? value.value['checks'] : []
  const checks: Check[] = []
  for (const [index, item] of given.entries()) {
    const reading = readCheck(item, `/checks/${index}`)
    if ('check' in reading) checks.push(reading.check)
    errors.push(...reading.errors)
  }
  errors.push(...duplicateNames(given))
  if (errors.length > 0 || !isEnvelope(value.value)) return { ok: false, errors }

  const plan: Plan = { ...defaults, ...value.value, version: 1, checks }
  const warnings = checks.flatMap((check, index) =>
    ruleWarnings(check).map((warning) => `/checks/${index}: ${warning}`),
  )
  return { ok: true, plan, warnings: [...warnings, ...texts.warnings] }
}

/** Takes the plan from the event, else from `SONDE_PLAN`, else from the file beside the bundle. */
export async function loadPlan(sources: PlanSources): Promise<LoadedPlan> {
  const fromEvent = planOf(sources.event)
  if (fromEvent !== undefined) return { ...parsePlan(fromEvent), source: 'event' }
  const fromEnv = sources.env['SONDE_PLAN']
  if (fromEnv !== undefined && fromEnv.trim() !== '') return { ...parsePlan(fromEnv), source: 'SONDE_PLAN' }
  const bundled = await sources.bundled()
  if (bundled !== undefined) return { ...parsePlan(bundled), source: 'plan.json' }
  const message = 'no plan: give one in the event ("plan"), in SONDE_PLAN, or as plan.json beside the handler'
  return { ok: false, errors: [{ pointer: '', message }], source: 'none' }
}

/**
 * The plan inside an invocation's event: `{plan}`, `{sonde: {plan}}`, an EventBridge event's `detail`, or a plan itself.
 * Anything else is only a reason to run the configured plan.
 */
function planOf(event: unknown): unknown {
  if (!isRecord(event)) return undefined
  if (event['plan'] !== undefined) return event['plan']
  for (const key of ['sonde', 'detail']) {
    const inner = event[key]
    if (!isRecord(inner)) continue
    if (inner['plan'] !== undefined) return inner['plan']
    if (Array.isArray(inner['checks'])) return inner
  }
  return Array.isArray(event['checks']) ? event : undefined
}

function readCheck(
  item: unknown,
  base: string,
): { errors: PlanError[] } | { errors: PlanError[]; check: Check } {
  if (!isRecord(item) || Array.isArray(item))
    return { errors: [{ pointer: base, message: 'must be an object' }] }
  const kinds = Object.keys(CheckSchemas)
  const kind = item['kind']
  if (!Object.hasOwn(item, 'kind')) {
    return { errors: [{ pointer: base, message: `kind is missing; known kinds are ${kinds.join(', ')}` }] }
  }
  if (!isKind(kind)) {
    const near = typeof kind === 'string' ? nearest(kind, kinds) : undefined
    const hint = near ? `did you mean "${near}"? Known kinds are` : 'known kinds are'
    const said = typeof kind === 'string' ? `kind ${JSON.stringify(kind.slice(0, 32))}` : 'kind'
    return { errors: [{ pointer: `${base}/kind`, message: `unknown ${said}; ${hint} ${kinds.join(', ')}` }] }
  }
  const schema = CheckSchemas[kind]
  const errors = schemaErrors(schema, item, base)
  const sound = errors.length === 0 ? item : withoutFaults(item, errors, base, schema)
  if (isCheck(sound, schema)) {
    const single = propertyErrors(sound)
    const joint = single.length === 0 && sound === item ? contradictions(sound) : []
    errors.push(
      ...[...single, ...joint].map(({ pointer, message }) => ({ pointer: base + pointer, message })),
    )
  }
  return sound === item && isCheck(item, schema) ? { errors, check: item } : { errors }
}

/**
 * A faulty check with its faulty properties left out and missing ones set to something harmless, so that what else is
 * wrong is told in the same breath and not after the next try.
 */
function withoutFaults(
  item: Readonly<Record<string, unknown>>,
  errors: readonly PlanError[],
  base: string,
  schema: { readonly required?: readonly string[] },
): Readonly<Record<string, unknown>> {
  const faulty = new Set(errors.map(({ pointer }) => pointer.slice(base.length + 1).split('/', 1)[0]))
  const sound = Object.entries(item).filter(([key]) => !faulty.has(pointerToken(key)))
  const required = Object.entries(harmless).filter(([key]) => schema.required?.includes(key))
  return Object.fromEntries([...required, ...sound])
}

const harmless = { name: 'x', host: 'x.invalid', port: 1, url: 'https://x.invalid/', service: 'sts' }

/** Names are told apart as reports keep them, so `Db` and `db` may stand side by side. */
function duplicateNames(checks: readonly unknown[]): PlanError[] {
  const first = new Map<string, number>()
  const errors: PlanError[] = []
  for (const [index, check] of checks.entries()) {
    if (!isRecord(check) || typeof check['name'] !== 'string') continue
    const before = first.get(check['name'])
    if (before === undefined) first.set(check['name'], index)
    else {
      const message = `the name ${JSON.stringify(check['name'].slice(0, 64))} is already that of /checks/${before}`
      errors.push({ pointer: `/checks/${index}/name`, message })
    }
  }
  return errors
}

function plainValue(input: unknown): { readonly value: unknown } | { readonly errors: PlanError[] } {
  if (typeof input === 'string') {
    const reading = parseJson(input.replace(/^\ufeff/, ''))
    if (reading.ok) return { value: reading.value }
    return {
      errors: [
        { pointer: '', message: `line ${reading.line}, column ${reading.column}: ${reading.message}` },
      ],
    }
  }
  try {
    // A value that was never JSON (a cycle, a BigInt, a Date from YAML) becomes JSON here or is refused.
    const text = JSON.stringify(input)
    if (text !== undefined) return { value: JSON.parse(text) }
    return { errors: [{ pointer: '', message: 'must be an object' }] }
  } catch (error) {
    const why = error instanceof Error ? error.message.split('\n', 1)[0] : String(error)
    return { errors: [{ pointer: '', message: `not a JSON value: ${why}` }] }
  }
}

/** One walk over every text: references that won't be expanded, text that isn't Unicode, nesting without end. */
function inspect(root: unknown): { errors: PlanError[]; warnings: string[] } {
  const errors: PlanError[] = []
  const warnings: string[] = []
  const todo: { readonly value: unknown; readonly pointer: string; readonly depth: number }[] = [
    { value: root, pointer: '', depth: 0 },
  ]
  for (let next = todo.pop(); next; next = todo.pop()) {
    const { value, pointer, depth } = next
    if (typeof value === 'string') {
      const reference = /\$\{[^}]*\}/.exec(value)?.[0]
      if (reference)
        warnings.push(`${pointer}: ${reference.slice(0, 40)} is taken literally; a plan expands no variables`)
      if (!isWellFormed(value))
        errors.push({ pointer, message: 'not valid Unicode (half of a surrogate pair)' })
    }
    if (typeof value !== 'object' || value === null) continue
    if (depth >= MAX_DEPTH) {
      errors.push({ pointer, message: `nested deeper than ${MAX_DEPTH} levels` })
      continue
    }
    for (const [key, inner] of Object.entries(value)) {
      if (!isWellFormed(key))
        errors.push({ pointer, message: 'has a property whose name is not valid Unicode' })
      else todo.push({ value: inner, pointer: `${pointer}/${pointerToken(key)}`, depth: depth + 1 })
    }
  }
  return { errors, warnings }
}

function isWellFormed(text: string): boolean {
  return !/[\ud800-\udfff]/u.test(text)
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
}

function isKind(kind: unknown): kind is CheckKind {
  return typeof kind === 'string' && Object.hasOwn(CheckSchemas, kind)
}

/** The schema is the type: what departs from it in nothing is a check. */
function isCheck(item: unknown, schema: object): item is Check {
  return isRecord(item) && schemaErrors(schema, item, '').length === 0
}

function isEnvelope(value: unknown): value is Partial<Plan> {
  return isRecord(value) && value['version'] === 1
}
