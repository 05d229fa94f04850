import { decodeCursor, encodeCursor } from '../cursor.js'
import type { Page, PageQuery, StoredReject } from '../store.js'
import type { Db } from './db.js'

interface Row {
  readonly id: number
  readonly source: string
  readonly received_at: number
  readonly reason: string
  readonly pointer: string | null
  readonly line: string
}

/** Lines that could not be read, newest first. */
export function listRejectsOf(db: Db) {
  const list = db.prepare<Row>(
    'SELECT id, source, received_at, reason, pointer, line FROM rejects WHERE id < ? ORDER BY id DESC LIMIT ?',
  )
  return (query: PageQuery): Page<StoredReject> => {
    const before =
      query.cursor === undefined
        ? Number.MAX_SAFE_INTEGER
        : decodeCursor('rejects', query.cursor, ['number'])[0]
    const rows = list.all(before, query.limit + 1)
    const items = rows.slice(0, query.limit).map(({ id, source, received_at, reason, pointer, line }) => ({
      id,
      source,
      receivedAt: new Date(received_at).toISOString(),
      reason,
      pointer,
      line,
    }))
    const last = items.at(-1)
    return {
      items,
      nextCursor: rows.length > query.limit && last ? encodeCursor('rejects', [last.id]) : null,
    }
  }
}
