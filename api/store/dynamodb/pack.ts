import { deflateRawSync, inflateRawSync } from 'node:zlib'

/** Unpacked size past which an item is broken: DynamoDB's own limit is 400 KB packed. */
const MAX_UNPACKED = 64 * 1024 * 1024

/**
 * JSON, deflated. With a dictionary, a text much like the value's own, what the two share costs next to nothing: that is
 * what lets a probe's state and its newest reports share one write unit of 1 KB.
 */
export function pack(value: unknown, dictionary?: Uint8Array): Uint8Array {
  return packBytes(Buffer.from(JSON.stringify(value)), dictionary)
}

/** The value that was packed with the same dictionary. */
export function unpack<T>(packed: Uint8Array, dictionary?: Uint8Array): T {
  // The one place where stored bytes get their type: each item is written beside the shape of its content.
  return JSON.parse(Buffer.from(unpackBytes(packed, dictionary)).toString('utf8')) as T
}

export function packBytes(bytes: Uint8Array, dictionary?: Uint8Array): Uint8Array {
  return deflateRawSync(bytes, { level: 9, memLevel: 9, ...(dictionary ? { dictionary } : {}) })
}

export function unpackBytes(packed: Uint8Array, dictionary?: Uint8Array): Uint8Array {
  return inflateRawSync(packed, { maxOutputLength: MAX_UNPACKED, ...(dictionary ? { dictionary } : {}) })
}
