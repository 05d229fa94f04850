import type { FunctionDiagnosis } from '../../../diagnoser.js'
import type { CheckHealth, FunctionHealth } from '../../../health/health.js'
import { useShared, useShell, useTitle, useWords } from '../../context.js'
import { type Load, useLoad, useReloadOn } from '../../data/use-load.js'
import { PAGES, type PageProps } from '../../pages.js'
import { useQuery } from '../../router.js'
import { Empty, Loaded } from '../../ui/notice.js'
import { StatusShape, shapeOf } from '../../ui/status.js'
import { Tabs } from '../../ui/tabs.js'
import { Check } from './check.js'
import { en, type FunctionWords } from './en.js'
import { Head, Unread } from './head.js'
import { History } from './history.js'
import { Incidents } from './incidents.js'
import { ko } from './ko.js'
import { Results } from './results.js'

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
  useReloadOn(health, ({ function: of, type }) => of === name || type === 'report', 2000)
  useReloadOn(diagnosis, ({ function: of, type }) => of === name && type !== 'report', 1000)
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
  return (
    <div class="function">
      {health.value === null ? <Unread name={name} words={words} /> : null}
      <Loaded load={health} rows={12}>
        {(found) => (
          <>
            <Head health={found} diagnosis={diagnosis.value} words={words} onRan={reload} />
            {found.checks.length === 0 ? null : (
              <Checks health={found} diagnosis={diagnosis} words={words} onApplied={reload} />
            )}
            <Incidents name={name} words={words} />
          </>
        )}
      </Loaded>
    </div>
  )
}

const BY_URGENCY: readonly CheckHealth['status'][] = ['failing', 'degraded', 'stale', 'pending', 'passing']

/** What needs a look stands first, and is what is shown unless the address says otherwise. */
function ordered(checks: readonly CheckHealth[]): readonly CheckHealth[] {
  const urgency = ({ status, standpoints }: CheckHealth): number =>
    status === 'pending' && standpoints.some(({ asExpected }) => !asExpected) ? 0 : BY_URGENCY.indexOf(status)
  return checks.toSorted((a, b) => urgency(a) - urgency(b))
}

function Checks({
  health,
  diagnosis,
  words,
  onApplied,
}: {
  readonly health: FunctionHealth
  readonly diagnosis: Load<FunctionDiagnosis>
  readonly words: FunctionWords
  readonly onApplied: () => void
}) {
  const [query, setQuery] = useQuery()
  const asked = query.get('check')
  const chosen = health.checks.find(({ name }) => name === asked) ?? ordered(health.checks)[0]
  if (chosen === undefined) return null
  // By name: a check that changes its state must not jump from under the pointer.
  const tabs = health.checks.map((check) => ({
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
        subnet={query.get('subnet')}
        onSubnet={(subnet) => setQuery({ check: chosen.name, subnet })}
        onApplied={onApplied}
      />
      <History key={`history ${chosen.name}`} name={health.name} check={chosen.name} words={words} />
      <Results name={health.name} check={chosen.name} words={words} />
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
      {failed > 0 && standpoints.length > 1 ? (
        <span class="count" title={words.of(failed, standpoints.length)}>
          {failed}/{standpoints.length}
        </span>
      ) : null}
    </span>
  )
}
