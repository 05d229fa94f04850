import { useState } from 'preact/hooks'
import type { Incident } from '../../../health/health.js'
import { useShell, useTitle, useWords } from '../../context.js'
import type { Page } from '../../data/client.js'
import { useReloadOn } from '../../data/use-load.js'
import { usePages } from '../../data/use-pages.js'
import { functionHref } from '../../pages.js'
import { useQuery } from '../../router.js'
import { Combobox } from '../../ui/combobox.js'
import { NamedId } from '../../ui/named-id.js'
import { Empty } from '../../ui/notice.js'
import { PagedTable } from '../../ui/paged-table.js'
import { StatusBadge } from '../../ui/status.js'
import type { Column } from '../../ui/table.js'
import { Lasting, Moment } from '../../ui/time.js'
import { en, type IncidentsWords } from './en.js'
import { ko } from './ko.js'

const PAGE = 50
const STATES = ['open', 'closed'] as const
const RANGES = { day: 86_400_000, week: 7 * 86_400_000, month: 30 * 86_400_000 } as const
type Range = keyof typeof RANGES

/** Stretches of time in which a check was not as expected; all filters live in the address. */
export default function Incidents() {
  const words = useWords({ en, ko })
  const { client, clock } = useShell()
  useTitle(words.title)
  const [query, setQuery] = useQuery()
  const state = STATES.find((one) => one === query.get('state')) ?? null
  const range = rangeOf(query.get('within'))
  const name = query.get('function') ?? ''
  const check = query.get('check') ?? ''
  const pages = usePages(JSON.stringify([state, range, name, check]), idOf, (cursor, signal) =>
    client.get<Page<Incident>>('/v1/incidents', {
      signal,
      query: {
        limit: PAGE,
        cursor,
        open: state === null ? null : state === 'open',
        // Whole minutes, so that pages of one list are asked with the same filters.
        from: range === null ? null : new Date(minute(clock.now()) - RANGES[range]).toISOString(),
        function: name,
        check,
      },
    }),
  )
  useReloadOn(pages.look, ({ type }) => type === 'incident-opened' || type === 'incident-closed')
  const isFiltered = state !== null || range !== null || name !== '' || check !== ''
  return (
    <div class="list-page">
      <div class="page-head">
        <h1>{words.title}</h1>
        <p class="page-about">{words.about}</p>
      </div>
      <div class="filters">
        <Segments
          legend={words.filter}
          chosen={state}
          all={words.all}
          options={STATES.map((one) => [one, words[one]] as const)}
          onChoose={(next) => setQuery({ state: next })}
        />
        <Segments
          legend={words.range}
          chosen={range}
          all={words.ranges.all}
          options={(['day', 'week', 'month'] as const).map((one) => [one, words.ranges[one]] as const)}
          onChoose={(next) => setQuery({ within: next })}
        />
        <NameFilter
          key={`function ${name}`}
          label={words.function}
          placeholder={words.anyFunction}
          given={name}
          path="/v1/functions"
          onName={(next) => setQuery({ function: next })}
        />
        <NameFilter
          key={`check ${check}`}
          label={words.check}
          placeholder={words.anyCheck}
          given={check}
          path={null}
          onName={(next) => setQuery({ check: next })}
        />
        {isFiltered ? (
          <button
            type="button"
            class="button button-quiet"
            onClick={() => setQuery({ state: null, within: null, function: null, check: null })}
          >
            {words.clear}
          </button>
        ) : null}
      </div>
      <PagedTable
        pages={pages}
        caption={words.title}
        columns={columnsOf(words)}
        rowKey={idOf}
        empty={
          isFiltered ? <Empty title={words.noneFits} /> : <Empty title={words.none}>{words.noneHint}</Empty>
        }
      />
    </div>
  )
}

const idOf = ({ id }: Incident): string => id

function minute(ms: number): number {
  return ms - (ms % 60_000)
}

function rangeOf(text: string | null): Range | null {
  return text === 'day' || text === 'week' || text === 'month' ? text : null
}

function columnsOf(words: IncidentsWords): readonly Column<Incident>[] {
  const { columns } = words
  return [
    {
      key: 'state',
      title: columns.state,
      fit: 'narrow',
      cell: ({ closedAt }) => <StatusBadge status={closedAt === null ? 'open' : 'closed'} />,
    },
    {
      key: 'function',
      title: columns.function,
      cell: (one) => <a href={functionHref(one.function, { check: one.check })}>{one.function}</a>,
    },
    { key: 'check', title: columns.check, cell: ({ check }) => check },
    {
      key: 'subnet',
      title: columns.subnet,
      cell: ({ subnet }) =>
        subnet === null ? <span class="count">{words.everywhere}</span> : <NamedId id={subnet} />,
    },
    {
      key: 'began',
      title: columns.began,
      fit: 'narrow',
      cell: ({ openedAt }) => <Moment at={openedAt} />,
    },
    {
      key: 'lasted',
      title: columns.lasted,
      fit: 'number',
      cell: ({ openedAt, closedAt }) => <Lasting from={openedAt} to={closedAt} />,
    },
    { key: 'outcome', title: columns.outcome, cell: (one) => <Outcomes incident={one} /> },
    { key: 'failures', title: columns.failures, fit: 'number', cell: ({ failures }) => failures },
  ]
}

/** What the packets saw at first and at last; once where that is the same. */
function Outcomes({ incident }: { readonly incident: Incident }) {
  const { firstOutcome, lastOutcome } = incident
  return firstOutcome === lastOutcome ? (
    <code>{lastOutcome}</code>
  ) : (
    <span>
      <code>{firstOutcome}</code> → <code>{lastOutcome}</code>
    </span>
  )
}

function Segments<Id extends string>({
  legend,
  chosen,
  all,
  options,
  onChoose,
}: {
  readonly legend: string
  readonly chosen: Id | null
  readonly all: string
  readonly options: readonly (readonly [Id, string])[]
  readonly onChoose: (id: Id | null) => void
}) {
  return (
    <fieldset class="segments">
      <legend class="visually-hidden">{legend}</legend>
      <button type="button" aria-pressed={chosen === null} onClick={() => onChoose(null)}>
        {all}
      </button>
      {options.map(([id, title]) => (
        <button key={id} type="button" aria-pressed={chosen === id} onClick={() => onChoose(id)}>
          {title}
        </button>
      ))}
    </fieldset>
  )
}

/** A name that must fit whole; suggestions come from a list of the API where there is one. */
function NameFilter({
  label,
  placeholder,
  given,
  path,
  onName,
}: {
  readonly label: string
  readonly placeholder: string
  readonly given: string
  readonly path: string | null
  readonly onName: (name: string) => void
}) {
  const { client } = useShell()
  const [typed, setTyped] = useState(given)
  return (
    <Combobox
      label={label}
      hideLabel
      value={typed}
      placeholder={placeholder}
      onText={(text) => {
        setTyped(text)
        if (text === '') onName('')
      }}
      onTake={onName}
      suggest={async (text, signal) => {
        if (path === null) return []
        const page = await client.get<Page<{ readonly name: string }>>(path, {
          signal,
          query: { limit: 8, text },
        })
        return page.items.map(({ name }) => ({ value: name, note: null }))
      }}
    />
  )
}
