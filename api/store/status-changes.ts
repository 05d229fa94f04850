import type { Verdict } from '../health/evaluate.js'
import type { FunctionStatus } from '../health/health.js'
import type { NewEvent } from './news.js'

/** What changed from what was told of a group (its status, and its checks' by name) to a verdict. */
export function statusChanges(
  from: FunctionStatus,
  checks: readonly (readonly [string, string])[],
  after: Verdict,
): readonly Omit<NewEvent, 'function'>[] {
  const changes: Omit<NewEvent, 'function'>[] = []
  const known = new Map(checks)
  for (const { name, status } of after.checks) {
    const before = known.get(name) ?? null
    if (before !== status)
      changes.push({ type: 'check-status', data: { check: name, from: before, to: status } })
  }
  if (from !== after.status) {
    const {
      status: to,
      text: { en: summary },
    } = after
    const since = after.since === null ? null : new Date(after.since).toISOString()
    changes.push({ type: 'function-status', data: { from, to, since, summary } })
  }
  return changes
}
