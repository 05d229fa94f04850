import type { FunctionStatus } from '../../health/health.js'
import type { StoreCounts } from '../store.js'
import type { Db } from './db.js'
import type { Meta } from './meta.js'

/** What the store holds; results, reports, duplicates, rejects and other lines are totals since it was made. */
export function countsOf(db: Db, meta: Meta) {
  const byStatus = db.prepare<{ status: FunctionStatus; n: number }>(
    `SELECT CASE WHEN g.stale_at <= ? THEN 'stale' ELSE coalesce(g.status, 'unknown') END AS status, count(*) AS n
     FROM functions f LEFT JOIN groups g ON g.id = f.group_id WHERE f.vanished_at IS NULL GROUP BY 1`,
  )
  const open = db.prepare<{ n: number }>(
    `SELECT count(*) AS n FROM incidents i CROSS JOIN series s ON s.id = i.series_id CROSS JOIN probes p ON p.id = s.probe_id
     CROSS JOIN group_members m ON m.standpoint_id = p.standpoint_id CROSS JOIN functions f ON f.group_id = m.group_id
     WHERE i.closed_at IS NULL`,
  )
  const newest = db.prepare<{ at: number | null }>('SELECT max(last_at) AS at FROM probes')
  const bytes = db.prepare<{ bytes: number }>(
    'SELECT page_count * page_size AS bytes FROM pragma_page_count(), pragma_page_size()',
  )
  return (now: Date): StoreCounts => {
    const functions: Record<FunctionStatus, number> = {
      healthy: 0,
      degraded: 0,
      failing: 0,
      stale: 0,
      unknown: 0,
    }
    for (const { status, n } of byStatus.all(now.getTime())) functions[status] = n
    const lastAt = newest.get()?.at ?? null
    return {
      functions,
      openIncidents: open.get()?.n ?? 0,
      lastReportAt: lastAt === null ? null : new Date(lastAt).toISOString(),
      results: meta.get('results'),
      reports: meta.get('reports'),
      duplicates: meta.get('duplicates'),
      rejects: meta.get('rejects'),
      otherLines: meta.get('otherLines'),
      bytes: bytes.get()?.bytes ?? null,
    }
  }
}
