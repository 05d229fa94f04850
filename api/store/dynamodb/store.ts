import { ResourceNotFoundException } from '@aws-sdk/client-dynamodb'
import type { Store, StoreOptions } from '../store.js'
import { countsOf } from './counts.js'
import { type DbOptions, number, openDb } from './db.js'
import { eventsOf } from './events.js'
import { exportResultsOf } from './export.js'
import { foldingOf } from './folding.js'
import { functionsOf } from './functions.js'
import { groupsOf } from './groups.js'
import { headsOf } from './head.js'
import { incidentShard, listIncidentsOf } from './incidents.js'
import { ingestOf } from './ingest.js'
import { PING, sourceKey } from './keys.js'
import { expiryOf, openMeta } from './meta.js'
import { namesOf } from './names.js'
import { placesOf } from './places.js'
import { listPosturesOf } from './postures.js'
import { probeWriterOf } from './probe-writer.js'
import { pruneOf } from './prune.js'
import { listRejectsOf } from './rejects.js'
import { listResultsOf } from './results.js'
import { rollupsOf } from './rollups.js'
import { stretchesOf } from './stretches.js'
import { surveysOf } from './survey.js'
import { TableMissing } from './table-check.js'
import { timelineOf } from './timeline.js'

/**
 * The store on one DynamoDB table, for any number of processes at once. Credentials come from the environment, as with every
 * AWS tool.
 *
 * @throws TableMissing if there is no such table
 * @throws NewerSchema if a newer program wrote it
 */
export async function openDynamoStore(where: DbOptions, options: StoreOptions): Promise<Store> {
  const db = openDb(where)
  try {
    const meta = await openMeta(db)
    const { policy, retention } = options
    const expiry = expiryOf(retention, Date.now)
    const heads = headsOf(db)
    const stretches = stretchesOf(db, heads)
    const rollups = rollupsOf(db, stretches)
    const folding = foldingOf(db, heads, stretches, incidentShard)
    const places = placesOf(db)
    const events = eventsOf(db)
    const names = namesOf(db, places, events)
    const groups = groupsOf(db, heads, events, policy, retention.maxEvents)
    const surveys = surveysOf(db, heads, policy)
    const writer = probeWriterOf({
      db,
      heads,
      stretches,
      rollups,
      folding,
      places,
      names,
      groups,
      events,
      policy,
      expiry,
    })
    /** Judges groups anew whose members came or went. */
    const judge = async (dirty: ReadonlySet<string>, at: number): Promise<void> => {
      for (const group of dirty) await groups.judge(group, at)
    }
    return {
      engine: 'dynamodb',
      ingest: ingestOf({ db, meta, events, writer, expiry }, options),
      checkpoint: async (source) => (await db.get(sourceKey(source), true))?.['checkpoint']?.S ?? null,
      declareFunctions: async (functions) => {
        const at = Date.now()
        await judge(await names.declare(functions, at), at)
      },
      discoverFunctions: async (home, functions, now) =>
        judge(await names.discover(home, functions, now.getTime()), now.getTime()),
      ...functionsOf(db, surveys),
      listPostures: listPosturesOf(db, heads, groups),
      listResults: listResultsOf(stretches, surveys.probesOf, meta),
      exportResults: exportResultsOf(db, heads, stretches, meta),
      timeline: timelineOf(rollups, surveys.probesOf, meta),
      listIncidents: listIncidentsOf({ db, heads, groups, places, surveys, meta }),
      listRejects: listRejectsOf(db, retention.maxRejects),
      eventsAfter: (seq, limit) => events.after(seq, limit, retention.maxEvents),
      lastEventSeq: events.lastSeq,
      counts: countsOf(db, surveys, meta),
      prune: pruneOf({ db, meta, events, heads, places, surveys, names, writer }, options),
      ping: async () => {
        await db.update(PING, {
          text: 'SET #at = :at',
          names: { '#at': 'at' },
          values: { ':at': number(Date.now()) },
        })
      },
      close: async () => db.close(),
    }
  } catch (error) {
    db.close()
    throw error instanceof ResourceNotFoundException ? new TableMissing(where.table, where.region) : error
  }
}
