import { conform, textCleaner } from './clean.js'
import { emfMembers, emfSummary } from './emf.js'
import type { PlanError } from './plan-schema.js'
import {
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
  const probe = conformed(ReportSchema.properties.probe, identity, clean)
  const results = run.results.map((result) =>
    strip(conformed(ReportSchema.properties.results.items, result, clean)),
  )
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
    JSON.stringify(
      conform(
        ErrorLineSchema,
        { sonde: 1, error: { ...error, errors }, probe: identity, at: at.toISOString() },
        clean,
      ),
    )
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

/** A target is where something went, never what was said there. */
function strip(result: Result): Result {
  return { ...result, target: result.target.split(/[?#]/, 1)[0] ?? '' }
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
