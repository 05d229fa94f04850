import { bucketOf, STEP_MS } from '../rollup/bucket.js'
import type { StoreOptions } from '../store.js'
import type { Parts } from './ingest.js'

/** Rows that one step deletes at most, of each kind: a step never holds the writer for long. */
export const PRUNE_STEP = 500

/**
 * Deletes what is past its retention. Results go only after their hour is rolled up. Once results were deleted, older
 * reports are refused: whether they were counted before can no longer be told.
 */
export function pruneOf(parts: Parts, { retention }: StoreOptions): (now: Date) => boolean {
  const { db, meta, probes, rollups, groups, verdicts } = parts
  const limit = `LIMIT ${PRUNE_STEP}`
  const reports = db.prepare(
    `DELETE FROM reports WHERE id IN (
       SELECT r.id FROM probes p CROSS JOIN reports r ON r.probe_id = p.id AND r.at < ? ${limit})`,
  )
  // The newest state before the edge stays: a late report just after it takes up the fold there.
  const folds = db.prepare(
    `DELETE FROM folds WHERE (probe_id, hour) IN (
       SELECT f.probe_id, f.hour FROM probes p CROSS JOIN folds f ON f.probe_id = p.id AND f.hour <
         (SELECT max(n.hour) FROM folds n WHERE n.probe_id = p.id AND n.hour < ?) ${limit})`,
  )
  const rolled = db.prepare(
    `DELETE FROM rollups WHERE (series_id, step, bucket) IN (
       SELECT series_id, step, bucket FROM rollups WHERE step = ? AND bucket < ? ${limit})`,
  )
  const incidents = db.prepare(
    `DELETE FROM incidents WHERE (series_id, opened_at) IN (
       SELECT series_id, opened_at FROM incidents WHERE closed_at < ? ${limit})`,
  )
  const gone = db.prepare<{ id: number; standpoint_id: number }>(
    `SELECT id, standpoint_id FROM probes WHERE last_at < ? ${limit}`,
  )
  const oldest = Math.max(retention.dayRollupsDays, retention.resultsDays, retention.incidentsDays)
  const longGone = db.prepare(
    `DELETE FROM functions WHERE id IN (SELECT id FROM functions WHERE vanished_at < ? ${limit})`,
  )
  const orphaned = ['function_past', 'function_links'].map((table) =>
    db.prepare(`DELETE FROM ${table} WHERE function_id NOT IN (SELECT id FROM functions)`),
  )
  const forget = [
    'DELETE FROM rollups WHERE series_id IN (SELECT id FROM series WHERE probe_id = ?)',
    'DELETE FROM incidents WHERE series_id IN (SELECT id FROM series WHERE probe_id = ?)',
    'DELETE FROM series WHERE probe_id = ?',
    'DELETE FROM folds WHERE probe_id = ?',
    'DELETE FROM reports WHERE probe_id = ?',
    'DELETE FROM probes WHERE id = ?',
  ].map((sql) => db.prepare(sql))

  return (now) => {
    probes.forget()
    const before = (days: number): number => now.getTime() - days * STEP_MS.day
    const edge = bucketOf(before(retention.resultsDays), 'hour')
    const open = probes.openBefore(edge, PRUNE_STEP)
    for (const probe of open) {
      rollups.advance(probe, [], edge)
      probes.save(probe)
    }
    let more = open.length === PRUNE_STEP
    const deleted = (changes: number): number => {
      more ||= changes >= PRUNE_STEP
      return changes
    }
    if (!more && deleted(reports.run(edge)) > 0) meta.set('horizon', Math.max(meta.get('horizon'), edge))
    deleted(folds.run(edge))
    deleted(rolled.run(0, before(retention.minuteRollupsDays)))
    deleted(rolled.run(1, before(retention.hourRollupsDays)))
    deleted(rolled.run(2, before(retention.dayRollupsDays)))
    deleted(incidents.run(before(retention.incidentsDays)))
    if (deleted(longGone.run(before(oldest))) > 0) for (const statement of orphaned) statement.run()
    const leaving = gone.all(before(Math.max(retention.dayRollupsDays, retention.resultsDays)))
    for (const { id } of leaving) for (const statement of forget) statement.run(id)
    const touched = new Set(leaving.flatMap(({ standpoint_id }) => groups.ofStandpoint(standpoint_id)))
    verdicts.judge(touched)
    deleted(verdicts.markStale(now.getTime(), PRUNE_STEP))
    return more || leaving.length === PRUNE_STEP
  }
}
