import { resolve } from 'node:path'
import { buildModel, type Model } from '../network/model.js'
import type { Snapshot, SnapshotProblem } from '../network/snapshot.js'
import { readSnapshot, SnapshotFolderError } from '../snapshot/read.js'
import { InputError, type Io, write } from './io.js'
import { safe } from './screen.js'

const MOST_WARNINGS = 20

/** The model of a snapshot folder, with when it was taken. */
interface LoadedModel {
  readonly model: Model
  /** What the model was built from: a fix is rehearsed on it. */
  readonly snapshot: Snapshot
  readonly takenAt: string | null
}

/**
 * Reads a snapshot folder that was named on the command line. What is wrong in it is told on stderr, one line a
 * problem, and the rest is used.
 *
 * @throws {InputError} where the folder can't be read or holds no snapshot
 */
export async function loadModel(io: Io, directory: string): Promise<LoadedModel> {
  const reading = await readSnapshot(resolve(io.cwd, directory)).catch((error: unknown) => {
    if (error instanceof SnapshotFolderError) throw new InputError(error.message, { cause: error })
    throw error
  })
  const { model, problems } = buildModel(reading.snapshot)
  await warn(io, [...reading.problems, ...problems])
  return { model, snapshot: reading.snapshot, takenAt: reading.snapshot.takenAt }
}

async function warn(io: Io, problems: readonly SnapshotProblem[]): Promise<void> {
  const lines = problems.slice(0, MOST_WARNINGS).map(({ file, pointer, message }) => {
    const place = pointer === '' ? file : `${file}#${pointer}`
    return `warning: ${safe(place)}: ${safe(message)}\n`
  })
  if (problems.length > MOST_WARNINGS) lines.push(`warning: and ${problems.length - MOST_WARNINGS} more\n`)
  if (lines.length > 0) await write(io.stderr, lines.join(''))
}
