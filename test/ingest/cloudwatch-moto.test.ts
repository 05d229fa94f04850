import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  CloudWatchLogsClient,
  CreateLogGroupCommand,
  CreateLogStreamCommand,
  FilterLogEventsCommand,
  PutLogEventsCommand,
} from '@aws-sdk/client-cloudwatch-logs'
import t from 'tap'
import { type Config, resolveConfig } from '../../api/config.js'
import { DEFAULT_POLICY } from '../../api/health/health.js'
import { DEFAULT_PULL, type LogGroup, pullLogGroup } from '../../api/ingest/cloudwatch-pull.js'
import { rateLimit } from '../../api/ingest/rate.js'
import { rebuildStore } from '../../api/rebuild.js'
import { openSqliteStore } from '../../api/store/sqlite/store.js'
import { DEFAULT_RETENTION } from '../../api/store/store.js'
import { findMoto, startMoto } from '../aws/inventory-moto.js'
import { report } from '../support/api.js'

const STREAMS = 20
const EVENTS = 50_000
const GROUP = '/sonde/probes'
const REGION = 'eu-west-1'
const SPAN_MS = 40 * 60_000
const credentials = { accessKeyId: 'test', secretAccessKey: 'test' }

const program = findMoto()
const skip =
  program === null && process.env['CI'] !== 'true'
    ? 'moto_server is not installed (pip install "moto[server]")'
    : false

t.test(
  '50,000 events of 20 streams, read with restarts in between: none lost, none twice',
  { skip },
  async (t) => {
    if (program === null) throw new Error('moto_server is required in CI')
    const moto = await startMoto(program)
    t.teardown(() => moto.stop())
    const client = new CloudWatchLogsClient({
      region: REGION,
      endpoint: moto.endpoint,
      credentials,
      maxAttempts: 1,
    })
    t.teardown(() => client.destroy())
    const end = Date.now()
    await fill(client, end, EVENTS)

    const dir = await mkdtemp(join(tmpdir(), 'sonde-logs-'))
    t.teardown(() => rm(dir, { recursive: true, force: true }))
    const clock = { now: () => end, sleep: () => Promise.resolve() }
    let calls = 0
    let died = 0
    const group: LogGroup = {
      region: REGION,
      name: GROUP,
      // Dies on every fifth call, once the answer is there: what a process that is killed between two pages looks like.
      filterLogEvents: async (input, signal) => {
        const page = await client.send(new FilterLogEventsCommand(input), { abortSignal: signal })
        calls += 1
        if (calls % 5 === 0) {
          died += 1
          throw new Error('killed')
        }
        return page
      },
    }
    for (let start = 0; start < 60; start += 1) {
      const store = await openSqliteStore(dir, { policy: DEFAULT_POLICY, retention: DEFAULT_RETENTION })
      try {
        const limit = rateLimit(1000, 1000, clock)
        const options = { ...DEFAULT_PULL, lookBackMs: SPAN_MS + 60_000 }
        let caughtUp = false
        while (!caughtUp) {
          const summary = await pullLogGroup(
            group,
            store,
            limit,
            clock,
            options,
            new AbortController().signal,
          )
          caughtUp = summary.caughtUp
        }
        const counts = await store.counts(new Date(end))
        t.equal(counts.reports, EVENTS / 2, 'every report was taken in, once')
        t.equal(counts.rejects, STREAMS, 'every broken report is kept')
        t.ok(died >= 1, `the reader was cut off ${died} times in ${calls} calls`)
        return
      } catch (error) {
        if (!(error instanceof Error) || error.message !== 'killed') throw error
      } finally {
        await store.close()
      }
    }
    t.fail('the reader never caught up')
  },
)

t.test('a store is made anew from its log group, and goes on from there', { skip }, async (t) => {
  if (program === null) throw new Error('moto_server is required in CI')
  const moto = await startMoto(program)
  t.teardown(() => moto.stop())
  const before = { ...process.env }
  t.teardown(() => {
    process.env = before
  })
  Object.assign(process.env, {
    AWS_ENDPOINT_URL: moto.endpoint,
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    AWS_EC2_METADATA_DISABLED: 'true',
  })
  const client = new CloudWatchLogsClient({ region: REGION, credentials, maxAttempts: 1 })
  t.teardown(() => client.destroy())
  const events = 2000
  const end = Date.now()
  await fill(client, end, events)
  const configOf = (data: string, group = GROUP): Config =>
    resolveConfig({ sources: { cloudwatch: [{ region: REGION, logGroups: [group] }] } }, null, { data })
  const rebuild = (config: Config, since: Date | null) =>
    rebuildStore({
      config,
      paths: [],
      stdin: null,
      since,
      clock: () => new Date(),
      onReject: () => undefined,
    })
  const dir = t.testdir({ whole: {}, late: {}, none: {} })
  const config = configOf(join(dir, 'whole'))
  t.match(await rebuild(config, null), {
    accepted: events / 2,
    duplicates: 0,
    rejected: STREAMS,
    lines: events,
    backup: null,
  })
  const late = await rebuild(configOf(join(dir, 'late')), new Date(end - SPAN_MS / 2))
  t.ok(late.accepted > 0 && late.accepted <= events / 4 + STREAMS, 'with a time, only what is younger')

  await t.test('a group that cannot be read is named, and makes no store', async (t) => {
    const nobody = configOf(join(dir, 'none'), '/sonde/nobody')
    await t.rejects(rebuild(nobody, null), {
      name: 'ResourceNotFoundException',
      message: /can't read the log group \/sonde\/nobody \(eu-west-1\)/,
    })
    t.same(await readdir(join(dir, 'none')), [])
  })

  await t.test('the next pull takes in what has come since, and nothing again', async (t) => {
    const line = JSON.stringify(report({ run: 'new', at: new Date() }))
    await client.send(
      new PutLogEventsCommand({
        logGroupName: GROUP,
        logStreamName: streamName(0),
        logEvents: [{ timestamp: Date.now(), message: line }],
      }),
    )
    const store = await openSqliteStore(config.data, config)
    t.teardown(() => store.close())
    const clock = { now: () => Date.now(), sleep: () => Promise.resolve() }
    const limit = rateLimit(1000, 1000, clock)
    const group: LogGroup = {
      region: REGION,
      name: GROUP,
      filterLogEvents: (input, signal) =>
        client.send(new FilterLogEventsCommand(input), { abortSignal: signal }),
    }
    const { signal } = new AbortController()
    let accepted = 0
    for (let caughtUp = false; !caughtUp; ) {
      const pulled = await pullLogGroup(group, store, limit, clock, DEFAULT_PULL, signal)
      accepted += pulled.accepted
      caughtUp = pulled.caughtUp
    }
    t.equal(accepted, 1)
    t.equal((await store.counts(new Date())).reports, events / 2 + 1)
  })
})

const streamName = (stream: number): string => `2026/01/31/[1]${stream}`

/** Half of the events are reports, out of order across streams; the rest is what a Lambda writes besides. */
async function fill(client: CloudWatchLogsClient, end: number, events: number): Promise<void> {
  await client.send(new CreateLogGroupCommand({ logGroupName: GROUP }))
  const perStream = events / STREAMS
  for (let stream = 0; stream < STREAMS; stream += 1) {
    const logStreamName = streamName(stream)
    await client.send(new CreateLogStreamCommand({ logGroupName: GROUP, logStreamName }))
    const logEvents = Array.from({ length: perStream }, (_, index) => {
      const timestamp = end - SPAN_MS + Math.floor((index / perStream) * (SPAN_MS - 1000))
      const run = `run-${stream}-${index}`
      const line = JSON.stringify(report({ run, at: new Date(timestamp) }))
      if (index === 7) return { timestamp, message: line.slice(0, -20) }
      return { timestamp, message: index % 2 === 0 ? line : `END RequestId: ${run}` }
    })
    for (let from = 0; from < logEvents.length; from += 1000) {
      await client.send(
        new PutLogEventsCommand({
          logGroupName: GROUP,
          logStreamName,
          logEvents: logEvents.slice(from, from + 1000),
        }),
      )
    }
  }
}
