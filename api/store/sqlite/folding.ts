import {
  type ClosedIncident,
  endedByLeaving,
  foldResult,
  hasLeft,
  type OpenIncident,
} from '../../health/fold.js'
import { type IncidentChange, incidentsInDoubtFrom, type KnownIncident } from '../refold.js'
import { bucketOf, STEP_MS } from '../rollup/bucket.js'
import type { StoredReport } from '../stored-report.js'
import type { Db } from './db.js'
import type { Probe, Probes } from './probes.js'
import type { Reports } from './reports.js'
import { decodeChecks, encodeChecks, type SeriesState } from './state.js'

export interface Folding {
  /**
   * Folds new reports into a probe's state. They may be older than what is folded already: then the fold is taken up again
   * at the last closed hour before the oldest of them, so that the state is the one that the right order would have made.
   *
   * @param reports in order of time, stored already
   */
  readonly take: (
    probe: Probe,
    reports: readonly StoredReport[],
    flipAfter: number,
  ) => readonly IncidentChange[]
}

/** Incidents by check and by when they opened. */
type Known = ReadonlyMap<string, ReadonlyMap<number, KnownIncident>>

interface IncidentRow {
  readonly opened_at: number
  readonly closed_at: number | null
  readonly first_outcome: string
  readonly last_outcome: string
  readonly failures: number
}

export function foldingOf(db: Db, reports: Reports, probes: Probes): Folding {
  const snapshotBefore = db.prepare<{ hour: number; state: string }>(
    'SELECT hour, state FROM folds WHERE probe_id = ? AND hour < ? ORDER BY hour DESC LIMIT 1',
  )
  const forgetSnapshots = db.prepare('DELETE FROM folds WHERE probe_id = ? AND hour >= ?')
  const saveSnapshot = db.prepare(
    `INSERT INTO folds (probe_id, hour, state) VALUES (?, ?, ?)
     ON CONFLICT (probe_id, hour) DO UPDATE SET state = excluded.state`,
  )
  const incidentsFrom = db.prepare<IncidentRow>(
    'SELECT opened_at, closed_at, first_outcome, last_outcome, failures FROM incidents WHERE series_id = ? AND opened_at >= ?',
  )
  const forgetIncidents = db.prepare('DELETE FROM incidents WHERE series_id = ? AND opened_at >= ?')
  const putIncident = db.prepare(
    `INSERT INTO incidents (series_id, opened_at, closed_at, first_outcome, last_outcome, failures)
     VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (series_id, opened_at) DO UPDATE SET closed_at = excluded.closed_at,
     first_outcome = excluded.first_outcome, last_outcome = excluded.last_outcome, failures = excluded.failures`,
  )

  const run = (probe: Probe, list: Iterable<StoredReport>, flipAfter: number, lastHour: number | null) => {
    const ended: { check: string; incident: ClosedIncident }[] = []
    let hour = lastHour
    for (const report of list) {
      const now = bucketOf(report.at, 'hour')
      if (hour !== null && now > hour) {
        saveSnapshot.run(probe.id, hour, encodeChecks(probe.checks))
        for (const [check, { state }] of probe.checks) {
          if (!hasLeft(state, report.at)) continue
          const incident = endedByLeaving(state)
          if (incident !== null) ended.push({ check, incident })
          probe.checks.delete(check)
        }
      }
      hour = now
      for (const result of report.results) {
        const previous = probe.checks.get(result.check)
        const { state, closed } = foldResult(previous?.state ?? null, result, report.at, flipAfter)
        const series = previous?.series ?? probes.seriesId(probe, result.check)
        probe.checks.set(result.check, { series, state })
        if (closed !== null) ended.push({ check: result.check, incident: closed })
      }
      probe.lastAt = report.at
      probe.lastTie = report.tie
    }
    return ended
  }

  /** Writes what the fold found, but for open incidents that are written so already, and tells what is new in it. */
  const settle = (
    probe: Probe,
    ended: readonly { check: string; incident: ClosedIncident }[],
    known: Known,
    written: ReadonlyMap<string, OpenIncident>,
  ): IncidentChange[] => {
    const changes: IncidentChange[] = []
    const settleOne = (check: string, series: number, incident: KnownIncident): void => {
      const before = known.get(check)?.get(incident.openedAt)
      if (before === undefined) changes.push({ type: 'incident-opened', check, incident })
      if (incident.closedAt !== null && (before?.closedAt ?? null) === null) {
        changes.push({ type: 'incident-closed', check, incident })
      }
      const { openedAt, closedAt, firstOutcome, lastOutcome, failures } = incident
      putIncident.run(series, openedAt, closedAt, firstOutcome, lastOutcome, failures)
    }
    for (const { check, incident } of ended) settleOne(check, probes.seriesId(probe, check), incident)
    for (const [check, { series, state }] of probe.checks) {
      const open = state.incident
      if (open === null) continue
      const unchanged =
        written.get(check)?.failures === open.failures && written.get(check)?.openedAt === open.openedAt
      if (!unchanged) settleOne(check, series, { ...open, closedAt: null })
    }
    return changes
  }

  const inOrder = (probe: Probe, list: readonly StoredReport[], flipAfter: number): IncidentChange[] => {
    const open = new Map<string, OpenIncident>()
    for (const [check, { state }] of probe.checks)
      if (state.incident !== null) open.set(check, state.incident)
    const known = new Map(
      [...open].map(([check, one]) => [check, new Map([[one.openedAt, { ...one, closedAt: null }]])]),
    )
    const lastHour = probe.lastAt === null ? null : bucketOf(probe.lastAt, 'hour')
    return settle(probe, run(probe, list, flipAfter, lastHour), known, open)
  }

  const again = (probe: Probe, oldest: number, flipAfter: number): IncidentChange[] => {
    const start = bucketOf(oldest, 'hour')
    const snapshot = snapshotBefore.get(probe.id, start)
    const states = snapshot === undefined ? new Map<string, SeriesState>() : decodeChecks(snapshot.state)
    const known = new Map<string, ReadonlyMap<number, KnownIncident>>()
    for (const [check, series] of probes.allSeries(probe)) {
      const from = incidentsInDoubtFrom(states.get(check)?.state, start)
      known.set(
        check,
        new Map(incidentsFrom.all(series, from).map((row) => [row.opened_at, decodeIncident(row)])),
      )
      forgetIncidents.run(series, from)
    }
    forgetSnapshots.run(probe.id, start)
    probe.checks.clear()
    for (const [check, state] of states) probe.checks.set(check, state)
    const from = snapshot === undefined ? 0 : snapshot.hour + STEP_MS.hour
    const list = reports.between(probe.id, from, Number.MAX_SAFE_INTEGER)
    return settle(probe, run(probe, list, flipAfter, snapshot?.hour ?? null), known, new Map())
  }

  return {
    take: (probe, list, flipAfter) => {
      const [first] = list
      if (first === undefined) return []
      const { lastAt, lastTie } = probe
      const late = lastAt !== null && (first.at < lastAt || (first.at === lastAt && first.tie < lastTie))
      return late ? again(probe, first.at, flipAfter) : inOrder(probe, list, flipAfter)
    },
  }
}

function decodeIncident(row: IncidentRow): KnownIncident {
  return {
    openedAt: row.opened_at,
    closedAt: row.closed_at,
    firstOutcome: row.first_outcome,
    lastOutcome: row.last_outcome,
    failures: row.failures,
  }
}
