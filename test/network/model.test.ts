import t from 'tap'
import { buildModel } from '../../api/network/model.js'
import type { SnapshotDocument } from '../../api/network/snapshot.js'

const doc = (call: string, body: unknown, more: Partial<SnapshotDocument> = {}): SnapshotDocument => ({
  file: `${call}.json`,
  scope: '',
  call,
  key: '',
  body,
  ...more,
})
const build = (...documents: SnapshotDocument[]) => buildModel({ takenAt: null, documents, missing: [] })

t.test('a wrong type is told with file, pointer and what was expected', async (t) => {
  const { problems } = build(
    doc('describe-subnets', {
      Subnets: [{ SubnetId: 'subnet-1', VpcId: 'vpc-1', CidrBlock: '10.0.0.0/99' }],
    }),
    doc('describe-security-groups', {
      SecurityGroups: [
        {
          GroupId: 'sg-1',
          IpPermissions: [{ IpProtocol: 'tcp', FromPort: '80', ToPort: 80, IpRanges: [{ CidrIp: 7 }] }],
        },
      ],
    }),
    doc('describe-vpcs', { Vpcs: 'none' }),
    doc('describe-route-tables', [1]),
  )
  t.same(
    problems.map((p) => `${p.file} ${p.pointer} ${p.message}`),
    [
      'describe-subnets.json /Subnets/0/CidrBlock expected an IP address or CIDR, found string "10.0.0.0/99"',
      'describe-security-groups.json /SecurityGroups/0/IpPermissions/0/FromPort expected a number, found string "80"',
      'describe-security-groups.json /SecurityGroups/0/IpPermissions/0/IpRanges/0/CidrIp expected a string, found number 7',
      'describe-vpcs.json /Vpcs expected an array, found string "none"',
      'describe-route-tables.json  expected an object with RouteTables, found an array',
    ],
  )
})

t.test('unknown fields, newer values, unknown calls are no problem', async (t) => {
  const { model, problems } = build(
    doc('describe-vpcs', {
      Vpcs: [{ VpcId: 'vpc-1', CidrBlock: '10.0.0.0/16', Newer: { Thing: 1 }, State: 'levitating' }],
      NextToken: 'x',
    }),
    doc('describe-route-tables', {
      RouteTables: [
        {
          RouteTableId: 'rtb-1',
          VpcId: 'vpc-1',
          Routes: [{ DestinationCidrBlock: '0.0.0.0/0', WarpGateId: 'warp-1', State: 'active' }],
        },
      ],
    }),
    doc('describe-warp-gates', { WarpGates: 3 }),
  )
  t.same(problems, [])
  t.equal(model.routeTables.get('rtb-1')?.routes[0]?.targetKind, 'unsupported')
})

t.test('absent and empty are told apart; pages and scopes add up', async (t) => {
  const empty = build(doc('describe-subnets', { Subnets: [] })).model
  t.ok(empty.answered.has('describe-subnets'))
  t.notOk(empty.answered.has('describe-vpcs'))
  const page = (n: number, scope: string) =>
    doc(
      'describe-vpcs',
      { Vpcs: [{ VpcId: `vpc-${n}`, CidrBlock: `10.${n}.0.0/16` }] },
      { key: String(n), scope, file: `${scope}/describe-vpcs.${n}.json` },
    )
  const { model } = build(page(1, 'a'), page(2, 'a'), page(3, 'b'))
  t.same([...model.vpcs.keys()], ['vpc-1', 'vpc-2', 'vpc-3'])
  t.same([...(model.answered.get('describe-vpcs') ?? [])], ['a', 'b'])
})
