import { setTimeout as sleep } from 'node:timers/promises'
import type { FastifyBaseLogger } from 'fastify'
import { type Companion, running } from './companions.js'
import type { Diagnoser } from './diagnoser.js'
import type { NetworkState } from './network-state.js'
import { readSnapshot } from './snapshot/read.js'
import type { WatchedStore } from './watched-store.js'

/** How often it is asked whether another instance added a snapshot. */
const SYNC_EVERY_MS = 5000
/** How often a snapshot folder is looked at. */
const FOLLOW_EVERY_MS = 30_000
/** News come in bursts, a report a probe: they are diagnosed together. */
const SETTLE_MS = 1000
/** Every path of every function is traced at most this often; a contradiction asks AWS anew. */
const SWEEP_PAUSE_MS = 60_000

/** Takes a snapshot folder in, and again whenever its content changed. What is wrong with it is told once. */
export function followSnapshot(folder: string, network: NetworkState, logger: FastifyBaseLogger): Companion {
  return running(`snapshot ${folder}`, async (signal) => {
    let told = ''
    const tell = (why: string): void => {
      if (why !== told) logger.warn({ folder, why }, 'the snapshot folder is not read in full')
      told = why
    }
    while (!signal.aborted) {
      try {
        const { snapshot, problems } = await readSnapshot(folder)
        const [first] = problems
        if (first)
          tell(`${problems.length} problems; the first: ${first.file}${first.pointer}: ${first.message}`)
        const { version, isNew } = await network.add(snapshot, new Date())
        if (isNew) logger.info({ folder, snapshot: version.id }, 'took a snapshot in')
      } catch (error) {
        tell(error instanceof Error ? error.message : String(error))
      }
      await sleep(FOLLOW_EVERY_MS, undefined, { signal, ref: false }).catch(() => undefined)
    }
  })
}

/** Takes over what another instance added. */
export function keepSynced(network: NetworkState, logger: FastifyBaseLogger): Companion {
  return running('shared snapshots', async (signal) => {
    while (!signal.aborted) {
      await sleep(SYNC_EVERY_MS, undefined, { signal, ref: false }).catch(() => undefined)
      if (signal.aborted) return
      await network
        .sync()
        .catch((err: unknown) => logger.warn({ err }, 'the newest snapshot could not be read'))
    }
  })
}

/** Asks AWS for the configuration on a schedule. */
export function keepCollected(network: NetworkState, everyMs: number, logger: FastifyBaseLogger): Companion {
  return running('inventory', async (signal) => {
    while (!signal.aborted) {
      await refresh(network, logger)
      await sleep(everyMs, undefined, { signal, ref: false }).catch(() => undefined)
    }
  })
}

/**
 * Diagnoses what fails as soon as it is known, so that whoever asks finds it done; and where packets contradict the snapshot,
 * asks AWS for a newer one.
 */
export function keepDiagnosed(
  store: WatchedStore,
  network: NetworkState,
  diagnoser: Diagnoser,
  logger: FastifyBaseLogger,
): Companion {
  return running('diagnosis', async (signal) => {
    let dirty = true
    let sweptAt = Number.NEGATIVE_INFINITY
    const mark = (): void => {
      dirty = true
    }
    const stops = [store.onChange(mark), network.onChange(mark)]
    try {
      while (!signal.aborted) {
        await sleep(SETTLE_MS, undefined, { signal, ref: false }).catch(() => undefined)
        if (!dirty || signal.aborted) continue
        dirty = false
        try {
          await diagnoser.groups()
          if (Date.now() - sweptAt < SWEEP_PAUSE_MS) continue
          sweptAt = Date.now()
          if ((await diagnoser.sweep()) > 0 && network.refresh) await refresh(network, logger)
        } catch (err) {
          if (!signal.aborted) logger.error({ err }, 'diagnosing failed')
        }
      }
    } finally {
      for (const stop of stops) stop()
    }
  })
}

async function refresh(network: NetworkState, logger: FastifyBaseLogger): Promise<void> {
  try {
    const added = await network.refresh?.()
    if (added?.isNew) logger.info({ snapshot: added.version.id }, 'the configuration changed')
  } catch (err) {
    logger.warn({ err }, 'the configuration could not be collected; the next try is on schedule')
  }
}
