import { spawn } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import t from 'tap'
import { openSqliteStore } from '../../api/store/sqlite/store.js'
import { dumpStore } from '../store/support/dump.js'
import { CLOCK, killLog, OPTIONS } from './support/kill.js'

const SEED = 20260108
const KILLS = 200
/** Histories that are killed side by side: most of the time goes into starting processes. */
const LANES = 4
const LINES = 800
/** A child is killed at most this long after it began, in milliseconds. */
const MAX_DELAY_MS = 12

t.test(`killed ${KILLS} times anywhere, the store ends as if nothing had happened`, async (t) => {
  t.comment(`seed ${SEED}`)
  const dir = t.testdir()
  const log = join(dir, 'probes.log')
  await writeFile(log, killLog(LINES))
  const child = await bundled()
  const run = (data: string, killAfter: number | null) => runChild(child, [log, data], killAfter)

  const undisturbed = join(dir, 'undisturbed')
  t.equal((await run(undisturbed, null)).done, true)
  const wanted = await dumpOf(undisturbed)
  t.ok(wanted.reports > LINES / 2 && wanted.rejects > 0 && wanted.otherLines > 0)

  const random = generator(SEED)
  let kills = 0
  const lane = async (name: string): Promise<void> => {
    for (let history = 0; kills < KILLS; history += 1) {
      const data = join(dir, `${name}-${history}`)
      for (;;) {
        const { done } = await run(data, kills < KILLS ? random() * MAX_DELAY_MS : null)
        if (done) break
        kills += 1
      }
      t.strictSame(await dumpOf(data), wanted, `history ${history} of ${name}`)
    }
  }
  await Promise.all(Array.from({ length: LANES }, (_, n) => lane(`lane-${n}`)))
  t.comment(`${kills} kills`)
  t.ok(kills >= KILLS)
})

async function dumpOf(dir: string) {
  const store = await openSqliteStore(dir, OPTIONS)
  try {
    const { rejects, otherLines, duplicates, reports } = await store.counts(CLOCK)
    const kept = await store.listRejects({ limit: 1000 })
    const checkpoint = JSON.parse((await store.checkpoint(`file:${join(dir, '..', 'probes.log')}`)) ?? 'null')
    const dump = await dumpStore(store, CLOCK)
    return { rejects, otherLines, duplicates, reports, kept: kept.items, offset: checkpoint?.offset, dump }
  } finally {
    await store.close()
  }
}

/** The child as one plain file: loading TypeScript two hundred times would take minutes. */
async function bundled(): Promise<string> {
  const root = fileURLToPath(new URL('../..', import.meta.url))
  // Inside the checkout, so that packages are found from there.
  const outfile = join(root, 'node_modules/.cache', `sonde-kill-${process.pid}.mjs`)
  await build({
    entryPoints: [join(root, 'test/ingest/support/ingest-child.ts')],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    // The sketches' protobuf form is never used, and its package isn't installed.
    external: ['libsql', 'protobufjs/minimal'],
    banner: {
      js: "import { createRequire as __cr } from 'node:module'; const require = __cr(import.meta.url)",
    },
    minify: true,
    logLevel: 'warning',
  })
  return outfile
}

/** Starts the child, and kills it some time after it began to take lines in. */
async function runChild(
  file: string,
  args: readonly string[],
  killAfter: number | null,
): Promise<{ done: boolean }> {
  // `env` becomes the child itself, without the hooks that tap would have every child load: they take longer than the rest.
  const command = ['-u', 'NODE_OPTIONS', process.execPath, file, ...args]
  const child = spawn('/usr/bin/env', command, { stdio: ['ignore', 'pipe', 'inherit'] })
  let said = ''
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve))
  child.stdout.on('data', (chunk: Buffer) => {
    const began = !said.includes('start')
    said += chunk.toString()
    if (began && killAfter !== null) void sleep(killAfter).then(() => child.kill('SIGKILL'))
  })
  const code = await ended
  if (code !== null && code !== 0) throw new Error(`the child ended with ${code}`)
  return { done: said.includes('done') }
}

function generator(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
