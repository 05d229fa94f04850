import { useState } from 'preact/hooks'
import type { Timeline, TimelineBucket } from '../../../store/store.js'
import { useShell } from '../../context.js'
import { useLoad, useReloadOn } from '../../data/use-load.js'
import { useQuery } from '../../router.js'
import { Loaded } from '../../ui/notice.js'
import { Chart, type Line } from './chart.js'
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

const PHASES = ['dns', 'connect', 'tls', 'exchange'] as const
const PERCENTILES = ['p50', 'p90', 'p99'] as const
type Percentile = (typeof PERCENTILES)[number]

interface Answer extends Timeline {
  readonly from: string
  readonly to: string
}

/** A check over time: its states, its latency, and where the time goes. One cursor and one zoom for all of it. */
export function History({
  name,
  check,
  words,
}: {
  readonly name: string
  readonly check: string
  readonly words: FunctionWords
}) {
  const { client, clock } = useShell()
  const [query, setQuery] = useQuery()
  const asked = NAMES.find((one) => one === query.get('range'))
  const range = asked ?? '1h'
  const load = useLoad(`${name} ${check} ${range}`, (signal) =>
    client.get<Answer>(`/v1/functions/${encodeURIComponent(name)}/timeline`, {
      query: { check, from: new Date(clock.now() - RANGES[range]).toISOString() },
      signal,
    }),
  )
  useReloadOn(load, ({ type }) => type === 'report', 10_000)
  return (
    <section class="card section history" aria-labelledby="history">
      <div class="section-head">
        <h2 id="history">{words.history}</h2>
        <fieldset class="segments">
          <legend class="visually-hidden">{words.range}</legend>
          {NAMES.map((one) => (
            <button
              key={one}
              type="button"
              aria-pressed={one === range}
              onClick={() => setQuery({ range: one })}
            >
              {words.ranges[one]}
            </button>
          ))}
        </fieldset>
      </div>
      {/* Its height is kept while it loads and where there is nothing. */}
      <div class="history-body">
        <Loaded load={load} rows={10}>
          {(answer) => <Graphs key={range} answer={answer} fits={asked === undefined} words={words} />}
        </Loaded>
      </div>
    </section>
  )
}

/** So young that a point would be all there is to see. */
const LEAST_MS = 600_000
const STEP_MS: Readonly<Record<Timeline['step'], number>> = {
  minute: 60_000,
  hour: 3_600_000,
  day: 86_400_000,
}

/** What is shown: the range as it was asked for, or, where none was, from the beginning of a history that is younger. */
function spanOf({ from, to, step, buckets }: Answer, fits: boolean): readonly [number, number] {
  const [start, end] = [Date.parse(from), Date.parse(to)]
  const [first] = buckets
  if (!fits || first === undefined) return [start, end]
  return [Math.max(start, Math.min(Date.parse(first.at) - STEP_MS[step], end - LEAST_MS)), end]
}

function Graphs({
  answer,
  fits,
  words,
}: {
  readonly answer: Answer
  readonly fits: boolean
  readonly words: FunctionWords
}) {
  const [zoom, setZoom] = useState<readonly [number, number] | null>(null)
  const { buckets, step } = answer
  if (buckets.length === 0) return <p class="count">{words.noHistory}</p>
  const whole = spanOf(answer, fits)
  const span = zoom ?? whole
  return (
    <>
      <StateStrip buckets={buckets} step={step} span={span} words={words} />
      {buckets.some(({ latency }) => latency !== null) ? (
        <Latencies answer={answer} span={whole} onZoom={setZoom} words={words} />
      ) : (
        <p class="count history-none">{words.noLatency}</p>
      )}
    </>
  )
}

/** Latency, and where the time goes: with one cursor and one zoom. */
function Latencies({
  answer: { buckets },
  span,
  onZoom,
  words,
}: {
  readonly answer: Answer
  readonly span: readonly [number, number]
  readonly onZoom: (span: readonly [number, number] | null) => void
  readonly words: FunctionWords
}) {
  const [percentile, setPercentile] = useState<Percentile>('p90')
  const chart = { times: buckets.map(({ at }) => Date.parse(at) / 1000), span, onZoom }
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
      <p class="count history-hint">{words.zoomHint}</p>
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
