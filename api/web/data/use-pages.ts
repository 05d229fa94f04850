import { useEffect, useRef, useState } from 'preact/hooks'
import { type Page, type Problem, toProblem } from './client.js'
import { useComeBack, useRetry } from './come-back.js'

/** A list that is read a page at a time. */
export interface Pages<T> {
  readonly items: readonly T[]
  readonly problem: Problem | null
  readonly busy: boolean
  /** True while there is more to read. */
  readonly hasMore: boolean
  readonly more: () => void
  /** Reads from the start. What is shown stays until the first page has come. */
  readonly reload: () => void
}

interface State<T> {
  readonly key: string
  readonly items: readonly T[]
  readonly cursor: string | null
  readonly problem: Problem | null
  readonly busy: boolean
  readonly begun: boolean
}

/** Reads pages of what `read` gives; another `key` is another list. */
export function usePages<T>(
  key: string,
  read: (cursor: string | null, signal: AbortSignal) => Promise<Page<T>>,
): Pages<T> {
  const empty: State<T> = { key, items: [], cursor: null, problem: null, busy: true, begun: false }
  const [state, setState] = useState<State<T>>(empty)
  const newest = useRef(read)
  newest.current = read
  const abort = useRef<AbortController | null>(null)

  const asked = useRef<string | null>(null)
  const ask = (cursor: string | null): void => {
    asked.current = cursor
    abort.current?.abort()
    const mine = new AbortController()
    abort.current = mine
    setState((before) => (before.key === key ? { ...before, busy: true } : empty))
    newest.current(cursor, mine.signal).then(
      (page) => {
        if (mine.signal.aborted) return
        setState((before) => ({
          key,
          items: cursor === null ? page.items : [...before.items, ...page.items],
          cursor: page.nextCursor,
          problem: null,
          busy: false,
          begun: true,
        }))
      },
      (error: unknown) => {
        if (mine.signal.aborted) return
        setState((before) => ({ ...before, key, problem: toProblem(error), busy: false }))
      },
    )
  }

  // Another key is another list.
  useEffect(() => {
    ask(null)
    return () => abort.current?.abort()
  }, [key])

  const current = state.key === key ? state : empty
  useComeBack(() => ask(null))
  useRetry(current.problem, current.busy, () => ask(asked.current))
  return {
    items: current.items,
    problem: current.problem,
    busy: current.busy,
    hasMore: current.cursor !== null,
    more: () => {
      if (!current.busy && current.cursor !== null) ask(current.cursor)
    },
    reload: () => ask(null),
  }
}
