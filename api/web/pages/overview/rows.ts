import { useEffect, useReducer, useRef } from 'preact/hooks'
import type { FunctionStatus } from '../../../health/health.js'
import type { MatrixRow } from '../../../health/row.js'
import { useEvents, useShell } from '../../context.js'
import { type Client, type Page, type Problem, toProblem } from '../../data/client.js'
import { useComeBack, useRetry } from '../../data/come-back.js'

export interface RowFilter {
  readonly status: FunctionStatus | null
  readonly text: string
}

/** What needs a look stands first. */
export const STATUS_ORDER: readonly FunctionStatus[] = ['failing', 'degraded', 'stale', 'unknown', 'healthy']

/** The rows that are known so far, in the order in which they are shown. */
export interface Rows {
  readonly list: readonly MatrixRow[]
  /** True when there is none beyond `list`. */
  readonly complete: boolean
  readonly problem: Problem | null
  /** Functions that no longer stand where their status would put them. */
  readonly moved: number
  /** Sees to it that rows up to this index are read. */
  readonly need: (index: number) => void
  /** Names what is on the screen: that is kept fresh. */
  readonly watch: (names: readonly string[]) => void
  /** Reads from the start, in order. */
  readonly reload: () => void
}

const PAGE = 200
const MAX_NAMES = 100
/** Events come in bursts, one a function of a report: they are read together. */
const REFRESH_MS = 400
/** A report that changes no state still says that its probe lives. */
const REREAD_MS = 3000

/** One reading of the list from its start; dropped as a whole when the filter changes. */
interface Reading {
  readonly abort: AbortController
  readonly rows: MatrixRow[]
  readonly places: Map<string, number>
  cursor: string | null
  complete: boolean
  wanted: number
  busy: boolean
  problem: Problem | null
  readonly moved: Set<string>
  /** What is shown until the first page has come. */
  before: Reading | null
}

function begin(): Reading {
  return {
    abort: new AbortController(),
    rows: [],
    places: new Map(),
    cursor: null,
    complete: false,
    wanted: PAGE,
    busy: false,
    problem: null,
    moved: new Set(),
    before: null,
  }
}

/** Reads what is scrolled to, a page at a time, worst status first; live changes are made in place, so that nothing jumps. */
export function useRows(filter: RowFilter): Rows {
  const { client } = useShell()
  const [, redraw] = useReducer((turn: number) => turn + 1, 0)
  const reading = useRef<Reading>(begin())
  const shown = useRef<readonly string[]>([])
  const changed = useRef<Set<string>>(new Set())
  const refreshing = useRef(false)
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined)

  const readOn = async (): Promise<void> => {
    const mine = reading.current
    if (mine.busy) return
    mine.busy = true
    mine.problem = null
    try {
      while (!mine.complete && mine.rows.length < mine.wanted) {
        await readPage(client, filter, mine)
        if (mine !== reading.current) return
        redraw(null)
      }
    } catch (error) {
      if (mine.abort.signal.aborted) return
      mine.problem = toProblem(error)
    } finally {
      mine.busy = false
    }
    if (mine === reading.current) redraw(null)
  }

  const restart = (before: Reading | null): void => {
    reading.current.abort.abort()
    reading.current = { ...begin(), before, wanted: Math.max(PAGE, shown.current.length) }
    void readOn()
  }
  // The same list anew: who stands in it, scrolled or with the keyboard, stays there.
  const reload = (): void => {
    const present = reading.current.before ?? reading.current
    restart(present.rows.length === 0 ? null : present)
  }

  // Another filter is another list.
  useEffect(() => {
    restart(null)
    return () => reading.current.abort.abort()
  }, [filter.status, filter.text])

  const refresh = async (): Promise<void> => {
    timer.current = undefined
    // One at a time: an answer that has overtaken an older one would be undone by it.
    if (refreshing.current) return
    refreshing.current = true
    await reread()
    refreshing.current = false
    if (changed.current.size > 0) soon(REFRESH_MS)
  }
  const reread = async (): Promise<void> => {
    const mine = reading.current
    const names = [...changed.current]
    changed.current.clear()
    for (let from = 0; from < names.length; from += MAX_NAMES) {
      const name = names.slice(from, from + MAX_NAMES)
      const { signal } = mine.abort
      const page = await client
        .get<Page<MatrixRow>>('/v1/matrix', { query: { name }, signal })
        .catch(() => null)
      if (page === null || mine !== reading.current) return
      // The store is another one: of what is shown nothing is left that could keep its place.
      if (page.items.length === 0) return reload()
      for (const row of page.items) replace(mine, row)
    }
    redraw(null)
  }
  const soon = (ms: number): void => {
    timer.current ??= setTimeout(() => void refresh(), ms)
  }

  useEvents(({ type, function: name }) => {
    if (type === 'reset') reload()
    else if (type === 'report' || type === 'poll') {
      const { rows, busy } = reading.current
      // The first report of all: there is nothing yet that could jump.
      if (rows.length === 0 && !busy) reload()
      for (const each of shown.current) changed.current.add(each)
      soon(REREAD_MS)
    } else if (name !== null && type !== 'reject') {
      if (reading.current.places.has(name)) {
        changed.current.add(name)
        soon(REFRESH_MS)
      } else if (type === 'function-status') {
        reading.current.moved.add(name)
        redraw(null)
      }
    }
  })
  useEffect(() => () => clearTimeout(timer.current), [])

  useComeBack(() => {
    if (reading.current.rows.length === 0) reload()
    else {
      for (const each of shown.current) changed.current.add(each)
      void refresh()
      void readOn()
    }
  })

  const { problem, busy } = reading.current
  const { rows, complete, moved } = reading.current.before ?? reading.current
  useRetry(problem, busy, () => void readOn())
  return {
    list: rows,
    complete,
    problem,
    moved: moved.size,
    need: (index) => {
      const mine = reading.current
      if (index < mine.wanted && mine.problem === null) return
      mine.wanted = Math.max(mine.wanted, Math.ceil((index + 1) / PAGE) * PAGE)
      if (mine.problem === null) void readOn()
    },
    watch: (names) => {
      shown.current = names
    },
    reload,
  }
}

async function readPage(client: Client, { status, text }: RowFilter, mine: Reading): Promise<void> {
  const page = await client.get<Page<MatrixRow>>('/v1/matrix', {
    query: { limit: PAGE, sort: 'urgency', status, text, cursor: mine.cursor },
    signal: mine.abort.signal,
  })
  mine.before = null
  for (const row of page.items) {
    // A function that changed its status while the list was read stands where it was seen first.
    if (mine.places.has(row.name)) continue
    mine.places.set(row.name, mine.rows.length)
    mine.rows.push(row)
  }
  mine.cursor = page.nextCursor
  mine.complete = page.nextCursor === null
}

function replace(mine: Reading, row: MatrixRow): void {
  const place = mine.places.get(row.name)
  const before = place === undefined ? undefined : mine.rows[place]
  if (place === undefined || before === undefined) return
  if (before.status !== row.status) mine.moved.add(row.name)
  mine.rows[place] = row
}
