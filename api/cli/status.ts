import type { Command } from 'commander'
import type { FunctionHealth, FunctionStatus } from '../health/health.js'
import { accessOf, fetchFunction, fetchFunctions } from './api-client.js'
import { EXIT, guard, InputError, type Io, write } from './io.js'
import { screenOf } from './screen.js'
import { functionPicture, functionsTable, tally } from './status-table.js'

const HELP = `
Exit code: 0 healthy, 1 some function is failing or degraded, 3 nobody knows (stale, unknown, or no functions),
2 the API can't be read.`

interface StatusOptions {
  readonly url?: string
  readonly token?: string
  readonly json?: boolean
  readonly limit: string
}

/** Worst first, so that what matters is shown even if not all is. */
const ORDER: readonly FunctionStatus[] = ['failing', 'degraded', 'stale', 'unknown', 'healthy']

/** `sonde status [name]`: what the API knows, as a table a person likes. */
export function registerStatus(program: Command, io: Io): void {
  program
    .command('status')
    .description('the status of every function, or of one and its checks')
    .argument('[name]', 'a function')
    .option('--url <url>', 'where the API is (default: $SONDE_URL, or http://127.0.0.1:8080)')
    .option(
      '--token <token>',
      'token with the scope read (better: $SONDE_TOKEN, which no process list shows)',
    )
    .option('--limit <number>', 'functions to show at most', '500')
    .option('--json', "print the API's own JSON")
    .addHelpText('after', HELP)
    .action((name: string | undefined, options: StatusOptions) =>
      guard(
        io,
        'status',
        () => false,
        () => status(io, name, options),
      ),
    )
}

async function status(io: Io, name: string | undefined, options: StatusOptions): Promise<number> {
  const access = accessOf(io, options)
  const now = new Date()
  const screen = screenOf(io.stdout, io.env)
  if (name !== undefined) {
    const found = await fetchFunction(access, name)
    if (!found) throw new InputError(`${access.url} knows no function "${name}"`)
    await write(io.stdout, options.json ? `${JSON.stringify(found)}\n` : functionPicture(found, now, screen))
    return exitOf([found])
  }
  const limit = Number(options.limit)
  if (!Number.isInteger(limit) || limit < 1) throw new InputError('--limit takes a number from 1')
  const items: FunctionHealth[] = []
  let more = false
  for (const wanted of ORDER) {
    if (items.length >= limit) {
      more = true
      break
    }
    const listed = await fetchFunctions(access, wanted, limit - items.length)
    items.push(...listed.items)
    more ||= listed.more
  }
  if (options.json) await write(io.stdout, `${JSON.stringify({ items, more })}\n`)
  else if (items.length === 0)
    await write(io.stdout, 'No functions yet: none is configured and no report has come.\n')
  else {
    const note = more ? `Shown are the first ${items.length}; --limit shows more.\n` : ''
    await write(io.stdout, `${functionsTable(items, now, screen)}\n${tally(items)}${note}`)
  }
  return exitOf(items)
}

function exitOf(items: readonly FunctionHealth[]): number {
  if (items.some(({ status }) => status === 'failing' || status === 'degraded')) return EXIT.failed
  if (items.length === 0 || items.some(({ status }) => status !== 'healthy')) return EXIT.unknown
  return EXIT.ok
}
