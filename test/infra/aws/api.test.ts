import { existsSync } from 'node:fs'
import t from 'tap'
import { INVENTORY_CALLS } from '../../../api/aws/inventory-calls.js'
import { TABLE } from '../../../api/store/dynamodb/table.js'
import type { SondeApiProps } from '../../../infra/aws/index.js'
import {
  cdk,
  cdkIam,
  findings,
  newStack,
  skip as noCdk,
  ROOT,
  resources,
  statements,
  template,
} from './support.js'
import { run, tool } from './tools.js'

// Loading the library takes half a minute where others work on the machine too.
t.setTimeout(900_000)

const skip =
  noCdk || (existsSync(`${ROOT}dist/lambda/api/index.mjs`) ? false : 'the API is not built: npm run build')
const TOKENS = [{ name: 'page', hash: `sha256:${'a'.repeat(64)}`, scopes: ['read' as const] }]

async function api(given: Partial<SondeApiProps> = {}) {
  const { SondeApi, SondeLogs } = await import('../../../infra/aws/index.js')
  const stack = newStack()
  const { logGroup } = new SondeLogs(stack, 'Logs')
  return { stack, api: new SondeApi(stack, 'Api', { logGroup, auth: 'iam', ...given }) }
}

const bySid = (all: readonly Record<string, unknown>[], sid: string): Record<string, unknown> | undefined =>
  all.find(({ Sid }) => Sid === sid)

t.test('with IAM nobody comes in whom AWS has not let in', { skip }, async (t) => {
  const { stack } = await api()
  t.match(resources(stack, 'AWS::Lambda::Url'), [{ AuthType: 'AWS_IAM' }])
  t.strictSame(resources(stack, 'AWS::ApiGatewayV2::Api'), [])
  const permissions = resources(stack, 'AWS::Lambda::Permission')
  t.match(permissions, [{ Principal: 'logs.amazonaws.com' }])
  t.equal(permissions.length, 1, 'only the log group may call, and only the ingest')
  t.match(permissions, [{ SourceAccount: { Ref: 'AWS::AccountId' }, SourceArn: {} }])
  t.match(
    resources(stack, 'AWS::Lambda::Function').map(({ Environment }) => Environment),
    [
      { Variables: { SONDE_TABLE: {} } },
      { Variables: { SONDE_AUTH: 'iam', SONDE_REGIONS: { Ref: 'AWS::Region' } } },
    ],
  )
  t.strictSame(findings(stack), [])
})

t.test('with tokens an HTTP API asks for them, throttled and logged', { skip }, async (t) => {
  const { stack } = await api({ auth: { tokens: TOKENS } })
  t.strictSame(resources(stack, 'AWS::Lambda::Url'), [])
  t.match(resources(stack, 'AWS::ApiGatewayV2::Api'), [{ ProtocolType: 'HTTP' }])
  t.match(resources(stack, 'AWS::ApiGatewayV2::Integration'), [{ PayloadFormatVersion: '2.0' }])
  const [stage] = resources(stack, 'AWS::ApiGatewayV2::Stage')
  t.match(stage, {
    DefaultRouteSettings: { ThrottlingRateLimit: 50 },
    AccessLogSettings: { DestinationArn: {} },
  })
  t.notMatch(JSON.stringify(stage), /authorization/i, 'a token is never logged')
  t.match(
    resources(stack, 'AWS::Lambda::Function').map(({ Environment }) => Environment),
    [{}, { Variables: { SONDE_AUTH: 'token', SONDE_TOKENS: JSON.stringify(TOKENS) } }],
  )
  for (const { SourceArn } of resources(stack, 'AWS::Lambda::Permission'))
    t.ok(SourceArn, 'nobody without a source')
  t.strictSame(findings(stack), [])
})

t.test('the table is as the store states it, and is not lost', { skip }, async (t) => {
  const { stack } = await api()
  const [table] = Object.values(template(stack).findResources('AWS::DynamoDB::Table'))
  t.match(table, {
    DeletionPolicy: 'Retain',
    Properties: {
      KeySchema: [
        { AttributeName: TABLE.partitionKey.name, KeyType: 'HASH' },
        { AttributeName: TABLE.sortKey.name, KeyType: 'RANGE' },
      ],
      GlobalSecondaryIndexes: TABLE.indexes.map(({ name }) => ({ IndexName: name })),
      TimeToLiveSpecification: { AttributeName: TABLE.ttlAttribute, Enabled: true },
      BillingMode: 'PAY_PER_REQUEST',
      DeletionProtectionEnabled: true,
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
    },
  })
  const { RemovalPolicy } = cdk()
  const gone = await api({ removalPolicy: RemovalPolicy.DESTROY })
  t.match(Object.values(template(gone.stack).findResources('AWS::DynamoDB::Table')), [
    { DeletionPolicy: 'Delete', Properties: { DeletionProtectionEnabled: false } },
  ])
})

t.test('report lines reach the ingest, and what fails is kept, encrypted', { skip }, async (t) => {
  const { stack } = await api()
  t.match(resources(stack, 'AWS::Logs::SubscriptionFilter'), [
    {
      LogGroupName: { Ref: /^Logs/ },
      FilterPattern: '"sonde"',
      DestinationArn: { 'Fn::GetAtt': [/Ingest/, 'Arn'] },
    },
  ])
  const [ingest] = resources(stack, 'AWS::Lambda::Function')
  t.match(ingest, { DeadLetterConfig: { TargetArn: { 'Fn::GetAtt': [/Undelivered/, 'Arn'] } } })
  t.match(resources(stack, 'AWS::SQS::Queue'), [{ SqsManagedSseEnabled: true }])
  t.match(JSON.stringify(template(stack).findResources('AWS::SQS::QueuePolicy')), /aws:SecureTransport/)
  t.match(resources(stack, 'AWS::CloudWatch::Alarm'), [
    { MetricName: 'ApproximateNumberOfMessagesVisible' },
    { MetricName: 'Errors' },
  ])
  t.match(resources(stack, 'AWS::Scheduler::Schedule'), [
    { ScheduleExpression: 'rate(15 minutes)', Target: { Input: '{"sonde":"upkeep"}' } },
  ])
})

t.test('rights: the table, one by one, and the calls of the inventory', { skip }, async (t) => {
  const { stack } = await api()
  const all = statements(template(stack).toJSON())
  const store = bySid(all, 'UseTheStore')
  t.strictSame(store?.['Action'], [
    'dynamodb:BatchGetItem',
    'dynamodb:DeleteItem',
    'dynamodb:GetItem',
    'dynamodb:PutItem',
    'dynamodb:Query',
    'dynamodb:UpdateItem',
  ])
  t.equal([store?.['Resource']].flat().length, 2, 'the table and its index')
  const described = all
    .filter(({ Sid }) => String(Sid).startsWith('SondeSnapshot'))
    .flatMap(({ Action }) => Action)
  t.strictSame(described.sort(), [...new Set(INVENTORY_CALLS.map(({ action }) => action))].sort())
  const wild = all.filter(({ Resource }) => Resource === '*').map(({ Sid }) => Sid)
  t.strictSame(wild, ['SondeSnapshot'], 'AWS knows no resource for these')
  const allowed = all.filter(({ Effect }) => Effect === 'Allow')
  t.notMatch(JSON.stringify(allowed), /"[a-z0-9-]+:\*"/, 'no action is a pattern')

  const blind = await api({ regions: [] })
  t.strictSame(
    statements(template(blind.stack).toJSON()).filter(({ Resource }) => Resource === '*'),
    [],
  )
})

const ACCOUNT = {
  account: '210987654321',
  roleArn: 'arn:aws:iam::210987654321:role/sonde',
  externalId: 'sonde-1',
  regions: ['eu-west-1'],
}

t.test(
  'runs and accounts: the probes by name, the roles one by one, and nothing without',
  { skip },
  async (t) => {
    const without = await api()
    const before = statements(template(without.stack).toJSON())
    t.notOk(bySid(before, 'SondeRun') ?? bySid(before, 'AssumeNamedRoles'))
    t.notMatch(JSON.stringify(resources(without.stack, 'AWS::Lambda::Function')), /SONDE_RUNS|SONDE_ACCOUNTS/)

    const { stack } = await api({ runs: { probes: ['sonde-*', 'canary'] }, accounts: [ACCOUNT] })
    const all = statements(template(stack).toJSON())
    t.strictSame(bySid(all, 'SondeRun')?.['Action'], 'lambda:InvokeFunction')
    const invoked = [bySid(all, 'SondeRun')?.['Resource']].flat().map((one) => JSON.stringify(one))
    t.equal(invoked.length, 2)
    for (const [index, name] of ['sonde-*', 'canary'].entries())
      t.ok(invoked[index]?.includes(`:lambda:*:",{"Ref":"AWS::AccountId"},":function:${name}"`), name)
    t.strictSame(bySid(all, 'AssumeNamedRoles'), {
      Sid: 'AssumeNamedRoles',
      Effect: 'Allow',
      Action: 'sts:AssumeRole',
      Resource: ACCOUNT.roleArn,
    })
    t.match(resources(stack, 'AWS::Lambda::Function')[1], {
      Environment: {
        Variables: {
          SONDE_RUNS: '{"probes":["sonde-*","canary"]}',
          SONDE_ACCOUNTS: JSON.stringify([ACCOUNT]),
        },
      },
    })
    t.strictSame(findings(stack), [])

    const tokens = await api({ auth: { tokens: TOKENS }, runs: {} })
    t.match(
      resources(tokens.stack, 'AWS::Lambda::Function')[1],
      { Environment: { Variables: { SONDE_RUNS: '{"timeoutSeconds":25}' } } },
      'an HTTP API waits 30 seconds',
    )
  },
)

t.test('grantAccess lets a principal in by the URL and not by invoking', { skip }, async (t) => {
  const made = await api()
  const { Role, ServicePrincipal } = cdkIam()
  made.api.grantAccess(
    new Role(made.stack, 'Caller', { assumedBy: new ServicePrincipal('ec2.amazonaws.com') }),
  )
  const all = statements(template(made.stack).toJSON())
  t.match(
    all.find(({ Action }) => Action === 'lambda:InvokeFunctionUrl'),
    { Condition: { StringEquals: { 'lambda:FunctionUrlAuthType': 'AWS_IAM' } } },
  )
  t.ok(
    all.some(
      ({ Action, Condition }) =>
        Action === 'lambda:InvokeFunction' &&
        JSON.stringify(Condition)?.includes('lambda:InvokedViaFunctionUrl'),
    ),
  )
})

const checkov = tool('checkov')
t.test('checkov has nothing to say', { skip: skip || checkov.skip }, async (t) => {
  const iam = await api({ runs: {}, accounts: [ACCOUNT] })
  const token = await api({ auth: { tokens: TOKENS } })
  const folder = t.testdir({
    'iam.json': JSON.stringify(template(iam.stack).toJSON()),
    'token.json': JSON.stringify(template(token.stack).toJSON()),
  })
  const args = ['--skip-download', '-d', '.', '--framework', 'cloudformation', '--compact', '--quiet']
  const { status, stdout, stderr } = run(checkov, args, folder)
  t.equal(status, 0, `${stdout}\n${stderr.slice(-2000)}`)
  t.match(stdout, /Passed checks: [1-9]/)
})

t.test('what is wrong is told by name', { skip }, async (t) => {
  const bad: readonly [Partial<SondeApiProps>, RegExp][] = [
    [{ auth: { tokens: [] } }, /auth.tokens is empty: make one with "sonde token new"/],
    [
      { auth: { tokens: [{ name: 'a', hash: 'secret', scopes: ['read'] }] } },
      /the hash of "a" is not "sha256:"/,
    ],
    [{ auth: { tokens: [...TOKENS, ...TOKENS] } }, /two tokens have one name/],
    [{ runs: { probes: ['*'] } }, /runs.probes: "\*" would let the API invoke every function/],
    [{ runs: { probes: ['a b'] } }, /runs.probes: "a b" is not the name of a function/],
    [
      { runs: { timeoutSeconds: 400 } },
      /runs.timeoutSeconds is 400; the API itself ends after 300: 5 to 290/,
    ],
    [{ accounts: [ACCOUNT, ACCOUNT] }, /accounts: one account is there twice/],
    [
      { accounts: [{ ...ACCOUNT, roleArn: 'arn:aws:iam::111122223333:role/*' }] },
      /roleArn of 210987654321 is not the ARN of one role of that account/,
    ],
    [
      { accounts: [{ account: '210987654321', roleArn: ACCOUNT.roleArn, regions: [] }] },
      /210987654321 has no externalId/,
    ],
    [{ regions: ['Ireland'] }, /regions: "Ireland" is not a region/],
    [
      { code: { api: '/nowhere', ingest: '/nowhere' } },
      /index.mjs is not in \/nowhere: run "npm ci && npm run build"/,
    ],
  ]
  for (const [given, message] of bad) await t.rejects(api(given), { name: 'BadProps', message })
})
