import { reportLines } from '../../../probe/report.js'
import type { Result } from '../../../probe/report.schema.js'
import { PRICES } from './prices.js'

/** What is deployed, and how often it runs. */
export interface Deployment {
  readonly postures: number
  /** Subnets a posture: one probe in each. */
  readonly subnets: number
  readonly checks: number
  readonly everyMinutes: number
  readonly memoryMb: number
  /** Milliseconds that are billed for a run, on average. */
  readonly runMs: number
  readonly metrics: 'none' | 'probe' | 'check'
  readonly alarms: boolean
}

export interface CostLine {
  readonly what: string
  readonly quantity: number
  readonly unit: string
  /** US dollars a month, by list price and without any free tier. */
  readonly dollars: number
  /** The same after the free tier that every account has, were it used for nothing else. */
  readonly afterFreeTier: number
}

const MINUTES_A_MONTH = (365 * 24 * 60) / 12
/** CloudWatch Logs adds this to each line: https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutLogEvents.html */
const BYTES_A_LINE = 26
/** `Expected`, `Duration` and the phases that a check of TLS has; what `probe/emf.ts` names. */
const METRICS_A_CHECK = 6

/** What probes cost a month, line by line. The store and the API come on top. */
export function probeCost(deployment: Deployment): readonly CostLine[] {
  const { postures, subnets, checks, everyMinutes, memoryMb, runMs, metrics, alarms } = deployment
  const probes = postures * subnets
  const runs = probes * (MINUTES_A_MONTH / everyMinutes)
  const gigabytes = (runs * bytesOfRun(checks, metrics)) / 1e9
  return [
    line('runs (Lambda requests)', runs, 'requests', PRICES.lambdaRequest),
    line('compute (arm64)', runs * (runMs / 1000) * (memoryMb / 1024), 'GB-s', PRICES.lambdaGbSecond),
    line('schedules', runs, 'invocations', PRICES.schedulerInvocation),
    line('report lines', gigabytes, 'GB', PRICES.logsGigabyte),
    ...(metrics === 'none'
      ? []
      : [line('metrics', probes * metricsOf(checks, metrics), 'metrics', PRICES.metric)]),
    ...(alarms ? [line('alarms', probes, 'alarms', PRICES.alarm)] : []),
  ]
}

/**
 * What a report of ten checks takes of the store, in DynamoDB's units, as `npm run bench dynamodb` counts them, and of the ingest:
 * one delivery for each, its function of 512 MB busy for 50 ms, rounded up.
 */
export const REPORT_UNITS = { writes: 1.75, reads: 1.2, ingestGbSeconds: 0.05 * 0.5 } as const

/**
 * What taking the reports in and keeping them costs a month on top of the probes. Requests to the API come beside that, and cost
 * less than a cent a thousand. Its free tier is counted with the probes.
 */
export function storeCost({ postures, subnets, everyMinutes }: Deployment): readonly CostLine[] {
  const reports = postures * subnets * (MINUTES_A_MONTH / everyMinutes)
  const { dynamoWriteUnit, dynamoReadUnit, lambdaRequest, lambdaGbSecond } = PRICES
  const paid = ({ dollars }: { readonly dollars: number }) => ({ dollars, free: 0 })
  return [
    line('ingest (requests)', reports, 'requests', paid(lambdaRequest)),
    line('ingest (compute)', reports * REPORT_UNITS.ingestGbSeconds, 'GB-s', paid(lambdaGbSecond)),
    line('store (writes)', reports * REPORT_UNITS.writes, 'units', paid(dynamoWriteUnit)),
    line('store (reads)', reports * REPORT_UNITS.reads, 'units', paid(dynamoReadUnit)),
  ]
}

/** Bytes that one run brings to the log, measured on a report as a probe prints it. */
export function bytesOfRun(checks: number, metrics: Deployment['metrics']): number {
  const results = Array.from({ length: checks }, (_, index) => sampleResult(index))
  const lines = reportLines(
    {
      run: '37b465d7-05c3-4476-806f-86ae5d3a2b4e',
      startedAt: '2026-06-01T00:00:00.000Z',
      durationMs: 123.456,
      results,
    },
    {
      function: 'sonde-posture-0123456789abcdef-89abcdef',
      version: '0.1.0',
      region: 'us-east-1',
      account: '111122223333',
      subnet: 'subnet-0123456789abcdef0',
      securityGroups: ['sg-0123456789abcdef0'],
      coldStart: false,
      memoryMb: 256,
      runtime: 'nodejs24.x',
      intervalMs: 300_000,
    },
    metrics === 'none' ? {} : { SONDE_EMF: metrics === 'check' ? '1' : 'probe' },
  )
  return lines.reduce((sum, text) => sum + Buffer.byteLength(text) + BYTES_A_LINE, 0)
}

function metricsOf(checks: number, metrics: 'probe' | 'check'): number {
  return metrics === 'probe' ? 1 : (checks + 1) * METRICS_A_CHECK
}

function sampleResult(index: number): Result {
  return {
    check: `orders-database-${index}`,
    kind: 'postgres',
    target: 'orders.abcdefghijkl.us-east-1.rds.amazonaws.com:5432',
    expect: 'reachable',
    outcome: 'ok',
    asExpected: true,
    ms: 12.345,
    phases: { dns: 1.234, connect: 2.345, tls: 5.678, exchange: 3.456 },
    address: '10.0.21.20',
    addressKind: 'private',
    attempts: [{ outcome: 'ok', ms: 12.345 }],
    detail: { tlsVersion: 'TLSv1.3', cipher: 'TLS_AES_256_GCM_SHA384', certificateDaysLeft: 321 },
  }
}

function line(
  what: string,
  quantity: number,
  unit: string,
  price: { readonly dollars: number; readonly free: number },
): CostLine {
  return {
    what,
    quantity,
    unit,
    dollars: quantity * price.dollars,
    afterFreeTier: Math.max(0, quantity - price.free) * price.dollars,
  }
}
