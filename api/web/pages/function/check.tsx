import { useRef } from 'preact/hooks'
import type { FunctionDiagnosis } from '../../../diagnoser.js'
import type { CheckHealth, StandpointCheck } from '../../../health/health.js'
import { useHand } from '../../data/use-hand.js'
import type { Load } from '../../data/use-load.js'
import { useQuery } from '../../router.js'
import { NamedId } from '../../ui/named-id.js'
import { Loaded } from '../../ui/notice.js'
import { StatusShape } from '../../ui/status.js'
import { Tabs } from '../../ui/tabs.js'
import type { FunctionWords } from './en.js'
import { Found } from './found.js'
import { Incidents } from './incidents.js'
import { Latency } from './latency.js'
import { msText } from './ms.js'
import { Results } from './results.js'
import { States, useTimeline } from './timeline.js'

/** What can be seen of a check. Nothing stands below them, so that whatever a live change does to one moves nothing else. */
const VIEWS = ['path', 'latency', 'results', 'incidents'] as const

/** One check: what the packet saw from each subnet, how it has been, and the path that it should take. */
export function Check({
  name,
  check,
  diagnosis,
  words,
  turn,
  onApplied,
}: {
  readonly name: string
  readonly check: CheckHealth
  readonly diagnosis: Load<FunctionDiagnosis>
  readonly words: FunctionWords
  /** Counts the runs that the viewer has asked for. */
  readonly turn: number
  readonly onApplied: () => void
}) {
  const [query, setQuery] = useQuery()
  const timeline = useTimeline(name, check.name)
  const { standpoints } = check
  const subnet = query.get('subnet')
  const last = useRef<string | null>(null)
  const held = useRef<string | null>(null)
  useHand(() => {
    held.current = last.current
  })
  const at =
    standpoints.find((one) => placeId(one, standpoints) === subnet) ??
    // What the viewer has laid a hand on stays, whatever turns bad beside it.
    standpoints.find(({ standpoint }) => standpoint === held.current) ??
    standpoints.find((one) => !one.asExpected) ??
    // What has turned well is still what is looked at.
    standpoints.find(({ standpoint }) => standpoint === last.current) ??
    standpoints[0]
  if (at === undefined) return null
  last.current = at.standpoint
  const view = VIEWS.find((one) => one === query.get('view')) ?? 'path'
  return (
    <>
      <section class="check card" aria-label={check.name}>
        <CheckFacts check={check} at={at} words={words} />
        {standpoints.length < 2 ? null : (
          <fieldset class="segments subnets">
            <legend class="visually-hidden">{words.subnets}</legend>
            {standpoints.map((one) => (
              <button
                key={one.standpoint}
                type="button"
                aria-pressed={one === at}
                onClick={() => setQuery({ check: check.name, subnet: placeId(one, standpoints) })}
              >
                <StatusShape shape={one.asExpected ? 'good' : 'bad'} />
                <NamedId id={placeId(one, standpoints)} />
              </button>
            ))}
          </fieldset>
        )}
        <States timeline={timeline} words={words} />
      </section>
      <Tabs
        tabs={VIEWS.map((id) => ({ id, label: words.views[id] }))}
        chosen={view}
        label={words.look}
        onChoose={(next) => setQuery({ view: next === 'path' ? null : next })}
      >
        {view === 'path' ? (
          <PathView
            name={name}
            check={check}
            at={at}
            diagnosis={diagnosis}
            words={words}
            onApplied={onApplied}
          />
        ) : view === 'latency' ? (
          <Latency timeline={timeline} words={words} />
        ) : view === 'results' ? (
          <Results name={name} check={check.name} words={words} turn={turn} />
        ) : (
          <Incidents name={name} words={words} />
        )}
      </Tabs>
    </>
  )
}

/** What was tried, and how it ended last. Each fact has its place, whatever it says. */
function CheckFacts({
  check,
  at,
  words,
}: {
  readonly check: CheckHealth
  readonly at: StandpointCheck
  readonly words: FunctionWords
}) {
  return (
    <dl class="facts check-facts">
      <div class="fact-target">
        <dt>{words.target}</dt>
        <dd>
          <code>{check.target}</code>
          <span class="tag">{check.kind}</span>
          <span class="tag">{words.expect[check.expect]}</span>
        </dd>
      </div>
      <div class="fact-outcome">
        <dt>{words.lastOutcome}</dt>
        <dd>
          <StatusShape shape={at.asExpected ? 'good' : 'bad'} />
          <code>{at.outcome}</code>
          {at.endedIn === null ? null : <span class="tag">{at.endedIn}</span>}
        </dd>
      </div>
      <div>
        <dt>{words.answered}</dt>
        <dd>
          <code>{at.address ?? '–'}</code>
        </dd>
      </div>
      <div>
        <dt>{words.took}</dt>
        <dd>{msText(at.ms)} ms</dd>
      </div>
    </dl>
  )
}

function PathView({
  name,
  check,
  at,
  diagnosis,
  words,
  onApplied,
}: {
  readonly name: string
  readonly check: CheckHealth
  readonly at: StandpointCheck
  readonly diagnosis: Load<FunctionDiagnosis>
  readonly words: FunctionWords
  readonly onApplied: () => void
}) {
  return (
    <section class="card section" aria-label={words.path}>
      <Loaded load={diagnosis} rows={8}>
        {({ items, snapshot }) => {
          const item = items.find(
            (one) => one.check === check.name && one.subnet === at.subnet && one.probe === at.probe,
          )
          return item === undefined ? null : (
            <Found
              key={`${check.name} ${at.standpoint}`}
              name={name}
              check={check}
              at={at}
              item={item}
              hasSnapshot={snapshot !== null}
              words={words}
              onApplied={onApplied}
            />
          )
        }}
      </Loaded>
    </section>
  )
}

/** A standpoint's name in the address: its subnet, or its probe where several stand in one. */
function placeId({ subnet, probe }: StandpointCheck, all: readonly StandpointCheck[]): string {
  return subnet === null || all.filter((one) => one.subnet === subnet).length > 1 ? probe : subnet
}
