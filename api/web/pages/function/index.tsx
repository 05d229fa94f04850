import { useRef, useState } from 'preact/hooks'
import type { FunctionDiagnosis } from '../../../diagnoser.js'
import type { CheckHealth, FunctionHealth } from '../../../health/health.js'
import { useShared, useShell, useTitle, useWords } from '../../context.js'
import { useHand } from '../../data/use-hand.js'
import { type Load, useLoad, useReloadOn } from '../../data/use-load.js'
import { PAGES, type PageProps } from '../../pages.js'
import { useQuery } from '../../router.js'
import { Empty, Loaded } from '../../ui/notice.js'
import { StatusShape, shapeOf } from '../../ui/status.js'
import { Tabs } from '../../ui/tabs.js'
import { Check } from './check.js'
import { en, type FunctionWords } from './en.js'
import { Head, Unread } from './head.js'
import { Incidents } from './incidents.js'
import { ko } from './ko.js'

/** One function: why it can't reach what it should, what to change, and how it has been. */
export default function FunctionPage({ params }: PageProps) {
  const name = params['name'] ?? ''
  const words = useWords({ en, ko })
  const { client } = useShell()
  const shared = useShared()
  useTitle(name)
  const path = `/v1/functions/${encodeURIComponent(name)}`
  const health = useLoad(path, (signal) => client.get<FunctionHealth>(path, { signal }))
  const diagnosis = useLoad(`${path}/diagnosis`, (signal) =>
    client.get<FunctionDiagnosis>(`${path}/diagnosis`, { signal }),
  )
  useReloadOn(health.reload, ({ function: of, type }) => of === name || type === 'report', 2000)
  useReloadOn(diagnosis.reload, ({ function: of, type }) => of === name && type !== 'report', 1000)
  const [turn, setTurn] = useState(0)
  if (health.problem?.kind === 'missing' && health.value === null) {
    return (
      <Empty title={words.gone} whole>
        <p>{words.goneHint(name)}</p>
        <a class="button" href={PAGES.overview}>
          {shared.notFound.home}
        </a>
      </Empty>
    )
  }
  const reload = (): void => {
    health.reload()
    diagnosis.reload()
  }
  const ran = (): void => {
    reload()
    setTurn((count) => count + 1)
  }
  return (
    <div class="function">
      {health.value === null ? <Unread name={name} words={words} /> : null}
      <Loaded load={health} rows={12}>
        {(found) => (
          <>
            <Head health={found} diagnosis={diagnosis} words={words} onRan={ran} />
            {found.checks.length === 0 ? (
              <Incidents name={name} words={words} />
            ) : (
              <Checks health={found} diagnosis={diagnosis} words={words} turn={turn} onApplied={reload} />
            )}
          </>
        )}
      </Loaded>
    </div>
  )
}

const BY_URGENCY: readonly CheckHealth['status'][] = ['failing', 'degraded', 'stale', 'pending', 'passing']

/** What needs a look; where nothing does, what was shown before. */
function worst(checks: readonly CheckHealth[], last: string | null): CheckHealth | undefined {
  const urgency = ({ status, standpoints }: CheckHealth): number =>
    status === 'pending' && standpoints.some(({ asExpected }) => !asExpected) ? 0 : BY_URGENCY.indexOf(status)
  return checks.toSorted(
    (a, b) => urgency(a) - urgency(b) || Number(b.name === last) - Number(a.name === last),
  )[0]
}

function Checks({
  health,
  diagnosis,
  words,
  turn,
  onApplied,
}: {
  readonly health: FunctionHealth
  readonly diagnosis: Load<FunctionDiagnosis>
  readonly words: FunctionWords
  readonly turn: number
  readonly onApplied: () => void
}) {
  const [query, setQuery] = useQuery()
  const asked = query.get('check')
  const last = useRef<string | null>(null)
  const held = useRef<string | null>(null)
  useHand(() => {
    held.current = last.current
  })
  // What needs a look is what is shown, until the address or the viewer's hand says otherwise.
  const named = (wanted: string | null) => health.checks.find(({ name }) => name === wanted)
  const chosen = named(asked) ?? named(held.current) ?? worst(health.checks, last.current)
  if (chosen === undefined) return null
  last.current = chosen.name
  // By name: a check that changes its state must not jump from under the pointer.
  const byName = health.checks.toSorted((a, b) => a.name.localeCompare(b.name, 'en', { numeric: true }))
  const tabs = byName.map((check) => ({
    id: check.name,
    label: <CheckLabel check={check} words={words} />,
  }))
  return (
    <Tabs
      tabs={tabs}
      chosen={chosen.name}
      label={words.checks}
      onChoose={(check) => setQuery({ check, subnet: null })}
    >
      <Check
        key={chosen.name}
        name={health.name}
        check={chosen}
        diagnosis={diagnosis}
        words={words}
        turn={turn}
        onApplied={onApplied}
      />
    </Tabs>
  )
}

function CheckLabel({ check, words }: { readonly check: CheckHealth; readonly words: FunctionWords }) {
  const { standpoints } = check
  const failed = standpoints.filter(({ asExpected }) => !asExpected).length
  const shape = check.status === 'pending' && failed === standpoints.length ? 'bad' : shapeOf(check.status)
  return (
    <span class="check-label">
      <StatusShape shape={shape} />
      <span>{check.name}</span>
      {standpoints.length > 1 ? (
        // Its room is there before it has anything to say.
        <span class="count check-share" title={words.of(failed, standpoints.length)} hidden={failed === 0}>
          {failed}/{standpoints.length}
        </span>
      ) : null}
    </span>
  )
}
