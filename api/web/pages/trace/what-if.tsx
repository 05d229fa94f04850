import { useState } from 'preact/hooks'
import type { Change } from '../../../diagnosis/diagnosis.js'
import type { PathSummary } from '../../../network/diff.js'
import type { RuleSet } from '../../../network/map/rules.js'
import type { Trace } from '../../../network/path.js'
import { useShell } from '../../context.js'
import { useLoad } from '../../data/use-load.js'
import { Icon } from '../../ui/icon.js'
import { NamedId } from '../../ui/named-id.js'
import { Loaded } from '../../ui/notice.js'
import { StatusBadge } from '../../ui/status.js'
import { type Column, Table } from '../../ui/table.js'
import { changeText, holdersOn } from './changes.js'
import type { TraceWords } from './en.js'
import { Result } from './result.js'
import { Rules } from './rules.js'

interface Difference {
  readonly functions: { readonly count: number; readonly names: readonly string[] }
  readonly to: string
  readonly before: PathSummary | null
  readonly after: PathSummary | null
}

interface Comparison {
  readonly functions: number
  readonly paths: number
  readonly changes: readonly Difference[]
}

/** Changes rules on a path, on paper: what the path would be then, and whose paths would change with it. */
export function WhatIf({
  words,
  trace,
  body,
  snapshot,
}: {
  readonly words: TraceWords
  readonly trace: Trace
  /** The question as it was asked. */
  readonly body: Readonly<Record<string, unknown>>
  readonly snapshot: string | null
}) {
  const says = words.whatIf
  const { client } = useShell()
  const [changes, setChanges] = useState<readonly Change[]>([])
  const holders = holdersOn(trace.perSubnet.length > 0 ? trace.perSubnet : [trace])
  const [wanted, setWanted] = useState<string | null>(null)
  const holder = holders.find((id) => id === wanted) ?? holders[0]
  const rules = useLoad(`rules ${snapshot} ${holder}`, async (signal) =>
    holder === undefined
      ? null
      : client.get<RuleSet>(`/v1/network/rules/${encodeURIComponent(holder)}`, {
          signal,
          query: { snapshot },
        }),
  )
  return (
    <section class="card what-if" aria-labelledby="what-if-title">
      <h2 id="what-if-title">{says.title}</h2>
      <p class="count">{says.hint}</p>
      {holder === undefined ? <p class="count">{says.none}</p> : null}
      <fieldset class="segments">
        <legend class="visually-hidden">{says.rules}</legend>
        {holders.map((id) => (
          <button key={id} type="button" aria-pressed={id === holder} onClick={() => setWanted(id)}>
            <NamedId id={id} />
          </button>
        ))}
      </fieldset>
      <Loaded load={rules} rows={3}>
        {(set) =>
          set === null ? null : (
            <Rules
              key={set.id}
              set={set}
              words={says}
              changes={changes}
              onChange={(more) => setChanges([...changes, ...more])}
            />
          )
        }
      </Loaded>
      <h3>{says.changes}</h3>
      {changes.length === 0 ? (
        <p class="count">{says.noChanges}</p>
      ) : (
        <>
          <ul class="what-if-changes">
            {changes.map((change, index) => (
              <li key={`${index} ${changeText(change, says)}`}>
                <code>{changeText(change, says)}</code>
                <button
                  type="button"
                  class="button button-small button-quiet"
                  aria-label={`${says.restore}: ${changeText(change, says)}`}
                  onClick={() => setChanges(changes.filter((_, other) => other !== index))}
                >
                  <Icon name="close" />
                </button>
              </li>
            ))}
          </ul>
          <button type="button" class="button button-small" onClick={() => setChanges([])}>
            {says.discard}
          </button>
          <Outcome words={words} body={body} changes={changes} snapshot={snapshot} />
        </>
      )}
    </section>
  )
}

function Outcome({
  words,
  body,
  changes,
  snapshot,
}: {
  readonly words: TraceWords
  readonly body: Readonly<Record<string, unknown>>
  readonly changes: readonly Change[]
  readonly snapshot: string | null
}) {
  const { client } = useShell()
  const says = words.whatIf
  const key = JSON.stringify([body, changes])
  const rehearsal = useLoad(`rehearsal ${key}`, (signal) =>
    client.post<{ readonly before: Trace; readonly after: Trace }>(
      '/v1/rehearsals',
      { ...body, changes },
      { signal },
    ),
  )
  const comparison = useLoad(`comparison ${key}`, (signal) =>
    client.post<Comparison>(
      '/v1/comparisons',
      { changes, ...(snapshot === null ? {} : { snapshot }) },
      { signal },
    ),
  )
  return (
    <div class="what-if-outcome" aria-live="polite">
      <Loaded load={rehearsal} rows={4}>
        {({ before, after }) => (
          <>
            <p class="what-if-turn">
              {says.before} <StatusBadge status={before.verdict} soft />
              <Icon name="arrowRight" />
              {says.after} <StatusBadge status={after.verdict} soft />
            </p>
            <Result words={words} trace={after} before={before} />
          </>
        )}
      </Loaded>
      <h3>{says.others}</h3>
      <Loaded load={comparison} rows={3}>
        {(found) => <Others found={found} words={says} />}
      </Loaded>
    </div>
  )
}

function Others({ found, words }: { readonly found: Comparison; readonly words: TraceWords['whatIf'] }) {
  // A closed path that another rule closes then is closed all the same.
  const turned = found.changes.filter(({ before, after }) => before?.verdict !== after?.verdict)
  if (turned.length === 0) return <p class="count">{words.nobody(found.functions, found.paths)}</p>
  const columns: readonly Column<Difference>[] = [
    {
      key: 'function',
      title: words.columns.function,
      cell: ({ functions: { count, names } }) => words.functions(names[0] ?? '', count - 1),
    },
    { key: 'to', title: words.columns.to, cell: ({ to }) => <code>{to}</code> },
    {
      key: 'before',
      title: words.columns.before,
      cell: ({ before }) => <Side side={before} words={words} />,
    },
    { key: 'after', title: words.columns.after, cell: ({ after }) => <Side side={after} words={words} /> },
  ]
  return (
    <>
      <Table
        caption={words.others}
        columns={columns}
        rows={turned}
        rowKey={({ functions, to }) => `${functions.names[0]} ${to}`}
      />
      <p class="count">{words.compared(found.functions, found.paths)}</p>
    </>
  )
}

function Side({ side, words }: { readonly side: PathSummary | null; readonly words: TraceWords['whatIf'] }) {
  return side === null ? <span class="count">{words.vanished}</span> : <StatusBadge status={side.verdict} />
}
