import { setMaxListeners } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Post, PostRun } from '../../infra/lab/posts.js'
import type { LiveLab } from './live.js'

export interface WatchOptions {
  /** Milliseconds between two runs of a probe. */
  readonly intervalMs: number
  /** Milliseconds after which a probe that saw something new looks again, so that one lost packet is not taken for news. */
  readonly confirmMs: number
  readonly onRun: (run: PostRun) => void
  /** A run that could not be made at all: the lab ended. */
  readonly onError: (error: unknown) => void
}

/** A check that goes back and forth is left to the interval after so many looks. */
const MOST_TURNS = 4

export interface Watch {
  /** Runs every probe at once, as after a change; resolves when they are done. */
  readonly now: () => Promise<void>
  readonly stop: () => Promise<void>
}

/**
 * Runs the probes of a live lab on an interval: all at once at the beginning, then spread over the interval, so that the machine has
 * little to do at any one time.
 */
export function watchLab(live: LiveLab, options: WatchOptions): Watch {
  const { intervalMs, confirmMs, onRun, onError } = options
  const abort = new AbortController()
  const { signal } = abort
  // Every post that waits listens to it.
  setMaxListeners(0, signal)
  const seen = new Map<string, string>()
  /** Posts that are being looked at; true where somebody asked for it again meanwhile. */
  const busy = new Map<string, boolean>()
  const pending = new Set<Promise<void>>()
  const pause = (ms: number) => sleep(ms, undefined, { signal }).catch(() => undefined)

  /** True if what the probe saw is not what it saw last. */
  const lookOnce = async (post: Post): Promise<boolean> => {
    const [run] = await live.probe([post], onRun)
    if (run === undefined) return false
    const verdict = JSON.stringify(run.results.map(({ check, asExpected }) => [check, asExpected]))
    const isNew = seen.get(placeOf(post)) !== verdict
    seen.set(placeOf(post), verdict)
    return isNew
  }
  const look = async (post: Post): Promise<void> => {
    const place = placeOf(post)
    if (signal.aborted) return
    if (busy.has(place)) return void busy.set(place, true)
    try {
      for (let turn = 0; turn < MOST_TURNS; turn += 1) {
        busy.set(place, false)
        const isNew = await lookOnce(post)
        if (!isNew && busy.get(place) !== true) return
        await pause(confirmMs)
        if (signal.aborted) return
      }
    } catch (error) {
      if (!signal.aborted) onError(error)
    } finally {
      busy.delete(place)
    }
  }
  const track = (work: Promise<void>): Promise<void> => {
    pending.add(work)
    return work.finally(() => pending.delete(work))
  }
  const now = (): Promise<void> =>
    track(Promise.all(live.posts().map((post) => look(post))).then(() => undefined))
  const spread = (): void => {
    const posts = live.posts()
    posts.forEach((post, index) => {
      void track(pause((index * intervalMs) / posts.length).then(() => look(post)))
    })
  }
  void now()
  const timer = setInterval(spread, intervalMs)
  return {
    now,
    async stop() {
      clearInterval(timer)
      abort.abort()
      await Promise.allSettled(pending)
    },
  }
}

function placeOf(post: Post): string {
  return `${post.probe} ${post.at.namespace}`
}
