import type { Snapshot, SnapshotDocument } from '../../network/snapshot.js'
import { groupBy, isRaw, objectsIn, type Place, type Raw, text } from '../raw.js'

/** One object before and after: null where it was not yet, or is no more. */
export interface Patch {
  readonly place: Place
  readonly id: string
  readonly scope: string
  readonly before: Raw | null
  readonly after: Raw | null
}

/** A change that this snapshot can't take: it names something that is not there, or is there already. */
export class ChangeError extends Error {
  override readonly name = 'ChangeError'
}

/** A snapshot under change: reads see what was changed so far, the snapshot itself stays as it was. */
export interface Draft {
  /** Throws `ChangeError` where there is no such object. */
  readonly get: (place: Place, id: string) => Raw
  readonly find: (place: Place, id: string) => Raw | undefined
  readonly all: (place: Place) => readonly Raw[]
  readonly put: (place: Place, id: string, after: Raw) => void
  /** Adds an object beside another one: to the same region and account. */
  readonly add: (place: Place, id: string, object: Raw, beside: { place: Place; id: string }) => void
  readonly remove: (place: Place, id: string) => void
  readonly patches: () => readonly Patch[]
}

interface Located {
  readonly scope: string
  readonly object: Raw
}

export function draftOf(snapshot: Snapshot): Draft {
  const patches = new Map<string, Patch>()
  const stored = new Map<string, ReadonlyMap<string, Located>>()

  const storedAt = (place: Place): ReadonlyMap<string, Located> => {
    const known = stored.get(place.call)
    if (known !== undefined) return known
    const found = new Map<string, Located>()
    for (const document of snapshot.documents) {
      for (const { id, object } of objectsIn(document, place)) {
        if (!found.has(id)) found.set(id, { scope: document.scope, object })
      }
    }
    stored.set(place.call, found)
    return found
  }
  const keyOf = (place: Place, id: string) => `${place.call} ${id}`
  const find = (place: Place, id: string): Raw | undefined => {
    const patch = patches.get(keyOf(place, id))
    return patch === undefined ? storedAt(place).get(id)?.object : (patch.after ?? undefined)
  }
  const scopeOf = (place: Place, id: string) =>
    patches.get(keyOf(place, id))?.scope ?? storedAt(place).get(id)?.scope ?? ''
  const set = (place: Place, id: string, scope: string, after: Raw | null) => {
    const before = storedAt(place).get(id)?.object ?? null
    patches.set(keyOf(place, id), { place, id, scope, before, after })
  }

  return {
    find,
    get: (place, id) => {
      const object = find(place, id)
      if (object === undefined) throw new ChangeError(`the snapshot has no ${id} (${place.call})`)
      return object
    },
    all: (place) => {
      const kept = [...storedAt(place)].flatMap(([id, located]) =>
        patches.has(keyOf(place, id)) ? [] : [located.object],
      )
      const changed = [...patches.values()].flatMap((patch) =>
        patch.place.call === place.call && patch.after !== null ? [patch.after] : [],
      )
      return [...kept, ...changed]
    },
    put: (place, id, after) => set(place, id, scopeOf(place, id), after),
    add: (place, id, object, beside) => {
      if (find(place, id) !== undefined) throw new ChangeError(`the snapshot has ${id} already`)
      set(place, id, scopeOf(beside.place, beside.id), object)
    },
    remove: (place, id) => set(place, id, scopeOf(place, id), null),
    patches: () => [...patches.values()],
  }
}

/** Puts patches into a snapshot. Documents that no patch touches are shared with the given snapshot. */
export function patchSnapshot(snapshot: Snapshot, patches: readonly Patch[]): Snapshot {
  const byCall = groupBy(patches, (patch) => patch.place.call)
  const placed = new Set<Patch>()
  const documents = snapshot.documents.flatMap((document): readonly SnapshotDocument[] => {
    const own = byCall.get(document.call)
    if (own === undefined || !isRaw(document.body)) return [document]
    return patchDocument(document, document.body, own, placed)
  })
  const added = [...byCall.values()].flatMap((group) =>
    group.flatMap((patch) =>
      placed.has(patch) || patch.after === null ? [] : [documentOf(patch, patch.after)],
    ),
  )
  return { ...snapshot, documents: [...documents, ...mergeNew(added)] }
}

function patchDocument(
  document: SnapshotDocument,
  body: Raw,
  patches: readonly Patch[],
  placed: Set<Patch>,
): readonly SnapshotDocument[] {
  const { list, id } = patches[0]?.place ?? { list: null, id: '' }
  if (list === null) {
    const patch = patches.find((one) => one.id === document.key)
    if (patch === undefined) return [document]
    placed.add(patch)
    return patch.after === null ? [] : [{ ...document, body: patch.after }]
  }
  const items = body[list]
  if (!Array.isArray(items)) return [document]
  let touched = false
  const kept: unknown[] = items.flatMap((item: unknown) => {
    const patch = isRaw(item) ? patches.find((one) => one.id === text(item, id)) : undefined
    if (patch === undefined) return [item]
    touched = true
    placed.add(patch)
    return patch.after === null ? [] : [patch.after]
  })
  for (const patch of patches) {
    if (placed.has(patch) || patch.before !== null || patch.after === null) continue
    if (patch.scope !== document.scope) continue
    touched = true
    placed.add(patch)
    kept.push(patch.after)
  }
  return touched ? [{ ...document, body: { ...body, [list]: kept } }] : [document]
}

function documentOf(patch: Patch, after: Raw): SnapshotDocument {
  const { call, list } = patch.place
  const key = list === null ? patch.id : ''
  return {
    file: `${patch.scope === '' ? '' : `${patch.scope}/`}${call}${key === '' ? '' : `.${key}`}.json`,
    scope: patch.scope,
    call,
    key,
    body: list === null ? after : { [list]: [after] },
  }
}

/** Two new objects of one call belong into one answer, as AWS would print them. */
function mergeNew(documents: readonly SnapshotDocument[]): readonly SnapshotDocument[] {
  const groups = groupBy(documents, (document) => document.file)
  return [...groups.values()].flatMap((group) => {
    const [first] = group
    if (first === undefined) return []
    const merged: Record<string, unknown> = {}
    for (const document of group) {
      for (const [field, value] of Object.entries(isRaw(document.body) ? document.body : {})) {
        const before = merged[field]
        merged[field] = Array.isArray(before) && Array.isArray(value) ? [...before, ...value] : value
      }
    }
    return [{ ...first, body: merged }]
  })
}
