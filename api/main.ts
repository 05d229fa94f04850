import { join } from 'node:path'
import type { FastifyBaseLogger, FastifyInstance } from 'fastify'
import { VERSION } from '../probe/version.js'
import { authMode } from './auth.js'
import type { Roles } from './aws/accounts.js'
import {
  type Companion,
  followFolder,
  followLogGroups,
  followSample,
  keepPruned,
  pullLimits,
} from './companions.js'
import { followSnapshot, keepCollected, keepDiagnosed, keepSynced } from './companions-network.js'
import { type Config, placesOf, type RunsConfig } from './config.js'
import { makeDataFolder } from './data-folder.js'
import { createDiagnoser, type Diagnoser } from './diagnoser.js'
import { startDiagnosisThread } from './diagnosis-thread.js'
import { taggedProbes } from './discovery/follow.js'
import type { Collection } from './inventory.js'
import { followed } from './inventory-following.js'
import { type NetworkState, openNetworkState } from './network-state.js'
import { openRoles } from './open-roles.js'
import { openStore } from './open-store.js'
import type { Runner } from './runner.js'
import { type RunningSample, type Sample, startSample } from './sample/index.js'
import { buildServer } from './server.js'
import { settingsOf } from './settings.js'
import { mirrored } from './snapshot/mirror.js'
import { openSnapshotVersions, type SnapshotVersions } from './snapshot/versions.js'
import type { Store } from './store/store.js'
import { type WatchedStore, watchStore } from './watched-store.js'

/** Where the built parts lie that aren't code of this process. */
export interface Assets {
  /** Folder of the page; null if it isn't built. */
  readonly web: string | null
  /** The sample's built process; null if it isn't built, and then there is no sample. */
  readonly sample: string | null
  /** The built code of the diagnosis thread; without it this thread does that work. */
  readonly diagnosis: string | null
}

export interface Running {
  readonly app: FastifyInstance
  readonly store: WatchedStore
  /** `http://127.0.0.1:8080` */
  readonly url: string
  readonly sample: Sample | null
  /** Stops taking in, finishes what was taken in, ends the sources, closes the store. Once. */
  readonly close: () => Promise<void>
}

/**
 * Puts Sonde together from its configuration and starts it: store, sources, API.
 * @throws TokenNeeded, DataFolderUnusable, NewerSchema, StoreUnusable, or the error of listening, with everything closed again.
 */
export async function startSonde(
  config: Config,
  logger: FastifyBaseLogger,
  assets: Assets,
): Promise<Running> {
  const mode = authMode(config.server.host, config.tokens)
  await makeDataFolder(config.data)
  const store = watchStore(await openStore(config))
  const companions: Companion[] = []
  const stopCompanions = async (): Promise<void> => {
    for (const { name, stop } of companions.splice(0).reverse()) {
      await stop().catch((err: unknown) => logger.error({ err, name }, 'stopping failed'))
    }
  }
  try {
    await store.declareFunctions(config.functions)
    const sample = await openSample(config, assets, companions, logger)
    const roles = await openRoles(config)
    const inventory = await openInventory(config, roles, store, logger)
    const { network, diagnoser } = await openNetwork(config, store, assets, companions, inventory, sample)
    const runner = config.runs
      ? await openRunner(config.runs, roles, network, companions)
      : (sample?.runner ?? null)
    const app = await buildServer({
      store,
      network,
      diagnoser,
      logger,
      version: VERSION,
      auth: { mode, tokens: config.tokens },
      retention: config.retention,
      sample,
      runner,
      inventory,
      ...(config.runs ? { runLimits: config.runs } : {}),
      firehoseKeyHash: config.sources.firehose?.accessKeyHash ?? null,
      requestsPerMinute: config.server.requestsPerMinute,
      maxBodyBytes: config.server.maxBodyBytes,
      trustProxy: config.server.trustProxy,
      publicBadges: config.server.publicBadges,
      settings: settingsOf(config, mode),
      ...(assets.web === null ? {} : { webRoot: assets.web }),
    })
    const url = await app.listen({ host: config.server.host, port: config.server.port })
    companions.push(keepPruned(store, logger), keepDiagnosed(store, network, diagnoser, logger))
    if (config.store.engine === 'dynamodb') companions.push(keepSynced(network, logger))
    if (config.snapshots !== null) companions.push(followSnapshot(config.snapshots, network, logger))
    if (config.inventory) companions.push(keepCollected(network, config.inventory.everyMs, logger))
    for (const { path } of config.sources.folders) companions.push(followFolder(path, store, logger))
    const limits = pullLimits()
    for (const source of config.sources.cloudwatch) {
      const credentials = roles(source.account ?? null)
      companions.push(followLogGroups(source, store, logger, limits(source), credentials))
    }
    if (sample) companions.push(followSample(sample, store, network, logger))
    let closed: Promise<void> | null = null
    return {
      app,
      store,
      url,
      sample,
      close: () => {
        closed ??= app
          .close()
          .then(stopCompanions)
          .finally(() => store.close())
        return closed
      },
    }
  } catch (error) {
    await stopCompanions()
    await store.close()
    throw error
  }
}

async function openRunner(
  runs: RunsConfig,
  roles: Roles,
  network: NetworkState,
  companions: Companion[],
): Promise<Runner> {
  const { createLambdaRunner } = await import('./aws/runner.js')
  const { close, ...runner } = createLambdaRunner({ ...runs, roles, known: taggedProbes(network) })
  companions.push({ name: 'runs', stop: async () => close() })
  return runner
}

/** What asks AWS for the configuration. The SDK takes a tenth of a second to load: only who needs it pays. */
async function openInventory(
  config: Config,
  roles: Roles,
  store: WatchedStore,
  logger: FastifyBaseLogger,
): Promise<Collection | null> {
  if (config.inventory === null) return null
  const { createCollection } = await import('./aws/places.js')
  const clock = (): Date => new Date()
  const collection = createCollection(placesOf(config.inventory.regions, config.accounts), roles, clock)
  return followed(collection, { store, declared: config.functions, clock, logger })
}

/** Versions of the configuration that are kept: the newest, and enough older ones to see what changed. */
const KEPT_SNAPSHOTS = 20

/** Starts the sample first: what is shown decides what the API can do. */
async function openSample(
  config: Config,
  assets: Assets,
  companions: Companion[],
  logger: FastifyBaseLogger,
): Promise<RunningSample | null> {
  if (config.sample === null || assets.sample === null) return null
  const sample = await startSample(assets.sample, config.sample, config.data, (why) => {
    logger.error({ why }, 'the sample ended by itself')
  })
  companions.push({ name: 'sample process', stop: sample.stop })
  return sample
}

/** Kept in the data folder; where several instances share a store, in that. */
async function openVersions(
  { store }: Config,
  folder: string,
  companions: Companion[],
): Promise<SnapshotVersions> {
  if (store.engine === 'sqlite') return openSnapshotVersions(folder, KEPT_SNAPSHOTS)
  const { openDynamoSnapshots } = await import('./store/dynamodb/snapshot-versions.js')
  const { versions, close } = openDynamoSnapshots(store, KEPT_SNAPSHOTS)
  companions.push({ name: 'snapshots', stop: async () => close() })
  return mirrored(versions, folder)
}

async function openNetwork(
  config: Config,
  store: Store,
  assets: Assets,
  companions: Companion[],
  inventory: Collection | null,
  sample: RunningSample | null,
): Promise<{ network: NetworkState; diagnoser: Diagnoser }> {
  const folder = join(config.data, 'snapshots')
  const versions = await openVersions(config, folder, companions)
  const clock = (): Date => new Date()
  const ask = inventory?.collect ?? sample?.collect ?? null
  const network = await openNetworkState(versions, ask, clock)
  if (assets.diagnosis === null) return { network, diagnoser: createDiagnoser({ store, network, clock }) }
  const thread = startDiagnosisThread(assets.diagnosis, (version) => join(folder, version))
  companions.push({ name: 'diagnosis', stop: thread.stop })
  return {
    network,
    diagnoser: createDiagnoser({
      store,
      network,
      clock,
      investigate: thread.investigate,
      mendAll: thread.mendAll,
    }),
  }
}
