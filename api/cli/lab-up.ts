import type { Command } from 'commander'
import type { PostRun } from '../../infra/lab/posts.js'
import { startLab } from '../../infra/lab/start.js'
import { serveLab } from '../lab/control.js'
import { openLiveLab } from '../lab/live.js'
import { runtimeFolder } from '../lab/runtime.js'
import { createSession } from '../lab/session.js'
import { watchLab } from '../lab/watch.js'
import { EXIT, guard, InputError, type Io, write } from './io.js'
import { type LabInputOptions, loadLab } from './lab-input.js'
import { labProgram } from './lab-program.js'
import { safe } from './screen.js'

interface UpOptions extends LabInputOptions {
  readonly interval: string
}

const TIMEOUT_MS = 1500
const CONFIRM_MS = 1000

/** Adds `sonde lab up`: a network that stays until Ctrl-C. */
export function registerLabUp(lab: Command, io: Io, isInput: (error: unknown) => boolean): void {
  lab
    .command('up')
    .description(
      'build the network and keep it; the probes run on an interval and tell what they see; Ctrl-C ends it',
    )
    .argument('<name>', 'scenario, sample or snapshot folder')
    .option('--data <dir>', 'folder of scenarios')
    .option('--interval <seconds>', 'between two runs of a probe', '10')
    .option('--to <target>', 'what to try, as in sonde trace (snapshot folders: default internet)')
    .option('--from <source>', 'function, interface or instance (snapshot folders: default every function)')
    .option('--port <number>', 'destination port')
    .addHelpText(
      'after',
      '\nFrom another terminal: sonde lab shell ENI, sonde lab break NAME, sonde lab fix NAME.',
    )
    .action((name: string, options: UpOptions) => guard(io, 'lab up', isInput, () => up(io, name, options)))
}

async function up(io: Io, name: string, options: UpOptions): Promise<number> {
  const seconds = Number(options.interval)
  if (!(seconds >= 1 && seconds <= 3600))
    throw new InputError(`--interval: expected 1-3600, found ${options.interval}`)
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
    await write(io.stdout, `${safe(title)}\n${namespaces.length} namespaces in ${ms} ms\n`)
    for (const [id, why] of Object.entries(unsupported))
      await write(io.stderr, `warning: ${safe(id)}: ${why}\n`)
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
