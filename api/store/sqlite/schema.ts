import { NewerSchema } from '../store.js'
import type { Db } from './db.js'

/** One step forward; never changed once released, only followed by another. */
export type Migration = string

/**
 * Times are epoch milliseconds. `tie` orders reports of one moment in a way that doesn't depend on their arrival.
 * A probe's state is one row, however many checks it has, and a report is one row with its results as JSON: that keeps
 * taking in a report at a handful of writes.
 */
const initial: Migration = `
CREATE TABLE meta (key TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE sources (source TEXT PRIMARY KEY, checkpoint TEXT NOT NULL) WITHOUT ROWID;

CREATE TABLE standpoints (
  id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, account TEXT, region TEXT, subnet TEXT,
  security_groups TEXT NOT NULL
);
CREATE INDEX standpoints_subnet ON standpoints (subnet);

CREATE TABLE probes (
  id INTEGER PRIMARY KEY, standpoint_id INTEGER NOT NULL REFERENCES standpoints (id), name TEXT NOT NULL,
  last_at INTEGER, last_tie INTEGER, interval_ms INTEGER,
  -- Results before this hour are in the rollups; those of this hour are read from the reports.
  open_hour INTEGER,
  workloads TEXT NOT NULL, state TEXT NOT NULL,
  UNIQUE (standpoint_id, name)
);
CREATE TABLE series (
  id INTEGER PRIMARY KEY, probe_id INTEGER NOT NULL REFERENCES probes (id), name TEXT NOT NULL,
  UNIQUE (probe_id, name)
);
CREATE INDEX series_name ON series (name);

CREATE TABLE reports (
  id INTEGER PRIMARY KEY, probe_id INTEGER NOT NULL, at INTEGER NOT NULL, tie INTEGER NOT NULL,
  run TEXT NOT NULL, part INTEGER NOT NULL, notable INTEGER NOT NULL, results TEXT NOT NULL,
  UNIQUE (run, part)
);
CREATE INDEX reports_probe ON reports (probe_id, at, tie);
CREATE INDEX reports_notable ON reports (probe_id, at, tie) WHERE notable = 1;

-- A probe's state after each closed hour: where a late report takes up the fold again.
CREATE TABLE folds (
  probe_id INTEGER NOT NULL, hour INTEGER NOT NULL, state TEXT NOT NULL, PRIMARY KEY (probe_id, hour)
) WITHOUT ROWID;
-- step 0: the minutes of one hour, 1: an hour, 2: a day.
CREATE TABLE rollups (
  series_id INTEGER NOT NULL, step INTEGER NOT NULL, bucket INTEGER NOT NULL, data BLOB NOT NULL,
  PRIMARY KEY (series_id, step, bucket)
) WITHOUT ROWID;
CREATE INDEX rollups_age ON rollups (step, bucket);

CREATE TABLE incidents (
  series_id INTEGER NOT NULL, opened_at INTEGER NOT NULL, closed_at INTEGER,
  first_outcome TEXT NOT NULL, last_outcome TEXT NOT NULL, failures INTEGER NOT NULL,
  PRIMARY KEY (series_id, opened_at)
) WITHOUT ROWID;
CREATE INDEX incidents_opened ON incidents (opened_at, series_id);
CREATE INDEX incidents_open ON incidents (opened_at, series_id) WHERE closed_at IS NULL;
CREATE INDEX incidents_closed ON incidents (closed_at) WHERE closed_at IS NOT NULL;

-- Functions that see the network from the same standpoints share one verdict.
CREATE TABLE groups (
  id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, declared INTEGER NOT NULL, posture TEXT,
  subnets TEXT NOT NULL, security_groups TEXT NOT NULL, region TEXT, account TEXT,
  status TEXT NOT NULL, stale_at INTEGER, statuses TEXT NOT NULL, verdict TEXT NOT NULL
);
CREATE INDEX groups_posture ON groups (posture);
CREATE TABLE group_members (
  group_id INTEGER NOT NULL, standpoint_id INTEGER NOT NULL, PRIMARY KEY (group_id, standpoint_id)
) WITHOUT ROWID;
CREATE INDEX group_members_standpoint ON group_members (standpoint_id, group_id);
CREATE TABLE functions (
  id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, declared INTEGER NOT NULL, region TEXT, account TEXT,
  -- Its group's, repeated so that a filtered list is read in order; when it goes stale is asked of the group.
  posture TEXT, group_id INTEGER NOT NULL, status TEXT NOT NULL
);
CREATE INDEX functions_group ON functions (group_id, name);
CREATE INDEX functions_status ON functions (status, name);
CREATE TABLE function_links (
  function_id INTEGER NOT NULL, standpoint_id INTEGER NOT NULL, PRIMARY KEY (function_id, standpoint_id)
) WITHOUT ROWID;
CREATE INDEX function_links_standpoint ON function_links (standpoint_id);

CREATE TABLE rejects (
  id INTEGER PRIMARY KEY AUTOINCREMENT, source TEXT NOT NULL, received_at INTEGER NOT NULL,
  reason TEXT NOT NULL, pointer TEXT, line TEXT NOT NULL, key TEXT
);
CREATE UNIQUE INDEX rejects_key ON rejects (source, key) WHERE key IS NOT NULL;
CREATE TABLE events (
  seq INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL, type TEXT NOT NULL, function TEXT, data TEXT NOT NULL
);
`

/**
 * A function is kept by name, region and account: `base` is Lambda's own name, `functions.name` the one that it is asked for
 * by (see `keptName`), and a link tells the home that was meant.
 */
const homes: Migration = `
ALTER TABLE functions ADD COLUMN base TEXT NOT NULL DEFAULT '';
UPDATE functions SET base = name;
CREATE INDEX functions_base ON functions (base);
ALTER TABLE function_links ADD COLUMN region TEXT;
ALTER TABLE function_links ADD COLUMN account TEXT;
UPDATE function_links SET (region, account) =
  (SELECT s.region, s.account FROM standpoints s WHERE s.id = function_links.standpoint_id);
`

/** Discovery (`declared` 2; 1 is the configuration's word): when a function vanished, and the standpoints that it left. */
const discovery: Migration = `
ALTER TABLE functions ADD COLUMN vanished_at INTEGER;
CREATE INDEX functions_discovered ON functions (account, region, name) WHERE declared = 2;
CREATE INDEX functions_vanished ON functions (vanished_at) WHERE vanished_at IS NOT NULL;
CREATE TABLE function_past (
  function_id INTEGER NOT NULL, standpoint_id INTEGER NOT NULL, until INTEGER NOT NULL,
  PRIMARY KEY (function_id, standpoint_id)
) WITHOUT ROWID;
`

/**
 * A verdict is worked out when it is read; what lists are filtered by is kept. `review_at`: a report from after this time may
 * change the status by itself; null where it may have changed already. `stale`: no report came in time, and
 * `functions.status` says so.
 */
const statuses: Migration = `
ALTER TABLE groups DROP COLUMN verdict;
ALTER TABLE groups ADD COLUMN last_at INTEGER;
ALTER TABLE groups ADD COLUMN review_at INTEGER;
ALTER TABLE groups ADD COLUMN stale INTEGER NOT NULL DEFAULT 0;
UPDATE groups SET review_at = 0;
CREATE INDEX groups_due ON groups (id) WHERE review_at IS NULL;
CREATE INDEX groups_stale_at ON groups (stale_at) WHERE stale = 0;
`

/** Schema version N is what the first N of these make. */
export const MIGRATIONS: readonly Migration[] = [initial, homes, discovery, statuses]

/**
 * Brings a file to this program's schema, in one transaction.
 * @param file named in the error
 * @throws NewerSchema if the file was written by a newer program; the file is left as it is
 */
export function migrate(db: Db, file: string, migrations: readonly Migration[] = MIGRATIONS): void {
  const version = db.prepare<{ user_version: number }>('PRAGMA user_version').get()?.user_version ?? 0
  if (version > migrations.length) {
    throw new NewerSchema(
      `${file} has schema version ${version}, and this program knows versions up to ${migrations.length}: ` +
        'use the newer program that wrote it, or another data folder',
    )
  }
  if (version === migrations.length) return
  db.transaction(() => {
    for (const migration of migrations.slice(version)) db.exec(migration)
    db.exec(`PRAGMA user_version = ${migrations.length}`)
  })
}
