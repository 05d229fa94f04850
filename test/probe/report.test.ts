import fc from 'fast-check'
import t from 'tap'
import { Value } from 'typebox/value'
import { textCleaner } from '../../probe/clean.js'
import { errorLine, MAX_LINE_BYTES, reportLines } from '../../probe/report.js'
import { ErrorLineSchema, ReportSchema, type Result } from '../../probe/report.schema.js'
import { identity } from './support.js'

const SEED = 20260303

function result(name: string, more: Partial<Result> = {}): Result {
  return {
    check: name,
    kind: 'tcp',
    target: 'db.test:5432',
    expect: 'reachable',
    outcome: 'ok',
    asExpected: true,
    ms: 1.5,
    phases: { dns: 0.5, connect: 1 },
    address: '10.0.0.1',
    addressKind: 'private',
    attempts: [{ outcome: 'ok', ms: 1.5 }],
    ...more,
  }
}

function runOf(results: readonly Result[]) {
  return { run: 'run-1', startedAt: '2026-01-02T03:04:05.678Z', durationMs: 12, results }
}

t.test('a short run is one line of the contract', async (t) => {
  const lines = reportLines(runOf([result('a'), result('b')]), identity)
  t.equal(lines.length, 1)
  const report = JSON.parse(lines[0] ?? '')
  t.ok(Value.Check(ReportSchema, report))
  t.match(report, {
    sonde: 1,
    run: 'run-1',
    part: [1, 1],
    probe: identity,
    durationMs: 12,
    results: [{ check: 'a' }, { check: 'b' }],
  })
  t.same(report.results, [result('a'), result('b')], 'nothing is lost')
  t.equal(reportLines(runOf([]), identity).length, 1, 'a run without results is a line too')
})

t.test('a long run is split, each part complete in itself and within 64 KiB of bytes', async (t) => {
  const many = Array.from({ length: 1000 }, (_, index) =>
    result(`점검-${index}`, {
      detail: { message: '타임아웃 '.repeat(30), answers: ['10.0.0.1', '10.0.0.2'] },
    }),
  )
  const lines = reportLines(runOf(many), identity)
  t.ok(lines.length > 1)
  const reports = lines.map((line) => JSON.parse(line))
  for (const [index, line] of lines.entries()) {
    t.ok(Buffer.byteLength(line) <= MAX_LINE_BYTES)
    t.notMatch(line, /\n/)
    t.ok(Value.Check(ReportSchema, reports[index]))
    t.same(reports[index].part, [index + 1, lines.length])
    t.same(reports[index].probe, identity)
  }
  t.same(
    reports.flatMap((report) => report.results.map(({ check }: Result) => check)),
    many.map(({ check }) => check),
  )
  t.ok(Buffer.byteLength(lines[0] ?? '') > MAX_LINE_BYTES * 0.9, 'a line is used up before the next begins')
})

const secret = 'wJalrXUtnFEMI-K7MDENG'
const hostileEnv = {
  AWS_SECRET_ACCESS_KEY: secret,
  AWS_SESSION_TOKEN: `${secret}-and-more`,
  DB_PASSWORD: 'hunter2hunter2',
  AWS_REGION: 'eu-central-1',
}

t.test(
  'a line that is filled to its last byte stays within the limit when its number has more digits',
  async (t) => {
    const sizeOf = (one: Result): number => Buffer.byteLength(JSON.stringify(one)) + 1
    const empty = Buffer.byteLength(reportLines(runOf([]), identity)[0] ?? '')
    const full = MAX_LINE_BYTES - empty
    const plain = result('a'.repeat(8), { detail: { message: 'm'.repeat(100) } })
    const count = Math.floor(full / sizeOf(plain)) - 1
    const rest = full - count * sizeOf(plain)
    // Two results that together fill what is left of a part, to the byte.
    const filler = (bytes: number): Result =>
      result('b'.repeat(8), { detail: { message: 'm'.repeat(100 + bytes - sizeOf(plain)) } })
    t.equal(sizeOf(filler(rest)), rest)
    const part = [...Array.from({ length: count }, () => plain), filler(rest)]
    const lines = reportLines(runOf(Array.from({ length: 12 }, () => part).flat()), identity)
    t.ok(lines.length >= 12)
    for (const line of lines)
      t.ok(Buffer.byteLength(line) <= MAX_LINE_BYTES, `${Buffer.byteLength(line)} bytes`)
  },
)

t.test('a target goes without its query, whoever wrote it', async (t) => {
  const [line = ''] = reportLines(runOf([result('a', { target: 'https://db.test/x?token=abc#d' })]), identity)
  t.equal(JSON.parse(line).results[0].target, 'https://db.test/x')
})

t.test('no secret, query string, body or line break gets in', async (t) => {
  const hostile = {
    ...result('x'),
    target: 'https://x.test/path?token=QUERY#FRAGMENT',
    body: 'BODY',
    env: hostileEnv,
    detail: {
      message: `GET https://user:PASSWD@x.test/a?sig=QUERY failed\nSet-Cookie: no ${secret} ${secret}-and-more /b?c=QUERY`,
      server: 'password=PASSWD; token: QUERY, Authorization: Bearer PASSWD',
      serverVersion: 'hunter2hunter2',
      awsErrorCode: 'AKIAIOSFODNN7EXAMPLE',
      certificateSubject: 'CN=x.test\u2028line\u0007',
      body: 'BODY',
      httpStatus: 'BODY',
      answers: Array.from({ length: 500 }, () => 'x'.repeat(5000)),
    },
    addresses: [
      {
        address: '10.0.0.1',
        addressKind: 'private',
        outcome: 'ok',
        ms: 1,
        phases: {},
        message: `a?b=QUERY ${secret}`,
        body: 'BODY',
      },
    ],
  }
  const [line = ''] = reportLines(runOf([JSON.parse(JSON.stringify(hostile))]), identity, hostileEnv)
  t.notMatch(line, /QUERY|FRAGMENT|PASSWD|BODY|hunter2|AKIAIOSFODNN7|wJalr|\\n|\\u0007|\u2028/)
  t.match(line, /eu-central-1/, 'a plain variable is no secret')
  const report = JSON.parse(line)
  t.ok(Value.Check(ReportSchema, report))
  t.equal(report.results[0].target, 'https://x.test/path')
  t.ok(report.results[0].detail.answers.length <= 16)
  t.ok(report.results[0].detail.answers[0].length <= 200)
})

t.test(
  'names stay what they are, though a variable that is called like a secret holds the same word',
  async (t) => {
    const env = {
      SECRET_ID: 'orders-db',
      AUTH_FUNCTION: 'orders-api',
      PRIVATE_SUBNET: identity.subnet ?? '',
      KEY_REGION: identity.region ?? '',
      CONNECTION_HOST: 'db.orders.internal',
      PRIVATE_ADDRESS: '10.0.0.1',
      SLACK_TOKEN: 'T0B1-abcdef',
    }
    const who = { ...identity, function: 'orders-api', workloads: ['orders-api', 'orders-worker'] }
    const seen = [
      result('orders-db', {
        target: 'db.orders.internal:5432',
        addresses: ['10.0.0.1', '10.0.0.2'].map((address) => ({
          address,
          addressKind: 'private',
          outcome: 'ok',
          ms: 1,
          phases: {},
          message: 'said T0B1-abcdef',
        })),
      }),
      result('slack', { target: 'https://user:pass@hooks.test/services/T0B1-abcdef?x=1' }),
    ]
    const [line = ''] = reportLines(runOf(seen), who, env)
    const { probe, results } = JSON.parse(line)
    t.same(probe, who)
    t.match(results, [
      {
        check: 'orders-db',
        target: 'db.orders.internal:5432',
        address: '10.0.0.1',
        addresses: [{ address: '10.0.0.1', message: 'said ***' }, { address: '10.0.0.2' }],
      },
      { check: 'slack', target: 'https://hooks.test/services/***' },
    ])
    const bad = JSON.parse(
      errorLine({ code: 'bad_plan', source: 'event', errors: [] }, who, new Date(0), env),
    )
    t.same(bad.probe, who)
  },
)

t.test('every function that a probe speaks for is told, as far as half a line goes', async (t) => {
  const many = Array.from({ length: 150 }, (_, n) => `a-function-of-the-shop-${n}`)
  const read = (workloads: readonly string[]) => {
    const lines = reportLines(runOf([result('a')]), { ...identity, workloads: [...workloads] })
    t.ok(lines.every((line) => Buffer.byteLength(line) <= MAX_LINE_BYTES))
    return JSON.parse(lines[0] ?? '').probe.workloads
  }
  t.same(read(many), many)
  const endless = Array.from({ length: 5000 }, (_, n) => `${'f'.repeat(150)}-${n}`)
  const told = read(endless)
  t.ok(told.length > 150 && told.length < 1000)
  t.same(told, endless.slice(0, told.length))
})

t.test('words that people need stay', async (t) => {
  const clean = textCleaner(hostileEnv)
  for (const text of [
    'no pg_hba.conf entry for host "10.0.0.1", user "sonde", database "postgres", no encryption',
    'password authentication failed for user "sonde"',
    'connect ECONNREFUSED 10.0.0.1:5432',
    'The security token included in the request is invalid',
    'why? because',
  ])
    t.equal(clean(text), text)
})

t.test('a number that is none does not cost the line', async (t) => {
  const broken = { ...result('x'), ms: Number.NaN, phases: { connect: -1, tls: Number.POSITIVE_INFINITY } }
  const [line = ''] = reportLines(runOf([broken]), identity)
  t.ok(Value.Check(ReportSchema, JSON.parse(line)))
  t.match(JSON.parse(line).results[0], { ms: 0, phases: { connect: 0, tls: 0 } })
})

t.test(`any result: the contract, the limit, and nothing lost (seed ${SEED})`, async (t) => {
  const text = fc.oneof(fc.string({ maxLength: 400 }), fc.string({ unit: 'binary', maxLength: 400 }))
  const any = fc.record({
    check: fc.string({ unit: 'grapheme', minLength: 1, maxLength: 60 }).filter((name) => name.trim() !== ''),
    target: text,
    detail: fc.record(
      { message: text, code: text, answers: fc.array(text, { maxLength: 40 }), warnings: fc.array(text) },
      { requiredKeys: [] },
    ),
  })
  fc.assert(
    fc.property(fc.array(any, { maxLength: 12 }), (results) => {
      const lines = reportLines(
        runOf(results.map(({ check, ...more }) => result(check, more))),
        identity,
        hostileEnv,
      )
      const reports = lines.map((line) => JSON.parse(line))
      if (lines.some((line) => Buffer.byteLength(line) > MAX_LINE_BYTES || line.includes('\n')))
        throw new Error('a line')
      if (reports.some((report) => !Value.Check(ReportSchema, report))) throw new Error('the contract')
      if (reports.flatMap((report) => report.results).length !== results.length) throw new Error('a result')
    }),
    { seed: SEED, numRuns: 300 },
  )
  t.pass('it holds')
})

t.test('the error line', async (t) => {
  const at = new Date('2026-01-02T03:04:05.678Z')
  const errors = [{ pointer: '/checks/0', message: 'host is missing' }]
  const line = JSON.parse(errorLine({ code: 'bad_plan', source: 'event', errors }, identity, at))
  t.same(line, {
    sonde: 1,
    error: { code: 'bad_plan', source: 'event', errors },
    probe: identity,
    at: at.toISOString(),
  })
  t.ok(Value.Check(ErrorLineSchema, line))
  t.notOk(Value.Check(ReportSchema, line), 'no report: readers keep it among the rejects')
  const flood = Array.from({ length: 5000 }, (_, index) => ({
    pointer: `/checks/${index}`,
    message: 'x'.repeat(200),
  }))
  const long = errorLine({ code: 'bad_plan', source: 'event', errors: flood }, identity, at)
  t.ok(Buffer.byteLength(long) <= MAX_LINE_BYTES)
  t.ok(JSON.parse(long).error.errors.length > 50)
})
