import { readFileSync } from 'node:fs'
import t from 'tap'
import { awsEndpoint } from '../../probe/checks/aws-endpoints.js'
import { awsServices } from '../../probe/checks/aws-services.js'
import { CheckFailure } from '../../probe/outcome.js'
import type { AwsCheck } from '../../probe/plan.schema.js'

type Hosts = Record<string, Record<string, Record<NonNullable<AwsCheck['variant']>, string>>>
interface Call {
  readonly signingName: string
  readonly method: string
  readonly path: string
  readonly target?: string
  readonly json?: string
  readonly version?: string
}

/** What botocore 1.4x says: its endpoint rules evaluated, and its service models' own names. */
function fixture<T>(name: string): T {
  return JSON.parse(readFileSync(new URL(`fixtures/${name}.json`, import.meta.url), 'utf8'))
}

function check(more: Partial<AwsCheck>): AwsCheck {
  return { kind: 'aws', name: 'x', service: 'sts', ...more }
}

t.test('names are those that the AWS SDKs use, in four partitions and variants', async (t) => {
  const hosts = fixture<Hosts>('aws-endpoints')
  t.same(Object.keys(hosts).sort(), Object.keys(awsServices).sort())
  for (const [service, regions] of Object.entries(hosts)) {
    const wrong: string[] = []
    for (const [region, variants] of Object.entries(regions))
      for (const variant of ['standard', 'dualstack', 'fips', 'fips-dualstack'] as const) {
        const host = variants[variant]
        const ours = awsEndpoint(check({ service, region, variant }), {}).host
        if (host !== undefined && ours !== host) wrong.push(`${region} ${variant}: ${ours}, not ${host}`)
      }
    t.same(wrong, [], service)
  }
})

t.test('calls are those of the service models', async (t) => {
  for (const [name, call] of Object.entries(fixture<Record<string, Call>>('aws-calls'))) {
    const ours = awsServices[name]
    t.equal(ours?.method, call.method, name)
    t.equal(ours?.path.split('?')[0], call.path, name)
    t.equal(ours?.signingName ?? name, call.signingName, name)
    if (call.target !== undefined) t.equal(ours?.headers['x-amz-target'], call.target, name)
    if (call.json !== undefined)
      t.equal(ours?.headers['content-type'], `application/x-amz-json-${call.json}`, name)
    if (call.version !== undefined) t.match(ours?.body, `Version=${call.version}`, name)
    t.match(ours?.action, /^[a-z0-9-]+:[A-Z][A-Za-z0-9]+$/, 'an IAM action')
  }
})

t.test('the table reads only', async (t) => {
  for (const [name, { action }] of Object.entries(awsServices))
    t.match(action, /:(List|Describe|Get|GET)/, name)
})

t.test('global names', async (t) => {
  const of = (service: string, region: string) =>
    awsEndpoint(check({ service, region, variant: 'global' }), {})
  t.match(of('sts', 'eu-central-1'), { host: 'sts.amazonaws.com', signingRegion: 'us-east-1' })
  t.match(of('s3', 'eu-central-1'), { host: 's3.amazonaws.com', signingRegion: 'us-east-1' })
  t.match(of('iam', 'eu-central-1'), { host: 'iam.amazonaws.com', signingRegion: 'us-east-1' })
  t.throws(() => of('kms', 'eu-central-1'), { message: /kms has no global endpoint/ })
  t.match(awsEndpoint(check({ service: 'iam' }), {}), { host: 'iam.amazonaws.com' }, 'no region needed')
})

t.test('region: the check, then AWS_REGION, then an error that says so', async (t) => {
  t.equal(awsEndpoint(check({}), { AWS_REGION: 'eu-west-1' }).host, 'sts.eu-west-1.amazonaws.com')
  t.equal(
    awsEndpoint(check({ region: 'eu-west-2' }), { AWS_REGION: 'eu-west-1' }).host,
    'sts.eu-west-2.amazonaws.com',
  )
  t.throws(() => awsEndpoint(check({}), {}), { constructor: CheckFailure, message: /AWS_REGION/ })
})

t.test('an endpoint of its own', async (t) => {
  const of = (endpoint: string) => awsEndpoint(check({ endpoint, region: 'eu-west-1' }), {})
  t.match(of('vpce-1-abc.sts.eu-west-1.vpce.amazonaws.com'), {
    protocol: 'https:',
    host: 'vpce-1-abc.sts.eu-west-1.vpce.amazonaws.com',
    port: 443,
    signingRegion: 'eu-west-1',
  })
  t.match(of('http://localhost:4566/'), { protocol: 'http:', host: 'localhost', port: 4566 })
  t.match(of('https://[::1]:8443'), { protocol: 'https:', host: '::1', port: 8443 })
})

t.test('a service that the table does not know has the regular name', async (t) => {
  t.equal(
    awsEndpoint(check({ service: 'brand-new', region: 'eu-west-1' }), {}).host,
    'brand-new.eu-west-1.amazonaws.com',
  )
})
