import type { FunctionStatus } from '../../health/health.js'
import { checkPage } from '../check-page.js'
import { decodeCursor, encodeCursor } from '../cursor.js'
import type { Store } from '../store.js'
import type { Db } from './db.js'
import { decodeGroup } from './groups.js'
import { GROUPS, LAST } from './keys.js'
import type { FunctionItem, Surveys } from './survey.js'

export type FunctionReads = Pick<Store, 'listFunctions' | 'getFunction' | 'listChecks'>

/** Groups whose functions are merged; of more, all functions are walked through instead. */
const MAX_LANES = 50
/** Functions that one page walks through: a rare text gives a short page. */
const MAX_WALKED = 10_000

/** Reads of the functions and their checks, each judged by its probes' heads as they are now. */
export function functionsOf(db: Db, surveys: Surveys): FunctionReads {
  /** Groups that a filter leaves, null for all of them; `loose`: also functions that are in none. */
  const candidates = async (
    statuses: readonly FunctionStatus[] | null,
    posture: string | null,
    now: Date,
  ): Promise<{ readonly groups: ReadonlySet<string> | null; readonly loose: boolean }> => {
    if (statuses !== null) {
      const { groups } = await surveys.everything()
      const fitting = [...groups.values()].filter(
        (one) =>
          statuses.includes(surveys.statusAt(one, now)) &&
          (posture === null || one.group.posture === posture),
      )
      const loose = posture === null && statuses.includes('unknown')
      return { groups: new Set(fitting.map(({ group }) => group.key)), loose }
    }
    if (posture === null) return { groups: null, loose: true }
    const groups = new Set<string>()
    for await (const item of db.query({ pk: GROUPS, from: `${posture}#`, to: `${posture}#${LAST}` }))
      groups.add(decodeGroup(item).key)
    return { groups, loose: false }
  }

  const walk = async function* (
    { groups, loose }: { readonly groups: ReadonlySet<string> | null; readonly loose: boolean },
    from: string,
  ): AsyncGenerator<{ readonly item: FunctionItem; readonly fits: boolean }> {
    if (groups !== null && !loose && groups.size <= MAX_LANES) {
      for await (const item of surveys.ofGroups([...groups], from)) yield { item, fits: true }
      return
    }
    for await (const item of surveys.walk(from)) {
      const fits = groups === null || (item.group === null ? loose : groups.has(item.group))
      // One that doesn't fit is told too: whoever walks has to bound the way.
      yield { item, fits }
    }
  }

  return {
    getFunction: async (name, now) => {
      const found = await surveys.find(name)
      if (found === null) return null
      const [health] = await surveys.health([found], now, true)
      return health ?? null
    },
    listFunctions: async (query) => {
      const after = query.cursor === undefined ? null : decodeCursor('functions', query.cursor, ['string'])[0]
      const wanted = query.text?.toLowerCase()
      const filter = await candidates(
        query.status === undefined ? null : [query.status],
        query.posture ?? null,
        query.now,
      )
      const found: FunctionItem[] = []
      let [walked, more, last] = [0, false, after ?? '']
      for await (const { item, fits } of walk(filter, after === null ? '' : `${after}\u0000`)) {
        const isThere = (item.vanishedAt === null) !== (query.vanished === true)
        const isAsked = fits && isThere && (wanted === undefined || item.name.toLowerCase().includes(wanted))
        more = walked >= MAX_WALKED || (isAsked && found.length === query.limit)
        if (more) break
        walked += 1
        last = item.name
        if (isAsked) found.push(item)
      }
      return {
        items: await surveys.health(found, query.now),
        nextCursor: more ? encodeCursor('functions', [last]) : null,
      }
    },
    listChecks: async (query) => {
      const one = query.function
      if (one !== undefined) {
        return checkPage(query, async (from) => {
          const found = one < from ? null : await surveys.find(one)
          return found === null ? [] : surveys.health([found], query.now, true)
        })
      }
      // A check's status bounds its function's: only functions that can have such a check are looked at.
      const statuses: FunctionStatus[] | null =
        query.status === 'failing'
          ? ['failing']
          : query.status === 'degraded'
            ? ['failing', 'degraded']
            : null
      const filter = await candidates(statuses, null, query.now)
      return checkPage(query, async (from, count) => {
        const found: FunctionItem[] = []
        for await (const { item, fits } of walk(filter, from)) {
          if (fits) found.push(item)
          if (found.length === count) break
        }
        return surveys.health(found, query.now)
      })
    },
  }
}
