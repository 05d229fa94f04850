import { parseFunctionArn } from '../../arn.js'
import { mentionOf } from '../../health/function-name.js'
import type { FunctionStatus } from '../../health/health.js'
import { cameOrWent, type NewEvent } from '../news.js'
import type { FunctionDeclaration } from '../store.js'
import { type Db, type Item, keyText, notOlderThan, number, text } from './db.js'
import type { Events } from './events.js'
import { decodeGroup } from './groups.js'
import { baseNameKey, functionKey, groupKey, groupList, homePartition } from './keys.js'
import {
  addDeclared,
  addLink,
  type Declared,
  decodeRecord,
  encodeRecord,
  functionsFrom,
  type NameRecord,
  NEW_RECORD,
  type Row,
  sortedPosture,
  withoutVanished,
  withVanished,
} from './name-record.js'
import { groupOf, type Link, type Places } from './places.js'
import { contended, withPauses } from './retry.js'

export interface Names {
  /** A standpoint speaks for functions; returns the groups that these are in now. */
  readonly link: (names: readonly string[], link: Link) => Promise<ReadonlySet<string>>
  readonly declare: (functions: readonly FunctionDeclaration[], now: number) => Promise<ReadonlySet<string>>
  readonly discover: (
    home: { readonly account: string; readonly region: string },
    found: readonly Pick<FunctionDeclaration, 'name' | 'posture'>[],
    now: number,
  ) => Promise<ReadonlySet<string>>
  /** Forgets functions of a name that vanished before a time. */
  readonly forget: (name: string, before: number) => Promise<void>
}

/** Names that are worked on at once. */
const AT_ONCE = 8

interface Change {
  readonly base: string
  readonly change: (record: NameRecord) => NameRecord
}

export function namesOf(db: Db, places: Places, events: Events): Names {
  const groupItem = async (key: string | null) => (key === null ? null : await db.get(groupKey(key), true))

  /** Places of a group as they are now. */
  const placesIn = async (key: string | null): Promise<readonly string[]> => {
    const item = await groupItem(key)
    return item === null ? [] : decodeGroup(item).places
  }

  const statusOf = async (key: string | null): Promise<FunctionStatus> => {
    const item = await groupItem(key)
    return item === null ? 'unknown' : decodeGroup(item).told.status
  }

  /** The rows that follow from a record: in which group each function is, and what it left behind. */
  const rowsOf = async (base: string, before: NameRecord, after: NameRecord, now: number): Promise<Row[]> => {
    const rows: Row[] = []
    const earlier = functionsFrom(base, before)
    for (const { name, declared, links } of functionsFrom(base, after)) {
      const vanishedAt = declared?.vanishedAt ?? null
      const group = vanishedAt === null ? groupOf(links, declared?.posture ?? null) : null
      if (group !== null) await places.ensureGroup(group)
      const key = group?.key ?? null
      const known = before.rows.find((row) => row.name === name)
      // A declared function that got another name takes what it left behind along.
      const renamed = earlier.find((one) => one.declared !== null && one.declared.id === declared?.id)
      let past = (known ?? before.rows.find((row) => row.name === renamed?.name))?.past ?? []
      if (known !== undefined && known.group !== key) {
        const left = (await placesIn(known.group)).map((standpoint) => ({ standpoint, until: now }))
        const there = new Set(await placesIn(key))
        const others = past.filter(({ standpoint }) => !left.some((one) => one.standpoint === standpoint))
        past = [...others, ...left].filter(({ standpoint }) => !there.has(standpoint))
      }
      rows.push({
        name,
        group: key,
        region: declared?.region ?? null,
        account: declared?.account ?? null,
        vanishedAt,
        past,
      })
    }
    return rows
  }

  /** Who came and who went by discovery. */
  const newsOf = async (before: NameRecord, rows: readonly Row[], after: NameRecord): Promise<NewEvent[]> => {
    const news: NewEvent[] = []
    for (const { name, group, vanishedAt, account, region } of rows) {
      const known = before.rows.find((row) => row.name === name)
      const by = after.declared.find((one) => one.account === account && one.region === region)?.by
      const was = known !== undefined && known.vanishedAt === null
      if (vanishedAt !== null && was) news.push(cameOrWent(name, await statusOf(known.group), null))
      const isNews = by === 'discovery' && vanishedAt === null
      if (isNews && (!was || !wasDiscovered(before, account, region)))
        news.push(cameOrWent(name, null, await statusOf(group)))
    }
    return news
  }

  /** Writes the functions that a record gives. Every writer of the same version writes the same. */
  const settle = async (base: string, record: NameRecord): Promise<readonly string[]> => {
    const { version, rows } = record
    const guard = notOlderThan(version)
    for (const { name, group, region, account, vanishedAt, past } of rows) {
      const attributes: Item = {
        v: number(version),
        ...(region === null ? {} : { region: text(region) }),
        ...(account === null ? {} : { account: text(account) }),
        ...(vanishedAt === null ? {} : { vanished: number(vanishedAt) }),
        ...(past.length === 0 ? {} : { past: text(JSON.stringify(past)) }),
        ...(group === null ? {} : { g: text(group), lpk: text(groupList(group)), lsk: text(name) }),
      }
      await db.put(functionKey(name), attributes, guard)
    }
    for (const name of record.kept.filter((kept) => !rows.some((row) => row.name === kept)))
      await db.put(functionKey(name), { v: number(version), gone: { BOOL: true } }, guard)
    for (const one of record.declared) {
      if (one.account === null || one.region === null) continue
      const key = { pk: homePartition(one.account, one.region), sk: base }
      const attributes = { v: number(version), d: text(JSON.stringify(one)) }
      await db.put(key, attributes, guard)
    }
    const { news, at, after } = record.owed
    if (news.length > 0) await events.append(news, at, { name: `${base}@${version}`, after })
    const settled = {
      text: 'SET #s = :v',
      names: { '#s': 's', '#v': 'v' },
      values: { ':v': number(version) },
    }
    await db.update(baseNameKey(base), settled, '#v = :v')
    return rows.flatMap(({ group }) => group ?? [])
  }

  /** Replaces a name's record by what `change` makes of it, and writes what follows. */
  const alter = async (
    { base, change }: Change,
    known: Item | null | undefined,
    now: number,
  ): Promise<readonly string[]> =>
    withPauses(async (attempt) => {
      const item = attempt === 0 && known !== undefined ? known : await db.get(baseNameKey(base), true)
      const before = item === null ? NEW_RECORD : decodeRecord(item)
      const after = change(before)
      if (after === before) return before.settled === before.version ? [] : settle(base, before)
      // What is owed to the version before is paid first: the next one no longer knows of it.
      if (before.settled !== before.version) await settle(base, before)
      const rows = await rowsOf(base, before, after, now)
      const news = await newsOf(before, rows, after)
      const next = {
        ...after,
        rows,
        version: before.version + 1,
        kept: [...new Set([...before.kept, ...rows.map(({ name }) => name)])],
        owed: { news, at: now, after: news.length > 0 ? await events.lastSeq() : 0 },
      }
      const condition =
        before.version === 0
          ? { text: 'attribute_not_exists(#v)', names: { '#v': 'v' } }
          : { text: '#v = :v', names: { '#v': 'v' }, values: { ':v': number(before.version) } }
      return (await db.put(baseNameKey(base), encodeRecord(next), condition)) ? settle(base, next) : contended
    })

  const each = async (list: readonly Change[], now: number): Promise<ReadonlySet<string>> => {
    const groups = new Set<string>()
    const known = await db.getMany(
      list.map(({ base }) => baseNameKey(base)),
      true,
    )
    // Changes of one name come one after the other.
    const byBase = new Map<string, Change[]>()
    for (const one of list) byBase.set(one.base, [...(byBase.get(one.base) ?? []), one])
    const queue = [...byBase.values()]
    const work = async (): Promise<void> => {
      for (let changes = queue.shift(); changes !== undefined; changes = queue.shift()) {
        for (const [index, one] of changes.entries()) {
          const item = index === 0 ? (known.get(keyText(baseNameKey(one.base))) ?? null) : undefined
          for (const group of await alter(one, item, now)) groups.add(group)
        }
      }
    }
    await Promise.all(Array.from({ length: AT_ONCE }, work))
    return groups
  }

  const known = async (home: { readonly account: string; readonly region: string }) => {
    const found = new Map<string, Declared>()
    for await (const item of db.query({ pk: homePartition(home.account, home.region), consistent: true })) {
      const declared: Declared = JSON.parse(item['d']?.S ?? '{}')
      if (declared.by === 'discovery') found.set(item['sk']?.S ?? '', declared)
    }
    return found
  }

  return {
    link: (names, link) =>
      each(
        [...new Set(names)].map((name) => {
          const { base, home } = mentionOf(name, link)
          return { base, change: addLink(base, { ...link, ...home }) }
        }),
        // A link only adds, or parts what was one: nothing is left behind, and no time is told.
        0,
      ),
    declare: (functions, now) =>
      each(
        functions.map(({ name, region, account, posture }) => {
          const { base, home } = mentionOf(name, { region: region ?? null, account: account ?? null })
          return { base, change: addDeclared(base, home, posture ?? null, 'configuration') }
        }),
        now,
      ),
    discover: async (home, found, now) => {
      const before = await known(home)
      const named = new Set(found.map(({ name }) => name))
      const gone = [...before].filter(([base, { vanishedAt }]) => vanishedAt === null && !named.has(base))
      const came = found.filter(({ name, posture }) => {
        const there = before.get(name)
        // Discovery says the same of thousands of functions every few minutes.
        const same = JSON.stringify(there?.posture ?? null) === JSON.stringify(sortedPosture(posture ?? null))
        return there === undefined || there.vanishedAt !== null || !same
      })
      return each(
        [
          ...gone.map(([base]) => ({ base, change: withVanished(home, now) })),
          ...came.map(({ name, posture }) => ({
            base: name,
            change: addDeclared(name, home, posture ?? null, 'discovery'),
          })),
        ],
        now,
      )
    },
    forget: async (name, before) => {
      const base = parseFunctionArn(name)?.name ?? name
      await alter({ base, change: withoutVanished(base, before) }, undefined, before)
    },
  }
}

function wasDiscovered({ declared }: NameRecord, account: string | null, region: string | null): boolean {
  return declared.some((one) => one.by === 'discovery' && one.account === account && one.region === region)
}
