/** Bytes that have come in and were not yet taken. Each byte is copied once in and once out, however it was cut into packets. */
export interface ByteQueue {
  readonly length: () => number
  readonly push: (chunk: Uint8Array) => void
  /** Removes and returns at most `count` bytes. */
  readonly take: (count: number) => Buffer
  /** Offset of the delimiter at or after `from`, or -1. */
  readonly indexOf: (delimiter: string, from: number) => number
}

const SMALLEST = 4096

export function byteQueue(): ByteQueue {
  // Made at the first byte: most checks of a plain port never get one.
  let store = Buffer.alloc(0)
  let start = 0
  let end = 0
  const makeRoom = (count: number): void => {
    if (end + count <= store.length) return
    const held = end - start
    // Doubling keeps a peer that sends a byte a packet from costing the square of what it sends.
    const target = held + count <= store.length / 2 ? store : Buffer.alloc(roundUp(held + count))
    store.copy(target, 0, start, end)
    store = target
    start = 0
    end = held
  }
  return {
    length: () => end - start,
    push(chunk) {
      makeRoom(chunk.length)
      store.set(chunk, end)
      end += chunk.length
    },
    take(count) {
      const taken = Buffer.from(store.subarray(start, Math.min(end, start + count)))
      start += taken.length
      if (start === end) start = end = 0
      return taken
    },
    indexOf: (delimiter, from) => store.subarray(start, end).indexOf(delimiter, from, 'latin1'),
  }
}

function roundUp(count: number): number {
  let size = SMALLEST
  while (size < count) size *= 2
  return size
}
