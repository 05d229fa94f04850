import { unpackDelivery } from '../ingest/cloudwatch-envelope.js'
import { sortLines } from '../ingest/sort-lines.js'
import { openDynamoStore } from '../store/dynamodb/store.js'
import type { IngestSummary, Store } from '../store/store.js'
import { type Environment, storeSettings } from './settings.js'

/**
 * The ingest Lambda (`dist/lambda/ingest/index.mjs`, handler `index.handler`): events of a CloudWatch Logs subscription
 * filter on the probes' log group, into the table
 * (https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/SubscriptionFilters.html).
 *
 * Environment:
 * - `SONDE_TABLE`: name of the DynamoDB table, as `api/store/dynamodb/table.ts` describes it. Required.
 * - `SONDE_POLICY`: JSON as `policy:` in the configuration, such as `{"flipAfter":2,"intervalMs":60000}`.
 * - `SONDE_RETENTION`: JSON as `retention:` in the configuration, such as `{"resultsDays":7}`.
 *
 * Rights on the table and its index: dynamodb:GetItem, BatchGetItem, Query, PutItem, UpdateItem, DeleteItem.
 *
 * What can't be taken in whole throws, so that Lambda's retries and the dead-letter queue of the asynchronous invocation have
 * it; taken in again it counts once (by run and part, and rejects by CloudWatch's own id of the event).
 */
export function createIngestHandler(env: Environment): (event: unknown) => Promise<IngestAnswer> {
  let opened: Promise<Store> | null = null
  let prunedAt = Date.now()

  const open = (): Promise<Store> => {
    const { where, options } = storeSettings(env)
    opened ??= openDynamoStore(where, options).catch((error: unknown) => {
      // The next invocation tries anew: the table may be made in the meantime.
      opened = null
      throw error
    })
    return opened
  }

  return async (event) => {
    const deliveries = unpackDelivery(Buffer.from(JSON.stringify(event ?? null)))
    const store = await open()
    const total = { accepted: 0, duplicates: 0, rejected: 0, otherLines: 0 }
    for (const { logGroup, lines } of deliveries) {
      const sorted = sortLines(lines)
      const summary = await store.ingest({
        source: `cloudwatch:${logGroup}`,
        receivedAt: new Date(),
        ...sorted,
      })
      total.accepted += summary.accepted
      total.duplicates += summary.duplicates
      total.rejected += summary.rejected
      total.otherLines += sorted.otherLines
    }
    if (Date.now() - prunedAt > PRUNE_EVERY_MS) {
      prunedAt = Date.now()
      await store.prune(new Date(prunedAt))
    }
    return total
  }
}

export interface IngestAnswer extends IngestSummary {
  readonly otherLines: number
}

/** Where nothing else prunes, each warm instance does it once an hour. */
const PRUNE_EVERY_MS = 3_600_000
