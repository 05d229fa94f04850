import { DDSketch } from '@datadog/sketches-js'
import type { LatencySummary } from '../../health/health.js'
import type { Reader, Writer } from './bytes.js'

/**
 * A DDSketch with its bins kept sparse: most hold a handful of values, and they are merged far more often than filled.
 * While there is but one bin it needs no map: that is the common case in a minute's bucket.
 * Relative error one percent; the maximum is exact to a microsecond.
 */
export interface Sketch {
  /** Count by bin once there are several; bin `ZERO` holds what is too small to have one. */
  bins: Map<number, number> | null
  /** The only bin while `bins` is null and `count` isn't 0. */
  only: number
  count: number
  maxMicros: number
}

export const RELATIVE_ACCURACY = 0.01
const ZERO = -1_000_000
const { mapping } = new DDSketch({ relativeAccuracy: RELATIVE_ACCURACY })
/** Below a microsecond nothing is told apart. */
const SMALLEST_MS = 0.001

export function emptySketch(): Sketch {
  return { bins: null, only: ZERO, count: 0, maxMicros: 0 }
}

/** Adds one duration in milliseconds. */
export function addValue(sketch: Sketch, ms: number): void {
  const bin = ms < SMALLEST_MS ? ZERO : mapping.key(ms)
  addToBin(sketch, bin, 1)
  sketch.maxMicros = Math.max(sketch.maxMicros, Math.round(ms * 1000))
}

export function mergeSketch(into: Sketch, from: Sketch): void {
  if (from.bins !== null) for (const [bin, count] of from.bins) addToBin(into, bin, count)
  else if (from.count > 0) addToBin(into, from.only, from.count)
  into.maxMicros = Math.max(into.maxMicros, from.maxMicros)
}

/** Null for an empty sketch. */
export function summariseSketch(sketch: Sketch): LatencySummary | null {
  if (sketch.count === 0) return null
  const sorted = sortedBins(sketch)
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
  if (sketch.bins === null) {
    out.uint(sketch.count === 0 ? 0 : 1)
    if (sketch.count === 0) return
    out.int(sketch.only)
    out.uint(sketch.count)
    out.uint(sketch.maxMicros)
    return
  }
  out.uint(sketch.bins.size)
  let previous = 0
  for (const [bin, count] of sortedBins(sketch)) {
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
    addToBin(sketch, bin, count)
  }
  sketch.maxMicros = input.uint()
  return sketch
}

function addToBin(sketch: Sketch, bin: number, count: number): void {
  if (sketch.bins !== null) sketch.bins.set(bin, (sketch.bins.get(bin) ?? 0) + count)
  else if (sketch.count === 0) sketch.only = bin
  else if (sketch.only !== bin) {
    sketch.bins = new Map([
      [sketch.only, sketch.count],
      [bin, count],
    ])
  }
  sketch.count += count
}

function sortedBins(sketch: Sketch): readonly (readonly [number, number])[] {
  if (sketch.bins !== null) return [...sketch.bins].sort(([a], [b]) => a - b)
  return sketch.count === 0 ? [] : [[sketch.only, sketch.count]]
}

function round(ms: number): number {
  return Math.round(ms * 1000) / 1000
}
