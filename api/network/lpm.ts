import type { Prefix } from './address.js'

/** Longest-prefix match over prefixes with values: one hash look-up per distinct length in use, so cost doesn't grow with the table. */
export interface Lpm<T> {
  readonly v4: readonly Level<T>[]
  readonly v6: readonly Level<T>[]
}

interface Level<T> {
  readonly length: number
  readonly entries: Map<number | bigint, T[]>
}

function keyOf(p: Prefix, length: number): number | bigint {
  if (typeof p.lo === 'bigint') return p.lo >> BigInt(128 - length)
  return Math.floor(p.lo / 2 ** (32 - length))
}

/** Compiles pairs into a table; pairs with the same prefix keep their order. */
export function compileLpm<T>(pairs: Iterable<readonly [Prefix, T]>): Lpm<T> {
  const levels: { 4: Map<number, Level<T>>; 6: Map<number, Level<T>> } = { 4: new Map(), 6: new Map() }
  for (const [prefix, value] of pairs) {
    const family = levels[prefix.family]
    let level = family.get(prefix.length)
    if (level === undefined) {
      level = { length: prefix.length, entries: new Map() }
      family.set(prefix.length, level)
    }
    const key = keyOf(prefix, prefix.length)
    const values = level.entries.get(key)
    if (values === undefined) level.entries.set(key, [value])
    else values.push(value)
  }
  const sorted = (m: Map<number, Level<T>>) => [...m.values()].sort((a, b) => b.length - a.length)
  return { v4: sorted(levels[4]), v6: sorted(levels[6]) }
}

const NONE: readonly never[] = []

/** The values of the longest prefix that contains the whole of `p`; empty if none does. */
export function lookup<T>(table: Lpm<T>, p: Prefix): readonly T[] {
  for (const level of p.family === 4 ? table.v4 : table.v6) {
    if (level.length > p.length) continue
    const values = level.entries.get(keyOf(p, level.length))
    if (values !== undefined) return values
  }
  return NONE
}
