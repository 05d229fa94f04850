import type { Incident } from '../../health/health.js'
import { decodeCursor, encodeCursor } from '../cursor.js'
import { incidentId } from '../news.js'
import type { KnownIncident } from '../refold.js'
import type { IncidentQuery, Page } from '../store.js'
import { bytesOf, type Db, type Item } from './db.js'
import type { Groups } from './groups.js'
import type { CheckIncident, Head, Heads } from './head.js'
import { INCIDENT_SHARDS, incidentKey, incidentList, LAST, probePartition, time } from './keys.js'
import type { MetaAccess } from './meta.js'
import { unpack } from './pack.js'
import type { Places } from './places.js'
import type { Surveys } from './survey.js'

/** Incidents that one page looks through: a rare filter gives short pages, never slow ones. */
const MAX_SCANNED = 2000
/** Incidents whose probes and functions are read together. */
const PIECE = 50

interface Entry extends CheckIncident {
  readonly probe: string
  /** Orders incidents: when it opened, of which probe, of which check. */
  readonly sort: string
}

interface Parts {
  readonly db: Db
  readonly heads: Heads
  readonly groups: Groups
  readonly places: Places
  readonly surveys: Surveys
  readonly meta: MetaAccess
}

export function incidentShard(probe: string): string {
  return incidentList(Number.parseInt(probe.slice(0, 2), 16) % INCIDENT_SHARDS)
}

/** Incidents, newest first. One that several functions share is told once for each of them. */
export function listIncidentsOf({ db, heads, groups, places, surveys, meta }: Parts) {
  const everywhere = (to: string): AsyncGenerator<Entry>[] =>
    Array.from({ length: INCIDENT_SHARDS }, (_, shard) =>
      entries(db.list({ pk: incidentList(shard), to, newestFirst: true, piece: PIECE })),
    )
  const ofProbe = (head: Head, to: string): AsyncGenerator<Entry> =>
    entries(
      db.query({
        pk: probePartition(head.id),
        from: 'i#',
        to: `i#${to.slice(0, 13)}${LAST}`,
        newestFirst: true,
        piece: PIECE,
        consistent: true,
      }),
    )

  /** Names of the functions that a standpoint speaks for, each read once a page. */
  const namesAt = () => {
    const known = new Map<string, Promise<readonly string[]>>()
    return (standpoint: string): Promise<readonly string[]> => {
      const read = async (): Promise<readonly string[]> => {
        const names = new Set<string>()
        for (const group of await places.groupsAt(standpoint))
          for await (const name of groups.functionsOf(group)) names.add(name)
        return [...names].sort()
      }
      const found = known.get(standpoint) ?? read()
      known.set(standpoint, found)
      return found
    }
  }

  return async (query: IncidentQuery): Promise<Page<Incident>> => {
    const [sort, name] =
      query.cursor === undefined ? [null, ''] : decodeCursor('incidents', query.cursor, ['string', 'string'])
    const to = sort ?? (query.to === undefined ? LAST : time(query.to.getTime()))
    const { edges } = await meta.recent()
    const namesOf = namesAt()
    const own = query.function === undefined ? null : await surveys.probesOf(query.function)
    const untilOf = new Map((own ?? []).map(({ head, until }) => [head.id, until]))
    const items: Incident[] = []
    let last: readonly [string, string] = [sort ?? to, name]
    let scanned = 0

    const tell = async (piece: readonly Entry[]): Promise<boolean> => {
      const found = await heads.getMany([...new Set(piece.map(({ probe }) => probe))])
      const byId = new Map(found.map((head) => [head.id, head]))
      for (const entry of piece) {
        const head = byId.get(entry.probe)
        const incident = head === undefined ? null : asItStands(head, entry)
        if (head === undefined || incident === null) continue
        if (!matches(query, entry.check, incident, edges.incidents)) continue
        // At a standpoint that the function left, what began before it left.
        if (own !== null && incident.openedAt >= (untilOf.get(head.id) ?? 0)) continue
        const names = query.function === undefined ? await namesOf(head.about.standpoint) : [query.function]
        for (const one of names) {
          if (entry.sort === sort && one <= name) continue
          if (items.length === query.limit) return true
          items.push(told(one, head, entry.check, incident))
          last = [entry.sort, one]
        }
      }
      return false
    }

    const lanes =
      own !== null
        ? own.map(({ head }) => ofProbe(head, to))
        : query.open === true
          ? [openOf((await surveys.everything()).heads)]
          : everywhere(to)
    let piece: Entry[] = []
    for await (const entry of merged(lanes)) {
      if (sort === null ? entry.sort >= to : entry.sort > sort) continue
      piece.push(entry)
      scanned += 1
      if (piece.length < Math.min(PIECE, query.limit + 1) && scanned < MAX_SCANNED) continue
      if (await tell(piece)) return { items, nextCursor: encodeCursor('incidents', last) }
      if (scanned >= MAX_SCANNED) return { items, nextCursor: encodeCursor('incidents', [entry.sort, LAST]) }
      piece = []
    }
    return { items, nextCursor: (await tell(piece)) ? encodeCursor('incidents', last) : null }
  }
}

async function* entries(items: AsyncGenerator<Item>): AsyncGenerator<Entry> {
  for await (const item of items) {
    if (item['gone'] !== undefined) continue
    const [pk, sk] = [item['pk']?.S ?? '', item['sk']?.S ?? '']
    const probe = pk.slice('probe#'.length)
    yield {
      ...unpack<CheckIncident>(bytesOf(item, 'd')),
      probe,
      sort: `${sk.slice(2, 15)}#${probe}#${sk.slice(16)}`,
    }
  }
}

async function* openOf(heads: readonly Head[]): AsyncGenerator<Entry> {
  const found = heads.flatMap((head) =>
    [...head.checks].flatMap(([check, { incident }]): Entry[] => {
      if (incident === null) return []
      const key = incidentKey(head.id, incident.openedAt, check)
      const sort = `${time(incident.openedAt)}#${head.id}#${key.sk.slice(16)}`
      return [{ check, incident: { ...incident, closedAt: null }, probe: head.id, sort }]
    }),
  )
  yield* found.sort((a, b) => (a.sort < b.sort ? 1 : -1))
}

/** Several lists that are in order, as one. */
async function* merged(lanes: readonly AsyncGenerator<Entry>[]): AsyncGenerator<Entry> {
  const fronts = await Promise.all(lanes.map(async (lane) => ({ lane, entry: (await lane.next()).value })))
  for (;;) {
    let first: (typeof fronts)[number] | undefined
    for (const front of fronts) {
      if (front.entry && (!first?.entry || front.entry.sort > first.entry.sort)) first = front
    }
    if (!first?.entry) return
    yield first.entry
    first.entry = (await first.lane.next()).value
  }
}

/** An incident as its probe's head knows it: failures of one that lasts are counted there alone. */
function asItStands(head: Head, { check, incident }: Entry): KnownIncident | null {
  if (incident.closedAt !== null) return incident
  const open = head.checks.get(check)?.incident
  if (open?.openedAt === incident.openedAt) return { ...open, closedAt: null }
  const owed = head.owed.incidents.find(
    (one) => one.check === check && one.incident.openedAt === incident.openedAt,
  )
  return owed?.incident ?? incident
}

function matches(
  query: IncidentQuery,
  check: string,
  { openedAt, closedAt }: KnownIncident,
  edge: number,
): boolean {
  return (
    (query.check === undefined || query.check === check) &&
    (query.open === undefined || query.open === (closedAt === null)) &&
    (query.to === undefined || openedAt < query.to.getTime()) &&
    (closedAt === null || (closedAt >= edge && closedAt >= (query.from?.getTime() ?? 0)))
  )
}

function told(name: string, { about }: Head, check: string, incident: KnownIncident): Incident {
  const { openedAt, closedAt, firstOutcome, lastOutcome, failures } = incident
  return {
    id: incidentId(name, about.standpoint, about.name, check, openedAt),
    function: name,
    check,
    standpoint: about.standpoint,
    subnet: about.subnet,
    openedAt: new Date(openedAt).toISOString(),
    closedAt: closedAt === null ? null : new Date(closedAt).toISOString(),
    firstOutcome,
    lastOutcome,
    failures,
  }
}
