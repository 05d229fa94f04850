import { writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import type { Command } from 'commander'
import { LabUnavailable } from '../../infra/lab/start.js'
import { differences } from '../sample/meaning.js'
import { recordSample, StoryError } from '../sample/record.js'
import { packRecording, RecordingError, readRecording } from '../sample/recording.js'
import { EXIT, guard, type Io, write } from './io.js'
import { labProgram, packageFolder } from './lab-program.js'

const INTERVAL_MS = 10_000
const SHOWN = 20

interface RecordOptions {
  readonly out?: string
  readonly check?: boolean
}

/** Adds `sonde lab record`: the sample as a recording, for machines that can't have the lab. */
export function registerLabRecord(lab: Command, io: Io): void {
  lab
    .command('record')
    .description('play the sample in the lab and write down what its probes print')
    .option('--out <file>', "where to (default: the checkout's infra/lab/sample/recording.ndjson.gz)")
    .option('--check', 'write nothing; exit 1 where the file there tells another story')
    .action((options: RecordOptions) => guard(io, 'lab record', isInput, () => record(io, options)))
}

function isInput(error: unknown): boolean {
  return error instanceof LabUnavailable || error instanceof RecordingError || error instanceof StoryError
}

async function record(io: Io, options: RecordOptions): Promise<number> {
  const folder = join(packageFolder(), 'infra/lab/sample')
  const file = options.out === undefined ? join(folder, 'recording.ndjson.gz') : resolve(io.cwd, options.out)
  const before = options.check ? await readRecording(file) : null
  const parts = { program: labProgram(), folder, intervalMs: INTERVAL_MS }
  const recording = await recordSample(parts, new Date(), (line) => void write(io.stderr, `${line}\n`))
  if (before !== null) {
    const found = differences(before, recording, SHOWN)
    await write(io.stdout, found.map((line) => `${line}\n`).join('') || 'the recording is current\n')
    return found.length === 0 ? EXIT.ok : EXIT.failed
  }
  const bytes = packRecording(recording)
  await writeFile(file, bytes)
  await write(io.stdout, `${file}: ${recording.moments.length} moments, ${bytes.length} bytes\n`)
  return EXIT.ok
}
