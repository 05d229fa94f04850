import { textOf } from '../korean-messages.js'
import type { Diagnosis } from './diagnosis.js'
import { explainPlain, proseLines, type Writing } from './explain.js'
import { groupBy } from './raw.js'

/** One check from one standpoint, with its diagnosis; `note` says why the configuration could not be asked. */
export interface Explained {
  readonly check: string
  readonly subnet: string | null
  readonly diagnosis: Diagnosis
  readonly note: string | null
}

const EVERYTHING_AS_EXPECTED = { en: 'every check is as expected', ko: '모든 검사가 예상대로입니다' } as const

/**
 * Why a function can't reach what it should, as plain text: a paragraph for each check that fails. Subnets in which it
 * fails for one reason, and in which the same would mend it, share one.
 */
export function explainFunction(name: string, items: readonly Explained[], writing: Writing): string {
  const failing = items.filter(({ diagnosis }) => diagnosis.kind !== 'healthy')
  if (failing.length === 0) return `${name}: ${EVERYTHING_AS_EXPECTED[writing.language]}\n`
  const paragraphs = [...groupBy(failing, reasonOf).values()].flatMap((alike) => {
    const [first] = alike
    if (first === undefined) return []
    const subnets = alike.flatMap(({ subnet }) => subnet ?? [])
    const where = subnets.length === 0 ? '' : ` (${subnets.join(', ')})`
    return [
      [
        ...proseLines('', `${name} → ${first.check}${where}`, 2, writing),
        explainPlain(first.diagnosis, writing),
        ...(first.note === null ? [] : proseLines('', textOf(first.note)[writing.language], 2, writing)),
      ].join('\n'),
    ]
  })
  return `${paragraphs.join('\n\n\n')}\n`
}

function reasonOf({ check, diagnosis, note }: Explained): string {
  const { kind, cause, fixes } = diagnosis
  const reason =
    cause === null
      ? [explainPlain(diagnosis, { language: 'en', columns: null })]
      : [cause.code, cause.component, ...fixes.map(({ cli }) => cli)]
  return JSON.stringify([check, note, kind, ...reason])
}
