import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { copyFile, mkdtemp, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { gzipSync } from 'node:zlib'
import t, { type Test } from 'tap'
import { registerRebuild } from '../../api/cli/rebuild.js'
import { resolveConfig } from '../../api/config.js'
import { ingestFile, ingestStream } from '../../api/ingest/file.js'
import { folderSource, followedFolder } from '../../api/ingest/tail.js'
import { rebuildStore } from '../../api/rebuild.js'
import { openDynamoStore } from '../../api/store/dynamodb/store.js'
import { openSqliteStore } from '../../api/store/sqlite/store.js'
import type { Store } from '../../api/store/store.js'
import { CLOCK, killLog, OPTIONS } from '../ingest/support/kill.js'
import { dumpStore } from '../store/support/dump.js'
import { newTable, REGION, startDynalite } from '../store/support/dynamo.js'
import { generator } from '../support/child.js'
import { builtCli, startCli, urlOf } from '../support/cli.js'
import { run } from './run.js'

const SEED = 20261126
const LINES = 400
/** Nothing is old enough to be deleted, so that all is compared. */
const KEEP = { ...OPTIONS, retention: { ...OPTIONS.retention, resultsDays: 60, minuteRollupsDays: 60 } }
const FUNCTIONS = [{ name: 'billing' }]
/** The kill test's log without the runs that come a second time with other content: of those the first one counts. */
const log = logOf(LINES)
const cli = await builtCli()

t.test('equals the store that took the lines in one by one, whatever their order and number', async (t) => {
  const lines = log.trimEnd().split('\n')
  const random = generator(SEED)
  t.comment(`seed ${SEED}`)
  const dir = t.testdir({ first: {}, logs: { nested: {} }, followed: {}, data: {} })
  await writeFile(join(dir, 'probes.log'), log)
  const wanted = await dumpOf(join(dir, 'first'), async (store) => {
    await store.declareFunctions(FUNCTIONS)
    await ingestFile(store, join(dir, 'probes.log'), { clock: () => CLOCK })
  })

  const order = [...lines, ...lines.filter(() => random() < 0.3)]
    .map((line) => ({ line, key: random() }))
    .sort((a, b) => a.key - b.key)
    .map(({ line }) => line)
  const part = (n: number): string => order.filter((_, index) => index % 5 === n).join('\n')
  await writeFile(join(dir, 'logs/a.log'), part(0))
  await writeFile(join(dir, 'logs/nested/000000.gz'), gzipSync(part(1)))
  await writeFile(join(dir, 'followed/probes.log'), part(2))
  await writeFile(join(dir, 'followed/probes.log.1.gz'), gzipSync(part(3)))
  const data = join(dir, 'data')
  const config = {
    ...resolveConfig({ functions: FUNCTIONS }, null, { data }),
    ...KEEP,
    sources: { folders: [{ path: join(dir, 'followed') }], cloudwatch: [], firehose: null },
  }
  const stdin = Readable.from([Buffer.from(part(4))])
  const input = {
    config,
    paths: [join(dir, 'logs'), join(dir, 'followed')],
    stdin: (store: Store) => ingestStream(store, 'stdin', stdin, { clock: () => CLOCK }),
    since: null,
    clock: () => CLOCK,
    onReject: () => undefined,
  }
  const rebuilt = await rebuildStore(input)
  t.match(rebuilt, { store: data, backup: null, before: null })
  t.ok(rebuilt.accepted > LINES / 2 && rebuilt.duplicates > 10 && rebuilt.rejected > 0)
  t.strictSame(await dumpOf(data), wanted)
  t.same(await stores(data), ['sonde.db'])

  await t.test('goes on from a followed folder, and loses or doubles nothing', async (t) => {
    const store = await openSqliteStore(data, KEEP)
    t.teardown(() => store.close())
    t.not(await store.checkpoint(folderSource(join(dir, 'followed'))), null)
    const before = await store.counts(CLOCK)
    const fresh = logOf(LINES + 40).slice(log.length)
    await writeFile(join(dir, 'followed/probes.log'), `${part(2)}\n${fresh}`)
    const folder = followedFolder(join(dir, 'followed'), store, {
      clock: () => CLOCK,
      everyMs: 1,
      onError: (path, error) => t.fail(`${path}: ${error.message}`),
    })
    await folder.look(new AbortController().signal)
    await folder.close()
    const after = await store.counts(CLOCK)
    t.ok(after.reports > before.reports + 25)
    t.equal(after.duplicates, before.duplicates)
  })

  await t.test('on DynamoDB: into an empty table, and into no other', async (t) => {
    const emulator = await startDynalite()
    t.teardown(emulator.stop)
    const { endpoint } = emulator
    const table = await newTable(emulator)
    const where = { engine: 'dynamodb' as const, table, region: REGION, endpoint }
    const shared = {
      ...input,
      config: { ...config, store: where, sources: { ...config.sources, folders: [] } },
      paths: [join(dir, 'probes.log')],
      stdin: null,
    }
    t.match(await rebuildStore(shared), { store: table, backup: null })
    const store = await openDynamoStore(where, KEEP)
    t.teardown(() => store.close())
    t.strictSame(await dumpStore(store, CLOCK), wanted)
    await t.rejects(rebuildStore(shared), {
      name: 'StoreUnusable',
      message: /holds data, and a table is never replaced: make a new one with `sonde store create/,
    })
  })
})

t.test('killed in the middle it leaves the old store; then it replaces it and keeps it', async (t) => {
  const dir = t.testdir()
  const data = join(dir, 'data')
  await takenIn(t, killLog(60), dir)
  const old = await dumpOfCopy(t, join(data, 'sonde.db'))
  const bytes = await readFile(join(data, 'sonde.db'))
  const first = start(t, ['rebuild', '-', '--data', data], dir)
  first.stdin?.write(log)
  await until(async () => (await readdir(data)).some((name) => name.startsWith('rebuild-')))
  first.kill('SIGKILL')
  await once(first, 'close')
  t.ok(bytes.equals(await readFile(join(data, 'sonde.db'))))

  await writeFile(join(dir, 'sonde.json'), JSON.stringify({ data, retention: KEEP.retention }))
  await writeFile(join(dir, 'new.log'), log)
  const second = startCli(cli, ['rebuild', 'new.log', '--config', 'sonde.json', '--json'], { cwd: dir })
  t.equal(await second.exit, 0, second.output())
  t.match(second.output(), /new\.log:8: not whole JSON/, 'a broken line by its number')
  const { backup, before, accepted } = JSON.parse(/^\{.*\}$/m.exec(second.output())?.[0] ?? '')
  t.match(backup, /sonde\.db\.before-\d{8}T\d{6}Z$/)
  t.ok(before > 40 && accepted > before)
  t.same(await stores(data), ['sonde.db', backup.slice(data.length + 1)], 'nothing else is left')
  const [oldEvents, newEvents] = [
    await eventsOfCopy(t, backup),
    await eventsOfCopy(t, join(data, 'sonde.db')),
  ]
  t.equal(
    newEvents[0],
    (oldEvents.at(-1) ?? 0) + 2,
    'events are numbered on, with a gap that a client notices',
  )
  t.strictSame(await dumpOfCopy(t, backup), old, 'the old store is whole in its one file')
})

t.test('while a server holds the store it refuses; a command that waits finds the new one', async (t) => {
  const dir = t.testdir()
  const data = join(dir, 'data')
  await writeFile(join(dir, 'probes.log'), log)
  const served = startCli(cli, ['serve', '--port', '0', '--no-sample', '--data', data], { cwd: dir })
  t.teardown(() => served.child.kill('SIGKILL'))
  await urlOf(served)
  const rebuild = ['rebuild', 'probes.log', '--data', data]
  const refused = startCli(cli, rebuild, { cwd: dir })
  t.equal(await refused.exit, 2)
  t.match(refused.output(), /the store in .*data is in use by another program \(a server, .*\): end that/)
  t.same(await stores(data), ['sonde.db'])
  served.child.kill('SIGTERM')
  t.equal(await served.exit, 0)

  const held = start(t, ['rebuild', '-', '--data', data], dir)
  await until(async () => (await readdir(data)).some((name) => name.startsWith('rebuild-')))
  await writeFile(join(dir, 'one.log'), `${reportNow('waiting')}\n`)
  const waits = start(t, ['ingest', 'one.log', '--data', data], dir)
  await once(waits, 'spawn')
  held.stdin?.end(`${reportNow('rebuilt')}\n`)
  t.same(await Promise.all([codeOf(held), codeOf(waits)]), [0, 0])
  const store = await openSqliteStore(data, OPTIONS)
  t.teardown(() => store.close())
  t.equal((await store.counts(new Date())).reports, 2, 'what was rebuilt, and what waited')
})

t.test('what can not be done is told, and nothing is changed', async (t) => {
  const dir = t.testdir({ 'empty.log': 'no report\n', packed: { 'a.log.zst': 'x' }, broken: {} })
  await writeFile(join(dir, 'broken/a.gz'), gzipSync(log).subarray(0, 200))
  const data = join(dir, 'data')
  await takenIn(t, log, dir)
  const bytes = await readFile(join(data, 'sonde.db'))
  const cases = [
    [[], /name the logs to read, or a configuration that has sources/],
    [['none.log'], /can't read .*none\.log: no such file or folder/],
    [['empty.log'], /no report was found in 1 line:/],
    [['taken.log', 'packed'], /can't read .*a\.log\.zst: only gzip is unpacked here/],
    [['taken.log', 'broken'], /can't read .*a\.gz: not a whole gzip file/],
    [['taken.log', '--since', 'monday'], /--since: "monday" is no time/],
    [['taken.log', '--table', 'sonde'], /--table: the configuration has no store\.dynamodb/],
  ] as const
  for (const [args, message] of cases) {
    const asked = startCli(cli, ['rebuild', '--data', data, ...args], { cwd: dir })
    t.equal(await asked.exit, 2)
    t.match(asked.output(), message)
  }
  t.ok(bytes.equals(await readFile(join(data, 'sonde.db'))))
  t.same(await stores(data), ['sonde.db'])
})

t.test('a store that is no database any more is replaced', async (t) => {
  const dir = t.testdir({ data: { 'sonde.db': 'x'.repeat(8192) } })
  await writeFile(join(dir, 'probes.log'), log)
  const { code, stdout } = await run(
    registerRebuild,
    ['rebuild', 'probes.log', '--data', join(dir, 'data')],
    {
      cwd: dir,
    },
  )
  t.equal(code, 0)
  const backup = /the old one is (.+)\n/.exec(stdout)?.[1] ?? ''
  t.equal(await readFile(backup, 'utf8'), 'x'.repeat(8192))
  t.ok(await dumpOf(join(dir, 'data')))
})

/** Takes lines into `data` in a process of its own: the driver holds a file that this one opened until it is collected. */
async function takenIn(t: Test, lines: string, dir: string): Promise<void> {
  await writeFile(join(dir, 'taken.log'), lines)
  t.equal(await codeOf(start(t, ['ingest', 'taken.log', '--data', join(dir, 'data')], dir)), 0)
}

async function copyOf(t: Test, file: string): Promise<string> {
  const dir = await mkdtemp(join(t.testdirName, 'copy-'))
  await copyFile(file, join(dir, 'sonde.db'))
  return dir
}

async function dumpOfCopy(t: Test, file: string): Promise<unknown> {
  return dumpOf(await copyOf(t, file))
}

async function eventsOfCopy(t: Test, file: string): Promise<readonly number[]> {
  const store = await openSqliteStore(await copyOf(t, file), KEEP)
  try {
    return (await store.eventsAfter(0, 100_000)).map(({ seq }) => seq)
  } finally {
    await store.close()
  }
}

/** What lies in the folder, but for what SQLite keeps beside an open file. */
async function stores(data: string): Promise<readonly string[]> {
  return (await readdir(data)).filter((name) => name !== 'snapshots' && !/-(wal|shm)$/.test(name)).sort()
}

function logOf(lines: number): string {
  const seen = new Set<string>()
  const all = killLog(lines).trimEnd().split('\n')
  const once = all.filter((line) => {
    const run = /"run":"(run-\d+)"/.exec(line)?.[1]
    return run === undefined || (!seen.has(run) && seen.add(run))
  })
  return `${once.join('\n')}\n`
}

function start(t: Test, args: readonly string[], cwd: string): ChildProcess {
  const child = spawn(process.execPath, [cli, ...args], {
    cwd,
    env: { PATH: process.env['PATH'] },
    stdio: ['pipe', 'ignore', 'inherit'],
  })
  // Of one that is killed on purpose.
  child.stdin?.on('error', () => undefined)
  t.teardown(() => child.kill('SIGKILL'))
  return child
}

async function codeOf(child: ChildProcess): Promise<number | null> {
  if (child.exitCode === null) await once(child, 'close')
  return child.exitCode
}

async function dumpOf(dir: string, fill: (store: Store) => Promise<unknown> = async () => undefined) {
  const store = await openSqliteStore(dir, KEEP)
  try {
    await fill(store)
    return await dumpStore(store, CLOCK)
  } finally {
    await store.close()
  }
}

function reportNow(run: string): string {
  const line = JSON.parse(log.split('\n')[0] ?? '')
  return JSON.stringify({ ...line, run, startedAt: new Date().toISOString() })
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds())) await sleep(20)
}
