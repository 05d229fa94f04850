import { Aws, CfnCondition, CfnOutput, Duration, Fn, type Stack, Tags, Token } from 'aws-cdk-lib'
import type { CfnAlarm } from 'aws-cdk-lib/aws-cloudwatch'
import { CfnPolicy } from 'aws-cdk-lib/aws-iam'
import { CfnScheduleGroup } from 'aws-cdk-lib/aws-scheduler'
import { PROBE_TAG } from '../../../api/discovery/plan-file.schema.js'
import { accept, acknowledge } from '../lib/accept.js'
import { probeAlarm } from '../lib/alarms.js'
import { eniStatements } from '../lib/policy.js'
import { acceptWildcards, functionRole, placeOf, policyOf, schedulerRole, writeLogs } from '../lib/roles.js'
import { Standpoint, type StandpointProps, windowOf } from '../lib/standpoint.js'
import { type ProbeParameters, probeParameters } from './probe-parameters.js'
import { plainStack } from './stack.js'

/** One posture: what the construct `SondeProbe` makes, with parameters in the place of its properties. */
export function probeTemplate(): Stack {
  const stack = plainStack(
    'sonde-probe',
    'Sonde: probes of one posture, one in each of its subnets, with its own security groups',
  )
  const given = probeParameters(stack)
  const conditions = conditionsOf(stack, given)
  const groupName = `sonde-${given.posture}`
  const group = new CfnScheduleGroup(stack, 'Schedules', { name: groupName })
  const caller = schedulerRole(stack, 'Caller', groupName)
  const shared = {
    ...sharedProps(given, conditions),
    roleArn: probeRole(stack, given, conditions.hasChecks),
    schedule: {
      groupName: group.ref,
      roleArn: caller.roleArn,
      expression: given.rate,
      window: windowOf(1),
      enabled: true,
    },
  }
  const functionArns = given.subnets.map((subnet, index) => {
    const condition = index === 0 ? undefined : notEmpty(stack, `HasSubnet${index + 1}`, subnet)
    const standpoint = new Standpoint(stack, `Probe${index + 1}`, {
      ...shared,
      subnet,
      functionName: `sonde-${given.posture}-${index + 1}`,
      description: `Sonde: what the posture ${given.posture} reaches from ${subnet}`,
      environment: { ...shared.environment, SONDE_SUBNET: subnet },
      ...(condition ? { condition } : {}),
    })
    alarmOf(standpoint, subnet, given, conditions, condition)
    const output = new CfnOutput(stack, `Function${index + 1}`, { value: standpoint.functionName })
    if (!condition) return standpoint.functionArn
    output.condition = condition
    return Token.asString(Fn.conditionIf(condition.logicalId, standpoint.functionArn, Aws.NO_VALUE))
  })
  callFrom(stack, caller.roleName, functionArns)
  Tags.of(stack).add(PROBE_TAG, given.posture)
  acknowledge(
    stack,
    ['CloudFormation-Validate::W1030'],
    'An empty default stands for a subnet or a topic that is not there; conditions keep it from being used.',
  )
  return stack
}

interface Conditions {
  readonly hasCheckMetrics: CfnCondition
  readonly hasProbeMetrics: CfnCondition
  readonly hasAlarms: CfnCondition
  readonly hasTopic: CfnCondition
  readonly hasChecks: CfnCondition
}

function conditionsOf(stack: Stack, given: ProbeParameters): Conditions {
  const hasAlarms = new CfnCondition(stack, 'HasAlarms', {
    expression: Fn.conditionEquals(given.alarms, 'yes'),
  })
  return {
    hasAlarms,
    hasCheckMetrics: new CfnCondition(stack, 'HasCheckMetrics', {
      expression: Fn.conditionEquals(given.metrics, 'check'),
    }),
    hasProbeMetrics: new CfnCondition(stack, 'HasProbeMetrics', {
      expression: Fn.conditionOr(hasAlarms, Fn.conditionEquals(given.metrics, 'probe')),
    }),
    hasTopic: notEmpty(stack, 'HasTopic', given.alarmTopic),
    hasChecks: notEmpty(stack, 'HasAwsChecks', Fn.join('', [...given.awsActions])),
  }
}

function notEmpty(stack: Stack, id: string, value: string): CfnCondition {
  return new CfnCondition(stack, id, { expression: Fn.conditionNot(Fn.conditionEquals(value, '')) })
}

function sharedProps(
  given: ProbeParameters,
  { hasCheckMetrics, hasProbeMetrics }: Conditions,
): Omit<StandpointProps, 'subnet' | 'functionName' | 'description' | 'roleArn' | 'schedule'> {
  return {
    securityGroups: given.securityGroups,
    ipv6: false,
    code: { bucket: given.codeBucket, key: given.codeKey },
    environment: {
      SONDE_SECURITY_GROUPS: Fn.join(',', [...given.securityGroups]),
      SONDE_WORKLOADS: given.workloads,
      SONDE_INTERVAL_MS: given.intervalMs,
      SONDE_ALLOW: given.allow,
      SONDE_PLAN: given.plan,
      SONDE_EMF: Token.asString(
        Fn.conditionIf(
          hasCheckMetrics.logicalId,
          '1',
          Fn.conditionIf(hasProbeMetrics.logicalId, 'probe', '0'),
        ),
      ),
    },
    logGroupName: given.logGroup,
    memoryMb: given.memoryMb,
    timeoutSeconds: given.timeoutSeconds,
  }
}

function probeRole(stack: Stack, given: ProbeParameters, hasChecks: CfnCondition): string {
  const { partition, region, account } = placeOf(stack)
  const role = functionRole(stack, 'Role', 'Probes of one posture', {
    Probe: policyOf([
      writeLogs(`arn:${partition}:logs:${region}:${account}:log-group:${given.logGroup}:*`),
      ...eniStatements({ partition, region, account }),
    ]),
  })
  acceptWildcards(
    role,
    "AWS knows no narrower resource for a function's interfaces; the function's own code is denied them.",
  )
  const checks = new CfnPolicy(stack, 'AwsChecks', {
    policyName: 'AwsChecks',
    roles: [role.roleName],
    policyDocument: {
      Version: '2012-10-17',
      Statement: [{ Sid: 'AwsChecks', Effect: 'Allow', Action: given.awsActions, Resource: '*' }],
    },
  })
  checks.cfnOptions.condition = hasChecks
  accept(checks, [
    {
      nag: ['AwsSolutions-IAM5[Resource::*]'],
      reason: 'The actions are lists that aws checks read; AWS knows no narrower resource for them.',
    },
  ])
  return role.roleArn
}

function callFrom(stack: Stack, roleName: string, functionArns: readonly string[]): void {
  new CfnPolicy(stack, 'Calls', {
    policyName: 'CallTheProbes',
    roles: [roleName],
    policyDocument: {
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Action: 'lambda:InvokeFunction', Resource: functionArns }],
    },
  })
}

function alarmOf(
  standpoint: Standpoint,
  subnet: string,
  given: ProbeParameters,
  { hasAlarms, hasTopic }: Conditions,
  hasSubnet: CfnCondition | undefined,
): void {
  // The construct wants to know its period; the parameter's takes its place.
  const alarm = probeAlarm(standpoint, standpoint.functionName, subnet, Duration.minutes(1), {}).node
    .defaultChild as CfnAlarm
  alarm.addPropertyOverride('Period', given.intervalSeconds)
  const topic = Fn.conditionIf(hasTopic.logicalId, [given.alarmTopic], Aws.NO_VALUE)
  alarm.addPropertyOverride('AlarmActions', topic)
  alarm.addPropertyOverride('OKActions', topic)
  alarm.cfnOptions.condition = hasSubnet
    ? new CfnCondition(standpoint, 'HasAlarm', { expression: Fn.conditionAnd(hasAlarms, hasSubnet) })
    : hasAlarms
}
