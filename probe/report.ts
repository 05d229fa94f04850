import { conform, oneLine, textCleaner } from './clean.js'
import { emfMembers, emfSummary } from './emf.js'
import type { PlanError } from './plan-schema.js'
import {
  type AddressResult,
  AddressResultSchema,
  DetailSchema,
  type ErrorLine,
  ErrorLineSchema,
  type ProbeIdentity,
  type Report,
  ReportSchema,
  type Result,
} from './report.schema.js'
import type { RunOutcome } from './run.js'

type Env = Readonly<Record<string, string | undefined>>

/** Most bytes of one line, without its line break. */
export const MAX_LINE_BYTES = 64 * 1024
const RESULT = ReportSchema.properties.results.items
/** What `part` and the brackets may grow by while a line fills: two numbers of up to five digits. */
const PART_BYTES = 16

/** The parts of a run's report; each is complete in itself. */
export interface PrintedReport {
  readonly line: string
  readonly report: Report
}

/**
 * The lines that a run prints: each one JSON object of at most 64 KiB of UTF-8 without a line break, as many as it takes.
 * `env` tells what must not appear (values of secrets) and whether each line is to be a metric document too: `SONDE_EMF=1` for
 * metrics of each check, then one result a line, `SONDE_EMF=probe` for one metric of the whole probe.
 */
export function reportLines(run: RunOutcome, identity: ProbeIdentity, env: Env = {}): readonly string[] {
  return printedReports(run, identity, env).map(({ line }) => line)
}

/** As `reportLines`, with each line's value beside it: an invocation returns what it printed. */
export function printedReports(run: RunOutcome, identity: ProbeIdentity, env: Env): readonly PrintedReport[] {
  const clean = textCleaner(env)
  const probe = whoReports(identity)
  const results = run.results.map((result) => whatWasSeen(result, clean))
  const shell = (part: [number, number], own: readonly Result[]): Report => ({
    sonde: 1,
    run: run.run,
    part,
    probe,
    startedAt: run.startedAt,
    durationMs: run.durationMs,
    results: [...own],
  })
  const eachAlone = env['SONDE_EMF'] === '1'
  const timestamp = Date.parse(run.startedAt)
  const members = (group: readonly Result[], index: number): Readonly<Record<string, unknown>> => {
    if (env['SONDE_EMF'] === 'probe') return emfSummary(group, probe.function, timestamp)
    const only = group[0]
    return eachAlone && only ? emfMembers(only, probe.function, index, timestamp) : {}
  }
  const room = MAX_LINE_BYTES - bytes({ ...shell([1, 1], []), ...members([], 0) }) - PART_BYTES
  const groups = eachAlone ? results.map((result) => [result]) : pack(results, room)
  return groups.map((group, index) => {
    const report = shell([index + 1, groups.length], group)
    return { line: JSON.stringify({ ...report, ...members(group, index) }), report }
  })
}

/** The line of a probe that could not run: no report, but found and shown by who looks for reports. */
export function errorLine(
  error: {
    readonly code: ErrorLine['error']['code']
    readonly source: string
    readonly errors: readonly PlanError[]
  },
  identity: ProbeIdentity,
  at: Date,
  env: Env = {},
): string {
  const clean = textCleaner(env)
  const line = (errors: readonly PlanError[]): string =>
    JSON.stringify({
      ...conformed(
        ErrorLineSchema,
        { sonde: 1, error: { ...error, errors: [...errors] }, probe: identity, at: at.toISOString() },
        clean,
      ),
      probe: whoReports(identity),
    })
  let kept = error.errors
  // Thousands of errors have a first hundred that says enough.
  while (kept.length > 1 && Buffer.byteLength(line(kept)) > MAX_LINE_BYTES)
    kept = kept.slice(0, kept.length >> 1)
  return line(kept)
}

/** Results in their order, as many to a part as its line has room for. */
function pack(results: readonly Result[], room: number): Result[][] {
  const parts: Result[][] = []
  let open: Result[] = []
  let used = 0
  for (const result of results) {
    const whole = bytes(result) + 1
    // Texts are bounded, so that this takes names in scripts of four bytes a letter and every field at its limit.
    const fitting = whole > room ? bare(result) : result
    const size = whole > room ? bytes(fitting) + 1 : whole
    if (open.length > 0 && used + size > room) {
      parts.push(open)
      open = []
      used = 0
    }
    open.push(fitting)
    used += size
  }
  return open.length > 0 || parts.length === 0 ? [...parts, open] : parts
}

function bare(result: Result): Result {
  const { detail: _detail, addresses: _addresses, ...rest } = result
  return rest
}

/**
 * The identity as it is: names by which functions, subnets and accounts are known must not be taken for the value of some
 * variable that is called like a secret and holds the same word. Functions are told as far as half a line goes.
 */
function whoReports(identity: ProbeIdentity): ProbeIdentity {
  const { workloads, ...probe } = conformed(ReportSchema.properties.probe, identity, oneLine)
  if (workloads === undefined) return probe
  let room = MAX_LINE_BYTES / 2 - bytes(probe)
  return {
    ...probe,
    workloads: workloads.filter((name) => {
      room -= bytes(name) + 1
      return room > 0
    }),
  }
}

/**
 * A result whose names and addresses stay what they are, and whose texts are cleaned, each before it is cut to its length:
 * half of a secret would not be recognised.
 */
function whatWasSeen(result: Result, clean: (text: string) => string): Result {
  const { target, detail, addresses, ...rest } = conformed(RESULT, result, oneLine)
  return {
    ...rest,
    target: textOf(RESULT.properties.target, withoutSecrets(result.target, clean)) ?? target,
    ...(detail === undefined ? {} : { detail: conformed(DetailSchema, result.detail ?? {}, clean) }),
    ...(addresses === undefined
      ? {}
      : { addresses: (result.addresses ?? []).map((one) => addressSeen(one, clean)) }),
  }
}

function addressSeen(given: AddressResult, clean: (text: string) => string): AddressResult {
  const { message: _message, ...rest } = conformed(AddressResultSchema, given, oneLine)
  const message = textOf(AddressResultSchema.properties.message, clean(given.message ?? ''))
  return given.message === undefined || message === undefined ? rest : { ...rest, message }
}

/** A target is where something went, never what was said there: no user, no query; and what stands in a path may be a token. */
function withoutSecrets(target: string, clean: (text: string) => string): string {
  const [, scheme = '', host = '', path = ''] =
    /^([a-z][a-z0-9+.-]*:\/\/)?(?:[^/?#@]*@)?([^/?#]*)([^?#]*)/i.exec(target) ?? []
  return `${scheme}${host}${clean(path)}`
}

function textOf(schema: unknown, text: string): string | undefined {
  const kept = conform(schema, text, oneLine)
  return typeof kept === 'string' ? kept : undefined
}

function bytes(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value))
}

/** `conform` takes nothing from a value that has its schema's type, so what it returns still has that type. */
function conformed<T extends object>(schema: unknown, value: T, clean: (text: string) => string): T {
  const kept = conform(schema, value, clean)
  if (!isStill(kept, value)) throw new TypeError('a schema of objects keeps objects')
  return kept
}

function isStill<T extends object>(kept: unknown, _value: T): kept is T {
  return typeof kept === 'object' && kept !== null
}
