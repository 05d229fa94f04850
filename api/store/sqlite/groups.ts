import { type Home, mentionOf } from '../../health/function-name.js'
import type { FunctionStatus } from '../../health/health.js'
import { postureId, shortHash, standsIn } from '../../health/standpoint.js'
import { cameOrWent, type NewEvent } from '../news.js'
import type { FunctionDeclaration } from '../store.js'
import type { Db } from './db.js'
import { CONFIGURED, DISCOVERED, type FunctionRows, NO_GROUP } from './function-rows.js'
import type { Probe } from './probes.js'

/** Functions that see the network from the same standpoints form a group: they share its verdict and its row. */
export interface Groups {
  /** The functions that a probe speaks for see the network from its standpoint. Returns the groups that changed. */
  readonly link: (probe: Probe, names: readonly string[]) => readonly number[]
  /** Puts a new standpoint into the declared postures that it belongs to. */
  readonly admit: (standpointId: number) => readonly number[]
  readonly declare: (declaration: FunctionDeclaration, now: number) => readonly number[]
  /** All that discovery found in a home: what it found there before and not now vanishes. */
  readonly discover: (
    home: Home,
    found: readonly Pick<FunctionDeclaration, 'name' | 'posture'>[],
    now: number,
  ) => { readonly dirty: readonly number[]; readonly told: readonly NewEvent[] }
  readonly ofStandpoint: (standpointId: number) => readonly number[]
  readonly functionsOf: (groupId: number) => readonly string[]
}

interface Place {
  readonly id: number
  readonly key: string
  readonly account: string | null
  readonly region: string | null
  readonly subnet: string | null
  readonly security_groups: string
}

type DeclaredPosture = NonNullable<FunctionDeclaration['posture']>

const NOBODY = 'nobody'
const placeColumns = 's.id, s.key, s.account, s.region, s.subnet, s.security_groups FROM standpoints s'

export function groupsOf(db: Db, functions: FunctionRows): Groups {
  const moveFunction = db.prepare('UPDATE functions SET group_id = ?, status = ? WHERE id = ?')
  const leaveBehind = db.prepare(
    `INSERT INTO function_past (function_id, standpoint_id, until)
     SELECT ?, standpoint_id, ? FROM group_members WHERE group_id = ?
     ON CONFLICT (function_id, standpoint_id) DO UPDATE SET until = excluded.until`,
  )
  const comeBack = db.prepare(
    `DELETE FROM function_past WHERE function_id = ?
     AND standpoint_id IN (SELECT standpoint_id FROM group_members WHERE group_id = ?)`,
  )
  const linked = db.prepare<Place>(
    `SELECT ${placeColumns} JOIN function_links l ON l.standpoint_id = s.id WHERE l.function_id = ? ORDER BY s.key`,
  )
  const inSubnet = db.prepare<Place>(`SELECT ${placeColumns} WHERE s.subnet = ?`)
  const place = db.prepare<Place>(`SELECT ${placeColumns} WHERE s.id = ?`)
  const findGroup = db.prepare<{ id: number }>('SELECT id FROM groups WHERE key = ?')
  const insertGroup = db.prepare<{ id: number }>(
    `INSERT INTO groups (key, declared, posture, subnets, security_groups, status, statuses)
     VALUES (?, ?, ?, ?, ?, 'unknown', '[]') RETURNING id`,
  )
  const insertMember = db.prepare(
    'INSERT OR IGNORE INTO group_members (group_id, standpoint_id) VALUES (?, ?)',
  )
  const isEmpty = db.prepare<{ n: number }>(
    'SELECT NOT EXISTS (SELECT 1 FROM functions WHERE group_id = ?) AS n',
  )
  const deleteMembers = db.prepare('DELETE FROM group_members WHERE group_id = ?')
  const deleteGroup = db.prepare('DELETE FROM groups WHERE id = ?')
  const declaredGroups = db.prepare<{ id: number; subnets: string; security_groups: string }>(
    'SELECT id, subnets, security_groups FROM groups WHERE declared = 1',
  )
  const ofStandpoint = db.prepare<{ group_id: number }>(
    'SELECT group_id FROM group_members WHERE standpoint_id = ? ORDER BY group_id',
  )
  const names = db.prepare<{ name: string }>('SELECT name FROM functions WHERE group_id = ? ORDER BY name')
  const statusOf = db.prepare<{ status: FunctionStatus }>(
    "SELECT CASE WHEN stale = 1 THEN 'stale' ELSE status END AS status FROM groups WHERE id = ?",
  )

  const makeGroup = (key: string, posture: DeclaredPosture | null, shape: DeclaredPosture): number => {
    const { subnets, securityGroups } = shape
    const id = subnets.length === 0 ? null : postureId(subnets, securityGroups)
    const made = insertGroup.get(
      key,
      posture === null ? 0 : 1,
      id,
      JSON.stringify(subnets),
      JSON.stringify(securityGroups),
    )
    if (made === undefined) throw new Error('a group that was just made is gone')
    return made.id
  }

  /** The group of those that no standpoint sees. */
  const nobody = (): number =>
    findGroup.get(NOBODY)?.id ?? makeGroup(NOBODY, null, { subnets: [], securityGroups: [] })

  /** The group that a function's links and declared posture put it into, made if there is none. */
  const groupFor = (functionId: number, posture: DeclaredPosture | null): number => {
    const links = linked.all(functionId)
    // A posture decides which standpoints count; what a function says about itself, without knowing its subnet, counts too.
    const own = posture === null ? links : links.filter(({ subnet }) => subnet === null)
    const shape = posture ?? seenPosture(links)
    const id = shape.subnets.length === 0 ? null : postureId(shape.subnets, shape.securityGroups)
    const key = shortHash([posture === null ? 'seen' : `declared ${id}`, ...own.map((link) => link.key)])
    if (posture === null && own.length === 0) return nobody()
    const found = findGroup.get(key)
    if (found !== undefined) return found.id
    const made = makeGroup(key, posture, shape)
    for (const { id: standpoint } of own) insertMember.run(made, standpoint)
    for (const standpoint of posture === null
      ? []
      : shape.subnets.flatMap((subnet) => inSubnet.all(subnet))) {
      if (standsIn(decodePlace(standpoint), shape)) insertMember.run(made, standpoint.id)
    }
    return made
  }

  /** Moves a function into the group where it belongs, and returns that if it is another one than before. */
  const regroup = (functionId: number, now: number): readonly number[] => {
    const row = functions.get(functionId)
    if (row === undefined) return []
    const posture: DeclaredPosture | null = row.posture === null ? null : JSON.parse(row.posture)
    const spokenOf = functions.isSpokenOf(functionId)
    const group = row.vanished_at !== null ? nobody() : spokenOf ? groupFor(functionId, posture) : NO_GROUP
    if (spokenOf && group === row.group_id) return []
    if (!spokenOf) functions.remove(functionId)
    else {
      moveFunction.run(group, statusOf.get(group)?.status ?? 'unknown', functionId)
      leaveBehind.run(functionId, now, row.group_id)
      comeBack.run(functionId, group)
    }
    if (row.group_id !== NO_GROUP && isEmpty.get(row.group_id)?.n === 1) {
      deleteMembers.run(row.group_id)
      deleteGroup.run(row.group_id)
    }
    return spokenOf ? [group] : []
  }

  return {
    link: (probe, wanted) =>
      wanted.flatMap((name) => {
        probe.workloads.add(name)
        // A link only adds, or parts what was one: nothing is left behind, and no time is told.
        return functions.link(mentionOf(name, probe), probe.standpointId).flatMap((id) => regroup(id, 0))
      }),
    admit: (standpointId) => {
      const row = place.get(standpointId)
      if (row === undefined) return []
      return declaredGroups.all().flatMap((group) => {
        const posture = {
          subnets: JSON.parse(group.subnets),
          securityGroups: JSON.parse(group.security_groups),
        }
        if (!standsIn(decodePlace(row), posture)) return []
        return insertMember.run(group.id, standpointId) > 0 ? [group.id] : []
      })
    },
    declare: ({ name, region, account, posture }, now) => {
      const mention = mentionOf(name, { region: region ?? null, account: account ?? null })
      return functions.declare(mention, encodePosture(posture), CONFIGURED).flatMap((id) => regroup(id, now))
    },
    discover: (home, found, now) => {
      const known = functions.discovered(home)
      const named = new Set(found.map(({ name }) => name))
      const gone = [...known.values()].filter(
        ({ base, vanished_at }) => vanished_at === null && !named.has(base),
      )
      for (const { id } of gone) functions.vanish(id, now)
      const left = gone.flatMap(({ id }) => regroup(id, now))
      const told = gone.map(({ name, status }) => cameOrWent(name, status, null))
      const came = found.flatMap(({ name, posture }) => {
        const wanted = encodePosture(posture)
        const before = known.get(name)
        const present = before !== undefined && before.vanished_at === null
        // Discovery says the same of thousands of functions every few minutes.
        if (present && before.posture === wanted) return []
        const ids = functions.declare({ base: name, home }, wanted, DISCOVERED)
        const dirty = ids.flatMap((id) => regroup(id, now))
        const row = functions.get(ids.at(-1) ?? 0)
        if (!present && row !== undefined) told.push(cameOrWent(row.name, null, row.status))
        return dirty
      })
      return { dirty: [...left, ...came], told }
    },
    ofStandpoint: (standpointId) => ofStandpoint.all(standpointId).map(({ group_id }) => group_id),
    functionsOf: (groupId) => names.all(groupId).map(({ name }) => name),
  }
}

function encodePosture(posture: DeclaredPosture | undefined): string | null {
  if (posture === undefined) return null
  return JSON.stringify({
    subnets: [...new Set(posture.subnets)].sort(),
    securityGroups: [...new Set(posture.securityGroups)].sort(),
  })
}

function seenPosture(places: readonly Place[]): DeclaredPosture {
  const known = places.filter(({ subnet }) => subnet !== null).map(decodePlace)
  return {
    subnets: [...new Set(known.flatMap(({ subnet }) => (subnet === null ? [] : [subnet])))].sort(),
    securityGroups: [...new Set(known.flatMap(({ securityGroups }) => securityGroups))].sort(),
  }
}

function decodePlace({ subnet, security_groups }: Place): {
  subnet: string | null
  securityGroups: readonly string[]
} {
  return { subnet, securityGroups: JSON.parse(security_groups) }
}
