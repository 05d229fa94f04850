import type { StoredResult } from '../../../store/store.js'
import { useShared, useShell } from '../../context.js'
import type { Page } from '../../data/client.js'
import { useReloadOn } from '../../data/use-load.js'
import { usePages } from '../../data/use-pages.js'
import { NamedId } from '../../ui/named-id.js'
import { Loading, ProblemNotice } from '../../ui/notice.js'
import { StatusShape } from '../../ui/status.js'
import { Table } from '../../ui/table.js'
import { Moment } from '../../ui/time.js'
import { formatMs } from './check.js'
import type { FunctionWords } from './en.js'

const PAGE = 10

/** The last results of a check as its probes reported them. */
export function Results({
  name,
  check,
  words,
}: {
  readonly name: string
  readonly check: string
  readonly words: FunctionWords
}) {
  const { client } = useShell()
  const shared = useShared()
  const pages = usePages(`${name} ${check}`, (cursor, signal) =>
    client.get<Page<StoredResult>>(`/v1/functions/${encodeURIComponent(name)}/results`, {
      query: { check, limit: PAGE, cursor },
      signal,
    }),
  )
  useReloadOn(
    { reload: () => (pages.items.length <= PAGE ? pages.reload() : undefined) },
    ({ type }) => type === 'report',
    3000,
  )
  const { items, problem } = pages
  return (
    <section class="card section" aria-labelledby="results">
      <h2 id="results">{words.results}</h2>
      {items.length === 0 && pages.busy ? <Loading rows={6} /> : null}
      {items.length === 0 && problem !== null ? (
        <ProblemNotice problem={problem} onRetry={pages.reload} />
      ) : null}
      {items.length === 0 ? null : (
        <Table
          caption={words.results}
          rows={items}
          rowKey={({ run, probe, at }) => `${run} ${probe} ${at}`}
          columns={[
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
            { key: 'ms', title: words.took, fit: 'number', cell: ({ ms }) => formatMs(ms) },
            { key: 'phases', title: words.phasesTook, cell: ({ phases }) => phasesText(phases) },
            { key: 'address', title: words.answered, cell: ({ address }) => <code>{address ?? '–'}</code> },
            { key: 'raw', title: words.raw, cell: (result) => <Raw result={result} words={words} /> },
          ]}
        />
      )}
      {pages.hasMore ? (
        <p class="section-more">
          <button type="button" class="button button-small" disabled={pages.busy} onClick={pages.more}>
            {pages.busy ? shared.loadingMore : shared.more}
          </button>
        </p>
      ) : null}
    </section>
  )
}

function phasesText(phases: StoredResult['phases']): string {
  return Object.entries(phases)
    .flatMap(([phase, ms]) =>
      typeof ms === 'number' ? [`${phase} ${ms < 10 ? ms.toFixed(1) : Math.round(ms)}`] : [],
    )
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
