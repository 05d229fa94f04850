import { bearingOf, evaluate, speaksUntil, staleAt, type Verdict } from '../../health/evaluate.js'
import type { FunctionStatus, HealthPolicy } from '../../health/health.js'
import type { NewEvent } from '../news.js'
import { statusChanges } from '../status-changes.js'
import type { Db } from './db.js'
import type { Probe, Probes } from './probes.js'

/**
 * What the probes of a group make of it. The status is kept, because lists are filtered by it; all else is worked out from the
 * probes' states when it is asked for: a report changes those of one probe, and hardly ever a status.
 */
export interface Verdicts {
  readonly of: (groupIds: readonly number[]) => ReadonlyMap<number, Verdict>
  /** What `reported` has to know of a probe from before its reports were folded. */
  readonly bearing: (probe: Probe) => Bearing | null
  /** A probe's groups have news; those whose status may change by that are due. */
  readonly reported: (probe: Probe, before: Bearing | null) => void
  /** Judges the groups that are due, and those given. */
  readonly judge: (groupIds: Iterable<number>) => readonly NewEvent[]
  /** Marks as stale what no report has come from in time, at most so many groups; returns how many it were. */
  readonly markStale: (now: number, limit: number) => number
}

interface Bearing {
  readonly of: string
  readonly speaksUntil: number
}

interface GroupRow {
  readonly status: FunctionStatus
  readonly stale: number
  readonly statuses: string
}

export function verdictsOf(db: Db, probes: Probes, policy: HealthPolicy): Verdicts {
  const due = db.prepare<{ id: number }>('SELECT id FROM groups WHERE review_at IS NULL')
  // Kept as they are are those of whose probes none came back to have a say, and none loses it by the time of this report.
  const report = db.prepare(
    `UPDATE groups SET review_at = CASE WHEN stale = 0 AND last_at <= ?1 AND ?2 <= review_at THEN review_at END,
       last_at = max(last_at, ?2), stale_at = max(stale_at, ?3)
     WHERE id IN (SELECT group_id FROM group_members WHERE standpoint_id = ?4)`,
  )
  const readGroup = db.prepare<GroupRow>('SELECT status, stale, statuses FROM groups WHERE id = ?')
  const places = db.prepare<{ region: string | null; account: string | null }>(
    `SELECT max(s.region) AS region, max(s.account) AS account FROM group_members m
     JOIN standpoints s ON s.id = m.standpoint_id WHERE m.group_id = ?`,
  )
  const update = db.prepare(
    `UPDATE groups SET status = ?, statuses = ?, stale = 0, stale_at = ?, last_at = ?, review_at = ?, region = ?, account = ?
     WHERE id = ?`,
  )
  const names = db.prepare<{ name: string }>('SELECT name FROM functions WHERE group_id = ? ORDER BY name')
  const setStatus = db.prepare('UPDATE functions SET status = ? WHERE group_id = ?')
  const late = db.prepare<{ id: number }>(
    'SELECT id FROM groups WHERE stale = 0 AND stale_at <= ? ORDER BY stale_at LIMIT ?',
  )
  const setStale = db.prepare('UPDATE groups SET stale = 1 WHERE id = ?')

  const verdict = (list: readonly Probe[]): Verdict =>
    evaluate(
      list.flatMap((probe) => {
        const reporting = reportingOf(probe, policy)
        if (reporting === null) return []
        const { name, standpoint, subnet, securityGroups } = probe
        const checks = new Map([...probe.checks].map(([check, { state }]) => [check, state]))
        return [{ probe: name, standpoint, subnet, securityGroups, ...reporting, checks }]
      }),
      policy,
    )
  const of = (groupIds: readonly number[]): ReadonlyMap<number, Verdict> => {
    const found = probes.ofGroups(groupIds)
    return new Map(groupIds.map((id) => [id, verdict(found.get(id) ?? [])]))
  }

  const judge = (groupId: number): readonly NewEvent[] => {
    const before = readGroup.get(groupId)
    // A function that moved on may have taken the last reason for this group with it.
    if (before === undefined) return []
    const after = verdict(probes.ofGroups([groupId]).get(groupId) ?? [])
    const { region = null, account = null } = places.get(groupId) ?? {}
    update.run(
      after.status,
      JSON.stringify(after.checks.map(({ name, status }) => [name, status])),
      after.staleAt,
      after.lastAt,
      after.holdsUntil ?? Number.MAX_SAFE_INTEGER,
      region,
      account,
      groupId,
    )
    if (after.status !== before.status || before.stale === 1) setStatus.run(after.status, groupId)
    const changes = statusChanges(before.status, JSON.parse(before.statuses), after)
    if (changes.length === 0) return []
    return names.all(groupId).flatMap(({ name }) => changes.map((change) => ({ ...change, function: name })))
  }

  return {
    of,
    bearing: (probe) => {
      const reporting = reportingOf(probe, policy)
      if (reporting === null) return null
      const of = bearingOf({ ...reporting, checks: probe.checks }, policy)
      return { of, speaksUntil: speaksUntil(reporting) }
    },
    reported: (probe, before) => {
      const after = reportingOf(probe, policy)
      if (after === null) return
      const same = before !== null && before.of === bearingOf({ ...after, checks: probe.checks }, policy)
      report.run(same ? before.speaksUntil : null, after.lastAt, staleAt(after), probe.standpointId)
    },
    judge: (groupIds) => {
      const wanted = new Set([...groupIds, ...due.all().map(({ id }) => id)])
      return [...wanted].sort((a, b) => a - b).flatMap(judge)
    },
    markStale: (now, limit) => {
      const found = late.all(now, limit)
      for (const { id } of found) {
        setStale.run(id)
        setStatus.run('stale', id)
      }
      return found.length
    },
  }
}

function reportingOf(probe: Probe, policy: HealthPolicy): { lastAt: number; intervalMs: number } | null {
  const { lastAt, intervalMs } = probe
  return lastAt === null ? null : { lastAt, intervalMs: intervalMs ?? policy.intervalMs }
}
