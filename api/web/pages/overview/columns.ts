import type { MatrixRow } from '../../../health/row.js'

/** The checks that have a column of their own, and whether some have none. */
export interface Columns {
  readonly names: readonly string[]
  readonly others: boolean
}

/**
 * A column for each check, most frequent first, as many as there is room for. Columns that are there stay where they are:
 * a page more, or a check that comes by a live change, adds to the end. Without any room nothing has a column.
 */
export function columnsOf(rows: readonly MatrixRow[], room: number, before: readonly string[]): Columns {
  if (room < 1) return { names: [], others: false }
  const seen = new Map<string, number>()
  for (const row of rows) for (const { name } of row.cells) seen.set(name, (seen.get(name) ?? 0) + 1)
  const kept = before.filter((name) => seen.has(name))
  const fresh = [...seen]
    .filter(([name]) => !kept.includes(name))
    .sort(([a, many], [b, more]) => more - many || (a < b ? -1 : 1))
    .map(([name]) => name)
  const all = [...kept, ...fresh]
  if (all.length <= room) return { names: all, others: false }
  return { names: all.slice(0, Math.max(0, room - 1)), others: true }
}
