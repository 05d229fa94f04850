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

/** How many letters of a line fit a width: wide ones (Hangul, Han, kana) count twice. `unit` is an average letter's width. */
export function fitted(text: string, width: number, unit: number): string {
  const room = width / unit
  let used = 0
  let shown = ''
  for (const letter of text) {
    used += /[\u1100-\u11ff\u2e80-\u9fff\uac00-\ud7ff\uff00-\uff60]/.test(letter) ? 1.8 : 1
    if (used > room) return `${shown.slice(0, -1)}…`
    shown += letter
  }
  return shown
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
