import { useRef, useState } from 'preact/hooks'
import type { DiagnosisGroup } from '../../../diagnosis/group.js'
import { useSay, useShared, useShell } from '../../context.js'
import { useIdle } from '../../data/use-idle.js'
import { useLoad, useReloadOn } from '../../data/use-load.js'
import { functionHref } from '../../pages.js'
import { CodeBlock } from '../../ui/copy.js'
import { Icon } from '../../ui/icon.js'
import { Loaded } from '../../ui/notice.js'
import { Prose } from '../../ui/prose.js'
import { type Shape, StatusShape } from '../../ui/status.js'
import { Lasting } from '../../ui/time.js'
import type { OverviewWords } from './en.js'
import type { Totals } from './index.js'
import { isAstray, type Placed, placeIn } from './places.js'

type Cause = Omit<DiagnosisGroup, 'members'>

interface Found {
  readonly items: readonly Cause[]
  readonly functionsOmitted: number
}

const NAMED = 2

/** What is wrong, one entry a cause: an outage of a hundred functions is one line. */
export function Causes({ words, totals }: { readonly words: OverviewWords; readonly totals: Totals | null }) {
  const { client } = useShell()
  const load = useLoad('diagnoses', (signal) => client.get<Found>('/v1/diagnoses', { signal }))
  useReloadOn(load.reload, ({ type }) => type !== 'report' && type !== 'reject')
  const items = load.value?.items ?? null
  const { places, astray, sort } = usePlaces(items)
  return (
    <section class="causes" aria-labelledby="causes-title">
      <div class="causes-head">
        <h2 id="causes-title">
          {words.causes} <span class="count">{items?.length ?? ''}</span>
        </h2>
        {astray ? (
          <button type="button" class="link" onClick={sort}>
            {words.reorder}
          </button>
        ) : null}
      </div>
      <div class="causes-list">
        <Loaded load={load} rows={6}>
          {({ functionsOmitted }) => (
            <>
              {places.length === 0 ? <Fine words={words} totals={totals} /> : null}
              <ul>
                {places.map(({ id, item, over }) => (
                  <CauseItem key={id} cause={item} over={over} words={words} />
                ))}
              </ul>
              {functionsOmitted === 0 ? null : (
                <p class="count causes-omitted">{words.omitted(functionsOmitted)}</p>
              )}
            </>
          )}
        </Loaded>
      </div>
    </section>
  )
}

/** The causes where they were first seen, until the viewer has them sorted anew or looks away. */
function usePlaces(items: readonly Cause[] | null): {
  readonly places: readonly Placed<Cause>[]
  readonly astray: boolean
  readonly sort: () => void
} {
  const [, redraw] = useState(0)
  const shown = useRef<readonly Placed<Cause>[]>([])
  const seen = useRef(items)
  if (items !== null && items !== seen.current) {
    seen.current = items
    shown.current = placeIn(shown.current, items, keyOf)
  }
  const astray = items !== null && isAstray(shown.current, items, keyOf)
  const sort = (): void => {
    shown.current = placeIn([], items ?? [], keyOf)
    redraw((turn) => turn + 1)
  }
  useIdle(astray, sort)
  return { places: shown.current, astray, sort }
}

/** The same cause is the same entry while it lasts, so that what is opened stays open. */
function keyOf({ kind, cause, functions, checks }: Cause): string {
  return cause === null ? `${kind} ${functions[0]} ${checks[0]}` : `${kind} ${cause.code} ${cause.component}`
}

/** No cause is good news only of those who report. */
function Fine({ words, totals }: { readonly words: OverviewWords; readonly totals: Totals | null }) {
  const { stale = 0, unknown = 0, ...heard } = totals?.functions ?? {}
  const silent = stale + unknown
  const isKnown = totals === null || (silent === 0 && Object.values(heard).some((count) => count > 0))
  return (
    <div class="causes-fine">
      <p>
        <StatusShape shape={isKnown ? 'good' : 'stale'} />{' '}
        {isKnown ? words.causesNone : words.causesNoneKnown}
      </p>
      {isKnown ? <p class="count">{words.causesNoneHint}</p> : null}
      {silent > 0 ? <p class="count">{words.silent(silent)}</p> : null}
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

function CauseItem({
  cause,
  over,
  words,
}: {
  readonly cause: Cause
  readonly over: boolean
  readonly words: OverviewWords
}) {
  const shared = useShared()
  const say = useSay()
  const [asked, setAsked] = useState(false)
  const open = asked && !over
  const [fix] = cause.fixes
  const [first] = cause.functions
  const more = cause.functions.length - NAMED
  const shape = over ? 'good' : SHAPE[cause.kind]
  return (
    <li class={`cause cause-${over ? 'over' : shape}`}>
      <p class="cause-head">
        <StatusShape shape={shape} />
        <span class="cause-kind">{over ? words.over : shared.kind[cause.kind]}</span>
        {cause.since === null || over ? null : (
          <span class="count">
            <Lasting from={cause.since} to={null} />
          </span>
        )}
      </p>
      <p class="cause-whom">
        {cause.functions.slice(0, NAMED).map((name) => (
          <a key={name} class="tag truncate" href={functionHref(name, { check: cause.checks[0] ?? '' })}>
            {name}
          </a>
        ))}
        {more > 0 ? <span class="count">{words.moreFunctions(more)}</span> : null}
        <Icon name="arrowRight" />
        <strong class="truncate" title={cause.checks.join(', ')}>
          {cause.checks.slice(0, NAMED).join(', ')}
        </strong>
        {cause.checks.length > NAMED ? (
          <span class="count">{words.moreFunctions(cause.checks.length - NAMED)}</span>
        ) : null}
      </p>
      <p class="cause-summary">
        <Prose text={say(cause.summary)} />
      </p>
      {fix === undefined ? null : (
        <p class="cause-fix">
          <Icon name="check" />
          <span>
            {words.fix}: <Prose text={say(fix.title)} />
          </span>
        </p>
      )}
      <p class="cause-actions">
        {fix === undefined ? null : (
          <button
            type="button"
            class="button button-small cause-open"
            disabled={over}
            aria-expanded={open}
            onClick={() => setAsked(!open)}
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
