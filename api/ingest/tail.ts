import { open, readdir } from 'node:fs/promises'
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
}

export const DEFAULT_TAIL_MS = 1000
/** Files of one folder that are followed; the newest names of more are left alone and told as an error. */
export const MAX_FILES = 1000
/** Rotated logs that were packed hold nothing that wasn't read before. */
const PACKED = /\.(gz|zst|bz2|xz|zip)$/

/** The name under which a folder's positions are kept. */
export function folderSource(dir: string): string {
  return `folder:${resolve(dir)}`
}

/**
 * Follows the log files of a folder until the signal aborts. Files are known by their inode and their first bytes, so that
 * a renamed one goes on where it was and one that was cut starts anew; a line is read once it has its end. Positions are
 * saved with the lines before them, in one transaction.
 */
export async function tailFolder(
  dir: string,
  store: Store,
  signal: AbortSignal,
  options: TailOptions,
): Promise<void> {
  while (!signal.aborted) {
    await readFolder(dir, store, signal, options).catch((error: unknown) => {
      options.onError(dir, asError(error))
    })
    await sleep(options.everyMs, undefined, { signal }).catch(() => undefined)
  }
}

/** Reads what is new in a folder, once. */
export async function readFolder(
  dir: string,
  store: Store,
  signal: AbortSignal,
  options: TailOptions,
): Promise<void> {
  const source = folderSource(dir)
  const known = parsePositions(await store.checkpoint(source))
  const names = await logNames(dir)
  if (names.length > MAX_FILES) {
    options.onError(dir, new Error(`holds ${names.length} files; only the first ${MAX_FILES} are followed`))
  }
  const positions = new Map<string, FilePosition>()
  const read = async (name: string): Promise<void> => {
    const file = await open(join(dir, name))
    try {
      const stat = await file.stat({ bigint: true })
      // Two names of one file are read as one.
      if (!stat.isFile() || positions.has(String(stat.ino))) return
      const position = await resumeAt(file, known.get(String(stat.ino)) ?? null)
      positions.set(position.inode, position)
      if (position.offset >= Number(stat.size)) return
      const lines = splitLines(chunksOf(file, position.offset), position.offset)
      const summary = await ingestLines(store, source, lines, {
        clock: options.clock,
        unended: 'leave',
        signal,
        checkpointAt: (offset) => {
          positions.set(position.inode, { ...position, offset })
          // Those that were not reached yet in this round keep the position that they had.
          return JSON.stringify([...new Map([...known, ...positions]).values()])
        },
      })
      if (summary.lines > 0) options.onBatch?.(summary)
    } finally {
      await file.close()
    }
  }
  for (const name of names.slice(0, MAX_FILES)) {
    if (signal.aborted) return
    await read(name).catch((error: unknown) => {
      options.onError(join(dir, name), asError(error))
    })
  }
  await forgetGone(store, source, known, positions, options)
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
  return entries
    .filter((entry) => entry.isFile() && !entry.name.startsWith('.') && !PACKED.test(entry.name))
    .map(({ name }) => name)
    .sort()
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
