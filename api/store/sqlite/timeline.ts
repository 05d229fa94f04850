import { type Bucket, bucketOf, STEP_MS, toTimelineBucket } from '../rollup/bucket.js'
import type { Timeline, TimelineQuery } from '../store.js'
import type { ProbesOfFunction } from './places.js'
import type { Probes } from './probes.js'
import type { Rollups } from './rollups.js'

/**
 * A function's history in whole buckets, from the one that holds `from` to the last that starts before `to`: the rollups of
 * all its probes' checks, merged.
 */
export function timelineOf(rollups: Rollups, probes: Probes, probesOf: ProbesOfFunction) {
  return ({ function: name, check, subnet, from, to, step }: TimelineQuery): Timeline => {
    const start = bucketOf(from.getTime(), step)
    const end = bucketOf(to.getTime() - 1, step) + STEP_MS[step]
    const buckets = new Map<number, Bucket>()
    for (const { probe, until } of probesOf(name)) {
      if (subnet !== undefined && probe.subnet !== subnet) continue
      const all = probes.allSeries(probe)
      const series = check === undefined ? all : only(all, check)
      // The bucket in which it left is told whole: buckets don't divide.
      const last = until >= end ? end : bucketOf(until - 1, step) + STEP_MS[step]
      if (series.size > 0) rollups.read(probe, series, step, start, Math.min(end, last), buckets)
    }
    const sorted = [...buckets].sort(([a], [b]) => a - b)
    return { step, buckets: sorted.map(([at, bucket]) => toTimelineBucket(at, bucket)) }
  }
}

function only(series: ReadonlyMap<string, number>, check: string): ReadonlyMap<string, number> {
  const id = series.get(check)
  return new Map(id === undefined ? [] : [[check, id]])
}
