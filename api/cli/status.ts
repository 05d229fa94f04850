import type { Command } from 'commander'
import type { FunctionHealth, FunctionStatus } from '../health/health.js'
import {
  API_OPTIONS,
  accessOf,
  fetchCauses,
  fetchExplanation,
  fetchFunction,
  fetchFunctions,
  noFunction,
} from './api-client.js'
import { EXIT, guard, InputError, type Io, say, write } from './io.js'
import { screenOf } from './screen.js'
import { causesList, functionPicture, functionsTable, tally } from './status-table.js'
import { addHelp } from './usage.js'

const HELP = {
  en: `Exit code: 0 healthy, 1 some function is failing or degraded, 3 nobody knows (stale, unknown, or no functions), 2 the API can't be read.`,
  ko: `종료 코드: 0 정상, 1 장애나 일부 장애인 함수가 있음, 3 알 수 없음(보고 끊김, 알 수 없음, 함수 없음), 2 API를 읽을 수 없음`,
}

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
  const command = program
    .command('status')
    .description(
      say(
        io,
        'the status of every function and the causes, or of one, its checks and what to change',
        '모든 함수의 상태와 원인, 또는 한 함수의 검사와 무엇을 바꿀지 보여 줍니다',
      ),
    )
    .argument('[name]', say(io, 'a function', '함수'))
    .option('--url <url>', API_OPTIONS.url[io.language])
    .option('--token <token>', API_OPTIONS.token[io.language]('read'))
    .option('--limit <number>', say(io, 'functions to show at most', '최대로 보여 줄 함수 수'), '500')
    .option('--json', API_OPTIONS.json[io.language])
  addHelp(command, io, HELP).action((name: string | undefined, options: StatusOptions) =>
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
  const { language } = io
  if (name !== undefined) {
    const found = await fetchFunction(access, name)
    if (!found) throw noFunction(access, name)
    if (options.json) await write(io.stdout, `${JSON.stringify(found)}\n`)
    else {
      await write(io.stdout, functionPicture(found, now, language, screen))
      if (isBroken(found))
        await write(io.stdout, `\n${await fetchExplanation(access, name, language, screen.columns)}`)
    }
    return exitOf([found])
  }
  const limit = Number(options.limit)
  if (!Number.isInteger(limit) || limit < 1)
    throw new InputError({ en: '--limit takes a number from 1', ko: '--limit은 1 이상의 정수여야 합니다' })
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
