import { bucketOf, STEP_MS } from '../rollup/bucket.js'
import type { StoreOptions } from '../store.js'
import { type Db, keyOf } from './db.js'
import type { Events } from './events.js'
import type { Heads } from './head.js'
import { REJECTS } from './keys.js'
import type { MetaAccess } from './meta.js'
import type { Names } from './names.js'
import type { Places } from './places.js'
import type { ProbeWriter } from './probe-writer.js'
import type { Surveys } from './survey.js'

/** Items that one step deletes at most, of each kind. */
export const PRUNE_STEP = 500

export interface PruneParts {
  readonly db: Db
  readonly meta: MetaAccess
  readonly events: Events
  readonly heads: Heads
  readonly places: Places
  readonly surveys: Surveys
  readonly names: Names
  readonly writer: ProbeWriter
}

/**
 * Moves the edges before which nothing is shown or taken in any more. What lies before them goes by TTL, which costs nothing;
 * only events, rejects and probes that are long gone are deleted here, since they are bounded by number or shared.
 * Several instances may prune at once.
 */
export function pruneOf(
  { db, meta, events, heads, places, surveys, names, writer }: PruneParts,
  { retention }: StoreOptions,
) {
  const trimRejects = async (): Promise<boolean> => {
    const { counts, trimmed } = await meta.read()
    if (counts.rejects - trimmed === 0) return false
    let [seen, deleted] = [0, 0]
    for await (const item of db.list({ pk: REJECTS, newestFirst: true })) {
      seen += 1
      if (seen <= retention.maxRejects) continue
      if (deleted >= PRUNE_STEP) return true
      await db.remove(keyOf(item))
      deleted += 1
    }
    await meta.setTrimmed(counts.rejects)
    return false
  }

  return async (now: Date): Promise<boolean> => {
    const before = (days: number): number => now.getTime() - days * STEP_MS.day
    const edge = bucketOf(before(retention.resultsDays), 'hour')
    const found = (await surveys.everything()).heads
    // Results go only after their hour is rolled up.
    const late = found.filter(
      ({ dirty, lastAt, openHour }) =>
        dirty.some((hour) => hour < edge) ||
        (openHour !== null && openHour < edge && openHour <= (lastAt ?? Number.NEGATIVE_INFINITY)),
    )
    for (const head of late.slice(0, PRUNE_STEP)) await writer.close(head, edge)
    if (late.length > PRUNE_STEP) return true
    await meta.advance(
      {
        results: edge,
        minute: before(retention.minuteRollupsDays),
        hour: before(retention.hourRollupsDays),
        day: before(retention.dayRollupsDays),
        incidents: before(retention.incidentsDays),
      },
      now.getTime(),
    )
    const gone = found.filter(
      ({ lastAt }) =>
        lastAt !== null && lastAt < before(Math.max(retention.dayRollupsDays, retention.resultsDays)),
    )
    for (const { id } of gone.slice(0, PRUNE_STEP)) {
      const head = await heads.get(id)
      if (head === null || !(await heads.remove(head))) continue
      await places.leave(id, head.about.standpoint)
      // It may have come back in between: then it stands there again.
      if ((await heads.get(id)) !== null) await places.enter(id, head.about)
      await meta.add(head.totals)
    }
    const oldest = before(Math.max(retention.dayRollupsDays, retention.resultsDays, retention.incidentsDays))
    for await (const { name, vanishedAt } of surveys.walk(''))
      if (vanishedAt !== null && vanishedAt < oldest) await names.forget(name, oldest)
    const more = [
      await events.trim(retention.maxEvents, PRUNE_STEP),
      await trimRejects(),
      gone.length > PRUNE_STEP,
    ]
    return more.includes(true)
  }
}
