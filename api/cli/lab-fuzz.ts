import { resolve } from 'node:path'
import type { Command } from 'commander'
import { type Disagreement, type FuzzTally, fuzz, shrunk } from '../../infra/lab/fuzz/fuzz.js'
import { save } from '../../infra/lab/fuzz/save.js'
import { LabUnavailable, startLab } from '../../infra/lab/start.js'
import { EXIT, guard, InputError, type Io, wholeNumber, write } from './io.js'
import { labProgram } from './lab-program.js'

const MOST_SHRUNK = 5

interface FuzzCommandOptions {
  readonly seed: string
  readonly count: string
  readonly perNetwork: string
  readonly out: string
}

/** Adds `sonde lab fuzz`: random networks and flows, each judged by the trace and by the kernel. */
export function registerLabFuzz(lab: Command, io: Io): void {
  lab
    .command('fuzz')
    .description('random networks and flows: does the trace say what the packets do?')
    .option('--seed <number>', 'seed of the first network; the next one has the next seed', '1')
    .option('--count <number>', 'flows in all', '10000')
    .option('--per-network <number>', 'flows on one network', '500')
    .option('--out <dir>', 'where disagreements are saved, each as a snapshot folder', 'lab-disagreements')
    .action((options: FuzzCommandOptions) =>
      guard(
        io,
        'lab fuzz',
        (error) => error instanceof LabUnavailable,
        () => runFuzz(io, options),
      ),
    )
}

async function runFuzz(io: Io, options: FuzzCommandOptions): Promise<number> {
  const seed = wholeNumber('--seed', options.seed)
  const count = wholeNumber('--count', options.count)
  const perNetwork = wholeNumber('--per-network', options.perNetwork)
  if (count < 1 || perNetwork < 1 || perNetwork > 40_000)
    throw new InputError(
      '--count and --per-network: expected at least 1, and at most 40000 flows on one network',
    )
  const lab = await startLab(labProgram())
  const started = performance.now()
  try {
    await write(io.stdout, `seed ${seed}, ${count} flows\n`)
    const tally = await fuzz(lab, {
      seed,
      count,
      perNetwork,
      progress: (so) => {
        if (io.stdout.isTTY === true) void write(io.stdout, `\r${summary(so, performance.now() - started)}`)
      },
    })
    await write(
      io.stdout,
      `${io.stdout.isTTY === true ? '\r' : ''}${summary(tally, performance.now() - started)}\n`,
    )
    for (const [index, one] of tally.disagreements.entries()) {
      // Shrinking builds the network again and again: a few of many are enough to learn from.
      const small = index < MOST_SHRUNK ? await shrunk(lab, one) : one
      await write(io.stdout, `${describe(small)}\n  ${save(small, resolve(io.cwd, options.out))}\n`)
    }
    return tally.disagreements.length === 0 ? EXIT.ok : EXIT.failed
  } finally {
    await lab.end()
  }
}

function summary(tally: FuzzTally, ms: number): string {
  const { networks, flows, reachable, unreachable, unknown, disagreements } = tally
  const rate = Math.round((flows / ms) * 1000)
  return `${networks} networks, ${flows} flows (${rate}/s): ${reachable} reachable, ${unreachable} unreachable, ${unknown} unknown, ${disagreements.length} disagreements`
}

function describe({ seed, flow, trace, codes, tracedAs, kernel }: Disagreement): string {
  const asked = `${flow.eni} ${flow.from}:${flow.sourcePort} → ${flow.protocol} ${flow.to}:${flow.port}`
  const traced =
    trace === 'reachable'
      ? `reachable, seen as ${tracedAs ?? 'nothing told'}`
      : `${trace} (${codes.join('; ')})`
  return `seed ${seed}: ${asked}\n  trace: ${traced}\n  kernel: ${kernel === null ? 'silence' : `reached, seen as ${kernel}`}`
}
