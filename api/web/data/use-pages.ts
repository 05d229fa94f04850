import { useEffect, useRef, useState } from 'preact/hooks'
import { type Page, type Problem, toProblem } from './client.js'
import { useComeBack, useRetry } from './come-back.js'
import { look, type News, NO_NEWS } from './news.js'

/** A list that is read a page at a time. */
export interface Pages<T> {
  readonly items: readonly T[]
  readonly problem: Problem | null
  readonly busy: boolean
  /** True while there is more to read. */
  readonly hasMore: boolean
  /** What has changed about the list since it was read, beyond its entries themselves. */
  readonly news: News
  readonly more: () => void
  /** Reads from the start. What is shown stays until the first page has come. */
  readonly reload: () => void
  /** Looks for what is new without moving what is shown: entries change in place, others are news. */
  readonly look: () => void
}

interface State<T> {
  readonly key: string
  readonly items: readonly T[]
  readonly cursor: string | null
  readonly problem: Problem | null
  readonly busy: boolean
  readonly news: News
}

/** Reads pages of what `read` gives, whose entries are told apart by `idOf`; another `key` is another list. */
export function usePages<T>(
  key: string,
  idOf: (item: T) => string,
  read: (cursor: string | null, signal: AbortSignal) => Promise<Page<T>>,
): Pages<T> {
  const empty: State<T> = { key, items: [], cursor: null, problem: null, busy: true, news: NO_NEWS }
  const [state, setState] = useState<State<T>>(empty)
  // Live events call back after their time: with what is shown then.
  const newest = useRef({ read, state })
  newest.current = { read, state }
  const abort = useRef<AbortController | null>(null)

  const asked = useRef<string | null>(null)
  const begin = (): AbortSignal => {
    abort.current?.abort()
    abort.current = new AbortController()
    return abort.current.signal
  }
  const ask = (cursor: string | null): void => {
    asked.current = cursor
    const signal = begin()
    setState((before) => (before.key === key ? { ...before, busy: true } : empty))
    newest.current.read(cursor, signal).then(
      (page) => {
        if (signal.aborted) return
        setState((before) => ({
          key,
          items: cursor === null ? page.items : [...before.items, ...page.items],
          cursor: page.nextCursor,
          problem: null,
          busy: false,
          news: cursor === null ? NO_NEWS : before.news,
        }))
      },
      (error: unknown) => {
        if (signal.aborted) return
        setState((before) => ({ ...before, key, problem: toProblem(error), busy: false }))
      },
    )
  }
  const lookAgain = (): void => {
    // What is on its way is newer than what is shown, and nothing that is shown can move where nothing is.
    const { read, state } = newest.current
    if (state.key !== key || state.busy) return
    if (state.items.length === 0) {
      ask(null)
      return
    }
    const signal = begin()
    read(null, signal).then(
      (page) => {
        if (signal.aborted) return
        setState((before) => ({ ...before, ...look(before.items, page, idOf) }))
      },
      // The connection's own state tells of it, and the next event looks again.
      () => undefined,
    )
  }

  // Another key is another list.
  useEffect(() => {
    ask(null)
    return () => abort.current?.abort()
  }, [key])

  const current = state.key === key ? state : empty
  useComeBack(lookAgain)
  useRetry(current.problem, current.busy, () => ask(asked.current))
  return {
    items: current.items,
    problem: current.problem,
    busy: current.busy,
    hasMore: current.cursor !== null,
    news: current.news,
    more: () => {
      if (!current.busy && current.cursor !== null) ask(current.cursor)
    },
    reload: () => ask(null),
    look: lookAgain,
  }
}
