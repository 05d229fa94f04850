import t from 'tap'
import { explainPlain } from '../../api/diagnosis/explain.js'
import { groupDiagnoses } from '../../api/diagnosis/group.js'
import { investigate } from '../../api/diagnosis/investigate.js'
import { diagnose } from '../../api/diagnosis/join.js'
import { ask, questionOf } from '../../api/diagnosis/rehearse.js'
import type { Trace } from '../../api/network/path.js'
import type { Snapshot } from '../../api/network/snapshot.js'
import { OUTCOMES } from '../../probe/outcome.js'
import { customAcl } from '../scenarios/support/network-faults.js'
import { baseWorld, find, IDS } from '../scenarios/support/world.js'
import { englishOf, SCENARIO_NAMES } from '../support/prose.js'
import { snapshotOf, worldOf } from './support/snapshots.js'

const question = questionOf({ from: 'orders-api', to: 'rds:orders', port: 5432 })
const openSnapshot = snapshotOf(baseWorld())
const closedSnapshot = worldOf((world) => {
  find(world.groups, IDS.groupFunction).egress = []
})
const open = ask(openSnapshot, question)
const closed = ask(closedSnapshot, question)
const unknown: Trace = { ...open, verdict: 'unknown' }

t.test('the table: outcome against verdict', async (t) => {
  const rows: readonly (readonly [string | null, Trace | null, string])[] = [
    ['ok', open, 'healthy'],
    ['ok', closed, 'contradicted'],
    ['ok', null, 'healthy'],
    ['ok', unknown, 'healthy'],
    ['aws_access_denied', open, 'healthy'],
    ['connect_timeout', closed, 'proven'],
    ['connect_timeout', open, 'outside-configuration'],
    ['connect_timeout', unknown, 'outside-configuration'],
    ['connect_refused', open, 'outside-configuration'],
    ['connect_refused', closed, 'contradicted'],
    ['dns_timeout', closed, 'outside-configuration'],
    ['deadline', open, 'inconclusive'],
    ['deadline', closed, 'predicted'],
    ['an_outcome_of_tomorrow', open, 'inconclusive'],
    [null, closed, 'predicted'],
    [null, open, 'healthy'],
    [null, unknown, 'inconclusive'],
    [null, null, 'inconclusive'],
  ]
  for (const [outcome, trace, kind] of rows) {
    const diagnosis = diagnose({ result: outcome === null ? null : { outcome }, trace })
    t.equal(diagnosis.kind, kind, `${outcome} × ${trace?.verdict ?? 'no snapshot'}`)
  }
})

t.test('the table where the target must not be reached', async (t) => {
  const rows: readonly (readonly [string | null, Trace | null, string])[] = [
    ['ok', open, 'proven'],
    ['connect_refused', open, 'proven'],
    ['ok', closed, 'contradicted'],
    ['connect_timeout', closed, 'healthy'],
    ['connect_timeout', open, 'healthy'],
    ['ok', null, 'inconclusive'],
    [null, open, 'predicted'],
    [null, closed, 'healthy'],
    [null, unknown, 'inconclusive'],
  ]
  for (const [outcome, trace, kind] of rows) {
    const result = outcome === null ? null : { outcome, expect: 'unreachable' as const }
    t.equal(
      diagnose({ result, trace, expect: 'unreachable' }).kind,
      kind,
      `${outcome} × ${trace?.verdict ?? 'no snapshot'}`,
    )
  }
})

t.test('every outcome with every verdict has a sentence in both languages', async (t) => {
  const bad: string[] = []
  for (const outcome of OUTCOMES) {
    for (const endedIn of ['dns', 'connect', 'tls', 'exchange']) {
      for (const trace of [open, closed, unknown, null]) {
        const diagnosis = diagnose({ result: { outcome, endedIn }, trace })
        bad.push(...englishOf(diagnosis, SCENARIO_NAMES))
        for (const language of ['en', 'ko'] as const) {
          const text = explainPlain(diagnosis, { language })
          const words = text.match(language === 'ko' ? /[가-힣]/ : /[a-z]{2}/)
          if (!words || /undefined|null|\[object|\n\n\n/.test(text))
            bad.push(`${outcome} ${endedIn}: ${text}`)
        }
      }
    }
  }
  t.same(bad, [])
})

t.test('a contradiction shows no fix: the snapshot is in doubt', async (t) => {
  const diagnosis = investigate({ snapshot: closedSnapshot, question, result: { outcome: 'ok' } })
  t.equal(diagnosis.kind, 'contradicted')
  t.same(diagnosis.fixes, [])
})

t.test('an ACL that turns away some ports of replies leaves a way for most calls', async (t) => {
  const holed = (from: number, to: number) =>
    worldOf((world) =>
      customAcl(
        world,
        [IDS.privateA, IDS.privateB, IDS.privateC],
        [
          { number: 90, egress: false, action: 'deny', protocol: 'tcp', cidr: '0.0.0.0/0', from, to },
          { number: 100, egress: false, action: 'allow', protocol: '-1', cidr: '0.0.0.0/0' },
          { number: 100, egress: true, action: 'allow', protocol: '-1', cidr: '0.0.0.0/0' },
        ],
      ),
    )
  const look = (snapshot: Snapshot, outcome: string) =>
    investigate({ snapshot, question, result: { outcome } })
  const hole = look(holed(3389, 3389), 'ok')
  t.equal(hole.kind, 'predicted', 'a call that gets through is no contradiction')
  t.match(hole.summary.en, /Only some calls fail, less than 1 %/)
  t.match(hole.summary.ko, /1 % 미만/)
  t.match(look(holed(1024, 33000), 'ok').summary.en, /about 50 %/)
  t.equal(look(holed(1024, 33000), 'connect_timeout').kind, 'proven')
  t.equal(look(holed(0, 65535), 'ok').kind, 'contradicted', 'where all are turned away none gets through')
})

t.test(
  'silence during the TLS hello is no cut: the port or the server first, inspection later',
  async (t) => {
    const candidates = (outcome: string) =>
      investigate({
        snapshot: openSnapshot,
        question: questionOf({ from: 'orders-api', to: 'internet' }),
        result: { outcome, endedIn: 'tls', target: 'api.example.com:8443' },
      }).candidates
    t.match(
      candidates('exchange_timeout').map(({ code }) => code),
      ['NO_ANSWER_TO_TLS', 'TLS_INSPECTED'],
    )
    t.notMatch(JSON.stringify(candidates('exchange_timeout')), /\bcut\b/)
    t.match(candidates('exchange_timeout')[0]?.text.en, /^api\.example\.com:8443 accepts .* stays silent/)
    t.equal(candidates('connection_reset')[0]?.code, 'TLS_INSPECTED')
  },
)

t.test('an old snapshot is among the candidates, a fresh one is not', async (t) => {
  const codes = (ranAt: string) =>
    investigate({
      snapshot: openSnapshot,
      question,
      result: { outcome: 'connect_timeout' },
      ranAt,
    }).candidates.map((one) => one.code)
  t.ok(codes('2026-01-08T09:00:00Z').includes('STALE_SNAPSHOT'))
  t.notOk(codes('2026-01-07T09:01:00Z').includes('STALE_SNAPSHOT'))
})

t.test('a certificate near its end is told thirty days ahead', async (t) => {
  const codes = (certificateDaysLeft: number) =>
    investigate({
      snapshot: openSnapshot,
      question,
      result: { outcome: 'ok', detail: { certificateDaysLeft, certificateExpires: '2026-02-06' } },
    }).advice.map((one) => one.code)
  t.ok(codes(30).includes('CERTIFICATE_EXPIRES'))
  t.notOk(codes(31).includes('CERTIFICATE_EXPIRES'))
})

t.test('advice on what the configuration shows', async (t) => {
  const snapshot = worldOf((world) => {
    find(world.subnets, IDS.privateA).free = 3
    find(world.roles, 'orders-api-role').allowed = ['ec2:DescribeSubnets']
    find(world.functions, 'orders-api').groups = [IDS.groupDefault]
  })
  const toInternet = questionOf({ from: 'orders-api', to: 'internet' })
  const codes = investigate({ snapshot, question: toInternet, result: null }).advice.map((one) => one.code)
  for (const code of ['SUBNET_NEARLY_FULL', 'DEFAULT_SECURITY_GROUP', 'SINGLE_ZONE_NAT'])
    t.ok(codes.includes(code), code)
})

t.test('a hundred failures of one cause are one line with their blast radius', async (t) => {
  const failing = investigate({ snapshot: closedSnapshot, question, result: { outcome: 'connect_timeout' } })
  const well = investigate({ snapshot: openSnapshot, question, result: { outcome: 'ok' } })
  const all = [
    ...Array.from({ length: 100 }, (_, index) => ({
      functionName: `fn-${index}`,
      check: 'orders-db',
      diagnosis: failing,
    })),
    ...Array.from({ length: 7 }, (_, index) => ({
      functionName: `ok-${index}`,
      check: 'orders-db',
      diagnosis: well,
    })),
  ]
  const groups = groupDiagnoses(all)
  t.equal(groups.length, 2)
  t.equal(groups[0]?.kind, 'proven')
  t.equal(groups[0]?.functions.length, 100)
  t.equal(groups[0]?.summary.en, groups[0]?.members[0]?.diagnosis.summary.en, 'whom it hits stands beside it')
  t.equal(groups[1]?.kind, 'healthy')
})

t.test('a failure without a cause stays by itself', async (t) => {
  const unexplained = diagnose({ result: { outcome: 'internal_error' }, trace: open })
  const groups = groupDiagnoses(
    ['a', 'b'].map((functionName) => ({ functionName, check: 'x', diagnosis: unexplained })),
  )
  t.equal(groups.length, 2)
})
