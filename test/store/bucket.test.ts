import fc from 'fast-check'
import t from 'tap'
import { addResult, emptyBucket, toTimelineBucket } from '../../api/store/rollup/bucket.js'
import { makeResult } from './support/reports.js'

t.test('only what was as expected and was answered has a latency', async (t) => {
  const cases = [
    ['an answer', makeResult({ ms: 7, phases: { connect: 5 } }), true],
    ['a denial is an answer', makeResult({ outcome: 'aws_access_denied', asExpected: true, ms: 7 }), true],
    ['a failure', makeResult({ outcome: 'tls_expired', asExpected: false, ms: 7 }), false],
    [
      'a timeout that was asked for',
      makeResult({ expect: 'unreachable', outcome: 'connect_timeout', asExpected: true, ms: 3000 }),
      false,
    ],
    ['an outcome of a newer probe', makeResult({ outcome: 'quic_ok', asExpected: true, ms: 7 }), false],
  ] as const
  for (const [name, result, timed] of cases) {
    const bucket = emptyBucket()
    addResult(bucket, result)
    const { total, asExpected, latency, phases } = toTimelineBucket(0, bucket)
    t.same([total, asExpected], [1, result.asExpected ? 1 : 0], name)
    t.equal(latency?.count ?? 0, timed ? 1 : 0, name)
    t.equal(phases.connect?.count ?? 0, timed && result.phases.connect !== undefined ? 1 : 0, name)
  }
})

const SEED = 20261125

t.test(`quantiles are in order and never beyond the maximum (seed ${SEED})`, async () => {
  const durations = fc.array(fc.double({ min: 0, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 20 })
  fc.assert(
    fc.property(durations, (list) => {
      const bucket = emptyBucket()
      for (const ms of list) addResult(bucket, makeResult({ ms }))
      const { latency } = toTimelineBucket(0, bucket)
      if (latency === null) return false
      const { p50, p90, p99, max } = latency
      return p50 <= p90 && p90 <= p99 && p99 <= max
    }),
    { seed: SEED, numRuns: 500 },
  )
})
