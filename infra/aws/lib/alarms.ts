import type { Duration } from 'aws-cdk-lib'
import { Alarm, ComparisonOperator, Metric, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch'
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions'
import type { ITopic } from 'aws-cdk-lib/aws-sns'
import type { Construct } from 'constructs'

export interface AlarmOptions {
  /** Told when an alarm goes off and when it is over. Default: nobody; the alarm is to be seen in CloudWatch. */
  readonly topic?: ITopic
  /** Runs in a row with something not as expected, or silence, until the alarm goes off. Default 3. */
  readonly runs?: number
}

/** Where `SONDE_EMF` puts the metrics of a probe; see `probe/emf.ts`. */
export const NAMESPACE = 'Sonde'

/** 1 where a result was as expected, else 0. Without `check`: over all checks of the probe. */
export function expectedMetric(functionName: string, period: Duration, check?: string): Metric {
  return new Metric({
    namespace: NAMESPACE,
    metricName: 'Expected',
    dimensionsMap: { function: functionName, ...(check === undefined ? {} : { check }) },
    statistic: 'Minimum',
    period,
  })
}

/**
 * Goes off when a probe finds something not as expected several times in a row, and when it falls silent: no data is bad news here
 * (https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html).
 */
export function probeAlarm(
  scope: Construct,
  functionName: string,
  subnet: string,
  interval: Duration,
  { topic, runs = 3 }: AlarmOptions,
): Alarm {
  const alarm = new Alarm(scope, 'Alarm', {
    alarmDescription: `Sonde: ${functionName} in ${subnet} finds a check not as expected, or is silent. The lines in the shared log group say which.`,
    metric: expectedMetric(functionName, interval),
    threshold: 1,
    comparisonOperator: ComparisonOperator.LESS_THAN_THRESHOLD,
    evaluationPeriods: runs,
    datapointsToAlarm: runs,
    treatMissingData: TreatMissingData.BREACHING,
  })
  if (topic) {
    const action = new SnsAction(topic)
    alarm.addAlarmAction(action)
    alarm.addOkAction(action)
  }
  return alarm
}
