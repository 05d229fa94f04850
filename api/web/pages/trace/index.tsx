import type { Trace as TraceValue } from '../../../network/path.js'
import { useShell, useTitle, useWords } from '../../context.js'
import type { Overview } from '../../data/network.js'
import { useLoad } from '../../data/use-load.js'
import { PAGES } from '../../pages.js'
import { useQuery } from '../../router.js'
import { Empty, Loaded } from '../../ui/notice.js'
import { Moment } from '../../ui/time.js'
import { Drop } from './drop.js'
import { en, type TraceWords } from './en.js'
import { bodyOf, PROTOCOLS, type Question, QuestionForm } from './form.js'
import { ko } from './ko.js'
import { Result } from './result.js'
import { WhatIf } from './what-if.js'

/** The path between two ends, through the server's configuration or through a snapshot that was dropped here. */
export default function Trace() {
  const words = useWords({ en, ko })
  useTitle(words.title)
  const [query, setQuery] = useQuery()
  const snapshot = query.get('snapshot')
  const protocol = PROTOCOLS.find((one) => one === query.get('protocol')) ?? 'tcp'
  const question: Question = {
    from: query.get('from') ?? '',
    to: query.get('to') ?? '',
    port: query.get('port') ?? '',
    protocol,
  }
  const isAsked = question.from !== '' && question.to !== ''
  return (
    <div class="list-page trace-page">
      <div class="page-head">
        <h1>{words.title}</h1>
        <p class="page-about">{words.about}</p>
      </div>
      <QuestionForm
        key={JSON.stringify([snapshot, question])}
        words={words}
        given={question}
        snapshot={snapshot}
        onAsk={({ from, to, port, protocol: by }) =>
          setQuery({ from, to, port, protocol: by === 'tcp' ? null : by }, { push: true })
        }
      />
      <Which words={words} snapshot={snapshot} onLeave={() => setQuery({ snapshot: null })} />
      {isAsked ? (
        <Answer words={words} question={question} snapshot={snapshot} />
      ) : (
        <p class="trace-ask count">{words.ask}</p>
      )}
      <Drop words={words} onDraft={({ id }) => setQuery({ snapshot: id })} />
    </div>
  )
}

/** Which configuration is asked. */
function Which({
  words,
  snapshot,
  onLeave,
}: {
  readonly words: TraceWords
  readonly snapshot: string | null
  readonly onLeave: () => void
}) {
  const { client } = useShell()
  const load = useLoad(`network ${snapshot}`, (signal) =>
    client.get<Overview>('/v1/network', { signal, query: { snapshot } }),
  )
  const leave = (
    <button type="button" class="button button-small" onClick={onLeave}>
      {words.leaveDraft}
    </button>
  )
  if (load.value === null) {
    if (load.problem?.facts.code === 'no_snapshot') {
      return (
        <p class="trace-which count">
          {words.noSnapshot}. {words.noSnapshotHint}
        </p>
      )
    }
    if (load.problem?.kind === 'missing' && snapshot !== null) {
      return (
        <p class="trace-which" role="alert">
          {words.draftGone} {leave}
        </p>
      )
    }
    return <p class="trace-which count" />
  }
  return (
    <p class="trace-which count">
      <span class="tag">{snapshot === null ? words.current : words.draft}</span>
      <span>
        {words.snapshot} <Moment at={load.value.takenAt} />
      </span>
      <a href={snapshot === null ? PAGES.map : `${PAGES.map}?snapshot=${encodeURIComponent(snapshot)}`}>
        {words.map}
      </a>
      {snapshot === null ? null : leave}
    </p>
  )
}

const ANSWER_ROWS = 30

function Answer({
  words,
  question,
  snapshot,
}: {
  readonly words: TraceWords
  readonly question: Question
  readonly snapshot: string | null
}) {
  const { client } = useShell()
  const body = bodyOf(question, snapshot)
  const key = JSON.stringify(body)
  const load = useLoad(`trace ${key}`, (signal) => client.post<TraceValue>('/v1/trace', body, { signal }))
  if (load.problem?.facts.code === 'no_snapshot') {
    return <Empty title={words.noSnapshot}>{words.noSnapshotHint}</Empty>
  }
  return (
    // As high as an answer at least, so that what stands below it comes up once.
    <Loaded load={load} rows={ANSWER_ROWS}>
      {(trace) => (
        <>
          <section class="card trace-card" aria-label={words.title}>
            <Result words={words} trace={trace} />
          </section>
          <WhatIf key={key} words={words} trace={trace} body={body} snapshot={snapshot} />
        </>
      )}
    </Loaded>
  )
}
