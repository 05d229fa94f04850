import { readFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import { gunzip, gzipSync } from 'node:zlib'
import type { Report } from '../../probe/report.schema.js'
import type { Snapshot, SnapshotDocument } from '../network/snapshot.js'
import type { SampleState } from './engine.js'

/**
 * What happened in the sample's lab over some minutes: gzipped lines of JSON, the head first, then the moments in their order. Times are
 * milliseconds since the beginning; when replayed they become times of the present.
 */
export interface Recording {
  readonly recordedAt: string
  /** After this it begins anew. */
  readonly lengthMs: number
  readonly moments: readonly Moment[]
}

export type Moment = { readonly at: number } & (
  | { readonly report: Report }
  /** The account from now on: documents in place of those with the same call and key, the rest as before. */
  | { readonly documents: readonly SnapshotDocument[]; readonly state: SampleState }
)

/** Another version would have another meaning. */
const VERSION = 1

/** The recording's file is not one, or not of this version. */
export class RecordingError extends Error {
  override readonly name = 'RecordingError'
}

/** The bytes of a recording's file; the same recording gives the same bytes. */
export function packRecording({ recordedAt, lengthMs, moments }: Recording): Buffer {
  const head = { sondeRecording: VERSION, recordedAt, lengthMs }
  return gzipSync([head, ...moments].map((line) => `${JSON.stringify(line)}\n`).join(''), { level: 9 })
}

/**
 * Reads a recording's file, which this project wrote: its lines are taken to be of the shape above.
 * @throws {RecordingError} where it is none
 */
export async function readRecording(file: string): Promise<Recording> {
  const packed = await readFile(file).catch((cause: unknown) => {
    throw new RecordingError(`${file}: the sample's recording can not be read`, { cause })
  })
  const lines = (await promisify(gunzip)(packed)).toString('utf8').split('\n')
  const [head, ...moments] = lines.filter((line) => line !== '').map((line) => JSON.parse(line))
  if (head?.sondeRecording !== VERSION)
    throw new RecordingError(`${file}: no recording of version ${VERSION} of the sample`)
  return { recordedAt: head.recordedAt, lengthMs: head.lengthMs, moments }
}

/** The documents of `after` that `before` has not, or has otherwise. */
export function changedDocuments(before: Snapshot | null, after: Snapshot): readonly SnapshotDocument[] {
  const known = new Map((before?.documents ?? []).map((one) => [keyOf(one), JSON.stringify(one.body)]))
  return after.documents.filter((one) => known.get(keyOf(one)) !== JSON.stringify(one.body))
}

/** The account at a moment, out of the one before it. */
export function withDocuments(
  before: Snapshot | null,
  documents: readonly SnapshotDocument[],
  takenAt: string,
): Snapshot {
  const all = new Map([...(before?.documents ?? []), ...documents].map((one) => [keyOf(one), one]))
  return { takenAt, documents: [...all.values()], missing: [] }
}

function keyOf({ scope, call, key }: SnapshotDocument): string {
  return `${scope} ${call} ${key}`
}
