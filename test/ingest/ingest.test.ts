import { execFileSync } from 'node:child_process'
import { appendFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable, Writable } from 'node:stream'
import { gzipSync } from 'node:zlib'
import { Command } from 'commander'
import t from 'tap'
import { registerIngest } from '../../api/cli/ingest.js'
import { ingestFile, ingestStream } from '../../api/ingest/file.js'
import { openSqliteStore } from '../../api/store/sqlite/store.js'
import { MINUTE, OPTIONS, T0 } from '../store/support/open.js'
import { makeReport } from '../store/support/reports.js'

const line = (n: number) => `${JSON.stringify(makeReport({ at: T0 + n * MINUTE }))}\n`
const lines = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, n) => line(from + n)).join('')
const options = { clock: () => new Date(T0 + 1e9) }

t.test('a stream: every line is counted once, in the kind that it is', async (t) => {
  const store = await openSqliteStore(':memory:', OPTIONS)
  t.teardown(() => store.close())
  const text = `START\n${lines(0, 5)}{"sonde":1}\n${line(3)}\n${'x'.repeat(2 ** 21)}\n${line(9).trimEnd()}`
  const summary = await ingestStream(store, 'stdin', Readable.from([Buffer.from(text)]), options)
  t.same(summary, { lines: 11, otherLines: 2, accepted: 6, duplicates: 1, rejected: 2 })
  t.match((await store.listRejects({ limit: 5 })).items, [
    { reason: /longer than 1048576 bytes/ },
    { reason: /required/ },
  ])
})

t.test('a stream may be gzipped, cut anywhere, in several members', async (t) => {
  const packed = Buffer.concat([gzipSync(lines(0, 3)), gzipSync(lines(3, 5))])
  for (const size of [1, 2, 7, packed.length]) {
    const store = await openSqliteStore(':memory:', OPTIONS)
    t.teardown(() => store.close())
    const pieces = Array.from({ length: Math.ceil(packed.length / size) }, (_, at) =>
      packed.subarray(at * size, (at + 1) * size),
    )
    t.match(await ingestStream(store, 'stdin', Readable.from(pieces), options), { lines: 5, accepted: 5 })
  }
})

t.test('batches are as small as asked, and end with the signal', async (t) => {
  const store = await openSqliteStore(':memory:', OPTIONS)
  t.teardown(() => store.close())
  const stop = new AbortController()
  let batches = 0
  const counting = {
    ...store,
    ingest: async (batch: Parameters<typeof store.ingest>[0]) => {
      t.ok(batch.reports.length <= 3)
      batches += 1
      if (batches === 2) stop.abort()
      return store.ingest(batch)
    },
  }
  const stream = Readable.from([Buffer.from(lines(0, 20))])
  const summary = await ingestStream(counting, 'stdin', stream, {
    ...options,
    batchLines: 3,
    signal: stop.signal,
  })
  t.equal(summary.accepted, 6)
})

t.test('a file is read on from where it ended, and anew when it was replaced', async (t) => {
  const store = await openSqliteStore(':memory:', OPTIONS)
  t.teardown(() => store.close())
  const file = join(t.testdir(), 'probes.log')
  const take = () => ingestFile(store, file, options)
  await writeFile(file, lines(0, 4))
  t.match(await take(), { lines: 4, accepted: 4 })
  t.match(await take(), { lines: 0, accepted: 0 })
  await appendFile(file, lines(4, 6) + line(6).slice(0, 50))
  t.match(await take(), { lines: 3, accepted: 2, rejected: 1 }, 'a half line is told')
  await appendFile(file, line(6).slice(50))
  t.match(await take(), { lines: 1, accepted: 1 }, 'and read once it is whole')
  await writeFile(file, lines(10, 14))
  t.match(await take(), { lines: 4, accepted: 4 }, 'cut and written anew')
  await writeFile(file, lines(10, 12))
  t.match(await take(), { lines: 2, accepted: 0, duplicates: 2 }, 'cut back to its beginning')
  await appendFile(file, lines(60, 63))
  t.match(await take(), { lines: 3, accepted: 3 }, 'and grown on from there')
  await writeFile(`${file}.new`, lines(20, 40))
  await rename(`${file}.new`, file)
  t.match(await take(), { lines: 20, accepted: 20 }, 'another file under the same name')
})

t.test('sonde ingest', async (t) => {
  const cwd = t.testdir({ 'a.log': `${lines(0, 3)}START\n` })
  const run = async (args: readonly string[], input = '') => {
    let [out, err, code] = ['', '', -1]
    const program = new Command().exitOverride()
    const writable = (write: (text: string) => void) =>
      new Writable({
        write: (chunk, _, done) => {
          write(String(chunk))
          done()
        },
      })
    registerIngest(program, {
      stdin: Readable.from([Buffer.from(input)]),
      stdout: writable((text) => {
        out += text
      }),
      stderr: writable((text) => {
        err += text
      }),
      env: {},
      cwd,
      language: 'en',
      exit: (value) => {
        code = value
      },
    })
    await program.parseAsync(['node', 'sonde', 'ingest', ...args])
    return { out, err, code }
  }
  const data = ['--data', join(cwd, 'data')]
  t.same(await run(['a.log', ...data]), {
    out: '3 reports taken in, 0 known already, 0 rejected, 1 other line (4 lines read)\n',
    err: '',
    code: 0,
  })
  const piped = await run(['-', '--json', ...data], lines(2, 4))
  t.same(JSON.parse(piped.out), { lines: 2, otherLines: 0, accepted: 1, duplicates: 1, rejected: 0 })
  await writeFile(join(cwd, 'export.gz'), gzipSync(lines(4, 6)))
  const exported = await run(['export.gz', '--json', ...data])
  t.match(JSON.parse(exported.out), { lines: 2, accepted: 2 }, 'as exports of log groups are packed')
  await writeFile(join(cwd, 'cut.gz'), gzipSync(lines(6, 99)).subarray(0, 300))
  const cut = await run(['cut.gz', ...data])
  t.equal(cut.code, 2)
  t.match(cut.err, /^sonde ingest: can't read cut\.gz: not a whole gzip file/)
  execFileSync('mkfifo', [join(cwd, 'pipe')])
  const [through] = await Promise.all([
    run(['pipe', '--json', ...data]),
    writeFile(join(cwd, 'pipe'), lines(99, 101)),
  ])
  t.match(JSON.parse(through.out), { lines: 2, accepted: 2 }, 'what has no positions is read as it comes')
  const missing = await run(['b.log', ...data])
  t.equal(missing.code, 2)
  t.match(missing.err, /^sonde ingest: can't read b\.log: no such file or folder/)
})
