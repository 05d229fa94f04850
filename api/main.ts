import { mkdir } from 'node:fs/promises'
import type { FastifyBaseLogger, FastifyInstance } from 'fastify'
import { VERSION } from '../probe/version.js'
import { authMode } from './auth.js'
import { type Companion, followFolder, followLogGroups, keepPruned, runSample } from './companions.js'
import type { Config } from './config.js'
import { buildServer } from './server.js'
import { openSqliteStore } from './store/sqlite/store.js'
import { type WatchedStore, watchStore } from './watched-store.js'

/** Where the built parts lie that aren't code of this process. */
export interface Assets {
  /** Folder of the page; null if it isn't built. */
  readonly web: string | null
  /** The sample's built process; null if it isn't built. */
  readonly sample: string | null
}

export interface Running {
  readonly app: FastifyInstance
  readonly store: WatchedStore
  /** `http://127.0.0.1:8080` */
  readonly url: string
  readonly sample: boolean
  /** Stops taking in, finishes what was taken in, ends the sources, closes the store. Once. */
  readonly close: () => Promise<void>
}

/**
 * Puts Sonde together from its configuration and starts it: store, sources, API.
 * @throws TokenNeeded, NewerSchema, or the error of listening, with everything closed again.
 */
export async function startSonde(
  config: Config,
  logger: FastifyBaseLogger,
  assets: Assets,
): Promise<Running> {
  const mode = authMode(config.server.host, config.tokens)
  await mkdir(config.data, { recursive: true, mode: 0o700 })
  const store = watchStore(
    await openSqliteStore(config.data, { policy: config.policy, retention: config.retention }),
  )
  const companions: Companion[] = []
  const stopCompanions = async (): Promise<void> => {
    for (const { name, stop } of companions.splice(0).reverse()) {
      await stop().catch((err: unknown) => logger.error({ err, name }, 'stopping failed'))
    }
  }
  try {
    await store.declareFunctions(config.functions)
    const app = await buildServer({
      store,
      logger,
      version: VERSION,
      auth: { mode, tokens: config.tokens },
      retention: config.retention,
      sample: assets.sample !== null && config.sample,
      firehoseKeyHash: config.sources.firehose?.accessKeyHash ?? null,
      requestsPerMinute: config.server.requestsPerMinute,
      maxBodyBytes: config.server.maxBodyBytes,
      trustProxy: config.server.trustProxy,
      ...(assets.web === null ? {} : { webRoot: assets.web }),
    })
    const url = await app.listen({ host: config.server.host, port: config.server.port })
    companions.push(keepPruned(store, logger))
    for (const { path } of config.sources.folders) companions.push(followFolder(path, store, logger))
    for (const source of config.sources.cloudwatch) companions.push(followLogGroups(source, store, logger))
    if (config.sample && assets.sample !== null) {
      companions.push(await runSample(assets.sample, config.data, store, logger))
    }
    let closed: Promise<void> | null = null
    return {
      app,
      store,
      url,
      sample: assets.sample !== null && config.sample,
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
