import type { CheckHealth, FunctionHealth } from '../health/health.js'
import { decodeCursor, encodeCursor } from './cursor.js'
import type { CheckQuery, Page } from './store.js'

export type FoundCheck = CheckHealth & { readonly function: string }

/** Functions that one page of checks looks through: a rare filter gives short pages, never slow ones. */
const MAX_SCANNED = 1000
const SCAN_STEP = 100

/**
 * A page of checks, in order of function and name.
 * @param read functions in order of their names from one on, at most so many; fewer mean that there are no more
 */
export async function checkPage(
  query: CheckQuery,
  read: (from: string, count: number) => readonly FunctionHealth[] | Promise<readonly FunctionHealth[]>,
): Promise<Page<FoundCheck>> {
  const position =
    query.cursor === undefined
      ? (['', ''] as const)
      : decodeCursor('checks', query.cursor, ['string', 'string'])
  const items: FoundCheck[] = []
  let [from, scanned] = [position[0], 0]
  while (scanned < MAX_SCANNED) {
    const found = await read(from, SCAN_STEP)
    for (const { name, checks } of found) {
      for (const check of checks) {
        if (name === position[0] && check.name <= position[1]) continue
        if (!matches(check, name, query)) continue
        const last = items.at(-1)
        if (items.length >= query.limit && last) {
          return { items, nextCursor: encodeCursor('checks', [last.function, last.name]) }
        }
        items.push({ ...check, function: name })
      }
    }
    const last = found.at(-1)
    if (last === undefined || found.length < SCAN_STEP) return { items, nextCursor: null }
    scanned += found.length
    // The least text that comes after the last name.
    from = `${last.name}\u0000`
  }
  return { items, nextCursor: encodeCursor('checks', [from, '']) }
}

function matches(check: CheckHealth, name: string, { status, text }: CheckQuery): boolean {
  if (status !== undefined && check.status !== status) return false
  if (text === undefined) return true
  const wanted = text.toLowerCase()
  return check.name.toLowerCase().includes(wanted) || name.toLowerCase().includes(wanted)
}
