import type { ComponentChildren } from 'preact'
import type { CheckDiagnosis, FunctionDiagnosis } from '../../../diagnoser.js'
import type { FunctionHealth } from '../../../health/health.js'
import { useNow, useSay, useShared } from '../../context.js'
import type { Load } from '../../data/use-load.js'
import { PAGES } from '../../pages.js'
import { Icon } from '../../ui/icon.js'
import { NamedId } from '../../ui/named-id.js'
import { Prose } from '../../ui/prose.js'
import { StatusBadge } from '../../ui/status.js'
import { Ago, agoText, spanText } from '../../ui/time.js'
import type { FunctionWords } from './en.js'
import { RunNow } from './run-now.js'

/** Whose page this is, and its state in one sentence. */
export function Head({
  health,
  diagnosis,
  words,
  onRan,
}: {
  readonly health: FunctionHealth
  readonly diagnosis: Load<FunctionDiagnosis>
  readonly words: FunctionWords
  readonly onRan: () => void
}) {
  const groups = [
    ...new Set(health.checks.flatMap(({ standpoints }) => standpoints).flatMap((at) => at.securityGroups)),
  ]
  return (
    <header class="function-head">
      <Crumb words={words} />
      <div class="function-title">
        <h1>{health.name}</h1>
        <StatusBadge status={health.status} soft />
        <Since at={health.since} words={words} />
        <RunNow name={health.name} words={words} onRan={onRan} />
      </div>
      <Sentence health={health} diagnosis={diagnosis} words={words} />
      <dl class="facts function-facts">
        <Fact name={words.reported}>
          {health.lastReportAt === null ? '–' : <Ago at={health.lastReportAt} />}
        </Fact>
        {health.region === null ? null : <Fact name={words.region}>{health.region}</Fact>}
        {health.account === null ? null : <Fact name={words.account}>{health.account}</Fact>}
        {groups.length === 0 ? null : (
          <Fact name={words.securityGroups}>
            <span class="fact-ids">
              {groups.map((id) => (
                <NamedId key={id} id={id} />
              ))}
            </span>
          </Fact>
        )}
      </dl>
    </header>
  )
}

/** Whose page it will be: known before anything is read. */
export function Unread({ name, words }: { readonly name: string; readonly words: FunctionWords }) {
  return (
    <header class="function-head">
      <Crumb words={words} />
      <div class="function-title">
        <h1>{name}</h1>
      </div>
    </header>
  )
}

function Crumb({ words }: { readonly words: FunctionWords }) {
  return (
    <nav class="crumb">
      <a href={PAGES.overview}>
        <Icon name="arrowLeft" /> {words.crumb}
      </a>
    </nav>
  )
}

function Fact({ name, children }: { readonly name: string; readonly children: ComponentChildren }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  )
}

function Since({ at, words }: { readonly at: string | null; readonly words: FunctionWords }) {
  const shared = useShared()
  const now = useNow()
  if (at === null) return null
  return <span class="count">{words.since(spanText(shared, now - Date.parse(at)))}</span>
}

/** The cause of what is worst, in the viewer's language; what the API's own summary says is English alone. */
function Sentence({
  health,
  diagnosis,
  words,
}: {
  readonly health: FunctionHealth
  readonly diagnosis: Load<FunctionDiagnosis>
  readonly words: FunctionWords
}) {
  const say = useSay()
  const shared = useShared()
  const now = useNow()
  const { status, lastReportAt, checks } = health
  const text = (): string => {
    if (status === 'unknown') return words.never
    if (status === 'stale') return words.silent(agoText(shared, lastReportAt, now))
    if (diagnosis.value === null) {
      if (status === 'healthy') return fine(health, words)
      return diagnosis.problem === null ? words.looking : words.causeUnread
    }
    const wrong = diagnosis.value.items.filter((item) => item.diagnosis.kind !== 'healthy')
    const [worst] = wrong.toSorted(
      (a, b) => URGENCY.indexOf(a.diagnosis.kind) - URGENCY.indexOf(b.diagnosis.kind),
    )
    if (worst === undefined) return fine(health, words)
    const others = new Set(wrong.map(({ check }) => check)).size - 1
    const name = checks.length > 1 ? `${worst.check}: ` : ''
    return `${name}${say(worst.diagnosis.summary)}${others > 0 ? ` ${words.more(others)}` : ''}`
  }
  const said = text()
  return (
    <p class="sentence" title={said}>
      <Prose text={said} />
    </p>
  )
}

const URGENCY: readonly CheckDiagnosis['diagnosis']['kind'][] = [
  'proven',
  'contradicted',
  'outside-configuration',
  'inconclusive',
  'predicted',
  'healthy',
]

function fine({ checks }: FunctionHealth, words: FunctionWords): string {
  const subnets = new Set(
    checks.flatMap(({ standpoints }) => standpoints.map(({ standpoint }) => standpoint)),
  )
  return words.fine(checks.length, subnets.size)
}
