import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { Command } from 'commander'
import { ChangeError } from '../diagnosis/apply.js'
import { FixFileError, readChanges } from '../diagnosis/change-schema.js'
import type { Change } from '../diagnosis/diagnosis.js'
import { rehearse } from '../diagnosis/rehearse.js'
import { describeChange } from '../diagnosis/words.js'
import { isFlowError, parseFlow, readPort, readProtocol, verdictCode } from './flow-input.js'
import { guard, InputError, type Io, write } from './io.js'
import { loadModel } from './model-input.js'
import { type Language, languageOf, safe, screenOf } from './screen.js'
import { drawTrace } from './trace-picture.js'

interface RehearseOptions {
  readonly snapshot?: string
  readonly fix?: readonly string[]
  readonly from?: string
  readonly to?: string
  readonly port?: string
  readonly protocol?: string
  readonly sourcePort?: string
  readonly json?: boolean
  readonly lang?: string
}

const HELP = `
Fix:   a JSON file: a fix as sonde diagnose --json prints it, {"changes": […]}, or a bare list of changes;
       several --fix are applied one after the other
Exit:  the path with the fix applied: 0 reachable, 1 unreachable, 3 unknown; 2 bad input`

/** Adds `sonde rehearse`: a path as it would be with a fix applied, before anyone applies it. */
export function registerRehearse(program: Command, io: Io): void {
  program
    .command('rehearse')
    .description('apply a fix to a copy of the snapshot and follow the packet again')
    .option('--snapshot <dir>', 'folder with the answers of AWS Describe calls')
    .option('--fix <file...>', 'JSON file with the changes')
    .option('--from <source>', 'where the packet starts')
    .option('--to <destination>', 'where it should arrive')
    .option('--port <number>', 'destination port')
    .option('--protocol <name>', 'tcp, udp, icmp, all or a number (default: tcp)')
    .option('--source-port <number>', "the sender's own port (default: any ephemeral port)")
    .option('--json', 'print {"changes", "trace"} with the versioned trace contract')
    .option('--lang <language>', 'en or ko (default: from the environment)')
    .addHelpText('after', HELP)
    .action((options: RehearseOptions) => guard(io, 'rehearse', isInput, () => runRehearse(options, io)))
}

function isInput(error: unknown): boolean {
  return isFlowError(error) || error instanceof ChangeError
}

async function runRehearse(options: RehearseOptions, io: Io): Promise<number> {
  const { snapshot: directory, from, to } = options
  if (directory === undefined) throw new InputError('--snapshot is missing: name the folder of a snapshot')
  if (options.fix === undefined || options.fix.length === 0) {
    throw new InputError('--fix is missing: name a JSON file with changes')
  }
  if (from === undefined) throw new InputError('--from is missing: name where the packet starts')
  if (to === undefined) throw new InputError('--to is missing: name where the packet should arrive')
  const language = languageOf(options.lang, io.env)
  if (language === null) throw new InputError(`--lang: expected en or ko, found ${options.lang}`)
  const question = parseFlow({
    from,
    to,
    protocol: readProtocol(options.protocol),
    port: readPort('--port', options.port),
    sourcePort: readPort('--source-port', options.sourcePort),
  })
  const changes: Change[] = []
  for (const file of options.fix) changes.push(...(await readFix(io, file)))
  const { snapshot } = await loadModel(io, directory)
  const { trace } = rehearse(snapshot, changes, question)
  const text = options.json
    ? `${JSON.stringify({ changes, trace }, null, 2)}\n`
    : `${changeList(changes, language)}\n${drawTrace(trace, language, screenOf(io.stdout, io.env))}`
  await write(io.stdout, text)
  return verdictCode(trace)
}

function changeList(changes: readonly Change[], language: Language): string {
  const title = language === 'ko' ? '적용한 변경:' : 'With these changes:'
  return [title, ...changes.map((change) => `  + ${safe(describeChange(change)[language])}`), ''].join('\n')
}

async function readFix(io: Io, file: string): Promise<readonly Change[]> {
  const bytes = await readFile(resolve(io.cwd, file), 'utf8').catch((cause: unknown) => {
    throw new InputError(`--fix ${file}: ${cause instanceof Error ? cause.message : String(cause)}`, {
      cause,
    })
  })
  try {
    return readChanges(JSON.parse(bytes))
  } catch (cause) {
    if (cause instanceof FixFileError) throw new InputError(`--fix ${file}: ${cause.message}`, { cause })
    if (cause instanceof SyntaxError)
      throw new InputError(`--fix ${file}: not JSON: ${cause.message}`, { cause })
    throw cause
  }
}
