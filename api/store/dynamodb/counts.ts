import type { FunctionStatus } from '../../health/health.js'
import type { StoreCounts } from '../store.js'
import { type Db, numberOf } from './db.js'
import { SOURCES } from './keys.js'
import { COUNTERS, type Counter, type MetaAccess } from './meta.js'
import type { Surveys } from './survey.js'

/** What the store holds; the totals are those of all heads, of the sources' positions, and of what is in neither. */
export function countsOf(db: Db, surveys: Surveys, meta: MetaAccess) {
  return async (now: Date): Promise<StoreCounts> => {
    const functions: Record<FunctionStatus, number> = {
      healthy: 0,
      degraded: 0,
      failing: 0,
      stale: 0,
      unknown: 0,
    }
    const [{ groups, heads }, { counts }] = await Promise.all([surveys.everything(), meta.read()])
    const open = new Map(
      [...groups].map(([key, { heads }]) => [key, heads.reduce((sum, head) => sum + openIn(head), 0)]),
    )
    let openIncidents = 0
    for await (const { group, vanishedAt } of surveys.walk('')) {
      if (vanishedAt !== null) continue
      functions[surveys.statusAt(group === null ? undefined : groups.get(group), now)] += 1
      openIncidents += group === null ? 0 : (open.get(group) ?? 0)
    }
    const totals: Record<Counter, number> = { ...counts }
    for await (const item of db.query({ pk: SOURCES })) {
      for (const name of COUNTERS) totals[name] += numberOf(item, name)
    }
    let lastAt: number | null = null
    for (const head of heads) {
      if (head.lastAt !== null) lastAt = Math.max(lastAt ?? head.lastAt, head.lastAt)
      totals.reports += head.totals.reports
      totals.results += head.totals.results
      totals.otherLines += head.totals.otherLines
    }
    const lastReportAt = lastAt === null ? null : new Date(lastAt).toISOString()
    return { functions, openIncidents, lastReportAt, ...totals, bytes: null }
  }
}

function openIn({
  checks,
}: {
  readonly checks: ReadonlyMap<string, { readonly incident: unknown }>
}): number {
  return [...checks.values()].filter(({ incident }) => incident !== null).length
}
