import t from 'tap'
import { partitionOf } from '../../api/arn.js'
import { closeClients, openClients } from '../../api/aws/client.js'
import { type Clock, createBucket, createThrottle, SYSTEM_CLOCK } from '../../api/aws/client-throttle.js'
import { collectInventory, InventoryError } from '../../api/aws/inventory.js'
import { INVENTORY_CALLS } from '../../api/aws/inventory-calls.js'
import { joinPages } from '../../api/aws/inventory-pages.js'
import { snapshotPolicy } from '../../api/aws/policy.js'
import { KNOWN_CALLS } from '../../api/snapshot/known-calls.js'
import { parseSnapshotName, snapshotFileName } from '../../api/snapshot/names.js'
import { error, fakeAws, ok } from './fake-aws.js'

/** Time that passes only by sleeping. */
function manualClock(): Clock & { readonly slept: number[] } {
  const slept: number[] = []
  let time = 0
  return {
    slept,
    now: () => time,
    sleep: async (milliseconds) => {
      slept.push(milliseconds)
      time += milliseconds
    },
  }
}

t.test('pages are joined, throttling is waited out, denials are recorded', async (t) => {
  let throttled = 0
  const { asked } = await fakeAws(t, (action, parameters) => {
    if (action === 'DescribeVpcs') {
      if (throttled++ < 2) return error(503, 'RequestLimitExceeded')
      const token = parameters.get('NextToken')
      const id = token === null ? 'vpc-1' : 'vpc-2'
      const next = token === null ? '<nextToken>more</nextToken>' : ''
      return ok(
        action,
        `<vpcSet><item><vpcId>${id}</vpcId><ownerId>111122223333</ownerId></item></vpcSet>${next}`,
      )
    }
    if (action === 'DescribeVpcAttribute') {
      if (parameters.get('VpcId') === 'vpc-2') return error(400, 'InvalidVpcID.NotFound')
      return ok(action, '<vpcId>vpc-1</vpcId><enableDnsSupport><value>true</value></enableDnsSupport>')
    }
    if (action === 'DescribeSubnets') return ok(action, '<subnetSet/>')
    if (action === 'DescribeInstances') {
      return ok(
        action,
        '<reservationSet><item><instancesSet><item><instanceId>i-1</instanceId><launchTime>2026-01-02T03:04:05.000Z</launchTime></item></instancesSet></item></reservationSet>',
      )
    }
    if (action === 'DescribeVpnConnections') {
      return ok(
        action,
        '<vpnConnectionSet><item><vpnConnectionId>vpn-1</vpnConnectionId><customerGatewayConfiguration>hunter2</customerGatewayConfiguration></item></vpnConnectionSet>',
      )
    }
    return null
  })
  const clients = openClients('eu-west-1')
  t.teardown(() => closeClients(clients))
  const { snapshot, accounts, regions } = await collectInventory([clients], {
    takenAt: new Date('2026-01-02T03:04:05Z'),
  })
  const body = (call: string, key = '') =>
    snapshot.documents.find((document) => document.call === call && document.key === key)?.body
  t.equal(snapshot.takenAt, '2026-01-02T03:04:05.000Z')
  t.strictSame(accounts, ['111122223333'])
  t.strictSame(regions, ['eu-west-1'])
  t.match(body('describe-vpcs'), { Vpcs: [{ VpcId: 'vpc-1' }, { VpcId: 'vpc-2' }] })
  t.strictSame(Object.keys(Object(body('describe-vpcs'))), ['Vpcs'], 'no token, no metadata')
  t.equal(asked.filter((action) => action === 'DescribeVpcs').length, 4, 'two refusals and two pages')
  t.strictSame(body('describe-subnets'), { Subnets: [] }, 'there is none: known')
  t.match(body('describe-instances'), {
    Reservations: [{ Instances: [{ LaunchTime: '2026-01-02T03:04:05.000Z' }] }],
  })
  t.strictSame(
    body('describe-vpn-connections'),
    { VpnConnections: [{ VpnConnectionId: 'vpn-1' }] },
    'no secrets',
  )
  t.match(body('describe-vpc-attribute', 'vpc-1.enableDnsSupport'), { EnableDnsSupport: { Value: true } })
  const missing = (call: string) => snapshot.missing.filter((one) => one.call === call)
  t.match(missing('describe-network-acls'), [{ scope: 'eu-west-1', key: '', code: 'UnauthorizedOperation' }])
  t.match(missing('list-functions'), [{ code: 'AccessDeniedException' }])
  t.match(missing('list-hosted-zones'), [{ scope: 'global' }])
  t.strictSame(
    missing('describe-vpc-attribute')
      .map(({ key, code }) => [key, code])
      .sort(),
    [
      ['vpc-2.enableDnsHostnames', 'InvalidVpcID.NotFound'],
      ['vpc-2.enableDnsSupport', 'InvalidVpcID.NotFound'],
    ],
    'a resource that vanished in between',
  )
  for (const document of snapshot.documents) {
    t.match(parseSnapshotName(document.file), {
      kind: 'document',
      scope: document.scope,
      call: document.call,
      key: document.key,
    })
  }
})

t.test('credentials that are refused end it at once', async (t) => {
  const { asked } = await fakeAws(t, () => error(401, 'AuthFailure'))
  const clients = openClients('eu-west-1')
  t.teardown(() => closeClients(clients))
  await t.rejects(collectInventory([clients]), {
    name: 'InventoryError',
    message: /eu-west-1: AuthFailure: AuthFailure it is/,
  })
  t.strictSame(asked, ['DescribeVpcs'])
})

t.test('nothing allowed is an error, not an empty snapshot', async (t) => {
  await fakeAws(t, () => null)
  const clients = openClients('eu-west-1')
  t.teardown(() => closeClients(clients))
  await t.rejects(collectInventory([clients]), InventoryError)
})

t.test('each attempt waits for its bucket', async (t) => {
  const clock = manualClock()
  const take = createBucket({ capacity: 3, perSecond: 2 }, clock)
  for (let request = 0; request < 3; request++) await take()
  t.strictSame(clock.slept, [], 'a full bucket')
  await take()
  await take()
  t.strictSame(clock.slept, [500, 500], 'then its refill')
  await clock.sleep(60_000)
  const before = clock.slept.length
  for (let request = 0; request < 4; request++) await take()
  t.strictSame(clock.slept.slice(before), [500], 'never fuller than its capacity')
})

t.test('EC2 has a bucket for each action, the others one for each service', async (t) => {
  const clock = manualClock()
  const throttle = createThrottle(clock)
  for (let request = 0; request < 100; request++) await throttle('ec2', 'DescribeVpcsCommand')
  for (let request = 0; request < 50; request++) await throttle('ec2', 'DescribeAddressesCommand')
  t.strictSame(clock.slept, [])
  await throttle('ec2', 'DescribeVpcsCommand')
  t.strictSame(clock.slept, [50])
  for (let request = 0; request < 11; request++) await throttle('lambda', request % 2 ? 'A' : 'B')
  t.strictSame(clock.slept, [50, 100])
})

t.test('the system clock sleeps', async (t) => {
  const before = SYSTEM_CLOCK.now()
  await SYSTEM_CLOCK.sleep(1)
  t.ok(SYSTEM_CLOCK.now() >= before)
})

t.test('pages become what the AWS CLI prints', async (t) => {
  t.strictSame(
    joinPages(
      [
        {
          $metadata: {},
          Items: [{ At: new Date(0), Gone: undefined }],
          NextToken: 'x',
          More: true,
          IsTruncated: true,
        },
        { Items: [{ Bytes: new Uint8Array([1, 2]) }], NextMarker: 'y', More: false },
      ],
      'Items',
    ),
    { Items: [{ At: '1970-01-01T00:00:00.000Z' }, { Bytes: 'AQI=' }], More: false },
  )
  t.strictSame(joinPages([{}], 'Items'), { Items: [] })
  t.strictSame(joinPages([{ Items: undefined, One: null }], null), { One: null })
})

t.test('the table, the file names and the policy agree', async (t) => {
  for (const { call, keys } of INVENTORY_CALLS) {
    const known = KNOWN_CALLS.get(call)
    t.equal((known?.keyParts ?? -1) > 0, keys !== undefined, `${call} is known with its key`)
    t.match(parseSnapshotName(snapshotFileName(call)), { call })
  }
  const policy = snapshotPolicy('aws-cn')
  const actions = policy.Statement.flatMap((statement) => statement.Action).sort()
  t.strictSame(actions, [...new Set(INVENTORY_CALLS.map((call) => call.action))].sort())
  t.notOk(
    actions.some((action) => !/^[a-z0-9]+:(?:Describe|List|Get|Search|Simulate)/.test(action)),
    'reads alone',
  )
  t.match(
    policy.Statement.find((statement) => statement.Action.includes('iam:SimulatePrincipalPolicy')),
    { Resource: 'arn:aws-cn:iam::*:role/*', Effect: 'Allow' },
  )
  t.equal(new Set(policy.Statement.map((statement) => statement.Sid)).size, policy.Statement.length)
  t.strictSame(
    ['us-east-1', 'cn-north-1', 'us-gov-west-1', 'us-iso-east-1', 'us-isob-east-1', 'eusc-de-east-1'].map(
      partitionOf,
    ),
    ['aws', 'aws-cn', 'aws-us-gov', 'aws-iso', 'aws-iso-b', 'aws-eusc'],
  )
})
