import { bucketOf, STEP_MS } from '../rollup/bucket.js'
import type { ExportedResult } from '../store.js'
import { toExportedResult } from '../stored-result.js'
import type { Db } from './db.js'
import type { Heads } from './head.js'
import { HEAD_SHARDS, headShard } from './keys.js'
import type { MetaAccess } from './meta.js'
import type { Stretches } from './stretches.js'
import { all } from './survey.js'

/** All results of a time, probe by probe, a day in memory at a time. */
export function exportResultsOf(db: Db, heads: Heads, stretches: Stretches, meta: MetaAccess) {
  return async function* (from: Date, to: Date): AsyncGenerator<ExportedResult> {
    const { edges } = await meta.recent()
    for (let shard = 0; shard < HEAD_SHARDS; shard += 1) {
      for (const head of await heads.decode(await all(db.query({ pk: headShard(shard) })))) {
        const first = await stretches.oldest(head)
        const start = Math.max(from.getTime(), edges.results, first ?? Number.POSITIVE_INFINITY)
        const end = Math.min(to.getTime(), (head.lastAt ?? 0) + 1)
        for (let at = start; at < end; at = bucketOf(at, 'day') + STEP_MS.day) {
          const until = Math.min(end, bucketOf(at, 'day') + STEP_MS.day)
          for (const report of await stretches.between(head, at, until)) {
            for (const result of report.results) yield toExportedResult(report, result, head.about)
          }
        }
      }
    }
  }
}
