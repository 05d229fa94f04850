import type { CfnCondition } from 'aws-cdk-lib'
import { CfnEventInvokeConfig, CfnFunction, Runtime } from 'aws-cdk-lib/aws-lambda'
import { CfnSchedule } from 'aws-cdk-lib/aws-scheduler'
import { Construct } from 'constructs'
import { accept } from './accept.js'
import type { CodeLocation } from './bundle.js'

/** The newest runtime under long-term support that the library knows. */
export const RUNTIME = Runtime.NODEJS_24_X

/** What one probe is made of; all of it decided by whoever makes it. */
export interface StandpointProps {
  readonly functionName: string
  readonly description: string
  readonly subnet: string
  readonly securityGroups: readonly string[]
  readonly ipv6: boolean
  readonly code: CodeLocation
  readonly environment: Readonly<Record<string, string>>
  readonly roleArn: string
  readonly logGroupName: string
  readonly memoryMb: number
  readonly timeoutSeconds: number
  readonly reservedConcurrency?: number
  readonly schedule: StandpointSchedule
  /** Where it isn't always made. */
  readonly condition?: CfnCondition
}

export interface StandpointSchedule {
  readonly groupName: string
  readonly roleArn: string
  readonly expression: string
  readonly window: CfnSchedule.FlexibleTimeWindowProperty
  readonly enabled: boolean
}

/**
 * A window of so many minutes spreads the probes of many postures, so that a database doesn't see all of them in the same second;
 * zero is none. https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-schedule-flexible-time-windows.html
 */
export function windowOf(minutes: number): CfnSchedule.FlexibleTimeWindowProperty {
  return minutes > 0 ? { mode: 'FLEXIBLE', maximumWindowInMinutes: minutes } : { mode: 'OFF' }
}

/**
 * One probe: a function in one subnet with the workload's own security groups, and the schedule that calls it.
 *
 * Functions with the same subnet and the same set of security groups share their Hyperplane network interfaces, so the probe stands
 * on the workload's and adds none: https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html#configuration-vpc-enis
 */
export class Standpoint extends Construct {
  readonly functionArn: string
  readonly functionName: string

  constructor(scope: Construct, id: string, props: StandpointProps) {
    super(scope, id)
    const probe = this.function(props)
    this.functionArn = probe.attrArn
    this.functionName = probe.ref
    // A late answer to an old question is worth nothing: no retries, the next run comes by itself.
    const invocations = new CfnEventInvokeConfig(this, 'Invocations', {
      functionName: probe.ref,
      qualifier: '$LATEST',
      maximumRetryAttempts: 0,
      maximumEventAgeInSeconds: 60,
    })
    const schedule = this.schedule(props, probe.attrArn)
    if (props.condition)
      for (const resource of [probe, invocations, schedule]) resource.cfnOptions.condition = props.condition
  }

  private function(props: StandpointProps): CfnFunction {
    const probe = new CfnFunction(this, 'Function', {
      functionName: props.functionName,
      description: props.description,
      runtime: RUNTIME.name,
      architectures: ['arm64'],
      handler: 'index.handler',
      code: { s3Bucket: props.code.bucket, s3Key: props.code.key },
      role: props.roleArn,
      memorySize: props.memoryMb,
      timeout: props.timeoutSeconds,
      environment: { variables: props.environment },
      vpcConfig: {
        subnetIds: [props.subnet],
        securityGroupIds: [...props.securityGroups],
        ...(props.ipv6 ? { ipv6AllowedForDualStack: true } : {}),
      },
      // JSON lets Lambda keep its own START, END and REPORT lines back, which are half of what a probe would log.
      // https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-log-level.html
      loggingConfig: {
        logGroup: props.logGroupName,
        logFormat: 'JSON',
        systemLogLevel: 'WARN',
        applicationLogLevel: 'INFO',
      },
      ...(props.reservedConcurrency === undefined
        ? {}
        : { reservedConcurrentExecutions: props.reservedConcurrency }),
    })
    accept(probe, [
      {
        checkov: ['CKV_AWS_116'],
        reason:
          'A run that was lost is told by its silence; a queue of old runs would only tell of the past.',
      },
      { checkov: ['CKV_AWS_173'], reason: 'The environment holds ids and host names, never a secret.' },
      {
        checkov: ['CKV_AWS_50', 'CKV_AWS_272'],
        reason:
          'A probe calls nothing that could be traced further; code signing is a decision of the account.',
      },
      ...(props.reservedConcurrency === undefined
        ? [
            {
              checkov: ['CKV_AWS_115'],
              reason:
                'Reserving takes from the pool of the account, which production needs; a schedule calls one at a time.',
            },
          ]
        : []),
    ])
    return probe
  }

  private schedule({ schedule }: StandpointProps, functionArn: string): CfnSchedule {
    return new CfnSchedule(this, 'Schedule', {
      groupName: schedule.groupName,
      scheduleExpression: schedule.expression,
      flexibleTimeWindow: schedule.window,
      state: schedule.enabled ? 'ENABLED' : 'DISABLED',
      target: {
        arn: functionArn,
        roleArn: schedule.roleArn,
        input: '{}',
        retryPolicy: { maximumRetryAttempts: 0, maximumEventAgeInSeconds: 60 },
      },
    })
  }
}
