import { promisify } from 'node:util'
import { gunzip, gzip } from 'node:zlib'
import type { Snapshot } from '../../network/snapshot.js'
import {
  asVersion,
  type SnapshotVersion,
  type SnapshotVersions,
  VERSION_ID,
} from '../../snapshot/versions.js'
import { bytes, bytesOf, type Db, type DbOptions, type Item, number, numberOf, openDb, text } from './db.js'
import { pad, SNAPSHOTS, snapshotPartition } from './keys.js'
import { contended, withPauses } from './retry.js'

/** Bytes of a compressed snapshot in one item; an item may have 400 KB. */
const CHUNK_BYTES = 350 * 1024

const compress = promisify(gzip)
const expand = promisify(gunzip)

/**
 * Versions of the configuration in the table of the store, so that all instances see the newest. The chunks are written
 * first and the version last: a version that is listed is whole.
 */
export function openDynamoSnapshots(
  where: DbOptions,
  keep: number,
): { readonly versions: SnapshotVersions; readonly close: () => void } {
  const db = openDb(where)
  return { versions: versionsOn(db, keep), close: db.close }
}

function versionsOn(db: Db, keep: number): SnapshotVersions {
  const listed = async (): Promise<SnapshotVersion[]> => {
    const found: SnapshotVersion[] = []
    for await (const item of db.query({ pk: SNAPSHOTS, consistent: true })) found.push(decode(item))
    return found
  }

  const newest = async (): Promise<SnapshotVersion | null> => {
    for await (const item of db.query({ pk: SNAPSHOTS, newestFirst: true, piece: 1, consistent: true }))
      return decode(item)
    return null
  }

  const forget = async (id: string): Promise<void> => {
    const parts: string[] = []
    for await (const item of db.query({ pk: snapshotPartition(id) })) parts.push(item['sk']?.S ?? '')
    await db.remove({ pk: SNAPSHOTS, sk: id })
    for (const sk of parts) await db.remove({ pk: snapshotPartition(id), sk })
  }

  return {
    list: listed,
    read: async (id) => {
      if (!VERSION_ID.test(id)) return null
      const item = await db.get({ pk: SNAPSHOTS, sk: id }, true)
      if (item === null) return null
      const parts: Uint8Array[] = []
      for await (const part of db.query({ pk: snapshotPartition(id), consistent: true }))
        parts.push(bytesOf(part, 'd'))
      // Deleted by a newer version's arrival between the two readings.
      if (parts.length !== numberOf(item, 'parts')) return null
      const snapshot: Snapshot = JSON.parse((await expand(Buffer.concat(parts))).toString('utf8'))
      return { version: decode(item), snapshot, problems: [] }
    },
    add: (given, now) => {
      const { snapshot, version, digest } = asVersion(given, now)
      return withPauses(async () => {
        const before = await newest()
        if (before?.id.endsWith(digest)) return { version: before, isNew: false }
        const packed = await compress(JSON.stringify(snapshot))
        const parts = Math.ceil(packed.length / CHUNK_BYTES)
        for (let part = 0; part < parts; part += 1) {
          const piece = packed.subarray(part * CHUNK_BYTES, (part + 1) * CHUNK_BYTES)
          await db.put({ pk: snapshotPartition(version.id), sk: pad(part, 6) }, { d: bytes(piece) })
        }
        const attributes = {
          takenAt: text(version.takenAt),
          documents: number(version.documents),
          missing: number(version.missing),
          parts: number(parts),
        }
        const condition = { text: 'attribute_not_exists(#pk)', names: { '#pk': 'pk' } }
        if (!(await db.put({ pk: SNAPSHOTS, sk: version.id }, attributes, condition))) return contended
        const all = await listed()
        for (const old of all.slice(0, Math.max(0, all.length - keep)))
          if (old.id !== version.id) await forget(old.id)
        return { version, isNew: true }
      })
    },
  }
}

function decode(item: Item): SnapshotVersion {
  return {
    id: item['sk']?.S ?? '',
    takenAt: item['takenAt']?.S ?? '',
    documents: numberOf(item, 'documents'),
    missing: numberOf(item, 'missing'),
  }
}
