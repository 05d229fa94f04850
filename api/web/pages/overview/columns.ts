import type { MatrixRow } from '../../../health/row.js'

/** The checks that have a column of their own; `mixed` where there are too many for that, and each row lists its own. */
export interface Columns {
  readonly names: readonly string[]
  readonly mixed: boolean
}

/**
 * A column for each check, most frequent first, where there is room for all of them. Columns that are there stay where they
 * are: a page more, or a check that comes by a live change, adds to the end.
 */
export function columnsOf(rows: readonly MatrixRow[], room: number, before: readonly string[]): Columns {
  if (room < 1) return { names: [], mixed: false }
  const seen = new Map<string, number>()
  for (const row of rows) for (const { name } of row.cells) seen.set(name, (seen.get(name) ?? 0) + 1)
  if (seen.size > room) return { names: [], mixed: true }
  const kept = before.filter((name) => seen.has(name))
  const fresh = [...seen]
    .filter(([name]) => !kept.includes(name))
    .sort(([a, many], [b, more]) => more - many || (a < b ? -1 : 1))
    .map(([name]) => name)
  return { names: [...kept, ...fresh], mixed: false }
}
