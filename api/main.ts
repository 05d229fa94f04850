import { mkdir } from 'node:fs/promises'
import type { FastifyBaseLogger, FastifyInstance } from 'fastify'
import { VERSION } from '../probe/version.js'
import { authMode } from './auth.js'
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
  /** Stops taking in, finishes what was taken in, ends the sources, closes the store. Once. */
  readonly close: () => Promise<void>
}

/** Something that runs beside the API until it is stopped: a source, the sample, the pruning. */
export interface Companion {
  readonly name: string
  readonly stop: () => Promise<void>
}

const PRUNE_EVERY_MS = 60_000

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
    const sample = config.sample && assets.sample !== null
    const app = await buildServer({
      store,
      logger,
      version: VERSION,
      auth: { mode, tokens: config.tokens },
      retention: config.retention,
      sample,
      requestsPerMinute: config.server.requestsPerMinute,
      maxBodyBytes: config.server.maxBodyBytes,
      trustProxy: config.server.trustProxy,
      ...(assets.web === null ? {} : { webRoot: assets.web }),
    })
    const url = await app.listen({ host: config.server.host, port: config.server.port })
    companions.push(startPruning(store, logger))
    let closed: Promise<void> | null = null
    return {
      app,
      store,
      url,
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

/** Deletes what is past its retention, a bounded step at a time, and lets requests in between. */
function startPruning(store: WatchedStore, logger: FastifyBaseLogger): Companion {
  let stopped = false
  let turn: Promise<void> = Promise.resolve()
  const prune = async (): Promise<void> => {
    while (!stopped && (await store.prune(new Date())))
      await new Promise((resolve) => setTimeout(resolve, 50))
  }
  const timer = setInterval(() => {
    turn = turn.then(prune).catch((err: unknown) => logger.error({ err }, 'pruning failed'))
  }, PRUNE_EVERY_MS)
  timer.unref()
  return {
    name: 'pruning',
    stop: async () => {
      stopped = true
      clearInterval(timer)
      await turn
    },
  }
}
