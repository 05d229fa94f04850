import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import t from 'tap'
import { registerDiagnose } from '../../api/cli/diagnose.js'
import { registerRehearse } from '../../api/cli/rehearse.js'
import { type RunOptions, run } from '../cli/run.js'
import { IDS } from '../scenarios/support/world.js'
import { reportOf } from './support/reports.js'

const data = (id: string) => join(process.cwd(), 'test/scenarios/data', id, 'snapshot')
const rehearse = (args: readonly string[], options: RunOptions = {}) =>
  run(registerRehearse, ['rehearse', ...args], options)
const diagnose = (args: readonly string[], options: RunOptions = {}) =>
  run(registerDiagnose, ['diagnose', ...args], options)

const admit = {
  kind: 'authorize-security-group',
  direction: 'ingress',
  groupId: IDS.groupDatabase,
  protocol: 'tcp',
  fromPort: 5432,
  toPort: 5432,
  peer: { groupId: IDS.groupFunction },
}
const root = t.testdir({
  'fix.json': JSON.stringify({ changes: [admit] }),
  'bare.json': JSON.stringify([admit]),
  'other.json': JSON.stringify({ changes: [{ ...admit, fromPort: 80, toPort: 80 }] }),
  'wrong.json': JSON.stringify({
    changes: [admit, { ...admit, direction: 'sideways', typo: 1 }, { kind: 'nothing' }],
  }),
  'absent.json': JSON.stringify([{ ...admit, groupId: 'sg-none' }]),
  'text.json': 'not json',
})
const toDatabase = ['--snapshot', data('S3'), '--from', 'orders-api', '--to', 'rds:orders', '--port', '5432']

t.test('rehearse: the verdict with the fix applied is the exit code', async (t) => {
  for (const file of ['fix.json', 'bare.json']) {
    const { code, stdout, stderr } = await rehearse([...toDatabase, '--fix', join(root, file)])
    t.equal(stderr, '')
    t.equal(code, 0)
    t.match(stdout, /Allow|allow inbound tcp\/5432/)
    t.match(stdout, /REACHABLE/)
  }
  const other = await rehearse([...toDatabase, '--fix', join(root, 'other.json')])
  t.equal(other.code, 1)
  const both = await rehearse([
    ...toDatabase,
    '--fix',
    join(root, 'other.json'),
    join(root, 'fix.json'),
    '--json',
  ])
  t.equal(both.code, 0)
  t.match(JSON.parse(both.stdout), {
    changes: [{ fromPort: 80 }, { fromPort: 5432 }],
    trace: { verdict: 'reachable' },
  })
})

t.test('rehearse: half of a fix stays red and says what is next', async (t) => {
  const half = [
    {
      kind: 'put-route',
      routeTableId: IDS.tablePrivateA,
      destination: '0.0.0.0/0',
      target: { kind: 'nat-gateway', id: IDS.nat },
      replace: false,
    },
  ]
  writeFileSync(join(root, 'half.json'), JSON.stringify(half))
  const args = [
    '--snapshot',
    data('N16'),
    '--from',
    'orders-api',
    '--to',
    'internet',
    '--fix',
    join(root, 'half.json'),
    '--json',
  ]
  const { code, stdout } = await rehearse(args)
  t.equal(code, 1)
  const codes = JSON.parse(stdout).trace.blockers.map((one: { code: string }) => one.code)
  t.ok(codes.includes('SUBNET_ACL_RESTRICTION'))
})

t.test('rehearse: bad input is exit code 2, with every fault and its pointer', async (t) => {
  const cases: readonly (readonly [readonly string[], RegExp])[] = [
    [['--fix', join(root, 'wrong.json')], /\/changes\/1.*\/changes\/2: expected a change/s],
    [['--fix', join(root, 'wrong.json')], /\/changes\/1\/direction/],
    [
      ['--fix', join(root, 'absent.json')],
      /change 1 \(authorize-security-group\): the snapshot has no sg-none/,
    ],
    [['--fix', join(root, 'text.json')], /not JSON/],
    [['--fix', join(root, 'no-such.json')], /--fix .*no-such\.json: no such file or folder/],
    [[], /--fix is missing/],
  ]
  for (const [args, message] of cases) {
    const { code, stderr, stdout } = await rehearse([...toDatabase, ...args])
    t.equal(code, 2)
    t.match(stderr, message)
    t.equal(stdout, '')
  }
})

t.test('diagnose: report lines in, cause and rehearsed fix out', async (t) => {
  const lines = [IDS.privateA, IDS.privateB]
    .map((subnet) =>
      reportOf(subnet, {
        outcome: 'connect_timeout',
        endedIn: 'connect',
        address: '10.0.21.20',
        addressKind: 'private',
      }),
    )
    .map((report) => JSON.stringify(report))
  const stdin = () => Readable.from([`START RequestId: 1\n${lines.join('\n')}\n`])
  const said = await diagnose(['--snapshot', data('S3'), '--reports', '-'], { stdin: stdin() })
  t.equal(said.stderr, '')
  t.equal(said.code, 1)
  t.match(said.stdout, /orders-api → orders-db\nProven: .*lacks an inbound rule for tcp\/5432/)
  t.match(said.stdout, /^ {4}aws ec2 authorize-security-group-ingress/m)
  const json = await diagnose(['--snapshot', data('S3'), '--reports', '-', '--json'], { stdin: stdin() })
  const { groups } = JSON.parse(json.stdout)
  t.equal(groups.length, 1, 'both subnets have one cause')
  t.match(groups[0], {
    kind: 'proven',
    cause: { code: 'ENI_SG_RULES_MISMATCH', component: IDS.groupDatabase },
    functions: ['orders-api'],
    fixes: [{ changes: [admit] }],
  })
})

t.test('diagnose: all well is exit code 0, and bad input 2', async (t) => {
  const file = join(root, 'reports.ndjson')
  writeFileSync(
    file,
    `${JSON.stringify(reportOf(IDS.privateA, { outcome: 'ok', address: '10.0.21.20', addressKind: 'private' }))}\n`,
  )
  const well = await diagnose(['--snapshot', data('S2'), '--reports', file])
  t.equal(well.code, 0)
  t.match(well.stdout, /as expected/)
  writeFileSync(file, 'nothing here\n')
  const none = await diagnose(['--snapshot', data('S2'), '--reports', file])
  t.equal(none.code, 2)
  t.match(none.stderr, /no report line among 1 lines/)
  t.equal((await diagnose(['--snapshot', data('S2'), '--reports', root])).code, 2)
  t.equal((await diagnose(['--snapshot', join(root, 'nowhere'), '--reports', file])).code, 2)
})
