import { useCallback, useEffect, useRef, useState } from 'preact/hooks'
import { useEvents, useShell } from '../context.js'
import { type Problem, toProblem } from './client.js'
import { useComeBack, useRetry } from './come-back.js'
import type { LiveEvent } from './events.js'

/** Something that is read from the API. The last value stays while it is read again, and when that fails; what is gone goes. */
export interface Load<T> {
  readonly value: T | null
  readonly problem: Problem | null
  /** True while an answer is awaited, the first or a later one. */
  readonly busy: boolean
  readonly reload: () => void
}

interface State<T> {
  readonly key: string
  readonly value: T | null
  readonly problem: Problem | null
  readonly busy: boolean
}

/**
 * Reads what `read` gives, and again whenever `key` changes, when `reload` is called, and when the connection comes back.
 * A new key forgets the value; an answer that comes after its key has gone is dropped.
 */
export function useLoad<T>(key: string, read: (signal: AbortSignal) => Promise<T>): Load<T> {
  const [state, setState] = useState<State<T>>({ key, value: null, problem: null, busy: true })
  const [attempt, setAttempt] = useState(0)
  const newest = useRef(read)
  newest.current = read
  const reload = useCallback(() => setAttempt((count) => count + 1), [])

  // An attempt is a reason to read again.
  useEffect(() => {
    const abort = new AbortController()
    setState((before) =>
      before.key === key ? { ...before, busy: true } : { key, value: null, problem: null, busy: true },
    )
    newest.current(abort.signal).then(
      (value) => {
        if (!abort.signal.aborted) setState({ key, value, problem: null, busy: false })
      },
      (error: unknown) => {
        if (abort.signal.aborted) return
        const problem = toProblem(error)
        setState((before) => ({ key, value: isGone(problem) ? null : before.value, problem, busy: false }))
      },
    )
    return () => abort.abort()
  }, [key, attempt])

  const current = state.key === key
  const isBehind = current && state.value !== null && state.problem !== null
  useComeBack(reload)
  useRetry(state.problem, state.busy, reload, isBehind)
  const { troubles } = useShell()
  useEffect(() => (isBehind ? troubles.begin() : undefined), [isBehind, troubles])
  return {
    value: current ? state.value : null,
    problem: current ? state.problem : null,
    busy: current ? state.busy : true,
    reload,
  }
}

/** Not a reading that failed: there is nothing to read any more, and what was read is no longer so. */
function isGone({ kind, facts }: Problem): boolean {
  return kind === 'missing' || facts.code === 'no_snapshot'
}

/**
 * Reads again when live events say so: bursts are taken together, and at most one reading in `everyMs` follows.
 * `reset` and `poll` always count.
 */
export function useReloadOn(again: () => void, wanted: (event: LiveEvent) => boolean, everyMs = 1000): void {
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined)
  useEvents((event) => {
    if (event.type !== 'reset' && event.type !== 'poll' && !wanted(event)) return
    timer.current ??= setTimeout(() => {
      timer.current = undefined
      again()
    }, everyMs)
  })
  useEffect(() => () => clearTimeout(timer.current), [])
}
