import { type Home, keptName, type Mention } from '../../health/function-name.js'
import type { FunctionStatus } from '../../health/health.js'
import type { Db } from './db.js'

export interface FunctionRow {
  readonly id: number
  readonly name: string
  /** Lambda's own name. */
  readonly base: string
  /** 0: only reports speak of it; 1: declared by the configuration; 2: discovered. */
  readonly declared: number
  readonly region: string | null
  readonly account: string | null
  /** The declared one, as JSON. */
  readonly posture: string | null
  readonly group_id: number
  readonly status: FunctionStatus
  /** When discovery no longer found it. */
  readonly vanished_at: number | null
}

/** The functions with what puts them somewhere: links from standpoints, and declarations. */
export interface FunctionRows {
  readonly get: (id: number) => FunctionRow | undefined
  /** A standpoint speaks for a function. Returns the functions whose links or declarations changed by that. */
  readonly link: (mention: Mention, standpointId: number) => readonly number[]
  readonly declare: (
    mention: Mention,
    posture: string | null,
    by: typeof CONFIGURED | typeof DISCOVERED,
  ) => readonly number[]
  /** What discovery found in a home, by Lambda's own name; those that vanished since are among it. */
  readonly discovered: (home: Home) => ReadonlyMap<string, FunctionRow>
  readonly vanish: (id: number, now: number) => void
  /** Whether anything still speaks of it. */
  readonly isSpokenOf: (id: number) => boolean
  readonly remove: (id: number) => void
}

export const NO_GROUP = 0
export const CONFIGURED = 1
export const DISCOVERED = 2

interface Link extends Home {
  readonly function_id: number
  readonly name: string
  readonly standpoint_id: number
}

export function functionRowsOf(db: Db): FunctionRows {
  const columns =
    'id, name, base, declared, region, account, posture, group_id, status, vanished_at FROM functions'
  const byId = db.prepare<FunctionRow>(`SELECT ${columns} WHERE id = ?`)
  const byName = db.prepare<{ id: number }>('SELECT id FROM functions WHERE name = ?')
  const ofBase = db.prepare<FunctionRow>(`SELECT ${columns} WHERE base = ?`)
  const insert = db.prepare(
    `INSERT INTO functions (name, base, declared, group_id, status) VALUES (?, ?, 0, ${NO_GROUP}, 'unknown')`,
  )
  const remove = db.prepare('DELETE FROM functions WHERE id = ?')
  const declare = db.prepare(
    `UPDATE functions SET declared = ?, vanished_at = ?, region = coalesce(?, region), account = coalesce(?, account),
     posture = ? WHERE id = ?`,
  )
  const inHome = db.prepare<FunctionRow>(
    `SELECT ${columns} WHERE account = ? AND region = ? AND declared = ${DISCOVERED}`,
  )
  const vanish = db.prepare('UPDATE functions SET vanished_at = ? WHERE id = ?')
  const movePast = db.prepare('UPDATE OR IGNORE function_past SET function_id = ? WHERE function_id = ?')
  const undeclare = db.prepare(
    'UPDATE functions SET declared = 0, vanished_at = NULL, region = NULL, account = NULL, posture = NULL WHERE id = ?',
  )
  const links = db.prepare<Link>(
    `SELECT l.function_id, f.name, l.standpoint_id, l.region, l.account FROM functions f
     JOIN function_links l ON l.function_id = f.id WHERE f.base = ?`,
  )
  const putLink = db.prepare(
    `INSERT INTO function_links (function_id, standpoint_id, region, account) VALUES (?, ?, ?, ?)
     ON CONFLICT (function_id, standpoint_id) DO UPDATE SET region = coalesce(region, excluded.region),
     account = coalesce(account, excluded.account)`,
  )
  const dropLink = db.prepare('DELETE FROM function_links WHERE function_id = ? AND standpoint_id = ?')
  const isLinked = db.prepare<{ yes: number }>(
    'SELECT EXISTS (SELECT 1 FROM function_links WHERE function_id = ?) AS yes',
  )

  const ensure = (name: string, base: string): number => {
    const found = byName.get(name)
    if (found !== undefined) return found.id
    insert.run(name, base)
    return ensure(name, base)
  }

  /** Parts what a new home shows to be several functions; then has `put` add what is new to the function that it means. */
  const settle = (mention: Mention, put: (functionId: number) => void): readonly number[] => {
    const { base, home } = mention
    const known = links.all(base)
    const declared = ofBase.all(base).filter((row) => row.declared > 0)
    const homes: readonly Home[] = [...known, ...declared, home]
    const touched = new Set<number>()
    for (const link of known) {
      const name = keptName({ base, home: link }, homes)
      if (name === link.name) continue
      const id = ensure(name, base)
      putLink.run(id, link.standpoint_id, link.region, link.account)
      dropLink.run(link.function_id, link.standpoint_id)
      touched.add(id).add(link.function_id)
    }
    for (const row of declared) {
      const name = keptName({ base, home: row }, homes)
      if (name === row.name) continue
      const id = ensure(name, base)
      declare.run(row.declared, row.vanished_at, row.region, row.account, row.posture, id)
      movePast.run(id, row.id)
      undeclare.run(row.id)
      touched.add(id).add(row.id)
    }
    const id = ensure(keptName(mention, homes), base)
    put(id)
    return [...touched.add(id)]
  }

  return {
    get: (id) => byId.get(id),
    link: (mention, standpointId) =>
      settle(mention, (id) => putLink.run(id, standpointId, mention.home.region, mention.home.account)),
    declare: (mention, posture, by) =>
      settle(mention, (id) => declare.run(by, null, mention.home.region, mention.home.account, posture, id)),
    discovered: ({ account, region }) =>
      new Map(inHome.all(account, region).map((row) => [row.base, row] as const)),
    vanish: (id, now) => {
      vanish.run(now, id)
    },
    isSpokenOf: (id) => (byId.get(id)?.declared ?? 0) > 0 || isLinked.get(id)?.yes === 1,
    remove: (id) => {
      remove.run(id)
    },
  }
}
