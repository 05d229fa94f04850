import { resolve } from 'node:path'
import type { Command } from 'commander'
import { type Config, loadConfig } from '../config.js'
import { ConfigSchema } from '../config.schema.js'
import { safe } from '../printable.js'
import { ConfigError, formatProblem } from '../yaml-file.js'
import { EXIT, guard, InputError, type Io, say, write } from './io.js'
import { spokenText } from './korean.js'

/** `sonde config check` and `sonde config schema`. */
export function registerConfig(program: Command, io: Io): void {
  const config = program
    .command('config')
    .description(say(io, 'look at the configuration', '설정을 살펴봅니다'))
  config
    .command('check')
    .description(
      say(
        io,
        'read a configuration as `serve` would, and say everything that is wrong with it',
        '`serve`처럼 설정을 읽고, 잘못된 곳을 모두 알려 줍니다',
      ),
    )
    .argument(
      '[file]',
      say(io, 'YAML or JSON (default: $SONDE_CONFIG)', 'YAML이나 JSON (기본값: $SONDE_CONFIG)'),
    )
    .option('--json', say(io, 'print {"valid","problems"} instead', '대신 {"valid","problems"}를 출력'))
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
    .description(
      say(
        io,
        'print the JSON Schema of the configuration, for an editor',
        '편집기에서 쓸 설정의 JSON Schema를 출력합니다',
      ),
    )
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
  if (named === undefined || named === '')
    throw new InputError({
      en: 'name a file, or set SONDE_CONFIG',
      ko: '파일을 지정하거나 SONDE_CONFIG를 설정하세요',
    })
  try {
    const config = loadConfig({ config: resolve(io.cwd, named) }, io.env)
    await write(
      io.stdout,
      json ? `${JSON.stringify({ valid: true, problems: [] })}\n` : `${summary(io, named, config)}\n`,
    )
    return EXIT.ok
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    const absolute = resolve(io.cwd, named)
    const problems = error.problems.map((found) =>
      found.source === absolute ? { ...found, source: named } : found,
    )
    if (json) await write(io.stdout, `${JSON.stringify({ valid: false, problems })}\n`)
    else {
      const text = spokenText(problems.map(formatProblem).join('\n'))[io.language]
      await write(io.stderr, `${text.split('\n').map(safe).join('\n')}\n`)
    }
    return EXIT.badInput
  }
}

function summary(io: Io, file: string, config: Config): string {
  const { host, port } = config.server
  const sources =
    config.sources.folders.length + config.sources.cloudwatch.length + (config.sources.firehose ? 1 : 0)
  const { functions, tokens, data } = config
  return say(
    io,
    [
      `${file} is valid.`,
      `  listens on ${host}:${port}, data in ${data}`,
      `  ${count(functions.length, 'function')}, ${count(tokens.length, 'token')}, ${count(sources, 'source')}`,
    ].join('\n'),
    [
      `${file}: 올바른 설정입니다.`,
      `  ${host}:${port}에서 요청을 받고, 데이터는 ${data}에 둡니다`,
      `  함수 ${functions.length}개, 토큰 ${tokens.length}개, 소스 ${sources}개`,
    ].join('\n'),
  )
}

function count(n: number, word: string): string {
  return `${n} ${word}${n === 1 ? '' : 's'}`
}
