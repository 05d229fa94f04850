import {
  addResult,
  type Bucket,
  bucketOf,
  decodeBuckets,
  emptyBucket,
  encodeBuckets,
  mergeBucket,
  STEP_MS,
} from '../rollup/bucket.js'
import { bucketIn, byHour, mergeInto } from '../rollup/by-hour.js'
import type { Step } from '../store.js'
import type { StoredReport } from '../stored-report.js'
import type { Db } from './db.js'
import type { Probe, Probes } from './probes.js'
import type { Reports } from './reports.js'

const STEP_CODE: Readonly<Record<Step, number>> = { minute: 0, hour: 1, day: 2 }
/** How far a row reaches: the minutes of an hour share one. */
const ROW_MS: Readonly<Record<Step, number>> = { ...STEP_MS, minute: STEP_MS.hour }

export interface Rollups {
  /**
   * Rolls up what came for hours that are closed already, then closes every hour before `hour`. An hour is rolled up once,
   * when it is over, from its reports: rolling up each result as it comes would write three rows for every one.
   */
  readonly advance: (probe: Probe, late: readonly StoredReport[], hour: number) => void
  /** Buckets of one series that start in [from, to), both at the edge of a bucket. */
  readonly read: (
    probe: Probe,
    series: ReadonlyMap<string, number>,
    step: Step,
    from: number,
    to: number,
    into: Map<number, Bucket>,
  ) => void
}

interface Row {
  readonly bucket: number
  /** libsql hands blobs out as bare memory. */
  readonly data: ArrayBuffer
}

export function rollupsOf(db: Db, reports: Reports, probes: Probes): Rollups {
  const get = db.prepare<Row>(
    'SELECT bucket, data FROM rollups WHERE series_id = ? AND step = ? AND bucket = ?',
  )
  const put = db.prepare(
    `INSERT INTO rollups (series_id, step, bucket, data) VALUES (?, ?, ?, ?)
     ON CONFLICT (series_id, step, bucket) DO UPDATE SET data = excluded.data`,
  )
  const range = db.prepare<Row>(
    'SELECT bucket, data FROM rollups WHERE series_id = ? AND step = ? AND bucket >= ? AND bucket < ? ORDER BY bucket',
  )

  /** Merges buckets into the stored row that holds them. */
  const add = (series: number, step: Step, row: number, buckets: ReadonlyMap<number, Bucket>): void => {
    const stored = get.get(series, STEP_CODE[step], row)
    const merged =
      stored === undefined ? new Map<number, Bucket>() : decodeBuckets(new Uint8Array(stored.data))
    for (const [at, bucket] of buckets) mergeInto(merged, at, bucket)
    put.run(series, STEP_CODE[step], row, encodeBuckets(merged))
  }

  /** Rolls up reports of hours that were closed before. */
  const addLate = (probe: Probe, list: Iterable<StoredReport>, closedDay: number): void => {
    for (const [check, hours] of byHour(list)) {
      const series = probes.seriesId(probe, check)
      for (const [hour, minutes] of hours) {
        add(series, 'minute', hour, minutes)
        const total = emptyBucket()
        for (const bucket of minutes.values()) mergeBucket(total, bucket)
        add(series, 'hour', hour, new Map([[hour, total]]))
        const day = bucketOf(hour, 'day')
        if (day < closedDay) add(series, 'day', day, new Map([[day, total]]))
      }
    }
  }

  /** Rolls up hours that end now: they have no rows yet. */
  const closeHours = (probe: Probe, list: Iterable<StoredReport>): void => {
    for (const [check, hours] of byHour(list)) {
      const series = probes.seriesId(probe, check)
      for (const [hour, minutes] of hours) {
        put.run(series, STEP_CODE.minute, hour, encodeBuckets(minutes))
        const total = emptyBucket()
        for (const bucket of minutes.values()) mergeBucket(total, bucket)
        put.run(series, STEP_CODE.hour, hour, encodeBuckets(new Map([[hour, total]])))
      }
    }
  }

  const closeDays = (probe: Probe, from: number, to: number): void => {
    for (const series of probes.allSeries(probe).values()) {
      const days = new Map<number, Bucket>()
      for (const row of range.all(series, STEP_CODE.hour, from, to)) {
        for (const [hour, bucket] of decodeBuckets(new Uint8Array(row.data)))
          mergeInto(days, bucketOf(hour, 'day'), bucket)
      }
      for (const [day, bucket] of days)
        put.run(series, STEP_CODE.day, day, encodeBuckets(new Map([[day, bucket]])))
    }
  }

  return {
    advance: (probe, late, hour) => {
      const open = probe.openHour ?? hour
      addLate(probe, late, bucketOf(open, 'day'))
      if (hour > open) {
        closeHours(probe, reports.between(probe.id, open, hour))
        const [openDay, newDay] = [bucketOf(open, 'day'), bucketOf(hour, 'day')]
        if (newDay > openDay) closeDays(probe, openDay, newDay)
      }
      probe.openHour = Math.max(open, hour)
    },
    read: (probe, series, step, from, to, into) => {
      const open = probe.openHour
      if (open === null) return
      const openDay = bucketOf(open, 'day')
      const rows = (id: number, of: Step, start: number, end: number): void => {
        const first = Math.floor(start / ROW_MS[of]) * ROW_MS[of]
        for (const row of range.all(id, STEP_CODE[of], first, end)) {
          for (const [at, bucket] of decodeBuckets(new Uint8Array(row.data))) {
            if (at >= start && at < end) mergeInto(into, bucketOf(at, step), bucket)
          }
        }
      }
      for (const id of series.values()) {
        if (step !== 'day') rows(id, step, from, to)
        else {
          rows(id, 'day', from, Math.min(to, openDay))
          rows(id, 'hour', Math.max(from, openDay), Math.min(to, open))
        }
      }
      for (const report of reports.between(probe.id, Math.max(from, open), to)) {
        for (const result of report.results) {
          if (!series.has(result.check)) continue
          addResult(bucketIn(into, bucketOf(report.at, step)), result)
        }
      }
    },
  }
}
