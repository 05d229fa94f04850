import type { NewEvent } from '../news.js'
import type { StoredEvent } from '../store.js'
import type { Db } from './db.js'

export interface Events {
  readonly append: (events: readonly NewEvent[], at: number) => void
  /** Forgets all but the newest `keep`. */
  readonly trim: (keep: number) => void
  readonly after: (seq: number, limit: number) => readonly StoredEvent[]
  readonly lastSeq: () => number
}

interface EventRow {
  readonly seq: number
  readonly at: number
  readonly type: StoredEvent['type']
  readonly function: string | null
  readonly data: string
}

/** What happened, numbered without end: a number is never given twice, also after the oldest were forgotten. */
export function eventsOf(db: Db): Events {
  const insert = db.prepare('INSERT INTO events (at, type, function, data) VALUES (?, ?, ?, ?)')
  const trim = db.prepare('DELETE FROM events WHERE seq <= (SELECT max(seq) FROM events) - ?')
  const after = db.prepare<EventRow>(
    'SELECT seq, at, type, function, data FROM events WHERE seq > ? ORDER BY seq LIMIT ?',
  )
  const last = db.prepare<{ seq: number }>("SELECT seq FROM sqlite_sequence WHERE name = 'events'")
  return {
    append: (events, at) => {
      for (const event of events) insert.run(at, event.type, event.function, JSON.stringify(event.data))
    },
    trim: (keep) => {
      trim.run(keep)
    },
    after: (seq, limit) =>
      after.all(seq, limit).map((row) => ({
        seq: row.seq,
        at: new Date(row.at).toISOString(),
        type: row.type,
        function: row.function,
        data: JSON.parse(row.data),
      })),
    lastSeq: () => last.get()?.seq ?? 0,
  }
}
