import t from 'tap'
import { freeRuleNumber } from '../../api/diagnosis/derive/acls.js'
import { findFixes, findNarrowing } from '../../api/diagnosis/fixes.js'
import { ask, questionOf } from '../../api/diagnosis/rehearse.js'
import { customAcl } from '../scenarios/support/network-faults.js'
import { allTraffic, find, IDS, id, type World } from '../scenarios/support/world.js'
import { worldOf } from './support/snapshots.js'

const toInternet = { from: 'orders-api', to: 'internet' }
const toDatabase = { from: 'orders-api', to: 'rds:orders', port: 5432 }

function fixes(change: (world: World) => void, parts: Parameters<typeof questionOf>[0], limits = {}) {
  const snapshot = worldOf(change)
  const question = questionOf(parts)
  return findFixes(snapshot, question, ask(snapshot, question), limits)
}

const PRIVATE = [IDS.privateA, IDS.privateB, IDS.privateC]

t.test('an ACL entry goes before the one that denies', async (t) => {
  const [fix] = fixes(
    (world) =>
      customAcl(world, PRIVATE, [
        { number: 90, egress: true, action: 'deny', protocol: 'tcp', cidr: '0.0.0.0/0', from: 443, to: 443 },
        { number: 100, egress: true, action: 'allow', protocol: '-1', cidr: '0.0.0.0/0' },
        { number: 100, egress: false, action: 'allow', protocol: '-1', cidr: '0.0.0.0/0' },
      ]),
    toInternet,
  )
  t.match(fix?.changes, [{ kind: 'put-network-acl-entry', egress: true, ruleNumber: 80, action: 'allow' }])
  t.equal(fix?.changes.length, 1)
})

t.test('several new entries all stand before the one that denies, however little room is left', async (t) => {
  const [fix] = fixes(
    (world) =>
      customAcl(
        world,
        [IDS.dataA, IDS.dataB],
        [
          {
            number: 5,
            egress: true,
            action: 'deny',
            protocol: 'tcp',
            cidr: '0.0.0.0/0',
            from: 1024,
            to: 65535,
          },
          { number: 100, egress: true, action: 'allow', protocol: '-1', cidr: '0.0.0.0/0' },
          { number: 100, egress: false, action: 'allow', protocol: '-1', cidr: '0.0.0.0/0' },
        ],
      ),
    toDatabase,
  )
  const numbers = fix?.changes.map((one) => (one.kind === 'put-network-acl-entry' ? one.ruleNumber : 0))
  t.same(numbers, [4, 3], 'one for each subnet of the function')
})

t.test('free rule numbers: room is used, tight places too, and none is none', async (t) => {
  const acl = (numbers: readonly number[]) => ({
    Entries: numbers.map((RuleNumber) => ({ RuleNumber, Egress: true })),
  })
  t.equal(freeRuleNumber(acl([]), true, 32767), 100)
  t.equal(freeRuleNumber(acl([100, 32767]), true, 32767), 110)
  t.equal(freeRuleNumber(acl([100, 200]), true, 200), 190)
  t.equal(freeRuleNumber(acl([100, 101]), true, 101), 99)
  t.equal(freeRuleNumber(acl([1, 2]), true, 2), null)
  t.equal(freeRuleNumber(acl([32766, 32767]), true, 32767), 32765)
  t.equal(freeRuleNumber(acl([100]), false, 32767), 100, 'the other side has numbers of its own')
  t.equal(freeRuleNumber(acl([20]), true, 20, [10]), 19, 'what another new entry was given is taken')
})

t.test('an internet gateway that hangs loose is attached for the route that is missing, too', async (t) => {
  const [fix] = fixes((world) => {
    for (const table of world.tables) table.routes = table.routes.filter((route) => route.via !== IDS.igw)
    for (const gateway of world.internetGateways) gateway.vpc = null
  }, toInternet)
  t.match(fix?.changes, [
    { kind: 'attach-internet-gateway' },
    { kind: 'put-route', destination: '0.0.0.0/0' },
  ])
})

t.test('each zone leaves by the NAT gateway of its own zone', async (t) => {
  const other = id('nat', 'b1')
  const [fix] = fixes((world) => {
    for (const table of world.tables) table.routes = table.routes.filter((route) => route.via !== IDS.nat)
    world.nats.push({
      id: other,
      subnet: IDS.publicB,
      eni: id('eni', '0b7'),
      address: '10.0.2.10',
      publicAddress: '203.0.113.8',
      state: 'available',
    })
  }, toInternet)
  t.match(fix?.changes, [
    { kind: 'put-route', routeTableId: IDS.tablePrivateA, target: { id: IDS.nat } },
    { kind: 'put-route', routeTableId: IDS.tablePrivateB, target: { id: other } },
  ])
})

t.test('a group that is on both ends: the side that lacks its rule is found', async (t) => {
  const [fix] = fixes((world) => {
    find(world.databases, 'orders').groups = [IDS.groupFunction]
  }, toDatabase)
  t.match(fix?.changes, [
    {
      kind: 'authorize-security-group',
      direction: 'ingress',
      groupId: IDS.groupFunction,
      peer: { groupId: IDS.groupFunction },
    },
  ])
})

t.test('both groups closed: two rules, one for each', async (t) => {
  const [fix] = fixes((world) => {
    find(world.groups, IDS.groupFunction).egress = []
    find(world.groups, IDS.groupDatabase).ingress = []
  }, toDatabase)
  t.same(
    fix?.changes.map((change) => change.kind === 'authorize-security-group' && change.direction),
    ['egress', 'ingress'],
  )
})

t.test('a NAT gateway alone in its subnet needs only the route to the internet gateway', async (t) => {
  const own = id('rtb', '0a7')
  const [fix] = fixes((world) => {
    find(world.nats, IDS.nat).subnet = IDS.dataB
    find(world.nats, IDS.nat).address = '10.0.22.10'
    world.tables.push({ id: own, name: 'nat', vpc: IDS.vpc, main: false, subnets: [IDS.dataB], routes: [] })
  }, toInternet)
  t.match(fix?.changes, [
    { kind: 'put-route', routeTableId: own, target: { kind: 'internet-gateway', id: IDS.igw } },
  ])
})

t.test('where nothing can be built on, no fix is invented', async (t) => {
  const none = fixes((world) => {
    world.nats = []
    world.internetGateways = []
    for (const table of world.tables) table.routes = []
  }, toInternet)
  t.same(none, [])
})

t.test('the search keeps to its bounds', async (t) => {
  t.same(
    fixes((world) => (find(world.groups, IDS.groupFunction).egress = []), toDatabase, { rehearsals: 0 }),
    [],
  )
  t.equal(
    fixes((world) => (find(world.groups, IDS.groupFunction).egress = []), toDatabase, { alternatives: 1 })
      .length,
    1,
  )
})

t.test('closing a path takes every rule that opens it', async (t) => {
  const snapshot = worldOf((world) => {
    find(world.groups, IDS.groupAdmin).ingress.push(
      { protocol: 'tcp', from: 22, to: 22, cidr: '10.0.0.0/16' },
      { protocol: 'tcp', from: 0, to: 1024, group: IDS.groupFunction },
      { protocol: 'tcp', from: 80, to: 80, cidr: '10.0.0.0/16' },
    )
  })
  const question = questionOf({ from: 'orders-api', to: IDS.instanceAdmin, port: 22 })
  const [fix, ...others] = findNarrowing(snapshot, question, ask(snapshot, question))
  t.equal(fix?.rehearsal.verdict, 'unreachable')
  t.same(
    fix?.changes.map((change) => change.kind === 'revoke-security-group' && change.fromPort),
    [22, 0],
  )
  t.same(others, [])
})

t.test('a path to the internet is closed at the function itself', async (t) => {
  const snapshot = worldOf((world) => {
    find(world.groups, IDS.groupFunction).egress = [
      allTraffic('10.0.0.0/16'),
      { protocol: 'tcp', from: 443, to: 443, cidr: '0.0.0.0/0' },
    ]
  })
  const question = questionOf(toInternet)
  const [fix] = findNarrowing(snapshot, question, ask(snapshot, question))
  t.match(fix?.changes, [
    { kind: 'revoke-security-group', direction: 'egress', fromPort: 443, peer: { cidr: '0.0.0.0/0' } },
  ])
  t.equal(fix?.changes.length, 1)
})
