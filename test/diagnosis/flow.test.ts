import t from 'tap'
import { situationOf } from '../../api/diagnosis/derive/situation.js'
import { destinationOf, questionOfResult } from '../../api/diagnosis/flow.js'
import { diagnoseReports } from '../../api/diagnosis/reports.js'
import { buildModel } from '../../api/network/model.js'
import { SelectorError } from '../../api/network/selectors.js'
import { trace } from '../../api/network/trace.js'
import { baseWorld, find, IDS, REGION } from '../scenarios/support/world.js'
import { reportOf } from './support/reports.js'
import { snapshotOf, worldOf } from './support/snapshots.js'

const snapshot = snapshotOf(baseWorld())

t.test('where a result was sent', async (t) => {
  const cases = [
    [
      'postgres',
      `orders.c1x2y3z4.${REGION}.rds.amazonaws.com:5432`,
      null,
      { kind: 'host', host: `orders.c1x2y3z4.${REGION}.rds.amazonaws.com` },
    ],
    ['tcp', '10.0.9.4:22', '10.0.9.4', { kind: 'address', address: '10.0.9.4' }],
    ['tcp', '[2001:db8::1]:443', null, { kind: 'address', address: '2001:db8::1' }],
    [
      'http',
      'https://api.example.com/health',
      '198.51.100.80',
      { kind: 'address', address: '198.51.100.80' },
    ],
    ['http', 'https://api.example.com/health', null, { kind: 'internet' }],
    ['http', 'http://orders.internal/health', null, { kind: 'host', host: 'orders.internal' }],
    [
      'aws',
      `https://dynamodb.${REGION}.amazonaws.com`,
      '52.94.8.1',
      { kind: 'service', service: 'dynamodb', region: REGION },
    ],
    ['aws', 'https://sts.amazonaws.com', '52.94.8.1', { kind: 'host', host: 'sts.amazonaws.com' }],
  ] as const
  for (const [kind, target, address, expected] of cases) {
    t.same(destinationOf(snapshot, { kind, target, address }), expected, target)
  }
})

t.test('from where: the subnet and groups of the probe, and the functions that stand there', async (t) => {
  const report = reportOf(IDS.privateA, { outcome: 'ok' })
  const [result] = report.results
  if (result === undefined) throw new Error('no result')
  const asked = questionOfResult(snapshot, report.probe, result)
  t.match(asked, {
    question: { source: { kind: 'posture', subnetId: IDS.privateA }, flow: { protocol: 'tcp', port: 5432 } },
    asFunction: { source: { kind: 'function', name: 'orders-api' } },
    functions: ['orders-api'],
  })
  t.equal(questionOfResult(snapshot, report.probe, { ...result, kind: 'dns' }), null, 'a name has no path')
  const nowhere = { ...report.probe, subnet: null, securityGroups: [] }
  t.throws(() => questionOfResult(snapshot, nowhere, result), SelectorError)
  const itself = questionOfResult(snapshot, { ...nowhere, function: 'orders-api' }, result)
  t.match(itself?.question.source, { kind: 'function', name: 'orders-api' })
})

t.test('of functions of one name the one that lives with the probe, and no fix that names it', async (t) => {
  const report = reportOf(IDS.privateA, { outcome: 'connect_timeout' })
  const [result] = report.results
  if (result === undefined) throw new Error('no result')
  const listed = snapshot.documents.find(({ call }) => call === 'list-functions')
  if (listed === undefined) throw new Error('no functions')
  const body: unknown = JSON.parse(JSON.stringify(listed.body).replaceAll(`:${REGION}:`, ':eu-north-1:'))
  const both = {
    ...snapshot,
    documents: [{ ...listed, file: 'north.json', scope: 'north', body }, ...snapshot.documents],
  }
  const arn = (region: string) => `arn:aws:lambda:${region}:${report.probe.account}:function:orders-api`
  const asked = questionOfResult(both, report.probe, result)
  t.match(asked?.asFunction?.source, { kind: 'function', name: arn(REGION) })
  const nowhere = { ...report.probe, subnet: null, securityGroups: [], workloads: ['orders-api'] }
  t.match(questionOfResult(both, nowhere, result)?.question.source, { name: arn(REGION) })
  t.match(questionOfResult(both, { ...nowhere, region: 'eu-north-1' }, result)?.question.source, {
    name: arn('eu-north-1'),
  })
  const question = questionOfResult(both, nowhere, result)?.question
  if (question === undefined) throw new Error('no question')
  const path = trace(buildModel(both).model, question.source, question.destination, question.flow)
  t.not(path.hops.length, 0)
  const { standpoint } = situationOf(both, question, path)
  t.match(standpoint, { functionName: null, subnetIds: [IDS.privateA, IDS.privateB] })
})

t.test('ports: told, else those of the scheme or the kind', async (t) => {
  const { probe, results } = reportOf(IDS.privateA, { outcome: 'ok' })
  const [result] = results
  if (result === undefined) throw new Error('no result')
  const port = (kind: string, target: string) =>
    questionOfResult(snapshot, probe, { ...result, kind, target })?.question.flow.port
  t.equal(port('http', 'http://a.internal/x'), 80)
  t.equal(port('http', 'https://a.internal:8443/x'), 8443)
  t.equal(port('redis', 'cache.internal'), 6379)
  t.equal(port('tcp', 'cache.internal'), null)
})

t.test('a probe in one subnet: the function itself is moved where that is the fix', async (t) => {
  const moved = worldOf((world) => {
    const fn = find(world.functions, 'orders-api')
    fn.subnets = [IDS.publicA, IDS.publicB]
    fn.enis = fn.enis.map((eni, index) => ({
      ...eni,
      subnet: fn.subnets[index] ?? '',
      address: `10.0.${index + 1}.31`,
    }))
  })
  const report = reportOf(IDS.publicA, {
    outcome: 'connect_timeout',
    endedIn: 'connect',
    kind: 'http',
    target: 'https://api.example.com/',
    address: '198.51.100.80',
    addressKind: 'public',
  })
  const [group] = diagnoseReports({ snapshot: moved, reports: [report] }).groups
  t.equal(group?.kind, 'proven')
  t.equal(group?.cause?.code, 'IGW_PUBLIC_IP_ASSOCIATION_FOR_EGRESS')
  t.match(group?.fixes[0]?.changes, [{ kind: 'configure-function-vpc', functionName: 'orders-api' }])
})

t.test('older runs are the history of the newest', async (t) => {
  const runs = Array.from({ length: 50 }, (_, index) =>
    reportOf(
      IDS.privateA,
      { outcome: index === 49 ? 'connect_timeout' : 'ok' },
      new Date(1_767_776_400_000 + index * 60_000).toISOString(),
    ),
  )
  const [group] = diagnoseReports({ snapshot, reports: runs }).groups
  t.equal(group?.kind, 'inconclusive')
  t.match(group?.summary.en, /1 of 50 calls \(2 %\)/)
})

t.test('what the snapshot does not hold is a note, not a crash', async (t) => {
  const stranger = reportOf('subnet-0elsewhere', { outcome: 'connect_timeout' })
  const { groups, notes } = diagnoseReports({ snapshot, reports: [stranger] })
  t.equal(groups.length, 1)
  t.equal(notes.length, 1)
})

t.test('a name that is not resolved: only what explains names is told', async (t) => {
  const report = (outcome: string) =>
    reportOf(IDS.privateA, {
      outcome,
      endedIn: 'dns',
      kind: 'dns',
      target: `orders.c1x2y3z4.${REGION}.rds.amazonaws.com`,
    })
  const off = worldOf((world) => {
    find(world.vpcs, IDS.vpc).dnsSupport = false
    find(world.groups, IDS.groupFunction).egress = []
  })
  const [proven] = diagnoseReports({ snapshot: off, reports: [report('dns_timeout')] }).groups
  t.equal(proven?.kind, 'proven')
  t.same(
    [...new Set(proven?.members[0]?.diagnosis.blockers.map((one) => one.code))],
    ['DNS_SUPPORT_DISABLED'],
  )
  const closed = worldOf((world) => {
    find(world.groups, IDS.groupFunction).egress = []
  })
  const [outside] = diagnoseReports({ snapshot: closed, reports: [report('dns_not_found')] }).groups
  t.equal(outside?.kind, 'outside-configuration')
  t.equal(outside?.cause?.code, 'NAME_UNKNOWN')
  t.same(outside?.members[0]?.diagnosis.blockers, [])
  t.same(outside?.fixes, [])
})
