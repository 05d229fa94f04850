import { postureId, shortHash, standsIn } from '../../health/standpoint.js'
import type { FunctionDeclaration } from '../store.js'
import { type Db, type Expression, setOf, text } from './db.js'
import type { About } from './head.js'
import { groupKey, LAST, placeKey, subnetPartition } from './keys.js'

export type DeclaredPosture = NonNullable<FunctionDeclaration['posture']>

/** A standpoint that speaks for a function. */
export interface Link {
  readonly standpoint: string
  readonly subnet: string | null
  readonly securityGroups: readonly string[]
  readonly region: string | null
  readonly account: string | null
}

/** Functions that see the network from the same standpoints. Its key says what it is, so that all writers agree on it. */
export interface GroupShape {
  readonly key: string
  readonly posture: string | null
  readonly subnets: readonly string[]
  readonly securityGroups: readonly string[]
  readonly declared: boolean
  /** Standpoints that belong to it for sure; a declared one also takes in those of its posture. */
  readonly members: readonly string[]
}

/**
 * Where probes stand, and which groups see the network from there. A place's item joins both: whoever adds a probe reads
 * back the groups, whoever adds a group reads back the probes, so that of two at once the later one joins them.
 */
export interface Places {
  /** A probe stands at its place now, and in every group of it. */
  readonly enter: (id: string, about: About) => Promise<void>
  /** Makes a group if it isn't there, with the probes of all its places. */
  readonly ensureGroup: (group: GroupShape) => Promise<void>
  readonly groupsAt: (standpoint: string) => Promise<readonly string[]>
  readonly leave: (id: string, standpoint: string) => Promise<void>
}

/** The group of a function with these links and this declared posture; null where neither says anything. */
export function groupOf(links: readonly Link[], posture: DeclaredPosture | null): GroupShape | null {
  const ordered = links.toSorted((a, b) => (a.standpoint < b.standpoint ? -1 : 1))
  // A posture decides which standpoints count; what a function says about itself, without knowing its subnet, counts too.
  const own = posture === null ? ordered : ordered.filter(({ subnet }) => subnet === null)
  if (posture === null && own.length === 0) return null
  const { subnets, securityGroups } = posture ?? seenPosture(ordered)
  const id = subnets.length === 0 ? null : postureId(subnets, securityGroups)
  const members = own.map(({ standpoint }) => standpoint)
  const hash = shortHash([posture === null ? 'seen' : `declared ${id}`, ...members])
  return {
    key: `${id ?? '-'}#${hash}`,
    posture: id,
    subnets,
    securityGroups,
    declared: posture !== null,
    members,
  }
}

export function placesOf(db: Db): Places {
  const attach = async (group: string, standpoint: string): Promise<void> => {
    const place = await db.update(placeKey(standpoint), adding({ groups: [group] }))
    await db.update(groupKey(group), adding({ probes: setOf(place, 'probes'), places: [standpoint] }))
  }

  return {
    enter: async (id, { standpoint, subnet, securityGroups }) => {
      const place = await db.update(placeKey(standpoint), adding({ probes: [id] }))
      await Promise.all(
        setOf(place, 'groups').map((group) => db.update(groupKey(group), adding({ probes: [id] }))),
      )
      if (subnet === null) return
      const pk = subnetPartition(subnet)
      // First it is written where those who declare look, then it looks for what they have declared.
      await db.put({ pk, sk: `place#${standpoint}` }, { groups: text(JSON.stringify(securityGroups)) })
      for await (const item of db.query({ pk, from: 'group#', to: `group#${LAST}`, consistent: true })) {
        const posture: DeclaredPosture = JSON.parse(item['posture']?.S ?? '{}')
        if (standsIn({ subnet, securityGroups }, posture))
          await attach((item['sk']?.S ?? '').slice('group#'.length), standpoint)
      }
    },
    ensureGroup: async ({ key, posture, subnets, securityGroups, declared, members }) => {
      const known = await db.get(groupKey(key), true)
      if (known?.['whole'] !== undefined) return
      await db.update(groupKey(key), {
        text: 'SET #shape = :shape',
        names: { '#shape': 'shape' },
        values: { ':shape': text(JSON.stringify({ posture, subnets, securityGroups })) },
      })
      for (const member of members) await attach(key, member)
      for (const subnet of declared ? subnets : []) {
        const pk = subnetPartition(subnet)
        await db.put(
          { pk, sk: `group#${key}` },
          { posture: text(JSON.stringify({ subnets, securityGroups })) },
        )
        for await (const item of db.query({ pk, from: 'place#', to: `place#${LAST}`, consistent: true })) {
          const groups: readonly string[] = JSON.parse(item['groups']?.S ?? '[]')
          if (standsIn({ subnet, securityGroups: groups }, { subnets, securityGroups }))
            await attach(key, (item['sk']?.S ?? '').slice('place#'.length))
        }
      }
      await db.update(groupKey(key), {
        text: 'SET #whole = :whole',
        names: { '#whole': 'whole' },
        values: { ':whole': { BOOL: true } },
      })
    },
    groupsAt: async (standpoint) => setOf(await db.get(placeKey(standpoint), true), 'groups'),
    leave: async (id, standpoint) => {
      const removing = {
        text: 'DELETE #probes :probes',
        names: { '#probes': 'probes' },
        values: { ':probes': { SS: [id] } },
      }
      const place = await db.update(placeKey(standpoint), removing)
      for (const group of setOf(place, 'groups')) await db.update(groupKey(group), removing)
    },
  }
}

/** ADD of texts to sets; an empty one is left out, since DynamoDB knows no empty sets. */
function adding(sets: Readonly<Record<string, readonly string[]>>): Expression {
  const filled = Object.entries(sets).filter(([, list]) => list.length > 0)
  return {
    text: `ADD ${filled.map(([name]) => `#${name} :${name}`).join(', ')}`,
    names: Object.fromEntries(filled.map(([name]) => [`#${name}`, name])),
    values: Object.fromEntries(filled.map(([name, list]) => [`:${name}`, { SS: [...list] }])),
  }
}

function seenPosture(links: readonly Link[]): DeclaredPosture {
  const known = links.filter(({ subnet }) => subnet !== null)
  return {
    subnets: [...new Set(known.flatMap(({ subnet }) => (subnet === null ? [] : [subnet])))].sort(),
    securityGroups: [...new Set(known.flatMap(({ securityGroups }) => securityGroups))].sort(),
  }
}
