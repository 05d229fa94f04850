import { type Bucket, decodeBuckets, encodeBuckets } from '../rollup/bucket.js'
import { packBytes, unpackBytes } from './pack.js'

/** Buckets of a probe's checks, by check and by start. */
export type Series = ReadonlyMap<string, ReadonlyMap<number, Bucket>>

const LENGTH_BYTES = 4

/** All checks of a probe in one item: ten small items would cost ten write units where one costs three. */
export function encodeSeries(series: Series): Uint8Array {
  const parts = [...series].map(([check, buckets]) => ({ check, data: encodeBuckets(buckets) }))
  const head = Buffer.from(JSON.stringify(parts.map(({ check, data }) => [check, data.length])))
  const length = Buffer.alloc(LENGTH_BYTES)
  length.writeUInt32BE(head.length)
  return packBytes(Buffer.concat([length, head, ...parts.map(({ data }) => data)]))
}

/** The series that were encoded; of some checks only, where they are named. */
export function decodeSeries(packed: Uint8Array, wanted?: ReadonlySet<string>): Series {
  const all = Buffer.from(unpackBytes(packed))
  let at = LENGTH_BYTES + all.readUInt32BE(0)
  const parts: readonly (readonly [string, number])[] = JSON.parse(all.toString('utf8', LENGTH_BYTES, at))
  const series = new Map<string, ReadonlyMap<number, Bucket>>()
  for (const [check, length] of parts) {
    if (wanted === undefined || wanted.has(check))
      series.set(check, decodeBuckets(all.subarray(at, at + length)))
    at += length
  }
  return series
}
