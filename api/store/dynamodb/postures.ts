import type { Posture } from '../../health/health.js'
import { decodeCursor, encodeCursor } from '../cursor.js'
import type { Page, PageQuery } from '../store.js'
import type { Db } from './db.js'
import { decodeGroup, type Group, type Groups } from './groups.js'
import type { Head, Heads } from './head.js'
import { GROUPS, LAST } from './keys.js'
import { all } from './survey.js'

/** The postures of all functions, in order of their id, with the probes that stand there. */
export function listPosturesOf(db: Db, heads: Heads, groups: Groups) {
  const describe = async (id: string, own: readonly Group[]): Promise<Posture | null> => {
    const names = (await Promise.all(own.map(({ key }) => all(groups.functionsOf(key))))).flat()
    const [first] = own
    // Groups that all functions have left stay in the table for a while.
    if (first === undefined || names.length === 0) return null
    const probes = await heads.getMany([...new Set(own.flatMap((group) => group.probes))])
    return {
      id,
      subnets: first.subnets,
      securityGroups: first.securityGroups,
      functions: [...new Set(names)].sort(),
      probes: probes.toSorted(inOrder).map(({ about, lastAt }) => ({
        name: about.name,
        subnet: about.subnet,
        lastReportAt: lastAt === null ? null : new Date(lastAt).toISOString(),
      })),
    }
  }

  return async (query: PageQuery): Promise<Page<Posture>> => {
    const after =
      query.cursor === undefined ? 'posture-' : decodeCursor('postures', query.cursor, ['string'])[0]
    const from = query.cursor === undefined ? after : `${after}#${LAST}`
    const items: Posture[] = []
    let own: Group[] = []
    /** Adds the posture that was read whole; true if the page was full already. */
    const isOver = async (): Promise<boolean> => {
      const id = own[0]?.posture ?? null
      const posture = id === null ? null : await describe(id, own)
      own = []
      if (posture === null) return false
      if (items.length === query.limit) return true
      items.push(posture)
      return false
    }
    const nextCursor = (): string | null => encodeCursor('postures', [items.at(-1)?.id ?? after])
    for await (const item of db.query({ pk: GROUPS, from, to: `posture-${LAST}` })) {
      const group = decodeGroup(item)
      if (own[0] !== undefined && own[0].posture !== group.posture && (await isOver()))
        return { items, nextCursor: nextCursor() }
      own.push(group)
    }
    return { items, nextCursor: (await isOver()) ? nextCursor() : null }
  }
}

function inOrder(a: Head, b: Head): number {
  const [left, right] = [a, b].map(({ id, about }) => `${about.subnet ?? ''}\n${about.name}\n${id}`)
  return (left ?? '') < (right ?? '') ? -1 : 1
}
