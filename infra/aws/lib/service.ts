import { type Duration, RemovalPolicy } from 'aws-cdk-lib'
import type { Role } from 'aws-cdk-lib/aws-iam'
import { CfnFunction, type IFunction, Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda'
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs'
import { Construct } from 'constructs'
import { type Acceptance, accept } from './accept.js'
import type { CodeLocation } from './bundle.js'
import { acceptLogGroup } from './logs.js'
import type { Statement } from './policy.js'
import { acceptWildcards, functionRole, policyOf, writeLogs } from './roles.js'
import { RUNTIME } from './standpoint.js'

export interface ServiceFunctionProps {
  readonly description: string
  readonly code: CodeLocation
  readonly environment: Readonly<Record<string, string>>
  /** What it may do besides writing its own log. */
  readonly statements: readonly Statement[]
  /** Why some of the statements are for every resource; undefined where none is. */
  readonly whyWildcards?: string
  /** Resources with a wildcard in their statements, as cdk-nag names them. */
  readonly wildcards?: readonly string[]
  readonly memoryMb: number
  readonly timeout: Duration
  readonly reservedConcurrency?: number
  /** Findings that are right to be there because of what its environment holds. */
  readonly accepts?: readonly Acceptance[]
  /** Queue of what could not be done, for a function that is called without waiting for its answer. */
  readonly deadLetterArn?: string
}

/** A function of the API itself: outside of every VPC, with a log group and a role of its own. */
export class ServiceFunction extends Construct {
  readonly function: IFunction
  readonly resource: CfnFunction
  readonly role: Role

  constructor(scope: Construct, id: string, props: ServiceFunctionProps) {
    super(scope, id)
    const logGroup = new LogGroup(this, 'Logs', {
      retention: RetentionDays.TWO_WEEKS,
      removalPolicy: RemovalPolicy.DESTROY,
    })
    acceptLogGroup(logGroup, false)
    this.role = functionRole(this, 'Role', props.description, {
      Function: policyOf([writeLogs(logGroup.logGroupArn), ...props.statements]),
    })
    if (props.whyWildcards !== undefined) acceptWildcards(this.role, props.whyWildcards, props.wildcards)
    this.resource = new CfnFunction(this, 'Function', {
      description: props.description,
      runtime: RUNTIME.name,
      architectures: ['arm64'],
      handler: 'index.handler',
      code: { s3Bucket: props.code.bucket, s3Key: props.code.key },
      role: this.role.roleArn,
      memorySize: props.memoryMb,
      timeout: props.timeout.toSeconds(),
      environment: { variables: { NODE_OPTIONS: '--enable-source-maps', ...props.environment } },
      loggingConfig: { logGroup: logGroup.logGroupName, logFormat: 'JSON', applicationLogLevel: 'INFO' },
      ...(props.deadLetterArn === undefined ? {} : { deadLetterConfig: { targetArn: props.deadLetterArn } }),
      ...(props.reservedConcurrency === undefined
        ? {}
        : { reservedConcurrentExecutions: props.reservedConcurrency }),
    })
    accept(this.resource, [
      ...(props.accepts ?? []),
      {
        checkov: ['CKV_AWS_117'],
        reason: 'It talks to AWS alone; inside a VPC it would need a NAT gateway or endpoints for that.',
      },
      {
        checkov: ['CKV_AWS_173'],
        reason: 'The environment holds names and hashes of tokens, never a secret.',
      },
      {
        checkov: ['CKV_AWS_50', 'CKV_AWS_272'],
        reason: 'Tracing and code signing are decisions of the account.',
      },
      ...(props.deadLetterArn === undefined
        ? [
            {
              checkov: ['CKV_AWS_116'],
              reason: 'Who calls it waits for the answer: nothing is left undelivered.',
            },
          ]
        : []),
      ...(props.reservedConcurrency === undefined
        ? [
            {
              checkov: ['CKV_AWS_115'],
              reason:
                'Reserving takes from the pool of the account, which production needs; reservedConcurrency sets it.',
            },
          ]
        : []),
    ])
    this.function = LambdaFunction.fromFunctionAttributes(this, 'Reference', {
      functionArn: this.resource.attrArn,
      role: this.role,
      sameEnvironment: true,
    })
  }
}
