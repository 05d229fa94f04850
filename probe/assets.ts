import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { codeOf } from './outcome.js'

/** Reads files that are deployed beside the probe. */
export interface Assets {
  /** The text of an asset; rejects with a sentence that says where it was looked for. */
  readonly read: (name: string) => Promise<string>
  /** The same, or undefined where there is no such file. */
  readonly find: (name: string) => Promise<string | undefined>
}

/**
 * Assets of the given folders, the first that has the file. Names are plain: a plan can't reach outside the folders.
 * A text is read once and kept, since what lies beside the bundle doesn't change while it runs.
 */
export function createAssets(folders: readonly string[]): Assets {
  const known = new Map<string, Promise<string | undefined>>()
  const find = (name: string): Promise<string | undefined> => {
    if (!/^[A-Za-z0-9_][\w.-]*$/.test(name))
      return Promise.reject(new Error(`${name} is not the name of an asset`))
    const before = known.get(name)
    if (before) return before
    const reading = firstOf(folders, name)
    known.set(name, reading)
    // A failure that may pass (too many open files) is not kept.
    reading.catch(() => known.delete(name))
    return reading
  }
  return {
    find,
    async read(name) {
      const text = await find(name)
      if (text !== undefined) return text
      throw new Error(
        `${name} is not beside the probe (looked in ${folders.join(', ')}; SONDE_ASSETS names another folder)`,
      )
    },
  }
}

async function firstOf(folders: readonly string[], name: string): Promise<string | undefined> {
  for (const folder of folders) {
    try {
      return await readFile(join(folder, name), 'utf8')
    } catch (error) {
      if (codeOf(error) !== 'ENOENT' && codeOf(error) !== 'ENOTDIR') throw error
    }
  }
  return undefined
}
