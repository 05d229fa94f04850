import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Store, StoreOptions } from '../store.js'
import { countsOf } from './counts.js'
import { type Db, openDb } from './db.js'
import { eventsOf } from './events.js'
import { exportResultsOf } from './export.js'
import { foldingOf } from './folding.js'
import { functionRowsOf } from './function-rows.js'
import { functionsOf } from './functions.js'
import { groupsOf } from './groups.js'
import { listIncidentsOf } from './incidents.js'
import { ingestOf, type Parts } from './ingest.js'
import { type Meta, metaOf } from './meta.js'
import { probesOfFunction } from './places.js'
import { listPosturesOf } from './postures.js'
import { probesOf } from './probes.js'
import { pruneOf } from './prune.js'
import { listRejectsOf } from './rejects.js'
import { reportsOf } from './reports.js'
import { listResultsOf } from './results.js'
import { rollupsOf } from './rollups.js'
import { migrate } from './schema.js'
import { timelineOf } from './timeline.js'
import { verdictsOf } from './verdicts.js'

/** The database's name inside the data folder. */
export const FILE_NAME = 'sonde.db'

/**
 * The embedded store: one SQLite file, `sonde.db`, in a folder that is made if it isn't there; `:memory:` keeps everything
 * in memory. Several processes may open the same folder: each batch is one write transaction, and what is kept in memory from
 * one to the next is forgotten once another process has written, so that they never undo each other's work.
 *
 * @throws NewerSchema if a newer program wrote the file
 */
export async function openSqliteStore(dir: string, options: StoreOptions): Promise<Store> {
  if (dir !== ':memory:') await mkdir(dir, { recursive: true, mode: 0o700 })
  const file = dir === ':memory:' ? dir : join(dir, FILE_NAME)
  const db = openDb(file)
  try {
    migrate(db, file)
    return storeOn(db, options)
  } catch (error) {
    db.close()
    throw error
  }
}

function storeOn(db: Db, options: StoreOptions): Store {
  const meta = metaOf(db)
  const events = eventsOf(db)
  const probes = probesOf(db)
  const reports = reportsOf(db)
  const rollups = rollupsOf(db, reports, probes)
  const folding = foldingOf(db, reports, probes)
  const groups = groupsOf(db, functionRowsOf(db))
  const verdicts = verdictsOf(db, probes, options.policy)
  followPolicy(db, meta, options.policy)
  const parts: Parts = { db, meta, events, probes, reports, rollups, folding, groups, verdicts }
  const ofFunction = probesOfFunction(db, probes)

  const ingest = ingestOf(parts, options)
  const prune = pruneOf(parts, options)
  const listResults = listResultsOf(reports, ofFunction)
  const timeline = timelineOf(rollups, probes, ofFunction)
  const listIncidents = listIncidentsOf(db)
  const listPostures = listPosturesOf(db)
  const listRejects = listRejectsOf(db)
  const counts = countsOf(db, meta)
  const checkpoint = db.prepare<{ checkpoint: string }>('SELECT checkpoint FROM sources WHERE source = ?')

  const write = <T>(work: () => T): T => {
    try {
      return db.transaction(() => {
        probes.begin()
        return work()
      })
    } catch (error) {
      probes.forget()
      throw error
    }
  }

  /** Judges groups anew whose members came or went. */
  const settle = (dirty: readonly number[], at: number): void => {
    events.append(verdicts.judge(dirty), at)
    events.trim(options.retention.maxEvents)
  }

  return {
    engine: 'sqlite',
    ingest: async (batch) => write(() => ingest(batch)),
    checkpoint: async (source) => checkpoint.get(source)?.checkpoint ?? null,
    declareFunctions: async (functions) =>
      write(() => {
        const at = Date.now()
        settle(
          functions.flatMap((declaration) => groups.declare(declaration, at)),
          at,
        )
      }),
    discoverFunctions: async (home, functions, now) =>
      write(() => {
        const { dirty, told } = groups.discover(home, functions, now.getTime())
        events.append(told, now.getTime())
        settle(dirty, now.getTime())
      }),
    ...functionsOf(db, verdicts),
    listPostures: async (query) => listPostures(query),
    listResults: async (query) => listResults(query),
    exportResults: exportResultsOf(db, reports),
    timeline: async (query) => timeline(query),
    listIncidents: async (query) => listIncidents(query),
    listRejects: async (query) => listRejects(query),
    eventsAfter: async (seq, limit) => events.after(seq, limit),
    lastEventSeq: async () => events.lastSeq(),
    counts: async (now) => counts(now),
    prune: async (now) => write(() => prune(now)),
    ping: async () => db.transaction(() => meta.set('horizon', meta.get('horizon'))),
    close: async () => {
      // What is in the write-ahead log goes into the file, so that a copy of the file alone is whole.
      db.exec('PRAGMA wal_checkpoint(TRUNCATE)')
      db.close()
    },
  }
}

/** Statuses that were kept under another policy are judged by this one as soon as their probes report. */
function followPolicy(db: Db, meta: Meta, { flipAfter, intervalMs }: StoreOptions['policy']): void {
  if (meta.get('flipAfter') === flipAfter && meta.get('intervalMs') === intervalMs) return
  db.transaction(() => {
    db.exec('UPDATE groups SET review_at = 0 WHERE review_at IS NOT NULL')
    meta.set('flipAfter', flipAfter)
    meta.set('intervalMs', intervalMs)
  })
}
