import type { Phases, Result } from '../../probe/report.schema.js'
import type { RunOutcome } from '../../probe/run.js'
import { textOf } from '../korean-messages.js'
import { say } from './io.js'
import { type Language, pad, type Screen, safe, widthOf, wrap } from './screen.js'

/** A run as a person reads it. */
export function probeTable(run: RunOutcome, language: Language, screen: Screen): string {
  return `${[...checkLines(run.results, language, screen), '', summaryOf(run, language)].join('\n')}\n`
}

/** Between columns. */
const GAP = '  '

/** A line a check, and under each one that is not as expected what is known about it. */
export function checkLines(
  results: readonly Result[],
  language: Language,
  screen: Screen,
): readonly string[] {
  const rows = results.map((result) => ({ result, cells: cellsOf(result, language) }))
  const widths = [0, 1, 2, 3].map((column) =>
    Math.max(...rows.map(({ cells }) => widthOf(cells[column] ?? ''))),
  )
  const width = widths.reduce((sum, one) => sum + one, 2 + 3 * GAP.length)
  return rows.flatMap(({ result, cells }) => {
    const style = result.asExpected ? 'good' : 'bad'
    const mark = screen.paint(style, result.asExpected ? '✓' : '✗')
    const phases = phasesOf(result.phases)
    const row = (padded: readonly string[]) => {
      const [name = '', target = '', outcome = '', ms = ''] = padded
      return [`${mark} ${name}`, target, screen.paint(style, outcome), ms]
    }
    const below = (text: string) => wrap(text, screen.columns - 4).map((line) => `    ${line}`)
    const faint = phases === '' ? [] : below(phases).map((line) => screen.paint('faint', line))
    const notes = notesOf(result, language).flatMap(below)
    if (width > screen.columns) {
      // No table fits: what would stand beside each other stands below.
      const [head = '', target = '', ...rest] = row(cells)
      return [head, ...below(target), `    ${rest.join(GAP)}`, ...faint, ...notes]
    }
    const line = row(cells.map((cell, column) => pad(cell, widths[column] ?? 0))).join(GAP)
    return width + GAP.length + widthOf(phases) <= screen.columns
      ? [`${line}${GAP}${screen.paint('faint', phases)}`.trimEnd(), ...notes]
      : [line.trimEnd(), ...faint, ...notes]
  })
}

function cellsOf(result: Result, language: Language): readonly string[] {
  return [safe(result.check), safe(result.target), outcomeOf(result, language), milliseconds(result.ms)]
}

function outcomeOf(result: Result, language: Language): string {
  if (result.expect !== 'unreachable') return result.outcome
  return `${result.outcome} (${say({ language }, 'should be unreachable', '도달하면 안 되는 대상')})`
}

function phasesOf(phases: Phases): string {
  return (['dns', 'connect', 'tls', 'exchange'] as const)
    .flatMap((phase) => (phases[phase] === undefined ? [] : [`${phase} ${milliseconds(phases[phase])}`]))
    .join(', ')
}

function notesOf(result: Result, language: Language): readonly string[] {
  const { detail, endedIn, addresses = [], attempts } = result
  const notes: string[] = []
  if (!result.asExpected) {
    const why = detail?.message === undefined ? '' : `: ${safe(textOf(detail.message)[language])}`
    notes.push(`${endOf(result, endedIn, language)}${why}`)
    const tried = attempts.map(({ outcome }) => outcome).join(', ')
    if (attempts.length > 1)
      notes.push(
        say({ language }, `${attempts.length} attempts: ${tried}`, `${attempts.length}번 시도: ${tried}`),
      )
  }
  if (addresses.some(({ outcome }) => outcome !== result.outcome)) {
    for (const { address, outcome, ms } of addresses)
      notes.push(`${address}: ${outcome}, ${milliseconds(ms)}`)
  }
  for (const warning of detail?.warnings ?? [])
    notes.push(`${say({ language }, 'warning', '경고')}: ${safe(textOf(warning)[language])}`)
  return notes
}

/** Where a check ended: `ended in phase connect at 10.0.0.1 (private)`. */
function endOf({ address, addressKind }: Result, endedIn: string | undefined, language: Language): string {
  if (language === 'ko') {
    const kind = addressKind === 'private' ? '프라이빗' : '퍼블릭'
    const at = address === null ? '' : `${address} (${kind}), `
    return `${at}${endedIn === undefined ? '' : `${endedIn} 단계에서 `}끝남`
  }
  const where = endedIn === undefined ? '' : ` in phase ${endedIn}`
  return `ended${where}${address === null ? '' : ` at ${address} (${addressKind})`}`
}

function summaryOf(run: RunOutcome, language: Language): string {
  const total = run.results.length
  const bad = run.results.filter(({ asExpected }) => !asExpected).length
  const took = `in ${milliseconds(run.durationMs)}`
  if (language === 'ko')
    return `검사 ${total}개 ${bad === 0 ? '모두 예상대로입니다' : `중 ${bad}개가 예상과 다릅니다`} (${milliseconds(run.durationMs)}).`
  if (bad === 0) return `${total === 1 ? 'The check is' : `All ${total} checks are`} as expected, ${took}.`
  return `${bad} of ${total} ${total === 1 ? 'check is' : 'checks are'} not as expected, ${took}.`
}

function milliseconds(ms: number): string {
  return `${ms < 10 ? ms.toFixed(1) : Math.round(ms)} ms`
}
