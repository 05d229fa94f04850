import { CfnMapping, CfnParameter, Fn, type Stack } from 'aws-cdk-lib'
import { VERSION } from '../../../probe/version.js'
import { alarmTopic, logGroupName } from './stack.js'

/** Subnets that the template has parameters for; a posture of more is two stacks. */
export const MOST_SUBNETS = 6
const MINUTES = [1, 2, 5, 10, 15, 30, 60]
const SUBNET = 'subnet-[0-9a-f]{8,17}'

/** The parameters of the probe's template, and what is read from them. */
export interface ProbeParameters {
  readonly posture: string
  readonly subnets: readonly string[]
  readonly securityGroups: readonly string[]
  readonly plan: string
  readonly allow: string
  readonly awsActions: readonly string[]
  readonly workloads: string
  readonly codeBucket: string
  readonly codeKey: string
  readonly logGroup: string
  readonly rate: string
  readonly intervalMs: string
  readonly intervalSeconds: string
  readonly memoryMb: number
  readonly timeoutSeconds: number
  readonly metrics: string
  readonly alarms: string
  readonly alarmTopic: string
}

/** Adds the parameters to a stack, in the order in which a person fills them in. */
export function probeParameters(stack: Stack): ProbeParameters {
  const text = (id: string, props: ConstructorParameters<typeof CfnParameter>[2]): CfnParameter =>
    new CfnParameter(stack, id, props)
  const posture = text('Posture', {
    allowedPattern: '[A-Za-z0-9][A-Za-z0-9-]{0,54}',
    description: 'Name of the posture; a part of the names of the probes',
  })
  const subnets = Array.from({ length: MOST_SUBNETS }, (_, index) =>
    index === 0
      ? text('Subnet1', { allowedPattern: SUBNET, description: 'First subnet of the posture' })
      : text(`Subnet${index + 1}`, {
          default: '',
          allowedPattern: `|${SUBNET}`,
          description: 'One more subnet of the posture, if there is one',
        }),
  )
  const securityGroups = text('SecurityGroups', {
    type: 'List<AWS::EC2::SecurityGroup::Id>',
    description: "The workload's own security groups, all of them",
  })
  const plan = text('Plan', {
    default: '',
    description:
      'The plan, as JSON: {"version":1,"checks":[…]}; empty where it is in the zip file, as plan.json',
    allowedPattern: '|\\s*\\{[\\s\\S]*\\}\\s*',
  })
  const allow = text('Allow', {
    description:
      'What may be contacted, whatever plan comes: names, *.suffix, addresses and ranges, each with a port or for all',
    allowedPattern: '\\S[\\s\\S]*',
  })
  const awsActions = text('AwsActions', {
    type: 'CommaDelimitedList',
    default: '',
    description:
      "IAM actions of the plan's aws checks, such as dynamodb:ListTables; none: the calls are denied, which proves the path as well",
  })
  const workloads = text('Workloads', {
    default: '',
    description: 'Names of the functions that share the posture, separated by commas',
  })
  const codeBucket = text('CodeBucket', {
    description: "Bucket of this region that holds the probe's bundle",
  })
  const codeKey = text('CodeKey', {
    default: `sonde/probe-${VERSION}.zip`,
    description: "Key of the probe's bundle",
  })
  const logGroup = logGroupName(stack)
  const every = text('EveryMinutes', {
    default: '5',
    allowedValues: MINUTES.map(String),
    description: 'Minutes between two runs',
  })
  const memory = text('MemoryMb', { type: 'Number', default: '256', minValue: 128, maxValue: 10240 })
  const timeout = text('TimeoutSeconds', { type: 'Number', default: '60', minValue: 5, maxValue: 900 })
  const metrics = text('Metrics', {
    default: 'no',
    allowedValues: ['no', 'probe', 'check'],
    description:
      'Whether report lines are CloudWatch metrics as well: one a probe, or six for each check; each is billed',
  })
  const alarms = text('Alarms', {
    default: 'no',
    allowedValues: ['yes', 'no'],
    description: 'Whether each probe gets an alarm; implies Metrics=probe',
  })
  const topic = alarmTopic(stack)
  const intervals = new CfnMapping(stack, 'Intervals', {
    mapping: Object.fromEntries(
      MINUTES.map((minutes) => [
        String(minutes),
        {
          Rate: minutes === 1 ? 'rate(1 minute)' : `rate(${minutes} minutes)`,
          Seconds: String(minutes * 60),
          Milliseconds: String(minutes * 60_000),
        },
      ]),
    ),
  })
  const interval = (unit: string): string => intervals.findInMap(Fn.ref(every.logicalId), unit)
  return {
    posture: posture.valueAsString,
    subnets: subnets.map(({ valueAsString }) => valueAsString),
    securityGroups: securityGroups.valueAsList,
    plan: plan.valueAsString,
    allow: allow.valueAsString,
    awsActions: awsActions.valueAsList,
    workloads: workloads.valueAsString,
    codeBucket: codeBucket.valueAsString,
    codeKey: codeKey.valueAsString,
    logGroup: logGroup.valueAsString,
    rate: interval('Rate'),
    intervalMs: interval('Milliseconds'),
    intervalSeconds: interval('Seconds'),
    memoryMb: memory.valueAsNumber,
    timeoutSeconds: timeout.valueAsNumber,
    metrics: metrics.valueAsString,
    alarms: alarms.valueAsString,
    alarmTopic: topic.valueAsString,
  }
}
