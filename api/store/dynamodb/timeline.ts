import { type Bucket, bucketOf, STEP_MS, toTimelineBucket } from '../rollup/bucket.js'
import type { Timeline, TimelineQuery } from '../store.js'
import type { MetaAccess } from './meta.js'
import type { Rollups } from './rollups.js'
import type { Surveys } from './survey.js'

/** A function's history in whole buckets: the rollups of all its probes' checks, merged. */
export function timelineOf(rollups: Rollups, probesOf: Surveys['probesOf'], meta: MetaAccess) {
  return async ({ function: name, check, subnet, from, to, step }: TimelineQuery): Promise<Timeline> => {
    const start = bucketOf(from.getTime(), step)
    const end = bucketOf(to.getTime() - 1, step) + STEP_MS[step]
    const { edges } = await meta.recent()
    const buckets = new Map<number, Bucket>()
    const wanted = check === undefined ? undefined : new Set([check])
    await Promise.all(
      (await probesOf(name)).map(async ({ head, until }) => {
        if (subnet !== undefined && head.about.subnet !== subnet) return
        // The bucket in which it left is told whole: buckets don't divide.
        const last = until >= end ? end : bucketOf(until - 1, step) + STEP_MS[step]
        await rollups.read(head, wanted, step, start, Math.min(end, last), edges, buckets)
      }),
    )
    const sorted = [...buckets].sort(([a], [b]) => a - b)
    return { step, buckets: sorted.map(([at, bucket]) => toTimelineBucket(at, bucket)) }
  }
}
