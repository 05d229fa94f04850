import { Stack } from 'aws-cdk-lib'
import {
  type CfnRole,
  Effect,
  PolicyDocument,
  PolicyStatement,
  Role,
  ServicePrincipal,
} from 'aws-cdk-lib/aws-iam'
import type { Construct } from 'constructs'
import { accept } from './accept.js'
import type { Place, Statement } from './policy.js'

/** Partition, region and account of a construct's stack: references where the stack isn't bound to any. */
export function placeOf(scope: Construct): Place {
  const { partition, region, account } = Stack.of(scope)
  return { partition, region, account }
}

/** A policy of plain statements. */
export function policyOf(statements: readonly Statement[]): PolicyDocument {
  return new PolicyDocument({
    minimize: false,
    statements: statements.map(
      ({ Sid, Effect: effect, Action, Resource, Condition }) =>
        new PolicyStatement({
          sid: Sid,
          effect: effect === 'Allow' ? Effect.ALLOW : Effect.DENY,
          actions: [...Action],
          resources: [Resource].flat(),
          ...(Condition ? { conditions: Condition } : {}),
        }),
    ),
  })
}

/** A role of Lambda functions, with its policies inside. */
export function functionRole(
  scope: Construct,
  id: string,
  description: string,
  policies: Readonly<Record<string, PolicyDocument>>,
): Role {
  return new Role(scope, id, {
    description,
    assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
    inlinePolicies: { ...policies },
  })
}

/** May write to the streams of one log group, which is there already. `logGroupArn` ends in `:*`, which stands for its streams. */
export function writeLogs(logGroupArn: string): Statement {
  return {
    Sid: 'WriteToTheLogGroup',
    Effect: 'Allow',
    Action: ['logs:CreateLogStream', 'logs:PutLogEvents'],
    Resource: logGroupArn,
  }
}

/**
 * The role with which EventBridge Scheduler calls functions, for schedules of one group alone.
 * https://docs.aws.amazon.com/scheduler/latest/UserGuide/cross-service-confused-deputy-prevention.html
 */
export function schedulerRole(scope: Construct, id: string, groupName: string): Role {
  const { partition, region, account } = placeOf(scope)
  return new Role(scope, id, {
    description: 'Calls the probes of one posture on their schedule',
    assumedBy: new ServicePrincipal('scheduler.amazonaws.com', {
      conditions: {
        StringEquals: {
          'aws:SourceAccount': account,
          'aws:SourceArn': `arn:${partition}:scheduler:${region}:${account}:schedule-group/${groupName}`,
        },
      },
    }),
  })
}

/** Accepts the wildcards that AWS demands in a role's inline policies. */
export function acceptWildcards(role: Role, reason: string, resources: readonly string[] = ['*']): void {
  accept(role.node.defaultChild as CfnRole, [
    {
      nag: resources.map((resource) => `AwsSolutions-IAM5[Resource::${resource}]`),
      // CKV_AWS_111, 109: write access without constraint; they mean the same wildcard.
      checkov: ['CKV_AWS_111', 'CKV_AWS_109'],
      reason,
    },
  ])
}
