import type { Incident } from '../../../health/health.js'
import { useShared, useShell } from '../../context.js'
import type { Page } from '../../data/client.js'
import { useReloadOn } from '../../data/use-load.js'
import { usePages } from '../../data/use-pages.js'
import { NamedId } from '../../ui/named-id.js'
import { Empty } from '../../ui/notice.js'
import { PagedTable } from '../../ui/paged-table.js'
import { StatusBadge } from '../../ui/status.js'
import type { Column } from '../../ui/table.js'
import { Lasting, Moment } from '../../ui/time.js'
import type { FunctionWords } from './en.js'

const PAGE = 10

/** The newest stretches of time in which this function was not as expected, whichever check it was. */
export function Incidents({ name, words }: { readonly name: string; readonly words: FunctionWords }) {
  const { client } = useShell()
  const shared = useShared()
  const pages = usePages(name, idOf, (cursor, signal) =>
    client.get<Page<Incident>>('/v1/incidents', { query: { function: name, limit: PAGE, cursor }, signal }),
  )
  useReloadOn(pages.look, ({ type, function: of }) => of === name && type.startsWith('incident'))
  return (
    <>
      <PagedTable
        pages={pages}
        caption={words.incidents}
        columns={columnsOf(words)}
        rowKey={idOf}
        empty={<Empty title={words.noIncidents} />}
      />
      <p>
        <a href={`/incidents?function=${encodeURIComponent(name)}`}>{shared.pages.incidents} →</a>
      </p>
    </>
  )
}

const idOf = ({ id }: Incident): string => id

function columnsOf(words: FunctionWords): readonly Column<Incident>[] {
  return [
    { key: 'check', title: words.check, cell: ({ check }) => check },
    {
      key: 'status',
      title: words.status,
      fit: 'narrow',
      cell: ({ closedAt }) => <StatusBadge status={closedAt === null ? 'open' : 'closed'} />,
    },
    { key: 'subnet', title: words.subnet, cell: ({ subnet }) => <NamedId id={subnet ?? '–'} /> },
    { key: 'outcome', title: words.outcome, cell: ({ lastOutcome }) => <code>{lastOutcome}</code> },
    { key: 'opened', title: words.opened, fit: 'narrow', cell: ({ openedAt }) => <Moment at={openedAt} /> },
    {
      key: 'lasted',
      title: words.lasted,
      fit: 'number',
      cell: ({ openedAt, closedAt }) => <Lasting from={openedAt} to={closedAt} />,
    },
    { key: 'failures', title: words.failures, fit: 'number', cell: ({ failures }) => failures },
  ]
}
