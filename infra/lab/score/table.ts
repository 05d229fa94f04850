import { FAULTS } from '../faults/catalogue.js'
import type { Miss, Outcome, Score } from './score.js'

interface Row {
  readonly kind: string
  readonly injected: number
  readonly masked: number
  readonly moot: number
  readonly seen: number
  readonly named: number
  /** Of those that a configuration can mend. */
  readonly mendable: number
  readonly fixed: number
}

/** The figures of a score: what a run is judged by. */
export interface Totals {
  readonly singles: Row
  readonly pairs: Row
  readonly healthyNetworks: number
  readonly healthyFlows: number
  readonly falseAlarms: number
  readonly misses: readonly Miss[]
}

function rowOf(kind: string, outcomes: readonly Outcome[]): Row {
  const seen = outcomes.filter(({ state }) => state === 'named' || state === 'missed')
  const mendable = seen.filter(({ fixed }) => fixed !== null)
  return {
    kind,
    injected: outcomes.length,
    masked: outcomes.filter(({ state }) => state === 'masked').length,
    moot: outcomes.filter(({ state }) => state === 'moot').length,
    seen: seen.length,
    named: seen.filter(({ state }) => state === 'named').length,
    mendable: mendable.length,
    fixed: mendable.filter(({ fixed }) => fixed === true).length,
  }
}

export function totalsOf({ healthy, outcomes }: Score): Totals {
  return {
    singles: rowOf(
      'single faults',
      outcomes.filter(({ sites }) => sites.length === 1),
    ),
    pairs: rowOf(
      'pairs',
      outcomes.filter(({ sites }) => sites.length > 1),
    ),
    healthyNetworks: healthy.length,
    healthyFlows: healthy.reduce((sum, one) => sum + one.flows, 0),
    falseAlarms: healthy.reduce((sum, one) => sum + one.alarms.length, 0),
    misses: [...healthy.flatMap(({ alarms }) => alarms), ...outcomes.flatMap(({ misses }) => misses)],
  }
}

const HEAD = ['kind of fault', 'put in', 'masked', 'moot', 'seen', 'named', 'mended']

/** The table by kind of fault; a pair counts for both of its kinds. */
export function tableOf(score: Score): string {
  const { singles, pairs, healthyNetworks, healthyFlows, falseAlarms } = totalsOf(score)
  const rows = FAULTS.map(({ id }) =>
    rowOf(
      id,
      score.outcomes.filter(({ sites }) => sites.some(({ fault }) => fault === id)),
    ),
  )
  const cells = (row: Row) => [
    row.kind,
    String(row.injected),
    String(row.masked),
    String(row.moot),
    String(row.seen),
    `${row.named}/${row.seen}`,
    `${row.fixed}/${row.mendable}`,
  ]
  const table = [HEAD, ...rows.map(cells), [''], cells(singles), cells(pairs)]
  const widths = HEAD.map((_, column) => Math.max(...table.map((row) => (row[column] ?? '').length)))
  const lines = table.map((row) =>
    row
      .map((cell, column) =>
        column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0),
      )
      .join('  ')
      .trimEnd(),
  )
  return [
    ...lines,
    'masked: the packets get through all the same, so there is nothing to name.',
    'moot: of two faults one is named, and its fix turns the packets green with the other still there: counted neither as named nor as missed.',
    `healthy: ${healthyNetworks} networks, ${healthyFlows} flows, ${falseAlarms} false alarms`,
    '',
  ].join('\n')
}
