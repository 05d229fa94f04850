import { isOutcome, reached } from '../../../probe/outcome.js'
import type { Result } from '../../../probe/report.schema.js'
import type { Step, TimelineBucket } from '../store.js'
import { type Reader, reader, type Writer, writer } from './bytes.js'
import {
  addValue,
  emptySketch,
  mergeSketch,
  readSketch,
  type Sketch,
  summariseSketch,
  writeSketch,
} from './sketch.js'

/** Counts and latencies of some results; adding and merging commute, so that the order of results doesn't matter. */
export interface Bucket {
  total: number
  asExpected: number
  readonly outcomes: Map<string, number>
  readonly latency: Sketch
  /** One a phase, in the order of `PHASES`. */
  readonly phases: readonly Sketch[]
}

export const STEP_MS: Readonly<Record<Step, number>> = { minute: 60_000, hour: 3_600_000, day: 86_400_000 }
const PHASES = ['dns', 'connect', 'tls', 'exchange'] as const
/** Different outcomes that one bucket tells apart; a sender that invents more of them is counted under `other`. */
const MAX_OUTCOMES = 64
const OTHER_OUTCOME = 'other'
const FORMAT = 1

export function emptyBucket(): Bucket {
  return {
    total: 0,
    asExpected: 0,
    outcomes: new Map(),
    latency: emptySketch(),
    phases: PHASES.map(emptySketch),
  }
}

/** Start of the bucket that holds a time, both in epoch milliseconds. */
export function bucketOf(at: number, step: Step): number {
  return Math.floor(at / STEP_MS[step]) * STEP_MS[step]
}

/** Adds a result. Its durations count only if it was as expected and something answered: a timeout is no latency. */
export function addResult(bucket: Bucket, result: Result): void {
  bucket.total += 1
  count(bucket, result.outcome, 1)
  if (!result.asExpected) return
  bucket.asExpected += 1
  if (!isOutcome(result.outcome) || reached(result.outcome) !== 'true') return
  addValue(bucket.latency, result.ms)
  PHASES.forEach((phase, index) => {
    const ms = result.phases[phase]
    const sketch = bucket.phases[index]
    if (ms !== undefined && sketch !== undefined) addValue(sketch, ms)
  })
}

export function mergeBucket(into: Bucket, from: Bucket): void {
  into.total += from.total
  into.asExpected += from.asExpected
  for (const [outcome, n] of from.outcomes) count(into, outcome, n)
  mergeSketch(into.latency, from.latency)
  into.phases.forEach((sketch, index) => {
    const other = from.phases[index]
    if (other !== undefined) mergeSketch(sketch, other)
  })
}

export function toTimelineBucket(at: number, bucket: Bucket): TimelineBucket {
  const phases: { -readonly [K in keyof TimelineBucket['phases']]: TimelineBucket['phases'][K] } = {}
  PHASES.forEach((phase, index) => {
    const sketch = bucket.phases[index]
    const summary = sketch === undefined ? null : summariseSketch(sketch)
    if (summary !== null) phases[phase] = summary
  })
  return {
    at: new Date(at).toISOString(),
    total: bucket.total,
    asExpected: bucket.asExpected,
    outcomes: Object.fromEntries([...bucket.outcomes].sort(([a], [b]) => (a < b ? -1 : 1))),
    latency: summariseSketch(bucket.latency),
    phases,
  }
}

/** Buckets with their starts, one or many in a row; in order of start. */
export function encodeBuckets(buckets: ReadonlyMap<number, Bucket>): Uint8Array {
  const out = writer()
  out.uint(FORMAT)
  for (const [at, bucket] of [...buckets].sort(([a], [b]) => a - b)) {
    out.uint(at)
    writeBucket(out, bucket)
  }
  return out.finish()
}

/** @throws RangeError if the bytes are not what `encodeBuckets` makes */
export function decodeBuckets(bytes: Uint8Array): Map<number, Bucket> {
  const input = reader(bytes)
  const format = input.uint()
  if (format !== FORMAT) throw new RangeError(`rollup format ${format} is not known, only ${FORMAT}`)
  const buckets = new Map<number, Bucket>()
  while (!input.done()) buckets.set(input.uint(), readBucket(input))
  return buckets
}

function count(bucket: Bucket, outcome: string, n: number): void {
  const known = bucket.outcomes.get(outcome)
  const name =
    known === undefined && !isOutcome(outcome) && bucket.outcomes.size >= MAX_OUTCOMES
      ? OTHER_OUTCOME
      : outcome
  bucket.outcomes.set(name, (bucket.outcomes.get(name) ?? 0) + n)
}

function writeBucket(out: Writer, bucket: Bucket): void {
  out.uint(bucket.total)
  out.uint(bucket.asExpected)
  out.uint(bucket.outcomes.size)
  for (const [outcome, n] of [...bucket.outcomes].sort(([a], [b]) => (a < b ? -1 : 1))) {
    out.text(outcome)
    out.uint(n)
  }
  writeSketch(out, bucket.latency)
  for (const sketch of bucket.phases) writeSketch(out, sketch)
}

function readBucket(input: Reader): Bucket {
  const total = input.uint()
  const asExpected = input.uint()
  const outcomes = new Map<string, number>()
  for (let left = input.uint(); left > 0; left -= 1) {
    const outcome = input.text()
    outcomes.set(outcome, input.uint())
  }
  return {
    total,
    asExpected,
    outcomes,
    latency: readSketch(input),
    phases: PHASES.map(() => readSketch(input)),
  }
}
