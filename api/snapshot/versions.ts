import { createHash } from 'node:crypto'
import { mkdir, readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Snapshot, SnapshotProblem } from '../network/snapshot.js'
import { isRecord } from './manifest.js'
import { MANIFEST_FILE } from './names.js'
import { readSnapshot } from './read.js'
import { redact } from './redact.js'
import { writeSnapshot } from './write.js'

/** One kept version of the VPC's configuration. */
export interface SnapshotVersion {
  /** Sorts by time: `20261123T014112Z-1a2b3c4d`. */
  readonly id: string
  /** When AWS was asked, or else when the version was added. */
  readonly takenAt: string
  readonly documents: number
  readonly missing: number
}

/** A version with its content. */
export interface KeptSnapshot {
  readonly version: SnapshotVersion
  readonly snapshot: Snapshot
  readonly problems: readonly SnapshotProblem[]
}

/** Versions of the configuration, newest last, each a snapshot folder of its own. */
export interface SnapshotVersions {
  readonly list: () => Promise<readonly SnapshotVersion[]>
  readonly read: (id: string) => Promise<KeptSnapshot | null>
  /**
   * Keeps a snapshot; one whose answers equal the newest version's makes no new version. `takenAt` of the snapshot wins
   * over `now`. Old versions beyond the number to keep are deleted.
   */
  readonly add: (
    snapshot: Snapshot,
    now: Date,
  ) => Promise<{ readonly version: SnapshotVersion; readonly isNew: boolean }>
}

/** What the ids of versions look like. */
export const VERSION_ID = /^\d{8}T\d{6}Z-[0-9a-f]{12}$/

/** Opens the folder of versions, making it where it is not there yet. `keep` versions are kept at most. */
export async function openSnapshotVersions(directory: string, keep: number): Promise<SnapshotVersions> {
  await mkdir(directory, { recursive: true })
  let turn: Promise<unknown> = Promise.resolve()

  const ids = async (): Promise<string[]> =>
    (await readdir(directory)).filter((name) => VERSION_ID.test(name)).sort()

  const add: SnapshotVersions['add'] = async (given, now) => {
    const { snapshot, version, digest } = asVersion(given, now)
    const known = await ids()
    const newest = known.at(-1)
    if (newest?.endsWith(digest)) {
      const version = await describe(directory, newest)
      if (version) return { version, isNew: false }
    }
    const { id } = version
    await writeSnapshot(join(directory, id), snapshot, { regions: [], accounts: [], gzip: true })
    for (const old of [...new Set([...known, id])].sort().slice(0, -keep)) {
      if (old !== id) await rm(join(directory, old), { recursive: true, force: true })
    }
    return { version, isNew: true }
  }

  return {
    async list() {
      const versions = await Promise.all((await ids()).map((id) => describe(directory, id)))
      return versions.filter((version) => version !== null)
    },
    async read(id) {
      if (!VERSION_ID.test(id)) return null
      const version = await describe(directory, id)
      if (!version) return null
      const { snapshot, problems } = await readSnapshot(join(directory, id))
      return { version, snapshot, problems }
    },
    add(snapshot, now) {
      // One at a time: two that add the same answers must see each other.
      const added = turn.then(() => add(snapshot, now))
      turn = added.catch(() => undefined)
      return added
    },
  }
}

/**
 * A snapshot as the version that it would be: without secrets, with its time, named by both its time and its answers.
 * `digest` is the end of the id, the same for the same answers.
 */
export function asVersion(
  given: Snapshot,
  now: Date,
): { readonly snapshot: Snapshot; readonly version: SnapshotVersion; readonly digest: string } {
  const takenAt = given.takenAt ?? now.toISOString()
  const documents = given.documents.map((document) => ({ ...document, body: redact(document.body) }))
  const snapshot: Snapshot = { ...given, documents, takenAt }
  const digest = digestOf(snapshot)
  const id = `${stamp(takenAt)}-${digest}`
  return {
    snapshot,
    version: { id, takenAt, documents: documents.length, missing: snapshot.missing.length },
    digest,
  }
}

function stamp(instant: string): string {
  return `${instant.replace(/\.\d+/, '').replaceAll(/[-:]/g, '')}`
}

/** Equal for equal answers, whatever the order of files and the time at which they were had. */
function digestOf(snapshot: Snapshot): string {
  const parts = snapshot.documents.map((document) =>
    JSON.stringify([document.scope, document.call, document.key, document.body]),
  )
  const missing = snapshot.missing.map((call) => JSON.stringify([call.scope, call.call, call.key, call.code]))
  const hash = createHash('sha256')
  for (const part of [...parts.sort(), ...missing.sort()]) hash.update(part).update('\n')
  return hash.digest('hex').slice(0, 12)
}

async function describe(directory: string, id: string): Promise<SnapshotVersion | null> {
  try {
    const manifest: unknown = JSON.parse(await readFile(join(directory, id, MANIFEST_FILE), 'utf8'))
    const files = await countFiles(join(directory, id))
    const missing = isRecord(manifest) && Array.isArray(manifest['missing']) ? manifest['missing'].length : 0
    const takenAt = isRecord(manifest) && typeof manifest['takenAt'] === 'string' ? manifest['takenAt'] : ''
    return { id, takenAt, documents: files - 1, missing }
  } catch {
    // Deleted by a newer version's arrival between the listing and the reading.
    return null
  }
}

async function countFiles(directory: string): Promise<number> {
  const entries = await readdir(directory, { withFileTypes: true, recursive: true })
  return entries.filter((entry) => entry.isFile()).length
}
