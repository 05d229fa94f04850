import type { ProbeIdentity } from '../../../probe/report.schema.js'
import type { CheckState } from '../../health/fold.js'
import { shortHash, standpointOf } from '../../health/standpoint.js'
import type { KnownIncident } from '../refold.js'
import type { StoredReport } from '../stored-report.js'
import { bytes, bytesOf, type Db, type Item, keyText, number, numberOf } from './db.js'
import { baseKey, headKey } from './keys.js'
import { pack, packBytes, unpack, unpackBytes } from './pack.js'

/**
 * A probe's head: its state and its newest reports in one item, which is replaced whole, and only as the version that was
 * read. That one conditional write is what takes reports in. Everything else about a probe (stretches of older reports,
 * rollups, incidents, events) is derived from a head that stands already, and may be written twice with no harm.
 */
export interface Head {
  readonly id: string
  /** 0: not stored yet. */
  readonly version: number
  /** Number of the dictionary that it is packed with. */
  readonly base: number
  readonly about: About
  readonly lastAt: number | null
  readonly lastTie: number
  readonly intervalMs: number | null
  /** Hash of the functions that its newest reports named. */
  readonly names: string
  /** Reports of this hour and later are not rolled up. */
  readonly openHour: number | null
  /** Earlier hours whose rollups are older than their reports. */
  readonly dirty: readonly number[]
  /** A stored state of `hour` or later is worth nothing if it was made before `version`: an older report came late. */
  readonly late: readonly LateMark[]
  readonly checks: ReadonlyMap<string, CheckState>
  /** Reports that are in no stretch yet. */
  readonly fresh: readonly StoredReport[]
  /** How often `fresh` was moved to stretches. */
  readonly flushes: number
  readonly totals: { readonly reports: number; readonly results: number; readonly otherLines: number }
  readonly owed: Owed
}

export interface About {
  readonly name: string
  readonly standpoint: string
  readonly account: string | null
  readonly region: string | null
  readonly subnet: string | null
  readonly securityGroups: readonly string[]
}

export interface LateMark {
  readonly version: number
  readonly hour: number
}

export interface CheckIncident {
  readonly check: string
  readonly incident: KnownIncident
}

/** What follows from this version and is still to be written: by its writer, or after a crash by whoever comes next. */
export interface Owed {
  readonly incidents: readonly CheckIncident[]
  /** Incidents that turned out not to be any. */
  readonly dropped: readonly { readonly check: string; readonly openedAt: number }[]
  readonly news: readonly {
    readonly type: 'incident-opened' | 'incident-closed'
    readonly check: string
    readonly incident: KnownIncident
  }[]
  /** Receiving time of that news, and a number after which its events will stand. */
  readonly at: number
  readonly after: number
  /** Whether the groups that the probe belongs to may have changed. */
  readonly judge: boolean
}

export const NOTHING_OWED: Owed = { incidents: [], dropped: [], news: [], at: 0, after: 0, judge: false }

/** The rest of a head as it is packed: entries instead of objects, since a check may be called `__proto__`. */
interface Packed extends Omit<Head, 'id' | 'version' | 'base' | 'checks'> {
  readonly checks: readonly (readonly [string, CheckState])[]
}

export interface Heads {
  readonly get: (id: string) => Promise<Head | null>
  readonly getMany: (ids: readonly string[], consistent?: boolean) => Promise<readonly Head[]>
  /** Heads from items that were read otherwise. */
  readonly decode: (items: readonly Item[]) => Promise<readonly Head[]>
  /** Replaces the version that `head` was made from, as the next one; null if another writer was first. */
  readonly commit: (head: Head) => Promise<Head | null>
  /** Bytes of the head as an item, roughly. */
  readonly size: (head: Head) => Promise<number>
  readonly dictionary: (id: string, base: number) => Promise<Uint8Array>
  /** Takes this head for the dictionary of those to come. */
  readonly rebase: (head: Head) => Promise<Head>
  readonly remove: (head: Head) => Promise<boolean>
}

/** Dictionaries that a process keeps at hand; they never change. */
const KEPT_DICTIONARIES = 4000
/** Deflate looks no further back. */
const DICTIONARY_BYTES = 32 * 1024
/** What keys and names add to the packed part. */
const ITEM_OVERHEAD = 48

export function probeId(identity: ProbeIdentity): string {
  return shortHash([standpointOf(identity).id, identity.function])
}

export function newHead(identity: ProbeIdentity): Head {
  const { id: standpoint, account, region, subnet, securityGroups } = standpointOf(identity)
  return {
    id: probeId(identity),
    version: 0,
    base: 0,
    about: { name: identity.function, standpoint, account, region, subnet, securityGroups },
    lastAt: null,
    lastTie: 0,
    intervalMs: null,
    names: '',
    openHour: null,
    dirty: [],
    late: [],
    checks: new Map(),
    fresh: [],
    flushes: 0,
    totals: { reports: 0, results: 0, otherLines: 0 },
    owed: NOTHING_OWED,
  }
}

export function headsOf(db: Db): Heads {
  const dictionaries = new Map<string, Uint8Array>()
  const keep = (id: string, base: number, dictionary: Uint8Array): Uint8Array => {
    const oldest = dictionaries.size >= KEPT_DICTIONARIES ? dictionaries.keys().next().value : undefined
    if (oldest !== undefined) dictionaries.delete(oldest)
    dictionaries.set(`${id} ${base}`, dictionary)
    return dictionary
  }

  const fetchDictionaries = async (wanted: readonly { id: string; base: number }[]): Promise<void> => {
    const missing = wanted.filter(({ id, base }) => !dictionaries.has(`${id} ${base}`))
    if (missing.length === 0) return
    const items = await db.getMany(missing.map(({ id, base }) => baseKey(id, base)))
    const absent: { id: string; base: number }[] = []
    for (const one of missing) {
      const item = items.get(keyText(baseKey(one.id, one.base)))
      if (item === undefined) absent.push(one)
      else keep(one.id, one.base, unpackBytes(bytesOf(item, 'd')))
    }
    // One that was written a moment ago may be missing where the read isn't consistent.
    for (const { id, base } of absent) {
      const item = await db.get(baseKey(id, base), true)
      if (item === null) throw new Error(`the dictionary ${base} of probe ${id} is gone from ${db.table}`)
      keep(id, base, unpackBytes(bytesOf(item, 'd')))
    }
  }

  const dictionary = async (id: string, base: number): Promise<Uint8Array> => {
    await fetchDictionaries([{ id, base }])
    return dictionaries.get(`${id} ${base}`) ?? new Uint8Array()
  }

  const decode = async (items: readonly Item[]): Promise<readonly Head[]> => {
    const known = items.map((item) => ({ id: item['sk']?.S ?? '', base: numberOf(item, 'b'), item }))
    await fetchDictionaries(known)
    return Promise.all(
      known.map(async ({ id, base, item }) => {
        const packed = unpack<Packed>(bytesOf(item, 'd'), await dictionary(id, base))
        return { ...packed, id, base, version: numberOf(item, 'v'), checks: new Map(packed.checks) }
      }),
    )
  }

  const packed = async (head: Head): Promise<Uint8Array> =>
    pack(packable(head), await dictionary(head.id, head.base))

  const rebase = async (head: Head): Promise<Head> => {
    const next = { ...head, base: head.base + 1 }
    const text = Buffer.from(JSON.stringify(packable(next))).subarray(-DICTIONARY_BYTES)
    // The same number may be left from a writer that was cut off or beaten: the first one stands.
    const key = baseKey(head.id, next.base)
    const condition = { text: 'attribute_not_exists(#pk)', names: { '#pk': 'pk' } }
    if (await db.put(key, { d: bytes(packBytes(text)) }, condition)) keep(head.id, next.base, text)
    return next
  }

  return {
    get: async (id) => {
      const item = await db.get(headKey(id), true)
      if (item === null) return null
      const [head] = await decode([item])
      return head ?? null
    },
    getMany: async (ids, consistent = false) =>
      decode([...(await db.getMany(ids.map(headKey), consistent)).values()]),
    decode,
    commit: async (head) => {
      const next = { ...head, version: head.version + 1 }
      const condition =
        head.version === 0
          ? { text: 'attribute_not_exists(#v)', names: { '#v': 'v' } }
          : { text: '#v = :v', names: { '#v': 'v' }, values: { ':v': number(head.version) } }
      const attributes = { v: number(next.version), b: number(next.base), d: bytes(await packed(next)) }
      return (await db.put(headKey(head.id), attributes, condition)) ? next : null
    },
    size: async (head) => (await packed(head)).length + ITEM_OVERHEAD,
    dictionary,
    rebase,
    remove: (head) =>
      db.remove(headKey(head.id), {
        text: '#v = :v',
        names: { '#v': 'v' },
        values: { ':v': number(head.version) },
      }),
  }
}

function packable({ id: _id, version: _version, base: _base, checks, ...rest }: Head): Packed {
  return { ...rest, checks: [...checks] }
}
