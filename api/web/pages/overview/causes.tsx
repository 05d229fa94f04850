import { useState } from 'preact/hooks'
import type { DiagnosisGroup } from '../../../diagnosis/group.js'
import { useSay, useShared, useShell } from '../../context.js'
import { useLoad, useReloadOn } from '../../data/use-load.js'
import { functionHref } from '../../pages.js'
import { CodeBlock } from '../../ui/copy.js'
import { Icon } from '../../ui/icon.js'
import { Loaded } from '../../ui/notice.js'
import { type Shape, StatusShape } from '../../ui/status.js'
import { Lasting } from '../../ui/time.js'
import type { OverviewWords } from './en.js'

type Cause = Omit<DiagnosisGroup, 'members'>

interface Found {
  readonly items: readonly Cause[]
  readonly functionsOmitted: number
}

const NAMED = 4

/** What is wrong, one entry a cause: an outage of a hundred functions is one line. */
export function Causes({ words }: { readonly words: OverviewWords }) {
  const { client } = useShell()
  const load = useLoad('diagnoses', (signal) => client.get<Found>('/v1/diagnoses', { signal }))
  useReloadOn(load, ({ type }) => type !== 'report' && type !== 'reject')
  const count = load.value?.items.length ?? null
  return (
    <section class="causes" aria-labelledby="causes-title">
      <h2 id="causes-title">
        {words.causes} <span class="count">{count ?? ''}</span>
      </h2>
      <div class="causes-list">
        <Loaded load={load} rows={6}>
          {({ items, functionsOmitted }) => (
            <>
              {items.length === 0 ? <Fine words={words} /> : null}
              <ul>
                {items.map((cause) => (
                  <CauseItem key={keyOf(cause)} cause={cause} words={words} />
                ))}
              </ul>
              {functionsOmitted === 0 ? null : <p class="count">{words.omitted(functionsOmitted)}</p>}
            </>
          )}
        </Loaded>
      </div>
    </section>
  )
}

/** The same cause is the same entry while it lasts, so that what is opened stays open. */
function keyOf({ kind, cause, functions, checks }: Cause): string {
  return cause === null ? `${kind} ${functions[0]} ${checks[0]}` : `${kind} ${cause.code} ${cause.component}`
}

function Fine({ words }: { readonly words: OverviewWords }) {
  return (
    <div class="causes-fine">
      <p>
        <StatusShape shape="good" /> {words.causesNone}
      </p>
      <p class="count">{words.causesNoneHint}</p>
    </div>
  )
}

const SHAPE: Readonly<Record<Cause['kind'], Shape>> = {
  proven: 'bad',
  contradicted: 'warn',
  'outside-configuration': 'bad',
  inconclusive: 'unknown',
  predicted: 'pending',
  healthy: 'good',
}

function CauseItem({ cause, words }: { readonly cause: Cause; readonly words: OverviewWords }) {
  const shared = useShared()
  const say = useSay()
  const [open, setOpen] = useState(false)
  const [fix] = cause.fixes
  const [first] = cause.functions
  const more = cause.functions.length - NAMED
  return (
    <li class={`cause cause-${SHAPE[cause.kind]}`}>
      <p class="cause-head">
        <StatusShape shape={SHAPE[cause.kind]} />
        <span class="cause-kind">{shared.kind[cause.kind]}</span>
        {cause.since === null ? null : (
          <span class="count">
            <Lasting from={cause.since} to={null} />
          </span>
        )}
      </p>
      <p class="cause-functions">
        {cause.functions.slice(0, NAMED).map((name) => (
          <a key={name} class="tag truncate" href={functionHref(name, { check: cause.checks[0] ?? '' })}>
            {name}
          </a>
        ))}
        {more > 0 ? <span class="count">{words.moreFunctions(more)}</span> : null}
        <Icon name="arrowRight" />
        <span class="cause-checks">{cause.checks.slice(0, NAMED).join(', ')}</span>
        {cause.checks.length > NAMED ? (
          <span class="count">{words.moreFunctions(cause.checks.length - NAMED)}</span>
        ) : null}
      </p>
      <p class="cause-summary">{say(cause.summary)}</p>
      {fix === undefined ? null : (
        <p class="cause-fix">
          <Icon name="check" /> {words.fix}: {say(fix.title)}
        </p>
      )}
      <p class="cause-actions">
        {fix === undefined ? null : (
          <button
            type="button"
            class="button button-small"
            aria-expanded={open}
            onClick={() => setOpen(!open)}
          >
            {open ? words.hideFix : words.showFix}
          </button>
        )}
        {first === undefined ? null : (
          <a
            class="button button-small button-quiet"
            href={functionHref(first, { check: cause.checks[0] ?? '' })}
          >
            {words.openPath} <Icon name="arrowRight" />
          </a>
        )}
      </p>
      {open && fix !== undefined ? (
        <div class="cause-detail">
          <p class="count">{words.rehearsed}</p>
          <CodeBlock text={fix.cli} of={words.cli} wrap />
          <p>
            {words.risk}: {say(fix.risk)}
          </p>
        </div>
      ) : null}
    </li>
  )
}
