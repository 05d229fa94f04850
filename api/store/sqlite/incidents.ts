import type { Incident } from '../../health/health.js'
import { decodeCursor, encodeCursor } from '../cursor.js'
import { incidentId } from '../news.js'
import type { IncidentQuery, Page } from '../store.js'
import type { Db, Value } from './db.js'

interface Row {
  readonly series_id: number
  readonly function: string
  readonly check_name: string
  readonly standpoint: string
  readonly probe: string
  readonly subnet: string | null
  readonly opened_at: number
  readonly closed_at: number | null
  readonly first_outcome: string
  readonly last_outcome: string
  readonly failures: number
}

const columns = `i.series_id, f.name AS function, s.name AS check_name, p.name AS probe, sp.key AS standpoint, sp.subnet,
  i.opened_at, i.closed_at, i.first_outcome, i.last_outcome, i.failures`
// The order of the joins is the order of the reading: from the newest incident on, or from the function's own probes.
const newestFirst = `incidents i CROSS JOIN series s ON s.id = i.series_id CROSS JOIN probes p ON p.id = s.probe_id
  CROSS JOIN standpoints sp ON sp.id = p.standpoint_id CROSS JOIN group_members m ON m.standpoint_id = sp.id
  CROSS JOIN functions f ON f.group_id = m.group_id`
const present = 'SELECT standpoint_id FROM group_members WHERE group_id = f.group_id'
const ofFunction = `functions f CROSS JOIN standpoints sp
    ON sp.id IN (${present} UNION SELECT standpoint_id FROM function_past WHERE function_id = f.id)
  CROSS JOIN probes p ON p.standpoint_id = sp.id CROSS JOIN series s ON s.probe_id = p.id
  CROSS JOIN incidents i ON i.series_id = s.id`
/** At a standpoint that the function left, what began before it left. */
const itsOwn = `(sp.id IN (${present}) OR EXISTS (
  SELECT 1 FROM function_past l WHERE l.function_id = f.id AND l.standpoint_id = sp.id AND l.until > i.opened_at))`

/** Incidents, newest first. One that several functions share is told once for each of them. */
export function listIncidentsOf(db: Db) {
  const statements = new Map<string, ReturnType<typeof db.prepare<Row>>>()
  return (query: IncidentQuery): Page<Incident> => {
    const { sql, values } = build(query)
    const statement = statements.get(sql) ?? db.prepare<Row>(sql)
    statements.set(sql, statement)
    const rows = statement.all(...values, query.limit + 1)
    const page = rows.slice(0, query.limit)
    const last = page.at(-1)
    return {
      items: page.map(decode),
      nextCursor:
        rows.length > query.limit && last
          ? encodeCursor('incidents', [last.opened_at, last.series_id, last.function])
          : null,
    }
  }
}

function build(query: IncidentQuery): { sql: string; values: Value[] } {
  const conditions: string[] = []
  const values: Value[] = []
  const where = (condition: string, ...more: Value[]): void => {
    conditions.push(condition)
    values.push(...more)
  }
  if (query.function !== undefined) where(`f.name = ? AND ${itsOwn}`, query.function)
  if (query.check !== undefined) where('s.name = ?', query.check)
  if (query.open !== undefined) where(`i.closed_at IS ${query.open ? 'NULL' : 'NOT NULL'}`)
  if (query.to !== undefined) where('i.opened_at < ?', query.to.getTime())
  if (query.from !== undefined) where('(i.closed_at IS NULL OR i.closed_at >= ?)', query.from.getTime())
  if (query.cursor !== undefined) {
    const [at, series, name] = decodeCursor('incidents', query.cursor, ['number', 'number', 'string'])
    where('i.opened_at <= ?', at)
    where(
      '(i.opened_at < ? OR i.series_id < ? OR (i.series_id = ? AND f.name > ?))',
      at,
      series,
      series,
      name,
    )
  }
  const from = query.function === undefined ? newestFirst : ofFunction
  const filter = conditions.length === 0 ? '' : `WHERE ${conditions.join(' AND ')}`
  const order = 'ORDER BY i.opened_at DESC, i.series_id DESC, f.name LIMIT ?'
  return { sql: `SELECT ${columns} FROM ${from} ${filter} ${order}`, values }
}

function decode(row: Row): Incident {
  return {
    id: incidentId(row.function, row.standpoint, row.probe, row.check_name, row.opened_at),
    function: row.function,
    check: row.check_name,
    standpoint: row.standpoint,
    subnet: row.subnet,
    openedAt: new Date(row.opened_at).toISOString(),
    closedAt: row.closed_at === null ? null : new Date(row.closed_at).toISOString(),
    firstOutcome: row.first_outcome,
    lastOutcome: row.last_outcome,
    failures: row.failures,
  }
}
