import { Compile } from 'typebox/compile'
import { ErrorLineSchema, type Report, ReportSchema } from '../../probe/report.schema.js'
import type { Reject } from '../store/store.js'

/** What a line of a log turned out to be. */
export type Parsed =
  | { readonly kind: 'report'; readonly report: Report }
  /** No report at all: Lambda's own START, END and REPORT lines, whatever else the function printed. */
  | { readonly kind: 'other' }
  /** Meant as a report, and can't be read. */
  | { readonly kind: 'reject'; readonly reject: Reject }

/** The version of the report line that this program was written for. */
const REPORT_VERSION = 1
/** A reject keeps this much of its line. */
export const MAX_KEPT_CHARS = 4096
/** How deep a report may be wrapped: a collector's record around Lambda's JSON around the line. */
const MAX_WRAPPERS = 4

/** Every report holds this word: a line without it is not looked at further. */
const WORD = 'sonde'
/** The key that makes a line a report, bare or quoted any number of times by what carries it as text. */
const MARK = /\\*"sonde\\*"\s*:/
const MARK_START = '{"sonde"'
/** Where wrappers put the line: Lambda and fluent-bit `message`, docker and Kubernetes `log`, others `msg`, `text`, `line`. */
const WRAPPER_FIELDS = ['message', 'log', 'msg', 'MESSAGE', 'text', 'line', 'record', 'event', '@message']

const isReport = Compile(ReportSchema)
const isErrorLine = Compile(ErrorLineSchema)

const OTHER: Parsed = { kind: 'other' }

/**
 * Reads one line of a log, in any of the forms in which a report line comes: as printed; behind Lambda's text prefix
 * (`time TAB request TAB level TAB line`) or that of `aws logs tail`; in Lambda's JSON log format or a collector's record,
 * as text or as an object (https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-logformat.html).
 *
 * A newer report is taken as far as it holds what this version needs: fields, outcomes and kinds that are unknown here are
 * kept. Never throws, whatever the line.
 */
export function parseLine(line: string): Parsed {
  if (!line.includes(WORD)) return OTHER
  return unwrap(line, line, 0) ?? OTHER
}

function unwrap(text: string, line: string, depth: number): Parsed | null {
  const start = text.indexOf('{')
  if (start < 0) return MARK.test(text) ? reject('the beginning of the report is missing', null, line) : null
  let value: unknown
  try {
    value = JSON.parse(start === 0 ? text : text.slice(start))
  } catch (error) {
    return broken(text, start, line, error)
  }
  return open(value, line, depth)
}

/** What stands before the object may hold a brace of its own, so the mark itself is looked for. */
function broken(text: string, start: number, line: string, error: unknown): Parsed | null {
  const nearest = text.indexOf(MARK_START)
  if (nearest > start) {
    try {
      return judge(JSON.parse(text.slice(nearest)), line)
    } catch {
      // Told below, with what is wrong from the first brace on.
    }
  }
  if (!MARK.test(text)) return null
  const why = error instanceof Error ? error.message : String(error)
  return reject(`not whole JSON: ${why.slice(0, 200)}`, null, line)
}

function open(value: unknown, line: string, depth: number): Parsed | null {
  if (!isObject(value)) return null
  if (Object.hasOwn(value, 'sonde')) return judge(value, line)
  if (depth >= MAX_WRAPPERS) return reject(`wrapped more than ${MAX_WRAPPERS} times`, null, line)
  for (const field of WRAPPER_FIELDS) {
    if (!Object.hasOwn(value, field)) continue
    const inner = value[field]
    const found =
      typeof inner === 'string'
        ? inner.includes(WORD)
          ? unwrap(inner, line, depth + 1)
          : null
        : open(inner, line, depth + 1)
    if (found !== null) return found
  }
  return null
}

function judge(value: unknown, line: string): Parsed {
  if (isReport.Check(value)) {
    if (Number.isFinite(Date.parse(value.startedAt))) return { kind: 'report', report: value }
    return reject('startedAt is not a time', '/startedAt', line)
  }
  if (isErrorLine.Check(value)) {
    const { code, errors } = value.error
    const first = errors[0]
    const detail = first === undefined ? '' : `: ${first.pointer} ${first.message}`
    return reject(
      `the probe ${value.probe.function} did not run, ${code}${detail}`.slice(0, 500),
      '/error',
      line,
    )
  }
  const version = isObject(value) ? value['sonde'] : undefined
  const newer = typeof version === 'number' && version > REPORT_VERSION
  const prefix = newer ? `version ${version}, newer than ${REPORT_VERSION}, and ` : ''
  const [first] = isReport.Errors(value)
  if (first === undefined) return reject(`${prefix}not a report`, null, line)
  return reject(`${prefix}${pointerText(first.instancePath)}${first.message}`, first.instancePath, line)
}

function pointerText(pointer: string): string {
  return pointer === '' ? '' : `${pointer} `
}

function reject(reason: string, pointer: string | null, line: string): Parsed {
  return { kind: 'reject', reject: { reason, pointer, line: line.slice(0, MAX_KEPT_CHARS) } }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
