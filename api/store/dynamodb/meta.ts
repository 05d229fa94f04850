import { STEP_MS } from '../rollup/bucket.js'
import { NewerSchema, type Retention, type Step } from '../store.js'
import { type Db, type Item, number, numberOf } from './db.js'
import { META } from './keys.js'
import type { Edges } from './rollups.js'

/** What the store knows about itself. */
export interface Meta {
  readonly edges: Edges
  /** Totals of what is in no probe's head. */
  readonly counts: Readonly<Record<Counter, number>>
  /** How many rejects had come when they were trimmed last, and when all was pruned last (epoch milliseconds). */
  readonly trimmed: number
  readonly prunedAt: number
}

export const COUNTERS = ['reports', 'results', 'duplicates', 'rejects', 'otherLines'] as const
export type Counter = (typeof COUNTERS)[number]

export interface MetaAccess {
  /** As it was within the last minute; what was changed through this object is seen at once. */
  readonly recent: () => Promise<Meta>
  readonly read: () => Promise<Meta>
  readonly add: (amounts: Readonly<Partial<Record<Counter, number>>>) => Promise<void>
  /** Moves the edges up to which things were deleted; never back. */
  readonly advance: (edges: Edges, prunedAt: number) => Promise<void>
  readonly setTrimmed: (total: number) => Promise<void>
}

/** Version of what lies in the table. */
export const SCHEMA_VERSION = 1
/** Items stay this much longer than they are shown, so that all instances have moved their edge by the time they are gone. */
const SLACK_MS = 2 * STEP_MS.day
const RECENT_MS = 60_000
const EDGES = ['results', 'minute', 'hour', 'day', 'incidents'] as const

/**
 * @throws NewerSchema if a newer program wrote the table
 */
export async function openMeta(db: Db): Promise<MetaAccess> {
  let known: { readonly meta: Meta; readonly at: number } | null = null
  const remember = (item: Item): Meta => {
    const meta = decode(item)
    known = { meta, at: Date.now() }
    return meta
  }
  const read = async (): Promise<Meta> => remember((await db.get(META, true)) ?? {})

  const present = await db.get(META, true)
  const version = present === null ? SCHEMA_VERSION : numberOf(present, 'version')
  if (version > SCHEMA_VERSION) {
    throw new NewerSchema(
      `the table ${db.table} has schema version ${version}, and this program knows versions up to ${SCHEMA_VERSION}: ` +
        'use the newer program that wrote it, or another table',
    )
  }
  if (present === null) {
    await db.update(META, {
      text: 'SET #version = :version',
      names: { '#version': 'version' },
      values: { ':version': number(SCHEMA_VERSION) },
    })
  }

  return {
    read,
    recent: async () => (known !== null && Date.now() - known.at < RECENT_MS ? known.meta : read()),
    add: async (amounts) => {
      const filled = COUNTERS.filter((name) => (amounts[name] ?? 0) !== 0)
      if (filled.length === 0) return
      const item = await db.update(META, {
        text: `ADD ${filled.map((name) => `#${name} :${name}`).join(', ')}`,
        names: Object.fromEntries(filled.map((name) => [`#${name}`, name])),
        values: Object.fromEntries(filled.map((name) => [`:${name}`, number(amounts[name] ?? 0)])),
      })
      if (item !== null) remember(item)
    },
    advance: async (edges, prunedAt) => {
      const now = await read()
      const next = { ...edges }
      for (const name of EDGES) next[name] = Math.max(edges[name], now.edges[name])
      const fields: readonly (readonly [string, number])[] = [
        ...EDGES.map((name) => [`edge_${name}`, next[name]] as const),
        ['prunedAt', prunedAt],
      ]
      const item = await db.update(META, {
        text: `SET ${fields.map(([name]) => `#${name} = :${name}`).join(', ')}`,
        names: Object.fromEntries(fields.map(([name]) => [`#${name}`, name])),
        values: Object.fromEntries(fields.map(([name, value]) => [`:${name}`, number(value)])),
      })
      if (item !== null) remember(item)
    },
    setTrimmed: async (total) => {
      const item = await db.update(META, {
        text: 'SET #trimmed = :trimmed',
        names: { '#trimmed': 'trimmed' },
        values: { ':trimmed': number(total) },
      })
      if (item !== null) remember(item)
    },
  }
}

/** When items may go, in epoch seconds. What comes in late is kept as long as if it had just happened. */
export function expiryOf(retention: Retention, clock: () => number) {
  const after = (at: number, days: number): number =>
    Math.ceil((Math.max(at, clock()) + days * STEP_MS.day + SLACK_MS) / 1000)
  // A day's rollup is made of its hours', and those of a late report are made anew.
  const stepDays: Readonly<Record<Step, number>> = {
    minute: retention.minuteRollupsDays,
    hour: Math.max(retention.hourRollupsDays, retention.resultsDays + 1),
    day: retention.dayRollupsDays,
  }
  return {
    results: (at: number): number => after(at, retention.resultsDays),
    rollup: (step: Step, at: number): number => after(at, stepDays[step]),
    incident: (closedAt: number | null): number | null =>
      closedAt === null ? null : after(closedAt, retention.incidentsDays),
    reject: (at: number): number => after(at, REJECT_DAYS),
  }
}

const REJECT_DAYS = 30

function decode(item: Item): Meta {
  return {
    edges: {
      results: numberOf(item, 'edge_results'),
      minute: numberOf(item, 'edge_minute'),
      hour: numberOf(item, 'edge_hour'),
      day: numberOf(item, 'edge_day'),
      incidents: numberOf(item, 'edge_incidents'),
    },
    counts: {
      reports: numberOf(item, 'reports'),
      results: numberOf(item, 'results'),
      duplicates: numberOf(item, 'duplicates'),
      rejects: numberOf(item, 'rejects'),
      otherLines: numberOf(item, 'otherLines'),
    },
    trimmed: numberOf(item, 'trimmed'),
    prunedAt: numberOf(item, 'prunedAt'),
  }
}
