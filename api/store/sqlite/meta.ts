import type { Db } from './db.js'

/** Numbers that the store keeps about itself; absent ones are 0. */
export type MetaKey =
  | 'horizon'
  | 'reports'
  | 'results'
  | 'duplicates'
  | 'rejects'
  | 'otherLines'
  | 'flipAfter'
  | 'intervalMs'

export interface Meta {
  readonly get: (key: MetaKey) => number
  readonly set: (key: MetaKey, value: number) => void
  readonly add: (amounts: Readonly<Partial<Record<MetaKey, number>>>) => void
}

const KEYS: readonly MetaKey[] = ['reports', 'results', 'duplicates', 'rejects', 'otherLines']

export function metaOf(db: Db): Meta {
  const get = db.prepare<{ value: number }>('SELECT value FROM meta WHERE key = ?')
  const set = db.prepare(
    'INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value',
  )
  const add = db.prepare(
    'INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = value + excluded.value',
  )
  return {
    get: (key) => get.get(key)?.value ?? 0,
    set: (key, value) => {
      set.run(key, value)
    },
    add: (amounts) => {
      for (const key of KEYS) {
        const amount = amounts[key] ?? 0
        if (amount !== 0) add.run(key, amount)
      }
    },
  }
}
