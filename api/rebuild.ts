import { pullLimits, clock as tick } from './companions.js'
import type { Config, StoreConfig } from './config.js'
import { explainedFolder, makeDataFolder } from './data-folder.js'
import {
  NOTHING,
  readFollowed,
  readLogGroup,
  readPath,
  sum,
  type WholeOptions,
  type WholeSummary,
} from './ingest/whole.js'
import { openRoles } from './open-roles.js'
import { explained, openStore, StoreUnusable } from './open-store.js'
import type { Store } from './store/store.js'

export interface RebuildInput {
  readonly config: Pick<
    Config,
    'store' | 'data' | 'policy' | 'retention' | 'functions' | 'sources' | 'accounts'
  >
  /** Absolute paths of files and folders, beside the configured sources. */
  readonly paths: readonly string[]
  readonly stdin: ((store: Store, options: Pick<WholeOptions, 'clock'>) => Promise<WholeSummary>) | null
  /** Since when log groups are read; null reads as far back as anything is kept. */
  readonly since: Date | null
  readonly clock: () => Date
  readonly onReject: WholeOptions['onReject']
}

export interface Rebuilt extends WholeSummary {
  /** The data folder, or the table. */
  readonly store: string
  /** The old file; null where there was none, and for a table. */
  readonly backup: string | null
  /** Reports that the old store had taken in, as far as it can be read. */
  readonly before: number | null
}

/** The logs hold no report: what there is must not be replaced by nothing. */
export class NothingToRebuild extends Error {
  override readonly name = 'NothingToRebuild'
}

/**
 * Makes a store from logs: in the data folder one that takes the old one's place once every log was read, else one in an
 * empty table. Configured sources are read to their end, whatever else is: a position that is saved stands for lines that are
 * in this very store.
 *
 * @throws LogUnreadable, StoreInUse, NothingToRebuild, StoreUnusable, DataFolderUnusable; the old store is as it was
 */
export async function rebuildStore(input: RebuildInput): Promise<Rebuilt> {
  const { config, clock } = input
  const { store: where, data, policy, retention } = config
  if (where.engine === 'sqlite') {
    const { replaceSqliteStore } = await import('./store/sqlite/replace.js')
    await makeDataFolder(data)
    const { result, backup, before } = await explainedFolder(data, () =>
      replaceSqliteStore(data, { policy, retention }, (store) => fill(store, input), clock()),
    )
    return { store: data, backup, before, ...result }
  }
  await mustBeEmpty(where)
  const store = await openStore(config)
  try {
    return { store: where.table, backup: null, before: null, ...(await fill(store, input)) }
  } finally {
    await store.close()
  }
}

async function fill(store: Store, input: RebuildInput): Promise<WholeSummary> {
  const { config, paths, stdin, clock, onReject } = input
  const { folders, cloudwatch } = config.sources
  const options: WholeOptions = { clock, onReject, signal: new AbortController().signal }
  await store.declareFunctions(config.functions)
  const followed = new Set(folders.map(({ path }) => path))
  let total = NOTHING
  for (const path of paths) {
    if (!followed.has(path)) total = sum(total, await readPath(store, path, options))
  }
  if (stdin !== null) total = sum(total, await stdin(store, options))
  for (const path of followed) total = sum(total, await readFollowed(store, path, options))
  if (cloudwatch.length > 0) total = sum(total, await readLogGroups(store, input, options.signal))
  if (total.accepted === 0) {
    throw new NothingToRebuild(
      `no report was found in ${total.lines} ${total.lines === 1 ? 'line' : 'lines'}: a store without any takes nobody's place`,
    )
  }
  while (await store.prune(clock()));
  return total
}

async function readLogGroups(
  store: Store,
  { config, since, clock }: RebuildInput,
  signal: AbortSignal,
): Promise<WholeSummary> {
  const { openLogGroups } = await import('./aws/logs.js')
  const roles = await openRoles(config)
  const limits = pullLimits()
  const { resultsDays, dayRollupsDays, incidentsDays } = config.retention
  const kept = Math.max(resultsDays, dayRollupsDays, incidentsDays) * 86_400_000
  const from = since ?? new Date(clock().getTime() - kept)
  let total = NOTHING
  for (const { region, account, logGroups } of config.sources.cloudwatch) {
    const place = account === undefined ? { region } : { account, region }
    const { groups, close } = openLogGroups(place, logGroups, roles(account ?? null))
    try {
      for (const group of groups) {
        const options = { since: from, limit: limits(place), clock: tick, signal }
        total = sum(total, await readLogGroup(store, group, options))
      }
    } finally {
      close()
    }
  }
  return total
}

/** A table is shared and can't be swapped: into one that holds something a rebuild would mix two histories. */
async function mustBeEmpty(where: Extract<StoreConfig, { engine: 'dynamodb' }>): Promise<void> {
  const { openClient } = await import('./store/dynamodb/db.js')
  const { isEmptyTable } = await import('./store/dynamodb/table-check.js')
  const { table, region } = where
  await explained(where, async () => {
    const client = openClient(where, 3)
    try {
      if (await isEmptyTable(client, table, region)) return
    } finally {
      client.destroy()
    }
    throw new StoreUnusable(
      `the DynamoDB table "${table}" holds data, and a table is never replaced: make a new one with ` +
        '`sonde store create --table NAME`, rebuild into it with --table NAME, then name it in the configuration',
    )
  })
}
