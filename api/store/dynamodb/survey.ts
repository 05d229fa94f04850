import { atTime, type Verdict } from '../../health/evaluate.js'
import type { FunctionHealth, FunctionStatus, HealthPolicy } from '../../health/health.js'
import { VANISHED } from '../../health/summary.js'
import { type Db, type Item, keyText, numberOf, setOf } from './db.js'
import { decodeGroup, type Group, verdictOf } from './groups.js'
import type { Head, Heads } from './head.js'
import {
  FUNCTIONS,
  functionKey,
  GROUPS,
  groupKey,
  groupList,
  HEAD_SHARDS,
  headShard,
  placeKey,
} from './keys.js'
import type { Past } from './name-record.js'

/** A function as the table keeps it. */
export interface FunctionItem {
  readonly name: string
  readonly region: string | null
  readonly account: string | null
  readonly group: string | null
  readonly vanishedAt: number | null
  readonly past: readonly Past[]
}

export interface Judged {
  readonly group: Group
  readonly heads: readonly Head[]
  readonly verdict: Verdict
}

/** A probe that sees, or saw, the network as a function does. */
export interface ProbeOfFunction {
  readonly head: Head
  /** What it saw from this time on is no longer the function's: it left that standpoint. Infinity where it is still there. */
  readonly until: number
}

/** Reads of functions and of what they are judged by. */
export interface Surveys {
  readonly find: (name: string) => Promise<FunctionItem | null>
  /** All functions in order of their names, from one on. */
  readonly walk: (from: string) => AsyncGenerator<FunctionItem>
  /** The functions of some groups in order of their names, from one on. */
  readonly ofGroups: (groups: readonly string[], from: string) => AsyncGenerator<FunctionItem>
  readonly judge: (groups: readonly string[], consistent?: boolean) => Promise<ReadonlyMap<string, Judged>>
  readonly health: (
    functions: readonly FunctionItem[],
    now: Date,
    consistent?: boolean,
  ) => Promise<readonly FunctionHealth[]>
  /** Every group and every probe: what filters by status and totals need, at the cost of reading all heads. */
  readonly everything: () => Promise<{
    readonly groups: ReadonlyMap<string, Judged>
    readonly heads: readonly Head[]
  }>
  /** The probes of a function's standpoints, those that it left among them. */
  readonly probesOf: (name: string) => Promise<readonly ProbeOfFunction[]>
  readonly statusAt: (judged: Judged | undefined, now: Date) => FunctionStatus
}

export function surveysOf(db: Db, heads: Heads, policy: HealthPolicy): Surveys {
  const judged = (group: Group, byId: ReadonlyMap<string, Head>): Judged => {
    const own = group.probes.flatMap((id) => byId.get(id) ?? [])
    return { group, heads: own, verdict: verdictOf(own, policy) }
  }

  const judge: Surveys['judge'] = async (keys, consistent = false) => {
    const items = await db.getMany(keys.map(groupKey), consistent)
    const groups = keys.flatMap((key) => {
      const item = items.get(keyText(groupKey(key)))
      return item === undefined ? [] : [decodeGroup(item)]
    })
    const found = await heads.getMany([...new Set(groups.flatMap(({ probes }) => probes))], consistent)
    const byId = new Map(found.map((head) => [head.id, head]))
    return new Map(groups.map((group) => [group.key, judged(group, byId)]))
  }

  const find: Surveys['find'] = async (name) => {
    const item = await db.get(functionKey(name), true)
    return item === null || item['gone'] !== undefined ? null : decode(item)
  }

  const nothing = verdictOf([], policy)
  return {
    judge,
    find,
    probesOf: async (name) => {
      const found = await find(name)
      if (found === null) return []
      const { group, past } = found
      const present = group === null ? [] : ((await judge([group], true)).get(group)?.heads ?? [])
      const left = past.filter(
        ({ standpoint }) => !present.some(({ about }) => about.standpoint === standpoint),
      )
      const places = await db.getMany(left.map(({ standpoint }) => placeKey(standpoint)))
      const ids = left.flatMap(({ standpoint }) =>
        setOf(places.get(keyText(placeKey(standpoint))) ?? null, 'probes'),
      )
      const until = new Map(left.map((one) => [one.standpoint, one.until]))
      return [
        ...present.map((head) => ({ head, until: Number.POSITIVE_INFINITY })),
        ...(await heads.getMany(ids, true)).map((head) => ({
          head,
          until: until.get(head.about.standpoint) ?? 0,
        })),
      ]
    },
    walk: async function* (from) {
      for await (const item of db.query({ pk: FUNCTIONS, ...(from === '' ? {} : { from }) }))
        if (item['gone'] === undefined) yield decode(item)
    },
    ofGroups: async function* (groups, from) {
      const lanes = groups.map((group) => db.list({ pk: groupList(group), ...(from === '' ? {} : { from }) }))
      const fronts = await Promise.all(lanes.map(async (lane) => ({ lane, item: (await lane.next()).value })))
      for (;;) {
        let first: (typeof fronts)[number] | undefined
        for (const front of fronts) {
          if (front.item && (!first?.item || nameOf(front.item) < nameOf(first.item))) first = front
        }
        if (!first?.item) return
        yield decode(first.item)
        first.item = (await first.lane.next()).value
      }
    },
    health: async (functions, now, consistent) => {
      const groups = await judge([...new Set(functions.flatMap(({ group }) => group ?? []))], consistent)
      return functions.map(({ name, region, account, group, vanishedAt }) => {
        const found = group === null ? undefined : groups.get(group)
        const { status, since, lastReportAt, text, checks } = atTime(found?.verdict ?? nothing, now.getTime())
        const why = vanishedAt === null ? text : VANISHED
        const places = (found?.heads ?? []).toSorted((a, b) =>
          a.about.standpoint < b.about.standpoint ? -1 : 1,
        )
        const first = (of: (head: Head) => string | null): string | null =>
          places.map(of).find((value) => value !== null) ?? null
        return {
          name,
          status,
          since,
          lastReportAt,
          posture: found?.group.posture ?? null,
          region: region ?? first((head) => head.about.region),
          account: account ?? first((head) => head.about.account),
          vanishedAt: vanishedAt === null ? null : new Date(vanishedAt).toISOString(),
          summary: why.en,
          text: why,
          checks,
        }
      })
    },
    everything: async () => {
      const shards = Array.from({ length: HEAD_SHARDS }, (_, shard) =>
        all(db.query({ pk: headShard(shard) })),
      )
      const [groupItems, ...items] = await Promise.all([all(db.query({ pk: GROUPS })), ...shards])
      const found = await heads.decode(items.flat())
      const byId = new Map(found.map((head) => [head.id, head]))
      const groups = (groupItems ?? [])
        .map(decodeGroup)
        .map((group) => [group.key, judged(group, byId)] as const)
      return { groups: new Map(groups), heads: found }
    },
    statusAt: (found, now) => atTime(found?.verdict ?? nothing, now.getTime()).status,
  }
}

export async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = []
  for await (const item of items) list.push(item)
  return list
}

function nameOf(item: Item): string {
  return item['sk']?.S ?? ''
}

function decode(item: Item): FunctionItem {
  const { region, account, g } = item
  return {
    name: nameOf(item),
    region: region?.S ?? null,
    account: account?.S ?? null,
    group: g?.S ?? null,
    vanishedAt: item['vanished'] === undefined ? null : numberOf(item, 'vanished'),
    past: JSON.parse(item['past']?.S ?? '[]'),
  }
}
