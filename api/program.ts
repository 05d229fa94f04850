import { Command } from 'commander'
import { VERSION } from '../probe/version.js'
import type { Io } from './cli/io.js'

type Register = (program: Command, io: Io) => void

/** Each command with the one import that brings it: `sonde status` needn't load what `sonde snapshot` rests on. */
const COMMANDS: Readonly<Record<string, () => Promise<Register>>> = {
  serve: async () => (await import('./cli/serve.js')).registerServe,
  discover: async () => (await import('./cli/discover.js')).registerDiscover,
  status: async () => (await import('./cli/status.js')).registerStatus,
  run: async () => (await import('./cli/run.js')).registerRun,
  probe: async () => (await import('./cli/probe.js')).registerProbe,
  ingest: async () => (await import('./cli/ingest.js')).registerIngest,
  rebuild: async () => (await import('./cli/rebuild.js')).registerRebuild,
  trace: async () => (await import('./cli/trace.js')).registerTrace,
  diagnose: async () => (await import('./cli/diagnose.js')).registerDiagnose,
  rehearse: async () => (await import('./cli/rehearse.js')).registerRehearse,
  diff: async () => (await import('./cli/diff.js')).registerDiff,
  sample: async () => (await import('./cli/sample.js')).registerSample,
  lab: async () => (await import('./cli/lab.js')).registerLab,
  snapshot: async () => (await import('./cli/snapshot.js')).registerSnapshot,
  token: async () => (await import('./cli/token.js')).registerToken,
  export: async () => (await import('./cli/export.js')).registerExport,
  store: async () => (await import('./cli/store.js')).registerStore,
  config: async () => (await import('./cli/config.js')).registerConfig,
}

/** The `sonde` command with what `args` needs of it: one command where one is named, all of them for help or a typo. */
export async function createProgram(io: Io, args: readonly string[]): Promise<Command> {
  const program = new Command('sonde')
    .description("Why can't this Lambda reach the database, the internet, an AWS service?")
    .version(VERSION)
    .showHelpAfterError('(sonde --help lists what there is)')
    .configureOutput({
      writeOut: (text) => void io.stdout.write(text),
      writeErr: (text) => void io.stderr.write(text),
    })
  const named = COMMANDS[args[0] ?? '']
  const needed = named ? [named] : Object.values(COMMANDS)
  for (const register of await Promise.all(needed.map((load) => load()))) register(program, io)
  for (const command of program.commands) inherit(command, program)
  return program
}

/** Commander copies settings to subcommands only at their making, which happened elsewhere. */
function inherit(command: Command, from: Command): void {
  command.copyInheritedSettings(from)
  for (const child of command.commands) inherit(child, command)
}

/** Runs one command line; what commander itself refuses ends with exit code 2, as every bad input does. */
export async function runProgram(io: Io, args: readonly string[]): Promise<void> {
  const program = await createProgram(io, args)
  forEachCommand(program, (command) => command.exitOverride())
  try {
    await program.parseAsync([...args], { from: 'user' })
  } catch (error) {
    if (!isCommanderError(error)) throw error
    io.exit(error.exitCode === 0 ? 0 : 2)
  }
}

function forEachCommand(command: Command, visit: (command: Command) => void): void {
  visit(command)
  for (const child of command.commands) forEachCommand(child, visit)
}

function isCommanderError(error: unknown): error is Error & { readonly exitCode: number } {
  return (
    error instanceof Error &&
    'code' in error &&
    String(error.code).startsWith('commander.') &&
    'exitCode' in error &&
    typeof error.exitCode === 'number'
  )
}
