import { makeReport, makeResult } from '../store/support/reports.js'
import { MINUTE, T0 } from './history.js'

/** A fleet at scale: 10,000 functions in 200 postures of 3 subnets, 10 checks a minute. */
export const FLEET = { functions: 10_000, postures: 200, subnets: 3, checks: 10 }

/** Name of function `n` of a posture. */
export function functionName(posture: number, n: number): string {
  return `service-${posture}-handler-${String(n).padStart(2, '0')}`
}

/** A report as a plan of ten different targets makes it, with durations that look like measured ones. */
export function fleetRun(probe: number, minute: number) {
  const posture = Math.floor(probe / FLEET.subnets)
  const perPosture = FLEET.functions / FLEET.postures
  const noise = (salt: number): number =>
    Math.round(((Math.sin(minute * 12.9 + probe * 78.2 + salt * 37.7) + 1.01) * 4e4) % 3e4) / 1000
  return makeReport({
    at: T0 + minute * MINUTE + ((probe * 731) % MINUTE),
    run: `${hex(probe * 7919 + minute, 8)}-${hex(minute * 104_729, 4)}-4${hex(probe, 3)}-8${hex(minute, 3)}-${hex(minute * 1_299_709 + probe, 12)}`,
    probe: {
      function: `sonde-probe-${posture}-${probe}`,
      subnet: `subnet-0${hex(probe * 15_485_863, 16)}`,
      securityGroups: [`sg-0${hex(posture * 32_452_843, 16)}`],
      workloads: Array.from({ length: perPosture }, (_, n) => functionName(posture, n)),
    },
    results: Array.from({ length: FLEET.checks }, (_, n) => {
      const outcome = (minute * 31 + probe * 17 + n * 7) % 997 === 0 ? 'connect_timeout' : 'ok'
      const [dns, connect, tls, exchange] = [noise(n), noise(n + 10), noise(n + 20), noise(n + 30)]
      return makeResult({
        check: `check-${n}`,
        target: `db-${n}.cluster-c${hex(n * 86_028_121, 11)}.eu-west-1.rds.amazonaws.com:5432`,
        address: `10.0.${n}.${(n * 37) % 250}`,
        outcome,
        ms: dns + connect + tls + exchange,
        phases: { dns, connect, tls, exchange },
        attempts: [{ outcome, ms: dns + connect + tls + exchange }],
        detail: { tlsVersion: 'TLSv1.3', cipher: 'TLS_AES_256_GCM_SHA384', serverVersion: '16.4' },
      })
    }),
  })
}

function hex(value: number, digits: number): string {
  return Math.abs(Math.round(value)).toString(16).padStart(digits, '0').slice(-digits)
}
