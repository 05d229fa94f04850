import { useEffect, useRef } from 'preact/hooks'
import { useConnection } from '../context.js'
import type { Problem } from './client.js'

const RETRY_MS = 3000
/** A fault of the server may last. */
const BEHIND_MS = 15_000

/** Calls back each time the connection is there again after it was lost. The callback of the newest drawing is called. */
export function useComeBack(onBack: () => void): void {
  const { state } = useConnection()
  const wasLost = useRef(false)
  const newest = useRef(onBack)
  newest.current = onBack
  useEffect(() => {
    if (state === 'lost') wasLost.current = true
    else if (state !== 'connecting' && wasLost.current) {
      wasLost.current = false
      newest.current()
    }
  }, [state])
}

/**
 * Tries again by itself what failed only for now: no answer, or too much at once; and whatever failed while an older answer is
 * shown, which its viewer can't tell from a new one.
 */
export function useRetry(problem: Problem | null, busy: boolean, retry: () => void, isBehind = false): void {
  const isForNow = problem?.kind === 'disconnected' || problem?.kind === 'busy'
  const newest = useRef(retry)
  newest.current = retry
  useEffect(() => {
    if ((!isForNow && !isBehind) || busy) return
    const wait = Math.max(isForNow ? RETRY_MS : BEHIND_MS, (problem?.facts.retryAfter ?? 0) * 1000)
    const timer = setTimeout(() => newest.current(), wait)
    return () => clearTimeout(timer)
  }, [isForNow, isBehind, busy, problem])
}
