import { link, mkdtemp, open, readdir, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import Database from 'libsql'
import { type Store, StoreInUse, type StoreOptions } from '../store.js'
import { openDb } from './db.js'
import { FILE_NAME, openSqliteStore } from './store.js'

export interface Replaced<T> {
  readonly result: T
  /** Where the old store is now; null where there was none. */
  readonly backup: string | null
  /** Reports that the old store had taken in; null where there was none, or it can't be read. */
  readonly before: number | null
}

/** Folders in which a store is built; what a killed process left of them is removed by the next one. */
const DRAFT = 'rebuild-'

/**
 * Builds a new store beside the one in a folder and puts it in its place. The old file is held for as long as this takes, so
 * that nobody writes to what is about to be replaced, and stays under the name `sonde.db.before-TIME`. Until the one rename in
 * the end the old store is as it was; if `fill` fails it remains so.
 *
 * @param fill takes in what the new store shall hold; the store is closed after it
 * @param now names the old file
 * @throws StoreInUse, and whatever `fill` throws
 */
export async function replaceSqliteStore<T>(
  dir: string,
  options: StoreOptions,
  fill: (store: Store) => Promise<T>,
  now: Date,
): Promise<Replaced<T>> {
  const file = join(dir, FILE_NAME)
  const old = await holdOld(dir, file)
  try {
    if (old !== null) await removeLeftovers(dir)
    const draft = await mkdtemp(join(dir, DRAFT))
    try {
      const store = await openSqliteStore(draft, options)
      let result: T
      try {
        // Events of the new store have numbers that no client has seen, and the first of them doesn't follow what it saw.
        if (old?.lastEvent) numberEventsFrom(join(draft, FILE_NAME), old.lastEvent + 1)
        result = await fill(store)
      } finally {
        await store.close()
      }
      const backup = await swap(join(draft, FILE_NAME), file, old, now)
      return { result, backup, before: old?.reports ?? null }
    } finally {
      await rm(draft, { recursive: true, force: true })
    }
  } finally {
    old?.release()
  }
}

interface Old {
  readonly reports: number | null
  readonly lastEvent: number | null
  /** What was committed and lies beside the file goes into it; whether the file alone is whole now. */
  readonly gather: () => boolean
  readonly release: () => void
}

/**
 * Opens the old file so that nobody else can: in exclusive locking mode the first access fails while any other connection is
 * open (https://www.sqlite.org/pragma.html#pragma_locking_mode). Null where there is no old file. One that is no database, or
 * a damaged one, is nobody's to hold; to be rid of it is what a rebuild is for.
 */
async function holdOld(dir: string, file: string): Promise<Old | null> {
  if (!(await readdir(dir)).includes(FILE_NAME)) return null
  const database = new Database(file, { timeout: 0 })
  const numberFrom = (sql: string): number | null => {
    try {
      const row: unknown = database.prepare(sql).get([])
      return typeof row === 'object' && row !== null && 'n' in row && typeof row.n === 'number' ? row.n : null
    } catch {
      return null
    }
  }
  const close = (): void => {
    // Closing frees the lock only once the driver has let go of all statements; leaving the mode frees it now.
    try {
      database.exec('PRAGMA locking_mode = NORMAL')
      database.exec('SELECT count(*) FROM sqlite_master')
    } catch {
      // A damaged file, which was never locked.
    }
    database.close()
  }
  try {
    database.exec('PRAGMA locking_mode = EXCLUSIVE')
    database.exec('BEGIN EXCLUSIVE')
    database.exec('COMMIT')
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : ''
    if (code.startsWith('SQLITE_BUSY')) {
      database.close()
      throw new StoreInUse(
        `the store in ${dir} is in use by another program (a server, or another sonde command): end that, rebuild, and start it again`,
      )
    }
    if (!code.startsWith('SQLITE_NOTADB') && !code.startsWith('SQLITE_CORRUPT')) {
      database.close()
      throw error
    }
    return { reports: null, lastEvent: null, gather: () => false, release: close }
  }
  return {
    reports: numberFrom("SELECT value AS n FROM meta WHERE key = 'reports'"),
    lastEvent: numberFrom("SELECT seq AS n FROM sqlite_sequence WHERE name = 'events'"),
    gather: () => {
      try {
        database.exec('PRAGMA journal_mode = DELETE')
        return true
      } catch {
        return false
      }
    },
    release: close,
  }
}

async function removeLeftovers(dir: string): Promise<void> {
  for (const name of await readdir(dir)) {
    if (name.startsWith(DRAFT)) await rm(join(dir, name), { recursive: true, force: true })
  }
}

function numberEventsFrom(file: string, last: number): void {
  const db = openDb(file)
  try {
    db.transaction(() => {
      db.exec("DELETE FROM sqlite_sequence WHERE name = 'events'")
      db.prepare("INSERT INTO sqlite_sequence (name, seq) VALUES ('events', ?)").run(last)
    })
  } finally {
    db.close()
  }
}

/** The name of the store always means a whole one: the old one until the rename, the new one from then on. */
async function swap(draft: string, file: string, old: Old | null, now: Date): Promise<string | null> {
  await flush(draft)
  const dir = dirname(file)
  if (old === null) {
    // Fails if someone has made a store meanwhile.
    await link(draft, file).catch((error: unknown) => {
      if (!isExisting(error)) throw error
      throw new StoreInUse(`another program made a store in ${dir} meanwhile: it stays`)
    })
    await flush(dir)
    return null
  }
  const backup = await linkBackup(file, now)
  const whole = old.gather()
  const beside = await readdir(dir)
  for (const suffix of ['-wal', '-shm', '-journal']) {
    if (!beside.includes(`${FILE_NAME}${suffix}`)) continue
    // What is beside a file that isn't whole by itself is kept with it.
    if (whole) await rm(`${file}${suffix}`)
    else await rename(`${file}${suffix}`, `${backup}${suffix}`)
  }
  await rename(draft, file)
  await flush(dir)
  return backup
}

async function linkBackup(file: string, now: Date): Promise<string> {
  const stamp = now.toISOString().replace(/[-:]|\.\d+/g, '')
  for (let copy = 1; ; copy += 1) {
    const backup = `${file}.before-${stamp}${copy === 1 ? '' : `-${copy}`}`
    try {
      await link(file, backup)
      return backup
    } catch (error) {
      if (!isExisting(error)) throw error
    }
  }
}

/** To the disk, so that a power cut leaves the old store or the new one. */
async function flush(path: string): Promise<void> {
  const handle = await open(path)
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

function isExisting(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EEXIST'
}
