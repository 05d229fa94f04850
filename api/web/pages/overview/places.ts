/** An entry of a list where it was first seen; `over` once the list no longer has it. */
export interface Placed<T> {
  readonly id: string
  readonly item: T
  readonly over: boolean
}

/**
 * Carries a live list into what is shown of it: entries are renewed where they stand, those that are over stay in their place
 * until the viewer asks for the list as it is, and new ones come last. A list that has emptied is empty.
 */
export function placeIn<T>(
  shown: readonly Placed<T>[],
  items: readonly T[],
  idOf: (item: T) => string,
): readonly Placed<T>[] {
  if (items.length === 0) return []
  const now = new Map(items.map((item) => [idOf(item), item]))
  const kept = shown.map(({ id, item }): Placed<T> => {
    const present = now.get(id)
    now.delete(id)
    return present === undefined ? { id, item, over: true } : { id, item: present, over: false }
  })
  return [...kept, ...[...now].map(([id, item]) => ({ id, item, over: false }))]
}

/** True where what is shown isn't the list, in its order. */
export function isAstray<T>(
  shown: readonly Placed<T>[],
  items: readonly T[],
  idOf: (item: T) => string,
): boolean {
  return shown.length !== items.length || items.some((item, index) => shown[index]?.id !== idOf(item))
}
