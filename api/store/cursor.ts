import { InvalidCursor } from './store.js'

/** A cursor says where a list goes on: the list it belongs to and the keys of the last item. Opaque to its reader. */
export function encodeCursor(list: string, keys: readonly (string | number)[]): string {
  return Buffer.from(JSON.stringify([list, ...keys])).toString('base64url')
}

/**
 * The keys of a cursor that `encodeCursor` made for the same list and with keys of the same types.
 * @throws InvalidCursor for any other text
 */
export function decodeCursor<const Kinds extends readonly ('string' | 'number')[]>(
  list: string,
  cursor: string,
  kinds: Kinds,
): { -readonly [K in keyof Kinds]: Kinds[K] extends 'string' ? string : number } {
  const keys = parse(cursor)
  const fits =
    keys !== null &&
    keys.length === kinds.length + 1 &&
    keys[0] === list &&
    kinds.every((kind, index) => typeof keys[index + 1] === kind)
  if (!fits) throw new InvalidCursor(`not a cursor of ${list}`)
  return keys.slice(1) as { -readonly [K in keyof Kinds]: Kinds[K] extends 'string' ? string : number }
}

function parse(cursor: string): readonly unknown[] | null {
  try {
    const value: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'))
    return Array.isArray(value) ? value : null
  } catch {
    return null
  }
}
