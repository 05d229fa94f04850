import t from 'tap'
import { Value } from 'typebox/value'
import { reportLines } from '../../probe/report.js'
import { ReportSchema, type Result } from '../../probe/report.schema.js'
import { identity } from './support.js'

const env = { SONDE_EMF: '1' }

function result(check: string, more: Partial<Result> = {}): Result {
  return {
    check,
    kind: 'tcp',
    target: 'x.test:1',
    expect: 'reachable',
    outcome: 'ok',
    asExpected: true,
    ms: 2.5,
    phases: { connect: 2.5 },
    address: '10.0.0.1',
    addressKind: 'private',
    attempts: [{ outcome: 'ok', ms: 2.5 }],
    ...more,
  }
}

function linesOf(results: readonly Result[], environment: Record<string, string> = env) {
  const run = { run: 'r', startedAt: '2026-01-02T03:04:05.678Z', durationMs: 3, results }
  return reportLines(run, identity, environment).map((line) => JSON.parse(line))
}

/** The rules of the specification that a document can break. */
function breaches(document: Record<string, unknown>): string[] {
  const found: string[] = []
  const meta = document['_aws']
  if (typeof meta !== 'object' || meta === null) return ['no _aws']
  const { Timestamp, CloudWatchMetrics } = Object.assign(
    { Timestamp: undefined, CloudWatchMetrics: [] },
    meta,
  )
  if (!Number.isInteger(Timestamp)) found.push('Timestamp')
  for (const directive of CloudWatchMetrics as {
    Namespace: string
    Dimensions: string[][]
    Metrics: { Name: string; Unit: string }[]
  }[]) {
    if (!/^[\w./#:-]{1,255}$/.test(directive.Namespace)) found.push('Namespace')
    for (const set of directive.Dimensions) {
      if (set.length > 30) found.push('too many dimensions')
      for (const name of set) {
        const value = document[name]
        if (
          typeof value !== 'string' ||
          !/^[\x20-\x7e]{1,1024}$/.test(value) ||
          value.startsWith(':') ||
          value.trim() === ''
        )
          found.push(`dimension ${name}`)
      }
    }
    if (directive.Metrics.length > 100) found.push('too many metrics')
    for (const { Name, Unit } of directive.Metrics) {
      if (typeof document[Name] !== 'number' || !Number.isFinite(document[Name])) found.push(`metric ${Name}`)
      if (!['None', 'Milliseconds'].includes(Unit)) found.push(`unit of ${Name}`)
    }
  }
  return found
}

t.test('each line is a report and a metric document at once', async (t) => {
  const documents = linesOf([
    result('db'),
    result('web', {
      asExpected: false,
      outcome: 'connect_timeout',
      phases: { dns: 1, connect: 3000, tls: 4, exchange: 5 },
    }),
  ])
  t.equal(documents.length, 2, 'one check a line: a document has one value a dimension')
  for (const document of documents) {
    t.same(breaches(document), [])
    t.ok(Value.Check(ReportSchema, document))
  }
  t.match(documents[0], {
    part: [1, 2],
    function: identity.function,
    check: 'db',
    Expected: 1,
    Duration: 2.5,
    ConnectTime: 2.5,
  })
  t.match(documents[1], { part: [2, 2], check: 'web', Expected: 0, DnsTime: 1, TlsTime: 4, ExchangeTime: 5 })
  t.match(documents[0]._aws, {
    Timestamp: Date.parse('2026-01-02T03:04:05.678Z'),
    CloudWatchMetrics: [{ Namespace: 'Sonde', Dimensions: [['function'], ['function', 'check']] }],
  })
  t.equal(documents[0].DnsTime, undefined, 'a phase that was not entered has no metric')
})

t.test('names that CloudWatch would refuse are spelled so that they stay different', async (t) => {
  const documents = linesOf([
    result('주문-디비'),
    result('주문-웹'),
    result(':colon'),
    result('x'.repeat(128)),
  ])
  t.same(documents.flatMap(breaches), [])
  t.equal(new Set(documents.map(({ check }) => check)).size, 4)
  t.equal(documents[0].results[0].check, '주문-디비', 'the report keeps the name')
})

t.test('dimensions are bounded', async (t) => {
  const documents = linesOf(Array.from({ length: 150 }, (_, index) => result(`c${index}`)))
  t.same(documents.flatMap(breaches), [])
  t.equal(documents.filter(({ check }) => check !== undefined).length, 100)
  t.same(documents[149]._aws.CloudWatchMetrics[0].Dimensions, [['function']])
})

t.test('without the switch a line carries none of it', async (t) => {
  const [document] = linesOf([result('a'), result('b')], {})
  t.equal(document._aws, undefined)
  t.equal(document.results.length, 2)
})

t.test('SONDE_EMF=probe: one metric of the whole probe, in lines as full as without', async (t) => {
  const results = [result('a'), result('b', { outcome: 'connect_timeout', asExpected: false })]
  const [line, ...others] = linesOf(results, { SONDE_EMF: 'probe' })
  t.same(others, [], 'one line for both')
  t.ok(Value.Check(ReportSchema, line))
  t.same(breaches(line), [])
  t.match(line, {
    function: identity.function,
    Expected: 0,
    _aws: {
      CloudWatchMetrics: [
        { Namespace: 'Sonde', Dimensions: [['function']], Metrics: [{ Name: 'Expected' }] },
      ],
    },
    results: [{ check: 'a' }, { check: 'b' }],
  })
  t.equal(linesOf([result('a')], { SONDE_EMF: 'probe' })[0]?.Expected, 1)

  const long = Array.from({ length: 400 }, (_, index) => result(`check-${index}-${'x'.repeat(100)}`))
  const run = { run: 'r', startedAt: '2026-01-02T03:04:05.678Z', durationMs: 3, results: long }
  const lines = reportLines(run, identity, { SONDE_EMF: 'probe' })
  t.ok(lines.length > 1)
  for (const text of lines) t.ok(Buffer.byteLength(text) <= 65_536)
})
