import { Duration, Stack } from 'aws-cdk-lib'
import {
  Dashboard,
  GraphWidget,
  LogQueryWidget,
  MathExpression,
  PeriodOverride,
  TextWidget,
} from 'aws-cdk-lib/aws-cloudwatch'
import type { ILogGroup } from 'aws-cdk-lib/aws-logs'
import { Construct } from 'constructs'
import { NAMESPACE } from './alarms.js'

export interface SondeDashboardProps {
  /** The log group that all probes share. */
  readonly logGroup: ILogGroup
  /** Default `Sonde-` and the region. */
  readonly dashboardName?: string
}

/** One name's dimension alone, or with the check; what `probe/emf.ts` writes. */
type Dimensions = 'function' | 'function,check'

/**
 * A dashboard for teams without the API: it finds the probes' metrics by search, so that it shows probes of any stack of the
 * region, and needs no change when one is added. Needs probes with `metrics` or `alarms`.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/search-expression-syntax.html
 */
export class SondeDashboard extends Construct {
  readonly dashboard: Dashboard

  constructor(scope: Construct, id: string, { logGroup, dashboardName }: SondeDashboardProps) {
    super(scope, id)
    this.dashboard = new Dashboard(this, 'Dashboard', {
      dashboardName: dashboardName ?? `Sonde-${Stack.of(this).region}`,
      periodOverride: PeriodOverride.INHERIT,
      widgets: [
        [
          new TextWidget({
            width: 24,
            height: 2,
            markdown:
              'Each probe stands in one subnet of a posture. **1** is: everything as expected. What a probe saw is in the lines below; why, `sonde diagnose` tells.',
          }),
        ],
        [
          graph('As expected, by probe', 'function', 'Expected', 'Minimum', { min: 0, max: 1 }),
          graph('As expected, by check', 'function,check', 'Expected', 'Minimum', { min: 0, max: 1 }),
        ],
        [
          graph('Milliseconds (p90), by check', 'function,check', 'Duration', 'p90', { min: 0 }),
          graph('To connect, milliseconds (p90), by check', 'function,check', 'ConnectTime', 'p90', {
            min: 0,
          }),
        ],
        [
          new LogQueryWidget({
            title: 'Not as expected',
            width: 24,
            height: 8,
            logGroupNames: [logGroup.logGroupName],
            queryLines: [
              'fields @timestamp, probe.function, probe.subnet, results.0.check as check, results.0.outcome as outcome, results.0.target as target, results.0.address as address',
              // As text: a query language that turns booleans into numbers has no say in it.
              'filter @message like /"asExpected":false/',
              'sort @timestamp desc',
              'limit 50',
            ],
          }),
        ],
      ],
    })
  }
}

function graph(
  title: string,
  dimensions: Dimensions,
  metric: string,
  statistic: string,
  leftYAxis: { readonly min: number; readonly max?: number },
): GraphWidget {
  const period = Duration.minutes(5)
  const search = `SEARCH('{${NAMESPACE},${dimensions}} MetricName="${metric}"', '${statistic}', ${period.toSeconds()})`
  return new GraphWidget({
    title,
    width: 12,
    height: 7,
    leftYAxis,
    left: [new MathExpression({ expression: search, label: '', usingMetrics: {}, period })],
  })
}
