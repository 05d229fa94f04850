import { CfnCondition, CfnOutput, Fn, type Stack } from 'aws-cdk-lib'
import type { CfnDashboard } from 'aws-cdk-lib/aws-cloudwatch'
import type { CfnLogGroup } from 'aws-cdk-lib/aws-logs'
import { SondeDashboard } from '../lib/dashboard.js'
import { SondeLogs } from '../lib/logs.js'
import { logGroupName, parameter, plainStack } from './stack.js'

/** Once a region: the log group that all probes share, and the dashboard over their metrics. */
export function logsTemplate(): Stack {
  const stack = plainStack('sonde-logs', 'Sonde: the log group that all probes of a region share')
  const name = logGroupName(stack, 'LogGroupName', 'Name of the log group')
  const retention = parameter(stack, 'RetentionInDays', {
    type: 'Number',
    default: '14',
    allowedValues: ['1', '3', '5', '7', '14', '30', '60', '90', '180', '365'],
    description: 'Days for which report lines are kept',
  })
  const wanted = parameter(stack, 'Dashboard', {
    default: 'no',
    allowedValues: ['yes', 'no'],
    description: 'Whether to make a dashboard of the metrics of probes',
  })
  const logs = new SondeLogs(stack, 'Logs', { logGroupName: name.valueAsString })
  const group = logs.logGroup.node.defaultChild as CfnLogGroup
  group.retentionInDays = retention.valueAsNumber
  group.overrideLogicalId('ProbeLogs')
  const dashboard = new SondeDashboard(stack, 'Overview', { logGroup: logs.logGroup }).dashboard.node
    .defaultChild as CfnDashboard
  dashboard.cfnOptions.condition = new CfnCondition(stack, 'HasDashboard', {
    expression: Fn.conditionEquals(wanted.valueAsString, 'yes'),
  })
  dashboard.overrideLogicalId('ProbeDashboard')
  new CfnOutput(stack, 'LogGroup', {
    value: logs.logGroup.logGroupName,
    description: 'LogGroup of the stacks of sonde-probe.yaml',
  })
  return stack
}
