import { RemovalPolicy } from 'aws-cdk-lib'
import type { IKey } from 'aws-cdk-lib/aws-kms'
import { type CfnLogGroup, LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs'
import { Construct } from 'constructs'
import { accept } from './accept.js'

export interface SondeLogsProps {
  /** Default `/sonde/probes`. */
  readonly logGroupName?: string
  /**
   * How long report lines stay. Default two weeks: the API keeps what it made of them, and can be rebuilt from what is left here.
   */
  readonly retention?: RetentionDays
  /** Key that encrypts the lines. Default: the one that CloudWatch Logs keeps itself. */
  readonly encryptionKey?: IKey
  /** What happens to the lines when the stack is deleted. Default: they are deleted with it. */
  readonly removalPolicy?: RemovalPolicy
}

/**
 * The one log group that all probes of a region write to. Reading one group a function would meet CloudWatch's quota of calls
 * (https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/cloudwatch_limits_cwl.html).
 */
export class SondeLogs extends Construct {
  readonly logGroup: LogGroup

  constructor(scope: Construct, id: string, props: SondeLogsProps = {}) {
    super(scope, id)
    this.logGroup = new LogGroup(this, 'Group', {
      logGroupName: props.logGroupName ?? '/sonde/probes',
      retention: props.retention ?? RetentionDays.TWO_WEEKS,
      removalPolicy: props.removalPolicy ?? RemovalPolicy.DESTROY,
      ...(props.encryptionKey ? { encryptionKey: props.encryptionKey } : {}),
    })
    acceptLogGroup(this.logGroup, props.encryptionKey !== undefined)
  }
}

/** What a log group of Sonde doesn't follow. */
export function acceptLogGroup(group: LogGroup, hasKey: boolean): void {
  const resource = group.node.defaultChild as CfnLogGroup
  accept(resource, [
    {
      checkov: ['CKV_AWS_338'],
      reason:
        'Report lines are raw material: what is made of them is kept by the API; a year of lines would only cost.',
    },
    ...(hasKey
      ? []
      : [
          {
            checkov: ['CKV_AWS_158'],
            reason:
              'Encrypted with the key of CloudWatch Logs; lines hold no secrets (no bodies, credentials, query strings). encryptionKey sets a key of your own.',
          },
        ]),
  ])
}
