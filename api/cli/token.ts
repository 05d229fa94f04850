import type { Command } from 'commander'
import { newToken } from '../auth.js'
import { EXIT, guard, InputError, type Io, write } from './io.js'

const SCOPES = ['read', 'ingest', 'admin']

interface NewOptions {
  readonly scope: readonly string[]
  readonly name?: string
  readonly json?: boolean
}

/** `sonde token new`: makes a token, shows it once, and prints what the configuration keeps of it. */
export function registerToken(program: Command, io: Io): void {
  const token = program.command('token').description('make tokens for the API')
  token
    .command('new')
    .description('print a new token, once, and the lines for the configuration that admit it')
    .option('--scope <scope>', 'read, ingest or admin; may be repeated (default: read)', collect, [])
    .option('--name <name>', 'what the log calls it')
    .option('--json', 'print {"token","entry"} instead')
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
    throw new InputError(`there is no scope "${wrong}"; there are ${SCOPES.join(', ')}`)
  const name = options.name ?? scopes.join('-')
  if (!/^[\w.@ -]{1,64}$/.test(name)) {
    throw new InputError('--name takes up to 64 letters, digits, spaces and . _ - @')
  }
  const { token, hash } = newToken()
  if (options.json) {
    await write(io.stdout, `${JSON.stringify({ token, entry: { name, hash, scopes } })}\n`)
    return EXIT.ok
  }
  const lines = [
    'The token, shown this once:',
    '',
    `  ${token}`,
    '',
    'Sonde keeps only its hash. Put this in the configuration file and restart:',
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
