import { writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import type { Command } from 'commander'
import { LabUnavailable } from '../../infra/lab/start.js'
import { differences } from '../sample/meaning.js'
import { recordSample, StoryError } from '../sample/record.js'
import { packRecording, RecordingError, readRecording } from '../sample/recording.js'
import { EXIT, guard, type Io, say, unwritable, write } from './io.js'
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
    .description(
      say(
        io,
        'play the sample in the lab and write down what its probes print',
        '예제를 실험실에서 재생하고, 프로브가 출력한 것을 기록합니다',
      ),
    )
    .option(
      '--out <file>',
      say(
        io,
        "where to (default: the checkout's infra/lab/sample/recording.ndjson.gz)",
        '쓸 곳 (기본값: 체크아웃의 infra/lab/sample/recording.ndjson.gz)',
      ),
    )
    .option(
      '--check',
      say(
        io,
        'write nothing; exit 1 where the file there tells another story',
        '쓰지 않음. 있는 파일의 내용이 다르면 1로 끝냅니다',
      ),
    )
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
    await write(
      io.stdout,
      found.map((line) => `${line}\n`).join('') ||
        say(io, 'the recording is current\n', '녹화본은 최신입니다\n'),
    )
    return found.length === 0 ? EXIT.ok : EXIT.failed
  }
  const bytes = packRecording(recording)
  await writeFile(file, bytes).catch((error: unknown) => {
    throw unwritable(error, file)
  })
  const { length } = recording.moments
  const told = say(io, `${length} moments, ${bytes.length} bytes`, `순간 ${length}개, ${bytes.length}바이트`)
  await write(io.stdout, `${file}: ${told}\n`)
  return EXIT.ok
}
