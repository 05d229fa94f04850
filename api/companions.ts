import { setTimeout as sleep } from 'node:timers/promises'
import type { FastifyBaseLogger } from 'fastify'
import type { CredentialsProvider } from './aws/accounts.js'
import { openLogGroups } from './aws/logs.js'
import type { Config } from './config.js'
import { DEFAULT_PULL, pullForever } from './ingest/cloudwatch-pull.js'
import { type RateClock, type RateLimit, rateLimit } from './ingest/rate.js'
import { DEFAULT_TAIL_MS, tailFolder } from './ingest/tail.js'
import { functionsIn } from './lab/functions.js'
import type { NetworkState } from './network-state.js'
import type { RunningSample } from './sample/index.js'
import type { Store } from './store/store.js'

/** Something that runs beside the API until it is stopped: a source, the sample, the pruning. */
export interface Companion {
  readonly name: string
  readonly stop: () => Promise<void>
}

const PRUNE_EVERY_MS = 60_000
const PRUNE_PAUSE_MS = 50

/**
 * FilterLogEvents has a fixed quota per account and region, 5 a second in the smallest regions; others read logs too.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/cloudwatch_limits_cwl.html
 */
const PULLS_PER_SECOND = 4

/** Follows the log files of a folder. What can't be read is told once until it changes, not at every look. */
export function followFolder(path: string, store: Store, logger: FastifyBaseLogger): Companion {
  const told = new Map<string, string>()
  return running(`folder ${path}`, (signal) =>
    tailFolder(path, store, signal, {
      clock: () => new Date(),
      everyMs: DEFAULT_TAIL_MS,
      onError: (where, error) => {
        if (told.get(where) === error.message) return
        told.set(where, error.message)
        logger.warn({ path: where, why: error.message }, 'a log can not be read; trying on')
      },
    }),
  )
}

type LogSource = Config['sources']['cloudwatch'][number]

/** The time that goes by. */
export const clock: RateClock = {
  now: () => Date.now(),
  sleep: (ms, signal) => sleep(ms, undefined, signal ? { signal } : {}),
}

/** The limit of an account and region, which all sources that read there share: so does the quota. */
export function pullLimits(): (place: Pick<LogSource, 'account' | 'region'>) => RateLimit {
  const limits = new Map<string, RateLimit>()
  return ({ account, region }) => {
    const key = `${account ?? ''} ${region}`
    const limit = limits.get(key) ?? rateLimit(PULLS_PER_SECOND, PULLS_PER_SECOND, clock)
    limits.set(key, limit)
    return limit
  }
}

/** Reads the configured log groups of one region. */
export function followLogGroups(
  source: LogSource,
  store: Store,
  logger: FastifyBaseLogger,
  limit: RateLimit,
  credentials?: CredentialsProvider,
): Companion {
  const { region, account, logGroups, pollMs } = source
  const place = account === undefined ? { region } : { account, region }
  const { groups, close } = openLogGroups(place, logGroups, credentials)
  const failing = new Map<string, string>()
  return running(`log groups of ${region}`, async (signal) => {
    try {
      const options = { ...DEFAULT_PULL, everyMs: pollMs }
      await pullForever(
        groups,
        store,
        () => limit,
        clock,
        options,
        (group, outcome) => {
          const why = outcome instanceof Error ? outcome.message : null
          if (why === null && failing.delete(group.name)) {
            logger.info({ ...place, logGroup: group.name }, 'the log group is read again')
          } else if (why !== null && failing.get(group.name) !== why) {
            failing.set(group.name, why)
            logger.warn({ ...place, logGroup: group.name, why }, 'a log group can not be read; trying on')
          }
        },
        signal,
      )
    } finally {
      close()
    }
  })
}

/** The sample's account as it changes, and the log of its probes, followed like every other. */
export function followSample(
  sample: RunningSample,
  store: Store,
  network: NetworkState,
  logger: FastifyBaseLogger,
): Companion {
  sample.follow(async (snapshot) => {
    try {
      const now = new Date()
      for (const { home, functions } of functionsIn(snapshot))
        await store.discoverFunctions(home, functions, now)
      await network.add(snapshot, now)
    } catch (err) {
      logger.error({ err }, "the sample's account could not be taken in")
    }
  })
  const logs = followFolder(sample.logs, store, logger)
  return { name: 'sample', stop: logs.stop }
}

/** Deletes what is past its retention, a bounded step at a time, and lets requests in between. */
export function keepPruned(store: Store, logger: FastifyBaseLogger): Companion {
  return running('pruning', async (signal) => {
    while (!signal.aborted) {
      const more = await store.prune(new Date()).catch((err: unknown) => {
        logger.error({ err }, 'pruning failed')
        return false
      })
      await sleep(more ? PRUNE_PAUSE_MS : PRUNE_EVERY_MS, undefined, { signal, ref: false }).catch(
        () => undefined,
      )
    }
  })
}

export function running(name: string, work: (signal: AbortSignal) => Promise<void>): Companion {
  const abort = new AbortController()
  const done = work(abort.signal)
  // Seen by whoever stops it; until then nobody waits for it.
  done.catch(() => undefined)
  return {
    name,
    stop: async () => {
      abort.abort()
      await done
    },
  }
}
