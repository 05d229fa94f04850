import type { Step, TimelineBucket } from '../../../store/store.js'
import { useShell } from '../../context.js'
import { momentText } from '../../ui/time.js'
import type { FunctionWords } from './en.js'

const STEP_MS: Readonly<Record<Step, number>> = { minute: 60_000, hour: 3_600_000, day: 86_400_000 }
const WIDTH = 1000
const HEIGHT = 22

/** One bar a bucket: green where all is as expected, red where nothing is, amber between; also told by its height. */
export function StateStrip({
  buckets,
  step,
  span: [from, to],
  words,
}: {
  readonly buckets: readonly TimelineBucket[]
  readonly step: Step
  /** Epoch milliseconds. */
  readonly span: readonly [number, number]
  readonly words: FunctionWords
}) {
  const { language } = useShell()
  const good = buckets.reduce((sum, bucket) => sum + bucket.asExpected, 0)
  const total = buckets.reduce((sum, bucket) => sum + bucket.total, 0)
  const scale = WIDTH / Math.max(1, to - from)
  return (
    <svg
      class="strip"
      role="img"
      aria-label={words.stripLabel(good, total)}
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      preserveAspectRatio="none"
    >
      {buckets.map((bucket) => {
        const at = Date.parse(bucket.at)
        const x = (at - from) * scale
        const width = STEP_MS[step] * scale
        if (x + width < 0 || x > WIDTH) return null
        const share = bucket.asExpected / Math.max(1, bucket.total)
        const height = share === 1 ? HEIGHT * 0.45 : HEIGHT
        return (
          <rect
            key={bucket.at}
            class={share === 1 ? 'bar-good' : share === 0 ? 'bar-bad' : 'bar-warn'}
            x={x}
            y={HEIGHT - height}
            width={Math.max(1.2, width - Math.min(1, width * 0.15))}
            height={height}
          >
            <title>{`${momentText(language, bucket.at, false)}: ${words.bucket(bucket.asExpected, bucket.total)}`}</title>
          </rect>
        )
      })}
    </svg>
  )
}
