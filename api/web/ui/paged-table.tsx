import type { VNode } from 'preact'
import { useShared } from '../context.js'
import type { Pages } from '../data/use-pages.js'
import { NewsLine } from './news.js'
import { Loading, ProblemNotice } from './notice.js'
import { type Column, Table } from './table.js'

/**
 * A table that grows by pages, with the states of a list: on its way, empty, failed, and failed while something is shown. Rows stay
 * where they are until the viewer asks for the list as it is now.
 */
export function PagedTable<Row>({
  pages,
  caption,
  columns,
  rowKey,
  empty,
}: {
  readonly pages: Pages<Row>
  readonly caption: string
  readonly columns: readonly Column<Row>[]
  readonly rowKey: (row: Row) => string
  readonly empty: VNode
}) {
  const shared = useShared()
  const { items, problem, busy, hasMore, news, more, reload } = pages
  if (items.length === 0) {
    if (problem !== null) return <ProblemNotice problem={problem} onRetry={reload} />
    return busy ? <Loading rows={8} /> : empty
  }
  return (
    <>
      <NewsLine news={news} onShow={reload} />
      <div class="card card-table">
        <Table caption={caption} columns={columns} rows={items} rowKey={rowKey} />
      </div>
      <div class="list-end">
        <p class="count" role="status">
          {shared.shown(items.length, hasMore)}
        </p>
        {hasMore ? (
          <button type="button" class="button" disabled={busy} onClick={more}>
            {busy ? shared.loadingMore : shared.more}
          </button>
        ) : null}
      </div>
      {problem === null ? null : <ProblemNotice problem={problem} onRetry={reload} />}
    </>
  )
}
