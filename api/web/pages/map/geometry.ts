export interface Point {
  readonly x: number
  readonly y: number
}

export interface Box extends Point {
  readonly w: number
  readonly h: number
}

export function moved(box: Box, by: Point): Box {
  return { ...box, x: box.x + by.x, y: box.y + by.y }
}

export function contains(outer: Box, inner: Box): boolean {
  return (
    inner.x >= outer.x &&
    inner.y >= outer.y &&
    inner.x + inner.w <= outer.x + outer.w &&
    inner.y + inner.h <= outer.y + outer.h
  )
}

/** The least box that holds all points; null without any. */
export function around(points: readonly Point[]): Box | null {
  if (points.length === 0) return null
  const xs = points.map(({ x }) => x)
  const ys = points.map(({ y }) => y)
  const [x, y] = [Math.min(...xs), Math.min(...ys)]
  return { x, y, w: Math.max(...xs) - x, h: Math.max(...ys) - y }
}

/** An id of AWS: its kind, and digits of which the last ones tell it from others. */
const ID = /^([a-z]+(?:-[a-z]+)*-)[0-9a-f]{8,17}$/

/**
 * As much of a line as fits a width, as a font that `widthOf` knows draws it. What is cut ends in an ellipsis; an id keeps its
 * end.
 */
export function fitted(text: string, width: number, widthOf: (text: string) => number): string {
  if (widthOf(text) <= width) return text
  const kind = ID.exec(text)?.[1]
  const letters = [...text]
  const cut = (kept: number): string =>
    kind === undefined || kept <= kind.length
      ? `${letters.slice(0, kept).join('')}…`
      : `${kind}…${letters.slice(letters.length - kept + kind.length).join('')}`
  let [fits, tooMany] = [0, letters.length]
  while (fits + 1 < tooMany) {
    const half = (fits + tooMany) >> 1
    if (widthOf(cut(half)) <= width) fits = half
    else tooMany = half
  }
  return cut(fits)
}

/** A line through points as an SVG path, its corners rounded as far as its pieces leave room. */
export function rounded(points: readonly Point[], radius: number): string {
  const [first] = points
  if (first === undefined) return ''
  return points
    .slice(1)
    .reduce(
      (drawn, point, index) => drawn + corner(points[index] ?? first, point, points[index + 2], radius),
      `M${first.x} ${first.y}`,
    )
}

function corner(before: Point, point: Point, after: Point | undefined, radius: number): string {
  if (after === undefined) return `L${point.x} ${point.y}`
  const toward = (other: Point): Point => {
    const length = Math.hypot(other.x - point.x, other.y - point.y)
    const share = length === 0 ? 0 : Math.min(radius, length / 2) / length
    return { x: point.x + (other.x - point.x) * share, y: point.y + (other.y - point.y) * share }
  }
  const [start, end] = [toward(before), toward(after)]
  return `L${start.x} ${start.y}Q${point.x} ${point.y} ${end.x} ${end.y}`
}

/** Whether an IPv4 address lies in a range; false for whatever is neither. */
export function holds(cidr: string, address: string): boolean {
  const [network = '', length = ''] = cidr.split('/')
  const range = numberOf(network)
  const host = numberOf(address)
  const bits = Number(length)
  if (range === null || host === null || length === '' || !(bits >= 0 && bits <= 32)) return false
  const size = 2 ** (32 - bits)
  return Math.floor(range / size) === Math.floor(host / size)
}

function numberOf(address: string): number | null {
  const parts = address.split('.')
  if (parts.length !== 4 || parts.some((part) => !/^\d{1,3}$/.test(part))) return null
  return parts.reduce((sum, part) => sum * 256 + Number(part), 0)
}
