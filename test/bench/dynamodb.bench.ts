import { openDynamoStore } from '../../api/store/dynamodb/store.js'
import type { Store } from '../../api/store/store.js'
import { PRICES } from '../../infra/aws/lib/prices.js'
import { newTable, REGION, startDynalite } from '../store/support/dynamo.js'
import { batchOf, OPTIONS } from '../store/support/open.js'
import type { BenchRow } from './bench.js'
import { FLEET, fleetRun, functionName } from './fleet.js'
import { MINUTE, T0 } from './history.js'

/** Hours in a month, as AWS counts. */
const MONTH_HOURS = 730
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
    for (const probe of probes) await store.ingest(batchOf([fleetRun(probe, minute)]))
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
  const bytes = Buffer.byteLength(JSON.stringify(fleetRun(0, 0))) + 400
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
