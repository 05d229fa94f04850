import { DDSketch } from '@datadog/sketches-js'
import type { LatencySummary } from '../../health/health.js'
import type { Reader, Writer } from './bytes.js'

/**
 * A DDSketch with its bins kept sparse: most hold a handful of values, and they are merged far more often than filled.
 * Relative error one percent; the maximum is exact to a microsecond.
 */
export interface Sketch {
  /** Count by bin; bin `ZERO` holds what is too small to have one. */
  readonly bins: Map<number, number>
  count: number
  maxMicros: number
}

export const RELATIVE_ACCURACY = 0.01
const ZERO = -1_000_000
const { mapping } = new DDSketch({ relativeAccuracy: RELATIVE_ACCURACY })
/** Below a microsecond nothing is told apart. */
const SMALLEST_MS = 0.001

export function emptySketch(): Sketch {
  return { bins: new Map(), count: 0, maxMicros: 0 }
}

/** Adds one duration in milliseconds. */
export function addValue(sketch: Sketch, ms: number): void {
  const bin = ms < SMALLEST_MS ? ZERO : mapping.key(ms)
  sketch.bins.set(bin, (sketch.bins.get(bin) ?? 0) + 1)
  sketch.count += 1
  sketch.maxMicros = Math.max(sketch.maxMicros, Math.round(ms * 1000))
}

export function mergeSketch(into: Sketch, from: Sketch): void {
  for (const [bin, count] of from.bins) into.bins.set(bin, (into.bins.get(bin) ?? 0) + count)
  into.count += from.count
  into.maxMicros = Math.max(into.maxMicros, from.maxMicros)
}

/** Null for an empty sketch. */
export function summariseSketch(sketch: Sketch): LatencySummary | null {
  if (sketch.count === 0) return null
  const sorted = [...sketch.bins].sort(([a], [b]) => a - b)
  const max = sketch.maxMicros / 1000
  const quantile = (q: number): number => {
    const rank = q * (sketch.count - 1)
    let below = 0
    for (const [bin, count] of sorted) {
      below += count
      if (below > rank) return bin === ZERO ? 0 : Math.min(round(mapping.value(bin)), max)
    }
    return max
  }
  return { count: sketch.count, p50: quantile(0.5), p90: quantile(0.9), p99: quantile(0.99), max }
}

export function writeSketch(out: Writer, sketch: Sketch): void {
  out.uint(sketch.bins.size)
  if (sketch.bins.size === 0) return
  let previous = 0
  for (const [bin, count] of [...sketch.bins].sort(([a], [b]) => a - b)) {
    out.int(bin - previous)
    out.uint(count)
    previous = bin
  }
  out.uint(sketch.maxMicros)
}

export function readSketch(input: Reader): Sketch {
  const sketch = emptySketch()
  const size = input.uint()
  if (size === 0) return sketch
  let bin = 0
  for (let index = 0; index < size; index += 1) {
    bin += input.int()
    const count = input.uint()
    sketch.bins.set(bin, count)
    sketch.count += count
  }
  sketch.maxMicros = input.uint()
  return sketch
}

function round(ms: number): number {
  return Math.round(ms * 1000) / 1000
}
