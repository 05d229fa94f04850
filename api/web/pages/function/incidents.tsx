import type { Incident } from '../../../health/health.js'
import { useShared, useShell } from '../../context.js'
import type { Page } from '../../data/client.js'
import { useLoad, useReloadOn } from '../../data/use-load.js'
import { NamedId } from '../../ui/named-id.js'
import { Loaded } from '../../ui/notice.js'
import { StatusBadge } from '../../ui/status.js'
import { Table } from '../../ui/table.js'
import { Lasting, Moment } from '../../ui/time.js'
import type { FunctionWords } from './en.js'

const SHOWN = 10

/** The newest stretches of time in which this function was not as expected. */
export function Incidents({ name, words }: { readonly name: string; readonly words: FunctionWords }) {
  const { client } = useShell()
  const shared = useShared()
  const load = useLoad(`incidents ${name}`, (signal) =>
    client.get<Page<Incident>>('/v1/incidents', { query: { function: name, limit: SHOWN }, signal }),
  )
  useReloadOn(load, ({ type, function: of }) => of === name && type.startsWith('incident'))
  return (
    <section class="card section" aria-labelledby="incidents">
      <h2 id="incidents">{words.incidents}</h2>
      <Loaded load={load}>
        {({ items }) =>
          items.length === 0 ? (
            <p class="count">{words.noIncidents}</p>
          ) : (
            <Table
              caption={words.incidents}
              rows={items}
              rowKey={({ id }) => id}
              columns={[
                { key: 'check', title: words.check, cell: ({ check }) => check },
                {
                  key: 'status',
                  title: words.status,
                  fit: 'narrow',
                  cell: ({ closedAt }) => <StatusBadge status={closedAt === null ? 'open' : 'closed'} />,
                },
                { key: 'subnet', title: words.subnet, cell: ({ subnet }) => <NamedId id={subnet ?? '–'} /> },
                {
                  key: 'outcome',
                  title: words.outcome,
                  cell: ({ lastOutcome }) => <code>{lastOutcome}</code>,
                },
                {
                  key: 'opened',
                  title: words.opened,
                  fit: 'narrow',
                  cell: ({ openedAt }) => <Moment at={openedAt} />,
                },
                {
                  key: 'lasted',
                  title: words.lasted,
                  fit: 'number',
                  cell: ({ openedAt, closedAt }) => <Lasting from={openedAt} to={closedAt} />,
                },
                { key: 'failures', title: words.failures, fit: 'number', cell: ({ failures }) => failures },
              ]}
            />
          )
        }
      </Loaded>
      <p class="section-more">
        <a href={`/incidents?function=${encodeURIComponent(name)}`}>{shared.pages.incidents} →</a>
      </p>
    </section>
  )
}
