/** Closed integer ranges, sorted and disjoint. */
export type Ranges = readonly (readonly [number, number])[]

export const ALL_PORTS: Ranges = [[0, 65535]]
/** The range that AWS documents for replies to Lambda: https://docs.aws.amazon.com/lambda/latest/dg/troubleshooting-networking.html */
export const EPHEMERAL: Ranges = [[1024, 65535]]

const NOTHING: Ranges = []

export const portCount = (ranges: Ranges): number => ranges.reduce((sum, [a, b]) => sum + b - a + 1, 0)

/** What is left of `ranges` without `lo`-`hi`. */
export function subtract(ranges: Ranges, lo: number, hi: number): Ranges {
  const [only] = ranges
  if (ranges.length === 1 && only !== undefined) {
    if (lo <= only[0] && only[1] <= hi) return NOTHING
    if (hi < only[0] || only[1] < lo) return ranges
  }
  const out: (readonly [number, number])[] = []
  for (const [a, b] of ranges) {
    if (hi < a || b < lo) {
      out.push([a, b])
      continue
    }
    if (a < lo) out.push([a, lo - 1])
    if (hi < b) out.push([hi + 1, b])
  }
  return out
}

/** The part of `ranges` within `lo`-`hi`. */
export function intersect(ranges: Ranges, lo: number, hi: number): Ranges {
  const [only] = ranges
  if (ranges.length === 1 && only !== undefined && lo <= only[0] && only[1] <= hi) return ranges
  const out: (readonly [number, number])[] = []
  for (const [a, b] of ranges) {
    const from = Math.max(a, lo)
    const to = Math.min(b, hi)
    if (from <= to) out.push([from, to])
  }
  return out
}

export function portsText(ranges: Ranges): string {
  return ranges.map(([a, b]) => (a === b ? String(a) : `${a}-${b}`)).join(', ')
}
