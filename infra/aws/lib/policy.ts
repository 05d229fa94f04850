import { awsServices } from '../../../probe/checks/aws-services.js'
import type { Plan } from '../../../probe/plan.schema.js'

/** An IAM statement, as it stands in a template. */
export interface Statement {
  readonly Sid: string
  readonly Effect: 'Allow' | 'Deny'
  readonly Action: readonly string[]
  readonly Resource: string | readonly string[]
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>
}

/** Where a policy is to hold; in a template each may be a reference. */
export interface Place {
  readonly partition: string
  readonly region: string
  readonly account: string
}

/**
 * What Lambda itself needs of a function's role to attach the function to a VPC: the actions of
 * AWSLambdaVPCAccessExecutionRole without its rights on every log group. AWS demands `"Resource": "*"`.
 * https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html#configuration-vpc-permissions
 * https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AWSLambdaVPCAccessExecutionRole.html
 */
export const ENI_ACTIONS: readonly string[] = [
  'ec2:AssignPrivateIpAddresses',
  'ec2:CreateNetworkInterface',
  'ec2:DeleteNetworkInterface',
  'ec2:DescribeNetworkInterfaces',
  'ec2:DescribeSubnets',
  'ec2:UnassignPrivateIpAddresses',
]

/**
 * The statements that let Lambda make a probe's network interface and forbid it to the probe's own code: calls from inside of
 * an execution environment carry `lambda:SourceFunctionArn`, and those that Lambda makes to create an interface don't.
 * https://docs.aws.amazon.com/lambda/latest/dg/permissions-source-function-arn.html
 *
 * The pattern stands for every function of the account and region: whichever function runs with this role.
 */
export function eniStatements({ partition, region, account }: Place): readonly Statement[] {
  return [
    { Sid: 'LambdaMakesTheInterface', Effect: 'Allow', Action: ENI_ACTIONS, Resource: '*' },
    {
      Sid: 'CodeDoesNot',
      Effect: 'Deny',
      Action: ENI_ACTIONS,
      Resource: '*',
      Condition: {
        ArnLike: { 'lambda:SourceFunctionArn': `arn:${partition}:lambda:${region}:${account}:function:*` },
      },
    },
  ]
}

/**
 * What a plan's signed `aws` checks call, and nothing else: reads that list. None of them knows a narrower resource than all of
 * its kind, except API Gateway's, where the action would be every read of the service.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-iam-policy-examples.html
 */
export function checkStatements(plan: Plan, { partition, region }: Place): readonly Statement[] {
  const actions = awsActions(plan)
  const listing = actions.filter((action) => action !== 'apigateway:GET')
  return [
    ...(listing.length === 0
      ? []
      : [{ Sid: 'AwsChecks', Effect: 'Allow' as const, Action: listing, Resource: '*' }]),
    ...(listing.length === actions.length
      ? []
      : [
          {
            Sid: 'ApiGatewayCheck',
            Effect: 'Allow' as const,
            Action: ['apigateway:GET'],
            Resource: `arn:${partition}:apigateway:${region}::/account`,
          },
        ]),
  ]
}

/** The IAM actions of a plan's signed `aws` checks, sorted, each once. */
export function awsActions(plan: Plan): readonly string[] {
  const actions = plan.checks.flatMap((check) => {
    if (check.kind !== 'aws' || check.signed === false) return []
    const service = awsServices[check.service]
    return service === undefined ? [] : [service.action]
  })
  return [...new Set(actions)].sort()
}
