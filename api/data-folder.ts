import { mkdir, stat } from 'node:fs/promises'
import { dirname } from 'node:path'

/** The data folder can't be used, for a reason that its owner can mend. */
export class DataFolderUnusable extends Error {
  override readonly name = 'DataFolderUnusable'
}

/**
 * Makes the data folder and those above it where they aren't there yet, for this user alone.
 * @throws DataFolderUnusable
 */
export async function makeDataFolder(dir: string): Promise<void> {
  return explainedFolder(dir, () => makeFolder(dir))
}

/** Does work that opens what lies in the data folder, and says in one sentence what is wrong where its owner can mend it. */
export async function explainedFolder<T>(dir: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    const why = whyUnusable(error)
    if (why === null) throw error
    throw new DataFolderUnusable(
      `the data folder ${dir} can't be used: ${why}; choose another one with --data`,
      {
        cause: error,
      },
    )
  }
}

/**
 * Step by step, since Node's own recursive way (20 to 24) tries for ever where a folder can't be made in one that is there, as
 * in /proc.
 */
async function makeFolder(dir: string): Promise<void> {
  try {
    await mkdir(dir, { mode: 0o700 })
  } catch (error) {
    const code = codeOf(error)
    if (code === 'EEXIST' && (await stat(dir)).isDirectory()) return
    const above = dirname(dir)
    if (code !== 'ENOENT' || above === dir || (await isThere(above))) throw error
    await makeFolder(above)
    await mkdir(dir, { mode: 0o700 })
  }
}

function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  )
}

const FILE_SYSTEM: Readonly<Record<string, string>> = {
  EEXIST: 'it is a file',
  ENOTDIR: 'a file lies on the way to it',
  ENOENT: 'nothing can be made there',
  EACCES: 'this user may not write there',
  EPERM: 'this user may not write there',
  EROFS: 'the file system is read-only',
  ENOSPC: 'the disk is full',
  ELOOP: 'its links lead in a circle',
  ENAMETOOLONG: 'the name is too long',
}

const SQLITE: Readonly<Record<string, string>> = {
  SQLITE_NOTADB: 'sonde.db in it is no database',
  SQLITE_CORRUPT: 'sonde.db in it is damaged',
  SQLITE_READONLY: 'this user may not write sonde.db in it',
  SQLITE_CANTOPEN: 'sonde.db in it can not be opened',
  SQLITE_FULL: 'the disk is full',
  SQLITE_BUSY: 'another program holds sonde.db in it',
}

function whyUnusable(error: unknown): string | null {
  const code = codeOf(error)
  const extended = Object.entries(SQLITE).find(([base]) => code === base || code.startsWith(`${base}_`))
  if (extended) return extended[1]
  if (code in FILE_SYSTEM) return FILE_SYSTEM[code] ?? null
  // The driver tells of a file that it can't open in words alone.
  if (error instanceof Error && /unable to open connection to local database/i.test(error.message))
    return 'sonde.db in it can not be opened or made'
  return null
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : ''
}
