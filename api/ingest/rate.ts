/** A bucket of permits that refills steadily: the one quota that many log groups share. */
export interface RateLimit {
  /** Resolves when a permit is free; callers are served in order. Rejects when the signal aborts. */
  readonly take: (signal?: AbortSignal) => Promise<void>
}

export interface RateClock {
  readonly now: () => number
  readonly sleep: (ms: number, signal?: AbortSignal) => Promise<void>
}

/** A limit of `perSecond` permits, at most `burst` at once. */
export function rateLimit(perSecond: number, burst: number, clock: RateClock): RateLimit {
  let tokens = burst
  let filledAt = clock.now()
  let queue: Promise<void> = Promise.resolve()
  const acquire = async (signal?: AbortSignal): Promise<void> => {
    signal?.throwIfAborted()
    const now = clock.now()
    // A clock that was set back must not take permits away.
    tokens = Math.min(burst, tokens + (Math.max(0, now - filledAt) / 1000) * perSecond)
    filledAt = now
    if (tokens < 1) {
      await clock.sleep(((1 - tokens) / perSecond) * 1000, signal)
      tokens = 1
      filledAt = clock.now()
    }
    tokens -= 1
  }
  return {
    take(signal) {
      const turn = queue.then(() => acquire(signal))
      queue = turn.catch(() => undefined)
      return turn
    },
  }
}
