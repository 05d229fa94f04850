import type { Store } from './store/store.js'

/** A store that tells when this process changed it, so that caches and event streams needn't ask. */
export interface WatchedStore extends Store {
  /** Rises with every change made through this object. */
  readonly generation: () => number
  /** Calls back after every change; returns how to stop. */
  readonly onChange: (listener: () => void) => () => void
}

/**
 * Wraps a store. Another process may write to the same file without being seen here, so a reader that must notice
 * that too looks again after a second at the latest.
 */
export function watchStore(store: Store): WatchedStore {
  let generation = 0
  const listeners = new Set<() => void>()
  const changed = (): void => {
    generation++
    for (const listener of listeners) listener()
  }
  return {
    ...store,
    generation: () => generation,
    onChange: (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    ingest: async (batch) => {
      const summary = await store.ingest(batch)
      if (summary.accepted > 0 || summary.rejected > 0) changed()
      return summary
    },
    declareFunctions: async (functions) => {
      await store.declareFunctions(functions)
      changed()
    },
    discoverFunctions: async (home, functions, now) => {
      await store.discoverFunctions(home, functions, now)
      changed()
    },
    prune: async (now) => {
      const more = await store.prune(now)
      changed()
      return more
    },
  }
}
