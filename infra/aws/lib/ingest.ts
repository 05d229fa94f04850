import { Duration, Stack } from 'aws-cdk-lib'
import { Alarm, ComparisonOperator, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch'
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions'
import type { ITable } from 'aws-cdk-lib/aws-dynamodb'
import type { IKey } from 'aws-cdk-lib/aws-kms'
import { CfnPermission } from 'aws-cdk-lib/aws-lambda'
import { CfnSubscriptionFilter, type ILogGroup } from 'aws-cdk-lib/aws-logs'
import type { ITopic } from 'aws-cdk-lib/aws-sns'
import { type CfnQueue, Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs'
import { Construct } from 'constructs'
import { accept } from './accept.js'
import type { CodeLocation } from './bundle.js'
import { ServiceFunction } from './service.js'
import { useTable } from './table.js'

export interface SondeIngestProps {
  /** The log group that all probes share. */
  readonly logGroup: ILogGroup
  readonly table: ITable
  /** The table's key, where it has one of the account. */
  readonly tableKey?: IKey
  readonly code: CodeLocation
  readonly environment: Readonly<Record<string, string>>
  readonly reservedConcurrency?: number
  /** Told when deliveries could not be taken in. */
  readonly alarmTopic?: ITopic
}

/**
 * Takes in what the probes print: a subscription filter of the shared log group calls a function, and what it couldn't take in after
 * two more tries waits in a queue. A delivery may come twice or late; the store counts a report once, whatever its order.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/SubscriptionFilters.html
 */
export class SondeIngest extends Construct {
  readonly service: ServiceFunction
  readonly deadLetters: Queue

  constructor(scope: Construct, id: string, props: SondeIngestProps) {
    super(scope, id)
    this.deadLetters = new Queue(this, 'Undelivered', {
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      retentionPeriod: Duration.days(14),
    })
    accept(this.deadLetters.node.defaultChild as CfnQueue, [
      {
        nag: ['AwsSolutions-SQS3'],
        checkov: ['CKV_AWS_27'],
        reason: 'It is the queue of dead letters itself, encrypted with the key of SQS.',
      },
    ])
    this.service = new ServiceFunction(this, 'Ingest', {
      description: 'Sonde: takes in the report lines of the probes',
      code: props.code,
      environment: props.environment,
      statements: [
        useTable(props.table),
        {
          Sid: 'KeepWhatFailed',
          Effect: 'Allow',
          Action: ['sqs:SendMessage'],
          Resource: this.deadLetters.queueArn,
        },
      ],
      memoryMb: 512,
      timeout: Duration.seconds(60),
      deadLetterArn: this.deadLetters.queueArn,
      ...(props.reservedConcurrency === undefined ? {} : { reservedConcurrency: props.reservedConcurrency }),
    })
    props.tableKey?.grantEncryptDecrypt(this.service.role)
    this.subscribe(props.logGroup)
    this.alarm(props.alarmTopic)
  }

  private subscribe(logGroup: ILogGroup): void {
    const { partition, account } = Stack.of(this)
    const permission = new CfnPermission(this, 'LogsMayCall', {
      action: 'lambda:InvokeFunction',
      functionName: this.service.resource.attrArn,
      principal: 'logs.amazonaws.com',
      sourceAccount: account,
      sourceArn: `arn:${partition}:logs:${Stack.of(this).region}:${account}:log-group:${logGroup.logGroupName}:*`,
    })
    const filter = new CfnSubscriptionFilter(this, 'Subscription', {
      logGroupName: logGroup.logGroupName,
      destinationArn: this.service.resource.attrArn,
      // Every report and every refusal to run has the word; Lambda's own lines don't.
      filterPattern: '"sonde"',
    })
    // CloudWatch tries the call when the filter is made.
    filter.addResourceDependency(permission)
  }

  private alarm(topic: ITopic | undefined): void {
    const alarm = new Alarm(this, 'UndeliveredAlarm', {
      alarmDescription:
        'Sonde: report lines could not be taken in and wait in the queue. They are still in the log group and in the queue; sent to the function again they count once.',
      metric: this.deadLetters.metricApproximateNumberOfMessagesVisible({ period: Duration.minutes(5) }),
      threshold: 0,
      comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
      evaluationPeriods: 1,
      treatMissingData: TreatMissingData.NOT_BREACHING,
    })
    if (topic) alarm.addAlarmAction(new SnsAction(topic))
  }
}
