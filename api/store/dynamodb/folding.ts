import { type CheckState, endedByLeaving, foldResult, hasLeft, type OpenIncident } from '../../health/fold.js'
import { incidentsInDoubtFrom, type KnownIncident } from '../refold.js'
import { bucketOf, STEP_MS } from '../rollup/bucket.js'
import type { StoredReport } from '../stored-report.js'
import { bytes, bytesOf, type Db, notOlderThan, number, numberOf } from './db.js'
import type { CheckIncident, Head, Heads, LateMark, Owed } from './head.js'
import { incidentKey, LAST, probePartition, snapshotKey } from './keys.js'
import { pack, unpack } from './pack.js'
import { inOrder, type Stretches } from './stretches.js'

export interface Folded {
  readonly checks: ReadonlyMap<string, CheckState>
  readonly late: readonly LateMark[]
  readonly owed: Pick<Owed, 'incidents' | 'dropped' | 'news'>
}

export interface Folding {
  /**
   * Folds new reports into a head that stands and owes nothing. If they are older than what it folded, the fold is taken up
   * again at the last stored state before them, so that the state is the one that the right order would have made.
   *
   * @param reports in order, none of them known to the head
   */
  readonly take: (head: Head, reports: readonly StoredReport[], flipAfter: number) => Promise<Folded>
  /** Keeps the state of a head that stands for its last hour, which is over. */
  readonly saveState: (head: Head, expires: number) => Promise<void>
  /** Writes incidents, and takes those back that were none. */
  readonly settle: (head: Head, expires: (closedAt: number | null) => number | null) => Promise<void>
}

/** Late marks that a head keeps; more are joined, which makes fewer stored states usable, never a wrong one. */
const MAX_MARKS = 8

export function foldingOf(
  db: Db,
  heads: Heads,
  stretches: Stretches,
  incidentShard: (id: string) => string,
): Folding {
  const stateBefore = async (head: Head, hour: number) => {
    const range = {
      pk: probePartition(head.id),
      from: 's#',
      to: snapshotKey(head.id, hour - STEP_MS.hour).sk,
      newestFirst: true,
      piece: 4,
      consistent: true,
    }
    for await (const item of db.query(range)) {
      const [own, version] = [Number((item['sk']?.S ?? '').slice(2)), numberOf(item, 'v')]
      if (head.late.some((mark) => mark.hour <= own && version < mark.version)) continue
      const dictionary = await heads.dictionary(head.id, numberOf(item, 'b'))
      const checks = unpack<(readonly [string, CheckState])[]>(bytesOf(item, 'd'), dictionary)
      return { hour: own, checks: new Map(checks) }
    }
    return null
  }

  const incidentsFrom = async (head: Head, from: number): Promise<readonly CheckIncident[]> => {
    const pk = probePartition(head.id)
    const found: CheckIncident[] = []
    const range = {
      pk,
      from: incidentKey(head.id, from, '').sk.slice(0, 15),
      to: `i#${LAST}`,
      consistent: true,
    }
    for await (const item of db.query(range)) {
      if (item['gone'] === undefined) found.push(unpack(bytesOf(item, 'd')))
    }
    return found
  }

  const inTurn = (head: Head, reports: readonly StoredReport[], flipAfter: number): Folded => {
    const lastHour = head.lastAt === null ? null : bucketOf(head.lastAt, 'hour')
    const { checks, ended } = run(head.checks, lastHour, reports, flipAfter)
    const open = openOf(head.checks)
    const known = new Map(
      [...open].map(([check, one]) => [check, new Map([[one.openedAt, { ...one, closedAt: null }]])]),
    )
    const changed = [...openOf(checks)].filter(([check, one]) => open.get(check)?.openedAt !== one.openedAt)
    return { checks, late: head.late, owed: owedFor([...ended, ...changed.map(asIncident)], known, []) }
  }

  const again = async (head: Head, reports: readonly StoredReport[], flipAfter: number): Promise<Folded> => {
    const start = bucketOf(reports[0]?.at ?? 0, 'hour')
    const state = await stateBefore(head, start)
    const from = state === null ? 0 : state.hour + STEP_MS.hour
    const all = inOrder([...(await stretches.between(head, from, Number.MAX_SAFE_INTEGER)), ...reports])
    // What came before the oldest of the new reports folds as it did.
    const before = all.filter(({ at }) => at < start)
    const until = run(state?.checks ?? new Map(), state?.hour ?? null, before, flipAfter)
    const { checks, ended } = run(
      until.checks,
      until.hour,
      all.filter(({ at }) => at >= start),
      flipAfter,
    )
    const doubtOf = (check: string): number => incidentsInDoubtFrom(until.checks.get(check), start)
    const stored = await incidentsFrom(head, Math.min(start, ...[...until.checks.keys()].map(doubtOf)))
    const known = new Map<string, Map<number, KnownIncident>>()
    for (const { check, incident } of stored) {
      if (incident.openedAt < doubtOf(check)) continue
      const own = known.get(check) ?? new Map<number, KnownIncident>()
      known.set(check, own.set(incident.openedAt, incident))
    }
    const found = [...ended, ...[...openOf(checks)].map(asIncident)]
    const dropped = [...known].flatMap(([check, list]) =>
      [...list.keys()]
        .filter((openedAt) => !found.some((one) => one.check === check && one.incident.openedAt === openedAt))
        .map((openedAt) => ({ check, openedAt })),
    )
    return {
      checks,
      late: withMark(head.late, { version: head.version + 1, hour: start }),
      owed: owedFor(found, known, dropped),
    }
  }

  return {
    take: (head, reports, flipAfter) => {
      const [first] = reports
      const { lastAt, lastTie } = head
      const late =
        first !== undefined &&
        lastAt !== null &&
        (first.at < lastAt || (first.at === lastAt && first.tie < lastTie))
      return late ? again(head, reports, flipAfter) : Promise.resolve(inTurn(head, reports, flipAfter))
    },
    saveState: async (head, expires) => {
      if (head.lastAt === null) return
      const dictionary = await heads.dictionary(head.id, head.base)
      const attributes = {
        v: number(head.version),
        b: number(head.base),
        d: bytes(pack([...head.checks], dictionary)),
        expires: number(expires),
      }
      await db.put(
        snapshotKey(head.id, bucketOf(head.lastAt, 'hour')),
        attributes,
        notOlderThan(head.version),
      )
    },
    settle: async (head, expires) => {
      const { version, id, owed } = head
      for (const one of owed.incidents) {
        const end = expires(one.incident.closedAt)
        const key = incidentKey(id, one.incident.openedAt, one.check)
        const attributes = {
          v: number(version),
          d: bytes(pack(one)),
          lpk: { S: incidentShard(id) },
          lsk: { S: `${key.sk.slice(2, 15)}#${id}#${key.sk.slice(16)}` },
          ...(end === null ? {} : { expires: number(end) }),
        }
        await db.put(key, attributes, notOlderThan(version))
      }
      for (const { check, openedAt } of owed.dropped) {
        // A mark instead of nothing: a writer that was slow must not bring it back.
        const attributes = {
          v: number(version),
          gone: { BOOL: true },
          expires: number(expires(openedAt) ?? 0),
        }
        await db.put(incidentKey(id, openedAt, check), attributes, notOlderThan(version))
      }
    },
  }
}

/** Folds reports in order. `lastHour` is that of the report before them: once an hour, what left the plan is forgotten. */
function run(
  start: ReadonlyMap<string, CheckState>,
  lastHour: number | null,
  reports: readonly StoredReport[],
  flipAfter: number,
) {
  const checks = new Map(start)
  const ended: CheckIncident[] = []
  let hour = lastHour
  for (const { at, results } of reports) {
    const now = bucketOf(at, 'hour')
    if (hour !== null && now > hour) {
      for (const [check, state] of checks) {
        if (!hasLeft(state, at)) continue
        const incident = endedByLeaving(state)
        if (incident !== null) ended.push({ check, incident })
        checks.delete(check)
      }
    }
    hour = now
    for (const result of results) {
      const { state, closed } = foldResult(checks.get(result.check) ?? null, result, at, flipAfter)
      checks.set(result.check, state)
      if (closed !== null) ended.push({ check: result.check, incident: closed })
    }
  }
  return { checks, ended, hour }
}

function owedFor(
  found: readonly CheckIncident[],
  known: ReadonlyMap<string, ReadonlyMap<number, KnownIncident>>,
  dropped: Folded['owed']['dropped'],
): Folded['owed'] {
  const news: Owed['news'][number][] = []
  for (const { check, incident } of found) {
    const before = known.get(check)?.get(incident.openedAt)
    if (before === undefined) news.push({ type: 'incident-opened', check, incident })
    if (incident.closedAt !== null && (before?.closedAt ?? null) === null)
      news.push({ type: 'incident-closed', check, incident })
  }
  return { incidents: found, dropped, news }
}

function openOf(checks: ReadonlyMap<string, CheckState>): Map<string, OpenIncident> {
  const open = new Map<string, OpenIncident>()
  for (const [check, { incident }] of checks) if (incident !== null) open.set(check, incident)
  return open
}

function asIncident([check, open]: readonly [string, OpenIncident]): CheckIncident {
  return { check, incident: { ...open, closedAt: null } }
}

function withMark(marks: readonly LateMark[], mark: LateMark): readonly LateMark[] {
  const kept = [...marks.filter(({ hour }) => hour < mark.hour), mark]
  const [first, second, ...rest] = kept
  if (kept.length <= MAX_MARKS || first === undefined || second === undefined) return kept
  return [{ version: second.version, hour: first.hour }, ...rest]
}
