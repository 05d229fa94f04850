import type { Report } from '../../probe/report.schema.js'
import { makeReport, makeResult } from '../store/support/reports.js'

export const T0 = Date.UTC(2026, 0, 5)
export const MINUTE = 60_000

/** Report `n` of a fleet: each minute every probe reports once, each report with the same number of checks. */
export function fleetReport(n: number, probes: number, checks: number): Report {
  const probe = n % probes
  const at = T0 + Math.floor(n / probes) * MINUTE + probe
  return makeReport({
    at,
    run: `run-${n.toString(36)}`,
    probe: { function: `probe-${probe}`, subnet: `subnet-${probe}`, workloads: [`function-${probe}`] },
    results: Array.from({ length: checks }, (_, check) =>
      makeResult({
        check: `check-${check}`,
        ms: 1 + ((n * 31 + check * 17) % 997) / 10,
        outcome: (n + check) % 211 === 0 ? 'connect_timeout' : 'ok',
      }),
    ),
  })
}
