import { runInNewContext } from 'node:vm'
import { CheckFailure } from '../outcome.js'

/** How long one pattern may take on one text, in milliseconds: far more than an honest one needs. */
const MATCH_LIMIT_MS = 100

/**
 * Whether a plan's regular expression matches what a peer sent. The caller bounds the text's size (a line of 4 KiB, a body of
 * 64 KiB), but a pattern with nested quantifiers can be exponential in far less, and the peer chooses the text: so a pattern
 * that repeats anything runs under a limit that V8 enforces inside the matcher too. One that repeats nothing is
 * linear and runs directly, which spares a context (about a millisecond).
 *
 * Throws `internal_error` where the limit is reached or the pattern is no regular expression.
 */
export function matches(pattern: string, text: string): boolean {
  try {
    if (!/[*+{]/.test(pattern)) return new RegExp(pattern).test(text)
    const found: unknown = runInNewContext(
      'new RegExp(pattern).test(text)',
      { pattern, text },
      { timeout: MATCH_LIMIT_MS, contextCodeGeneration: { strings: false, wasm: false } },
    )
    return found === true
  } catch (cause) {
    // Thrown inside the other context, the error is no instance of this one's classes.
    const slow = isTimeout(cause)
    const why = slow ? `took more than ${MATCH_LIMIT_MS} ms on the answer` : 'is no regular expression'
    throw new CheckFailure('internal_error', `the pattern ${why}: ${pattern.slice(0, 100)}`, { cause })
  }
}

function isTimeout(error: unknown): boolean {
  return (
    typeof error === 'object' &&
    error !== null &&
    'code' in error &&
    error.code === 'ERR_SCRIPT_EXECUTION_TIMEOUT'
  )
}
