import { execFileSync } from 'node:child_process'
import {
  appendFile,
  link as hardlink,
  mkdir,
  readdir,
  readlink,
  rename,
  rm,
  symlink,
  truncate,
  writeFile,
} from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { folderSource, followedFolder, LINGER_MS, MAX_FILES, tailFolder } from '../../api/ingest/tail.js'
import { openSqliteStore } from '../../api/store/sqlite/store.js'
import { MINUTE, OPTIONS, T0 } from '../store/support/open.js'
import { makeReport } from '../store/support/reports.js'

const line = (n: number) => `${JSON.stringify(makeReport({ at: T0 + n * MINUTE }))}\n`
const lines = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, n) => line(from + n)).join('')

t.test('a folder, look by look', async (t) => {
  const dir = t.testdir()
  const store = await openSqliteStore(':memory:', OPTIONS)
  t.teardown(() => store.close())
  const { signal } = new AbortController()
  const errors: string[] = []
  let now = T0 + 1e9
  const reader = followedFolder(dir, store, {
    clock: () => new Date(now),
    everyMs: 1,
    onError: (path, { message }) => errors.push(`${path}: ${message}`),
  })
  t.teardown(() => reader.close())
  const look = async () => {
    const before = await store.counts(new Date(T0))
    await reader.look(signal)
    const after = await store.counts(new Date(T0))
    return [
      after.reports - before.reports,
      after.duplicates - before.duplicates,
      after.rejects - before.rejects,
    ]
  }
  const log = join(dir, 'probes.log')
  t.same(await look(), [0, 0, 0], 'empty')
  await writeFile(log, lines(0, 3) + line(3).slice(0, 40))
  t.same(await look(), [3, 0, 0], 'a line without its end waits')
  t.same(await look(), [0, 0, 0])
  await appendFile(log, line(3).slice(40) + line(4))
  t.same(await look(), [2, 0, 0])
  await rename(log, `${log}.1`)
  await appendFile(`${log}.1`, line(5))
  await writeFile(log, lines(6, 8))
  t.same(await look(), [3, 0, 0], 'rotated: the old one is read to its end, the new one from its beginning')
  await truncate(log, 0)
  await appendFile(log, line(8))
  t.same(await look(), [1, 0, 0], 'cut and written on')
  await writeFile(log, lines(30, 40))
  t.same(await look(), [10, 0, 0], 'cut and grown longer than it was between two looks')
  await writeFile(`${log}.2.gz`, 'packed')
  await mkdir(join(dir, 'deeper'))
  await writeFile(join(dir, '.hidden'), line(50))
  t.same(await look(), [0, 0, 0])
  await rm(`${log}.1`)
  await look()
  now += LINGER_MS
  await look()
  const positions: unknown[] = JSON.parse((await store.checkpoint(folderSource(dir))) ?? '')
  t.equal(positions.length, 1, 'what is gone is forgotten')
  t.same(errors, [])
})

t.test('a file that is moved away or deleted between two looks is read to its end', async (t) => {
  const dir = t.testdir({ logs: {}, old: {} })
  const store = await openSqliteStore(':memory:', OPTIONS)
  let now = T0 + 1e9
  const reader = followedFolder(join(dir, 'logs'), store, {
    clock: () => new Date(now),
    everyMs: 1,
    onError: (path, { message }) => t.fail(`${path}: ${message}`),
  })
  t.teardown(async () => {
    await reader.close()
    await store.close()
  })
  const look = async () => {
    await reader.look(new AbortController().signal)
    const { reports, duplicates, rejects } = await store.counts(new Date(T0))
    return [reports, duplicates, rejects]
  }
  const [log, moved] = [join(dir, 'logs/probes.log'), join(dir, 'old/probes.log')]
  await writeFile(log, lines(0, 2))
  t.same(await look(), [2, 0, 0])
  await appendFile(log, lines(2, 4))
  await rename(log, moved)
  await writeFile(log, lines(4, 5))
  t.same(await look(), [5, 0, 0], 'what was written before it was moved')
  now += LINGER_MS / 2
  await appendFile(moved, line(5))
  t.same(await look(), [6, 0, 0], 'and after, by a writer that has not noticed')
  await appendFile(log, lines(6, 8))
  await rm(log)
  t.same(await look(), [8, 0, 0], 'what was written before it was deleted')
  await appendFile(moved, line(8).trimEnd())
  t.same(await look(), [8, 0, 0], 'a line without its end waits')
  now += LINGER_MS
  t.same(await look(), [9, 0, 0], 'and is taken when no more is to come')
  t.same(
    JSON.parse((await store.checkpoint(folderSource(join(dir, 'logs')))) ?? ''),
    [],
    'then it is forgotten',
  )
  await appendFile(moved, line(9))
  t.same(await look(), [9, 0, 0])
})

t.test('links are followed to files, and to nothing else', async (t) => {
  const dir = t.testdir({ logs: {}, pods: { folder: {} } })
  const store = await openSqliteStore(':memory:', OPTIONS)
  const errors: string[] = []
  const reader = followedFolder(join(dir, 'logs'), store, {
    clock: () => new Date(T0 + 1e9),
    everyMs: 1,
    onError: (path, { message }) => errors.push(`${path}: ${message}`),
  })
  t.teardown(async () => {
    await reader.close()
    await store.close()
  })
  const look = async () => {
    await reader.look(new AbortController().signal)
    const { reports, duplicates } = await store.counts(new Date(T0))
    t.equal(duplicates, 0, 'a file of two names is read once')
    return reports
  }
  const link = join(dir, 'logs', 'probe.log')
  await writeFile(join(dir, 'pods', '0.log'), lines(0, 2))
  await symlink('../pods/0.log', link)
  await symlink('../pods/folder', join(dir, 'logs', 'folder.log'))
  await hardlink(join(dir, 'pods', '0.log'), join(dir, 'logs', 'the-same.log'))
  execFileSync('mkfifo', [join(dir, 'pods', 'pipe')])
  await symlink('../pods/pipe', join(dir, 'logs', 'pipe.log'))
  t.equal(await look(), 2)
  await appendFile(join(dir, 'pods', '0.log'), line(2))
  await writeFile(join(dir, 'pods', '1.log'), lines(3, 5))
  await rm(link)
  await symlink('../pods/1.log', link)
  t.equal(await look(), 5, 'rotated by a link that leads elsewhere: the old file is read to its end')
  t.same(errors, [])
  await rm(join(dir, 'pods', '1.log'))
  t.equal(await look(), 5)
  t.match(errors, [/probe\.log: ENOENT/], 'a link that leads nowhere is told')
})

t.test('a folder of too many files: the first are followed, and few stay open', async (t) => {
  const dir = t.testdir()
  const name = (n: number) => join(dir, `${String(n).padStart(5, '0')}.log`)
  await Promise.all(Array.from({ length: MAX_FILES + 5 }, (_, n) => writeFile(name(n), 'START\n')))
  await writeFile(name(MAX_FILES + 5), line(0))
  await appendFile(name(0), line(1))
  const store = await openSqliteStore(':memory:', OPTIONS)
  const errors: string[] = []
  const reader = followedFolder(dir, store, {
    clock: () => new Date(T0 + 1e9),
    everyMs: 1,
    onError: (_path, { message }) => errors.push(message),
  })
  t.teardown(async () => {
    await reader.close()
    await store.close()
  })
  await reader.look(new AbortController().signal)
  t.equal((await store.counts(new Date(T0))).reports, 1)
  t.same(errors, [`holds ${MAX_FILES + 6} files; only the first ${MAX_FILES} are followed`])
  if (process.platform !== 'linux') return
  const open = await Promise.all(
    (await readdir('/proc/self/fd')).map((fd) => readlink(`/proc/self/fd/${fd}`).catch(() => '')),
  )
  const held = open.filter((path) => path.startsWith(`${dir}/`)).length
  t.ok(held > 0 && held <= 256, `${held} files are held open`)
})

t.test('followed until the signal, through a folder that comes and goes', async (t) => {
  const dir = join(t.testdir(), 'logs')
  const store = await openSqliteStore(':memory:', OPTIONS)
  t.teardown(() => store.close())
  const stop = new AbortController()
  const errors: string[] = []
  const ended = tailFolder(dir, store, stop.signal, {
    clock: () => new Date(T0 + 1e9),
    everyMs: 5,
    onError: (_, error) => errors.push(error.message),
  })
  const until = async (reports: number) => {
    while ((await store.counts(new Date(T0))).reports < reports) await sleep(5)
  }
  while (errors.length === 0) await sleep(5)
  t.match(errors[0], /ENOENT/)
  await mkdir(dir)
  await writeFile(join(dir, 'a.log'), lines(0, 2))
  await until(2)
  await appendFile(join(dir, 'a.log'), lines(2, 5))
  await writeFile(join(dir, 'b.log'), lines(5, 6))
  await until(6)
  stop.abort()
  await ended
  t.equal((await store.counts(new Date(T0))).duplicates, 0)
})
