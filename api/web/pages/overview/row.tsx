import type { MatrixCell, MatrixRow } from '../../../health/row.js'
import { useShared } from '../../context.js'
import { functionHref } from '../../pages.js'
import { StatusBadge, StatusShape, shapeOf } from '../../ui/status.js'
import { Ago } from '../../ui/time.js'
import type { Columns } from './columns.js'
import type { OverviewWords } from './en.js'

interface Place {
  readonly index: number
  /** Pixels from the top of the list. */
  readonly top: number
  readonly template: string
}

export interface RowProps extends Place {
  readonly row: MatrixRow
  readonly words: OverviewWords
  readonly columns: Columns
  /** Whether the tabulator stops here: once in the whole list, arrows do the rest. */
  readonly active: boolean
}

/** Checks that a row names, and draws beside them. */
const NAMED = 2
const DRAWN = 12

/** One function. Its name leads to its page, each cell to that check there. */
export function Row({ row, words, columns, active, index, top, template }: RowProps) {
  const cells = new Map(row.cells.map((cell) => [cell.name, cell]))
  const narrow = columns.names.length === 0 && !columns.mixed
  return (
    <tr
      class="matrix-row"
      aria-rowindex={index + 2}
      data-row={index}
      style={{ transform: `translateY(${top}px)`, gridTemplateColumns: template }}
    >
      <th scope="row" class="matrix-name truncate">
        <a href={functionHref(row.name)} title={row.name} tabIndex={active ? 0 : -1}>
          {row.name}
        </a>
      </th>
      <td class="matrix-status">
        <StatusBadge status={row.status} />
      </td>
      {columns.names.map((name) => (
        <CellLink key={name} row={row.name} cell={cells.get(name)} words={words} />
      ))}
      {columns.mixed ? <Mixed row={row} words={words} /> : null}
      {narrow ? <Brief row={row} words={words} /> : null}
      <td class="matrix-report">
        {row.lastReportAt === null ? words.noChecks : <Ago at={row.lastReportAt} />}
      </td>
    </tr>
  )
}

export function RowSkeleton({ index, top, template }: Place) {
  return (
    <tr
      class="matrix-row"
      aria-rowindex={index + 2}
      style={{ transform: `translateY(${top}px)`, gridTemplateColumns: template }}
    >
      <td>
        <span class="skeleton" />
      </td>
    </tr>
  )
}

function CellLink({
  row,
  cell,
  words,
}: {
  readonly row: string
  readonly cell: MatrixCell | undefined
  readonly words: OverviewWords
}) {
  const said = useCellText(words)
  if (cell === undefined) return <td class="matrix-check" />
  const label = said(cell)
  return (
    <td class="matrix-check">
      <a
        class={`cell cell-${shapeOf(cell.status)}`}
        href={functionHref(row, { check: cell.name })}
        aria-label={label}
        title={label}
        tabIndex={-1}
      >
        <StatusShape shape={shapeOf(cell.status)} />
        {cell.failed > 0 && cell.of > 1 ? (
          <span class="cell-share">
            {cell.failed}/{cell.of}
          </span>
        ) : null}
      </a>
    </td>
  )
}

/** Silence is the function's, told by its status; a check is named for what it found. */
function isWrong({ status }: MatrixCell): boolean {
  return status !== 'passing' && status !== 'stale'
}

/** All checks of a function side by side: what does not pass first and by name, the others by their shape. */
function Mixed({ row, words }: { readonly row: MatrixRow; readonly words: OverviewWords }) {
  const said = useCellText(words)
  const named = row.cells.filter(isWrong).slice(0, NAMED)
  const rest = row.cells.filter((cell) => !named.includes(cell))
  return (
    <td class="matrix-mixed">
      {named.map((cell) => (
        <NamedCell key={cell.name} row={row.name} cell={cell} words={words} />
      ))}
      {rest.slice(0, DRAWN).map((cell) => (
        <a
          key={cell.name}
          class={`cell cell-bare cell-${shapeOf(cell.status)}`}
          href={functionHref(row.name, { check: cell.name })}
          aria-label={said(cell)}
          title={said(cell)}
          tabIndex={-1}
        >
          <StatusShape shape={shapeOf(cell.status)} />
        </a>
      ))}
      {rest.length > DRAWN ? <span class="count">+{rest.length - DRAWN}</span> : null}
    </td>
  )
}

/** Where there is no room for columns: what does not pass by name, and how many do. */
function Brief({ row, words }: { readonly row: MatrixRow; readonly words: OverviewWords }) {
  const passing = row.cells.filter(({ status }) => status === 'passing').length
  return (
    <td class="matrix-brief">
      {row.status === 'stale' ? null : <span class="count">{words.passing(passing, row.cells.length)}</span>}
      {row.cells
        .filter(isWrong)
        .slice(0, NAMED)
        .map((cell) => (
          <NamedCell key={cell.name} row={row.name} cell={cell} words={words} />
        ))}
    </td>
  )
}

function NamedCell({
  row,
  cell,
  words,
}: {
  readonly row: string
  readonly cell: MatrixCell
  readonly words: OverviewWords
}) {
  const said = useCellText(words)
  return (
    <a
      class={`cell cell-named cell-${shapeOf(cell.status)}`}
      href={functionHref(row, { check: cell.name })}
      aria-label={said(cell)}
      tabIndex={-1}
    >
      <StatusShape shape={shapeOf(cell.status)} />
      <span class="truncate">{cell.name}</span>
    </a>
  )
}

function useCellText(words: OverviewWords): (cell: MatrixCell) => string {
  const shared = useShared()
  return ({ name, status, failed, of, outcome }) => {
    const share = failed > 0 && of > 1 ? `, ${words.of(failed, of)}` : ''
    return words.cell(name, shared.status[status], outcome === null ? '' : `, ${outcome}${share}`)
  }
}
