import type { CheckHealth, FunctionHealth, FunctionStatus, StandpointCheck } from '../health/health.js'
import { STATUS_KO } from '../health/status-words.js'
import { withNames } from '../network/map/name-ids.js'
import type { Causes } from './api-client.js'
import { type Language, pad, type Screen, type Style, safe, widthOf, wrap } from './screen.js'

const STYLE: Readonly<Record<string, Style>> = {
  healthy: 'good',
  passing: 'good',
  degraded: 'doubt',
  pending: 'faint',
  failing: 'bad',
  stale: 'doubt',
  unknown: 'faint',
}

/** Told by shape as well as by colour. */
const MARK: Readonly<Record<string, string>> = {
  healthy: '●',
  passing: '●',
  degraded: '◐',
  pending: '○',
  failing: '✗',
  stale: '?',
  unknown: '○',
}

const TABLE = {
  en: {
    status: 'STATUS',
    function: 'FUNCTION',
    since: 'FOR',
    why: 'WHY',
    check: 'CHECK',
    outcome: 'OUTCOME',
    target: 'TARGET',
  },
  ko: {
    status: '상태',
    function: '함수',
    since: '지속',
    why: '이유',
    check: '검사',
    outcome: '결과',
    target: '대상',
  },
} as const

const UNITS = {
  en: { seconds: ' s', minutes: ' min', hours: ' h', days: ' d' },
  ko: { seconds: '초', minutes: '분', hours: '시간', days: '일' },
} as const

const STATUS_WIDTH = { en: 10, ko: 12 } as const
const MAX_NAME = 32
/** Spaces between columns. */
const GAP = 2

/** All functions, one row each: what it is, since when, and why. */
export function functionsTable(
  items: readonly FunctionHealth[],
  now: Date,
  language: Language,
  screen: Screen,
): string {
  const words = TABLE[language]
  const name = Math.min(MAX_NAME, Math.max(8, ...items.map((item) => widthOf(safe(item.name)))))
  const since = 7
  const status = STATUS_WIDTH[language]
  const indent = status + name + since + 3 * GAP
  const why = Math.max(20, screen.columns - indent)
  const rows = items.flatMap((item) => {
    const [first = '', ...rest] = wrap(safe(item.text[language]), why)
    const row = [
      state(item.status, language, screen),
      pad(cut(safe(item.name), name), name),
      pad(ago(item.since, now, language), since),
      first,
    ]
    return [row.join('  ').trimEnd(), ...rest.map((line) => `${' '.repeat(indent)}${line}`.trimEnd())]
  })
  const head = [
    pad(words.status, status),
    pad(words.function, name),
    pad(words.since, since),
    words.why,
  ].join('  ')
  return [screen.paint('faint', head), ...rows, ''].join('\n')
}

/** How many functions have which status: `12 functions: 1 failing, 11 healthy`. */
export function tally(items: readonly FunctionHealth[], language: Language): string {
  const order: readonly FunctionStatus[] = ['failing', 'degraded', 'stale', 'unknown', 'healthy']
  const counted = order
    .map((status) => ({ status, count: items.filter((item) => item.status === status).length }))
    .filter(({ count }) => count > 0)
    .map(({ status, count }) => (language === 'ko' ? `${STATUS_KO[status]} ${count}` : `${count} ${status}`))
    .join(', ')
  if (language === 'ko') return `함수 ${items.length}개: ${counted}\n`
  return `${items.length} function${items.length === 1 ? '' : 's'}: ${counted}\n`
}

/** Causes beyond these are many enough for the page. */
const MAX_CAUSES = 5
const MAX_NAMED = 6
const CAUSES = {
  title: { en: 'CAUSES', ko: '원인' },
  hits: { en: 'hits', ko: '영향' },
  fix: { en: 'fix', ko: '조치' },
  more: {
    en: (count: number) => `and ${count} more: the page and /v1/diagnoses list them all`,
    ko: (count: number) => `그 밖에 ${count}건: 전체는 화면과 /v1/diagnoses에 있습니다`,
  },
} as const

/** What is wrong, the most urgent first, with the first fix of each cause; '' where no cause is known. */
export function causesList({ items, names }: Causes, language: Language, screen: Screen): string {
  const causes = items.filter(({ kind }) => kind !== 'healthy')
  if (causes.length === 0) return ''
  const shown = causes.slice(0, MAX_CAUSES).flatMap(({ summary, functions, fixes }, index) => {
    const [fix] = fixes
    const told = [`${index + 1}. ${summary[language]}`, `${CAUSES.hits[language]}: ${someOf(functions)}`]
    if (fix) told.push(`${CAUSES.fix[language]}: ${fix.title[language]}`)
    return told.flatMap((line, at) => indented(safe(withNames(line, names)), at === 0 ? 0 : 3, screen))
  })
  const left = causes.length - MAX_CAUSES
  const more = left > 0 ? [CAUSES.more[language](left)] : []
  return [`\n${screen.paint('faint', CAUSES.title[language])}`, ...shown, ...more, ''].join('\n')
}

function someOf(names: readonly string[]): string {
  const left = names.length - MAX_NAMED
  return [...names.slice(0, MAX_NAMED), ...(left > 0 ? [`+${left}`] : [])].join(', ')
}

/** Lines that go on below their first word. */
function indented(text: string, indent: number, screen: Screen): readonly string[] {
  const [first = '', ...rest] = wrap(text, screen.columns - 3)
  return [`${' '.repeat(indent)}${first}`, ...rest.map((line) => `   ${line}`)]
}

/** One function: its sentence, then each check, and each standpoint where they differ. */
export function functionPicture(
  found: FunctionHealth,
  now: Date,
  language: Language,
  screen: Screen,
): string {
  const words = TABLE[language]
  const lines = [
    `${state(found.status, language, screen)}  ${screen.paint('strong', safe(found.name))}${sinceWords(found, now, language)}`,
    ...wrap(safe(found.text[language]), screen.columns - 2).map((line) => `  ${line}`),
    '',
  ]
  const width = Math.min(MAX_NAME, Math.max(5, ...found.checks.map(({ name }) => widthOf(safe(name)))))
  if (found.checks.length > 0) {
    const head = [
      pad(words.status, STATUS_WIDTH[language]),
      pad(words.check, width),
      pad(words.outcome, 19),
      pad('MS', 7),
      words.target,
    ].join('  ')
    lines.push(screen.paint('faint', head))
  }
  for (const check of found.checks) lines.push(...checkLines(check, width, language, screen))
  return `${lines.join('\n')}\n`
}

function checkLines(check: CheckHealth, width: number, language: Language, screen: Screen): string[] {
  const worst = worstOf(check.standpoints)
  const target = Math.max(12, screen.columns - STATUS_WIDTH[language] - width - 19 - 7 - 8)
  const row = [
    state(check.status, language, screen),
    pad(cut(safe(check.name), width), width),
    (worst?.outcome ?? '').padEnd(19),
    pad(worst ? worst.ms.toFixed(1) : '', 7),
    cut(safe(check.target), target),
  ]
  const lines = [row.join('  ').trimEnd()]
  const outcomes = new Set(check.standpoints.map(({ outcome, status }) => `${outcome} ${status}`))
  if (outcomes.size <= 1) return lines
  for (const point of check.standpoints) {
    const place = safe(point.subnet ?? point.probe)
    lines.push(`  ${paintedMark(point.status, screen)} ${pad(place, 24)}  ${safe(point.outcome)}`)
  }
  return lines
}

function worstOf(points: readonly StandpointCheck[]): StandpointCheck | undefined {
  return points.find(({ asExpected }) => !asExpected) ?? points[0]
}

function sinceWords(found: FunctionHealth, now: Date, language: Language): string {
  if (found.since === null) return ''
  const span = ago(found.since, now, language)
  return language === 'ko' ? ` ${span}째` : ` for ${span}`
}

function state(status: keyof typeof STATUS_KO, language: Language, screen: Screen): string {
  // A server of another version may know another one.
  const word = language === 'ko' ? (STATUS_KO[status] ?? status) : status
  return screen.paint(STYLE[status] ?? 'faint', pad(`${MARK[status] ?? ' '} ${word}`, STATUS_WIDTH[language]))
}

function paintedMark(status: string, screen: Screen): string {
  return screen.paint(STYLE[status] ?? 'faint', MARK[status] ?? ' ')
}

function cut(text: string, width: number): string {
  if (widthOf(text) <= width) return text
  let kept = ''
  for (const character of text) {
    if (widthOf(kept + character) > width - 1) break
    kept += character
  }
  return `${kept}…`
}

/** `42 s`, `12 min`, `5 h`, `3 d`. */
export function ago(since: string | null, now: Date, language: Language = 'en'): string {
  const units = UNITS[language]
  if (since === null) return ''
  const seconds = Math.max(0, Math.round((now.getTime() - Date.parse(since)) / 1000))
  if (!Number.isFinite(seconds)) return ''
  if (seconds < 100) return `${seconds}${units.seconds}`
  if (seconds < 100 * 60) return `${Math.round(seconds / 60)}${units.minutes}`
  if (seconds < 48 * 3600) return `${Math.round(seconds / 3600)}${units.hours}`
  return `${Math.round(seconds / 86_400)}${units.days}`
}
