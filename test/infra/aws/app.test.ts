import t from 'tap'
import { cdk, newApp, resources, skip } from './support.js'

// Loading the library takes half a minute where others work on the machine too.
t.setTimeout(900_000)

const PLAN = (more = '') => `version: 1
postures:
  - id: orders
    region: eu-west-1
    account: "111122223333"
    vpc: vpc-0c000000000000001
    subnets: [subnet-0a000000000000001]
    securityGroups: [sg-0b000000000000001]
    functions: [orders-api]
    plan: { version: 1, checks: [{ name: db, kind: tcp, host: db.example.internal, port: 5432 }] }
  - id: mail
    region: us-east-1
    vpc: vpc-0c000000000000002
    subnets: [subnet-0a000000000000002]
    securityGroups: [sg-0b000000000000002]
    functions: []
    plan: { version: 1, checks: [{ name: db, kind: tcp, host: db.example.internal, port: 5432 }] }
${more}`

async function stacks(
  context: Record<string, string>,
  files: Record<string, string> = { 'sonde.plan.yaml': PLAN() },
) {
  const { readConfig } = await import('../../../infra/aws/config.js')
  const { addStacks } = await import('../../../infra/aws/stacks.js')
  const config = readConfig(
    (name) => context[name],
    (file) => files[file],
    'sonde.plan.yaml',
  )
  return addStacks(newApp(), config, '999900001111')
}

t.test('a region, and an account where it is named, is a stack of its own', { skip }, async (t) => {
  const made = await stacks({})
  t.strictSame(
    made.map(({ stackName, account, region }) => [stackName, account, region]),
    [
      ['Sonde-eu-west-1-111122223333', '111122223333', 'eu-west-1'],
      ['Sonde-us-east-1', '999900001111', 'us-east-1'],
    ],
  )
  for (const stack of made) {
    t.match(resources(stack, 'AWS::Logs::LogGroup'), [{ LogGroupName: '/sonde/probes', RetentionInDays: 14 }])
    t.equal(resources(stack, 'AWS::CloudFormation::Stack').length, 1)
    t.strictSame(resources(stack, 'AWS::CloudWatch::Dashboard'), [], 'no metrics, no dashboard')
  }
})

t.test('alarms bring metrics and a dashboard that finds every probe', { skip }, async (t) => {
  const topicArn = 'arn:aws:sns:us-east-1:999900001111:alarms'
  const [stack] = await stacks(
    { alarmTopic: topicArn, logRetentionDays: '30', plan: 'other.yaml' },
    { 'other.yaml': PLAN() },
  )
  if (!stack) throw new Error('there is a stack')
  t.match(resources(stack, 'AWS::Logs::LogGroup'), [{ RetentionInDays: 30 }])
  const [dashboard] = resources(stack, 'AWS::CloudWatch::Dashboard')
  const body = JSON.stringify(dashboard)
  t.match(body, /SEARCH\('\{Sonde,function\} MetricName=/)
  t.match(body, /SEARCH\('\{Sonde,function,check\} MetricName=/)
  t.notMatch(body, /sonde-orders/, 'it names no probe, so it fits those that come later')
  const { Stack } = cdk()
  const nested = stack.node.findAll().find((child) => Stack.isStack(child) && child !== stack)
  if (!Stack.isStack(nested)) throw new Error('there is a nested stack')
  t.match(resources(nested, 'AWS::CloudWatch::Alarm'), [{ AlarmActions: [topicArn] }])
})

t.test('the API comes with it, in one region', { skip }, async (t) => {
  const [there, elsewhere] = await stacks({ api: 'iam', apiRegion: 'eu-west-1' })
  if (!there || !elsewhere) throw new Error('there are two stacks')
  t.match(resources(there, 'AWS::Lambda::Url'), [{ AuthType: 'AWS_IAM' }])
  t.strictSame(resources(elsewhere, 'AWS::Lambda::Url'), [])
  const tokens = JSON.stringify([{ name: 'page', hash: `sha256:${'0'.repeat(64)}`, scopes: ['read'] }])
  const files = { 'sonde.plan.yaml': PLAN(), 'tokens.json': tokens }
  const [, second] = await stacks({ api: 'token', tokens: 'tokens.json', apiRegion: 'us-east-1' }, files)
  if (!second) throw new Error('there are two stacks')
  t.equal(resources(second, 'AWS::ApiGatewayV2::Api').length, 1)

  await t.rejects(stacks({ api: 'iam' }), { message: /about eu-west-1, us-east-1: name the API's region/ })
  await t.rejects(stacks({ api: 'yes' }), { message: /api is "yes"; it is iam or token/ })
  await t.rejects(stacks({ api: 'token' }), { message: /api=token needs -c tokens=FILE/ })
  await t.rejects(stacks({ api: 'token', tokens: 'sonde.plan.yaml' }), {
    message: /is not a JSON list of tokens/,
  })
})

t.test('the API may be let run probes and look into other accounts', { skip }, async (t) => {
  const other = {
    account: '222233334444',
    roleArn: 'arn:aws:iam::222233334444:role/sonde',
    externalId: 'sonde-prod',
    regions: ['eu-west-1'],
  }
  const files = { 'sonde.plan.yaml': PLAN(), 'accounts.json': JSON.stringify([other]), 'bad.json': '[{}]' }
  const api = { api: 'iam', apiRegion: 'us-east-1' }
  const [, stack] = await stacks({ ...api, runs: 'sonde-*,probe-x', accounts: 'accounts.json' }, files)
  if (!stack) throw new Error('there are two stacks')
  const environment = JSON.stringify(resources(stack, 'AWS::Lambda::Function'))
  t.match(environment, 'probe-x')
  t.match(environment, 'sonde-prod')
  const rights = JSON.stringify(resources(stack, 'AWS::IAM::Role'))
  t.match(rights, other.roleArn)
  t.match(rights, /function:probe-x/)
  const [, plain] = await stacks({ ...api, runs: 'true' }, files)
  if (!plain) throw new Error('there are two stacks')
  t.match(JSON.stringify(resources(plain, 'AWS::Lambda::Function')), 'SONDE_RUNS')
  t.notMatch(JSON.stringify(resources(plain, 'AWS::Lambda::Function')), 'SONDE_ACCOUNTS')
  await t.rejects(stacks({ ...api, accounts: 'none.json' }, files), {
    message: /no file of accounts none.json/,
  })
  await t.rejects(stacks({ ...api, accounts: 'bad.json' }, files), { message: /not a JSON list of accounts/ })
  await t.rejects(stacks({ ...api, runs: '*' }, files), {
    name: 'BadProps',
    message: /every function of the account/,
  })
})

t.test('what is wrong is said in a sentence', { skip }, async (t) => {
  await t.rejects(
    stacks({ plan: 'none.yaml', alarms: 'maybe', logRetentionDays: '8', alarmTopic: 'alarms' }),
    {
      name: 'BadContext',
      message:
        /there is no plan file none.yaml: write it with "sonde discover".*\nalarmTopic is "alarms".*\nalarms is "maybe"; it is true or false\n.*logRetentionDays is "8"/s,
    },
  )
  await t.rejects(stacks({ metrics: 'all' }), { message: /metrics is "all"; it is probe/ })
  await t.rejects(stacks({}, { 'sonde.plan.yaml': PLAN('nonsense: 1\n') }), {
    name: 'ConfigError',
    message: /sonde.plan.yaml:.*nonsense/,
  })
})
