import { gunzipSync, unzipSync } from 'fflate'

/** Names of a snapshot's files, relative to it, and their text. */
export type SnapshotFiles = Readonly<Record<string, string>>

export type UnpackFault = 'tooLarge' | 'tooMany' | 'broken' | 'nothing'

/** What was given can't be read as a snapshot; `file` is the one that is at fault. */
export class UnpackError extends Error {
  override readonly name = 'UnpackError'
  constructor(
    readonly fault: UnpackFault,
    readonly file: string,
    options?: ErrorOptions,
  ) {
    super(`${fault}: ${file}`, options)
  }
}

/** A file as the browser hands it over; `path` keeps the folders that it was in. */
export interface Given {
  readonly path: string
  readonly bytes: () => Promise<Uint8Array>
  readonly size: number
}

/** As much as the server takes in one piece, less what JSON's quoting adds. */
export const UNPACK_LIMITS = { bytes: 28 * 1024 * 1024, files: 5000 } as const

interface Budget {
  bytes: number
  files: number
}

/**
 * Reads a dropped folder, archive (.zip, .tar, .tar.gz, .tgz) or single files to a snapshot's files. Whatever is no JSON is left
 * out; the folder that all share is taken off. Nothing is unpacked beyond the limits, however small it arrived.
 * @throws {UnpackError}
 */
export async function unpack(
  given: readonly Given[],
  limits: Budget = UNPACK_LIMITS,
): Promise<SnapshotFiles> {
  const left: Budget = { bytes: limits.bytes, files: limits.files }
  const found: [string, string][] = []
  for (const one of given) {
    if (!isWanted(one.path)) continue
    if (one.size > limits.bytes) throw new UnpackError('tooLarge', one.path)
    found.push(...(await filesOf(one, left)))
  }
  if (found.length === 0) throw new UnpackError('nothing', given[0]?.path ?? '')
  return Object.fromEntries(withoutRoot(wholeSnapshot(found)))
}

const JSON_FILE = /\.json(?:\.gz)?$/i
const ARCHIVE = /\.(?:zip|tar|tgz|tar\.gz)$/i

/** Hidden files, and what macOS adds to archives, are no part of a snapshot. */
function isWanted(path: string): boolean {
  const isHidden = path.split('/').some((part) => part.startsWith('.') || part === '__MACOSX')
  return !isHidden && (JSON_FILE.test(path) || ARCHIVE.test(path))
}

async function filesOf(one: Given, left: Budget): Promise<[string, string][]> {
  const bytes = await one.bytes()
  try {
    if (/\.zip$/i.test(one.path)) return fromZip(bytes, left, one.path)
    if (/\.(?:tgz|tar\.gz)$/i.test(one.path)) return fromTar(inflated(bytes, left, one.path), left, one.path)
    if (/\.tar$/i.test(one.path)) return fromTar(bytes, left, one.path)
    return [take(one.path, bytes, left)]
  } catch (cause) {
    if (cause instanceof UnpackError) throw cause
    throw new UnpackError('broken', one.path, { cause })
  }
}

function take(path: string, bytes: Uint8Array, left: Budget): [string, string] {
  const plain = bytes[0] === 0x1f && bytes[1] === 0x8b ? inflated(bytes, left, path) : bytes
  left.bytes -= plain.length
  left.files -= 1
  if (left.bytes < 0) throw new UnpackError('tooLarge', path)
  if (left.files < 0) throw new UnpackError('tooMany', path)
  return [path.replace(/\.gz$/i, ''), textOf(plain)]
}

/** UTF-8, or UTF-16 with a byte order mark, as PowerShell's `>` writes it. */
function textOf(bytes: Uint8Array): string {
  const isLittle = bytes[0] === 0xff && bytes[1] === 0xfe
  const isBig = bytes[0] === 0xfe && bytes[1] === 0xff
  return new TextDecoder(isLittle ? 'utf-16le' : isBig ? 'utf-16be' : 'utf-8').decode(bytes)
}

/** Deflate makes nothing smaller than this: RFC 1951's longest match is 258 bytes, in two bits. */
const MOST_DENSE = 1032

/** gzip's last four bytes tell the size: what says that it is too large is not unpacked at all. */
function inflated(bytes: Uint8Array, left: Budget, path: string): Uint8Array {
  if (bytes.length < 18) throw new UnpackError('broken', path)
  const size = new DataView(bytes.buffer, bytes.byteOffset).getUint32(bytes.length - 4, true)
  if (size > bytes.length * MOST_DENSE) throw new UnpackError('broken', path)
  if (size > left.bytes) throw new UnpackError('tooLarge', path)
  // The room is given, and one byte more: a gzip that lies about its size is seen by that, and fills no memory.
  const plain = gunzipSync(bytes, { out: new Uint8Array(size + 1) })
  if (plain.length !== size) throw new UnpackError('broken', path)
  return plain
}

/** In this thread: fflate's workers are made of text, which the Content-Security-Policy forbids. */
function fromZip(bytes: Uint8Array, left: Budget, archive: string): [string, string][] {
  let room = left.bytes
  const files = unzipSync(bytes, {
    filter: ({ name, originalSize }) => {
      if (name.endsWith('/') || !isWanted(name) || ARCHIVE.test(name)) return false
      room -= originalSize
      if (room < 0) throw new UnpackError('tooLarge', archive)
      return true
    },
  })
  return Object.entries(files).map(([name, content]) => take(name, content, left))
}

const BLOCK = 512

/** The ustar format, as far as snapshots need it: regular files, GNU long names and pax paths (POSIX.1-2017, pax). */
function fromTar(bytes: Uint8Array, left: Budget, archive: string): [string, string][] {
  const found: [string, string][] = []
  const text = new TextDecoder()
  let longName: string | null = null
  for (let at = 0; at + BLOCK <= bytes.length; ) {
    const header = bytes.subarray(at, at + BLOCK)
    if (header[0] === 0) break
    const field = (from: number, length: number): string =>
      text.decode(header.subarray(from, from + length)).replace(/\0.*$/s, '')
    const size = Number.parseInt(field(124, 12).trim() || '0', 8)
    if (!Number.isSafeInteger(size) || size < 0 || at + BLOCK + size > bytes.length)
      throw new UnpackError('broken', archive)
    const content = bytes.subarray(at + BLOCK, at + BLOCK + size)
    const type = field(156, 1)
    const prefix = field(257, 5) === 'ustar' ? field(345, 155) : ''
    const name: string = longName ?? (prefix === '' ? field(0, 100) : `${prefix}/${field(0, 100)}`)
    longName = null
    if (type === 'L') longName = text.decode(content).replace(/\0.*$/s, '')
    else if (type === 'x') longName = /\d+ path=([^\n]+)\n/.exec(text.decode(content))?.[1] ?? null
    else if ((type === '' || type === '0') && isWanted(name) && !ARCHIVE.test(name))
      found.push(take(name, content, left))
    at += BLOCK + Math.ceil(size / BLOCK) * BLOCK
  }
  return found
}

/** One file may hold the whole snapshot: `{"files": {"describe-vpcs.json": …}}`, as the API takes it. */
function wholeSnapshot(found: readonly [string, string][]): readonly [string, string][] {
  const [only] = found
  if (only === undefined || found.length > 1) return found
  try {
    const value: unknown = JSON.parse(only[1])
    const isWhole = typeof value === 'object' && value !== null && 'files' in value
    const files: unknown = isWhole ? value.files : null
    if (typeof files !== 'object' || files === null) return found
    return Object.entries(files).map(([name, body]) => [name, JSON.stringify(body)])
  } catch {
    // The server tells what is wrong with it, and where.
    return found
  }
}

/** A dropped folder is in every path; to the server it would be a region of an account. */
function withoutRoot(found: readonly [string, string][]): readonly [string, string][] {
  const [first] = found
  const root = first?.[0].includes('/') === true ? `${first[0].split('/')[0]}/` : null
  if (root === null || !found.every(([path]) => path.startsWith(root))) return found
  return found.map(([path, content]) => [path.slice(root.length), content])
}
