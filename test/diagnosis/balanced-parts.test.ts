import t from 'tap'
import { explainPlain } from '../../api/diagnosis/explain.js'
import { investigate } from '../../api/diagnosis/investigate.js'
import type { Observed } from '../../api/diagnosis/observed.js'
import { questionOf } from '../../api/diagnosis/rehearse.js'
import { tcp, world } from '../network/support/world.js'

const HOST = 'web.elb.ap-northeast-2.amazonaws.com:443'
const NODES = { 'subnet-lb-a': '10.0.2.8', 'subnet-lb-b': '10.0.3.8' }

/** A function, and a Network Load Balancer without security groups in two zones, with a target in each. */
function split(
  ingress = [tcp(80, '10.0.2.0/24'), tcp(80, '10.0.3.0/24')],
  nodes: Readonly<Record<string, string>> = NODES,
) {
  const w = world()
  w.vpc('vpc-1', '10.0.0.0/16')
  for (const [id, cidr, zone] of [
    ['subnet-fn', '10.0.1.0/24', 'a'],
    ['subnet-lb-a', '10.0.2.0/24', 'a'],
    ['subnet-lb-b', '10.0.3.0/24', 'b'],
    ['subnet-app-a', '10.0.4.0/24', 'a'],
    ['subnet-app-b', '10.0.5.0/24', 'b'],
  ] as const)
    w.subnet(id, 'vpc-1', cidr, { zone })
  w.group('sg-fn', 'vpc-1')
  w.group('sg-app', 'vpc-1', { ingress })
  w.lambda('fn', ['subnet-fn'], ['sg-fn'])
  w.eni('eni-fn', 'subnet-fn', '10.0.1.9', ['sg-fn'], {
    description: 'AWS Lambda VPC ENI-fn',
    type: 'lambda',
  })
  w.eni('eni-a', 'subnet-app-a', '10.0.4.5', ['sg-app'])
  w.eni('eni-b', 'subnet-app-b', '10.0.5.5', ['sg-app'])
  const arn = w.balancer('web', 'network', nodes, { crossZone: true })
  const targets = { '10.0.4.5@ap-northeast-2a': 'healthy', '10.0.5.5@ap-northeast-2b': 'healthy' }
  w.listener(arn, 'TCP', 443, w.targetGroup('app', 'ip', 'TCP', 80, targets))
  return w
}

function look(w: ReturnType<typeof world>, result: Observed | null = null) {
  return investigate({
    snapshot: w.snapshot(),
    question: questionOf({ from: 'fn', to: HOST, port: 443 }),
    result,
  })
}

/** What a check saw that passes by one of two addresses, or by both. */
const met = (a: string, b: string): Observed => ({
  outcome: 'ok',
  kind: 'tcp',
  target: HOST,
  address: '10.0.2.8',
  addresses: [
    { address: '10.0.2.8', addressKind: 'private', outcome: a },
    { address: '10.0.3.8', addressKind: 'private', outcome: b },
  ],
})

t.test('a name that passes by one address and fails at the closed one: both eyes agree', async (t) => {
  const w = split()
  w.acl('acl-b', 'vpc-1', ['subnet-lb-b'], {
    ingress: [{ number: 90, action: 'deny', protocol: '6', from: 443, to: 443 }, { number: 100 }],
    egress: [{ number: 100 }],
  })
  const partly = look(w, met('ok', 'connect_timeout'))
  t.equal(partly.kind, 'proven')
  t.same(partly.cause, { code: 'SUBNET_ACL_RESTRICTION', component: 'acl-b' })
  t.equal(partly.fixes.length > 0, true, 'and there is a fix')
  for (const language of ['en', 'ko'] as const)
    t.match(explainPlain(partly, { language }), /10\.0\.3\.8.*acl-b/s, language)
  t.match(partly.summary.en, /not at 10\.0\.3\.8 \(1 of 2 addresses\)/)
  const both = {
    ...met('connect_refused', 'connect_timeout'),
    outcome: 'connect_refused',
    endedIn: 'connect',
  }
  t.equal(look(w, both).kind, 'proven', 'though what came back from the other address speaks for the check')
  t.equal(look(w, met('ok', 'ok')).kind, 'contradicted', 'where every address answers they do not')
  t.equal(look(w, met('connect_timeout', 'ok')).kind, 'contradicted', 'nor where the open one fails')
})

t.test('targets that admit none of the addresses of a load balancer get a rule for each', async (t) => {
  const [fix] = look(split([tcp(22, '10.0.0.0/16')])).fixes
  t.match(
    fix?.changes.map((change) => (change.kind === 'authorize-security-group' ? change.peer : change.kind)),
    [{ cidr: '10.0.2.0/24' }, { cidr: '10.0.3.0/24' }],
  )
  t.equal(fix?.rehearsal.verdict, 'reachable')
})

t.test('an ACL that keeps a load balancer from targets in two subnets gets an entry for each', async (t) => {
  const w = split([tcp(80, '10.0.2.0/24')], { 'subnet-lb-a': '10.0.2.8' })
  w.acl('acl-lb', 'vpc-1', ['subnet-lb-a'], {
    ingress: [{ number: 100 }],
    egress: [{ number: 90, action: 'deny', protocol: '6', from: 80, to: 80 }, { number: 100 }],
  })
  const [fix] = look(w).fixes
  t.same(
    fix?.changes.map((change) => (change.kind === 'put-network-acl-entry' ? change.cidr : change.kind)),
    ['10.0.4.0/24', '10.0.5.0/24'],
  )
})

t.test(
  'a function outside of the VPC is attached where the load balancer has no group to admit it',
  async (t) => {
    const w = split()
    const fn = w.find('list-functions', 'FunctionName', 'fn')
    fn['VpcConfig'] = { SubnetIds: [], SecurityGroupIds: [], VpcId: '' }
    const [fix] = look(w).fixes
    t.ok(fix?.changes.some(({ kind }) => kind === 'configure-function-vpc'))
    t.notOk(fix?.changes.some(({ kind }) => kind === 'authorize-security-group'))
  },
)
