import { CfnCondition, CfnOutput, Fn, type Stack } from 'aws-cdk-lib'
import { LogGroup } from 'aws-cdk-lib/aws-logs'
import { Topic } from 'aws-cdk-lib/aws-sns'
import { VERSION } from '../../../probe/version.js'
import { acknowledge } from '../lib/accept.js'
import { SondeApi } from '../lib/api.js'
import { alarmTopic, logGroupName, parameter, plainStack } from './stack.js'

/**
 * The API behind a Function URL that takes signed requests alone: what the construct `SondeApi` makes with `auth: 'iam'`, which
 * needs nothing that has to be known before it is deployed.
 */
export function apiTemplate(): Stack {
  const stack = plainStack('sonde-api', 'Sonde: the API and its page without a server, state in DynamoDB')
  const logGroup = logGroupName(stack)
  const bucket = parameter(stack, 'CodeBucket', {
    description: 'Bucket of this region that holds both bundles',
  })
  const code = (id: string, name: string) => ({
    bucket: bucket.valueAsString,
    key: parameter(stack, id, {
      default: `sonde/${name}-${VERSION}.zip`,
      description: `Key of dist/lambda-${name}.zip`,
    }).valueAsString,
  })
  const topic = alarmTopic(stack)
  const hasTopic = new CfnCondition(stack, 'HasTopic', {
    expression: Fn.conditionNot(Fn.conditionEquals(topic.valueAsString, '')),
  })
  const told = Fn.conditionIf(hasTopic.logicalId, topic.valueAsString, { Ref: 'AWS::NoValue' }).toString()
  const api = new SondeApi(stack, 'Sonde', {
    logGroup: LogGroup.fromLogGroupName(stack, 'Probes', logGroup.valueAsString),
    auth: 'iam',
    alarmTopic: Topic.fromTopicArn(stack, 'Alarms', told),
    code: { api: code('ApiKey', 'api'), ingest: code('IngestKey', 'ingest') },
  })
  acknowledge(
    stack,
    ['CloudFormation-Validate::W1030'],
    'An empty default stands for a topic that is not there; a condition keeps it from being used.',
  )
  new CfnOutput(stack, 'Table', { value: api.table.tableName, description: 'The table with the state' })
  return stack
}
