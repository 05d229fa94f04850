import type { Box, Point } from './geometry.js'

/** Between a line and what it goes around. */
export const CLEAR = 5
/** A turn costs as much as this many pixels of way: fewer turns are easier to follow. */
const TURN = 40

/**
 * A line of horizontal and vertical pieces from a side of one box to a side of another, around all others; the shortest, a
 * turn counted as way. Null where there is none.
 * @param around what it may not cross; boxes that hold one of its ends are not among them
 */
export function routed(from: Box, to: Box, around: readonly Box[]): readonly Point[] | null {
  const walls = [...around, from, to]
  const xs = sorted([...sides(from), ...sides(to), ...walls.flatMap((b) => [b.x - CLEAR, b.x + b.w + CLEAR])])
  const ys = sorted([middle(from), middle(to), ...walls.flatMap((b) => [b.y - CLEAR, b.y + b.h + CLEAR])])
  const grid: Grid = { xs, ys, ...closed(xs, ys, walls) }
  const starts = sides(from).map((x) => xs.indexOf(x) + ys.indexOf(middle(from)) * xs.length)
  const ends = new Set(sides(to).map((x) => xs.indexOf(x) + ys.indexOf(middle(to)) * xs.length))
  const way = cheapest(grid, starts, ends)
  return way === null ? null : corners(way.map((node) => pointOf(grid, node)))
}

const sides = (box: Box): readonly [number, number] => [box.x, box.x + box.w]
const middle = (box: Box): number => box.y + box.h / 2

function sorted(values: readonly number[]): readonly number[] {
  return [...new Set(values)].sort((a, b) => a - b)
}

interface Grid {
  readonly xs: readonly number[]
  readonly ys: readonly number[]
  /** By node: whether the piece to its right, or below it, is closed. */
  readonly right: Uint8Array
  readonly below: Uint8Array
}

function closed(
  xs: readonly number[],
  ys: readonly number[],
  walls: readonly Box[],
): Pick<Grid, 'right' | 'below'> {
  const right = new Uint8Array(xs.length * ys.length)
  const below = new Uint8Array(xs.length * ys.length)
  for (const { x, y, w, h } of walls) {
    for (let row = firstAfter(ys, y); row < ys.length && at(ys, row) < y + h; row += 1)
      for (let column = firstAfter(xs, x) - 1; column < xs.length && at(xs, column) < x + w; column += 1)
        if (column >= 0) right[row * xs.length + column] = 1
    for (let column = firstAfter(xs, x); column < xs.length && at(xs, column) < x + w; column += 1)
      for (let row = firstAfter(ys, y) - 1; row < ys.length && at(ys, row) < y + h; row += 1)
        if (row >= 0) below[row * xs.length + column] = 1
  }
  return { right, below }
}

function at(values: readonly number[], index: number): number {
  return values[index] ?? Number.NaN
}

/** Index of the first value that is greater. */
function firstAfter(values: readonly number[], value: number): number {
  let [low, high] = [0, values.length]
  while (low < high) {
    const half = (low + high) >> 1
    if (at(values, half) > value) high = half
    else low = half + 1
  }
  return low
}

function pointOf({ xs, ys }: Grid, node: number): Point {
  return { x: at(xs, node % xs.length), y: at(ys, Math.floor(node / xs.length)) }
}

/** Dijkstra's way; a state is a node and whether one has come to it sideways. A line leaves and arrives sideways. */
function cheapest(
  grid: Grid,
  starts: readonly number[],
  ends: ReadonlySet<number>,
): readonly number[] | null {
  const { xs, ys, right, below } = grid
  const columns = xs.length
  const costs = new Float64Array(columns * ys.length * 2).fill(Number.POSITIVE_INFINITY)
  const came = new Int32Array(costs.length).fill(-1)
  const queue = createQueue()
  for (const node of starts) {
    costs[node * 2 + 1] = 0
    queue.add(node * 2 + 1, 0)
  }
  for (let state = queue.take(); state !== null; state = queue.take()) {
    const node = state.item >> 1
    const isSideways = (state.item & 1) === 1
    if (state.cost > (costs[state.item] ?? 0)) continue
    if (isSideways && ends.has(node) && came[state.item] !== -1) return back(came, state.item)
    const column = node % columns
    const isStart = came[state.item] === -1
    const go = (next: number, length: number, sideways: boolean): void => {
      const item = next * 2 + (sideways ? 1 : 0)
      const cost = state.cost + length + (sideways === isSideways ? 0 : TURN)
      if (cost >= (costs[item] ?? 0)) return
      costs[item] = cost
      came[item] = state.item
      queue.add(item, cost)
    }
    if (column + 1 < columns && right[node] === 0) go(node + 1, at(xs, column + 1) - at(xs, column), true)
    if (column > 0 && right[node - 1] === 0) go(node - 1, at(xs, column) - at(xs, column - 1), true)
    if (isStart) continue
    const row = Math.floor(node / columns)
    if (row + 1 < ys.length && below[node] === 0) go(node + columns, at(ys, row + 1) - at(ys, row), false)
    if (row > 0 && below[node - columns] === 0) go(node - columns, at(ys, row) - at(ys, row - 1), false)
  }
  return null
}

function back(came: Int32Array, last: number): readonly number[] {
  const way: number[] = []
  for (let item = last; item !== -1; item = came[item] ?? -1) way.push(item >> 1)
  return way.reverse()
}

interface Queue {
  readonly add: (item: number, cost: number) => void
  readonly take: () => { readonly item: number; readonly cost: number } | null
}

/** A binary heap: least cost first. */
function createQueue(): Queue {
  const heap: { readonly item: number; readonly cost: number }[] = []
  const cost = (index: number): number => heap[index]?.cost ?? Number.POSITIVE_INFINITY
  const swap = (a: number, b: number): void => {
    const [one, other] = [heap[a], heap[b]]
    if (one === undefined || other === undefined) return
    heap[a] = other
    heap[b] = one
  }
  return {
    add: (item, itsCost) => {
      heap.push({ item, cost: itsCost })
      for (let index = heap.length - 1; index > 0; ) {
        const parent = (index - 1) >> 1
        if (cost(parent) <= cost(index)) break
        swap(parent, index)
        index = parent
      }
    },
    take: () => {
      const [first] = heap
      const last = heap.pop()
      if (first === undefined || last === undefined) return null
      if (heap.length === 0) return first
      heap[0] = last
      for (let index = 0; ; ) {
        const child = cost(2 * index + 2) < cost(2 * index + 1) ? 2 * index + 2 : 2 * index + 1
        if (cost(child) >= cost(index)) break
        swap(child, index)
        index = child
      }
      return first
    },
  }
}

/** Without the points at which a line goes straight on. */
function corners(points: readonly Point[]): readonly Point[] {
  return points.filter((point, index) => {
    const [before, after] = [points[index - 1], points[index + 1]]
    if (before === undefined || after === undefined) return true
    return (before.x !== point.x || point.x !== after.x) && (before.y !== point.y || point.y !== after.y)
  })
}
