import type { Report, Result } from '../../../probe/report.schema.js'

/** A plausible result; whatever a test is about is given. */
export function makeResult(given: Partial<Result> = {}): Result {
  const outcome = given.outcome ?? 'ok'
  return {
    check: 'orders-db',
    kind: 'postgres',
    target: 'orders.internal:5432',
    expect: 'reachable',
    outcome,
    asExpected: outcome === 'ok' || outcome === 'aws_access_denied',
    ms: 12.5,
    phases: { dns: 1.25, connect: 2.5, tls: 5, exchange: 3.75 },
    address: '10.0.1.5',
    addressKind: 'private',
    attempts: [{ outcome, ms: given.ms ?? 12.5 }],
    ...(outcome === 'ok' ? {} : { endedIn: 'connect' as const }),
    ...given,
  }
}

export interface ReportGiven extends Partial<Omit<Report, 'probe' | 'startedAt'>> {
  readonly at: number
  readonly probe?: Partial<Report['probe']>
}

/** A plausible report of a probe that stands in subnet-1a for the function `orders`. */
export function makeReport({ at, probe, ...given }: ReportGiven): Report {
  return {
    sonde: 1,
    run: `run-${at}`,
    part: [1, 1],
    probe: {
      function: 'sonde-probe-1a',
      version: '0.1.0',
      region: 'eu-west-1',
      account: '123456789012',
      subnet: 'subnet-1a',
      securityGroups: ['sg-1'],
      coldStart: false,
      memoryMb: 128,
      runtime: 'nodejs22',
      workloads: ['orders'],
      intervalMs: 60_000,
      ...probe,
    },
    startedAt: new Date(at).toISOString(),
    durationMs: 20,
    results: [makeResult()],
    ...given,
  }
}
