import fc from 'fast-check'
import t from 'tap'
import { bearingOf, evaluate, type ProbeState, speaksUntil } from '../../api/health/evaluate.js'
import { type CheckState, foldResult } from '../../api/health/fold.js'
import { DEFAULT_POLICY } from '../../api/health/health.js'
import { makeResult } from '../store/support/reports.js'

const SEED = 20260105
const T0 = Date.UTC(2026, 0, 5, 10)
const MINUTE = 60_000
const HOUR = 60 * MINUTE

const step = fc.record({
  probe: fc.constantFrom('a', 'b', 'c'),
  after: fc.constantFrom(0, MINUTE, MINUTE, MINUTE, 2 * MINUTE, 5 * MINUTE, 13 * HOUR, 25 * HOUR),
  intervalMs: fc.constantFrom(MINUTE, MINUTE, MINUTE, 12 * HOUR),
  checks: fc.dictionary(
    fc.constantFrom('x', 'y'),
    fc.constantFrom('ok', 'ok', 'ok', 'connect_timeout', 'partly'),
  ),
})

function result(check: string, outcome: string) {
  const address = (outcome: string) => ({
    address: '10.0.0.1',
    addressKind: 'private' as const,
    outcome,
    ms: 1,
    phases: {},
  })
  return outcome === 'partly'
    ? makeResult({ check, addresses: [address('ok'), address('connect_timeout')] })
    : makeResult({ check, outcome })
}

/** What a store keeps of a verdict. */
function statuses(probes: Iterable<ProbeState>) {
  const { status, checks } = evaluate([...probes], DEFAULT_POLICY)
  return JSON.stringify([status, checks.map((check) => [check.name, check.status])])
}

t.test('as long as the bearing of every probe stays, so do the statuses', async (t) => {
  t.comment(`seed ${SEED}`)
  const seen = { kept: 0, judged: 0, changed: 0 }
  fc.assert(
    fc.property(fc.array(step, { minLength: 2, maxLength: 60 }), (steps) => {
      const probes = new Map<string, ProbeState & { readonly states: Map<string, CheckState> }>()
      let at = T0
      for (const { probe: name, after, intervalMs, checks } of steps) {
        at += after
        const before = probes.get(name)
        const [was, verdict] = [statuses(probes.values()), evaluate([...probes.values()], DEFAULT_POLICY)]
        const states = new Map(before?.states)
        for (const [check, outcome] of Object.entries(checks)) {
          states.set(check, foldResult(states.get(check) ?? null, result(check, outcome), at, 2).state)
        }
        const place = { probe: name, standpoint: name, subnet: name, securityGroups: [] }
        const now = { ...place, lastAt: at, intervalMs, checks: states, states }
        probes.set(name, now)
        const bearing = (one: typeof now | typeof before) =>
          one &&
          bearingOf(
            { ...one, checks: [...one.states].map(([check, state]) => [check, { state }]) },
            DEFAULT_POLICY,
          )
        const same =
          before !== undefined &&
          bearing(before) === bearing(now) &&
          (verdict.lastAt ?? 0) <= speaksUntil(before) &&
          at <= (verdict.holdsUntil ?? 0)
        if (same && statuses(probes.values()) !== was) return false
        seen[same ? 'kept' : 'judged'] += 1
        if (statuses(probes.values()) !== was) seen.changed += 1
      }
      return true
    }),
    { seed: SEED, numRuns: 500 },
  )
  t.ok(
    seen.kept > 200 && seen.changed > 1000,
    `kept ${seen.kept}, judged anew ${seen.judged}, changed ${seen.changed}`,
  )
})
