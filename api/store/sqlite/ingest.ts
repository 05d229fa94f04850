import type { Report } from '../../../probe/report.schema.js'
import { functionsOf } from '../../health/standpoint.js'
import { MAX_CHECKS, MAX_REJECT_CHARS, refusal, refusedReject, tooManyChecks } from '../admission.js'
import { incidentEvent, type NewEvent, reportEvent } from '../news.js'
import type { IncidentChange } from '../refold.js'
import { bucketOf } from '../rollup/bucket.js'
import type { IngestBatch, IngestOutcome, Reject, StoreOptions } from '../store.js'
import { type StoredReport, tieOf } from '../stored-report.js'
import type { Db } from './db.js'
import type { Events } from './events.js'
import type { Folding } from './folding.js'
import type { Groups } from './groups.js'
import type { Meta } from './meta.js'
import type { Probe, Probes } from './probes.js'
import type { Reports } from './reports.js'
import type { Rollups } from './rollups.js'
import type { Verdicts } from './verdicts.js'

/** The parts of the engine that a batch passes through. */
export interface Parts {
  readonly db: Db
  readonly meta: Meta
  readonly events: Events
  readonly probes: Probes
  readonly reports: Reports
  readonly rollups: Rollups
  readonly folding: Folding
  readonly groups: Groups
  readonly verdicts: Verdicts
}

interface Arrival {
  readonly probe: Probe
  readonly fresh: StoredReport[]
  readonly intervals: { readonly at: number; readonly tie: number; readonly intervalMs: number | null }[]
  /** How many `fresh` holds. */
  results: number
}

/** Takes a batch in. Runs inside the caller's transaction: nothing of it is seen unless all of it is. */
export function ingestOf(parts: Parts, options: StoreOptions): (batch: IngestBatch) => IngestOutcome {
  const { db, meta, events, probes, reports, rollups, folding, groups, verdicts } = parts
  const insertReject = db.prepare(
    'INSERT INTO rejects (source, received_at, reason, pointer, line, key) VALUES (?, ?, ?, ?, ?, ?)',
  )
  const knownReject = db.prepare<{ id: number }>('SELECT id FROM rejects WHERE source = ? AND key = ?')
  const trimRejects = db.prepare('DELETE FROM rejects WHERE id <= (SELECT max(id) FROM rejects) - ?')
  const saveCheckpoint = db.prepare(
    `INSERT INTO sources (source, checkpoint) VALUES (?, ?)
     ON CONFLICT (source) DO UPDATE SET checkpoint = excluded.checkpoint`,
  )

  /** A line that has an id is rejected once, however often it is read, within one batch too. */
  const withoutKnown = (source: string, rejects: readonly Reject[]): readonly Reject[] => {
    const seen = new Set<string>()
    return rejects.filter(({ key }) => {
      if (key === undefined) return true
      if (seen.has(key) || knownReject.get(source, key) !== undefined) return false
      seen.add(key)
      return true
    })
  }

  const keepRejects = (batch: IngestBatch, list: readonly Reject[]): NewEvent[] => {
    const kept = list.slice(-options.retention.maxRejects)
    for (const { reason, pointer, line, key } of options.retention.maxRejects === 0 ? [] : kept) {
      insertReject.run(
        batch.source,
        batch.receivedAt.getTime(),
        reason,
        pointer,
        line.slice(0, MAX_REJECT_CHARS),
        key ?? null,
      )
    }
    if (list.length === 0) return []
    trimRejects.run(options.retention.maxRejects)
    const data = { source: batch.source, rejects: list.length, reason: list.at(-1)?.reason }
    return [{ type: 'reject', function: null, data }]
  }

  /** Folds, rolls up and saves one probe's news; returns what to tell about its incidents. */
  const takeIn = ({ probe, fresh, intervals }: Arrival): readonly IncidentChange[] => {
    fresh.sort((a, b) => a.at - b.at || a.tie - b.tie)
    const [oldest] = fresh
    if (oldest === undefined) return []
    const before = verdicts.bearing(probe)
    const newest = intervals.reduce((a, b) => (b.at > a.at || (b.at === a.at && b.tie > a.tie) ? b : a))
    if (
      probe.lastAt === null ||
      newest.at > probe.lastAt ||
      (newest.at === probe.lastAt && newest.tie > probe.lastTie)
    ) {
      probe.intervalMs = newest.intervalMs
    }
    const changes = folding.take(probe, fresh, options.policy.flipAfter)
    probe.openHour ??= bucketOf(oldest.at, 'hour')
    const open = probe.openHour
    const late = fresh.filter(({ at }) => at < open)
    rollups.advance(probe, late, Math.max(open, bucketOf(probe.lastAt ?? 0, 'hour')))
    probes.save(probe)
    verdicts.reported(probe, before)
    return changes
  }

  return (batch) => {
    const receivedAt = batch.receivedAt.getTime()
    const horizon = meta.get('horizon')
    const turnedAway: Reject[] = []
    const arrivals = new Map<number, Arrival>()
    const dirty = new Set<number>()
    const duplicateIndexes: number[] = []
    const refused: IngestOutcome['refused'][number][] = []
    let [accepted, results] = [0, 0]

    const arrivalOf = (report: Report): Arrival => {
      const { probe, newStandpoint } = probes.resolve(report.probe)
      if (newStandpoint) for (const group of groups.admit(probe.standpointId)) dirty.add(group)
      const arrival = arrivals.get(probe.id) ?? { probe, fresh: [], intervals: [], results: 0 }
      arrivals.set(probe.id, arrival)
      return arrival
    }

    const refuse = (index: number, report: Report, reason: string, pointer: string): void => {
      refused.push({ index, reason, pointer })
      turnedAway.push(refusedReject(report, reason, pointer))
    }

    for (const [index, report] of batch.reports.entries()) {
      const at = Date.parse(report.startedAt)
      const reason = refusal(at, receivedAt, horizon)
      if (reason !== null) {
        refuse(index, report, reason, '/startedAt')
        continue
      }
      const arrival = arrivalOf(report)
      const crowded = crowding(arrival, report)
      if (crowded !== null && !reports.has(report)) {
        refuse(index, report, crowded, '/results')
        continue
      }
      const tie = tieOf(report.run, report.part[0])
      if (!reports.insert(arrival.probe.id, at, tie, report)) {
        duplicateIndexes.push(index)
        continue
      }
      accepted += 1
      results += report.results.length
      arrival.results += report.results.length
      arrival.fresh.push({ at, tie, run: report.run, results: report.results })
      arrival.intervals.push({ at, tie, intervalMs: report.probe.intervalMs ?? null })
      const names = functionsOf(report.probe).filter((name) => !arrival.probe.workloads.has(name))
      if (names.length > 0) for (const group of groups.link(arrival.probe, names)) dirty.add(group)
    }

    const told: NewEvent[] = []
    if (accepted > 0) told.push(reportEvent([...arrivals.values()], accepted, results))
    for (const arrival of arrivals.values()) {
      const { probe, fresh } = arrival
      if (fresh.length === 0) continue
      const changes = takeIn(arrival)
      if (changes.length === 0) continue
      for (const name of groups.ofStandpoint(probe.standpointId).flatMap(groups.functionsOf)) {
        told.push(...changes.map((change) => incidentEvent(name, probe, change)))
      }
    }
    told.push(...verdicts.judge(dirty))
    const rejects = withoutKnown(batch.source, [...batch.rejects, ...turnedAway])
    told.push(...keepRejects(batch, rejects))
    events.append(told.slice(-options.retention.maxEvents), receivedAt)
    if (told.length > 0) events.trim(options.retention.maxEvents)
    meta.add({
      reports: accepted,
      results,
      duplicates: duplicateIndexes.length,
      rejects: rejects.length,
      otherLines: batch.otherLines,
    })
    if (batch.checkpoint !== undefined) saveCheckpoint.run(batch.source, batch.checkpoint)
    return {
      accepted,
      duplicates: duplicateIndexes.length,
      rejected: rejects.length,
      duplicateIndexes,
      refused,
    }
  }
}

function crowding({ probe, fresh, results }: Arrival, report: Report): string | null {
  // Hardly ever is it near enough to the limit to be counted out.
  if (probe.checks.size + results + report.results.length <= MAX_CHECKS) return null
  const names = [...probe.checks.keys(), ...fresh.flatMap((one) => one.results.map(({ check }) => check))]
  return tooManyChecks(probe.name, names, report)
}
