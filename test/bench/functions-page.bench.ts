import { type Bench, listen, report, START, startApi, takeIn } from '../support/api.js'
import type { BenchRow } from './bench.js'

const ROUNDS = 7
const PAGES = 40

/** Milliseconds for a page of 50 functions among 100 and among 10,000, each with two reported checks: it must not grow. */
export async function run(): Promise<readonly BenchRow[]> {
  const small = await fill(100)
  const large = await fill(10_000)
  const [few, many] = [await listen(small.app), await listen(large.app)]
  try {
    const ratios: { few: number; many: number }[] = []
    for (let round = 0; round < ROUNDS; round++) {
      // In turns, so that a busy moment of the machine hits both alike.
      ratios.push({ few: await pageMs(few), many: await pageMs(many) })
    }
    const reference = median(ratios.map((one) => one.few))
    const value = median(ratios.map((one) => one.many))
    return [
      {
        name: 'functions page of 50, 10,000 against 100 functions',
        value,
        unit: 'ms',
        reference,
        ratio: value / reference,
        goal: '<= 1.2x',
      },
    ]
  } finally {
    await small.close()
    await large.close()
  }
}

async function fill(functions: number): Promise<Bench> {
  const api = await startApi()
  const perProbe = 50
  for (let probe = 0; probe * perProbe < functions; probe++) {
    const workloads = Array.from(
      { length: perProbe },
      (_, i) => `function-${String(probe * perProbe + i).padStart(6, '0')}`,
    )
    const identity = { function: `probe-${probe}`, subnet: `subnet-${probe}`, workloads }
    await takeIn(
      api,
      report({ run: `a-${probe}`, ...identity }),
      report({ run: `b-${probe}`, at: new Date(START.getTime() + 1000), ...identity }),
    )
  }
  return api
}

async function pageMs(url: string): Promise<number> {
  const from = performance.now()
  for (let page = 0; page < PAGES; page++) {
    const response = await fetch(`${url}/v1/functions?limit=50`)
    await response.arrayBuffer()
    if (!response.ok) throw new Error(`HTTP ${response.status}`)
  }
  return (performance.now() - from) / PAGES
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
}
