import { statSync } from 'node:fs'
import Database from 'libsql'

export type Value = string | number | null | Uint8Array

/** A prepared statement whose rows have the declared shape. */
export interface Statement<Row> {
  readonly get: (...values: Value[]) => Row | undefined
  readonly all: (...values: Value[]) => Row[]
  /** Returns how many rows changed. */
  readonly run: (...values: Value[]) => number
}

/** One SQLite connection. Everything is synchronous: a transaction can't be interleaved with another one's statements. */
export interface Db {
  readonly prepare: <Row = never>(sql: string) => Statement<Row>
  readonly exec: (sql: string) => void
  /** Runs work in one write transaction; anything thrown rolls all of it back. */
  readonly transaction: <T>(work: () => T) => T
  readonly close: () => void
}

/** How long a writer waits for another process's transaction, in milliseconds. */
const BUSY_TIMEOUT_MS = 10_000
/** Pages kept in memory, negative: KiB. */
const CACHE_KIB = 8192
/** Pages in the write-ahead log before they are moved into the file: the same pages change in batch after batch. */
const WAL_PAGES = 4000

/**
 * Opens a file, or `:memory:`, in WAL mode: readers never wait for the writer, and a crash at any point leaves the last
 * committed transaction. A power cut may take the newest ones back, all of each: their checkpoints with them.
 */
export function openDb(file: string): Db {
  const database = openAsNamed(file)
  database.exec('PRAGMA journal_mode = WAL')
  database.exec('PRAGMA synchronous = NORMAL')
  database.exec(`PRAGMA busy_timeout = ${BUSY_TIMEOUT_MS}`)
  database.exec(`PRAGMA cache_size = -${CACHE_KIB}`)
  database.exec(`PRAGMA wal_autocheckpoint = ${WAL_PAGES}`)
  database.exec('PRAGMA temp_store = MEMORY')
  return {
    prepare: <Row>(sql: string): Statement<Row> => {
      const statement = database.prepare(sql)
      // The one place where SQL's rows get their type: each statement is written beside the shape of its rows.
      return {
        get: (...values) => statement.get(values) as Row | undefined,
        all: (...values) => statement.all(values) as Row[],
        run: (...values) => statement.run(values).changes,
      }
    },
    exec: (sql) => {
      database.exec(sql)
    },
    transaction: (work) => {
      database.exec('BEGIN IMMEDIATE')
      try {
        const result = work()
        database.exec('COMMIT')
        return result
      } catch (error) {
        // A failed COMMIT may have rolled back by itself; what it threw is what matters.
        if (database.inTransaction) database.exec('ROLLBACK')
        throw error
      }
    },
    close: () => {
      database.close()
    },
  }
}

/**
 * Opens what the name means once nobody holds it alone: while this waited, `sonde rebuild` may have put another file in the
 * place of the one that was opened.
 */
function openAsNamed(file: string): Database.Database {
  const inode = (): bigint | undefined => statSync(file, { bigint: true, throwIfNoEntry: false })?.ino
  for (;;) {
    const before = inode()
    const database = new Database(file, { timeout: BUSY_TIMEOUT_MS })
    database.exec('PRAGMA user_version')
    if (before === undefined || inode() === before) return database
    database.close()
  }
}
