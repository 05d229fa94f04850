import type { FunctionStatus } from './health/health.js'
import { STATUS_KO } from './health/status-words.js'

/** What a badge says: who, in what state, and in which colour that state is told. */
export interface BadgeText {
  readonly label: string
  readonly message: string
  readonly tone: BadgeTone
  readonly language: 'en' | 'ko'
}

export type BadgeTone = 'good' | 'warn' | 'bad' | 'quiet'

/** White text stands on each of them with a contrast of more than 4.5 (WCAG 2.1, 1.4.3). */
const FILL: Readonly<Record<BadgeTone, string>> = {
  good: '#2a7d3c',
  warn: '#946000',
  bad: '#c4292f',
  quiet: '#63666c',
}
const LABEL_FILL = '#3d4148'

const STATUS_TONE: Readonly<Record<FunctionStatus, BadgeTone>> = {
  healthy: 'good',
  degraded: 'warn',
  failing: 'bad',
  stale: 'quiet',
  unknown: 'quiet',
}

const WORDS = {
  healthy: { en: 'healthy', ko: STATUS_KO.healthy },
  degraded: { en: 'degraded', ko: STATUS_KO.degraded },
  failing: { en: 'failing', ko: STATUS_KO.failing },
  stale: { en: 'stale', ko: STATUS_KO.stale },
  unknown: { en: 'unknown', ko: STATUS_KO.unknown },
  none: { en: 'no functions', ko: '함수 없음' },
  missing: { en: 'not found', ko: '찾을 수 없음' },
} as const

/** The badge of one function; `status` is null where there is no such function. */
export function functionBadge(name: string, status: FunctionStatus | null, language: 'en' | 'ko'): BadgeText {
  const message = WORDS[status ?? 'missing'][language]
  return { label: name, message, tone: status === null ? 'quiet' : STATUS_TONE[status], language }
}

/** The badge of all functions: how many are in which state, the worst first; healthy ones are told where all are. */
export function overallBadge(
  counts: Readonly<Record<FunctionStatus, number>>,
  language: 'en' | 'ko',
): BadgeText {
  const present = (['failing', 'degraded', 'stale', 'unknown'] as const).filter(
    (status) => counts[status] > 0,
  )
  const told = present.length === 0 && counts.healthy > 0 ? (['healthy'] as const) : present
  const [worst] = told
  const message =
    worst === undefined
      ? WORDS.none[language]
      : told.map((status) => `${counts[status]} ${WORDS[status][language]}`).join(' · ')
  return { label: 'sonde', message, tone: worst === undefined ? 'quiet' : STATUS_TONE[worst], language }
}

const FONT_SIZE = 11
const HEIGHT = 20
const PADDING = 6
const LONGEST = 64

/**
 * Draws a badge as an SVG document. Nothing of its text can leave it: markup is escaped, what XML can't hold is replaced.
 * `textLength` holds the text to its measured width with whatever font the viewer has.
 */
export function drawBadge({ label, message, tone, language }: BadgeText): string {
  const full = `${clean(label)}: ${clean(message)}`
  const left = shortened(clean(label))
  const right = shortened(clean(message))
  const leftWidth = textWidth(left)
  const rightWidth = textWidth(right)
  const split = leftWidth + 2 * PADDING
  const width = round(split + rightWidth + 2 * PADDING)
  const text = (words: string, x: number, length: number) =>
    `<text x="${round(x)}" y="14" textLength="${length}" lengthAdjust="spacingAndGlyphs">${escapeXml(words)}</text>`
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${HEIGHT}" role="img" aria-label="${escapeXml(full)}" xml:lang="${language}">`,
    `<title>${escapeXml(full)}</title>`,
    `<clipPath id="r"><rect width="${width}" height="${HEIGHT}" rx="3"/></clipPath>`,
    `<g clip-path="url(#r)"><rect width="${round(split)}" height="${HEIGHT}" fill="${LABEL_FILL}"/>`,
    `<rect x="${round(split)}" width="${round(width - split)}" height="${HEIGHT}" fill="${FILL[tone]}"/></g>`,
    `<g fill="#fff" font-family="Verdana,DejaVu Sans,Geneva,sans-serif" font-size="${FONT_SIZE}">`,
    text(left, PADDING, leftWidth),
    text(right, split + PADDING, rightWidth),
    '</g></svg>',
  ].join('')
}

/** Hundredths of an em of Verdana, which DejaVu Sans shares; written by width, since few widths serve many letters. */
const WIDTHS: ReadonlyMap<string, number> = new Map(
  (
    [
      [27, "'"],
      [28, 'ijl'],
      [29, 'IJ'],
      [32, ' ,.·'],
      [34, '/:;\\|'],
      [35, 'f'],
      [36, '-'],
      [39, '()[]t'],
      [40, '!'],
      [41, 'r'],
      [46, '"'],
      [50, '*_`'],
      [52, 'sz'],
      [53, '?'],
      [55, 'c'],
      [56, 'L'],
      [58, 'Fk'],
      [59, 'vxy'],
      [60, 'P'],
      [61, 'TYao'],
      [62, 'e'],
      [63, 'ESbdghnpqu'],
      [64, '{}$0123456789'],
      [66, 'K'],
      [68, 'AV'],
      [69, 'BRXZ'],
      [70, 'C'],
      [73, 'U'],
      [75, 'HN'],
      [77, 'DG'],
      [78, '&'],
      [79, 'OQ'],
      [82, 'w'],
      [84, '#+<=>^~'],
      [86, 'M'],
      [95, '%'],
      [97, 'm'],
      [99, 'W'],
      [100, '@…'],
    ] as const
  ).flatMap(([width, letters]) => [...letters].map((letter) => [letter, width] as const)),
)
const OTHER_WIDTH = 64
const HANGUL_WIDTH = 92
const WIDE_WIDTH = 100

const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' })

/** Width of a text in user units at the badge's size. */
function textWidth(text: string): number {
  let hundredths = 0
  for (const { segment } of graphemes.segment(text)) hundredths += letterWidth(segment)
  return round((hundredths * FONT_SIZE) / 100)
}

function letterWidth(letter: string): number {
  const known = WIDTHS.get(letter)
  if (known !== undefined) return known
  if (/^\p{Script=Hangul}/u.test(letter)) return HANGUL_WIDTH
  const isWide =
    /^(?:\p{Script=Han}|\p{Script=Hiragana}|\p{Script=Katakana}|\p{Extended_Pictographic}|[\uff01-\uff60])/u
  return isWide.test(letter) ? WIDE_WIDTH : OTHER_WIDTH
}

function shortened(text: string): string {
  const letters = [...graphemes.segment(text)].map(({ segment }) => segment)
  return letters.length <= LONGEST ? text : `${letters.slice(0, LONGEST - 1).join('')}…`
}

/** Without what XML 1.0 can't hold, and without marks that would turn the reading direction of what follows. */
function clean(text: string): string {
  return text
    .replace(/\p{Surrogate}/gu, '\ufffd')
    .replace(/[\p{Cc}\ufffe\uffff]+/gu, ' ')
    .replace(/[\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, '')
    .trim()
}

function escapeXml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
}

function round(value: number): number {
  return Math.round(value * 10) / 10
}
