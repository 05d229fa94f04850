import { resolve } from 'node:path'
import { buildModel, type Model } from '../network/model.js'
import type { Snapshot, SnapshotProblem } from '../network/snapshot.js'
import { readSnapshot, SnapshotFolderError } from '../snapshot/read.js'
import { InputError, type Io, warn } from './io.js'
import { spokenText } from './korean.js'

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
    if (error instanceof SnapshotFolderError)
      throw new InputError(spokenText(error.message), { cause: error })
    throw error
  })
  const { model, problems } = buildModel(reading.snapshot)
  await warnOf(io, [...reading.problems, ...problems])
  return { model, snapshot: reading.snapshot, takenAt: reading.snapshot.takenAt }
}

/** Tells what is wrong in a snapshot, one line a problem, up to a number. */
export async function warnOf(io: Io, problems: readonly SnapshotProblem[]): Promise<void> {
  for (const { file, pointer, message } of problems.slice(0, MOST_WARNINGS)) {
    const place = pointer === '' ? file : `${file}#${pointer}`
    const { en, ko } = spokenText(message)
    await warn(io, { en: `${place}: ${en}`, ko: `${place}: ${ko}` })
  }
  const left = problems.length - MOST_WARNINGS
  if (left > 0) await warn(io, { en: `and ${left} more`, ko: `그 밖에 ${left}건` })
}
