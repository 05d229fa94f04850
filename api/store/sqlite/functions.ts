import { atTime } from '../../health/evaluate.js'
import type { FunctionHealth, FunctionStatus } from '../../health/health.js'
import { VANISHED } from '../../health/summary.js'
import { checkPage } from '../check-page.js'
import { decodeCursor, encodeCursor } from '../cursor.js'
import type { CheckQuery, FunctionQuery, Store } from '../store.js'
import type { Db, Value } from './db.js'
import type { Verdicts } from './verdicts.js'

interface Row {
  readonly name: string
  readonly region: string | null
  readonly account: string | null
  readonly posture: string | null
  readonly group_id: number
  readonly vanished_at: number | null
}

/** What a list is read by, and in which way: each combination is a statement with a plan of its own. */
interface Filter {
  readonly conditions: readonly string[]
  readonly values: readonly Value[]
  /** Where stale functions are wanted, the moment. */
  readonly staleAt: number | null
}

const columns = `f.name, coalesce(f.region, g.region) AS region, coalesce(f.account, g.account) AS account, g.posture,
  f.group_id, f.vanished_at`
const byName = 'functions f LEFT JOIN groups g ON g.id = f.group_id'
/** Those that went stale since they were last marked: few, and found by their time. */
const unmarked = 'groups g INDEXED BY groups_stale_at CROSS JOIN functions f ON f.group_id = g.id'
const PRESENT = '(g.stale_at IS NULL OR g.stale_at > ?)'
export type FunctionReads = Pick<Store, 'listFunctions' | 'getFunction' | 'listChecks'>

/** Reads of the functions and their checks: rows that ingest has written, a page at a time. */
export function functionsOf(db: Db, verdicts: Verdicts): FunctionReads {
  const one = db.prepare<Row>(`SELECT ${columns} FROM ${byName} WHERE f.name = ?`)
  const statements = new Map<string, ReturnType<typeof db.prepare<Row>>>()
  const select = ({ conditions, values, staleAt }: Filter, limit: number): readonly Row[] => {
    const where = conditions.join(' AND ')
    const sql =
      staleAt === null
        ? `SELECT ${columns} FROM ${byName} WHERE ${where} ORDER BY name LIMIT ?`
        : `SELECT ${columns} FROM ${byName} WHERE f.status = 'stale' AND g.stale_at <= ? AND ${where} UNION ALL
           SELECT ${columns} FROM ${unmarked} WHERE g.stale = 0 AND g.stale_at <= ? AND ${where} ORDER BY name LIMIT ?`
    const statement = statements.get(sql) ?? db.prepare<Row>(sql)
    statements.set(sql, statement)
    return staleAt === null
      ? statement.all(...values, limit)
      : statement.all(staleAt, ...values, staleAt, ...values, limit)
  }

  const read = (rows: readonly Row[], now: Date): readonly FunctionHealth[] => {
    const judged = verdicts.of([...new Set(rows.map(({ group_id }) => group_id))])
    return rows.flatMap((row) => {
      const verdict = judged.get(row.group_id)
      if (verdict === undefined) return []
      const { status, since, lastReportAt, text, checks } = atTime(verdict, now.getTime())
      const { name, posture, region, account } = row
      const vanishedAt = row.vanished_at === null ? null : new Date(row.vanished_at).toISOString()
      const why = vanishedAt === null ? text : VANISHED
      return [
        {
          name,
          status,
          since,
          lastReportAt,
          posture,
          region,
          account,
          vanishedAt,
          summary: why.en,
          text: why,
          checks,
        },
      ]
    })
  }

  return {
    getFunction: async (name, now) => {
      const row = one.get(name)
      return row === undefined ? null : (read([row], now)[0] ?? null)
    },
    listFunctions: async (query) => {
      const rows = select(functionFilter(query), query.limit + 1)
      const items = read(rows.slice(0, query.limit), query.now)
      const last = items.at(-1)
      return {
        items,
        nextCursor: rows.length > query.limit && last ? encodeCursor('functions', [last.name]) : null,
      }
    },
    listChecks: (query) =>
      checkPage(query, (from, count) => read(select(checkFilter(query, from), count), query.now)),
  }
}

function functionFilter(query: FunctionQuery): Filter {
  const after = query.cursor === undefined ? '' : decodeCursor('functions', query.cursor, ['string'])[0]
  const conditions = ['f.name > ?', `f.vanished_at IS ${query.vanished === true ? 'NOT NULL' : 'NULL'}`]
  const values: Value[] = [after]
  if (query.posture !== undefined) {
    conditions.push('f.group_id IN (SELECT id FROM groups WHERE posture = ?)')
    values.push(query.posture)
  }
  if (query.text !== undefined) {
    conditions.push("f.name LIKE ? ESCAPE '\\'")
    values.push(`%${query.text.replace(/[\\%_]/g, '\\$&')}%`)
  }
  return ofStatus(
    { conditions, values, staleAt: null },
    query.status === undefined ? [] : [query.status],
    query.now,
  )
}

/** A check's status bounds its function's: only functions that can have such a check are looked at. */
function checkFilter(query: CheckQuery, from: string): Filter {
  const conditions = ['f.name >= ?']
  const values: Value[] = [from]
  if (query.function !== undefined) {
    conditions.push('f.name = ?')
    values.push(query.function)
  }
  const statuses: readonly FunctionStatus[] =
    query.status === 'failing' ? ['failing'] : query.status === 'degraded' ? ['failing', 'degraded'] : []
  return ofStatus({ conditions, values, staleAt: null }, statuses, query.now)
}

function ofStatus(filter: Filter, statuses: readonly FunctionStatus[], now: Date): Filter {
  if (statuses.length === 0) return filter
  if (statuses.includes('stale')) return { ...filter, staleAt: now.getTime() }
  const marks = statuses.map(() => '?').join(', ')
  return {
    ...filter,
    conditions: [...filter.conditions, `f.status IN (${marks})`, PRESENT],
    values: [...filter.values, ...statuses, now.getTime()],
  }
}
