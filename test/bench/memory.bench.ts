import { fork } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { fileURLToPath } from 'node:url'
import { ingestStream } from '../../api/ingest/file.js'
import { openSqliteStore } from '../../api/store/sqlite/store.js'
import { OPTIONS } from '../store/support/open.js'
import type { BenchRow } from './bench.js'
import { fleetReport } from './history.js'

const RESULTS = 1_000_000
const CHECKS = 10
const PROBES = 200
const CHUNK = 100
const LIMIT_MB = 150

/** Memory of a process of its own that took in a million results from stdin, as `sonde ingest -` does. */
export async function run(): Promise<readonly BenchRow[]> {
  const child = fork(fileURLToPath(import.meta.url), ['measure-memory'], {
    execArgv: [],
    stdio: ['pipe', 'inherit', 'inherit', 'ipc'],
  })
  const answer = new Promise<number>((resolve, reject) => {
    child.once('message', (message) => resolve(Number(message)))
    child.once('close', (code) => reject(new Error(`ended with ${code} before it answered`)))
  })
  if (child.stdin === null) throw new Error('the child has no stdin')
  await Promise.all([pipeline(lines, child.stdin), answer])
  const value = (await answer) / 1e6
  return [
    {
      name: 'RSS after 1,000,000 results',
      value,
      unit: 'MB',
      reference: LIMIT_MB,
      ratio: value / LIMIT_MB,
      goal: `<= ${LIMIT_MB} MB`,
    },
  ]
}

async function* lines(): AsyncGenerator<string> {
  for (let from = 0; from < RESULTS / CHECKS; from += CHUNK) {
    const reports = Array.from({ length: CHUNK }, (_, n) => fleetReport(from + n, PROBES, CHECKS))
    yield reports.map((report) => `${JSON.stringify(report)}\n`).join('')
  }
}

async function measure(): Promise<number> {
  const dir = await mkdtemp(join(tmpdir(), 'sonde-memory-'))
  try {
    const store = await openSqliteStore(dir, OPTIONS)
    await ingestStream(store, 'bench', process.stdin, { clock: () => new Date('2026-06-01') })
    const { rss } = process.memoryUsage()
    await store.close()
    return rss
  } finally {
    await rm(dir, { recursive: true, force: true })
  }
}

if (process.argv[2] === 'measure-memory') {
  const rss = await measure()
  process.send?.(rss)
  process.disconnect()
}
