import { resolve } from 'node:path'
import type { Command } from 'commander'
import { type Disagreement, type FuzzTally, fuzz, shrunk } from '../../infra/lab/fuzz/fuzz.js'
import { save } from '../../infra/lab/fuzz/save.js'
import { LabUnavailable, startLab } from '../../infra/lab/start.js'
import { EXIT, guard, InputError, type Io, say, wholeNumber, write } from './io.js'
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
    .description(
      say(
        io,
        'random networks and flows: does the trace say what the packets do?',
        '무작위 네트워크와 흐름에서 추적이 실제 패킷과 같은 답을 내는지 봅니다',
      ),
    )
    .option('--seed <number>', SEED[io.language], '1')
    .option('--count <number>', say(io, 'flows in all', '모든 흐름의 수'), '10000')
    .option('--per-network <number>', say(io, 'flows on one network', '네트워크 하나의 흐름 수'), '500')
    .option(
      '--out <dir>',
      say(
        io,
        'where disagreements are saved, each as a snapshot folder',
        '어긋난 것을 스냅샷 폴더로 저장할 곳',
      ),
      'lab-disagreements',
    )
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
    throw new InputError({
      en: '--count and --per-network: expected at least 1, and at most 40000 flows on one network',
      ko: '--count와 --per-network: 1 이상이어야 하고, 네트워크 하나의 흐름은 40000개까지입니다',
    })
  const lab = await startLab(labProgram())
  const started = performance.now()
  try {
    await write(io.stdout, say(io, `seed ${seed}, ${count} flows\n`, `시드 ${seed}, 흐름 ${count}개\n`))
    const tally = await fuzz(lab, {
      seed,
      count,
      perNetwork,
      progress: (so) => {
        if (io.stdout.isTTY === true)
          void write(io.stdout, `\r${summary(io, so, performance.now() - started)}`)
      },
    })
    await write(
      io.stdout,
      `${io.stdout.isTTY === true ? '\r' : ''}${summary(io, tally, performance.now() - started)}\n`,
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

/** What `--seed` is. */
export const SEED = {
  en: 'seed of the first network; the next one has the next seed',
  ko: '첫 네트워크의 시드. 다음 네트워크는 다음 시드를 씁니다',
}

function summary(io: Io, tally: FuzzTally, ms: number): string {
  const { networks, flows, reachable, unreachable, unknown, disagreements } = tally
  const rate = Math.round((flows / ms) * 1000)
  return say(
    io,
    `${networks} networks, ${flows} flows (${rate}/s): ${reachable} reachable, ${unreachable} unreachable, ${unknown} unknown, ${disagreements.length} disagreements`,
    `네트워크 ${networks}개, 흐름 ${flows}개 (초당 ${rate}개): 도달 가능 ${reachable}, 도달 불가 ${unreachable}, 판단 불가 ${unknown}, 어긋남 ${disagreements.length}`,
  )
}

function describe({ seed, flow, trace, codes, tracedAs, kernel }: Disagreement): string {
  const asked = `${flow.eni} ${flow.from}:${flow.sourcePort} → ${flow.protocol} ${flow.to}:${flow.port}`
  const traced =
    trace === 'reachable'
      ? `reachable, seen as ${tracedAs ?? 'nothing told'}`
      : `${trace} (${codes.join('; ')})`
  return `seed ${seed}: ${asked}\n  trace: ${traced}\n  kernel: ${kernel === null ? 'silence' : `reached, seen as ${kernel}`}`
}
