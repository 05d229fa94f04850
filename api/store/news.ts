import type { FunctionStatus } from '../health/health.js'
import { shortHash } from '../health/standpoint.js'
import { VANISHED } from '../health/summary.js'
import type { IncidentChange } from './refold.js'
import type { StoredEvent } from './store.js'

/** An event before it has its number. */
export interface NewEvent {
  readonly type: StoredEvent['type']
  readonly function: string | null
  readonly data: unknown
}

/** What an event says of a probe. */
export interface EventProbe {
  readonly name: string
  readonly standpoint: string
  readonly subnet: string | null
}

/** What one probe brought in a batch. */
interface Reported {
  readonly probe: EventProbe
  readonly fresh: readonly { readonly at: number }[]
}

/** Probes that one event names. */
const MAX_NAMED = 20

/** An incident's name: the same in every store that holds the same results. */
export function incidentId(
  name: string,
  standpoint: string,
  probe: string,
  check: string,
  openedAt: number,
): string {
  return shortHash([name, standpoint, probe, check, String(openedAt)])
}

/** One for the whole batch: a thousand probes that report in one minute are one piece of news. */
export function reportEvent(arrivals: readonly Reported[], reports: number, results: number): NewEvent {
  const names = arrivals.filter(({ fresh }) => fresh.length > 0).map(({ probe }) => probe.name)
  const newest = arrivals.flatMap(({ fresh }) => fresh).reduce((latest, { at }) => Math.max(latest, at), 0)
  const data = { reports, results, probes: names.slice(0, MAX_NAMED), lastAt: new Date(newest).toISOString() }
  return { type: 'report', function: null, data }
}

export function incidentEvent(
  name: string,
  probe: EventProbe,
  { type, check, incident }: IncidentChange,
): NewEvent {
  const { openedAt, closedAt, firstOutcome, lastOutcome } = incident
  return {
    type,
    function: name,
    data: {
      id: incidentId(name, probe.standpoint, probe.name, check, openedAt),
      check,
      standpoint: probe.standpoint,
      subnet: probe.subnet,
      openedAt: new Date(openedAt).toISOString(),
      closedAt: closedAt === null ? null : new Date(closedAt).toISOString(),
      firstOutcome,
      lastOutcome,
    },
  }
}

/** A function that discovery found, or no longer finds: `from` or `to` is null. */
export function cameOrWent(name: string, from: FunctionStatus | null, to: FunctionStatus | null): NewEvent {
  const summary = to === null ? VANISHED.en : 'discovered'
  return { type: 'function-status', function: name, data: { from, to, since: null, summary } }
}
