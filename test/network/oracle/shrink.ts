import type { Snapshot, SnapshotDocument } from '../../../api/network/snapshot.js'

type Value = unknown

/** Every way to leave one element out of one array, anywhere below. */
function* without(value: Value): Generator<Value> {
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i++) yield value.toSpliced(i, 1)
    for (const [i, item] of value.entries()) {
      for (const less of without(item)) yield value.toSpliced(i, 1, less)
    }
  } else if (typeof value === 'object' && value !== null) {
    for (const [key, item] of Object.entries(value)) {
      for (const less of without(item)) yield { ...value, [key]: less }
    }
  }
}

/** Past this the snapshot is small enough to read, and a failing test should end. */
const MOST_TRIES = 5000

/**
 * Takes elements away from a snapshot's answers for as long as `fails` still holds. What can't be judged any more (the
 * oracle or the tracer throws) doesn't count as failing.
 */
export function shrink(snapshot: Snapshot, fails: (smaller: Snapshot) => boolean): Snapshot {
  let left = MOST_TRIES
  const stillFails = (s: Snapshot): boolean => {
    if (left-- <= 0) return false
    try {
      return fails(s)
    } catch {
      return false
    }
  }
  let best = snapshot
  for (let again = true; again; ) {
    again = false
    for (const [i, document] of best.documents.entries()) {
      let body: Value = document.body
      for (let found = true; found; ) {
        found = false
        for (const less of without(body)) {
          const documents: SnapshotDocument[] = best.documents.toSpliced(i, 1, { ...document, body: less })
          if (!stillFails({ ...best, documents })) continue
          best = { ...best, documents }
          body = less
          found = true
          again = true
          break
        }
      }
    }
  }
  return best
}

/** Only what is not empty, as the folder's files would hold it. */
export function shown(snapshot: Snapshot): string {
  return snapshot.documents
    .filter((d) => /[[{][^\]}]/.test(JSON.stringify(d.body).slice(1)))
    .map((d) => `${d.file}: ${JSON.stringify(d.body)}`)
    .join('\n')
}
