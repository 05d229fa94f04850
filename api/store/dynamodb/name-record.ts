import { type Home, keptName } from '../../health/function-name.js'
import type { NewEvent } from '../news.js'
import { type Item, number, numberOf, text } from './db.js'
import type { DeclaredPosture, Link } from './places.js'

/** What the configuration or discovery says of a function. */
export interface Declared extends Home {
  /** Told apart from others of the same name. */
  readonly id: number
  readonly by: 'configuration' | 'discovery'
  readonly posture: DeclaredPosture | null
  /** When discovery no longer found it, in epoch milliseconds. */
  readonly vanishedAt: number | null
}

/** A function as it is kept. */
export interface Row extends Home {
  readonly name: string
  readonly group: string | null
  readonly vanishedAt: number | null
  readonly past: readonly Past[]
}

/** A standpoint that a function left: what that saw until then is still the function's. */
export interface Past {
  readonly standpoint: string
  readonly until: number
}

/** All that was ever said of one of Lambda's names. The functions that bear it follow from it, whatever the order. */
export interface NameRecord {
  readonly version: number
  /** The version whose functions are written. */
  readonly settled: number
  readonly links: readonly Link[]
  readonly declared: readonly Declared[]
  readonly rows: readonly Row[]
  /** Names under which its functions were ever kept. */
  readonly kept: readonly string[]
  /** Events that this version brought; they will stand after the number `after`. */
  readonly owed: { readonly news: readonly NewEvent[]; readonly at: number; readonly after: number }
}

export interface NamedFunction {
  readonly name: string
  readonly declared: Declared | null
  readonly links: readonly Link[]
}

type Change = (record: NameRecord) => NameRecord

export const NEW_RECORD: NameRecord = {
  version: 0,
  settled: 0,
  links: [],
  declared: [],
  rows: [],
  kept: [],
  owed: { news: [], at: 0, after: 0 },
}

/** The functions that bear a name: one, or as many as it has homes. */
export function functionsFrom(base: string, { links, declared }: NameRecord): readonly NamedFunction[] {
  const homes: readonly Home[] = [...links, ...declared]
  const found = new Map<string, { declared: Declared | null; links: Link[] }>()
  const at = (home: Home) => {
    const name = keptName({ base, home }, homes)
    const known = found.get(name) ?? { declared: null, links: [] }
    found.set(name, known)
    return known
  }
  for (const link of links) at(link).links.push(link)
  for (const one of declared) at(one).declared = one
  return [...found].map(([name, rest]) => ({ name, ...rest }))
}

/** A standpoint speaks for a function in the link's home. */
export function addLink(base: string, link: Link): Change {
  return (record) => {
    const nameIn = namer(base, record, link)
    const known = record.links.find(
      (one) => one.standpoint === link.standpoint && nameIn(one) === nameIn(link),
    )
    if (known === undefined) return { ...record, links: [...record.links, link] }
    const merged = { ...known, region: known.region ?? link.region, account: known.account ?? link.account }
    if (merged.region === known.region && merged.account === known.account) return record
    return { ...record, links: record.links.map((one) => (one === known ? merged : one)) }
  }
}

export function addDeclared(
  base: string,
  home: Home,
  given: DeclaredPosture | null,
  by: Declared['by'],
): Change {
  return (record) => {
    const nameIn = namer(base, record, home)
    const known = record.declared.find((one) => nameIn(one) === nameIn(home))
    const next: Declared = {
      id: known?.id ?? Math.max(0, ...record.declared.map(({ id }) => id)) + 1,
      by,
      region: home.region ?? known?.region ?? null,
      account: home.account ?? known?.account ?? null,
      posture: sortedPosture(given),
      vanishedAt: null,
    }
    if (JSON.stringify(decoded(known)) === JSON.stringify(next)) return record
    return { ...record, declared: [...record.declared.filter((one) => one !== known), next] }
  }
}

/** Discovery no longer finds it in a home. */
export function withVanished(home: Home, now: number): Change {
  return (record) => {
    const gone = record.declared.find(
      (one) =>
        one.by === 'discovery' &&
        one.vanishedAt === null &&
        one.account === home.account &&
        one.region === home.region,
    )
    if (gone === undefined) return record
    return {
      ...record,
      declared: record.declared.map((one) => (one === gone ? { ...one, vanishedAt: now } : one)),
    }
  }
}

/** Without what vanished before a time, and without those who still speak for it. */
export function withoutVanished(base: string, before: number): Change {
  return (record) => {
    const gone = functionsFrom(base, record).filter(
      ({ declared }) => declared !== null && declared.vanishedAt !== null && declared.vanishedAt < before,
    )
    if (gone.length === 0) return record
    return {
      ...record,
      declared: record.declared.filter((one) => !gone.some(({ declared }) => declared === one)),
      links: record.links.filter((link) => !gone.some(({ links }) => links.includes(link))),
    }
  }
}

export function sortedPosture(posture: DeclaredPosture | null): DeclaredPosture | null {
  if (posture === null) return null
  const { subnets, securityGroups } = posture
  return { subnets: [...new Set(subnets)].sort(), securityGroups: [...new Set(securityGroups)].sort() }
}

export function encodeRecord({ version, settled, ...rest }: NameRecord): Item {
  return { v: number(version), s: number(settled), d: text(JSON.stringify(rest)) }
}

export function decodeRecord(item: Item): NameRecord {
  const rest: Omit<NameRecord, 'version' | 'settled'> = JSON.parse(item['d']?.S ?? '{}')
  return { ...NEW_RECORD, ...rest, version: numberOf(item, 'v'), settled: numberOf(item, 's') }
}

/** Under which name a home's function is kept, once another home is known too. */
function namer(base: string, { links, declared }: NameRecord, more: Home): (home: Home) => string {
  const homes: readonly Home[] = [...links, ...declared, more]
  return (home) => keptName({ base, home }, homes)
}

/** In the order of fields in which it is compared. */
function decoded(declared: Declared | undefined): Declared | null {
  if (declared === undefined) return null
  const { id, by, region, account, posture, vanishedAt } = declared
  return { id, by, region, account, posture, vanishedAt }
}
