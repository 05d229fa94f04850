import t from 'tap'
import { atTime, evaluate, FORGET_PROBE_MS, type ProbeState } from '../../api/health/evaluate.js'
import { type CheckState, foldResult } from '../../api/health/fold.js'
import { DEFAULT_POLICY } from '../../api/health/health.js'
import type { Result } from '../../probe/report.schema.js'
import { makeResult } from '../store/support/reports.js'
import { englishIn } from '../support/prose.js'

const T0 = Date.UTC(2026, 0, 5, 10)
const MINUTE = 60_000

function folded(results: readonly Partial<Result>[], flipAfter = 2): CheckState {
  let state: CheckState | null = null
  for (const [n, given] of results.entries()) {
    state = foldResult(state, makeResult(given), T0 + n * MINUTE, flipAfter).state
  }
  if (state === null) throw new Error('nothing to fold')
  return state
}

function probe(
  subnet: string | null,
  checks: Record<string, CheckState>,
  given: Partial<ProbeState> = {},
): ProbeState {
  const list = Object.entries(checks)
  return {
    probe: `probe-${subnet}`,
    standpoint: `at-${subnet}`,
    subnet,
    securityGroups: ['sg-1'],
    lastAt: Math.max(...list.map(([, { last }]) => last.at)),
    intervalMs: MINUTE,
    checks: new Map(list),
    ...given,
  }
}

const ok = { outcome: 'ok' }
const timeout = { outcome: 'connect_timeout' }
const passing = folded([ok, ok])
const failing = folded([timeout, timeout])

t.test('status and summary', async (t) => {
  const cases: readonly (readonly [string, readonly ProbeState[], string, string])[] = [
    ['nothing', [], 'unknown', 'no report yet'],
    ['no checks', [probe('a', {}, { lastAt: T0 })], 'unknown', 'its probe reports, but has nothing to check'],
    ['one', [probe('a', { db: passing })], 'healthy', '1 check passes from a'],
    [
      'two subnets',
      [probe('a', { db: passing, api: passing }), probe('b', { db: passing })],
      'healthy',
      'all 2 checks pass from 2 subnets',
    ],
    [
      'all fail',
      [probe('a', { db: failing }), probe('b', { db: failing })],
      'failing',
      'db: connect_timeout from a, b (2 of 2 subnets)',
    ],
    [
      'one of three',
      [probe('a', { db: passing }), probe('b', { db: failing }), probe('c', { db: passing })],
      'degraded',
      'db: connect_timeout from b (1 of 3 subnets)',
    ],
    [
      'a first failure',
      [probe('a', { db: folded([timeout]) })],
      'failing',
      'db: connect_timeout from a (1 of 1 subnet)',
    ],
    [
      'one failure after success',
      [probe('a', { db: folded([ok, ok, timeout]) })],
      'healthy',
      '1 check passes from a',
    ],
    [
      'worst first',
      [probe('a', { api: passing, db: failing, tls: folded([{ outcome: 'tls_expired', endedIn: 'tls' }]) })],
      'failing',
      'db: connect_timeout from a (1 of 1 subnet); and 1 more check',
    ],
    [
      'phase',
      [probe('a', { web: folded([{ outcome: 'http_status', endedIn: 'exchange' }]) })],
      'failing',
      'web: http_status in exchange from a (1 of 1 subnet)',
    ],
    [
      'must not be reachable',
      [probe('a', { admin: folded([{ expect: 'unreachable', outcome: 'ok', asExpected: false }]) })],
      'failing',
      'admin: ok although it must be unreachable from a (1 of 1 subnet)',
    ],
    [
      'the function itself',
      [probe(null, { db: failing })],
      'failing',
      'db: connect_timeout from probe-null (1 of 1 standpoint)',
    ],
  ]
  const names = new Set(['db', 'web', 'admin', 'a', 'b', 'c', 'ok'])
  for (const [name, probes, status, summary] of cases) {
    const verdict = evaluate(probes, DEFAULT_POLICY)
    t.equal(verdict.status, status, name)
    t.equal(verdict.text.en, summary, name)
    t.same(englishIn(verdict.text.ko, names), [], `${name}, in Korean: ${verdict.text.ko}`)
    t.same(evaluate(probes.toReversed(), DEFAULT_POLICY), verdict, `${name}, in any order`)
  }
})

t.test('one address of several keeps failing: degraded', async (t) => {
  const address = { address: '10.0.0.1', addressKind: 'private', ms: 1, phases: {} } as const
  const half = {
    ...ok,
    addresses: [
      { ...address, outcome: 'ok' },
      { ...address, outcome: 'connect_timeout' },
    ],
  }
  t.equal(evaluate([probe('a', { db: folded([ok, half]) })], DEFAULT_POLICY).status, 'healthy')
  const verdict = evaluate([probe('a', { db: folded([half, half]) })], DEFAULT_POLICY)
  t.match(verdict, { status: 'degraded', text: { en: 'db: connect_timeout at 1 of 2 addresses' } })
  const denied = {
    ...half,
    addresses: half.addresses.map((one) => ({ ...one, outcome: 'aws_access_denied' })),
  }
  const oneDenied = {
    ...half,
    addresses: [half.addresses[0], denied.addresses[1]].flatMap((one) => one ?? []),
  }
  for (const fine of [denied, oneDenied])
    t.equal(
      evaluate([probe('a', { db: folded([fine, fine]) })], DEFAULT_POLICY).status,
      'healthy',
      'a denial shows that the path of its address works',
    )
  const shut = { ...half, expect: 'unreachable', outcome: 'connect_timeout', asExpected: true } as const
  t.equal(
    evaluate([probe('a', { db: folded([shut, shut]) })], DEFAULT_POLICY).status,
    'healthy',
    'which address of a target that must not be reached does not answer is all the same',
  )
})

t.test('since is when the present state began', async (t) => {
  const since = (results: readonly Partial<Result>[]) => (folded(results).since - T0) / MINUTE
  t.equal(since([ok, ok, ok]), 0)
  t.equal(since([ok, timeout, timeout, timeout]), 1)
  t.equal(since([ok, timeout, ok, timeout, timeout]), 3)
  t.equal(since([timeout, timeout, ok, timeout, ok, ok]), 4)
  const both = [
    probe('a', { db: folded([ok, ok, timeout, timeout]) }),
    probe('b', { db: folded([ok, timeout, timeout, timeout]) }),
  ]
  t.equal(
    evaluate(both, DEFAULT_POLICY).since,
    T0 + 2 * MINUTE,
    'failing everywhere since the last one failed',
  )
})

t.test('incidents', async (t) => {
  const outcomes = 'ok ok no no ok no ok ok no no no'.split(' ')
  let state: CheckState | null = null
  const closed: unknown[] = []
  for (const [n, word] of outcomes.entries()) {
    const result = makeResult(word === 'ok' ? ok : { outcome: n < 4 ? 'dns_failed' : 'connect_timeout' })
    const step = foldResult(state, result, n, 2)
    state = step.state
    if (step.closed !== null) closed.push(step.closed)
  }
  t.same(closed, [
    { openedAt: 2, closedAt: 6, firstOutcome: 'dns_failed', lastOutcome: 'connect_timeout', failures: 3 },
  ])
  t.same(state?.incident, {
    openedAt: 8,
    firstOutcome: 'connect_timeout',
    lastOutcome: 'connect_timeout',
    failures: 3,
  })
})

t.test('failures in a row, and none after a success', async (t) => {
  for (const [results, failures] of [
    [[ok, ok, ok], 0],
    [[timeout, timeout, timeout], 3],
    [[timeout, timeout, ok], 0],
    [[ok, timeout], 1],
  ] as const) {
    const { checks } = evaluate([probe('a', { db: folded(results) })], DEFAULT_POLICY)
    t.equal(checks[0]?.standpoints[0]?.consecutiveFailures, failures)
  }
})

t.test('a probe that left its posture has no say, one that is only silent keeps its last word', async (t) => {
  const gone = probe('a', { db: failing })
  const there = (after: number) => reportedAt(gone.lastAt + after, probe('b', { db: passing }))
  const at = (after: number) => evaluate([gone, there(after)], DEFAULT_POLICY)
  t.match(at(FORGET_PROBE_MS), { status: 'degraded', probes: [{ probe: 'probe-a' }, { probe: 'probe-b' }] })
  t.match(at(FORGET_PROBE_MS + 1), { status: 'healthy', probes: [{ probe: 'probe-b' }] })
})

t.test('a check is stale when all its standpoints are', async (t) => {
  const late = reportedAt(T0 + 10 * MINUTE, probe('b', { db: passing, api: passing }))
  const verdict = evaluate([probe('a', { db: passing, tls: passing }), late], DEFAULT_POLICY)
  const { status, text, checks } = atTime(verdict, T0 + 11 * MINUTE)
  t.equal(status, 'healthy')
  t.match(text.en, /no report from a$/)
  t.match(text.ko, /a에서는 보고가 없습니다$/)
  t.same(
    checks.map(({ name, status, standpoints }) => [name, status, standpoints.map((one) => one.status)]),
    [
      ['api', 'passing', ['passing']],
      ['db', 'passing', ['stale', 'passing']],
      ['tls', 'stale', ['stale']],
    ],
  )
})

/** A probe that said the same again at a later time. */
function reportedAt(lastAt: number, probe: ProbeState): ProbeState {
  const checks = [...probe.checks].map(
    ([name, state]) => [name, { ...state, last: { ...state.last, at: lastAt } }] as const,
  )
  return { ...probe, lastAt, checks: new Map(checks) }
}

t.test('the clock', async (t) => {
  const verdict = evaluate(
    [probe('a', { db: passing }), probe('b', { db: failing }, { lastAt: T0 + 9 * MINUTE })],
    DEFAULT_POLICY,
  )
  const old = atTime(verdict, T0 + 5 * MINUTE)
  t.equal(old.status, 'healthy', 'b no longer reports its check, a is silent and keeps its last word')
  t.match(old.text.en, /no report from a$/)
  t.match(old.checks, [{ status: 'stale', standpoints: [{ status: 'stale' }] }])
  const stale = atTime(verdict, T0 + 12 * MINUTE)
  t.match(stale, { status: 'stale', since: new Date(T0 + 12 * MINUTE).toISOString() })
  t.same(atTime(verdict, T0 + 20 * MINUTE), stale, 'what is stale stays as it is')
})
