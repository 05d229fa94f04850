import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { LabUnavailable } from '../../infra/lab/start.js'
import { startLabSample } from './lab.js'
import type { SampleMessage, SampleMode, SampleOrder } from './messages.js'
import { readRecording } from './recording.js'
import { replay } from './replay.js'

/**
 * The sample's own process. As Lambda's log does, it takes what the probes print and prints it on stdout, and by nothing else do
 * reports leave it; the account's configuration and what is asked of it go over the channel to the server. It ends with the server,
 * and only when the lab has: whoever waits for this process finds nothing left.
 */
const here = dirname(fileURLToPath(import.meta.url))
const folder = join(here, 'sample')
const INTERVAL_MS = 10_000

function modeOf(text: string | undefined): SampleMode {
  if (text === 'auto' || text === 'lab' || text === 'recording') return text
  throw new Error(`no mode ${text}: the server starts this file itself`)
}

function say(message: SampleMessage): void {
  if (process.connected) process.send?.(message)
}

function print(line: string): void {
  process.stdout.write(`${line}\n`)
}

/** Shows the lab or the recording; resolves when the signal has ended it, with nothing of it left. */
async function show(mode: SampleMode, signal: AbortSignal): Promise<void> {
  let whyNoLab: string | null = null
  if (mode !== 'recording') {
    try {
      const program = join(here, 'lab.js')
      const sample = await startLabSample({ program, folder, intervalMs: INTERVAL_MS, print, say, signal })
      process.on('message', (order: SampleOrder) => void sample.obey(order))
      return await sample.ended
    } catch (error) {
      if (signal.aborted) return
      if (!(error instanceof LabUnavailable) || mode === 'lab') throw error
      whyNoLab = error.message
    }
  }
  const recording = await readRecording(join(folder, 'recording.ndjson.gz'))
  say({ says: 'started', kind: 'recording', recordedAt: recording.recordedAt, whyNoLab })
  await replay(recording, { print, say }, signal)
}

const ending = new AbortController()
process.once('disconnect', () => ending.abort())
// A reader that went away is the server, and the end of its channel ends this process.
process.stdout.on('error', () => undefined)
await show(modeOf(process.argv[2]), ending.signal).catch((error: unknown) => {
  if (!(error instanceof LabUnavailable)) throw error
  say({ says: 'impossible', why: error.message })
})
if (ending.signal.aborted) process.exit(0)
