import { useState } from 'preact/hooks'
import type { Timeline as Stored } from '../../../store/store.js'
import { useShell } from '../../context.js'
import { type Load, useLoad, useReloadOn } from '../../data/use-load.js'
import { useQuery } from '../../router.js'
import type { FunctionWords } from './en.js'
import { StateStrip } from './state-strip.js'

const RANGES = {
  '1h': 3_600_000,
  '6h': 21_600_000,
  '24h': 86_400_000,
  '7d': 604_800_000,
  '30d': 2_592_000_000,
}
type Range = keyof typeof RANGES
const NAMES: readonly Range[] = ['1h', '6h', '24h', '7d', '30d']

export interface Answer extends Stored {
  readonly from: string
  readonly to: string
}

/** Epoch milliseconds. */
export type Span = readonly [number, number]

/** How a check has been over a range of time that lives in the address. */
export interface Timeline {
  readonly range: Range
  readonly load: Load<Answer>
  /** What is shown of it unless the viewer zooms. */
  readonly whole: Span | null
  readonly zoom: Span | null
  readonly setRange: (range: Range) => void
  readonly setZoom: (span: Span | null) => void
}

/** Reads how a check has been; kept fresh by reports. */
export function useTimeline(name: string, check: string): Timeline {
  const { client, clock } = useShell()
  const [query, setQuery] = useQuery()
  const asked = NAMES.find((one) => one === query.get('range'))
  const range = asked ?? '1h'
  const key = `${name} ${check} ${range}`
  const load = useLoad(key, (signal) =>
    client.get<Answer>(`/v1/functions/${encodeURIComponent(name)}/timeline`, {
      query: { check, from: new Date(clock.now() - RANGES[range]).toISOString() },
      signal,
    }),
  )
  useReloadOn(load.reload, ({ type }) => type === 'report', 10_000)
  const [zoomed, setZoomed] = useState<{ readonly key: string; readonly span: Span } | null>(null)
  return {
    range,
    load,
    whole: load.value === null ? null : spanOf(load.value, asked === undefined),
    // Another range or check is looked at whole.
    zoom: zoomed?.key === key ? zoomed.span : null,
    setRange: (next) => setQuery({ range: next }),
    setZoom: (span) => setZoomed(span === null ? null : { key, span }),
  }
}

/** So young that a point would be all there is to see. */
const LEAST_MS = 600_000
const STEP_MS: Readonly<Record<Stored['step'], number>> = {
  minute: 60_000,
  hour: 3_600_000,
  day: 86_400_000,
}

/** What is shown: the range as it was asked for, or, where none was, from the beginning of a history that is younger. */
function spanOf({ from, to, step, buckets }: Answer, fits: boolean): Span {
  const [start, end] = [Date.parse(from), Date.parse(to)]
  const [first] = buckets
  if (!fits || first === undefined) return [start, end]
  return [Math.max(start, Math.min(Date.parse(first.at) - STEP_MS[step], end - LEAST_MS)), end]
}

/** The states of a check over time at a glance, and the range that is looked at. */
export function States({
  timeline: { range, load, whole, zoom, setRange },
  words,
}: {
  readonly timeline: Timeline
  readonly words: FunctionWords
}) {
  const span = zoom ?? whole
  return (
    <div class="states">
      <div class="section-head">
        <h2 class="small-title">{words.states}</h2>
        <fieldset class="segments ranges">
          <legend class="visually-hidden">{words.range}</legend>
          {NAMES.map((one) => (
            <button key={one} type="button" aria-pressed={one === range} onClick={() => setRange(one)}>
              {words.ranges[one]}
            </button>
          ))}
        </fieldset>
      </div>
      <StateStrip
        buckets={load.value?.buckets ?? []}
        step={load.value?.step ?? 'minute'}
        span={span ?? [0, 1]}
        words={words}
      />
    </div>
  )
}
