import { mkdir, readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { MANIFEST_FILE } from './names.js'
import { type SnapshotVersions, VERSION_ID } from './versions.js'
import { writeSnapshot } from './write.js'

/**
 * Versions that are kept elsewhere, with each that is read laid down as a folder of its id too: that is where the thread that
 * diagnoses reads it. Folders of versions that are no longer kept are removed.
 */
export function mirrored(versions: SnapshotVersions, directory: string): SnapshotVersions {
  const layDown = async (id: string): Promise<Awaited<ReturnType<SnapshotVersions['read']>>> => {
    const found = await versions.read(id)
    if (found === null) return null
    const folder = join(directory, id)
    if ((await stat(join(folder, MANIFEST_FILE)).catch(() => null)) === null) {
      await mkdir(directory, { recursive: true })
      await writeSnapshot(folder, found.snapshot, { regions: [], accounts: [], gzip: true })
      const kept = new Set((await versions.list()).map((version) => version.id))
      for (const name of await readdir(directory)) {
        if (VERSION_ID.test(name) && !kept.has(name) && name !== id)
          await rm(join(directory, name), { recursive: true, force: true })
      }
    }
    return found
  }
  return { ...versions, read: layDown }
}
