import type { Result } from '../../probe/report.schema.js'

/** A report as stored: when, in which order among those of the same moment, and its results. */
export interface StoredReport {
  readonly at: number
  readonly tie: number
  readonly run: string
  readonly results: readonly Result[]
}

/** Results worth an index of their own: failures, and whatever isn't plainly `ok`. */
export function isNotable(result: Result): boolean {
  return !result.asExpected || result.outcome !== 'ok'
}

/** Orders reports of one moment by what they are, never by when they came: FNV-1a over run and part, 52 bits. */
export function tieOf(run: string, part: number): number {
  const text = `${run}/${part}`
  let high = 0x811c9dc5
  let low = 0x01000193
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index)
    high = Math.imul(high ^ code, 0x01000193)
    low = Math.imul(low ^ code, 0x85ebca6b)
  }
  return (high >>> 0) * 0x100000 + ((low >>> 0) & 0xfffff)
}
