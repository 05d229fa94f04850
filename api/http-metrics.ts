/** What is counted of answered requests: an addition each, put into words only when somebody reads them. */
export interface HttpMetrics {
  readonly observer: (method: string, route: string, status: number) => (seconds: number) => void
  /** In Prometheus' text format. */
  readonly text: () => string
}

/** Upper bounds in seconds. */
const BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5]

interface Durations {
  readonly counts: number[]
  sum: number
  total: number
}

interface Answered {
  readonly labels: string
  count: number
}

/** Routes and statuses are few and fixed by the program, so the number of series is bounded. */
export function createHttpMetrics(): HttpMetrics {
  const answered = new Map<string, Answered>()
  const durations = new Map<string, Durations>()
  const once = <T>(all: Map<string, T>, key: string, make: () => T): T => {
    const found = all.get(key) ?? make()
    all.set(key, found)
    return found
  }
  return {
    observer: (method, route, status) => {
      const labels = `method="${method}",route="${quoted(route)}"`
      const counted = once(answered, `${labels},code="${status}"`, () => ({
        labels: `${labels},code="${status}"`,
        count: 0,
      }))
      const took = once(durations, labels, () => ({ counts: BUCKETS.map(() => 0), sum: 0, total: 0 }))
      return (seconds) => {
        counted.count++
        took.total++
        took.sum += seconds
        const bucket = BUCKETS.findIndex((bound) => seconds <= bound)
        if (bucket >= 0) took.counts[bucket] = (took.counts[bucket] ?? 0) + 1
      }
    },
    text: () => {
      const lines = [
        '# HELP sonde_http_requests_total Requests answered.',
        '# TYPE sonde_http_requests_total counter',
        ...[...answered.values()].map(({ labels, count }) => `sonde_http_requests_total{${labels}} ${count}`),
        '# HELP sonde_http_request_duration_seconds From the request to the end of its answer.',
        '# TYPE sonde_http_request_duration_seconds histogram',
      ]
      for (const [labels, { counts, sum, total }] of durations) {
        let below = 0
        BUCKETS.forEach((bound, index) => {
          below += counts[index] ?? 0
          lines.push(`sonde_http_request_duration_seconds_bucket{${labels},le="${bound}"} ${below}`)
        })
        lines.push(
          `sonde_http_request_duration_seconds_bucket{${labels},le="+Inf"} ${total}`,
          `sonde_http_request_duration_seconds_sum{${labels}} ${sum}`,
          `sonde_http_request_duration_seconds_count{${labels}} ${total}`,
        )
      }
      return `${lines.join('\n')}\n`
    },
  }
}

function quoted(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')
}
