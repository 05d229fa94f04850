import type { Command } from 'commander'
import type { PostRun } from '../../infra/lab/posts.js'
import { startLab } from '../../infra/lab/start.js'
import { serveLab } from '../lab/control.js'
import { openLiveLab } from '../lab/live.js'
import { runtimeFolder } from '../lab/runtime.js'
import { createSession } from '../lab/session.js'
import { watchLab } from '../lab/watch.js'
import { EXIT, guard, InputError, type Io, say, warn, write } from './io.js'
import { spokenText } from './korean.js'
import { LAB_OPTIONS, type LabInputOptions, loadLab, raisedWords } from './lab-input.js'
import { labProgram } from './lab-program.js'
import { safe } from './screen.js'
import { addHelp } from './usage.js'

interface UpOptions extends LabInputOptions {
  readonly interval: string
}

const TIMEOUT_MS = 1500
const CONFIRM_MS = 1000

const HELP = {
  en: 'From another terminal: sonde lab shell ENI, sonde lab break NAME, sonde lab fix NAME.',
  ko: '다른 터미널에서: sonde lab shell ENI, sonde lab break NAME, sonde lab fix NAME',
}

/** Adds `sonde lab up`: a network that stays until Ctrl-C. */
export function registerLabUp(lab: Command, io: Io, isInput: (error: unknown) => boolean): void {
  const command = lab
    .command('up')
    .description(
      say(
        io,
        'build the network and keep it; the probes run on an interval and tell what they see; Ctrl-C ends it',
        '네트워크를 만들어 유지합니다. 프로브가 주기적으로 돌며 본 것을 알려 줍니다. Ctrl-C로 끝냅니다',
      ),
    )
    .argument('<name>', say(io, 'scenario, sample or snapshot folder', '시나리오, sample, 스냅샷 폴더'))
    .option('--data <dir>', LAB_OPTIONS.data[io.language])
    .option('--interval <seconds>', say(io, 'between two runs of a probe', '프로브 실행 사이의 초'), '10')
    .option('--to <target>', LAB_OPTIONS.to[io.language])
    .option('--from <source>', LAB_OPTIONS.from[io.language])
    .option('--port <number>', LAB_OPTIONS.port[io.language])
  addHelp(command, io, HELP).action((name: string, options: UpOptions) =>
    guard(io, 'lab up', isInput, () => up(io, name, options)),
  )
}

async function up(io: Io, name: string, options: UpOptions): Promise<number> {
  const seconds = Number(options.interval)
  if (!(seconds >= 1 && seconds <= 3600))
    throw new InputError({
      en: `--interval: expected 1-3600, found ${options.interval}`,
      ko: `--interval: 1-3600이어야 하는데 ${options.interval}입니다`,
    })
  const folder = runtimeFolder(io.env)
  const { snapshot, flows, plans, hosts, title } = await loadLab(io, name, options)
  const lab = await startLab(labProgram())
  // Before anything is raised: a Ctrl-C during that must end it as well.
  const ended = untilSignal()
  try {
    const intervalMs = seconds * 1000
    const live = await openLiveLab({
      lab,
      state: { snapshot, hosts },
      plans,
      options: { timeoutMs: TIMEOUT_MS, intervalMs },
    })
    const { ms, namespaces, unsupported } = live.up()
    await write(io.stdout, `${safe(title)}\n${raisedWords(io, namespaces.length, ms)}\n`)
    for (const [id, why] of Object.entries(unsupported)) await warn(io, spokenText(`${id}: ${why}`))
    for (const post of live.posts())
      await write(
        io.stdout,
        `  ${safe(post.sources.join(', '))}: sonde lab shell ${safe(post.at.namespace)}\n`,
      )
    const tell = (run: PostRun) => void write(io.stdout, runLines(run, new Date()))
    let fail: (error: unknown) => void = () => undefined
    const failed = new Promise<never>((_, reject) => {
      fail = reject
    })
    const watch = watchLab(live, { intervalMs, confirmMs: CONFIRM_MS, onRun: tell, onError: fail })
    const session = createSession({ name, live, world: lab.pid, flows, onRun: tell })
    const close = await serveLab(folder, session)
    try {
      await Promise.race([ended, failed])
    } finally {
      await close()
      await Promise.all([watch.stop(), lab.stopProbes()])
    }
    return EXIT.ok
  } finally {
    await lab.end()
  }
}

/** Resolves with Ctrl-C or a request to end. */
function untilSignal(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => resolve())
  })
}

function runLines({ post, results, error }: PostRun, now: Date): string {
  const head = `${now.toISOString().slice(11, 19)}  ${safe(post.probe).padEnd(28)}`
  if (error !== null) return `${head} ${safe(error)}\n`
  return results
    .map(({ check, outcome, ms, asExpected, address }) => {
      const mark = asExpected ? '●' : '✗'
      return `${head} ${mark} ${safe(check).padEnd(36)} ${outcome.padEnd(18)} ${String(Math.round(ms)).padStart(5)} ms  ${address ?? ''}\n`
    })
    .join('')
}
