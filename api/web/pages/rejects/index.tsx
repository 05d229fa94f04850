import { useState } from 'preact/hooks'
import type { StoredReject } from '../../../store/store.js'
import { useShell, useTitle, useWords } from '../../context.js'
import type { Page } from '../../data/client.js'
import { useReloadOn } from '../../data/use-load.js'
import { usePages } from '../../data/use-pages.js'
import { CodeBlock } from '../../ui/copy.js'
import { Empty } from '../../ui/notice.js'
import { PagedTable } from '../../ui/paged-table.js'
import { ServerSaid } from '../../ui/server-said.js'
import type { Column } from '../../ui/table.js'
import { Moment } from '../../ui/time.js'
import { en, type RejectsWords } from './en.js'
import { ko } from './ko.js'

const PAGE = 50

/** Lines that could not be read as reports, and why. */
export default function Rejects() {
  const words = useWords({ en, ko })
  const { client } = useShell()
  useTitle(words.title)
  const pages = usePages('rejects', idOf, (cursor, signal) =>
    client.get<Page<StoredReject>>('/v1/rejects', { signal, query: { limit: PAGE, cursor } }),
  )
  useReloadOn(pages.look, ({ type }) => type === 'reject')
  return (
    <div class="list-page">
      <div class="page-head">
        <h1>{words.title}</h1>
        <p class="page-about">{words.about}</p>
      </div>
      <PagedTable
        pages={pages}
        caption={words.title}
        columns={columnsOf(words)}
        rowKey={idOf}
        empty={<Empty title={words.none}>{words.noneHint}</Empty>}
      />
    </div>
  )
}

const idOf = ({ id }: StoredReject): string => String(id)

function columnsOf(words: RejectsWords): readonly Column<StoredReject>[] {
  const { columns } = words
  return [
    {
      key: 'at',
      title: columns.at,
      fit: 'narrow',
      cell: ({ receivedAt }) => <Moment at={receivedAt} />,
    },
    { key: 'source', title: columns.source, cell: ({ source }) => <code>{source}</code> },
    {
      key: 'reason',
      title: columns.reason,
      cell: ({ reason, pointer }) => (
        <>
          <ServerSaid message={reason} />
          {pointer === null || pointer === '' ? null : (
            <span class="count">
              {' '}
              {words.where} <code>{pointer}</code>
            </span>
          )}
        </>
      ),
    },
    {
      key: 'line',
      title: columns.line,
      fit: 'grow',
      cell: ({ line }) => <Line line={line} words={words} />,
    },
  ]
}

/** Enough of the line to know it by, and the rest where it is asked for. */
function Line({ line, words }: { readonly line: string; readonly words: RejectsWords }) {
  const [open, setOpen] = useState(false)
  return (
    <div class="reject-line">
      <div class="reject-head">
        <code class="truncate">{line.slice(0, 200)}</code>
        <button type="button" class="button button-small" aria-expanded={open} onClick={() => setOpen(!open)}>
          {open ? words.hide : words.show}
        </button>
      </div>
      {open ? (
        <>
          <CodeBlock text={line} of={words.columns.line} />
          <p class="count">{words.cut}</p>
        </>
      ) : null}
    </div>
  )
}
