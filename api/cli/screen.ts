import type { Io, Output } from './io.js'

export { safe } from '../printable.js'

/** How things are shown on one stream: its width and whether it takes colours. */
export interface Screen {
  readonly columns: number
  readonly paint: (style: Style, text: string) => string
}

export type Style = 'bad' | 'good' | 'doubt' | 'faint' | 'strong'

const CODES: Readonly<Record<Style, string>> = {
  bad: '31;1',
  good: '32',
  doubt: '33',
  faint: '2',
  strong: '1',
}

/** Colours only on a terminal and without NO_COLOR (https://no-color.org); at most 100 columns, 80 where unknown. */
export function screenOf(stream: Output, env: Io['env']): Screen {
  const colours = stream.isTTY === true && (env['NO_COLOR'] ?? '') === '' && env['TERM'] !== 'dumb'
  return {
    columns: Math.min(Math.max(stream.columns ?? 80, 40), 100),
    paint: (style, text) => (colours ? `\u001b[${CODES[style]}m${text}\u001b[0m` : text),
  }
}

export type Language = 'en' | 'ko'

/** The language asked for, else that of the environment, else English. */
export function languageOf(asked: string | undefined, env: Io['env']): Language | null {
  if (asked !== undefined) return asked === 'en' || asked === 'ko' ? asked : null
  const locale = env['LC_ALL'] || env['LC_MESSAGES'] || env['LANG'] || ''
  return /^ko(?:[_.-]|$)/i.test(locale) ? 'ko' : 'en'
}

/** Columns that a text takes in a terminal: Hangul, Han and full-width forms take two, combining marks none. */
export function widthOf(text: string): number {
  let width = 0
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0
    if (/\p{Mn}|\p{Me}|\p{Cf}/u.test(character)) continue
    width += isWide(code) ? 2 : 1
  }
  return width
}

/** Unicode's East Asian Width W and F, by block: https://www.unicode.org/reports/tr11/ */
function isWide(code: number): boolean {
  return (
    (code >= 0x1100 && code <= 0x115f) ||
    (code >= 0x2e80 && code <= 0xa4cf) ||
    (code >= 0xac00 && code <= 0xd7a3) ||
    (code >= 0xf900 && code <= 0xfaff) ||
    (code >= 0xfe30 && code <= 0xfe6f) ||
    (code >= 0xff00 && code <= 0xff60) ||
    (code >= 0xffe0 && code <= 0xffe6) ||
    (code >= 0x1f300 && code <= 0x1faff) ||
    (code >= 0x20000 && code <= 0x3fffd)
  )
}

/** Breaks a text at spaces into lines of at most `columns`; a longer word is cut. */
export function wrap(text: string, columns: number): readonly string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ')) {
    const joined = line === '' ? word : `${line} ${word}`
    if (widthOf(joined) <= columns) {
      line = joined
      continue
    }
    if (line !== '') lines.push(line)
    const pieces = cut(word, columns)
    lines.push(...pieces.slice(0, -1))
    line = pieces.at(-1) ?? ''
  }
  if (line !== '' || lines.length === 0) lines.push(line)
  return lines
}

/** Fills with spaces up to a width. */
export function pad(text: string, columns: number): string {
  return text + ' '.repeat(Math.max(columns - widthOf(text), 0))
}

function cut(word: string, columns: number): readonly string[] {
  const pieces: string[] = []
  let piece = ''
  for (const character of word) {
    if (piece !== '' && widthOf(piece + character) > columns) {
      pieces.push(piece)
      piece = ''
    }
    piece += character
  }
  pieces.push(piece)
  return pieces
}
