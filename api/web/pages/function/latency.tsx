import { useEffect, useState } from 'preact/hooks'
import type { TimelineBucket } from '../../../store/store.js'
import { Loaded } from '../../ui/notice.js'
import { Chart, type Line } from './chart.js'
import type { FunctionWords } from './en.js'
import type { Answer, Span, Timeline } from './timeline.js'

const PHASES = ['dns', 'connect', 'tls', 'exchange'] as const
const PERCENTILES = ['p50', 'p90', 'p99'] as const
type Percentile = (typeof PERCENTILES)[number]

/** How long a check took over time, and where the time went. One cursor and one zoom for all of it. */
export function Latency({
  timeline: { range, load, whole, zoom, setZoom },
  words,
}: {
  readonly timeline: Timeline
  readonly words: FunctionWords
}) {
  return (
    // Its height is kept while it loads and where there is nothing.
    <section class="card section latency" aria-label={words.latency}>
      <Loaded load={load} rows={10}>
        {(answer) =>
          answer.buckets.length === 0 ? (
            <p class="count latency-none">{words.noHistory}</p>
          ) : answer.buckets.some(({ latency }) => latency !== null) && whole !== null ? (
            <Graphs key={range} answer={answer} span={whole} zoom={zoom} onZoom={setZoom} words={words} />
          ) : (
            <p class="count latency-none">{words.noLatency}</p>
          )
        }
      </Loaded>
    </section>
  )
}

function Graphs({
  answer: { buckets },
  span,
  zoom,
  onZoom,
  words,
}: {
  readonly answer: Answer
  readonly span: Span
  readonly zoom: Span | null
  readonly onZoom: (span: Span | null) => void
  readonly words: FunctionWords
}) {
  const [percentile, setPercentile] = useState<Percentile>('p90')
  // The states above are zoomed only as long as the charts are there to zoom back.
  useEffect(() => () => onZoom(null), [])
  const times = buckets.map(({ at }) => Date.parse(at) / 1000)
  const chart = { timeName: words.at, times, span, zoom, onZoom }
  return (
    <>
      <div class="graphs">
        <Chart
          {...chart}
          title={words.latency}
          lines={PERCENTILES.map((one, index) =>
            line(one, index, (bucket) => bucket.latency?.[one], buckets),
          )}
        />
        <div class="graph-phases">
          <Chart
            {...chart}
            title={words.phases}
            lines={PHASES.map((phase, index) =>
              line(words.phase[phase], index, (bucket) => bucket.phases[phase]?.[percentile], buckets),
            )}
          />
          <fieldset class="segments graph-choice">
            <legend class="visually-hidden">{words.percentile}</legend>
            {PERCENTILES.map((one) => (
              <button
                key={one}
                type="button"
                aria-pressed={one === percentile}
                onClick={() => setPercentile(one)}
              >
                {one}
              </button>
            ))}
          </fieldset>
        </div>
      </div>
      <p class="count latency-hint">{words.zoomHint}</p>
    </>
  )
}

function line(
  name: string,
  index: number,
  value: (bucket: TimelineBucket) => number | undefined,
  buckets: readonly TimelineBucket[],
): Line {
  return { name, index, values: buckets.map((bucket) => value(bucket) ?? null) }
}
