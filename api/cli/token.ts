import type { Command } from 'commander'
import { newToken } from '../auth.js'
import { josa } from '../korean.js'
import { EXIT, guard, InputError, type Io, say, write } from './io.js'

const SCOPES = ['read', 'ingest', 'admin']

interface NewOptions {
  readonly scope: readonly string[]
  readonly name?: string
  readonly json?: boolean
}

/** `sonde token new`: makes a token, shows it once, and prints what the configuration keeps of it. */
export function registerToken(program: Command, io: Io): void {
  const token = program
    .command('token')
    .description(say(io, 'make tokens for the API', 'API의 토큰을 만듭니다'))
  token
    .command('new')
    .description(
      say(
        io,
        'print a new token, once, and the lines for the configuration that admit it',
        '새 토큰을 한 번만, 그리고 그것을 받아들이는 설정의 줄을 출력합니다',
      ),
    )
    .option(
      '--scope <scope>',
      say(
        io,
        'read, ingest or admin; may be repeated (default: read)',
        'read, ingest, admin. 여러 번 쓸 수 있습니다 (기본값: read)',
      ),
      collect,
      [],
    )
    .option('--name <name>', say(io, 'what the log calls it', '로그에 나올 이름'))
    .option('--json', say(io, 'print {"token","entry"} instead', '대신 {"token","entry"}를 출력'))
    .action((options: NewOptions) =>
      guard(
        io,
        'token new',
        () => false,
        () => run(io, options),
      ),
    )
}

function collect(value: string, before: readonly string[]): readonly string[] {
  return [...before, ...value.split(',').map((scope) => scope.trim())]
}

async function run(io: Io, options: NewOptions): Promise<number> {
  const scopes = options.scope.length > 0 ? [...new Set(options.scope)] : ['read']
  const wrong = scopes.find((scope) => !SCOPES.includes(scope))
  if (wrong !== undefined)
    throw new InputError({
      en: `there is no scope "${wrong}"; there are ${SCOPES.join(', ')}`,
      ko: josa`"${wrong}"(이)라는 권한은 없습니다. ${SCOPES.join(', ')}이(가) 있습니다`,
    })
  const name = options.name ?? scopes.join('-')
  if (!/^[\w.@ -]{1,64}$/.test(name)) {
    throw new InputError({
      en: '--name takes up to 64 letters, digits, spaces and . _ - @',
      ko: '--name에는 영문자, 숫자, 공백, . _ - @를 64자까지 쓸 수 있습니다',
    })
  }
  const { token, hash } = newToken()
  if (options.json) {
    await write(io.stdout, `${JSON.stringify({ token, entry: { name, hash, scopes } })}\n`)
    return EXIT.ok
  }
  const lines = [
    say(io, 'The token, shown this once:', '토큰 (지금 한 번만 보입니다):'),
    '',
    `  ${token}`,
    '',
    say(
      io,
      'Sonde keeps only its hash. Put this in the configuration file and restart:',
      'Sonde는 해시만 보관합니다. 다음을 설정 파일에 넣고 다시 시작하세요:',
    ),
    '',
    'tokens:',
    `  - name: ${JSON.stringify(name)}`,
    `    hash: ${hash}`,
    `    scopes: [${scopes.join(', ')}]`,
    '',
  ]
  await write(io.stdout, lines.join('\n'))
  return EXIT.ok
}
