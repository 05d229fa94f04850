import { reportLines } from '../../../probe/report.js'
import type { Result } from '../../../probe/report.schema.js'

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

/**
 * List prices of us-east-1 in US dollars, as published in June 2026, and the monthly free tier:
 * https://aws.amazon.com/lambda/pricing/ (arm64), https://aws.amazon.com/cloudwatch/pricing/, https://aws.amazon.com/eventbridge/pricing/
 */
export const PRICES = {
  date: '2026-06',
  region: 'us-east-1',
  lambdaRequest: { dollars: 0.2e-6, free: 1e6 },
  lambdaGbSecond: { dollars: 0.000_013_333_4, free: 400_000 },
  schedulerInvocation: { dollars: 1e-6, free: 14e6 },
  logsGigabyte: { dollars: 0.5, free: 5 },
  metric: { dollars: 0.3, free: 10 },
  alarm: { dollars: 0.1, free: 10 },
} as const

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
