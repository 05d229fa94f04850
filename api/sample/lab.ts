import { join } from 'node:path'
import { readLabFolder } from '../../infra/lab/folder.js'
import type { PostRun } from '../../infra/lab/posts.js'
import { LabUnavailable, startLab } from '../../infra/lab/start.js'
import { ChangeError } from '../diagnosis/apply.js'
import { type LiveLab, openLiveLab } from '../lab/live.js'
import { watchLab } from '../lab/watch.js'
import { readSnapshot } from '../snapshot/read.js'
import {
  createSampleEngine,
  FaultDoesNotFit,
  NoSuchFault,
  type SampleEngine,
  startingState,
} from './engine.js'
import type { RefusalCode, SampleMessage, SampleOrder, SampleRun } from './messages.js'

/** Long enough for a busy machine: a sample that fails for want of a processor would teach nothing. */
const TIMEOUT_MS = 2000
export const CONFIRM_MS = 1000

/** Where the sample's lab is made from. */
export interface SampleLabParts {
  /** The built `lab.js`. */
  readonly program: string
  /** The sample's folder: its snapshot, and `lab.json`. */
  readonly folder: string
  readonly intervalMs: number
  /** Ends the lab, also while it is being raised. */
  readonly signal?: AbortSignal
}

export interface SampleLab {
  readonly live: LiveLab
  readonly engine: SampleEngine
  readonly end: () => Promise<void>
}

/**
 * Raises the sample's network with the faults of its beginning.
 * @throws {LabUnavailable} where this machine can't have the lab
 */
export async function openSampleLab(parts: SampleLabParts): Promise<SampleLab> {
  const { program, folder, intervalMs, signal } = parts
  const { hosts, plans } = readLabFolder(folder)
  const { snapshot } = await readSnapshot(join(folder, 'snapshot'))
  const sound = { snapshot, hosts }
  const { state } = startingState(sound)
  const lab = await startLab(program)
  signal?.addEventListener('abort', () => void lab.end(), { once: true })
  try {
    signal?.throwIfAborted()
    const live = await openLiveLab({ lab, state, plans, options: { timeoutMs: TIMEOUT_MS, intervalMs } })
    return { live, engine: createSampleEngine(live, sound, plans), end: lab.end }
  } catch (error) {
    await lab.end()
    const why = error instanceof Error ? error.message : String(error)
    throw new LabUnavailable(`the lab's network can not be raised here: ${why}`, { cause: error })
  }
}

export interface LabSampleParts extends SampleLabParts {
  /** Takes a line that a probe printed. */
  readonly print: (line: string) => void
  readonly say: (message: SampleMessage) => void
  readonly signal: AbortSignal
}

/**
 * Raises the sample's network and keeps its probes running until the signal aborts; `ended` resolves when nothing of it is left.
 * @throws {LabUnavailable} where this machine can't have the lab
 */
export async function startLabSample(parts: LabSampleParts): Promise<{
  readonly obey: (order: SampleOrder) => Promise<void>
  readonly ended: Promise<void>
}> {
  const { intervalMs, print, say, signal } = parts
  const { live, engine, end } = await openSampleLab(parts)
  const tell = () => say({ says: 'account', snapshot: live.state().snapshot, state: engine.state() })
  say({ says: 'started', kind: 'lab', recordedAt: null, whyNoLab: null })
  tell()
  const watch = watchLab(live, {
    intervalMs,
    confirmMs: CONFIRM_MS,
    onRun: ({ lines }) => lines.forEach(print),
    onError: (error) => {
      throw error
    },
  })
  const ended = new Promise<void>((resolve, reject) => {
    const stop = () => void Promise.all([watch.stop(), end()]).then(() => resolve(), reject)
    if (signal.aborted) stop()
    else signal.addEventListener('abort', stop, { once: true })
  })

  const perform = async (order: SampleOrder): Promise<readonly SampleRun[] | null> => {
    switch (order.do) {
      case 'break':
        await engine.break(order.fault)
        break
      case 'mend':
        await engine.mend(order.fault)
        break
      case 'fix':
        await engine.fix(order.changes)
        break
      case 'reset':
        await engine.reset()
        break
      case 'run': {
        const posts = live.posts().filter(({ sources }) => sources.includes(order.function))
        const runs = await live.probe(posts, ({ lines }) => lines.forEach(print))
        return runs.map(asSampleRun)
      }
    }
    tell()
    // In a turn of its own: who asked need not wait for the probes.
    void watch.now()
    return null
  }
  return {
    ended,
    async obey(order) {
      try {
        const runs = await perform(order)
        say({ says: 'done', id: order.id, ...(runs === null ? {} : { runs }) })
      } catch (error) {
        const why = error instanceof Error ? error.message : String(error)
        say({ says: 'refused', id: order.id, code: codeOf(error), why })
      }
    },
  }
}

function codeOf(error: unknown): RefusalCode {
  if (error instanceof NoSuchFault) return 'unknown'
  return error instanceof FaultDoesNotFit || error instanceof ChangeError ? 'unfit' : 'failed'
}

function asSampleRun({ post, lines, results, error, ms }: PostRun): SampleRun {
  const [first] = lines
  const run: unknown = first === undefined ? null : JSON.parse(first)
  const id = typeof run === 'object' && run !== null && 'run' in run ? run.run : null
  return {
    probe: post.probe,
    subnet: post.at.subnetId,
    run: typeof id === 'string' ? id : null,
    ms: Math.round(ms),
    results,
    error,
  }
}
