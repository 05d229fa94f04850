import type { CheckState, OpenIncident } from '../health/fold.js'

/** An incident as stored: `closedAt` is null while it lasts. Times in epoch milliseconds. */
export type KnownIncident = OpenIncident & { readonly closedAt: number | null }

/** An incident that a batch opened or closed. */
export interface IncidentChange {
  readonly type: 'incident-opened' | 'incident-closed'
  readonly check: string
  readonly incident: KnownIncident
}

/**
 * From when on the incidents of a check may change if its fold is taken up again at a state: from the incident that lasts
 * there, from the failures that may become one, else from the time of the state.
 */
export function incidentsInDoubtFrom(state: CheckState | undefined, start: number): number {
  if (state === undefined) return start
  if (state.incident !== null) return Math.min(start, state.incident.openedAt)
  return state.streak < 0 ? Math.min(start, state.streakAt) : start
}
