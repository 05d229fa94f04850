import { type FileHandle, open, readdir, realpath, stat } from 'node:fs/promises'
import { sep } from 'node:path'
import { join } from 'node:path/posix'
import { promisify } from 'node:util'
import { gunzip } from 'node:zlib'
import { compare } from '../network/order.js'
import type { SnapshotProblem } from '../network/snapshot.js'
import { assembleSnapshot, type SnapshotEntry, type SnapshotReading } from './documents.js'
import { decodeText, parseJson } from './json.js'
import { KNOWN_CALLS } from './known-calls.js'
import { parseSnapshotName } from './names.js'

/** What a snapshot folder may hold at most; beyond it a file is reported and left out. */
interface ReadLimits {
  /** Bytes of one file, after decompression. */
  readonly fileBytes: number
  /** Bytes of all files together, after decompression. */
  readonly totalBytes: number
  readonly files: number
  readonly depth: number
}

/** Room for an account with tens of thousands of network interfaces (about 1.5 KB each), and a bound for accidents. */
export const READ_LIMITS: ReadLimits = {
  fileBytes: 256 * 1024 * 1024,
  totalBytes: 1024 * 1024 * 1024,
  files: 50_000,
  depth: 16,
}

/** The folder itself can't be read, or holds no snapshot. */
export class SnapshotFolderError extends Error {
  override readonly name = 'SnapshotFolderError'
}

const inflate = promisify(gunzip)
const CONCURRENT_READS = 8

/**
 * Reads a snapshot folder: one file per AWS CLI call (`describe-vpcs.json`), also `.json.gz`, also pages, in
 * sub-folders of any depth. What can't be read becomes a problem that names the file; the rest is read.
 * Links are followed only within the folder, so that a snapshot from elsewhere can't pull in other files.
 *
 * @throws {SnapshotFolderError} when `directory` is no readable folder or holds nothing of a snapshot
 */
export async function readSnapshot(
  directory: string,
  limits: ReadLimits = READ_LIMITS,
): Promise<SnapshotReading> {
  const root = await openFolder(directory)
  const found: SnapshotEntry[] = []
  const { files, problems } = await listFiles(root, limits)
  const budget = { left: limits.totalBytes }
  for (let at = 0; at < files.length; at += CONCURRENT_READS) {
    const batch = files.slice(at, at + CONCURRENT_READS)
    found.push(...(await Promise.all(batch.map((file) => readEntry(root, file, limits, budget)))))
  }
  if (!found.some(({ file }) => isOfSnapshot(file))) {
    throw new SnapshotFolderError(
      `${directory}: no snapshot in it: expected files named after AWS CLI commands, such as describe-vpcs.json`,
    )
  }
  const reading = assembleSnapshot(found)
  return { ...reading, problems: [...problems, ...reading.problems] }
}

/** Whether a file is one that makes a folder a snapshot: other JSON lies in many folders. */
function isOfSnapshot(file: string): boolean {
  const name = parseSnapshotName(file)
  return name.kind === 'manifest' || (name.kind === 'document' && KNOWN_CALLS.has(name.call))
}

async function openFolder(directory: string): Promise<string> {
  try {
    const root = await realpath(directory)
    if ((await stat(root)).isDirectory()) return root
  } catch (cause) {
    throw new SnapshotFolderError(`${directory}: ${reason(cause)}`, { cause })
  }
  throw new SnapshotFolderError(`${directory}: expected a folder with one file per AWS call, found a file`)
}

/** Paths of all JSON files relative to the root, sorted, with `/`; and the folders that can't be read. */
async function listFiles(
  root: string,
  limits: ReadLimits,
): Promise<{ readonly files: readonly string[]; readonly problems: readonly SnapshotProblem[] }> {
  const files: string[] = []
  const problems: SnapshotProblem[] = []
  const folders: { readonly path: string; readonly depth: number }[] = [{ path: '', depth: 0 }]
  const refuse = (file: string, message: string) => problems.push({ file, pointer: '', message })
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    const { path: parent, depth } = folder
    const entries = await readdir(join(root, parent), { withFileTypes: true }).catch((cause: unknown) => {
      refuse(parent, `folder left out: ${reason(cause)}`)
      return []
    })
    for (const entry of entries) {
      if (entry.name.startsWith('.')) continue
      const path = join(parent, entry.name)
      if (entry.isDirectory()) {
        if (depth < limits.depth) folders.push({ path, depth: depth + 1 })
        else refuse(path, `folder left out: more than ${limits.depth} levels deep`)
      } else if (parseSnapshotName(path).kind !== 'other') {
        files.push(path)
      }
    }
    if (files.length > limits.files) {
      throw new SnapshotFolderError(`${root}: more than ${limits.files} JSON files: is this a snapshot?`)
    }
  }
  return { files: files.sort(compare), problems: problems.sort((a, b) => compare(a.file, b.file)) }
}

async function readEntry(
  root: string,
  file: string,
  limits: ReadLimits,
  budget: { left: number },
): Promise<SnapshotEntry> {
  const problem = (message: string, pointer = ''): SnapshotEntry => ({ file, problem: { pointer, message } })
  try {
    const path = await realpath(join(root, file))
    if (!path.startsWith(root.endsWith(sep) ? root : root + sep))
      return problem('left out: a link that leads out of the snapshot')
    if (!(await stat(path)).isFile()) return problem('left out: not a regular file')
    const bytes = await readBytes(path, Math.max(Math.min(limits.fileBytes, budget.left), 0))
    if (bytes === null) {
      return problem(
        budget.left < limits.fileBytes
          ? `left out: the snapshot is larger than ${limits.totalBytes} bytes`
          : `left out: larger than ${limits.fileBytes} bytes`,
      )
    }
    budget.left -= bytes.length
    const parsed = parseJson(decodeText(bytes))
    return parsed.ok ? { file, body: parsed.value } : problem(parsed.message, parsed.pointer)
  } catch (cause) {
    return problem(reason(cause))
  }
}

/** A file's content, decompressed where it starts as gzip does; null where it is larger than `most`. */
async function readBytes(path: string, most: number): Promise<Uint8Array | null> {
  let handle: FileHandle | null = null
  try {
    handle = await open(path)
    if ((await handle.stat()).size > most) return null
    const bytes = await handle.readFile()
    if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes
    return await inflate(bytes, { maxOutputLength: Math.max(most, 1) })
  } catch (error) {
    if (isCode(error, 'ERR_BUFFER_TOO_LARGE')) return null
    throw error
  } finally {
    await handle?.close()
  }
}

function reason(cause: unknown): string {
  if (isCode(cause, 'ENOENT')) return 'no such file or folder'
  if (isCode(cause, 'EACCES')) return 'not readable: permission denied'
  if (isCode(cause, 'ELOOP')) return 'a link that leads to itself'
  if (isCode(cause, 'Z_DATA_ERROR') || isCode(cause, 'Z_BUF_ERROR')) return 'not a whole gzip file'
  return `not readable: ${cause instanceof Error ? cause.message : String(cause)}`
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code
}
