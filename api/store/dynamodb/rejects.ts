import { decodeCursor, encodeCursor } from '../cursor.js'
import type { Page, PageQuery, StoredReject } from '../store.js'
import { type Db, type Item, numberOf, textOf } from './db.js'
import { pad, REJECTS } from './keys.js'

/** Lines that could not be read, newest first, the newest `most` of them. */
export function listRejectsOf(db: Db, most: number) {
  return async (query: PageQuery): Promise<Page<StoredReject>> => {
    const [before, shown] =
      query.cursor === undefined ? [null, 0] : decodeCursor('rejects', query.cursor, ['number', 'number'])
    const limit = Math.min(query.limit, most - shown)
    const items: StoredReject[] = []
    if (limit <= 0) return { items, nextCursor: null }
    const range = { pk: REJECTS, newestFirst: true, ...(before === null ? {} : { to: pad(before - 1, 16) }) }
    for await (const item of db.list(range)) {
      const last = items.at(-1)
      if (items.length >= limit && last) {
        const seen = shown + items.length
        return { items, nextCursor: seen >= most ? null : encodeCursor('rejects', [last.id, seen]) }
      }
      items.push(decode(item))
    }
    return { items, nextCursor: null }
  }
}

function decode(item: Item): StoredReject {
  return {
    id: Number(textOf(item, 'lsk')),
    source: textOf(item, 'source'),
    receivedAt: new Date(numberOf(item, 'at')).toISOString(),
    reason: textOf(item, 'reason'),
    pointer: item['pointer']?.S ?? null,
    line: textOf(item, 'line'),
  }
}
