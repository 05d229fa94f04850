import { type ChildProcess, fork } from 'node:child_process'
import { appendFile, mkdir, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'

/** A log file of the sample is put aside at this size; one older file is kept. */
const MAX_LOG_BYTES = 5 * 1024 * 1024

export interface Sample {
  /** Folder of the log files that the probes' stdout goes to; follow it as any other log folder. */
  readonly logs: string
  readonly stop: () => Promise<void>
}

/**
 * Starts the sample's process (`entry` is its built file) and writes what it prints to `dataDir/sample-logs/probes.log`.
 * `onExit` is told when the process ends by itself, with its last words on stderr.
 */
export async function startSample(
  entry: string,
  dataDir: string,
  onExit: (why: string) => void,
): Promise<Sample> {
  const logs = join(dataDir, 'sample-logs')
  await mkdir(logs, { recursive: true })
  const file = join(logs, 'probes.log')
  const log = await rotatingLog(file)
  const child: ChildProcess = fork(entry, [], { stdio: ['ignore', 'pipe', 'pipe', 'ipc'] })
  let lastWords = ''
  let stopping = false
  child.stdout?.on('data', (chunk: Buffer) => log.write(chunk))
  child.stderr?.on('data', (chunk: Buffer) => {
    lastWords = (lastWords + chunk.toString('utf8')).slice(-2000)
  })
  child.on('error', (error) => onExit(error.message))
  const exited = new Promise<void>((resolve) => {
    child.once('exit', (code, signal) => {
      log.end().then(resolve, resolve)
      if (!stopping) onExit(`ended with ${signal ?? code}: ${lastWords.trim()}`)
    })
  })
  return {
    logs,
    async stop() {
      stopping = true
      child.kill('SIGTERM')
      await exited
    },
  }
}

/**
 * A log that is put aside under `.1` once it is large. Only whole lines are split between the two, because the probe writes
 * a line at a time and a chunk that ends within a line is followed by its rest before the next file begins.
 */
async function rotatingLog(
  file: string,
): Promise<{ write: (chunk: Buffer) => void; end: () => Promise<void> }> {
  let size = await stat(file).then(
    (found) => found.size,
    () => 0,
  )
  let turn: Promise<void> = Promise.resolve()
  const append = async (chunk: Buffer, lineEnds: boolean): Promise<void> => {
    await appendFile(file, chunk)
    size += chunk.length
    if (size < MAX_LOG_BYTES || !lineEnds) return
    await rm(`${file}.1`, { force: true })
    await rename(file, `${file}.1`)
    size = 0
  }
  return {
    write(chunk) {
      turn = turn.then(() => append(chunk, chunk.at(-1) === 0x0a))
    },
    end: () => turn,
  }
}
