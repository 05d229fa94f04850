import { Readable, Writable } from 'node:stream'
import type { Command } from 'commander'
import type { Io, Surroundings } from '../../api/cli/io.js'
import { runCommands, runProgram } from '../../api/program.js'

/** What a command left behind. */
export interface Ran {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** Circumstances of a command; by default an empty stdin, no environment, no terminal. */
export interface RunOptions {
  readonly stdin?: Readable
  readonly env?: Readonly<Record<string, string>>
  readonly cwd?: string
  readonly isTTY?: boolean
  readonly columns?: number
}

/** A stream that keeps what is written to it. */
export function sink(properties: { readonly isTTY?: boolean; readonly columns?: number } = {}) {
  const chunks: Buffer[] = []
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      chunks.push(chunk)
      setImmediate(done)
    },
  })
  return { stream: Object.assign(stream, properties), text: () => Buffer.concat(chunks).toString() }
}

/** Runs a command in this process on real streams: `sonde` with one of its commands registered. */
export function run(
  register: (program: Command, io: Io) => void,
  args: readonly string[],
  options: RunOptions = {},
): Promise<Ran> {
  return within(options, (surroundings) => runCommands(surroundings, [register], args))
}

/** Runs a command line in this process as `sonde` itself would. */
export function runSonde(args: readonly string[], options: RunOptions = {}): Promise<Ran> {
  return within(options, (surroundings) => runProgram(surroundings, args))
}

async function within(
  options: RunOptions,
  work: (surroundings: Surroundings) => Promise<void>,
): Promise<Ran> {
  const terminal = {
    ...(options.isTTY === undefined ? {} : { isTTY: options.isTTY }),
    ...(options.columns === undefined ? {} : { columns: options.columns }),
  }
  const stdout = sink(terminal)
  const stderr = sink()
  let code: number | null = null
  const surroundings: Surroundings = {
    stdin: options.stdin ?? Readable.from([]),
    stdout: stdout.stream,
    stderr: stderr.stream,
    env: options.env ?? {},
    cwd: options.cwd ?? process.cwd(),
    exit: (given) => {
      code = given
    },
  }
  await work(surroundings)
  return { code, stdout: stdout.text(), stderr: stderr.text() }
}
