import { resolve } from 'node:path'
import type { Command } from 'commander'
import { type Config, loadConfig } from '../config.js'
import { ConfigSchema } from '../config.schema.js'
import { ConfigError, formatProblem } from '../yaml-file.js'
import { EXIT, guard, InputError, type Io, write } from './io.js'

/** `sonde config check` and `sonde config schema`. */
export function registerConfig(program: Command, io: Io): void {
  const config = program.command('config').description('look at the configuration')
  config
    .command('check')
    .description('read a configuration as `serve` would, and say everything that is wrong with it')
    .argument('[file]', 'YAML or JSON (default: $SONDE_CONFIG)')
    .option('--json', 'print {"valid","problems"} instead')
    .action((file: string | undefined, options: { readonly json?: boolean }) =>
      guard(
        io,
        'config check',
        () => false,
        () => check(io, file, options.json ?? false),
      ),
    )
  config
    .command('schema')
    .description('print the JSON Schema of the configuration, for an editor')
    .action(() =>
      guard(
        io,
        'config schema',
        () => false,
        async () => {
          await write(io.stdout, `${JSON.stringify(ConfigSchema, null, 2)}\n`)
          return EXIT.ok
        },
      ),
    )
}

async function check(io: Io, file: string | undefined, json: boolean): Promise<number> {
  const named = file ?? io.env['SONDE_CONFIG']
  if (named === undefined || named === '') throw new InputError('name a file, or set SONDE_CONFIG')
  try {
    const config = loadConfig({ config: resolve(io.cwd, named) }, io.env)
    await write(
      io.stdout,
      json ? `${JSON.stringify({ valid: true, problems: [] })}\n` : `${summary(named, config)}\n`,
    )
    return EXIT.ok
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    const absolute = resolve(io.cwd, named)
    const problems = error.problems.map((found) =>
      found.source === absolute ? { ...found, source: named } : found,
    )
    if (json) await write(io.stdout, `${JSON.stringify({ valid: false, problems })}\n`)
    else await write(io.stderr, `${problems.map(formatProblem).join('\n')}\n`)
    return EXIT.badInput
  }
}

function summary(file: string, config: Config): string {
  const { host, port } = config.server
  const sources =
    config.sources.folders.length + config.sources.cloudwatch.length + (config.sources.firehose ? 1 : 0)
  return [
    `${file} is valid.`,
    `  listens on ${host}:${port}, data in ${config.data}`,
    `  ${count(config.functions.length, 'function')}, ${count(config.tokens.length, 'token')}, ${count(sources, 'source')}`,
  ].join('\n')
}

function count(n: number, word: string): string {
  return `${n} ${word}${n === 1 ? '' : 's'}`
}
