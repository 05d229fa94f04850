import { evaluate, type ProbeState, type Verdict } from '../../health/evaluate.js'
import type { FunctionStatus, HealthPolicy } from '../../health/health.js'
import type { NewEvent } from '../news.js'
import { statusChanges } from '../status-changes.js'
import { type Db, type Item, numberOf, setOf, text } from './db.js'
import type { Events } from './events.js'
import type { Head, Heads } from './head.js'
import { groupKey, groupList } from './keys.js'
import { contended, withPauses } from './retry.js'

/** Functions that see the network from the same standpoints. */
export interface Group {
  readonly key: string
  readonly posture: string | null
  readonly subnets: readonly string[]
  readonly securityGroups: readonly string[]
  readonly places: readonly string[]
  readonly probes: readonly string[]
  readonly told: Told
}

/** What was told of a group last, by event. What it is now is worked out from its probes' heads when it is asked. */
interface Told {
  readonly version: number
  readonly status: FunctionStatus
  readonly statuses: readonly (readonly [string, string])[]
  /** Changes that are not in the log of events for sure; each becomes an event of every function. */
  readonly owed: {
    readonly changes: readonly Omit<NewEvent, 'function'>[]
    readonly at: number
    readonly after: number
  } | null
}

export interface Groups {
  /** Judges a group by its probes as they are now, and tells what changed, once, whoever else does the same. */
  readonly judge: (group: string, at: number) => Promise<void>
  /** Names of a group's functions in order, from one on. */
  readonly functionsOf: (group: string, from?: string) => AsyncGenerator<string>
}

const NOTHING_TOLD: Told = { version: 0, status: 'unknown', statuses: [], owed: null }
/** Judgements in a row before the next one is left to the next report. */
const MAX_ROUNDS = 5

export function groupsOf(
  db: Db,
  heads: Heads,
  events: Events,
  policy: HealthPolicy,
  maxEvents: number,
): Groups {
  const functionsOf: Groups['functionsOf'] = async function* (group, from) {
    const range = { pk: groupList(group), ...(from === undefined ? {} : { from }) }
    for await (const item of db.list(range)) yield item['sk']?.S ?? ''
  }

  const save = (key: string, told: Told) => {
    const { version, ...rest } = told
    const update = {
      text: 'SET #t = :t, #tv = :next',
      names: { '#t': 't', '#tv': 'tv' },
      values: { ':t': text(JSON.stringify(rest)), ':next': { N: String(version + 1) } },
    }
    if (version === 0) return db.update(groupKey(key), update, 'attribute_not_exists(#tv)')
    const values = { ...update.values, ':now': { N: String(version) } }
    return db.update(groupKey(key), { ...update, values }, '#tv = :now')
  }

  /** Puts owed changes into the log of events and clears them. */
  const pay = async ({ key, told }: Group): Promise<void> => {
    if (told.owed === null) return
    const { changes, at, after } = told.owed
    const news: NewEvent[] = []
    for await (const name of functionsOf(key)) {
      for (const change of changes) news.push({ ...change, function: name })
      if (news.length >= maxEvents) break
    }
    await events.append(news.slice(0, maxEvents), at, { name: `${key}@${told.version}`, after })
    await save(key, { ...told, owed: null })
  }

  return {
    functionsOf,
    judge: async (key, at) => {
      for (let round = 0; round < MAX_ROUNDS; round += 1) {
        const done = await withPauses(async () => {
          const item = await db.get(groupKey(key), true)
          if (item === null) return true
          const group = decodeGroup(item)
          if (group.told.owed !== null) {
            await pay(group)
            return false
          }
          const verdict = verdictOf(await heads.getMany(group.probes, true), policy)
          const changes = statusChanges(group.told.status, group.told.statuses, verdict)
          if (changes.length === 0) return true
          const statuses = verdict.checks.map(({ name, status }) => [name, status] as const)
          const owed = { changes, at, after: await events.lastSeq() }
          const saved = await save(key, { ...group.told, status: verdict.status, statuses, owed })
          if (saved === null) return contended
          await pay(decodeGroup(saved))
          // Another probe may have changed between the reading and the writing.
          return false
        })
        if (done) return
      }
    },
  }
}

export function decodeGroup(item: Item): Group {
  const shape: Pick<Group, 'posture' | 'subnets' | 'securityGroups'> = JSON.parse(
    item['shape']?.S ?? '{"posture":null,"subnets":[],"securityGroups":[]}',
  )
  const told: Told =
    item['t']?.S === undefined ? NOTHING_TOLD : { ...JSON.parse(item['t'].S), version: numberOf(item, 'tv') }
  return {
    key: item['sk']?.S ?? '',
    ...shape,
    places: setOf(item, 'places'),
    probes: setOf(item, 'probes'),
    told,
  }
}

/** What the heads of a group's probes say together. */
export function verdictOf(list: readonly Head[], policy: HealthPolicy): Verdict {
  return evaluate(
    list.flatMap((head): readonly ProbeState[] =>
      head.lastAt === null
        ? []
        : [
            {
              probe: head.about.name,
              standpoint: head.about.standpoint,
              subnet: head.about.subnet,
              securityGroups: head.about.securityGroups,
              lastAt: head.lastAt,
              intervalMs: head.intervalMs ?? policy.intervalMs,
              checks: head.checks,
            },
          ],
    ),
    policy,
  )
}
