import type { Hop, SubnetTrace } from '../../../network/path.js'

/** One column of the picture: what the packet passes on the way out, and what the reply passes at the same place. */
export interface Station {
  readonly out: Hop | null
  readonly back: Hop | null
}

const SAME_THING = 3
const SAME_KIND = 1

/**
 * Puts the way back under the way out: hops at the same component share a column, else hops of the same kind, in order.
 * What only one of them passes has a column of its own. The way back is given as the packet goes, from the target.
 */
export function alignWays({
  hops,
  returnHops,
}: Pick<SubnetTrace, 'hops' | 'returnHops'>): readonly Station[] {
  const [way, back] = [guardsFirst(hops), returnHops.toReversed()]
  const best = scores(way, back)
  const stations: Station[] = []
  let [i, j] = [0, 0]
  while (i < way.length || j < back.length) {
    const [out, reply] = [way[i], back[j]]
    const here = best[i]?.[j] ?? 0
    if (out !== undefined && reply !== undefined) {
      const value = likeness(out, reply)
      if (value > 0 && here === value + (best[i + 1]?.[j + 1] ?? 0)) {
        stations.push({ out, back: reply })
        i += 1
        j += 1
        continue
      }
    }
    if (out !== undefined && (reply === undefined || here === (best[i + 1]?.[j] ?? 0))) {
      stations.push({ out, back: null })
      i += 1
    } else {
      stations.push({ out: null, back: reply ?? null })
      j += 1
    }
  }
  return stations
}

/** What a packet arrives at, and what stands before its door. */
const GUARDED: ReadonlySet<Hop['kind']> = new Set([
  'target',
  'instance',
  'vpc-endpoint',
  'load-balancer',
  'db-proxy',
])

/** A trace names a target and then judges its security groups; in a picture they stand before it. */
function guardsFirst(hops: readonly Hop[]): readonly Hop[] {
  const ordered = [...hops]
  for (let index = 0; index < ordered.length; index += 1) {
    const [target, guard] = [ordered[index], ordered[index + 1]]
    if (target === undefined || guard === undefined) continue
    if (GUARDED.has(target.kind) && guard.kind === 'security-group') ordered.splice(index, 2, guard, target)
  }
  return ordered
}

function likeness(a: Hop, b: Hop): number {
  if (a.component === b.component && a.kind === b.kind) return SAME_THING
  return a.kind === b.kind ? SAME_KIND : 0
}

/** The best sum of likenesses of what is left from each pair of positions on: the longest common subsequence, weighed. */
function scores(a: readonly Hop[], b: readonly Hop[]): readonly (readonly number[])[] {
  const table = Array.from({ length: a.length + 1 }, () => new Array<number>(b.length + 1).fill(0))
  for (let i = a.length - 1; i >= 0; i -= 1) {
    for (let j = b.length - 1; j >= 0; j -= 1) {
      const [x, y] = [a[i], b[j]]
      const value = x === undefined || y === undefined ? 0 : likeness(x, y)
      const row = table[i]
      if (row === undefined) continue
      const together = value > 0 ? value + (table[i + 1]?.[j + 1] ?? 0) : 0
      row[j] = Math.max(together, table[i + 1]?.[j] ?? 0, row[j + 1] ?? 0)
    }
  }
  return table
}

/** The hop that a reader wants to see first: what blocks, else what is not known, else the end of the way out. */
export function telling(stations: readonly Station[]): { readonly index: number; readonly way: Way } | null {
  const find = (verdict: Hop['verdict']) => {
    const out = stations.findIndex((station) => station.out?.verdict === verdict)
    if (out >= 0) return { index: out, way: 'out' as const }
    const back = stations.findLastIndex((station) => station.back?.verdict === verdict)
    return back >= 0 ? { index: back, way: 'back' as const } : null
  }
  const last = stations.findLastIndex((station) => station.out !== null)
  return find('block') ?? find('unknown') ?? (last >= 0 ? { index: last, way: 'out' } : null)
}

export type Way = 'out' | 'back'

/** Whether a hop is another than it was: another rule decides, with another verdict or by another component. */
export function hasChanged(hop: Hop, before: readonly Hop[]): boolean {
  return !before.some(
    (one) =>
      one.kind === hop.kind &&
      one.component === hop.component &&
      one.verdict === hop.verdict &&
      one.rule?.summary === hop.rule?.summary,
  )
}

/** An id that fits a narrow place: its kind and its end, by which people know it. */
export function shortId(id: string): string {
  const [, prefix, rest] = /^([a-z]+(?:-rtb|-attach|-assoc)?-)([0-9a-f]{12,})$/.exec(id) ?? []
  return prefix === undefined || rest === undefined ? id : `${prefix}…${rest.slice(-5)}`
}
