import type { Result } from './report.schema.js'

const NAMESPACE = 'Sonde'
/** Checks of a run that get metrics of their own; CloudWatch bills every combination of dimensions. */
const MAX_CHECK_METRICS = 100

/**
 * The members that make a line with one result a document of the CloudWatch Embedded Metric Format: metrics and alarms
 * without an API and without a network. Namespace `Sonde`, dimensions `function` and, for a run's first 100 checks,
 * `function` and `check`. Metrics: `Expected` (1 or 0: its average is an availability), `Duration` and one per phase.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
 * (targets of metrics and dimensions are members of the root; a dimension's value is a text of at most 1024 characters).
 */
export function emfMembers(
  result: Result,
  functionName: string,
  index: number,
  timestamp: number,
): Readonly<Record<string, unknown>> {
  const metrics = Object.entries({
    Expected: { value: result.asExpected ? 1 : 0, unit: 'None' },
    Duration: { value: result.ms, unit: 'Milliseconds' },
    DnsTime: { value: result.phases.dns, unit: 'Milliseconds' },
    ConnectTime: { value: result.phases.connect, unit: 'Milliseconds' },
    TlsTime: { value: result.phases.tls, unit: 'Milliseconds' },
    ExchangeTime: { value: result.phases.exchange, unit: 'Milliseconds' },
  }).filter(([, { value }]) => value !== undefined)
  const own = index < MAX_CHECK_METRICS
  return {
    _aws: {
      Timestamp: timestamp,
      CloudWatchMetrics: [
        {
          Namespace: NAMESPACE,
          Dimensions: own ? [['function'], ['function', 'check']] : [['function']],
          Metrics: metrics.map(([Name, { unit }]) => ({ Name, Unit: unit })),
        },
      ],
    },
    function: dimension(functionName),
    ...(own ? { check: dimension(result.check) } : {}),
    ...Object.fromEntries(metrics.map(([name, { value }]) => [name, value])),
  }
}

/**
 * The members for a line of many results: one metric, `Expected` (1 where all results are as expected, else 0), with the dimension
 * `function` alone. It is what an alarm needs, at the price of one metric a probe.
 */
export function emfSummary(
  results: readonly Result[],
  functionName: string,
  timestamp: number,
): Readonly<Record<string, unknown>> {
  return {
    _aws: {
      Timestamp: timestamp,
      CloudWatchMetrics: [
        { Namespace: NAMESPACE, Dimensions: [['function']], Metrics: [{ Name: 'Expected', Unit: 'None' }] },
      ],
    },
    function: dimension(functionName),
    Expected: results.every(({ asExpected }) => asExpected) ? 1 : 0,
  }
}

/**
 * A text as a dimension's value: ASCII, not empty, without a colon at its beginning. Other letters are percent-encoded,
 * so that different names stay different.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_Dimension.html
 */
function dimension(text: string): string {
  const ascii = text.replace(/[^\x20-\x7e]+|^:/g, (other) =>
    [...Buffer.from(other, 'utf8')]
      .map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`)
      .join(''),
  )
  return ascii.trim() === '' ? '-' : ascii.slice(0, 250)
}
