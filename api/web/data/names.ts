import { withNames } from '../../network/map/name-ids.js'

/** What people call the ids that the API's answers have spoken of so far. */
export interface Names {
  readonly learn: (names: unknown) => void
  readonly of: (id: string) => string | null
  /** A text in which ids are led by what people call them: `orders-db (sg-…)`. */
  readonly tell: (text: string) => string
}

export function createNames(): Names {
  const known = new Map<string, string>()
  return {
    learn(names) {
      if (typeof names !== 'object' || names === null) return
      for (const [id, name] of Object.entries(names)) if (typeof name === 'string') known.set(id, name)
    },
    of: (id) => known.get(id) ?? null,
    tell: (text) => withNames(text, known, (id, name) => `${name} (${id})`),
  }
}
