import { Names } from 'aws-cdk-lib'
import { PolicyStatement } from 'aws-cdk-lib/aws-iam'
import { CfnSchedule, CfnScheduleGroup } from 'aws-cdk-lib/aws-scheduler'
import type { Construct } from 'constructs'
import { schedulerRole } from './roles.js'
import { windowOf } from './standpoint.js'

/** Every 15 minutes: the API deletes what is past its retention and collects the configuration. */
export function upkeepSchedule(scope: Construct, functionArn: string): void {
  const name = Names.uniqueResourceName(scope, { maxLength: 64, separator: '-' })
  const group = new CfnScheduleGroup(scope, 'Schedules', { name })
  const caller = schedulerRole(scope, 'Caller', name)
  caller.addToPolicy(new PolicyStatement({ actions: ['lambda:InvokeFunction'], resources: [functionArn] }))
  new CfnSchedule(scope, 'Upkeep', {
    groupName: group.ref,
    scheduleExpression: 'rate(15 minutes)',
    flexibleTimeWindow: windowOf(5),
    target: {
      arn: functionArn,
      roleArn: caller.roleArn,
      input: JSON.stringify({ sonde: 'upkeep' }),
      retryPolicy: { maximumRetryAttempts: 0, maximumEventAgeInSeconds: 600 },
    },
  })
}
