import { readFileSync } from 'node:fs'
import { unzipSync } from 'fflate'
import t from 'tap'
import { parse } from 'yaml'
import { ENI_ACTIONS } from '../../../infra/aws/lib/policy.js'
import { ROOT, skip, statements } from './support.js'
import { run, tool } from './tools.js'

// Loading the library takes half a minute where others work on the machine too.
t.setTimeout(900_000)

const TEMPLATES = ['sonde-api.yaml', 'sonde-logs.yaml', 'sonde-probe.yaml']
const FOLDER = `${ROOT}infra/cloudformation/`
/** CloudFormation reads YAML 1.1, where an unquoted no is false. */
const read = (name: string): Template =>
  parse(readFileSync(FOLDER + name, 'utf8'), { version: '1.1', merge: false })

interface Template {
  readonly Parameters: Readonly<Record<string, { readonly Default?: unknown; readonly Type: string }>>
  readonly Resources: Readonly<Record<string, Resource>>
}

interface Resource {
  readonly Type: string
  readonly Condition?: string
  readonly Properties: Readonly<Record<string, unknown>>
}

t.test('what is generated is current', { skip }, async (t) => {
  const { generated } = await import('../../../infra/aws/plain/generated.js')
  for (const [file, text] of generated())
    t.ok(
      readFileSync(`${ROOT}infra/${file}`, 'utf8') === text,
      `infra/${file} is as "npm run templates" in infra/aws writes it`,
    )
})

t.test('a template can be handed to CloudFormation as it is', async (t) => {
  for (const name of TEMPLATES) {
    const bytes = readFileSync(FOLDER + name).length
    t.ok(bytes <= 51_200, `${name}: ${bytes} bytes, of the 51,200 that a template body may have`)
    const { Parameters } = read(name)
    for (const [id, { Default }] of Object.entries(Parameters))
      t.ok(Default === undefined || typeof Default === 'string', `${name}: ${id} has a text as its default`)
    t.notMatch(
      readFileSync(FOLDER + name, 'utf8'),
      /cdk-bootstrap|BootstrapVersion|CDKMetadata/,
      'nothing of CDK in it',
    )
  }
})

t.test('the template makes the probes that the construct makes', async (t) => {
  const { Resources } = read('sonde-probe.yaml')
  const probes = Object.entries(Resources).filter(([, { Type }]) => Type === 'AWS::Lambda::Function')
  t.equal(probes.length, 6)
  for (const [index, [, { Condition, Properties }]] of probes.entries()) {
    t.match(Properties, {
      VpcConfig: { SubnetIds: [{ Ref: `Subnet${index + 1}` }], SecurityGroupIds: { Ref: 'SecurityGroups' } },
      Runtime: 'nodejs24.x',
      Architectures: ['arm64'],
      Handler: 'index.handler',
      Code: { S3Bucket: { Ref: 'CodeBucket' }, S3Key: { Ref: 'CodeKey' } },
      LoggingConfig: { LogGroup: { Ref: 'LogGroup' } },
      Environment: { Variables: { SONDE_PLAN: { Ref: 'Plan' }, SONDE_ALLOW: { Ref: 'Allow' } } },
    })
    t.equal(Condition, index === 0 ? undefined : `HasSubnet${index + 1}`)
  }
  const all = statements(Resources)
  t.match(
    all.find(({ Sid }) => Sid === 'CodeDoesNot'),
    { Effect: 'Deny', Action: ENI_ACTIONS },
  )
  t.strictSame(
    all.filter(({ Resource }) => Resource === '*').map(({ Sid }) => Sid),
    ['LambdaMakesTheInterface', 'CodeDoesNot', 'AwsChecks'],
  )
  t.notMatch(JSON.stringify(Resources), /AWS::Lambda::Permission|AWS::Lambda::Url/, 'nobody is let in')
})

t.test('the template of the API lets in signed requests alone, and keeps its state', async (t) => {
  const { Resources } = read('sonde-api.yaml')
  const of = (type: string) => Object.values(Resources).filter(({ Type }) => Type === type)
  t.match(of('AWS::Lambda::Url'), [{ Properties: { AuthType: 'AWS_IAM' } }])
  t.strictSame(of('AWS::ApiGatewayV2::Api'), [])
  t.match(of('AWS::DynamoDB::Table'), [
    { DeletionPolicy: 'Retain', Properties: { DeletionProtectionEnabled: true } },
  ])
  t.match(of('AWS::Logs::SubscriptionFilter'), [{ Properties: { LogGroupName: { Ref: 'LogGroup' } } }])
  const keys = of('AWS::Lambda::Function').map(({ Properties: { Code } }) => Code)
  t.strictSame(
    keys.map((code) => JSON.stringify(code)).sort(),
    ['ApiKey', 'IngestKey'].map((key) => `{"S3Bucket":{"Ref":"CodeBucket"},"S3Key":{"Ref":"${key}"}}`),
  )
  const permissions = of('AWS::Lambda::Permission').map(({ Properties }) => Properties['Principal'])
  t.strictSame(permissions, ['logs.amazonaws.com'], 'nobody but the subscription is let in')
})

t.test('a bundle becomes one zip file with its folders, and without maps', { skip }, async (t) => {
  const { zipOf } = await import('../../../infra/aws/plain/zip.js')
  const folder = t.testdir({
    'index.mjs': 'a',
    'index.mjs.map': 'b',
    'plan.json': '{}',
    web: { 'main.js': 'c' },
  })
  const zip = zipOf(folder)
  t.strictSame(Object.keys(unzipSync(zip)), ['index.mjs', 'web/main.js'])
  t.ok(Buffer.from(zip).equals(Buffer.from(zipOf(folder))), 'the same files, the same bytes')
})

const cfnLint = tool('cfn-lint')
t.test('cfn-lint has nothing to say', { skip: cfnLint.skip }, async (t) => {
  const { status, stdout } = run(cfnLint, TEMPLATES, FOLDER)
  t.equal(status, 0, stdout)
})

const checkov = tool('checkov')
t.test('checkov has nothing to say, and each skip has its reason', { skip: checkov.skip }, async (t) => {
  const args = ['--skip-download', '-d', 'cloudformation', '-d', 'terraform']
  const { status, stdout, stderr } = run(
    checkov,
    [...args, '--framework', 'cloudformation', 'terraform', '--compact', '--quiet'],
    `${ROOT}infra`,
  )
  t.equal(status, 0, `${stdout}\n${stderr.slice(-2000)}`)
  t.match(stdout, /cloudformation scan results:\s+Passed checks: [1-9]/)
  t.match(stdout, /terraform scan results:\s+Passed checks: [1-9]/)
  const skipped = TEMPLATES.flatMap((name) =>
    Object.values(read(name).Resources).flatMap((resource) => {
      const metadata = 'Metadata' in resource ? resource.Metadata : undefined
      return JSON.stringify(metadata ?? {}).match(/"comment":"[^"]*"/g) ?? []
    }),
  )
  t.ok(skipped.length > 10)
  for (const comment of new Set(skipped)) t.ok(comment.length > 40, comment)
})
