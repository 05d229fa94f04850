import { openDynamoStore } from '../../api/store/dynamodb/store.js'
import type { Store } from '../../api/store/store.js'
import { PRICES } from '../../infra/aws/lib/prices.js'
import { newTable, REGION, startDynalite } from '../store/support/dynamo.js'
import { batchOf, OPTIONS } from '../store/support/open.js'
import { makeReport, makeResult } from '../store/support/reports.js'
import type { BenchRow } from './bench.js'
import { MINUTE, T0 } from './history.js'

/** Hours in a month, as AWS counts. */
const MONTH_HOURS = 730
/** The fleet whose month is reckoned: 10,000 functions in 200 postures of 3 subnets, 10 checks a minute. */
const FLEET = { functions: 10_000, postures: 200, subnets: 3, checks: 10 }
/** The part of it that is replayed: two postures, for an hour after an hour of warming up. */
const POSTURES = 2
const WARM_MINUTES = 61
const MINUTES = 60
const CALLS = 50
/** What the Lambdas take for one report: the probe for ten checks, the ingest for one delivery; measured elsewhere, rounded up. */
const PROBE = { seconds: 1, gb: 0.125 }
const INGEST = { seconds: 0.05, gb: 0.25 }

/**
 * What a report costs on DynamoDB in its own units, counted by an emulator, each report in a delivery of its own, as a log
 * subscription brings it; and from that a month of the whole fleet.
 */
export async function run(): Promise<readonly BenchRow[]> {
  const emulator = await startDynalite()
  const used = { read: 0, write: 0 }
  const where = { table: await newTable(emulator), region: REGION, endpoint: emulator.endpoint }
  const onCapacity = (kind: 'read' | 'write', units: number): void => {
    used[kind] += units
  }
  const store = await openDynamoStore({ ...where, onCapacity }, OPTIONS)
  const probes = Array.from({ length: POSTURES * FLEET.subnets }, (_, n) => n)
  const take = async (minute: number): Promise<void> => {
    for (const probe of probes) await store.ingest(batchOf([report(probe, minute)]))
  }
  for (let minute = 0; minute < WARM_MINUTES; minute += 1) await take(minute)
  used.read = 0
  used.write = 0
  for (let minute = WARM_MINUTES; minute < WARM_MINUTES + MINUTES; minute += 1) await take(minute)
  const reports = probes.length * MINUTES
  const [writes, reads] = [used.write / reports, used.read / reports]
  const rows: BenchRow[] = [
    {
      name: 'DynamoDB write units for a report of 10 checks',
      value: writes,
      unit: 'units',
      goal: 'as few as possible',
    },
    { name: 'DynamoDB read units for a report of 10 checks', value: reads, unit: 'units' },
    ...month(writes, reads),
    ...(await calls(store, used)),
  ]
  await store.close()
  await emulator.stop()
  return rows
}

function month(writes: number, reads: number): BenchRow[] {
  const reports = FLEET.postures * FLEET.subnets * 60 * MONTH_HOURS
  const results = reports * FLEET.checks
  const bytes = Buffer.byteLength(JSON.stringify(report(0, 0))) + 400
  const dynamo = reports * (writes * PRICES.dynamoWriteUnit.dollars + reads * PRICES.dynamoReadUnit.dollars)
  const compute = ({ seconds, gb }: typeof PROBE): number =>
    reports * (PRICES.lambdaRequest.dollars + seconds * gb * PRICES.lambdaGbSecond.dollars)
  const dollars = (name: string, value: number): BenchRow => ({
    name: `${name} (${PRICES.region}, ${PRICES.date})`,
    value,
    unit: '$/month',
  })
  return [
    {
      name: `DynamoDB for a million results (${PRICES.region}, ${PRICES.date})`,
      value: (dynamo / results) * 1e6,
      unit: '$',
    },
    dollars('10,000 functions, 600 probes: DynamoDB requests', dynamo),
    dollars('the same: probes', compute(PROBE)),
    dollars('the same: ingest', compute(INGEST)),
    dollars('the same: logs', ((reports * bytes) / 1e9) * PRICES.logsGigabyte.dollars),
    dollars('the same: schedules', reports * PRICES.schedulerInvocation.dollars),
  ]
}

/** What calls of the API read, and how long they take against one read of one item. */
async function calls(store: Store, used: { read: number }): Promise<BenchRow[]> {
  const now = new Date(T0 + (WARM_MINUTES + MINUTES) * MINUTE)
  const name = functionName(0, 0)
  const reference = await measured(used, () => store.checkpoint('none'))
  const asked: Readonly<Record<string, () => Promise<unknown>>> = {
    'one function': () => store.getFunction(name, now),
    'a page of 50 functions': () => store.listFunctions({ now, limit: 50 }),
    'failing functions': () => store.listFunctions({ now, limit: 50, status: 'failing' }),
    'a page of 50 results': () => store.listResults({ function: name, limit: 50 }),
    'two hours by minute': () =>
      store.timeline({ function: name, from: new Date(T0), to: now, step: 'minute' }),
    incidents: () => store.listIncidents({ limit: 50 }),
  }
  const rows: BenchRow[] = []
  for (const [what, ask] of Object.entries(asked)) {
    const { units, p99 } = await measured(used, ask)
    rows.push({ name: `${what}: read units`, value: units, unit: 'units' })
    rows.push({
      name: `${what}: p99 against one read, emulated`,
      value: p99,
      unit: 'ms',
      reference: reference.p99,
      ratio: p99 / reference.p99,
    })
  }
  return rows
}

async function measured(used: { read: number }, ask: () => Promise<unknown>) {
  const times: number[] = []
  const before = used.read
  for (let n = 0; n < CALLS; n += 1) {
    const start = performance.now()
    await ask()
    times.push(performance.now() - start)
  }
  times.sort((a, b) => a - b)
  return { units: (used.read - before) / CALLS, p99: times[Math.floor(0.99 * (CALLS - 1))] ?? 0 }
}

function functionName(posture: number, n: number): string {
  return `service-${posture}-handler-${String(n).padStart(2, '0')}`
}

/** A report as a plan of ten different targets makes it, with durations that look like measured ones. */
function report(probe: number, minute: number) {
  const posture = Math.floor(probe / FLEET.subnets)
  const perPosture = FLEET.functions / FLEET.postures
  const noise = (salt: number): number =>
    Math.round(((Math.sin(minute * 12.9 + probe * 78.2 + salt * 37.7) + 1.01) * 4e4) % 3e4) / 1000
  return makeReport({
    at: T0 + minute * MINUTE + probe * 731,
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
