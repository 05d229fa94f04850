import { nameTags } from './network/map/names.js'
import { buildModel, type Model } from './network/model.js'
import type { Snapshot, SnapshotProblem } from './network/snapshot.js'
import type { KeptSnapshot, SnapshotVersion, SnapshotVersions } from './snapshot/versions.js'

/** The newest snapshot with the model built from it: what traces and diagnoses rest on. */
export interface CurrentNetwork {
  readonly version: SnapshotVersion
  readonly snapshot: Snapshot
  readonly model: Model
  /** What people call its parts, by id. */
  readonly names: () => ReadonlyMap<string, string>
  /** What the folder's files or their content got wrong. */
  readonly problems: readonly SnapshotProblem[]
}

/** Kept versions, and the newest of them ready for use. */
export interface NetworkState {
  readonly versions: SnapshotVersions
  /** Null until the first snapshot. */
  readonly current: () => CurrentNetwork | null
  readonly get: (id: string) => Promise<CurrentNetwork | null>
  readonly add: (
    snapshot: Snapshot,
    now: Date,
  ) => Promise<{ readonly version: SnapshotVersion; readonly isNew: boolean }>
  /** Asks AWS again; null where no inventory is configured. Calls that come while one is under way share its answer. */
  readonly refresh: (() => Promise<{ readonly version: SnapshotVersion; readonly isNew: boolean }>) | null
  /** Takes the newest kept version for the current one: another instance may have added it. */
  readonly sync: () => Promise<void>
  /** Calls back when another snapshot became current; returns how to stop. */
  readonly onChange: (listener: () => void) => () => void
}

/** What people call the ids of the current snapshot; empty without one. */
export function namesNow({ current }: Pick<NetworkState, 'current'>): ReadonlyMap<string, string> {
  return current()?.names() ?? new Map()
}

/** Opens the state on kept versions; `collect` asks AWS for a new snapshot where an account is connected. */
export async function openNetworkState(
  versions: SnapshotVersions,
  collect: (() => Promise<Snapshot>) | null,
  clock: () => Date,
): Promise<NetworkState> {
  const listeners = new Set<() => void>()
  let current: CurrentNetwork | null = null
  let refreshing: Promise<{ version: SnapshotVersion; isNew: boolean }> | null = null

  const sync = async (): Promise<void> => {
    const newest = (await versions.list()).at(-1)
    if (newest === undefined || newest.id === current?.version.id) return
    const kept = await versions.read(newest.id)
    if (kept === null) return
    current = modelled(kept)
    for (const listener of listeners) listener()
  }
  await sync()

  const add: NetworkState['add'] = async (snapshot, now) => {
    const added = await versions.add(snapshot, now)
    if (added.version.id === current?.version.id) return added
    const read = await versions.read(added.version.id)
    const latest = (await versions.list()).at(-1)
    if (read && latest?.id === added.version.id) {
      current = modelled(read)
      for (const listener of listeners) listener()
    }
    return added
  }

  return {
    versions,
    current: () => current,
    async get(id) {
      if (current?.version.id === id) return current
      const found = await versions.read(id)
      return found ? modelled(found) : null
    },
    add,
    sync,
    refresh:
      collect === null
        ? null
        : () => {
            refreshing ??= collect()
              .then((snapshot) => add(snapshot, clock()))
              .finally(() => {
                refreshing = null
              })
            return refreshing
          },
    onChange(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}

/** A snapshot ready for use: its model, and its parts' names once someone wants them. */
export function modelled(kept: KeptSnapshot): CurrentNetwork {
  const { model, problems } = buildModel(kept.snapshot)
  let names: ReadonlyMap<string, string> | null = null
  return {
    version: kept.version,
    snapshot: kept.snapshot,
    model,
    names: () => {
      names ??= nameTags(kept.snapshot)
      return names
    },
    problems: [...kept.problems, ...problems],
  }
}
