import { invalidQuery } from '../errors.js'

const FORM = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:?\d{2})?)?$/

/** A query parameter as an instant; a date alone or a time without zone is UTC. Throws a problem that names the parameter. */
export function toInstant(name: string, text: string | undefined): Date | undefined {
  if (text === undefined) return undefined
  // A `+` of a zone that was not escaped arrives as a space.
  const fixed = text.replace(/ (\d{2}:?\d{2})$/, '+$1')
  if (!FORM.test(fixed)) throw invalidQuery(name, 'must be an ISO 8601 instant like 2026-01-31T12:00:00Z')
  const zoned = /T/.test(fixed) && !/(Z|[+-]\d{2}:?\d{2})$/.test(fixed) ? `${fixed}Z` : fixed
  const instant = new Date(zoned)
  if (Number.isNaN(instant.getTime()) || !isDay(fixed.slice(0, 10))) {
    throw invalidQuery(name, 'is not a day and time that exists')
  }
  return instant
}

/** JavaScript reads the 31st of February as the 3rd of March. */
function isDay(date: string): boolean {
  const day = new Date(`${date}T00:00:00Z`)
  return !Number.isNaN(day.getTime()) && day.toISOString().startsWith(date)
}

/** `from` and `to` of a query, in order; absent ends stay absent. */
export function toRange(query: { readonly from?: string; readonly to?: string }): { from?: Date; to?: Date } {
  const from = toInstant('from', query.from)
  const to = toInstant('to', query.to)
  if (from && to && from >= to) throw invalidQuery('from', 'must be before to')
  return { ...(from ? { from } : {}), ...(to ? { to } : {}) }
}
