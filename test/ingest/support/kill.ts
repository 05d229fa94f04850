import { MINUTE, T0 } from '../../store/support/open.js'
import { makeReport, makeResult } from '../../store/support/reports.js'

export { OPTIONS } from '../../store/support/open.js'

/** When everything is received, so that two runs can be compared. */
export const CLOCK = new Date(T0 + 40 * 24 * 60 * MINUTE)
/** Small, so that many transactions are cut. */
export const BATCH_LINES = 7

/** A log as a folder of probes leaves it: reports of two subnets, some late, some twice, broken lines and others between. */
export function killLog(lines: number): string {
  const text: string[] = []
  for (let n = 0; n < lines; n += 1) {
    if (n % 17 === 5) text.push('START RequestId: 8f5 Version: $LATEST')
    else if (n % 23 === 7) text.push('{"sonde":1,"run":"cut off')
    else {
      const late = n % 29 === 3 ? 90 : 0
      const twice = n % 31 === 9 ? 1 : 0
      const zone = n % 2 === 0 ? 'a' : 'b'
      const report = makeReport({
        at: T0 + (n - late) * MINUTE,
        run: `run-${n - twice * 2}`,
        probe: {
          function: `probe-${zone}`,
          subnet: `subnet-1${zone}`,
          workloads: ['orders', `only-${zone}`],
        },
        results: ['x', 'y'].map((check) =>
          makeResult({ check, ms: 1 + (n % 50), outcome: n % 60 > 50 ? 'connect_timeout' : 'ok' }),
        ),
      })
      text.push(JSON.stringify(report))
    }
  }
  return `${text.join('\n')}\n`
}
