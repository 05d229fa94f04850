import { refitted } from '../../korean.js'

/** Ids that AWS gives to parts of a network, wherever they stand in a text. */
const ID = /\b(?:vpc|subnet|sg|acl|rtb|igw|eigw|nat|vpce|pcx|tgw|vgw|pl|eni|i)-[0-9a-z-]*[0-9a-z]{8,}\b/g

/** The names of all ids that stand in the strings of a value, however deep. */
export function namesIn(value: unknown, names: ReadonlyMap<string, string>): Record<string, string> {
  const found = new Map<string, string>()
  collect(value, (text) => {
    for (const [id] of text.matchAll(ID)) {
      const name = names.get(id)
      if (name !== undefined) found.set(id, name)
    }
  })
  return Object.fromEntries(found)
}

function collect(value: unknown, see: (text: string) => void): void {
  if (typeof value === 'string') see(value)
  else if (Array.isArray(value)) for (const one of value) collect(one, see)
  else if (typeof value === 'object' && value !== null)
    for (const one of Object.values(value)) collect(one, see)
}

/** A Korean particle stands at its word and follows its sound, which a name may change. */
const WITH_PARTICLE = new RegExp(`(${ID.source})([가-힣]{0,2})`, 'g')

type Join = (id: string, name: string) => string

const nameBehind: Join = (id, name) => `${id} (${name})`

/** A text that names an id where it first speaks of it: `sg-… (orders-db)`. */
export function withNames(text: string, names: ReadonlyMap<string, string>, join: Join = nameBehind): string {
  const said = new Set<string>()
  return text.replace(WITH_PARTICLE, (all: string, id: string, behind: string) => {
    const name = names.get(id)
    if (name === undefined || name === id || said.has(id)) return all
    said.add(id)
    const joined = join(id, name)
    return joined + refitted(joined, behind)
  })
}
