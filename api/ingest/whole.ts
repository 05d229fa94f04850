import { createReadStream } from 'node:fs'
import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { fileTrouble } from '../file-trouble.js'
import type { Store } from '../store/store.js'
import { DEFAULT_PULL, type LogGroup, pullLogGroup } from './cloudwatch-pull.js'
import { ingestFile, ingestStream, isUnreadable } from './file.js'
import type { LinesSummary } from './ingest.js'
import type { RateClock, RateLimit } from './rate.js'
import { folderSource, followedFolder, PACKED } from './tail.js'

/** A log that can't be read to its end; whoever builds a store from it must not go on without. */
export class LogUnreadable extends Error {
  override readonly name = 'LogUnreadable'
}

export interface WholeOptions {
  readonly clock: () => Date
  readonly signal: AbortSignal
  /** A line that held a report which was not taken in. */
  readonly onReject: (path: string, line: number, reason: string) => void
}

export type WholeSummary = Omit<LinesSummary, 'otherLines'>

export const NOTHING: WholeSummary = { lines: 0, accepted: 0, duplicates: 0, rejected: 0 }

/**
 * Reads a file, or every file below a folder, from the beginning to the end, gzipped or not. Meant for logs that were kept
 * aside: exports to S3, rotated files.
 * @throws LogUnreadable
 */
export async function readPath(store: Store, path: string, options: WholeOptions): Promise<WholeSummary> {
  let total = NOTHING
  for (const file of await filesBelow(path)) {
    if (OTHERWISE_PACKED.test(file)) throw otherwisePacked(file)
    const read = ingestFile(store, file, {
      ...options,
      onReject: (line, reason) => options.onReject(file, line, reason),
    })
    total = sum(total, await read.catch(unreadable(file)))
  }
  return total
}

/**
 * Reads the files of a folder that is followed, so that who follows it goes on where this ended; and rotated ones that were
 * packed, which a follower had read before they were.
 * @throws LogUnreadable
 */
export async function readFollowed(store: Store, dir: string, options: WholeOptions): Promise<WholeSummary> {
  let total = NOTHING
  for (const name of (await readdir(dir).catch(unreadable(dir))).sort()) {
    if (name.startsWith('.') || !PACKED.test(name)) continue
    const file = join(dir, name)
    if (OTHERWISE_PACKED.test(name)) throw otherwisePacked(file)
    const read = ingestStream(store, folderSource(dir), createReadStream(file), {
      ...options,
      onReject: (line, reason) => options.onReject(file, line, reason),
    })
    total = sum(total, await read.catch(unreadable(file)))
  }
  const reader = followedFolder(dir, store, {
    ...options,
    everyMs: 0,
    unended: 'take',
    onError: (path, error) => unreadable(path)(error),
    onBatch: (summary) => {
      total = sum(total, summary)
    },
  })
  try {
    await reader.look(options.signal)
  } finally {
    await reader.close()
  }
  return total
}

/**
 * Reads all of a log group since a time, in one stretch; its position is saved with the last page, so that who follows the
 * group goes on there.
 * @throws LogUnreadable
 */
export async function readLogGroup(
  store: Store,
  group: LogGroup,
  { since, limit, clock, signal }: LogGroupOptions,
): Promise<WholeSummary> {
  const stretch = clock.now() - since.getTime()
  const pull = { ...DEFAULT_PULL, overlapMs: 0, lookBackMs: stretch, sliceMs: stretch }
  const told: LogGroup = {
    ...group,
    filterLogEvents: (input, aborted) =>
      group.filterLogEvents(input, aborted).catch((error: unknown) => {
        throw asUnreadable(group, error)
      }),
  }
  let total = NOTHING
  for (;;) {
    const read = pullLogGroup(told, store, limit, clock, pull, signal)
    const { events, accepted, duplicates, rejected, caughtUp } = await read
    total = sum(total, { lines: events, accepted, duplicates, rejected })
    if (caughtUp) return total
  }
}

export interface LogGroupOptions {
  readonly since: Date
  readonly limit: RateLimit
  readonly clock: RateClock
  readonly signal: AbortSignal
}

export function sum(a: WholeSummary, b: WholeSummary): WholeSummary {
  return {
    lines: a.lines + b.lines,
    accepted: a.accepted + b.accepted,
    duplicates: a.duplicates + b.duplicates,
    rejected: a.rejected + b.rejected,
  }
}

async function filesBelow(path: string): Promise<readonly string[]> {
  if (!(await stat(path).catch(unreadable(path))).isDirectory()) return [path]
  const entries = await readdir(path, { recursive: true, withFileTypes: true }).catch(unreadable(path))
  // `path` of an entry is its folder; Node 20 before 20.12 knows no `parentPath`.
  return entries
    .filter((entry) => entry.isFile() && !entry.name.startsWith('.'))
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
    .sort()
}

/** Keeps the name of the error: by that a call is tried again. */
function asUnreadable({ name, region }: LogGroup, cause: unknown): Error {
  const why = cause instanceof Error ? cause.message : String(cause)
  const error = new LogUnreadable(`can't read the log group ${name} (${region}): ${why}`, { cause })
  return cause instanceof Error ? Object.defineProperty(error, 'name', { value: cause.name }) : error
}

const OTHERWISE_PACKED = /\.(zst|bz2|xz|zip)$/

function otherwisePacked(file: string): LogUnreadable {
  return new LogUnreadable(`can't read ${file}: only gzip is unpacked here; unpack it first`)
}

function unreadable(what: string): (error: unknown) => never {
  return (error) => {
    if (!isUnreadable(error)) throw error
    const why = fileTrouble(error)?.en ?? error.message
    throw new LogUnreadable(`can't read ${what}: ${why}`, { cause: error })
  }
}
