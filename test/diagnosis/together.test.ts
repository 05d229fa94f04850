import t from 'tap'
import { applyChanges } from '../../api/diagnosis/apply.js'
import { questionOfResult } from '../../api/diagnosis/flow.js'
import { investigate } from '../../api/diagnosis/investigate.js'
import { ask } from '../../api/diagnosis/rehearse.js'
import { diagnoseReports } from '../../api/diagnosis/reports.js'
import type { Report } from '../../probe/report.schema.js'
import { allTraffic, baseWorld, find, IDS, id, type World } from '../scenarios/support/world.js'
import { reportOf } from './support/reports.js'
import { snapshotOf, worldOf } from './support/snapshots.js'

const REPORTS_GROUP = id('sg', 'f9')

/** A second function, of a group of its own, in the same subnets; the database admits neither. */
function twoCallers(world: World): void {
  const orders = find(world.functions, 'orders-api')
  world.groups.push({
    id: REPORTS_GROUP,
    name: 'reports',
    vpc: orders.vpc ?? '',
    ingress: [],
    egress: [allTraffic()],
  })
  world.functions.push({ ...orders, name: 'report-builder', groups: [REPORTS_GROUP], enis: [] })
  find(world.groups, IDS.groupDatabase).ingress = []
}

const failing = (subnet: string, groups: readonly string[], workload: string): Report => {
  const report = reportOf(subnet, { outcome: 'connect_timeout', endedIn: 'connect', addressKind: 'private' })
  const { probe } = report
  return {
    ...report,
    run: `${report.run}-${workload}`,
    probe: {
      ...probe,
      function: `${probe.function}-${workload}`,
      securityGroups: [...groups],
      workloads: [workload],
    },
  }
}

t.test('two rules that one group lacks are one cause, and its fix brings both', async (t) => {
  const snapshot = worldOf(twoCallers)
  const reports = [IDS.privateA, IDS.privateB].flatMap((subnet) => [
    failing(subnet, [IDS.groupFunction], 'orders-api'),
    failing(subnet, [REPORTS_GROUP], 'report-builder'),
  ])
  const { groups } = diagnoseReports({ snapshot, reports })
  t.equal(groups.length, 1)
  const [group] = groups
  t.same(group?.functions, ['orders-api', 'report-builder'])
  t.equal(group?.fixes.length, 1, 'one fix for all')
  const changes = group?.fixes[0]?.changes ?? []
  t.match(changes, [
    { kind: 'authorize-security-group', groupId: IDS.groupDatabase, peer: { groupId: IDS.groupFunction } },
    { kind: 'authorize-security-group', groupId: IDS.groupDatabase, peer: { groupId: REPORTS_GROUP } },
  ])
  t.equal(changes.length, 2, 'and no more')
  const mended = applyChanges(snapshot, changes)
  for (const { probe, results } of reports) {
    const [result] = results
    const asked = result === undefined ? null : questionOfResult(mended, probe, result)
    if (asked === null) throw new Error('no question')
    t.equal(ask(mended, asked.question).verdict, 'reachable', `${probe.function} gets through`)
  }
})

t.test('where one fix is that of all members already, its alternatives stay', async (t) => {
  const snapshot = worldOf((world) => {
    find(world.groups, IDS.groupDatabase).ingress = []
  })
  const reports = [IDS.privateA, IDS.privateB].map((subnet) =>
    failing(subnet, [IDS.groupFunction], 'orders-api'),
  )
  const [group] = diagnoseReports({ snapshot, reports }).groups
  t.equal(group?.count, 2)
  t.same(group?.fixes, group?.members[0]?.diagnosis.fixes)
})

t.test(
  'a fix that would leave the cause in the way of the other subnets is for the whole function',
  async (t) => {
    const world = baseWorld()
    const acl = find(world.acls, IDS.aclDefault)
    acl.entries = [
      { number: 50, egress: false, action: 'deny', protocol: '6', cidr: '0.0.0.0/0', from: 5432, to: 5432 },
      ...acl.entries,
    ]
    const snapshot = snapshotOf(world)
    const report = failing(IDS.privateA, [IDS.groupFunction], 'orders-api')
    const [result] = report.results
    const asked = result === undefined ? null : questionOfResult(snapshot, report.probe, result)
    if (asked?.asFunction == null || result === undefined) throw new Error('no question')
    const { question, asFunction } = asked
    const { cause, fixes } = investigate({ snapshot, question, asFunction, result })
    t.match(cause, { code: 'SUBNET_ACL_RESTRICTION', component: IDS.aclDefault })
    const after = applyChanges(snapshot, fixes[0]?.changes ?? [])
    t.equal(ask(after, asFunction).verdict, 'reachable')
  },
)
