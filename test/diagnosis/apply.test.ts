import t from 'tap'
import { applyChanges, ChangeError, planChanges, undoPatches } from '../../api/diagnosis/apply.js'
import type { Change } from '../../api/diagnosis/diagnosis.js'
import { all, PLACES, records, text } from '../../api/diagnosis/raw.js'
import { buildModel } from '../../api/network/model.js'
import type { Snapshot } from '../../api/network/snapshot.js'
import { IDS } from '../scenarios/support/world.js'
import { EVERY_CHANGE } from './support/changes.js'
import { fullSnapshot } from './support/snapshots.js'

/** A snapshot's content without the order in which lists happen to stand. */
function content(snapshot: Snapshot): Record<string, unknown> {
  const normal = (value: unknown): unknown => {
    if (Array.isArray(value))
      return value.map(normal).sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1))
    if (typeof value !== 'object' || value === null) return value
    return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, normal(one)]))
  }
  return Object.fromEntries(snapshot.documents.map((document) => [document.file, normal(document.body)]))
}

t.test('every kind of change can be applied, is readable as AWS JSON, and can be taken back', async (t) => {
  const before = fullSnapshot()
  const frozen = JSON.stringify(before)
  const patches = planChanges(before, EVERY_CHANGE)
  const after = applyChanges(before, EVERY_CHANGE)
  t.equal(JSON.stringify(before), frozen, 'the given snapshot stays as it was')
  t.same(buildModel(after).problems, [], 'the changed answers are as AWS would print them')
  t.notSame(content(after), content(before))
  t.same(content(undoPatches(after, patches)), content(before), 'undone, it is the snapshot that it was')
})

t.test('documents that no change touches are shared', async (t) => {
  const before = fullSnapshot()
  const [first] = EVERY_CHANGE
  if (first === undefined) throw new Error('no change')
  const after = applyChanges(before, [first])
  const changed = after.documents.filter((document, index) => document !== before.documents[index])
  t.same(
    changed.map((document) => document.call),
    ['describe-security-groups'],
  )
})

t.test('a rule that exists is refused, in whichever of several like entries it stands', async (t) => {
  const before = fullSnapshot()
  const documents = before.documents.map((document) =>
    document.call === 'describe-security-groups'
      ? {
          ...document,
          body: {
            SecurityGroups: all(before, PLACES.securityGroup).map((group) => ({
              ...group,
              // The same traffic from somewhere else, in an entry of its own that stands first.
              IpPermissions: records(group, 'IpPermissions').flatMap((permission) => [
                { ...permission, UserIdGroupPairs: [], IpRanges: [{ CidrIp: '192.0.2.0/24' }] },
                permission,
              ]),
            })),
          },
        }
      : document,
  )
  const change: Change = {
    kind: 'authorize-security-group',
    direction: 'ingress',
    groupId: IDS.groupDatabase,
    protocol: 'tcp',
    fromPort: 5432,
    toPort: 5432,
    peer: { groupId: IDS.groupFunction },
  }
  for (const snapshot of [before, { ...before, documents }])
    t.throws(() => applyChanges(snapshot, [change]), {
      name: 'ChangeError',
      message: `change 1 (authorize-security-group): ${IDS.groupDatabase} has that ingress rule for ${IDS.groupFunction} already`,
    })
})

t.test('two changes of one object add up', async (t) => {
  const rule = (port: number): Change => ({
    kind: 'authorize-security-group',
    direction: 'ingress',
    groupId: IDS.groupDatabase,
    protocol: 'tcp',
    fromPort: port,
    toPort: port,
    peer: { groupId: IDS.groupFunction },
  })
  const after = applyChanges(fullSnapshot(), [rule(1), rule(2)])
  const group = all(after, PLACES.securityGroup).find((one) => text(one, 'GroupId') === IDS.groupDatabase)
  const ports = records(group, 'IpPermissions').map((one) => one['FromPort'])
  t.ok(ports.includes(1) && ports.includes(2))
})

t.test('a change that the snapshot cannot take is named with its number and reason', async (t) => {
  const cases: readonly (readonly [Change, RegExp])[] = [
    [
      { kind: 'associate-endpoint-route-table', endpointId: 'vpce-none', routeTableId: IDS.tableMain },
      /change 1 \(associate-endpoint-route-table\): .*vpce-none/,
    ],
    [
      {
        kind: 'put-network-acl-entry',
        networkAclId: IDS.aclDefault,
        egress: true,
        ruleNumber: 100,
        action: 'allow',
        protocol: '-1',
        cidr: '0.0.0.0/0',
        fromPort: null,
        toPort: null,
      },
      /outbound rule 100 already/,
    ],
    [
      {
        kind: 'put-network-acl-entry',
        networkAclId: IDS.aclDefault,
        egress: true,
        ruleNumber: 40000,
        action: 'allow',
        protocol: '-1',
        cidr: '0.0.0.0/0',
        fromPort: null,
        toPort: null,
      },
      /not within 1 and 32766/,
    ],
    [
      { kind: 'delete-network-acl-entry', networkAclId: IDS.aclDefault, egress: false, ruleNumber: 7 },
      /no inbound rule 7/,
    ],
    [
      { kind: 'delete-network-acl-entry', networkAclId: IDS.aclDefault, egress: true, ruleNumber: 32767 },
      /last rule of .* can't be deleted/,
    ],
    [
      { kind: 'delete-route', routeTableId: IDS.tablePrivateA, destination: '10.7.0.0/16' },
      /no route to 10\.7\.0\.0\/16/,
    ],
    [
      { kind: 'delete-route', routeTableId: IDS.tablePrivateA, destination: '10.0.0.0/16' },
      /can't be deleted: it is the VPC's own/,
    ],
    [
      {
        kind: 'put-route',
        routeTableId: IDS.tablePrivateA,
        destination: '0.0.0.0/0',
        target: { kind: 'nat-gateway', id: IDS.nat },
        replace: false,
      },
      /already; set replace/,
    ],
    [
      {
        kind: 'put-route',
        routeTableId: IDS.tableMain,
        destination: '0.0.0.0/0',
        target: { kind: 'nat-gateway', id: IDS.nat },
        replace: true,
      },
      /no route to 0\.0\.0\.0\/0 to replace/,
    ],
    [
      {
        kind: 'put-route',
        routeTableId: IDS.tableMain,
        destination: '0.0.0.0/0',
        target: { kind: 'nonsense', id: 'x' },
        replace: false,
      },
      /can't be a nonsense/,
    ],
    [
      {
        kind: 'revoke-security-group',
        direction: 'ingress',
        groupId: IDS.groupAdmin,
        protocol: 'tcp',
        fromPort: 23,
        toPort: 23,
        peer: { cidr: '10.0.1.0/24' },
      },
      /no such ingress rule/,
    ],
    [
      { kind: 'attach-role-policy', roleName: 'nobody', policyArn: 'a', actions: [] },
      /no function of the snapshot has the role nobody/,
    ],
  ]
  for (const [change, message] of cases) t.throws(() => applyChanges(fullSnapshot(), [change]), message)
})

t.test('a route that something else keeps in its table stays there', async (t) => {
  const before = fullSnapshot()
  const routes = all(before, PLACES.routeTable).find((one) => text(one, 'RouteTableId') === IDS.tablePrivateA)
  const kept = [
    { DestinationPrefixListId: IDS.s3List, GatewayId: 'vpce-1', Origin: 'CreateRoute', State: 'active' },
    {
      DestinationCidrBlock: '192.168.0.0/16',
      GatewayId: 'vgw-1',
      Origin: 'EnableVgwRoutePropagation',
      State: 'active',
    },
  ]
  const table = { ...routes, Routes: [...records(routes, 'Routes'), ...kept] }
  const snapshot = {
    ...before,
    documents: before.documents.map((document) =>
      document.call === 'describe-route-tables' ? { ...document, body: { RouteTables: [table] } } : document,
    ),
  }
  const leave = (destination: string) =>
    applyChanges(snapshot, [{ kind: 'delete-route', routeTableId: IDS.tablePrivateA, destination }])
  t.throws(() => leave(IDS.s3List), /comes with vpce-1; take the table from that endpoint/)
  t.throws(() => leave('192.168.0.0/16'), /propagated by vgw-1/)
  t.doesNotThrow(() => leave('0.0.0.0/0'))
})

t.test('what was changed since is not taken back blindly', async (t) => {
  const before = fullSnapshot()
  const [first, , , revoke] = EVERY_CHANGE
  if (first === undefined || revoke === undefined) throw new Error('no change')
  const patches = planChanges(before, [first])
  const after = applyChanges(applyChanges(before, [first]), [{ ...first, fromPort: 1, toPort: 1 } as Change])
  t.throws(() => undoPatches(after, patches), ChangeError)
})
