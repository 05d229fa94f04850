import type { TargetedKeyboardEvent, VNode } from 'preact'
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks'
import { useIdle } from '../../data/use-idle.js'
import { LiveLine } from '../../ui/news.js'
import { Empty, Loading, ProblemNotice } from '../../ui/notice.js'
import { type Columns, columnsOf } from './columns.js'
import type { OverviewWords } from './en.js'
import type { Totals } from './index.js'
import { Row, type RowProps, RowSkeleton } from './row.js'
import { type RowFilter, type Rows, useRows } from './rows.js'
import { useSpan } from './use-window.js'

const ROW_PX = 37
const CARD_PX = 68
/** Room that the function, its status and its last report take; and that a check takes. */
const HEAD_PX = 470
const COLUMN_PX = 104
const NARROW_PX = 720
const MAX_KEPT = 500
/** Rows whose checks decide on the columns. */
const LOOKED_AT = 200

/** Functions × checks. Ten thousand functions are some forty rows in the document at a time. */
export function Matrix({
  words,
  filter,
  totals,
  onClear,
}: {
  readonly words: OverviewWords
  readonly filter: RowFilter
  readonly totals: Totals | null
  readonly onClear: () => void
}) {
  const rows = useRows(filter)
  const { list, complete, problem } = rows
  if (list.length === 0) {
    if (problem !== null) return <ProblemNotice problem={problem} onRetry={rows.reload} />
    if (!complete) return <Loading rows={10} />
    if (filter.status === null && filter.text === '')
      return <Empty title={words.none}>{words.noneHint}</Empty>
    return (
      <Empty title={words.noMatch}>
        <p>{words.noMatchHint}</p>
        <button type="button" class="button" onClick={onClear}>
          {words.clear}
        </button>
      </Empty>
    )
  }
  const unlisted = unlistedOf(rows, filter, totals)
  return <Grid words={words} rows={rows} count={countOf(rows, filter, totals)} unlisted={unlisted} />
}

/** How many rows there will be: known without a search; with one, what is read and a hint of more. */
function countOf({ list, complete }: Rows, { status, text }: RowFilter, totals: Totals | null): number {
  if (complete) return list.length
  if (text !== '' || totals === null) return list.length + 20
  const { functions } = totals
  const all = status === null ? sum(Object.values(functions)) : functions[status]
  return Math.max(list.length, all)
}

/** Functions that came or went since the whole list was read. */
function unlistedOf({ list, complete }: Rows, { status, text }: RowFilter, totals: Totals | null): number {
  if (!complete || status !== null || text !== '' || totals === null) return 0
  return Math.abs(sum(Object.values(totals.functions)) - list.length)
}

function sum(counts: readonly number[]): number {
  return counts.reduce((all, one) => all + one, 0)
}

function Grid({
  words,
  rows,
  count,
  unlisted,
}: {
  readonly words: OverviewWords
  readonly rows: Rows
  readonly count: number
  readonly unlisted: number
}) {
  const body = useRef<HTMLTableSectionElement>(null)
  const width = useWidth(body)
  const narrow = width < NARROW_PX
  const height = narrow ? CARD_PX : ROW_PX
  const span = useSpan(body, count, height)
  const columns = useColumns(rows, narrow ? 0 : Math.floor((width - HEAD_PX) / COLUMN_PX))
  const [chosen, setChosen] = useState(0)
  const drawn = useDrawn()
  // Where the keyboard has gone; reached once that row is in the document.
  const [goTo, setGoTo] = useState<Cell | null>(null)
  const reached = useRef<Cell | null>(null)

  const { list, need, watch } = rows
  // The tabulator stops at a row that is drawn, however far it was scrolled, and however short the list has become.
  const active = Math.min(Math.max(chosen, span.start), Math.min(span.end, list.length) - 1)
  useEffect(() => {
    need(span.end)
    watch(list.slice(span.start, span.end).map(({ name }) => name))
  })

  useLayoutEffect(() => {
    if (goTo === null || goTo === reached.current) return
    const links = body.current?.querySelectorAll<HTMLElement>(`[data-row="${goTo.row}"] a`)
    const link = links?.[Math.min(goTo.cell, links.length - 1)]
    if (link === undefined) return
    reached.current = goTo
    link.focus({ preventScroll: true })
  })

  const move = (event: TargetedKeyboardEvent<HTMLTableElement>): void => {
    const here = placeOf(event.target)
    const to = here === null ? null : destination(event.key, here, list.length)
    if (to === null) return
    event.preventDefault()
    setGoTo(to)
    setChosen(to.row)
    reveal(body.current, to.row, height)
  }

  // A card has a grid of its own in the style sheet.
  const template = narrow ? '' : gridTemplate(columns)
  return (
    <>
      <Moved words={words} rows={rows} unlisted={unlisted} />
      <table
        class={`matrix card ${narrow ? 'matrix-narrow' : ''}`}
        aria-label={words.functions}
        aria-rowcount={count + 1}
        aria-colcount={3 + columns.names.length + (columns.mixed ? 1 : 0)}
        onKeyDown={move}
      >
        <Head words={words} columns={columns} template={template} />
        <tbody class="matrix-body" ref={body} style={{ height: `${count * height}px` }}>
          {Array.from({ length: Math.max(0, Math.min(span.end, count) - span.start) }, (_, offset) => {
            const index = span.start + offset
            const row = list[index]
            const place = { index, top: index * height, template }
            return row === undefined ? (
              <RowSkeleton key={index} {...place} />
            ) : (
              drawn(index, { ...place, row, words, columns, active: index === active })
            )
          })}
        </tbody>
      </table>
      {rows.problem === null ? null : <ProblemNotice problem={rows.problem} onRetry={rows.reload} />}
    </>
  )
}

function Head({
  words,
  columns,
  template,
}: {
  readonly words: OverviewWords
  readonly columns: Columns
  readonly template: string
}) {
  return (
    <thead class="matrix-head">
      <tr class="matrix-row" aria-rowindex={1} style={{ gridTemplateColumns: template }}>
        <th scope="col">{words.name}</th>
        <th scope="col">{words.status}</th>
        {columns.names.map((name) => (
          <th key={name} scope="col" class="matrix-check truncate" title={name}>
            {name}
          </th>
        ))}
        {columns.mixed ? <th scope="col">{words.checks}</th> : null}
        <th scope="col" class="matrix-report">
          {words.reported}
        </th>
      </tr>
    </thead>
  )
}

/** Live changes leave rows where they are; this offers the new order. Its room is always kept. */
function Moved({
  words,
  rows,
  unlisted,
}: {
  readonly words: OverviewWords
  readonly rows: Rows
  readonly unlisted: number
}) {
  const count = Math.max(rows.moved, unlisted)
  useIdle(count > 0, rows.reload)
  return <LiveLine said={count === 0 ? '' : words.moved(count)} action={words.reorder} onAct={rows.reload} />
}

function gridTemplate({ names, mixed }: Columns): string {
  const checks = mixed
    ? 'minmax(0, 3fr)'
    : names.length === 0
      ? ''
      : `repeat(${names.length}, minmax(88px, 1fr))`
  return `minmax(200px, 2fr) 124px ${checks} 120px`
}

/** Rows that are drawn already and are as they were keep their element, so that scrolling costs only what comes into sight. */
function useDrawn(): (index: number, props: RowProps) => VNode {
  const kept = useRef(new Map<number, { readonly props: RowProps; readonly element: VNode }>())
  return (index, props) => {
    const before = kept.current.get(index)
    if (before !== undefined && isSame(before.props, props)) return before.element
    const element = <Row key={index} {...props} />
    if (kept.current.size > MAX_KEPT) kept.current.clear()
    kept.current.set(index, { props, element })
    return element
  }
}

function isSame(a: RowProps, b: RowProps): boolean {
  return (
    a.row === b.row &&
    a.words === b.words &&
    a.columns === b.columns &&
    a.active === b.active &&
    a.top === b.top &&
    a.template === b.template
  )
}

function useColumns(rows: Rows, room: number): Columns {
  const before = useRef<Columns>({ names: [], mixed: false })
  const columns = columnsOf(rows.list.slice(0, LOOKED_AT), room, before.current.names)
  const same =
    columns.mixed === before.current.mixed && columns.names.join('\n') === before.current.names.join('\n')
  if (!same) before.current = columns
  return before.current
}

function useWidth(box: { readonly current: HTMLElement | null }): number {
  const [width, setWidth] = useState(() => document.documentElement.clientWidth)
  useLayoutEffect(() => {
    const element = box.current
    if (element === null) return
    setWidth(element.clientWidth)
    const observer = new ResizeObserver(() => setWidth(element.clientWidth))
    observer.observe(element)
    return () => observer.disconnect()
  }, [box])
  return width
}

interface Cell {
  readonly row: number
  readonly cell: number
}

function placeOf(target: EventTarget | null): Cell | null {
  if (!(target instanceof HTMLAnchorElement)) return null
  const row = target.closest<HTMLElement>('[data-row]')
  if (row === null) return null
  const links = [...row.querySelectorAll('a')]
  return { row: Number(row.dataset['row']), cell: links.indexOf(target) }
}

const LEAP = 10

function destination(key: string, { row, cell }: Cell, count: number): Cell | null {
  const last = count - 1
  if (key === 'ArrowDown') return { row: Math.min(row + 1, last), cell }
  if (key === 'ArrowUp') return { row: Math.max(row - 1, 0), cell }
  if (key === 'PageDown') return { row: Math.min(row + LEAP, last), cell }
  if (key === 'PageUp') return { row: Math.max(row - LEAP, 0), cell }
  if (key === 'ArrowRight') return { row, cell: cell + 1 }
  if (key === 'ArrowLeft') return { row, cell: Math.max(cell - 1, 0) }
  if (key === 'Home') return { row: 0, cell: 0 }
  return key === 'End' ? { row: last, cell: 0 } : null
}

/** Scrolls just as far as is needed to see a row, which need not be in the document yet. */
function reveal(body: HTMLElement | null, row: number, height: number): void {
  if (body === null) return
  const top = body.getBoundingClientRect().top + row * height
  const covered = 130
  if (top < covered) window.scrollBy(0, top - covered)
  else if (top + height > window.innerHeight) window.scrollBy(0, top + height - window.innerHeight + height)
}
