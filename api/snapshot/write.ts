import { randomBytes } from 'node:crypto'
import { mkdir, readdir, rename, rm, stat, writeFile } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import type { Snapshot } from '../network/snapshot.js'
import { MANIFEST_VERSION, type Manifest } from './manifest.js'
import { MANIFEST_FILE, snapshotFileName } from './names.js'
import { redact } from './redact.js'

/** The target can't be replaced: it is not a snapshot, or not a folder. */
export class SnapshotTargetError extends Error {
  override readonly name = 'SnapshotTargetError'
}

interface WriteOptions {
  readonly regions: readonly string[]
  readonly accounts: readonly string[]
  /** Compress each answer: `describe-vpcs.json.gz`. */
  readonly gzip?: boolean
}

const compress = promisify(gzip)

/**
 * Writes a snapshot as a folder, one file per answer, as the AWS CLI prints it, and its manifest.
 * Atomic: the folder is complete under its name, or was not touched. A folder that holds a snapshot
 * (or nothing) is replaced; any other content is never removed.
 * Files are named by scope, call and key; what stood in `document.file` does not matter.
 *
 * @throws {SnapshotTargetError} where `directory` holds something else than a snapshot
 */
export async function writeSnapshot(
  directory: string,
  snapshot: Snapshot,
  options: WriteOptions,
): Promise<void> {
  const target = resolve(directory)
  const replaced = await checkTarget(target, directory)
  await mkdir(dirname(target), { recursive: true })
  const suffix = randomBytes(6).toString('hex')
  // Beside the target, so that a rename stays within one file system; hidden, so that readers pass it by.
  const draft = join(dirname(target), `.${basename(target)}.${suffix}.new`)
  const old = join(dirname(target), `.${basename(target)}.${suffix}.old`)
  try {
    await writeFiles(draft, snapshot, options)
    if (replaced) await rename(target, old)
    try {
      await rename(draft, target)
    } catch (error) {
      if (replaced) await rename(old, target)
      throw error
    }
  } catch (error) {
    await rm(draft, { recursive: true, force: true })
    throw error
  }
  if (replaced) await rm(old, { recursive: true, force: true })
}

/**
 * Whether something stands there that will be replaced.
 *
 * @throws {SnapshotTargetError} as `writeSnapshot` does, so that a long collection can be refused before it starts
 */
export async function checkTarget(target: string, shown = target): Promise<boolean> {
  const status = await stat(target).catch(() => null)
  if (status === null) return false
  if (!status.isDirectory()) throw new SnapshotTargetError(`${shown}: expected a folder, found a file`)
  const names = await readdir(target)
  if (names.length > 0 && !names.includes(MANIFEST_FILE)) {
    throw new SnapshotTargetError(
      `${shown}: holds files but no ${MANIFEST_FILE}, so it is no snapshot that Sonde wrote, and is not replaced`,
    )
  }
  return true
}

async function writeFiles(root: string, snapshot: Snapshot, options: WriteOptions): Promise<void> {
  await mkdir(root)
  const pages = new Map<string, number>()
  const seen = new Map<string, number>()
  const identity = (document: { scope: string; call: string; key: string }) =>
    [document.scope, document.call, document.key].join('\u0000')
  for (const document of snapshot.documents) {
    pages.set(identity(document), (pages.get(identity(document)) ?? 0) + 1)
  }
  const folders = new Set(snapshot.documents.map((document) => document.scope))
  for (const folder of folders) {
    if (folder.split('/').some((part) => part.startsWith('.'))) throw new RangeError(`not a scope: ${folder}`)
    await mkdir(join(root, folder), { recursive: true })
  }
  for (const document of snapshot.documents) {
    const id = identity(document)
    const page = (seen.get(id) ?? 0) + 1
    seen.set(id, page)
    const paged = (pages.get(id) ?? 1) > 1
    const name = snapshotFileName(document.call, document.key, paged ? page : null)
    const text = serialize(redact(document.body))
    const file = join(root, document.scope, name)
    if (options.gzip) await writeFile(`${file}.gz`, await compress(text), { flag: 'wx' })
    else await writeFile(file, text, { flag: 'wx' })
  }
  const manifest: Manifest = {
    version: MANIFEST_VERSION,
    takenAt: snapshot.takenAt,
    regions: options.regions,
    accounts: options.accounts,
    missing: snapshot.missing,
  }
  await writeFile(join(root, MANIFEST_FILE), serialize(manifest))
}

/** Four spaces, as the AWS CLI indents, so that a diff with a folder made by hand shows only what differs. */
function serialize(value: unknown): string {
  return `${JSON.stringify(value, null, 4)}\n`
}
