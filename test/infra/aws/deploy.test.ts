import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { findMoto } from '../../aws/inventory-moto.js'
import { skip as noCdk, ROOT } from './support.js'

// Loading the library takes half a minute where others work on the machine too.
t.setTimeout(900_000)

const PLAN = `version: 1
everyMinutes: 2
postures:
  - id: orders
    region: eu-west-1
    vpc: vpc-0c000000000000001
    subnets: [subnet-0a000000000000001, subnet-0a000000000000002]
    securityGroups: [sg-0b000000000000001]
    functions: [orders-api]
    plan:
      version: 1
      checks:
        - { name: db, kind: postgres, host: orders.example.internal }
        - { name: dynamodb, kind: aws, service: dynamodb }
`

interface Deployed {
  readonly functions: readonly {
    readonly FunctionName: string
    readonly Role: string
    readonly CodeSize: number
    readonly VpcConfig: {
      readonly SubnetIds: readonly string[]
      readonly SecurityGroupIds: readonly string[]
    }
    readonly Environment: { readonly Variables: Readonly<Record<string, string>> }
  }[]
  /** By the role's name. */
  readonly policies: Readonly<Record<string, readonly { readonly Statement: readonly Statement[] }[]>>
  readonly logGroups: readonly { readonly logGroupName: string; readonly retentionInDays?: number }[]
}

interface Statement {
  readonly Sid?: string
  readonly Effect: string
  readonly Action: string | readonly string[]
  readonly Resource: unknown
}

const moto = findMoto()
t.test(
  'cdk bootstrap, cdk deploy and CloudFormation, over the wire',
  { skip: missing(), timeout: 600_000 },
  async (t) => {
    const { zipOf } = await import('../../../infra/aws/plain/zip.js')
    const zip = zipOf(`${ROOT}dist/probe`)
    const folder = t.testdir({ 'plan.yaml': PLAN, 'probe.zip': Buffer.from(zip) })
    const script = fileURLToPath(new URL('deploy/in-namespace.mjs', import.meta.url))
    const up = 'ip link set lo up && exec "$@"'
    const files = [join(folder, 'plan.yaml'), join(folder, 'probe.zip'), folder]
    const args = [process.execPath, script, moto ?? '', ...files]
    const child = spawnSync('unshare', ['-rn', 'sh', '-c', up, 'sh', ...args], { encoding: 'utf8' })
    t.equal(child.status, 0, child.stderr.slice(-1500))
    const deployed: Deployed = JSON.parse(child.stdout)

    const named = (prefix: string): Deployed['functions'] =>
      deployed.functions
        .filter(({ FunctionName }) => FunctionName.startsWith(prefix))
        .sort((a, b) => (a.FunctionName < b.FunctionName ? -1 : 1))
    const rights = (role: string): readonly Statement[] =>
      (deployed.policies[role.split('/').at(-1) ?? ''] ?? []).flatMap(({ Statement }) => Statement)

    const orders = named('sonde-orders-')
    t.match(orders, [
      {
        FunctionName: 'sonde-orders-00000001',
        Runtime: 'nodejs24.x',
        VpcConfig: { SubnetIds: ['subnet-0a000000000000001'], SecurityGroupIds: ['sg-0b000000000000001'] },
        Environment: {
          Variables: {
            SONDE_SUBNET: 'subnet-0a000000000000001',
            SONDE_ALLOW: 'dynamodb.eu-west-1.amazonaws.com:443 orders.example.internal',
            SONDE_INTERVAL_MS: '120000',
            SONDE_WORKLOADS: 'orders-api',
          },
        },
      },
      { VpcConfig: { SubnetIds: ['subnet-0a000000000000002'] } },
    ])
    t.equal(orders.length, 2)
    t.strictSame(
      rights(orders[0]?.Role ?? '').map(({ Sid, Effect, Action }) => [Sid, Effect, [Action].flat().length]),
      [
        ['WriteToTheLogGroup', 'Allow', 2],
        ['LambdaMakesTheInterface', 'Allow', 6],
        ['CodeDoesNot', 'Deny', 6],
        ['AwsChecks', 'Allow', 1],
      ],
    )
    t.match(
      rights(orders[0]?.Role ?? '')[0]?.Resource,
      /^arn:aws:logs:eu-west-1:123456789012:log-group:\/sonde\/probes(:\*)?$/,
    )
    t.match(deployed.logGroups, [
      { logGroupName: '/sonde/plain', retentionInDays: 14 },
      { logGroupName: '/sonde/probes', retentionInDays: 14 },
    ])

    const plain = named('sonde-plain-')
    t.equal(plain.length, 2, 'of six subnets two were given')
    t.match(plain, [
      {
        FunctionName: 'sonde-plain-1',
        VpcConfig: { SubnetIds: ['subnet-0a000000000000001'] },
        Environment: { Variables: { SONDE_INTERVAL_MS: '60000', SONDE_EMF: '0' } },
      },
      { FunctionName: 'sonde-plain-2', VpcConfig: { SubnetIds: ['subnet-0a000000000000002'] } },
    ])
    const [first] = plain
    t.equal(first?.CodeSize, zip.length, 'the bundle that was uploaded')
    t.match(JSON.parse(first?.Environment.Variables['SONDE_PLAN'] ?? '{}'), { checks: [{ name: 'db' }] })
    const calls = Object.values(deployed.policies)
      .flat()
      .flatMap(({ Statement }) => Statement)
      .filter(({ Action }) => Action === 'lambda:InvokeFunction')
      .map(({ Resource }) => [Resource].flat().filter((arn) => /:function:sonde-/.test(String(arn))).length)
    t.strictSame(calls, [2, 2], 'each scheduler may call its own two probes')
  },
)

function missing(): string | false {
  if (noCdk) return noCdk
  if (moto === null)
    return 'moto_server is not on PATH (pip install "moto[server]", or SONDE_MOTO=/path/to/moto_server)'
  if (spawnSync('unshare', ['-rn', 'ip', 'link', 'set', 'lo', 'up']).status !== 0)
    return 'no network namespaces here (unshare -rn, ip)'
  return existsSync(`${ROOT}dist/probe/index.cjs`) ? false : 'the probe is not built: npm run build'
}
