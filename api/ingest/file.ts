import { createHash } from 'node:crypto'
import type { FileHandle } from 'node:fs/promises'
import { open } from 'node:fs/promises'
import { resolve } from 'node:path'
import { pipeline } from 'node:stream'
import { createGunzip } from 'node:zlib'
import type { Store } from '../store/store.js'
import { type IngestLinesOptions, ingestLines, type LinesSummary } from './ingest.js'
import { splitLines } from './lines.js'

/** Where reading a file stopped, and what file that was: a name may come to mean another file, and so may an inode. */
export interface FilePosition {
  readonly inode: string
  readonly offset: number
  /** Hash of the file's first `headBytes` bytes. */
  readonly head: string
  readonly headBytes: number
}

const CHUNK_BYTES = 256 * 1024
const HEAD_BYTES = 256

export type FileOptions = Pick<IngestLinesOptions, 'clock' | 'signal' | 'batchLines' | 'onReject'>

const UNREADABLE = new Set([
  'ENOENT',
  'EACCES',
  'EISDIR',
  'EPERM',
  'ENOTDIR',
  'ELOOP',
  'EIO',
  'Z_BUF_ERROR',
  'Z_DATA_ERROR',
])

/** Whether this says that a file can't be read, or is broken gzip, rather than that something went wrong with what it held. */
export function isUnreadable(error: unknown): error is Error {
  return (
    error instanceof Error && 'code' in error && typeof error.code === 'string' && UNREADABLE.has(error.code)
  )
}

/** The name under which a file's position is kept. */
function fileSource(path: string): string {
  return `file:${resolve(path)}`
}

/**
 * Takes a whole file in, from where an earlier run stopped; a file that was replaced or cut is read from its beginning. What
 * has no positions, a pipe or a gzip file, is read from its beginning each time.
 * @throws the system's error if the file can't be read, zlib's if it is broken gzip
 */
export async function ingestFile(store: Store, path: string, options: FileOptions): Promise<LinesSummary> {
  const source = fileSource(path)
  const file = await open(path)
  try {
    if (!(await isPlainFile(file)))
      return await ingestStream(store, source, file.createReadStream({ autoClose: false }), options)
    const known = parsePosition(await store.checkpoint(source))
    const position = await resumeAt(file, known)
    const lines = splitLines(chunksOf(file, position.offset), position.offset)
    return await ingestLines(store, source, lines, {
      ...options,
      unended: 'take',
      checkpointAt: (offset) => JSON.stringify({ ...position, offset } satisfies FilePosition),
    })
  } finally {
    await file.close()
  }
}

/** Takes a stream in, such as stdin, gzipped or not; it has no position to go on from. */
export async function ingestStream(
  store: Store,
  source: string,
  stream: AsyncIterable<Uint8Array>,
  options: FileOptions,
): Promise<LinesSummary> {
  return ingestLines(store, source, splitLines(unzipped(stream)), { ...options, unended: 'take' })
}

/** A regular file of plain text: one in which a position means something. */
async function isPlainFile(file: FileHandle): Promise<boolean> {
  if (!(await file.stat()).isFile()) return false
  const { buffer } = await file.read(Buffer.alloc(2), 0, 2, 0)
  return !isGzip(buffer)
}

/** What exports of log groups to S3 and rotated logs are packed with (https://www.rfc-editor.org/rfc/rfc1952). */
function isGzip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b
}

async function* unzipped(stream: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const chunks = stream[Symbol.asyncIterator]()
  let head: Uint8Array = Buffer.alloc(0)
  let next = await chunks.next()
  for (; !next.done; next = await chunks.next()) {
    head = Buffer.concat([head, next.value])
    if (head.length >= 2) break
  }
  const whole = following(head, chunks)
  if (!isGzip(head)) {
    yield* whole
    return
  }
  const gunzip = createGunzip()
  // What goes wrong on either side ends the iteration below.
  pipeline(whole, gunzip, () => undefined)
  yield* gunzip
}

async function* following(head: Uint8Array, chunks: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array> {
  if (head.length > 0) yield head
  for (let next = await chunks.next(); !next.done; next = await chunks.next()) yield next.value
}

/** The position at which to go on in an open file: the known one if it is the same file and was only added to, else 0. */
export async function resumeAt(file: FileHandle, known: FilePosition | null): Promise<FilePosition> {
  const { size, ino } = await file.stat({ bigint: true })
  const inode = String(ino)
  if (known !== null && known.inode === inode && known.offset <= Number(size)) {
    const head = await headOf(file, known.headBytes)
    if (head.head === known.head) {
      // The head is widened while the file is short, so that it tells files apart that begin alike.
      return known.headBytes >= HEAD_BYTES
        ? known
        : { ...(await headOf(file, HEAD_BYTES)), inode, offset: known.offset }
    }
  }
  return { ...(await headOf(file, HEAD_BYTES)), inode, offset: 0 }
}

/** A file's bytes from an offset to its present end. */
export async function* chunksOf(file: FileHandle, from: number): AsyncGenerator<Uint8Array> {
  let offset = from
  for (;;) {
    const { bytesRead, buffer } = await file.read(Buffer.allocUnsafe(CHUNK_BYTES), 0, CHUNK_BYTES, offset)
    if (bytesRead === 0) return
    offset += bytesRead
    yield buffer.subarray(0, bytesRead)
  }
}

/** Reads a position back; null for what isn't one. */
export function parsePosition(checkpoint: string | null): FilePosition | null {
  if (checkpoint === null) return null
  try {
    return asPosition(JSON.parse(checkpoint))
  } catch {
    return null
  }
}

export function asPosition(value: unknown): FilePosition | null {
  if (typeof value !== 'object' || value === null) return null
  if (!('inode' in value && 'offset' in value && 'head' in value && 'headBytes' in value)) return null
  const { inode, offset, head, headBytes } = value
  return typeof inode === 'string' &&
    typeof offset === 'number' &&
    typeof head === 'string' &&
    typeof headBytes === 'number'
    ? { inode, offset, head, headBytes }
    : null
}

async function headOf(file: FileHandle, bytes: number): Promise<{ head: string; headBytes: number }> {
  const { bytesRead, buffer } = await file.read(Buffer.alloc(HEAD_BYTES), 0, Math.min(bytes, HEAD_BYTES), 0)
  const head = createHash('sha256').update(buffer.subarray(0, bytesRead)).digest('hex').slice(0, 16)
  return { head, headBytes: bytesRead }
}
