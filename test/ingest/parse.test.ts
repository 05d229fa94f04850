import { type Schema, Validator } from '@cfworker/json-schema'
import fc from 'fast-check'
import t from 'tap'
import { MAX_KEPT_CHARS, parseLine } from '../../api/ingest/parse.js'
import { ErrorLineSchema, ReportSchema } from '../../probe/report.schema.js'
import { makeReport, makeResult } from '../store/support/reports.js'

const T0 = Date.UTC(2026, 0, 5, 10)
const report = makeReport({
  at: T0,
  results: [makeResult(), makeResult({ check: 'api "quoted" \\ ü', outcome: 'http_status' })],
})
const line = JSON.stringify(report)
const escaped = JSON.stringify(line)
const logged = (message: string) =>
  `{"timestamp":"2026-01-05T10:00:00Z","level":"INFO","requestId":"8f5","message":${message}}`

t.test('a report in every form in which logs carry it', async (t) => {
  const forms = {
    plain: line,
    'with spaces': `  ${line}  `,
    'Lambda text': `2026-01-05T10:00:00.000Z\t8f507cfc-xmpl-4697-b07a-ac58fc914c95\tINFO\t${line}`,
    'Lambda JSON, message as text': logged(escaped),
    'Lambda JSON, message as object': logged(line),
    'aws logs tail': `2026-01-05T10:00:00.000000+00:00 2026/01/05/[$LATEST]5d3e ${line}`,
    'aws logs tail of Lambda JSON': `2026-01-05T10:00:00+00:00 2026/01/05/[$LATEST]5d3e ${logged(escaped)}`,
    'a prefix with a brace': `level={info} ${line}`,
    docker: `{"log":${JSON.stringify(`${line}\n`)},"stream":"stdout","time":"2026-01-05T10:00:00Z"}`,
    'docker around Lambda JSON': JSON.stringify({ log: `${logged(escaped)}\n`, stream: 'stdout' }),
    'a CloudWatch event': JSON.stringify({ id: '3', timestamp: T0, message: line }),
    'fluent-bit with a record': JSON.stringify({ date: 1, record: { log: line } }),
  }
  for (const [form, text] of Object.entries(forms)) t.same(parseLine(text), { kind: 'report', report }, form)
})

t.test('what is no report is other', async (t) => {
  const lines = [
    '',
    'START RequestId: 8f5 Version: $LATEST',
    'END RequestId: 8f5',
    'REPORT RequestId: 8f5 Duration: 3.4 ms Billed Duration: 4 ms Memory Size: 128 MB Max Memory Used: 66 MB',
    'INIT_START Runtime Version: nodejs:22.v1',
    '{"time":"2026-01-05T10:00:00Z","type":"platform.report","record":{"requestId":"8f5","status":"success"}}',
    '2026-01-05T10:00:00.000Z\t8f5\tERROR\tInvoke Error\t{"errorType":"Error"}',
    'sonde is ready',
    '{"message":"sonde started"}',
    '{"level":"info","msg":"the sonde key is missing"}',
    '[1,2,3]',
    'null',
    '{',
  ]
  for (const text of lines) t.same(parseLine(text), { kind: 'other' }, text)
})

t.test('a report that can not be read is rejected, with reason and pointer', async (t) => {
  const broken = (change: object) => JSON.stringify({ ...report, ...change })
  const cases: readonly (readonly [string, string, RegExp, string | null])[] = [
    ['truncated', line.slice(0, -20), /not whole JSON/, null],
    [
      'truncated behind a prefix',
      `2026-01-05T10:00:00.000Z\t8f5\tINFO\t${line.slice(0, 80)}`,
      /not whole JSON/,
      null,
    ],
    ['truncated inside a wrapper', logged(JSON.stringify(line.slice(0, 90))), /not whole JSON/, null],
    ['no run', broken({ run: undefined }), /run/, ''],
    [
      'a result without kind',
      broken({ results: [{ ...makeResult(), kind: 5 }] }),
      /results\/0\/kind/,
      '/results/0/kind',
    ],
    [
      'a function whose name nobody could ask for',
      broken({ probe: { ...report.probe, workloads: ['ok', 'x'.repeat(257)] } }),
      /workloads\/1 .*256/,
      '/probe/workloads/1',
    ],
    ['a bad time', broken({ startedAt: 'yesterday' }), /not a time/, '/startedAt'],
    ['a version that is no number', broken({ sonde: 'x' }), /sonde/, '/sonde'],
    [
      'newer, without what is needed',
      broken({ sonde: 9, results: {} }),
      /version 9, newer than 1/,
      '/results',
    ],
    ['negative time', broken({ durationMs: -1 }), /durationMs/, '/durationMs'],
  ]
  for (const [name, text, reason, pointer] of cases) {
    t.match(parseLine(text), { kind: 'reject', reject: { reason, pointer } }, name)
  }
  const long = parseLine(broken({ run: 5, more: 'x'.repeat(10_000) }))
  t.equal(long.kind === 'reject' && long.reject.line.length, MAX_KEPT_CHARS)
})

t.test('a probe that could not run is told in its own words', async (t) => {
  const error = {
    sonde: 1,
    error: {
      code: 'bad_plan',
      source: 'SONDE_PLAN',
      errors: [{ pointer: '/checks/0/port', message: 'must be a number' }],
    },
    probe: report.probe,
    at: report.startedAt,
  }
  t.ok(new Validator(plain(ErrorLineSchema)).validate(error).valid)
  t.match(parseLine(JSON.stringify(error)), {
    kind: 'reject',
    reject: { reason: 'the probe sonde-probe-1a did not run, bad_plan: /checks/0/port must be a number' },
  })
})

t.test('what a newer probe adds is kept', async (t) => {
  const newer = {
    ...report,
    sonde: 2,
    mood: 'good',
    results: [{ ...makeResult({ kind: 'quic', outcome: 'quic_refused' }), hops: [1] }],
  }
  t.same(parseLine(JSON.stringify(newer)), { kind: 'report', report: newer })
})

t.test(
  '100,000 mutated lines: nothing throws, every line is accounted for, what is taken is valid',
  async (t) => {
    const seed = 20260106
    const total = 100_000
    t.comment(`seed ${seed}`)
    const random = generator(seed)
    const schema = new Validator(plain(ReportSchema), '2020-12')
    const small = makeReport({ at: T0 })
    const bases = [
      JSON.stringify(small),
      logged(JSON.stringify(JSON.stringify(small))),
      `x\ty\tINFO\t${JSON.stringify(small)}`,
    ]
    const counts = { report: 0, other: 0, reject: 0 }
    const pieces = [
      '"',
      '{',
      '}',
      '\\',
      ',',
      ':',
      '\u0000',
      '"sonde":',
      '1e999',
      'null',
      '[]',
      '\ud800',
      '\t',
      '-1',
    ]
    for (let n = 0; n < total; n += 1) {
      let bytes = Buffer.from(bases[n % bases.length] ?? '')
      for (let changes = 1 + random(3); changes > 0; changes -= 1) bytes = mutate(bytes, random, pieces)
      const text = bytes.toString('utf8')
      const parsed = parseLine(text)
      counts[parsed.kind] += 1
      // The oracle is slow: it looks at a sample.
      if (parsed.kind === 'report' && n % 50 === 0 && !schema.validate(parsed.report).valid) t.fail(text)
      if (parsed.kind === 'reject' && (parsed.reject.reason === '' || !text.startsWith(parsed.reject.line)))
        t.fail(text)
    }
    t.equal(counts.report + counts.other + counts.reject, total)
    t.comment(JSON.stringify(counts))
    t.ok(counts.report > 0 && counts.other > 0 && counts.reject > 0)
  },
)

t.test('any JSON, and any text', async (t) => {
  const seed = 20260107
  t.comment(`seed ${seed}`)
  const kinds = new Set(['report', 'other', 'reject'])
  const json = fc.oneof(
    fc.json(),
    fc.string(),
    fc.record({ sonde: fc.jsonValue(), results: fc.jsonValue() }).map((value) => JSON.stringify(value)),
    fc.record({ message: fc.jsonValue(), log: fc.json() }).map((value) => JSON.stringify(value)),
  )
  fc.assert(
    fc.property(json, (text) => kinds.has(parseLine(text).kind)),
    { seed, numRuns: 3000 },
  )
  const deep = `${'{"message":'.repeat(5000)}{"sonde":1}${'}'.repeat(5000)}`
  t.equal(parseLine(deep).kind, 'reject', 'wrapped without end')
  const strung = '{"log":"'.repeat(2000)
  t.ok(kinds.has(parseLine(`${strung}"sonde":1`).kind))
})

/** The schema as a reader of JSON Schema sees it. */
function plain(schema: object): Schema {
  return JSON.parse(JSON.stringify(schema))
}

function mutate(
  bytes: Buffer,
  random: (below: number) => number,
  pieces: readonly string[],
): Buffer<ArrayBuffer> {
  const at = random(bytes.length + 1)
  const to = Math.min(bytes.length, at + 1 + random(12))
  const [before, middle, after] = [bytes.subarray(0, at), bytes.subarray(at, to), bytes.subarray(to)]
  switch (random(6)) {
    case 0:
      return Buffer.concat([before, after])
    case 1:
      return Buffer.concat([before, Buffer.from(pieces[random(pieces.length)] ?? ''), middle, after])
    case 2:
      return Buffer.concat([before, Buffer.from([random(256)]), after])
    case 3:
      return Buffer.concat([before, middle, middle, after])
    case 4:
      return Buffer.concat([before])
    default:
      return Buffer.concat([before, Buffer.from(middle).reverse(), after])
  }
}

/** mulberry32: small, and the same everywhere. */
function generator(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below
  }
}
