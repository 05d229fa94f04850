import { type FileHandle, open, readdir, stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Store } from '../store/store.js'
import { asPosition, chunksOf, type FilePosition, resumeAt } from './file.js'
import { ingestLines, type LinesSummary } from './ingest.js'
import { splitLines } from './lines.js'

export interface TailOptions {
  readonly clock: () => Date
  /** Milliseconds between two looks at the folder. */
  readonly everyMs: number
  /** A file or the folder that can't be read now; it is tried again at the next look. */
  readonly onError: (path: string, error: Error) => void
  readonly onBatch?: (summary: LinesSummary) => void
  readonly onReject?: (path: string, line: number, reason: string) => void
  /** Whether a last line without its end is taken if it is a whole report; else it is left for when the rest of it is there. */
  readonly unended?: 'take'
}

export const DEFAULT_TAIL_MS = 1000
/** Files of one folder that are followed; the newest names of more are left alone and told as an error. */
export const MAX_FILES = 1000
/** Rotated logs that were packed hold nothing that wasn't read before. */
export const PACKED = /\.(gz|zst|bz2|xz|zip)$/

/** The name under which a folder's positions are kept. */
export function folderSource(dir: string): string {
  return `folder:${resolve(dir)}`
}

/**
 * Milliseconds for which a file is read on that has left the folder, since it last grew: who wrote to it may not have noticed
 * yet. So long its descriptor is held.
 */
export const LINGER_MS = 60_000
/** Files that are held open between two looks: those that grew last. */
const MAX_OPEN = 256

/** A folder whose log files are followed, look by look. */
export interface FolderReader {
  /** Reads what is new, once. */
  readonly look: (signal: AbortSignal) => Promise<void>
  readonly close: () => Promise<void>
}

interface Held {
  readonly file: FileHandle
  readonly path: string
  /** When it was last seen to have grown, and when it was last seen in the folder. */
  grewAt: number
  seenAt: number
}

/**
 * Follows the log files of a folder until the signal aborts. Files are known by their inode and their first bytes, so that
 * a renamed one goes on where it was and one that was cut starts anew; a line is read once it has its end. Files are held
 * open: one that is moved away or deleted between two looks is read to its end all the same. Positions are saved with the
 * lines before them, in one transaction.
 */
export async function tailFolder(
  dir: string,
  store: Store,
  signal: AbortSignal,
  options: TailOptions,
): Promise<void> {
  const reader = followedFolder(dir, store, options)
  try {
    while (!signal.aborted) {
      await reader.look(signal).catch((error: unknown) => options.onError(dir, asError(error)))
      await sleep(options.everyMs, undefined, { signal }).catch(() => undefined)
    }
  } finally {
    await reader.close()
  }
}

export function followedFolder(dir: string, store: Store, options: TailOptions): FolderReader {
  const source = folderSource(dir)
  const held = new Map<string, Held>()

  const letGo = async (inode: string): Promise<void> => {
    const one = held.get(inode)
    held.delete(inode)
    await one?.file.close()
  }

  const look = async (signal: AbortSignal): Promise<void> => {
    const now = options.clock().getTime()
    const known = parsePositions(await store.checkpoint(source))
    const positions = new Map<string, FilePosition>()

    const read = async (inode: string, one: Held, unended: 'leave' | 'take'): Promise<void> => {
      const position = await resumeAt(one.file, known.get(inode) ?? null)
      positions.set(inode, position)
      if (position.offset >= (await one.file.stat()).size) return
      one.grewAt = now
      const lines = splitLines(chunksOf(one.file, position.offset), position.offset)
      const summary = await ingestLines(store, source, lines, {
        clock: options.clock,
        unended: options.unended ?? unended,
        signal,
        ...(options.onReject && { onReject: (line, reason) => options.onReject?.(one.path, line, reason) }),
        checkpointAt: (offset) => {
          positions.set(inode, { ...position, offset })
          // Those that were not reached yet in this round keep the position that they had.
          return JSON.stringify([...new Map([...known, ...positions]).values()])
        },
      })
      if (summary.lines > 0) options.onBatch?.(summary)
    }

    const readNamed = async (path: string): Promise<void> => {
      const named = await stat(path, { bigint: true })
      // Asked before it is opened: a pipe would be waited at until somebody writes to it.
      if (!named.isFile()) return
      const before = held.get(String(named.ino))
      const file = before?.file ?? (await open(path))
      const { ino, isFile } = await typeOf(file)
      // Two names of one file are read as one; and a name may have come to mean another file since it was listed.
      if (!isFile || positions.has(ino) || (before === undefined && held.has(ino))) {
        if (before === undefined) await file.close()
        return
      }
      const one = before ?? { file, path, grewAt: now, seenAt: now }
      one.seenAt = now
      held.set(ino, one)
      await read(ino, one, 'leave')
    }

    /** What left the folder is read as long as it may grow, then once more with a last line that has no end. */
    const readGone = async (inode: string, one: Held): Promise<void> => {
      const over = now - Math.max(one.grewAt, one.seenAt) >= LINGER_MS
      await read(inode, one, over ? 'take' : 'leave')
      if (!over) return
      positions.delete(inode)
      await letGo(inode)
    }

    const attempt = async (path: string, work: Promise<void>): Promise<void> => {
      await work.catch((error: unknown) => options.onError(path, asError(error)))
    }
    // Without its folder a file that was followed is gone as well.
    const [names, failure] = await logNames(dir).then(
      (found) => [found, null] as const,
      (error: unknown) => [[], error] as const,
    )
    if (names.length > MAX_FILES) {
      options.onError(dir, new Error(`holds ${names.length} files; only the first ${MAX_FILES} are followed`))
    }
    for (const name of names.slice(0, MAX_FILES)) {
      if (signal.aborted) return
      const path = join(dir, name)
      await attempt(path, readNamed(path))
    }
    for (const [inode, one] of held) {
      if (signal.aborted) return
      if (!positions.has(inode)) await attempt(one.path, readGone(inode, one))
    }
    const byGrowth = [...held].sort(([, a], [, b]) => b.grewAt - a.grewAt)
    for (const [inode] of byGrowth.slice(MAX_OPEN)) await letGo(inode)
    if (failure !== null) throw failure
    await forgetGone(store, source, known, positions, options)
  }

  return {
    look,
    close: async () => {
      for (const inode of [...held.keys()]) await letGo(inode)
    },
  }
}

async function typeOf(file: FileHandle): Promise<{ readonly ino: string; readonly isFile: boolean }> {
  const found = await file.stat({ bigint: true })
  return { ino: String(found.ino), isFile: found.isFile() }
}

/** Positions of files that are gone are dropped, or the list would grow with every rotation. */
async function forgetGone(
  store: Store,
  source: string,
  known: ReadonlyMap<string, FilePosition>,
  positions: ReadonlyMap<string, FilePosition>,
  options: TailOptions,
): Promise<void> {
  if ([...known.keys()].every((inode) => positions.has(inode))) return
  const checkpoint = JSON.stringify([...positions.values()])
  await store.ingest({
    source,
    receivedAt: options.clock(),
    reports: [],
    rejects: [],
    otherLines: 0,
    checkpoint,
  })
}

async function logNames(dir: string): Promise<readonly string[]> {
  const entries = await readdir(dir, { withFileTypes: true })
  return (
    entries
      .filter(({ name }) => !name.startsWith('.') && !PACKED.test(name))
      // What a link leads to is seen when it is read: the folder in which Kubernetes shows its logs holds nothing but links.
      .filter((entry) => entry.isFile() || entry.isSymbolicLink())
      .map(({ name }) => name)
      .sort()
  )
}

function parsePositions(checkpoint: string | null): ReadonlyMap<string, FilePosition> {
  if (checkpoint === null) return new Map()
  const list: unknown = JSON.parse(checkpoint)
  const positions = (Array.isArray(list) ? list : []).map(asPosition)
  return new Map(
    positions.flatMap((position) => (position === null ? [] : [[position.inode, position] as const])),
  )
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error))
}
