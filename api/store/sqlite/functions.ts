import { atTime, evaluate, type Verdict } from '../../health/evaluate.js'
import type { FunctionHealth, FunctionStatus } from '../../health/health.js'
import { VANISHED } from '../../health/summary.js'
import { checkPage } from '../check-page.js'
import { decodeCursor, encodeCursor } from '../cursor.js'
import type { CheckQuery, FunctionQuery, Store, StoreOptions } from '../store.js'
import type { Db, Value } from './db.js'

interface Row {
  readonly name: string
  readonly region: string | null
  readonly account: string | null
  readonly posture: string | null
  readonly group_id: number
  readonly verdict: string | null
  readonly vanished_at: number | null
}

const columns = `f.name, coalesce(f.region, g.region) AS region, coalesce(f.account, g.account) AS account, g.posture,
  f.group_id, g.verdict, f.vanished_at`
const PRESENT = '(g.stale_at IS NULL OR g.stale_at > ?)'
export type FunctionReads = Pick<Store, 'listFunctions' | 'getFunction' | 'listChecks'>

/** Reads of the functions and their checks: rows that ingest has written, a page at a time. */
export function functionsOf(db: Db, options: StoreOptions): FunctionReads {
  const nothing = evaluate([], options.policy)
  const one = db.prepare<Row>(
    `SELECT ${columns} FROM functions f LEFT JOIN groups g ON g.id = f.group_id WHERE f.name = ?`,
  )
  // One statement a combination of filters, so that each has its own plan.
  const statements = new Map<string, ReturnType<typeof db.prepare<Row>>>()
  const select = (conditions: readonly string[]) => {
    const where = conditions.join(' AND ')
    const known = statements.get(where)
    if (known !== undefined) return known
    const made = db.prepare<Row>(
      `SELECT ${columns} FROM functions f LEFT JOIN groups g ON g.id = f.group_id WHERE ${where} ORDER BY f.name LIMIT ?`,
    )
    statements.set(where, made)
    return made
  }

  const reader = (now: Date) => {
    const verdicts = new Map<number, Verdict>()
    return (row: Row): FunctionHealth => {
      const verdict: Verdict =
        verdicts.get(row.group_id) ?? (row.verdict === null ? nothing : JSON.parse(row.verdict))
      verdicts.set(row.group_id, verdict)
      const { status, since, lastReportAt, summary, checks } = atTime(verdict, now.getTime())
      const { name, posture, region, account } = row
      const vanishedAt = row.vanished_at === null ? null : new Date(row.vanished_at).toISOString()
      const why = vanishedAt === null ? summary : VANISHED
      return {
        name,
        status,
        since,
        lastReportAt,
        posture,
        region,
        account,
        vanishedAt,
        summary: why,
        checks,
      }
    }
  }

  return {
    getFunction: async (name, now) => {
      const row = one.get(name)
      return row === undefined ? null : reader(now)(row)
    },
    listFunctions: async (query) => {
      const { conditions, values } = functionConditions(query)
      const rows = select(conditions).all(...values, query.limit + 1)
      const items = rows.slice(0, query.limit).map(reader(query.now))
      const last = items.at(-1)
      return {
        items,
        nextCursor: rows.length > query.limit && last ? encodeCursor('functions', [last.name]) : null,
      }
    },
    listChecks: (query) => {
      const read = reader(query.now)
      const { conditions, values } = checkConditions(query)
      const statement = select(['f.name >= ?', ...conditions])
      return checkPage(query, (from, count) => statement.all(from, ...values, count).map(read))
    },
  }
}

function functionConditions(query: FunctionQuery): { conditions: string[]; values: Value[] } {
  const after = query.cursor === undefined ? '' : decodeCursor('functions', query.cursor, ['string'])[0]
  const conditions = ['f.name > ?', `f.vanished_at IS ${query.vanished === true ? 'NOT NULL' : 'NULL'}`]
  const values: Value[] = [after]
  if (query.status !== undefined) addStatus(conditions, values, [query.status], query.now)
  if (query.posture !== undefined) {
    conditions.push('f.group_id IN (SELECT id FROM groups WHERE posture = ?)')
    values.push(query.posture)
  }
  if (query.text !== undefined) {
    conditions.push("f.name LIKE ? ESCAPE '\\'")
    values.push(`%${query.text.replace(/[\\%_]/g, '\\$&')}%`)
  }
  return { conditions, values }
}

/** A check's status bounds its function's: only functions that can have such a check are looked at. */
function checkConditions(query: CheckQuery): { conditions: string[]; values: Value[] } {
  const conditions: string[] = []
  const values: Value[] = []
  if (query.function !== undefined) {
    conditions.push('f.name = ?')
    values.push(query.function)
  }
  if (query.status === 'failing') addStatus(conditions, values, ['failing'], query.now)
  if (query.status === 'degraded') addStatus(conditions, values, ['failing', 'degraded'], query.now)
  return { conditions, values }
}

function addStatus(
  conditions: string[],
  values: Value[],
  statuses: readonly FunctionStatus[],
  now: Date,
): void {
  if (statuses.includes('stale')) conditions.push('g.stale_at <= ?')
  else {
    conditions.push(
      statuses.length === 1 ? 'f.status = ?' : `f.status IN (${statuses.map(() => '?').join(', ')})`,
      PRESENT,
    )
    values.push(...statuses)
  }
  values.push(now.getTime())
}
