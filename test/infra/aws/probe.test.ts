import type { Stack } from 'aws-cdk-lib'
import t from 'tap'
import type { SondeProbeProps } from '../../../infra/aws/index.js'
import { ENI_ACTIONS } from '../../../infra/aws/lib/policy.js'
import {
  cdk,
  cdkAssertions,
  cdkSns,
  findings,
  newStack,
  resources,
  skip,
  statements,
  template,
} from './support.js'

// Loading the library takes half a minute where others work on the machine too.
t.setTimeout(900_000)

const SUBNETS = ['subnet-0a000000000000001', 'subnet-0a000000000000002', 'subnet-0a000000000000003']
const GROUPS = ['sg-0b000000000000001', 'sg-0b000000000000002']
const PLAN = {
  version: 1,
  checks: [
    { name: 'orders-db', kind: 'postgres', host: 'orders.example.internal', port: 5432 },
    { name: 'internet', kind: 'http', url: 'https://api.example.com/health' },
    { name: 'dynamodb', kind: 'aws', service: 'dynamodb' },
    { name: 'queue', kind: 'aws', service: 'sqs', signed: false },
    { name: 'gateway', kind: 'aws', service: 'apigateway' },
  ],
}

/** The environment of the first probe. */
function environment(stack: Stack): Readonly<Record<string, unknown>> {
  const [first] = resources(stack, 'AWS::Lambda::Function')
  const { Environment } = first ?? {}
  if (typeof Environment !== 'object' || Environment === null || !('Variables' in Environment))
    throw new Error('the probe has an environment')
  return { ...Object(Environment.Variables) }
}

async function probes(given: Partial<SondeProbeProps> = {}, env?: { account: string; region: string }) {
  const { SondeLogs, SondeProbe } = await import('../../../infra/aws/index.js')
  const stack = newStack(env)
  const { logGroup } = new SondeLogs(stack, 'Logs')
  const probe = new SondeProbe(stack, 'Orders', {
    posture: 'orders',
    subnets: SUBNETS,
    securityGroups: GROUPS,
    plan: PLAN,
    logGroup,
    ...given,
  })
  return { stack, probe }
}

t.test(
  'a posture of three subnets has three probes, each in one of them, with all of its groups',
  { skip },
  async (t) => {
    const { stack, probe } = await probes()
    const functions = resources(stack, 'AWS::Lambda::Function')
    t.equal(functions.length, 3)
    t.equal(probe.functions.length, 3)
    t.strictSame(
      functions.map(({ VpcConfig }) => VpcConfig),
      SUBNETS.map((subnet) => ({ SubnetIds: [subnet], SecurityGroupIds: GROUPS })),
    )
    const types = Object.values(template(stack).toJSON().Resources as Record<string, { Type: string }>)
    t.notOk(
      types.some(({ Type }) => Type.startsWith('AWS::EC2::')),
      'it makes nothing in the network',
    )
    for (const made of functions) {
      t.match(made, { Runtime: 'nodejs24.x', Architectures: ['arm64'], Handler: 'index.handler' })
      t.match(
        made,
        { LoggingConfig: { LogGroup: { Ref: /^Logs/ }, LogFormat: 'JSON' } },
        'one log group for all',
      )
      t.notOk('ReservedConcurrentExecutions' in made, 'takes nothing from the pool of the account unasked')
    }
  },
)

t.test('every probe knows where it stands', { skip }, async (t) => {
  const { Duration } = cdk()
  const { stack } = await probes({
    workloads: ['orders-api', 'orders-worker'],
    interval: Duration.minutes(2),
  })
  const Variables = environment(stack)
  t.match(Variables, {
    SONDE_SUBNET: SUBNETS[0],
    SONDE_SECURITY_GROUPS: GROUPS.join(','),
    SONDE_WORKLOADS: 'orders-api,orders-worker',
    SONDE_INTERVAL_MS: '120000',
  })
  t.notOk('SONDE_EMF' in Variables, 'metrics are billed: only where they are asked for')
  t.notOk('SONDE_PLAN' in Variables, 'the plan lies beside the bundle')
})

t.test('a probe may contact what its plan names and nothing else', { skip }, async (t) => {
  const { stack } = await probes({}, { account: '111122223333', region: 'eu-west-1' })
  const Variables = environment(stack)
  t.equal(
    Variables['SONDE_ALLOW'],
    'api.example.com:443 apigateway.eu-west-1.amazonaws.com:443 dynamodb.eu-west-1.amazonaws.com:443 orders.example.internal:5432 sqs.eu-west-1.amazonaws.com:443',
  )
  const anywhere = await probes()
  t.match(
    JSON.stringify(environment(anywhere.stack)),
    /dynamodb\.",\{"Ref":"AWS::Region"\},"\.",\{"Ref":"AWS::URLSuffix"\},":443/,
    'in a stack without a region the names wait for it',
  )
})

t.test("a probe's role: its log group, its interface, the calls of its plan", { skip }, async (t) => {
  const { stack } = await probes()
  const all = statements(template(stack).toJSON())
  const bySid = Object.fromEntries(all.map((statement) => [statement['Sid'], statement]))
  t.strictSame(bySid['WriteToTheLogGroup']?.['Action'], ['logs:CreateLogStream', 'logs:PutLogEvents'])
  t.match(bySid['WriteToTheLogGroup']?.['Resource'], { 'Fn::GetAtt': [/^Logs/, 'Arn'] })
  t.strictSame(bySid['LambdaMakesTheInterface']?.['Action'], ENI_ACTIONS)
  t.match(bySid['CodeDoesNot'], { Effect: 'Deny', Action: ENI_ACTIONS, Resource: '*' })
  t.match(bySid['CodeDoesNot']?.['Condition'], { ArnLike: { 'lambda:SourceFunctionArn': {} } })
  t.equal(bySid['AwsChecks']?.['Action'], 'dynamodb:ListTables', 'not sqs, which is asked unsigned')
  t.match(
    JSON.stringify(bySid['ApiGatewayCheck']?.['Resource']),
    /::\/account/,
    'not every read of API Gateway',
  )

  const wild = all.filter((statement) => statement['Resource'] === '*')
  t.strictSame(wild.map(({ Sid }) => Sid).sort(), ['AwsChecks', 'CodeDoesNot', 'LambdaMakesTheInterface'])
  t.strictSame(
    all.flatMap(({ Action }) => [Action].flat()).filter((action) => String(action).includes('*')),
    [],
    'no action is a pattern',
  )
  t.strictSame(
    resources(stack, 'AWS::IAM::Role').flatMap(({ ManagedPolicyArns = [] }) => ManagedPolicyArns),
    [],
    'no managed policy',
  )
})

t.test('without aws checks a role has no rights but log and interface', { skip }, async (t) => {
  const { stack } = await probes({ plan: { version: 1, checks: [PLAN.checks[0]] } })
  const role = statements(template(stack).toJSON()).filter(({ Sid }) => Sid !== undefined)
  t.strictSame(role.map(({ Sid }) => Sid).sort(), [
    'CodeDoesNot',
    'LambdaMakesTheInterface',
    'WriteToTheLogGroup',
  ])
})

t.test('the schedule calls each probe, with jitter, and nobody else may', { skip }, async (t) => {
  const { Duration } = cdk()
  const { stack } = await probes({ interval: Duration.minutes(1) })
  const schedules = resources(stack, 'AWS::Scheduler::Schedule')
  t.equal(schedules.length, 3)
  for (const schedule of schedules)
    t.match(schedule, {
      ScheduleExpression: 'rate(1 minute)',
      FlexibleTimeWindow: { Mode: 'FLEXIBLE', MaximumWindowInMinutes: 1 },
      State: 'ENABLED',
      Target: { RetryPolicy: { MaximumRetryAttempts: 0 } },
    })
  const calls = statements(template(stack).toJSON()).find(({ Action }) => Action === 'lambda:InvokeFunction')
  const named = [calls?.['Resource']].flat()
  t.equal(named.length, 3)
  for (const resource of named)
    t.match(resource, { 'Fn::GetAtt': [/Function/, 'Arn'] }, 'exactly these functions')
  const caller = resources(stack, 'AWS::IAM::Role').find((role) =>
    JSON.stringify(role).includes('scheduler.amazonaws.com'),
  )
  t.match(
    JSON.stringify(caller),
    /aws:SourceArn.*schedule-group\/sonde-orders/,
    'for schedules of this posture alone',
  )
  t.strictSame(resources(stack, 'AWS::Lambda::Permission'), [], 'no resource policy lets anyone in')
  t.strictSame(resources(stack, 'AWS::Lambda::Url'), [])

  const onDemand = await probes({
    scheduled: false,
    jitter: Duration.minutes(0),
    interval: Duration.hours(1),
  })
  for (const schedule of resources(onDemand.stack, 'AWS::Scheduler::Schedule'))
    t.match(schedule, {
      State: 'DISABLED',
      ScheduleExpression: 'rate(60 minutes)',
      FlexibleTimeWindow: { Mode: 'OFF' },
    })
})

t.test('alarms turn metrics on and take silence for bad news', { skip }, async (t) => {
  const { stack } = await probes({ alarms: { runs: 2 } })
  const alarms = resources(stack, 'AWS::CloudWatch::Alarm')
  t.equal(alarms.length, 3)
  for (const alarm of alarms)
    t.match(alarm, {
      Namespace: 'Sonde',
      MetricName: 'Expected',
      Dimensions: [{ Name: 'function', Value: { Ref: /Function/ } }],
      Statistic: 'Minimum',
      Threshold: 1,
      ComparisonOperator: 'LessThanThreshold',
      TreatMissingData: 'breaching',
      Period: 300,
      EvaluationPeriods: 2,
    })
  for (const made of resources(stack, 'AWS::Lambda::Function'))
    t.match(made, { Environment: { Variables: { SONDE_EMF: 'probe' } } })

  const each = await probes({ alarms: {}, metrics: 'check' })
  t.match(environment(each.stack), { SONDE_EMF: '1' })

  const topicArn = 'arn:aws:sns:eu-west-1:111122223333:alarms'
  const topic = cdkSns().Topic.fromTopicArn(newStack(), 'Topic', topicArn)
  const told = await probes({ alarms: { topic } })
  for (const alarm of resources(told.stack, 'AWS::CloudWatch::Alarm'))
    t.match(alarm, { AlarmActions: [topicArn], OKActions: [topicArn] })
})

t.test(
  'memory, timeout, reserved concurrency, IPv6 and tags are as they were asked for',
  { skip },
  async (t) => {
    const { Duration } = cdk()
    const { stack } = await probes({
      memoryMb: 512,
      timeout: Duration.seconds(120),
      reservedConcurrency: 2,
      ipv6: true,
    })
    for (const made of resources(stack, 'AWS::Lambda::Function')) {
      t.match(made, { MemorySize: 512, Timeout: 120, ReservedConcurrentExecutions: 2 })
      t.match(made, { VpcConfig: { Ipv6AllowedForDualStack: true } })
      t.match(made, { Tags: [{ Key: 'sonde:probe', Value: 'orders' }] })
    }
  },
)

t.test(
  'names stay within what AWS takes, and different postures have different ones',
  { skip },
  async (t) => {
    const names = await Promise.all(
      ['a', 'b'].map(async (last) => {
        const { stack } = await probes({ posture: `${'x'.repeat(63)}${last}` })
        return resources(stack, 'AWS::Lambda::Function').map(({ FunctionName }) => String(FunctionName))
      }),
    )
    t.equal(new Set(names.flat()).size, 6)
    for (const name of names.flat()) t.match(name, /^[A-Za-z0-9-]{1,64}$/)
  },
)

t.test('the names of many functions give way to what a probe needs, with a warning', { skip }, async (t) => {
  const workloads = Array.from({ length: 300 }, (_, index) => `function-with-a-long-name-${index}`)
  const { stack } = await probes({ workloads })
  for (const made of resources(stack, 'AWS::Lambda::Function'))
    t.notMatch(made, { Environment: { Variables: { SONDE_WORKLOADS: /./ } } })
  const { Annotations, Match } = cdkAssertions()
  const warnings = Annotations.fromStack(stack).findWarning(
    '*',
    Match.stringLikeRegexp("the names of 300 functions don't fit"),
  )
  t.equal(warnings.length, 1)
})

t.test('cdk-nag has nothing against it', { skip }, async (t) => {
  const { stack } = await probes({ alarms: {} })
  t.strictSame(findings(stack), [])
})

const bad: readonly [string, Partial<SondeProbeProps> | (() => Partial<SondeProbeProps>), RegExp][] = [
  [
    'posture',
    { posture: 'orders api' },
    /posture is "orders api"; it takes 1 to 64 letters, digits and hyphens/,
  ],
  ['no subnet', { subnets: [] }, /subnets is empty: name at least one subnet-… id/],
  [
    'subnet',
    { subnets: ['subnet-xyz'] },
    /subnets: "subnet-xyz" is not an id such as subnet-0123456789abcdef0/,
  ],
  ['twice', { subnets: [SUBNETS[0] ?? '', SUBNETS[0] ?? ''] }, /subnet-0a000000000000001 is there twice/],
  [
    'group',
    { securityGroups: ['subnet-0a000000000000001'] },
    /securityGroups: "subnet-0a000000000000001" is not an id such as sg-/,
  ],
  [
    'groups',
    { securityGroups: Array.from({ length: 6 }, (_, n) => `sg-0b00000000000000${n}`) },
    /has 6 entries; a Lambda function takes at most 5/,
  ],
  [
    'plan',
    { plan: { version: 1, checks: [{ name: 'x', kind: 'tpc', host: 'a', port: 1 }] } },
    /plan\/checks\/0\/kind: unknown kind "tpc"; known kinds are dns, tcp,/,
  ],
  [
    'interval',
    () => ({ interval: cdk().Duration.seconds(90) }),
    /interval \(minutes\) is 1.5; it must be a whole number from 1 to 1440/,
  ],
  [
    'jitter',
    () => ({ jitter: cdk().Duration.minutes(10) }),
    /jitter \(10 min\) is longer than the interval \(5 min\)/,
  ],
  [
    'timeout',
    () => ({ timeout: cdk().Duration.minutes(16) }),
    /timeout \(seconds\) is 960; it must be a whole number from 5 to 900/,
  ],
  ['memory', { memoryMb: 64 }, /memoryMb is 64; it must be a whole number from 128 to 10240/],
  ['concurrency', { reservedConcurrency: 0 }, /reservedConcurrency is 0/],
  ['allow', { allow: [] }, /allow is empty: the probes could contact nothing/],
  ['runs', { alarms: { runs: 1000 } }, /alarms.runs is 1000; it must be a whole number from 1 to 288/],
  [
    'hold',
    { plan: { version: 1, checks: [{ name: 'idle', kind: 'tcp', host: 'a', port: 1, holdMs: 60_000 }] } },
    /idle: holdMs is as long as the probe's timeout of 60 s/,
  ],
  [
    'redirect',
    {
      plan: {
        version: 1,
        checks: [{ name: 'web', kind: 'http', url: 'http://a.example/', followRedirects: 1 }],
      },
    },
    /web: follows redirects to hosts that the plan doesn't name; give "allow"/,
  ],
  [
    'ca',
    { plan: { version: 1, checks: [{ name: 'web', kind: 'tls', host: 'a.example', caFile: 'own.pem' }] } },
    /web: caFile own.pem is not among caFiles/,
  ],
  [
    'long allow',
    { allow: Array.from({ length: 300 }, (_, n) => `host-${n}.example.com`) },
    /the 300 entries of the allow-list don't fit into a function's environment of 4096 bytes/,
  ],
  ['bundle', { bundle: '/nowhere' }, /index.cjs is not in \/nowhere: run "npm ci && npm run build"/],
]

t.test('what is wrong is told by name, with the construct that it is wrong in', { skip }, async (t) => {
  for (const [name, given, message] of bad) {
    const props = typeof given === 'function' ? given() : given
    const error: unknown = await probes(props).catch((thrown: unknown) => thrown)
    t.match(error, { name: 'BadProps', message }, name)
    t.match(error, { message: /^Test\/Orders: / })
  }
  const error: unknown = await probes({ subnets: [], memoryMb: 1, plan: {} }).catch(
    (thrown: unknown) => thrown,
  )
  t.match(error, { message: /plan: checks is missing.*subnets is empty.*memoryMb is 1/ }, 'all of it at once')
})
