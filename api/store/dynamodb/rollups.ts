import { addResult, type Bucket, bucketOf, emptyBucket, mergeBucket, STEP_MS } from '../rollup/bucket.js'
import { bucketIn, byHour, mergeInto } from '../rollup/by-hour.js'
import type { Step } from '../store.js'
import { bytes, bytesOf, type Db, notOlderThan, number } from './db.js'
import type { Head } from './head.js'
import { probePartition, rollupKey } from './keys.js'
import { decodeSeries, encodeSeries, type Series } from './series.js'
import type { Stretches } from './stretches.js'

/** When what was deleted by `prune` ended, by kind; epoch milliseconds. */
export interface Edges {
  readonly results: number
  readonly minute: number
  readonly hour: number
  readonly day: number
  readonly incidents: number
}

export interface Rollups {
  /** Rolls up the dirty hours of a head that stands, and the days of those that are over. */
  readonly settle: (head: Head, expires: (step: Step, at: number) => number) => Promise<void>
  /** Adds the buckets of some checks, or of all, that start in [from, to), both at the edge of a bucket. */
  readonly read: (
    head: Head,
    checks: ReadonlySet<string> | undefined,
    step: Step,
    from: number,
    to: number,
    edges: Edges,
    into: Map<number, Bucket>,
  ) => Promise<void>
}

/**
 * Rollups are worked out anew from all reports of an hour, never added to: a writer that is cut off and one that does the
 * same again end in the same. They are read only where the head says that they are whole.
 */
export function rollupsOf(db: Db, stretches: Stretches): Rollups {
  const rows = async function* (
    head: Head,
    step: Step,
    from: number,
    to: number,
    wanted?: ReadonlySet<string>,
  ): AsyncGenerator<{ readonly at: number; readonly series: Series }> {
    if (to <= from) return
    const [first, last] = [rollupKey(head.id, step, from).sk, rollupKey(head.id, step, to - 1).sk]
    const range = { pk: probePartition(head.id), from: first, to: last, consistent: true }
    for await (const item of db.query(range)) {
      const at = Number((item['sk']?.S ?? '').slice(2))
      yield { at, series: decodeSeries(bytesOf(item, 'd'), wanted) }
    }
  }

  const put = async (head: Head, step: Step, at: number, series: Series, expires: number): Promise<void> => {
    const attributes = { v: number(head.version), d: bytes(encodeSeries(series)), expires: number(expires) }
    await db.put(rollupKey(head.id, step, at), attributes, notOlderThan(head.version))
  }

  const settleHour = async (head: Head, hour: number, expires: (step: Step, at: number) => number) => {
    const reports = await stretches.between(head, hour, hour + STEP_MS.hour)
    const [minutes, hours] = [
      new Map<string, ReadonlyMap<number, Bucket>>(),
      new Map<string, ReadonlyMap<number, Bucket>>(),
    ]
    for (const [check, byStart] of byHour(reports)) {
      const own = byStart.get(hour)
      if (own === undefined) continue
      minutes.set(check, own)
      const total = emptyBucket()
      for (const bucket of own.values()) mergeBucket(total, bucket)
      hours.set(check, new Map([[hour, total]]))
    }
    await Promise.all([
      put(head, 'minute', hour, minutes, expires('minute', hour)),
      put(head, 'hour', hour, hours, expires('hour', hour)),
    ])
  }

  const settleDay = async (head: Head, day: number, expires: (step: Step, at: number) => number) => {
    const totals = new Map<string, Map<number, Bucket>>()
    for await (const { series } of rows(head, 'hour', day, day + STEP_MS.day)) {
      for (const [check, buckets] of series) {
        const total = totals.get(check) ?? new Map([[day, emptyBucket()]])
        totals.set(check, total)
        for (const bucket of buckets.values()) mergeInto(total, day, bucket)
      }
    }
    await put(head, 'day', day, totals, expires('day', day))
  }

  return {
    settle: async (head, expires) => {
      for (const hour of head.dirty) await settleHour(head, hour, expires)
      const openDay = bucketOf(head.openHour ?? 0, 'day')
      const days = new Set(head.dirty.map((hour) => bucketOf(hour, 'day')).filter((day) => day < openDay))
      // The day that ends with a new open hour may have been whole but for this.
      for (const day of days) await settleDay(head, day, expires)
    },
    read: async (head, checks, step, from, to, edges, into) => {
      const open = head.openHour
      if (open === null) return
      const openDay = bucketOf(open, 'day')
      const dirtyHours = new Set(head.dirty)
      const dirtyDays = new Set(head.dirty.map((hour) => bucketOf(hour, 'day')))
      const add = async (of: Step, start: number, end: number, skip: ReadonlySet<number>): Promise<void> => {
        const width = of === 'minute' ? STEP_MS.hour : STEP_MS[of]
        const first = Math.max(Math.floor(start / width) * width, Math.ceil(edges[of] / width) * width)
        for await (const { at, series } of rows(head, of, first, Math.min(end, open), checks)) {
          if (skip.has(at)) continue
          for (const buckets of series.values()) {
            for (const [began, bucket] of buckets)
              if (began >= start && began < end) mergeInto(into, bucketOf(began, step), bucket)
          }
        }
      }
      if (step !== 'day') await add(step, from, to, dirtyHours)
      else {
        await add('day', from, Math.min(to, openDay), dirtyDays)
        await add('hour', Math.max(from, openDay), to, dirtyHours)
        for (const day of dirtyDays)
          if (day >= from && day < Math.min(to, openDay))
            await add('hour', day, day + STEP_MS.day, dirtyHours)
      }
      const raw = [...head.dirty.map((hour) => [hour, hour + STEP_MS.hour] as const), [open, to] as const]
      for (const [start, end] of raw) {
        for (const { at, results } of await stretches.between(
          head,
          Math.max(start, from),
          Math.min(end, to),
        )) {
          for (const result of results)
            if (checks === undefined || checks.has(result.check))
              addResult(bucketIn(into, bucketOf(at, step)), result)
        }
      }
    },
  }
}
