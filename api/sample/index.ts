import { fork } from 'node:child_process'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Change } from '../diagnosis/diagnosis.js'
import type { Snapshot } from '../network/snapshot.js'
import type { Runner } from '../runner.js'
import type { SampleState } from './engine.js'
import { rotatingLog } from './log.js'
import type {
  RefusalCode,
  SampleDeed,
  SampleKind,
  SampleMessage,
  SampleMode,
  SampleOrder,
  SampleRun,
} from './messages.js'

/** The sample can't be shown as it was asked for; one sentence says why. */
export class SampleImpossible extends Error {
  override readonly name = 'SampleImpossible'
}

/** The sample did not do what it was asked for. */
export class SampleRefusal extends Error {
  override readonly name = 'SampleRefusal'
  constructor(
    readonly code: RefusalCode,
    message: string,
  ) {
    super(message)
  }
}

/** What the sample can be told to do, where the lab shows it. Each resolves once the account has changed. @throws {SampleRefusal} */
export interface SampleControl {
  readonly break: (fault: string) => Promise<void>
  readonly mend: (fault: string) => Promise<void>
  readonly fix: (changes: readonly Change[]) => Promise<void>
  readonly reset: () => Promise<void>
}

/** The sample as the server sees it. */
export interface Sample {
  readonly kind: SampleKind
  /** When the recording was made; null for the lab. */
  readonly recordedAt: string | null
  /** Why there is no lab; null where there is, or a recording was asked for. */
  readonly whyNoLab: string | null
  readonly state: () => SampleState
  /** Null in a recording. */
  readonly control: SampleControl | null
  readonly runner: Runner | null
}

export interface RunningSample extends Sample {
  /** Folder of the log files that the probes' stdout goes to; follow it like every log folder. */
  readonly logs: string
  /** The account's configuration, as an inventory would collect it. */
  readonly collect: () => Promise<Snapshot>
  /** Calls back with every account from now on, one after the other; a deed is done once its account was taken. */
  readonly follow: (take: (snapshot: Snapshot) => Promise<void>) => void
  readonly stop: () => Promise<void>
}

/**
 * Starts the sample's process (`entry` is its built file) and writes what its probes print to `dataDir/sample-logs/probes.log`.
 * Resolves once it is known what is shown. `onExit` is told when the process ends by itself, with its last words.
 * @throws {SampleImpossible} where the mode asks for what this machine can't have
 */
export async function startSample(
  entry: string,
  mode: SampleMode,
  dataDir: string,
  onExit: (why: string) => void,
): Promise<RunningSample> {
  const logs = join(dataDir, 'sample-logs')
  await mkdir(logs, { recursive: true })
  const log = await rotatingLog(join(logs, 'probes.log'))
  // Out of the terminal's process group: Ctrl-C is for the server, which ends it in order.
  const child = fork(entry, [mode], { stdio: ['ignore', 'pipe', 'pipe', 'ipc'], detached: true })
  let lastWords = ''
  let stopping = false
  child.stdout?.on('data', (chunk: Buffer) => log.write(chunk))
  child.stderr?.on('data', (chunk: Buffer) => {
    lastWords = (lastWords + chunk.toString('utf8')).slice(-2000)
  })
  const waiting = new Map<number, (message: SampleMessage | null) => void>()
  let state: SampleState = { faults: [], fixesApplied: 0 }
  let snapshot: Snapshot | null = null
  let take: ((snapshot: Snapshot) => Promise<void>) | null = null
  // Messages are worked off in their order, so that a deed is answered after its account was taken.
  let turn: Promise<void> = Promise.resolve()
  let greet: (first: SampleMessage | null) => void = () => undefined
  const greeting = new Promise<SampleMessage | null>((resolve) => {
    greet = resolve
  })
  const hear = async (message: SampleMessage): Promise<void> => {
    switch (message.says) {
      case 'started':
      case 'impossible':
        greet(message)
        return
      case 'account':
        state = message.state
        snapshot = message.snapshot
        await take?.(message.snapshot)
        return
      case 'done':
      case 'refused':
        waiting.get(message.id)?.(message)
        waiting.delete(message.id)
    }
  }
  child.on('message', (message: SampleMessage) => {
    turn = turn.then(() => hear(message))
  })
  const exited = new Promise<void>((resolve) => {
    const ended = (why: string) => {
      greet(null)
      for (const settle of waiting.values()) settle(null)
      waiting.clear()
      log.end().then(resolve, resolve)
      if (!stopping) onExit(why)
    }
    child.once('error', (error) => ended(error.message))
    child.once('exit', (code, signal) => ended(`ended with ${signal ?? code}: ${lastWords.trim()}`))
  })
  const stop = async (): Promise<void> => {
    stopping = true
    if (child.connected) child.disconnect()
    await exited
  }

  let last = 0
  const order = (deed: SampleDeed): Promise<readonly SampleRun[]> =>
    new Promise((resolve, reject) => {
      if (!child.connected) return reject(new SampleRefusal('failed', 'the sample has ended'))
      last += 1
      const message: SampleOrder = { ...deed, id: last }
      waiting.set(last, (answer) => {
        if (answer?.says === 'done') resolve(answer.runs ?? [])
        else if (answer?.says === 'refused') reject(new SampleRefusal(answer.code, answer.why))
        else reject(new SampleRefusal('failed', 'the sample has ended'))
      })
      child.send(message)
    })
  const act = (deed: SampleDeed): Promise<void> => order(deed).then(() => undefined)

  const first = await greeting
  if (first?.says !== 'started') {
    await stop()
    if (first?.says === 'impossible') throw new SampleImpossible(first.why)
    throw new Error(`the sample could not be started: ${lastWords.trim()}`)
  }
  const isLab = first.kind === 'lab'
  return {
    kind: first.kind,
    recordedAt: first.recordedAt,
    whyNoLab: first.whyNoLab,
    logs,
    state: () => state,
    control: isLab
      ? {
          break: (fault) => act({ do: 'break', fault }),
          mend: (fault) => act({ do: 'mend', fault }),
          fix: (changes) => act({ do: 'fix', changes }),
          reset: () => act({ do: 'reset' }),
        }
      : null,
    // The reports come in by the log; what is answered is the same runs.
    runner: isLab ? { run: ({ name }) => order({ do: 'run', function: name }) } : null,
    collect: () =>
      snapshot === null
        ? Promise.reject(new Error('the sample shows no account yet'))
        : Promise.resolve(snapshot),
    follow(taker) {
      turn = turn.then(async () => {
        take = taker
        if (snapshot !== null) await taker(snapshot)
      })
    },
    stop,
  }
}
