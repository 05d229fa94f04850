import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import type { BenchRow } from './bench.js'

/** Pairs of processes; the median of their differences is what is told. */
const PAIRS = 31

/** Prints how long `require` of a file takes, in a process that has loaded nothing before. */
const MEASURE = `
  const started = process.hrtime.bigint()
  require(process.argv[1])
  process.stdout.write(String(Number(process.hrtime.bigint() - started) / 1e6))`

/**
 * What loading the probe's bundle costs over a handler that does nothing. The two are measured in turns, so that whatever
 * else the machine does meets both.
 */
export async function run(): Promise<readonly BenchRow[]> {
  const bundle = resolve('dist/probe/index.cjs')
  if (!existsSync(bundle)) throw new Error(`${bundle} is missing: run npm run build`)
  const folder = await mkdtemp(join(tmpdir(), 'sonde-load-'))
  try {
    const empty = join(folder, 'index.cjs')
    await writeFile(empty, 'exports.handler = async () => undefined\n')
    const pairs = Array.from({ length: PAIRS }, () => ({ empty: load(empty), bundle: load(bundle) }))
    const over = median(pairs.map((pair) => pair.bundle - pair.empty))
    const reference = median(pairs.map((pair) => pair.empty))
    return [
      { name: 'probe bundle: load over an empty handler', value: over, unit: 'ms', goal: '<= 15 ms' },
      { name: 'probe bundle: load', value: median(pairs.map((pair) => pair.bundle)), unit: 'ms', reference },
    ]
  } finally {
    await rm(folder, { recursive: true })
  }
}

function load(file: string): number {
  const { stdout, status } = spawnSync(process.execPath, ['-e', MEASURE, file], { encoding: 'utf8' })
  if (status !== 0) throw new Error(`loading ${file} failed`)
  return Number(stdout)
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[sorted.length >> 1] ?? Number.NaN
}
