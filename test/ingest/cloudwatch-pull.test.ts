import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  CloudWatchLogsClient,
  CreateLogGroupCommand,
  CreateLogStreamCommand,
  PutLogEventsCommand,
} from '@aws-sdk/client-cloudwatch-logs'
import t from 'tap'
import { openLogGroups } from '../../api/aws/logs.js'
import { pullLimits } from '../../api/companions.js'
import { DEFAULT_POLICY } from '../../api/health/health.js'
import {
  DEFAULT_PULL,
  type LogGroup,
  type PullSummary,
  pullForever,
  pullLogGroup,
} from '../../api/ingest/cloudwatch-pull.js'
import { type RateClock, rateLimit } from '../../api/ingest/rate.js'
import { STRETCH_LINES } from '../../api/ingest/take-lines.js'
import { openSqliteStore } from '../../api/store/sqlite/store.js'
import { DEFAULT_RETENTION, type Store } from '../../api/store/store.js'
import { findMoto, startMoto } from '../aws/inventory-moto.js'
import { report } from '../support/api.js'

Object.assign(process.env, { AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test' })

type Round = { readonly group: string; readonly outcome: PullSummary | Error }
type Test = { teardown(fn: () => unknown): unknown }

async function openStore(t: Test): Promise<Store> {
  const folder = await mkdtemp(join(tmpdir(), 'sonde-pull-'))
  const store = await openSqliteStore(folder, { policy: DEFAULT_POLICY, retention: DEFAULT_RETENTION })
  t.teardown(async () => {
    await store.close()
    await rm(folder, { recursive: true, force: true })
  })
  return store
}

function openAt(t: Test, endpoint: string, region: string, names: readonly string[]): readonly LogGroup[] {
  process.env['AWS_ENDPOINT_URL'] = endpoint
  const { groups, close } = openLogGroups({ region }, names)
  t.teardown(close)
  return groups
}

/** A clock that stands still but for sleeping, and tells how long each sleep was. */
function sleepingClock(): { readonly clock: RateClock; readonly sleeps: number[] } {
  let now = Date.now()
  const sleeps: number[] = []
  return {
    sleeps,
    clock: {
      now: () => now,
      sleep: async (ms, signal) => {
        signal?.throwIfAborted()
        sleeps.push(ms)
        now += ms
      },
    },
  }
}

/** Pulls until `enough` says so of the rounds so far. */
async function pull(
  groups: readonly LogGroup[],
  store: Store,
  clock: RateClock,
  enough: (rounds: readonly Round[]) => boolean | Promise<boolean>,
): Promise<readonly Round[]> {
  const limits = new Map(groups.map(({ region }) => [region, rateLimit(4, 4, clock)]))
  const abort = new AbortController()
  const rounds: Round[] = []
  const limitOf = (region: string) => {
    const limit = limits.get(region)
    if (!limit) throw new Error(`no limit of ${region}`)
    return limit
  }
  const asking: Promise<void>[] = []
  await pullForever(
    groups,
    store,
    limitOf,
    clock,
    { ...DEFAULT_PULL, lookBackMs: 60_000, everyMs: 1000 },
    ({ region, name }, outcome) => {
      rounds.push({ group: `${region} ${name}`, outcome })
      const ask = async (): Promise<void> => {
        if (await enough(rounds)) abort.abort()
      }
      asking.push(ask())
    },
    abort.signal,
  )
  await Promise.all(asking)
  return rounds
}

const program = findMoto()
const skip =
  program === null && process.env['CI'] !== 'true'
    ? 'moto_server is not installed (pip install "moto[server]")'
    : false

t.test('groups of two regions; one that is not there does not stop the others', { skip }, async (t) => {
  if (program === null) throw new Error('moto_server is required in CI')
  const moto = await startMoto(program)
  t.teardown(() => moto.stop())
  const store = await openStore(t)
  const { clock } = sleepingClock()
  const groups = [
    ...openAt(t, moto.endpoint, 'eu-west-1', ['/sonde/late', '/sonde/probes']),
    ...openAt(t, moto.endpoint, 'ap-northeast-2', ['/sonde/probes']),
  ]
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' }
  const log = async (region: string, logGroupName: string, run: string) => {
    const client = new CloudWatchLogsClient({ region, endpoint: moto.endpoint, credentials })
    const names = { logGroupName, logStreamName: 's' }
    await client.send(new CreateLogGroupCommand({ logGroupName }))
    await client.send(new CreateLogStreamCommand(names))
    const timestamp = clock.now() - 1000
    const message = JSON.stringify(report({ run, at: new Date(timestamp) }))
    await client.send(new PutLogEventsCommand({ ...names, logEvents: [{ timestamp, message }] }))
    client.destroy()
  }
  await log('eu-west-1', '/sonde/probes', 'ireland')
  await log('ap-northeast-2', '/sonde/probes', 'seoul')
  const reports = async () => (await store.counts(new Date())).reports
  const first = await pull(groups, store, clock, (rounds) => rounds.length >= 3)
  t.equal(await reports(), 2)
  t.match(
    first.slice(0, 3).map(({ group, outcome }) => [group, outcome]),
    [
      ['eu-west-1 /sonde/late', { name: 'ResourceNotFoundException' }],
      ['eu-west-1 /sonde/probes', { accepted: 1, caughtUp: true }],
      ['ap-northeast-2 /sonde/probes', { accepted: 1, caughtUp: true }],
    ],
  )
  await log('eu-west-1', '/sonde/late', 'late')
  await pull(groups, store, clock, (rounds) => rounds.length >= 3)
  t.equal(await reports(), 3, 'a group that comes to be is read')
  const third = await pull(groups, store, clock, (rounds) => rounds.length >= 3)
  t.equal(await reports(), 3, 'nothing is read twice')
  t.ok(third.slice(0, 3).every(({ outcome }) => !(outcome instanceof Error)))
})

interface Call {
  readonly group: string
  readonly at: number
}

/** A stand-in that throttles, which moto can't: FilterLogEvents of empty groups, refused as often as `refuse` says. */
async function throttling(t: Test, clock: RateClock, refuse: (call: number, group: string) => boolean) {
  const calls: Call[] = []
  const server = createServer((request, response) => {
    let body = ''
    request.on('data', (chunk: Buffer) => {
      body += chunk.toString()
    })
    request.on('end', () => {
      const group = String(JSON.parse(body).logGroupName)
      calls.push({ group, at: clock.now() })
      const refused = refuse(calls.length, group)
      response.writeHead(refused ? 400 : 200, { 'content-type': 'application/x-amz-json-1.1' })
      const answer = refused ? { __type: 'ThrottlingException', message: 'Rate exceeded' } : { events: [] }
      response.end(JSON.stringify(answer))
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => {
    server.close()
    server.closeAllConnections()
  })
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  return { calls, endpoint: `http://127.0.0.1:${address.port}` }
}

t.test('a throttled call is made again, later each time, and the group is read', async (t) => {
  const { clock, sleeps } = sleepingClock()
  const { calls, endpoint } = await throttling(t, clock, (call) => call <= 5)
  const groups = openAt(t, endpoint, 'eu-west-1', ['a'])
  const rounds = await pull(groups, await openStore(t), clock, () => true)
  t.equal(calls.length, 6)
  t.match(rounds, [{ group: 'eu-west-1 a', outcome: { calls: 1, caughtUp: true } }])
  // The limit may add a wait of its own, a quarter of a second at most.
  const backoffs = sleeps.slice(0, 5)
  t.ok(
    backoffs.every((ms, index) => ms <= 250 * 2 ** (index + 1)),
    `slept ${sleeps.map(Math.round).join(', ')} ms`,
  )
  t.ok(sleeps.length >= 5)
})

t.test('a group that stays throttled is told, and the others go on', async (t) => {
  const { clock } = sleepingClock()
  const { calls, endpoint } = await throttling(t, clock, (_call, group) => group === 'bad')
  const groups = openAt(t, endpoint, 'eu-west-1', ['bad', 'good'])
  const rounds = await pull(groups, await openStore(t), clock, ({ length }) => length >= 4)
  t.match(
    rounds.map(({ group, outcome }) => [group, outcome instanceof Error ? outcome.name : 'read']),
    [
      ['eu-west-1 bad', 'ThrottlingException'],
      ['eu-west-1 good', 'read'],
      ['eu-west-1 bad', 'ThrottlingException'],
      ['eu-west-1 good', 'read'],
    ],
  )
  t.equal(calls.filter(({ group }) => group === 'bad').length, 16, 'eight tries a round')
})

t.test('all groups of a region share one limit', async (t) => {
  const { clock } = sleepingClock()
  const { calls, endpoint } = await throttling(t, clock, () => false)
  const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j']
  const groups = openAt(t, endpoint, 'eu-west-1', names)
  await pull(groups, await openStore(t), clock, ({ length }) => length >= 60)
  const busiest = calls.map(({ at }) => calls.filter((call) => call.at >= at && call.at < at + 1000).length)
  t.ok(Math.max(...busiest) <= 8, `at most ${Math.max(...busiest)} calls within a second: 4, and 4 saved up`)
  const first = calls[0]
  const last = calls.at(-1)
  t.ok(first && last && (calls.length - 4) / ((last.at - first.at) / 1000) <= 4.01, 'four a second over time')
})

t.test('a clock that is set back makes no group wait for it, and what came meanwhile is read', async (t) => {
  let now = Date.parse('2026-01-31T12:00:00Z')
  const clock: RateClock = {
    now: () => now,
    sleep: async (ms) => {
      if (ms > 60_000) throw new Error(`slept ${ms} ms`)
      now += ms
    },
  }
  const asked: { startTime: number; endTime: number }[] = []
  const group: LogGroup = {
    region: 'eu-west-1',
    name: '/sonde/probes',
    filterLogEvents: async ({ startTime = 0, endTime = 0 }) => {
      // As AWS has it: InvalidParameterException where the end lies before the start.
      if (endTime < startTime) throw new Error('InvalidParameterException')
      asked.push({ startTime, endTime })
      return { events: [], $metadata: {} }
    },
  }
  const store = await openStore(t)
  const limit = rateLimit(4, 4, clock)
  const { signal } = new AbortController()
  const once = () => pullLogGroup(group, store, limit, clock, DEFAULT_PULL, signal)
  await once()
  now -= 2 * 3_600_000
  const { caughtUp } = await once()
  t.ok(caughtUp)
  t.same(asked.at(-1), { startTime: now - DEFAULT_PULL.lookBackMs, endTime: now })
  now += 1000
  await once()
  t.equal(asked.at(-1)?.startTime, now - 1000 - DEFAULT_PULL.overlapMs, 'and then on as always')
})

t.test('now and then a pull reads further back, for events that come late', async (t) => {
  const { clock } = sleepingClock()
  const starts: number[] = []
  const group: LogGroup = {
    region: 'eu-west-1',
    name: '/sonde/probes',
    filterLogEvents: async ({ startTime = 0 }) => {
      starts.push(clock.now() - startTime)
      return { events: [], $metadata: {} }
    },
  }
  const store = await openStore(t)
  const { signal } = new AbortController()
  const pull = () => pullLogGroup(group, store, rateLimit(4, 4, clock), clock, DEFAULT_PULL, signal)
  let caughtUp = false
  while (!caughtUp) ({ caughtUp } = await pull())
  t.equal(starts[0], DEFAULT_PULL.lookBackMs + DEFAULT_PULL.overlapMs)
  starts.length = 0
  for (let n = 0; n < DEFAULT_PULL.sweepEvery; n++) await pull()
  const later = starts
  t.same(
    [...new Set(later)].sort((a, b) => a - b),
    [DEFAULT_PULL.overlapMs, DEFAULT_PULL.lateMs],
  )
  t.equal(later.filter((back) => back === DEFAULT_PULL.lateMs).length, 1)
})

t.test('a page larger than a transaction moves the position with the last of it', async (t) => {
  const store = await openStore(t)
  const batches: { readonly lines: number; readonly position: boolean }[] = []
  const watched: Store = {
    ...store,
    ingest: (batch) => {
      batches.push({
        lines: batch.reports.length + batch.otherLines,
        position: batch.checkpoint !== undefined,
      })
      return store.ingest(batch)
    },
  }
  const { clock } = sleepingClock()
  const count = 2 * STRETCH_LINES + 1
  const group: LogGroup = {
    region: 'eu-west-1',
    name: '/sonde/probes',
    filterLogEvents: async () => ({
      events: Array.from({ length: count }, (_, index) => ({
        message: JSON.stringify(report({ run: `run-${index}`, at: new Date(clock.now()) })),
        eventId: String(index),
      })),
      $metadata: {},
    }),
  }
  const { signal } = new AbortController()
  const { accepted, events } = await pullLogGroup(
    group,
    watched,
    rateLimit(4, 4, clock),
    clock,
    DEFAULT_PULL,
    signal,
  )
  t.same([accepted, events], [count, count])
  t.same(batches, [
    { lines: STRETCH_LINES, position: false },
    { lines: STRETCH_LINES, position: false },
    { lines: 1, position: true },
  ])
})

t.test('sources of one account and region share its limit, others have their own', async (t) => {
  const limits = pullLimits()
  t.equal(limits({ region: 'eu-west-1' }), limits({ region: 'eu-west-1' }))
  t.not(limits({ region: 'eu-west-1' }), limits({ region: 'eu-west-2' }))
  t.not(limits({ region: 'eu-west-1' }), limits({ region: 'eu-west-1', account: '123456789012' }))
})
