import type { Command } from 'commander'
import type { FunctionHealth, FunctionStatus } from '../health/health.js'
import { accessOf, fetchCauses, fetchExplanation, fetchFunction, fetchFunctions } from './api-client.js'
import { EXIT, guard, InputError, type Io, write } from './io.js'
import { languageOf, screenOf } from './screen.js'
import { causesList, functionPicture, functionsTable, tally } from './status-table.js'

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

const NOTES = {
  none: {
    en: 'No functions yet: none is configured and no report has come.',
    ko: '아직 함수가 없습니다. 설정에 적힌 함수도, 들어온 보고도 없습니다.',
  },
  more: {
    en: (shown: number) => `Shown are the first ${shown}; --limit shows more.`,
    ko: (shown: number) => `처음 ${shown}개만 표시했습니다. --limit으로 더 볼 수 있습니다.`,
  },
} as const

/** `sonde status [name]`: what the API knows, as a table a person likes, and why, with what to change. */
export function registerStatus(program: Command, io: Io): void {
  program
    .command('status')
    .description('the status of every function and the causes, or of one, its checks and what to change')
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
  const language = languageOf(undefined, io.env) ?? 'en'
  if (name !== undefined) {
    const found = await fetchFunction(access, name)
    if (!found) throw new InputError(`${access.url} knows no function "${name}"`)
    if (options.json) await write(io.stdout, `${JSON.stringify(found)}\n`)
    else {
      await write(io.stdout, functionPicture(found, now, language, screen))
      if (isBroken(found))
        await write(io.stdout, `\n${await fetchExplanation(access, name, language, screen.columns)}`)
    }
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
  else if (items.length === 0) await write(io.stdout, `${NOTES.none[language]}\n`)
  else {
    const note = more ? `${NOTES.more[language](items.length)}\n` : ''
    await write(
      io.stdout,
      `${functionsTable(items, now, language, screen)}\n${tally(items, language)}${note}`,
    )
    if (items.some(isBroken)) await write(io.stdout, causesList(await fetchCauses(access), language, screen))
  }
  return exitOf(items)
}

function isBroken({ status }: FunctionHealth): boolean {
  return status === 'failing' || status === 'degraded'
}

function exitOf(items: readonly FunctionHealth[]): number {
  if (items.some(isBroken)) return EXIT.failed
  if (items.length === 0 || items.some(({ status }) => status !== 'healthy')) return EXIT.unknown
  return EXIT.ok
}
