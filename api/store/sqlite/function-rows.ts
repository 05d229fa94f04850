import { type Home, keptName, type Mention } from '../../health/function-name.js'
import type { Db } from './db.js'

export interface FunctionRow {
  readonly id: number
  readonly name: string
  readonly declared: number
  readonly region: string | null
  readonly account: string | null
  /** The declared one, as JSON. */
  readonly posture: string | null
  readonly group_id: number
}

/** The functions with what puts them somewhere: links from standpoints, and declarations. */
export interface FunctionRows {
  readonly get: (id: number) => FunctionRow | undefined
  /** A standpoint speaks for a function. Returns the functions whose links or declarations changed by that. */
  readonly link: (mention: Mention, standpointId: number) => readonly number[]
  readonly declare: (mention: Mention, posture: string | null) => readonly number[]
  /** Whether anything still speaks of it. */
  readonly isSpokenOf: (id: number) => boolean
  readonly remove: (id: number) => void
}

export const NO_GROUP = 0

interface Link extends Home {
  readonly function_id: number
  readonly name: string
  readonly standpoint_id: number
}

export function functionRowsOf(db: Db): FunctionRows {
  const columns = 'id, name, declared, region, account, posture, group_id FROM functions'
  const byId = db.prepare<FunctionRow>(`SELECT ${columns} WHERE id = ?`)
  const byName = db.prepare<{ id: number }>('SELECT id FROM functions WHERE name = ?')
  const ofBase = db.prepare<FunctionRow>(`SELECT ${columns} WHERE base = ?`)
  const insert = db.prepare(
    `INSERT INTO functions (name, base, declared, group_id, status) VALUES (?, ?, 0, ${NO_GROUP}, 'unknown')`,
  )
  const remove = db.prepare('DELETE FROM functions WHERE id = ?')
  const declare = db.prepare(
    `UPDATE functions SET declared = 1, region = coalesce(?, region), account = coalesce(?, account), posture = ?
     WHERE id = ?`,
  )
  const undeclare = db.prepare(
    'UPDATE functions SET declared = 0, region = NULL, account = NULL, posture = NULL WHERE id = ?',
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
    const declared = ofBase.all(base).filter((row) => row.declared === 1)
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
      declare.run(row.region, row.account, row.posture, id)
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
    declare: (mention, posture) =>
      settle(mention, (id) => declare.run(mention.home.region, mention.home.account, posture, id)),
    isSpokenOf: (id) => byId.get(id)?.declared === 1 || isLinked.get(id)?.yes === 1,
    remove: (id) => {
      remove.run(id)
    },
  }
}
