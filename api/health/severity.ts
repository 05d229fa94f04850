import type { CheckHealth } from './health.js'

/** What a check makes of its function; while it is pending its newest results speak for it. */
export function severity(check: CheckHealth): 'healthy' | 'degraded' | 'failing' {
  if (check.status === 'failing' || check.status === 'degraded') return check.status
  if (check.status !== 'pending') return 'healthy'
  return check.standpoints.every(({ asExpected }) => !asExpected) ? 'failing' : 'healthy'
}
