/** Unsigned LEB128 numbers and short texts in one growing buffer: the compact form of rollups. */

export interface Writer {
  readonly uint: (value: number) => void
  readonly int: (value: number) => void
  readonly text: (value: string) => void
  readonly finish: () => Uint8Array
}

export interface Reader {
  readonly uint: () => number
  readonly int: () => number
  readonly text: () => string
  readonly done: () => boolean
}

const INITIAL_BYTES = 256

/** Numbers must be integers of at most 53 bits; `uint` takes no negative one. */
export function writer(): Writer {
  let bytes = Buffer.allocUnsafe(INITIAL_BYTES)
  let length = 0
  const reserve = (more: number): void => {
    if (length + more <= bytes.length) return
    const grown = Buffer.allocUnsafe(Math.max(bytes.length * 2, length + more))
    bytes.copy(grown, 0, 0, length)
    bytes = grown
  }
  const uint = (value: number): void => {
    reserve(8)
    let rest = value
    while (rest >= 0x80) {
      bytes[length++] = (rest % 0x80) | 0x80
      rest = Math.floor(rest / 0x80)
    }
    bytes[length++] = rest
  }
  return {
    uint,
    int: (value) => uint(value < 0 ? -2 * value - 1 : 2 * value),
    text: (value) => {
      const size = Buffer.byteLength(value)
      uint(size)
      reserve(size)
      length += bytes.write(value, length)
    },
    finish: () => Buffer.from(bytes.subarray(0, length)),
  }
}

/** Reads what `writer` wrote. @throws RangeError if the bytes end too soon */
export function reader(bytes: Uint8Array): Reader {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let at = 0
  const uint = (): number => {
    let value = 0
    let scale = 1
    for (;;) {
      const byte = buffer[at++]
      if (byte === undefined) throw new RangeError('a rollup ends in the middle of a number')
      value += (byte & 0x7f) * scale
      if (byte < 0x80) return value
      scale *= 0x80
    }
  }
  return {
    uint,
    int: () => {
      const value = uint()
      return value % 2 === 1 ? -(value + 1) / 2 : value / 2
    },
    text: () => {
      const size = uint()
      if (at + size > buffer.length) throw new RangeError('a rollup ends in the middle of a text')
      at += size
      return buffer.toString('utf8', at - size, at)
    },
    done: () => at >= buffer.length,
  }
}
