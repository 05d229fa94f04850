import type { Report, Result } from '../../../probe/report.schema.js'
import { ACCOUNT, IDS, REGION } from '../../scenarios/support/world.js'

/** A report of one probe with one result, as the probe prints it. */
export function reportOf(
  subnet: string,
  result: Partial<Result> & { outcome: string },
  startedAt = '2026-01-07T09:05:00.000Z',
): Report {
  const asExpected = result.outcome === 'ok'
  return {
    sonde: 1,
    run: `run-${subnet}-${startedAt}`,
    part: [1, 1],
    probe: {
      function: `sonde-${subnet}`,
      version: '0.1.0',
      region: REGION,
      account: ACCOUNT,
      subnet,
      securityGroups: [IDS.groupFunction],
      coldStart: false,
      memoryMb: 256,
      runtime: 'nodejs22.x',
    },
    startedAt,
    durationMs: 3001,
    results: [
      {
        check: 'orders-db',
        kind: 'postgres',
        target: `orders.c1x2y3z4.${REGION}.rds.amazonaws.com:5432`,
        expect: 'reachable',
        asExpected,
        ms: 3000,
        phases: { dns: 2 },
        address: null,
        addressKind: null,
        attempts: [{ outcome: result.outcome, ms: 3000 }],
        ...result,
      },
    ],
  }
}
