import { useEffect, useRef } from 'preact/hooks'
import { useConnection } from '../context.js'
import type { Problem } from './client.js'

const RETRY_MS = 3000

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

/** Tries again by itself what failed only for now: no answer, or too much at once. */
export function useRetry(problem: Problem | null, busy: boolean, retry: () => void): void {
  const isForNow = problem?.kind === 'disconnected' || problem?.kind === 'busy'
  const newest = useRef(retry)
  newest.current = retry
  useEffect(() => {
    if (!isForNow || busy) return
    const wait = Math.max(RETRY_MS, (problem?.facts.retryAfter ?? 0) * 1000)
    const timer = setTimeout(() => newest.current(), wait)
    return () => clearTimeout(timer)
  }, [isForNow, busy, problem])
}
