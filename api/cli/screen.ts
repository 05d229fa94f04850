import type { Language } from '../diagnosis/explain.js'
import type { Io, Output } from './io.js'

export type { Language } from '../diagnosis/explain.js'
export { safe } from '../printable.js'
export { pad, widthOf, wrap } from '../wrap.js'

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

/** The language of an environment, by the variables of POSIX; English where they name none that is spoken. */
export function languageIn(env: Io['env']): Language {
  const locale = env['LC_ALL'] || env['LC_MESSAGES'] || env['LANG'] || ''
  return /^ko(?:[_.-]|$)/i.test(locale) ? 'ko' : 'en'
}
