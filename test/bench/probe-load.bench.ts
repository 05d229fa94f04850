import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import type { BenchRow } from './bench.js'

/** Pairs of processes; the median of their differences is what is told. */
const PAIRS = 31

/** Prints what `require` of a file takes, wall and processor milliseconds, in a process that has loaded nothing before. */
const MEASURE = `
  const [started, used] = [process.hrtime.bigint(), process.cpuUsage()]
  require(process.argv[1])
  const wall = Number(process.hrtime.bigint() - started) / 1e6
  const { user, system } = process.cpuUsage(used)
  process.stdout.write(JSON.stringify([wall, (user + system) / 1000]))`

/** A file's load: `wall` is what a caller waits, `cpu` what a busy machine doesn't blur. */
interface Load {
  readonly wall: number
  readonly cpu: number
}

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
    return (['wall', 'cpu'] as const).map((clock) => ({
      name: `probe bundle: load over an empty handler, ${clock === 'wall' ? 'wall' : 'processor'} time`,
      value: median(pairs.map((pair) => pair.bundle[clock] - pair.empty[clock])),
      unit: 'ms',
      reference: median(pairs.map((pair) => pair.empty[clock])),
      goal: '<= 15 ms',
    }))
  } finally {
    await rm(folder, { recursive: true })
  }
}

function load(file: string): Load {
  const { stdout, status } = spawnSync(process.execPath, ['-e', MEASURE, file], { encoding: 'utf8' })
  const printed: unknown = status === 0 ? JSON.parse(stdout) : undefined
  const [wall, cpu]: unknown[] = Array.isArray(printed) ? printed : []
  if (typeof wall !== 'number' || typeof cpu !== 'number') throw new Error(`loading ${file} failed`)
  return { wall, cpu }
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[sorted.length >> 1] ?? Number.NaN
}
