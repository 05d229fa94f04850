import { setImmediate as nextTurn } from 'node:timers/promises'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { type Static, Type } from 'typebox'
import type { Report } from '../../probe/report.schema.js'
import { ApiError } from '../errors.js'
import { admit, type Gate } from '../gate.js'
import { parseLine } from '../ingest/parse.js'
import type { Reject, Store } from '../store/store.js'
import { bodyProblems, commonProblems, Nullable, ref } from './schemas.js'

export interface ReportsOptions {
  readonly store: Store
  readonly clock: () => Date
  readonly gate: Gate
  readonly maxBodyBytes: number
}

/** Lines taken in at one go: other requests get their turn in between. */
const BATCH_LINES = 250
/** Lines that an answer tells of; the rest is counted in `linesOmitted`. */
const MAX_TOLD = 200

/** Far more than a report has. What JSON can be read from can be too deep to be written again, at a depth that Node's version decides. */
const MOST_LEVELS = 64

const LineAnswer = Type.Object({
  line: Type.Integer({ description: 'Number of the line in the body, from 1.' }),
  status: Type.Enum(['duplicate', 'rejected', 'ignored'], {
    description: '`ignored`: a log line that is no report. Lines without an entry were accepted.',
  }),
  reason: Nullable.String(),
  pointer: Nullable.String({ description: 'JSON pointer into the line.' }),
})

export const IngestAnswer = Object.assign(
  Type.Object({
    accepted: Type.Integer(),
    duplicates: Type.Integer({
      description: 'Reports that had been taken in before; sending again is harmless.',
    }),
    rejected: Type.Integer({ description: 'Kept, and listed at /v1/rejects.' }),
    ignored: Type.Integer(),
    lines: Type.Array(LineAnswer),
    linesOmitted: Type.Integer({ description: `Entries beyond the first ${MAX_TOLD}.` }),
  }),
  { $id: 'IngestAnswer', title: 'IngestAnswer' },
)

type Told = Static<typeof LineAnswer>

/** `POST /v1/reports`: report lines in, line by line told what became of them. */
export const reportsRoutes: FastifyPluginAsyncTypebox<ReportsOptions> = async (app, options) => {
  const { store, clock, gate, maxBodyBytes } = options
  app.addSchema(IngestAnswer)
  app.removeAllContentTypeParsers()
  app.addContentTypeParser(
    ['application/x-ndjson', 'application/jsonl', 'application/json', 'text/plain'],
    { parseAs: 'string', bodyLimit: maxBodyBytes },
    (_request, body, done) => done(null, body),
  )

  app.post(
    '/v1/reports',
    {
      config: { access: 'ingest' },
      bodyLimit: maxBodyBytes,
      onRequest: admit(gate),
      schema: {
        summary: 'Report lines in',
        description:
          'NDJSON as the probe prints it, one report a line, also with the prefix or the JSON frame that Lambda puts around ' +
          'log lines; or, as application/json, one report or an array of them. gzip and deflate are understood. ' +
          '200: every report was taken in, now or before. 207: some lines are no readable reports; the others were taken in. ' +
          'A body is taken in by stretches of lines: after an error, send all of it again.',
        tags: ['reports'],
        consumes: ['application/x-ndjson', 'application/json', 'text/plain'],
        response: {
          200: {
            description: 'Every report was taken in.',
            content: { 'application/json': { schema: ref(IngestAnswer) } },
          },
          207: {
            description: 'Some lines were rejected.',
            content: { 'application/json': { schema: ref(IngestAnswer) } },
          },
          ...commonProblems,
          ...bodyProblems,
        },
      },
    },
    async (request, reply) => {
      const lines = toLines(request.body, request.headers['content-type'] ?? '')
      const answer = await takeIn(store, lines, clock)
      return reply.code(answer.rejected > 0 ? 207 : 200).send(answer)
    },
  )
}

async function takeIn(
  store: Store,
  lines: readonly string[],
  clock: () => Date,
): Promise<Static<typeof IngestAnswer>> {
  const told: Told[] = []
  let omitted = 0
  const tell = (entry: Told): void => {
    if (told.length < MAX_TOLD) told.push(entry)
    else omitted++
  }
  const total = { accepted: 0, duplicates: 0, rejected: 0, ignored: 0 }
  for (let start = 0; start < lines.length; start += BATCH_LINES) {
    if (start > 0) await nextTurn()
    const batch = sortLines(lines.slice(start, start + BATCH_LINES), start + 1, tell)
    const summary = await store.ingest({ source: 'http', receivedAt: clock(), ...batch.taken })
    for (const index of summary.duplicateIndexes) {
      const line = batch.reportLines[index]
      if (line !== undefined)
        tell({ line, status: 'duplicate', reason: 'was taken in before', pointer: null })
    }
    for (const { index, reason, pointer } of summary.refused) {
      const line = batch.reportLines[index]
      if (line !== undefined) tell({ line, status: 'rejected', reason, pointer })
    }
    total.accepted += summary.accepted
    total.duplicates += summary.duplicates
    // Those that were rejected before as well: the store tells only of those that it did not know.
    total.rejected += batch.taken.rejects.length + summary.refused.length
    total.ignored += batch.taken.otherLines
  }
  told.sort((a, b) => a.line - b.line)
  return { ...total, lines: told, linesOmitted: omitted }
}

interface Sorted {
  readonly taken: { readonly reports: Report[]; readonly rejects: Reject[]; readonly otherLines: number }
  /** The line number of each report. */
  readonly reportLines: readonly number[]
}

function sortLines(lines: readonly string[], firstLine: number, tell: (entry: Told) => void): Sorted {
  const reports: Report[] = []
  const rejects: Reject[] = []
  const reportLines: number[] = []
  let otherLines = 0
  lines.forEach((text, index) => {
    if (text.trim() === '') return
    const line = firstLine + index
    const parsed = parseLine(text)
    if (parsed.kind === 'report') {
      reports.push(parsed.report)
      reportLines.push(line)
    } else if (parsed.kind === 'reject') {
      rejects.push(parsed.reject)
      tell({ line, status: 'rejected', reason: parsed.reject.reason, pointer: parsed.reject.pointer })
    } else {
      otherLines++
      tell({ line, status: 'ignored', reason: 'is no report', pointer: null })
    }
  })
  return { taken: { reports, rejects, otherLines }, reportLines }
}

/** The lines of a body. JSON may be one document over many lines, or an array, each element of which counts as a line. */
function toLines(body: unknown, contentType: string): string[] {
  if (typeof body !== 'string') return []
  const text = body.charCodeAt(0) === 0xfeff ? body.slice(1) : body
  if (!contentType.toLowerCase().startsWith('application/json')) return text.split('\n')
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (cause) {
    // Many senders label NDJSON as JSON.
    if (/\n\s*\{/.test(text.trim())) return text.split('\n')
    throw new ApiError('unreadable_body', 'the body is not JSON', { cause })
  }
  if (isDeeper(value, MOST_LEVELS)) throw new ApiError('unreadable_body', 'the body is nested too deeply')
  return Array.isArray(value) ? value.map((item) => JSON.stringify(item)) : [JSON.stringify(value)]
}

function isDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false
  return levels === 0 || Object.values(value).some((inner) => isDeeper(inner, levels - 1))
}
