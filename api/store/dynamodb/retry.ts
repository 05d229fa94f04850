import { setTimeout as sleep } from 'node:timers/promises'

/** What an attempt returns when another writer was first. */
export const contended = Symbol('contended')

/** Attempts before a writer gives up; by then it has waited for more than half a minute. */
const MAX_ATTEMPTS = 60
const FIRST_PAUSE_MS = 5
const MAX_PAUSE_MS = 1000

/**
 * Tries again while others are first, with pauses that spread the writers out.
 * @throws Error if it never was this one's turn
 */
export async function withPauses<T>(attempt: (n: number) => Promise<T | typeof contended>): Promise<T> {
  for (let n = 0; n < MAX_ATTEMPTS; n += 1) {
    if (n > 0) await sleep(Math.random() * Math.min(MAX_PAUSE_MS, FIRST_PAUSE_MS * 2 ** n))
    const result = await attempt(n)
    if (result !== contended) return result
  }
  throw new Error('too many writers of one item: it was changed by others at every attempt')
}
