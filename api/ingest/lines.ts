/** One line of a stream, with where it ends in bytes. */
export interface Line {
  /** Without its line end. Of an overlong line only the beginning. */
  readonly text: string
  /** Offset of the byte after the line end. */
  readonly end: number
  readonly overlong: boolean
  /** False for what follows the last line end of a stream: it may be the beginning of a line that is still written. */
  readonly ended: boolean
}

/** A longer line is never held in memory: CloudWatch's own limit for one event. */
export const MAX_LINE_BYTES = 1024 * 1024
/** Of an overlong line this much is kept, for the reject that tells of it. */
const KEPT_BYTES = 4096
const NEWLINE = 0x0a

/**
 * Cuts bytes into lines, as many at a time as a chunk holds. Memory is bounded by one line and one chunk; bytes that are
 * no UTF-8 become U+FFFD.
 *
 * @param start offset of the first byte
 */
export async function* splitLines(
  chunks: AsyncIterable<Uint8Array>,
  start = 0,
): AsyncGenerator<readonly Line[]> {
  let pieces: Buffer[] = []
  let held = 0
  let dropped = 0
  let offset = start
  const hold = (piece: Buffer): void => {
    if (held + piece.length <= MAX_LINE_BYTES && dropped === 0) {
      // A copy, so that a few bytes don't keep the whole chunk alive.
      pieces.push(Buffer.from(piece))
      held += piece.length
      return
    }
    if (dropped === 0) pieces = [Buffer.from(Buffer.concat([...pieces, piece]).subarray(0, KEPT_BYTES))]
    dropped += held + piece.length
    held = 0
  }
  const take = (ended: boolean): Line => {
    const [only] = pieces
    const bytes = pieces.length === 1 && only !== undefined ? only : Buffer.concat(pieces)
    const carriage = ended && bytes.at(-1) === 0x0d && dropped === 0
    const line = {
      text: bytes.toString('utf8', 0, bytes.length - (carriage ? 1 : 0)),
      end: offset,
      overlong: dropped > 0,
      ended,
    }
    pieces = []
    held = 0
    dropped = 0
    return line
  }
  for await (const chunk of chunks) {
    const buffer = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)
    const lines: Line[] = []
    let from = 0
    for (;;) {
      const newline = buffer.indexOf(NEWLINE, from)
      const to = newline < 0 ? buffer.length : newline
      if (to > from) hold(buffer.subarray(from, to))
      offset += to - from
      if (newline < 0) break
      offset += 1
      lines.push(take(true))
      from = newline + 1
    }
    if (lines.length > 0) yield lines
  }
  if (held + dropped > 0) yield [take(false)]
}
