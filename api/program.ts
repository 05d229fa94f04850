import { Command } from 'commander'
import { VERSION } from '../probe/version.js'
import { EXIT, InputError, type Io, type Surroundings, say, tellError } from './cli/io.js'
import { commandNamed, languageAsked, speakOne } from './cli/usage.js'

export type Register = (program: Command, io: Io) => void

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

/** Runs one command line: loads the one command that it names, or all of them for help or a typo. */
export async function runProgram(surroundings: Surroundings, args: readonly string[]): Promise<void> {
  const named = COMMANDS[args[0] ?? '']
  const needed = named ? [named] : Object.values(COMMANDS)
  await runCommands(surroundings, await Promise.all(needed.map((load) => load())), args)
}

/** Runs one command line with these commands; what commander itself refuses ends with exit code 2, as every bad input does. */
export async function runCommands(
  surroundings: Surroundings,
  commands: readonly Register[],
  args: readonly string[],
): Promise<void> {
  const io: Io = { ...surroundings, language: languageAsked(args, surroundings.env) }
  const program = new Command('sonde')
    .description(
      say(
        io,
        "Why can't this Lambda reach the database, the internet, an AWS service?",
        'Lambda가 왜 데이터베이스, 인터넷, AWS 서비스에 연결하지 못하는지 알려 줍니다.',
      ),
    )
    .version(VERSION, '-V, --version', say(io, 'show the version', '버전 보기'))
  for (const register of commands) register(program, io)
  speakOne(program, io)
  forEachCommand(program, (command) => command.exitOverride())
  try {
    await program.parseAsync([...args], { from: 'user' })
  } catch (error) {
    if (error instanceof InputError) {
      await tellError(io, commandNamed(program, args), error.text)
      io.exit(EXIT.badInput)
    } else if (isCommanderError(error)) io.exit(error.exitCode === 0 ? EXIT.ok : EXIT.badInput)
    else throw error
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
