import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { registerDiscover } from '../../api/cli/discover.js'
import { registerRun } from '../../api/cli/run.js'
import { widthOf } from '../../api/cli/screen.js'
import { readPlanFile } from '../../api/discovery/plan-file.js'
import { writeSnapshot } from '../../api/snapshot/write.js'
import { eni, lambda, snapshotOf, VPC } from '../discovery/aws-answers.js'
import { run } from './run.js'

const proxy = (name: string, host = `${name}.proxy-x`) => ({
  DBProxyName: name,
  DBProxyArn: name,
  EngineFamily: 'POSTGRESQL',
  VpcId: VPC,
  Endpoint: host,
})

/** A folder with a snapshot in it, and `sonde discover` on that. */
async function account(t: Test) {
  const cwd = t.testdir({})
  const take = async (functions: readonly string[], ...DBProxies: readonly object[]) => {
    const snapshot = snapshotOf({
      'list-functions': { Functions: functions.map((name) => lambda(name)) },
      'describe-network-interfaces': { NetworkInterfaces: [eni('eni-1', 'a')] },
      'describe-db-proxies': { DBProxies },
    })
    await writeSnapshot(join(cwd, 'snap'), snapshot, { regions: [], accounts: [] })
  }
  const discover = (...args: string[]) =>
    run(registerDiscover, ['discover', '--snapshot', 'snap', ...args], { cwd })
  const plan = () => readFileSync(join(cwd, 'sonde.plan.yaml'), 'utf8')
  return {
    cwd,
    take,
    discover,
    plan,
    edit: (change: (text: string) => string) => writeFileSync(join(cwd, 'sonde.plan.yaml'), change(plan())),
  }
}

t.test(
  'the first run writes the file; later ones propose, and --apply keeps what a person wrote',
  async (t) => {
    const { take, discover, plan, edit } = await account(t)
    await take(['orders', 'billing'], proxy('front'), proxy('back'))
    const first = await discover()
    t.equal(first.code, 0, first.stderr)
    t.match(first.stdout, /functions +billing, orders\n/)
    t.match(first.stdout, /subnets +subnet-a \(eni-1\), subnet-b \(no interface seen\)\n/)
    t.match(first.stdout, /interfaces +1 shared by 2 functions\n/)
    t.match(first.stdout, /2 functions in 1 posture: 2 probes needed\./)
    t.match(first.stdout, /sonde\.plan\.yaml is written/)
    t.ok(
      first.stdout.split('\n').every((line) => widthOf(line) <= 80),
      first.stdout,
    )
    t.match(plan(), /^# What Sonde's probes check/)
    t.match(readPlanFile(plan(), 'x').postures, [
      { functions: ['billing', 'orders'], subnets: ['subnet-a', 'subnet-b'] },
    ])

    const same = await discover()
    t.match(same, { code: 0, stdout: /is up to date/ })

    edit((text) =>
      text.replace('port: 5432', 'port: 6432 # by hand').replace('- billing', '- billing # careful'),
    )
    t.match(
      await discover(),
      { code: 0, stdout: /is up to date/ },
      'an edit alone is no difference to be told',
    )

    await take(['orders'], proxy('front', 'front.new'), proxy('extra'))
    const before = plan()
    const proposed = await discover()
    t.equal(proposed.code, 1)
    t.match(proposed.stdout, /\n- posture-\w+: function billing\n/)
    t.match(
      proposed.stdout,
      /\n\+ posture-\w+: check rds-proxy:extra:\s+postgres, port 5432, host\s+extra\.proxy-x, ca system\n/,
    )
    t.match(proposed.stdout, /\n= posture-\w+: check rds-proxy:back stays: edited by hand/)
    t.match(proposed.stdout, /3 changes proposed; --apply writes them/)
    t.equal(plan(), before, 'nothing is written unasked')

    t.match(await discover('--apply'), { code: 0, stdout: /3 changes written/ })
    const [after] = readPlanFile(plan(), 'x').postures
    t.same(after?.functions, ['orders'])
    t.match(plan(), /port: 6432 # by hand/)
    t.same(after?.plan.checks, [
      { name: 'rds-proxy:back', kind: 'postgres', port: 6432, host: 'back.proxy-x', ca: 'system' },
      { name: 'rds-proxy:front', kind: 'postgres', port: 5432, host: 'front.new', ca: 'system' },
      { name: 'rds-proxy:extra', kind: 'postgres', port: 5432, host: 'extra.proxy-x', ca: 'system' },
    ])
    t.match(await discover(), { code: 0 })
  },
)

t.test('as JSON, for a pipeline', async (t) => {
  const { take, discover } = await account(t)
  await take(['orders'], proxy('front'))
  await discover('--out', 'plans.yaml')
  await take(['orders', 'billing'], proxy('front'))
  const told = await discover('--out', 'plans.yaml', '--json')
  t.equal(told.code, 1)
  t.match(JSON.parse(told.stdout), {
    file: 'plans.yaml',
    wrote: false,
    postures: [
      { probes: 2, interfaces: { 'subnet-a': ['eni-1'], 'subnet-b': [] }, functions: ['billing', 'orders'] },
    ],
    changes: [{ kind: 'add-function', name: 'billing' }],
    kept: [],
  })
})

t.test('what can not be read is told, and nothing is asked or written', async (t) => {
  const { cwd, take, discover, plan } = await account(t)
  await take(['orders'], proxy('front'))
  writeFileSync(join(cwd, 'sonde.plan.yaml'), 'version: 1\npostures: [{ id: p }]\n')
  const bad = await discover('--apply')
  t.equal(bad.code, 2)
  t.match(bad.stderr, /sonde\.plan\.yaml:2:\d+: postures\.0 needs "region"/)
  t.equal(plan(), 'version: 1\npostures: [{ id: p }]\n')
  t.match(await discover('--out', 'nowhere/my.plan.yaml'), {
    code: 2,
    stderr: /sonde discover: can't write nowhere\/my\.plan\.yaml: there is no such folder/,
  })
  t.match(await run(registerDiscover, ['discover'], { cwd: t.testdir({}) }), {
    code: 2,
    stderr: /--region is missing/,
  })
  t.match(await run(registerDiscover, ['discover', '--snapshot', 'none'], { cwd: t.testdir({}) }), {
    code: 2,
    stderr: /none/,
  })
})

t.test('the least that discovery and runs need', async (t) => {
  const discovery = JSON.parse(
    (await run(registerDiscover, ['discover', '--policy', '--region', 'cn-north-1'])).stdout,
  )
  const actions: string[] = discovery.Statement.flatMap((one: { Action: string[] }) => one.Action)
  t.same(actions.toSorted(), [
    'ec2:DescribeNatGateways',
    'ec2:DescribeNetworkInterfaces',
    'ec2:DescribeRouteTables',
    'ec2:DescribeSubnets',
    'ec2:DescribeVpcEndpoints',
    'ec2:DescribeVpcs',
    'elasticache:DescribeCacheClusters',
    'elasticache:DescribeCacheSubnetGroups',
    'elasticache:DescribeReplicationGroups',
    'elasticache:DescribeServerlessCaches',
    'es:DescribeDomain',
    'es:ListDomainNames',
    'lambda:ListFunctions',
    'rds:DescribeDBClusters',
    'rds:DescribeDBInstances',
    'rds:DescribeDBProxies',
    'rds:DescribeDBSubnetGroups',
    'sts:GetCallerIdentity',
    'tag:GetResources',
  ])
  t.match(discovery.Statement, [
    { Resource: '*' },
    { Action: ['es:DescribeDomain'], Resource: 'arn:aws-cn:es:*:*:domain/*' },
  ])
  const runs = await run(registerRun, ['run', '--policy', '--probes', 'sonde-*,canary'])
  t.same(JSON.parse(runs.stdout).Statement, [
    {
      Sid: 'SondeRun',
      Effect: 'Allow',
      Action: ['lambda:InvokeFunction'],
      Resource: ['arn:aws:lambda:*:*:function:sonde-*', 'arn:aws:lambda:*:*:function:canary'],
    },
  ])
})
