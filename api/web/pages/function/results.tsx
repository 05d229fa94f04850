import { useEffect, useRef } from 'preact/hooks'
import type { StoredResult } from '../../../store/store.js'
import { useShell } from '../../context.js'
import type { Page } from '../../data/client.js'
import { useReloadOn } from '../../data/use-load.js'
import { usePages } from '../../data/use-pages.js'
import { NamedId } from '../../ui/named-id.js'
import { Empty } from '../../ui/notice.js'
import { PagedTable } from '../../ui/paged-table.js'
import { StatusShape } from '../../ui/status.js'
import type { Column } from '../../ui/table.js'
import { Moment } from '../../ui/time.js'
import type { FunctionWords } from './en.js'
import { msText } from './ms.js'

const PAGE = 10

/** The last results of a check as its probes reported them. */
export function Results({
  name,
  check,
  words,
  turn,
}: {
  readonly name: string
  readonly check: string
  readonly words: FunctionWords
  /** Another number asks for the list as it is now: the viewer has had the probes run. */
  readonly turn: number
}) {
  const { client } = useShell()
  const pages = usePages(`${name} ${check}`, idOf, (cursor, signal) =>
    client.get<Page<StoredResult>>(`/v1/functions/${encodeURIComponent(name)}/results`, {
      query: { check, limit: PAGE, cursor },
      signal,
    }),
  )
  useReloadOn(pages.look, ({ type }) => type === 'report', 3000)
  const shown = useRef(turn)
  useEffect(() => {
    if (shown.current !== turn) pages.reload()
    shown.current = turn
  }, [turn])
  return (
    <PagedTable
      pages={pages}
      caption={words.results}
      columns={columnsOf(words)}
      rowKey={idOf}
      empty={<Empty title={words.noResults} />}
    />
  )
}

function idOf({ run, probe, at }: StoredResult): string {
  return `${run} ${probe} ${at}`
}

function columnsOf(words: FunctionWords): readonly Column<StoredResult>[] {
  return [
    { key: 'at', title: words.at, fit: 'narrow', cell: ({ at }) => <Moment at={at} /> },
    {
      key: 'outcome',
      title: words.outcome,
      cell: ({ outcome, asExpected, endedIn }) => (
        <span class="outcome">
          <StatusShape shape={asExpected ? 'good' : 'bad'} />
          <code>{outcome}</code>
          {endedIn === null ? null : <span class="tag">{endedIn}</span>}
        </span>
      ),
    },
    {
      key: 'subnet',
      title: words.subnet,
      cell: ({ subnet, probe }) => <NamedId id={subnet ?? probe} />,
    },
    { key: 'ms', title: words.took, fit: 'number', cell: ({ ms }) => `${msText(ms)} ms` },
    { key: 'phases', title: words.phasesTook, cell: ({ phases }) => phasesText(phases) },
    { key: 'address', title: words.answered, cell: ({ address }) => <code>{address ?? '–'}</code> },
    { key: 'raw', title: words.raw, cell: (result) => <Raw result={result} words={words} /> },
  ]
}

function phasesText(phases: StoredResult['phases']): string {
  return Object.entries(phases)
    .flatMap(([phase, ms]) => (typeof ms === 'number' ? [`${phase} ${msText(ms)}`] : []))
    .join(' · ')
}

function Raw({ result, words }: { readonly result: StoredResult; readonly words: FunctionWords }) {
  return (
    <details class="raw">
      <summary>{words.raw}</summary>
      <pre>{JSON.stringify(result, null, 2)}</pre>
    </details>
  )
}
