import type { Phases, Result } from '../../probe/report.schema.js'
import type { RunOutcome } from '../../probe/run.js'
import { pad, type Screen, safe, widthOf, wrap } from './screen.js'

/** A run as a person reads it. */
export function probeTable(run: RunOutcome, screen: Screen): string {
  return `${[...checkLines(run.results, screen), '', summaryOf(run)].join('\n')}\n`
}

/** A line a check, and under each one that is not as expected what is known about it. */
export function checkLines(results: readonly Result[], screen: Screen): readonly string[] {
  const rows = results.map((result) => ({ result, cells: cellsOf(result) }))
  const widths = [0, 1, 2, 3].map((column) =>
    Math.max(...rows.map(({ cells }) => widthOf(cells[column] ?? ''))),
  )
  return rows.flatMap(({ result, cells }) => {
    const style = result.asExpected ? 'good' : 'bad'
    const padded = cells.map((cell, column) => pad(cell, widths[column] ?? 0))
    const [name = '', target = '', outcome = '', ms = ''] = padded
    const mark = screen.paint(style, result.asExpected ? '✓' : '✗')
    const phases = screen.paint('faint', phasesOf(result.phases))
    const first = `${mark} ${name}  ${target}  ${screen.paint(style, outcome)}  ${ms}  ${phases}`.trimEnd()
    return [
      first,
      ...notesOf(result).flatMap((note) => wrap(note, screen.columns - 4).map((line) => `    ${line}`)),
    ]
  })
}

function cellsOf(result: Result): readonly string[] {
  return [safe(result.check), safe(result.target), outcomeOf(result), milliseconds(result.ms)]
}

function outcomeOf(result: Result): string {
  return result.expect === 'unreachable' ? `${result.outcome} (should be unreachable)` : result.outcome
}

function phasesOf(phases: Phases): string {
  return (['dns', 'connect', 'tls', 'exchange'] as const)
    .flatMap((phase) => (phases[phase] === undefined ? [] : [`${phase} ${milliseconds(phases[phase])}`]))
    .join(', ')
}

function notesOf(result: Result): readonly string[] {
  const { detail, endedIn, addresses = [], attempts } = result
  const notes: string[] = []
  if (!result.asExpected) {
    const where = endedIn === undefined ? '' : ` in phase ${endedIn}`
    const at = result.address === null ? '' : ` at ${result.address} (${result.addressKind})`
    const why = detail?.message === undefined ? '' : `: ${safe(detail.message)}`
    notes.push(`ended${where}${at}${why}`)
    if (attempts.length > 1)
      notes.push(`${attempts.length} attempts: ${attempts.map(({ outcome }) => outcome).join(', ')}`)
  }
  if (addresses.some(({ outcome }) => outcome !== result.outcome)) {
    for (const { address, outcome, ms } of addresses)
      notes.push(`${address}: ${outcome}, ${milliseconds(ms)}`)
  }
  for (const warning of detail?.warnings ?? []) notes.push(`warning: ${safe(warning)}`)
  return notes
}

function summaryOf(run: RunOutcome): string {
  const total = run.results.length
  const bad = run.results.filter(({ asExpected }) => !asExpected).length
  const took = `in ${milliseconds(run.durationMs)}`
  if (bad === 0) return `${total === 1 ? 'The check is' : `All ${total} checks are`} as expected, ${took}.`
  return `${bad} of ${total} ${total === 1 ? 'check is' : 'checks are'} not as expected, ${took}.`
}

function milliseconds(ms: number): string {
  return `${ms < 10 ? ms.toFixed(1) : Math.round(ms)} ms`
}
