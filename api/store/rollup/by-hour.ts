import type { StoredReport } from '../stored-report.js'
import { addResult, type Bucket, bucketOf, emptyBucket, mergeBucket } from './bucket.js'

/** Results by check, then by hour, then by minute. */
export function byHour(list: Iterable<StoredReport>): Map<string, Map<number, Map<number, Bucket>>> {
  const checks = new Map<string, Map<number, Map<number, Bucket>>>()
  for (const { at, results } of list) {
    const [hour, minute] = [bucketOf(at, 'hour'), bucketOf(at, 'minute')]
    for (const result of results) {
      const hours = inside(checks, result.check, () => new Map<number, Map<number, Bucket>>())
      addResult(
        bucketIn(
          inside(hours, hour, () => new Map<number, Bucket>()),
          minute,
        ),
        result,
      )
    }
  }
  return checks
}

/** Adds a bucket to the one that starts at the same time. */
export function mergeInto(buckets: Map<number, Bucket>, at: number, bucket: Bucket): void {
  mergeBucket(bucketIn(buckets, at), bucket)
}

/** The bucket that starts at a time, made if there is none. */
export function bucketIn(buckets: Map<number, Bucket>, at: number): Bucket {
  return inside(buckets, at, emptyBucket)
}

function inside<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const found = map.get(key)
  if (found !== undefined) return found
  const made = make()
  map.set(key, made)
  return made
}
