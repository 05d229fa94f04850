import fc from 'fast-check'
import t from 'tap'
import { buildModel } from '../../api/network/model.js'
import { parseDestination, parseSource } from '../../api/network/selectors.js'
import { trace } from '../../api/network/trace.js'
import { ask, told } from './support/ask.js'
import { anyPeer, tcp, udp, world } from './support/world.js'

/** A function, a load balancer in two zones, and an instance in each. */
function mesh() {
  const w = world()
  w.vpc('vpc-1', '10.0.0.0/16')
  w.subnet('subnet-fn', 'vpc-1', '10.0.1.0/24', { zone: 'a' })
  w.subnet('subnet-lb-a', 'vpc-1', '10.0.2.0/24', { zone: 'a' })
  w.subnet('subnet-lb-b', 'vpc-1', '10.0.3.0/24', { zone: 'b' })
  w.subnet('subnet-app-a', 'vpc-1', '10.0.4.0/24', { zone: 'a' })
  w.subnet('subnet-app-b', 'vpc-1', '10.0.5.0/24', { zone: 'b' })
  w.group('sg-fn', 'vpc-1')
  w.group('sg-lb', 'vpc-1', { ingress: [tcp(443, 'sg-fn')] })
  w.group('sg-app', 'vpc-1', { ingress: [tcp(8080, 'sg-lb')] })
  w.lambda('fn', ['subnet-fn'], ['sg-fn'])
  w.eni('eni-fn', 'subnet-fn', '10.0.1.9', ['sg-fn'], {
    description: 'AWS Lambda VPC ENI-fn',
    type: 'lambda',
  })
  w.instance('i-a', 'subnet-app-a', '10.0.4.5', ['sg-app'])
  w.instance('i-b', 'subnet-app-b', '10.0.5.5', ['sg-app'])
  return w
}
const nodes = { 'subnet-lb-a': '10.0.2.8', 'subnet-lb-b': '10.0.3.8' }
const both = { 'i-a': 'healthy', 'i-b': 'healthy' }
const ZONES = 'load_balancing.cross_zone.enabled'
const CLIENT = 'preserve_client_ip.enabled'
const URL = 'web.elb.ap-northeast-2.amazonaws.com:443'

function alb(targets: Readonly<Record<string, string>> = both, attributes = {}) {
  const w = mesh()
  const arn = w.balancer('web', 'application', nodes, { groups: ['sg-lb'] })
  w.listener(arn, 'HTTPS', 443, w.targetGroup('app', 'instance', 'HTTP', 8080, targets, attributes))
  return w
}

t.test('an ALB: listener, target group, and its own way to the targets', async (t) => {
  const w = alb()
  const open = ask(w, 'fn', URL)
  t.equal(open.verdict, 'reachable')
  t.match(
    open.hops.map(({ kind }) => kind),
    [
      'lambda',
      'security-group',
      'network-acl',
      'route-table',
      'network-acl',
      'load-balancer',
      'security-group',
      'listener',
      'target-group',
      'security-group',
      'network-acl',
      'route-table',
      'network-acl',
      'instance',
      'security-group',
    ],
  )
  t.equal(open.hops.at(-1)?.rule?.summary, 'tcp 8080 from sg-lb')
  t.same(told(ask(w, 'fn', 'web.elb.ap-northeast-2.amazonaws.com:8443')), [
    'ENI_SG_RULES_MISMATCH sg-lb forward',
    'ELBV2_LISTENERS_MISMATCH web forward',
  ])
  for (const to of ['lb:web', '10.0.3.8', 'eni-web-0'])
    t.equal(ask(w, 'fn', to, { port: 443 }).verdict, 'reachable', to)
  t.equal(ask(w, 'fn', 'lb:web').port, 443, 'the listener’s port is meant')
  t.throws(() => ask(w, 'fn', 'lb:none'), /no load balancer none/)
})

t.test('an ALB ends the connection itself: what blocks behind it says so', async (t) => {
  const w = alb()
  w.find('describe-security-groups', 'GroupId', 'sg-app')['IpPermissions'] = []
  const { blockers } = ask(w, 'fn', URL)
  t.match(blockers, [{ code: 'SG_HAS_NO_RULES', component: 'sg-app', behind: 'web' }])
  const n = mesh()
  const arn = n.balancer('web', 'network', nodes, { groups: ['sg-lb'] })
  n.listener(arn, 'TCP', 443, n.targetGroup('app', 'instance', 'TCP', 8080, both))
  n.find('describe-security-groups', 'GroupId', 'sg-app')['IpPermissions'] = []
  t.equal(ask(n, 'fn', URL).blockers[0]?.behind, undefined, 'an NLB passes TCP on')
})

t.test(
  'the load balancer’s outbound rules, the ACLs between it and the target, and the way back',
  async (t) => {
    const w = alb()
    w.group('sg-lb2', 'vpc-1', { ingress: [anyPeer], egress: [tcp(80, '0.0.0.0/0')] })
    const arn = w.balancer('shut', 'application', { 'subnet-lb-a': '10.0.2.9' }, { groups: ['sg-lb2'] })
    w.listener(
      arn,
      'HTTP',
      80,
      w.targetGroup('shut', 'ip', 'HTTP', 8080, { '10.0.4.5@ap-northeast-2a': 'healthy' }),
    )
    t.same(told(ask(w, 'fn', 'lb:shut')), [
      'ENI_SG_RULES_MISMATCH sg-lb2 forward',
      'ENI_SG_RULES_MISMATCH sg-app forward',
    ])
    const back = alb()
    back.acl('acl-app', 'vpc-1', ['subnet-app-a', 'subnet-app-b'], {
      ingress: [{ number: 100 }],
      egress: [{ number: 100, cidr: '10.0.1.0/24' }],
    })
    t.same(told(ask(back, 'fn', URL)), ['SUBNET_ACL_RESTRICTION acl-app return'])
  },
)

t.test('targets: none, none in service, in zones that are not enabled', async (t) => {
  t.same(told(ask(alb({}), 'fn', URL)), ['ELBV2_LISTENER_HAS_NO_TG app forward'])
  t.same(told(ask(alb({ 'i-a': 'draining', 'i-b': 'unused Target.InvalidState' }), 'fn', URL)), [
    'TARGETS_NOT_IN_SERVICE app forward',
  ])
  const w = alb({ 'i-c': 'unused Target.NotInUse' })
  w.subnet('subnet-app-c', 'vpc-1', '10.0.6.0/24', { zone: 'c' })
  w.instance('i-c', 'subnet-app-c', '10.0.6.5', ['sg-app'])
  t.same(told(ask(w, 'fn', URL)), ['ELB_INSTALLED_AZ_RESTRICTION app forward'])
})

t.test('unhealthy targets are left out, and taken all the same where none is healthy', async (t) => {
  const some = alb({ 'i-a': 'healthy', 'i-b': 'unhealthy Target.Timeout' })
  some.group('sg-closed', 'vpc-1', { ingress: [] })
  const eni = some.find('describe-network-interfaces', 'PrivateIpAddress', '10.0.5.5')
  eni['Groups'] = [{ GroupId: 'sg-closed' }]
  const one = ask(some, 'fn', URL)
  t.equal(one.verdict, 'reachable')
  t.match(
    one.notes.filter(({ code }) => code === 'TARGETS_UNHEALTHY'),
    [{ component: 'app' }],
  )
  const none = alb({ 'i-a': 'unhealthy Target.Timeout', 'i-b': 'unhealthy Target.Timeout' })
  t.equal(ask(none, 'fn', URL).verdict, 'reachable', 'fail open')
  none.find('describe-security-groups', 'GroupId', 'sg-app')['IpPermissions'] = []
  t.same(told(ask(none, 'fn', URL)), ['SG_HAS_NO_RULES sg-app forward'], 'and that is why')
})

t.test('cross-zone balancing: an ALB does it, an NLB is told to', async (t) => {
  const one = { 'i-a': 'healthy' }
  t.equal(ask(alb(one), 'fn', URL).verdict, 'reachable')
  const off = alb(one, { [ZONES]: 'false' })
  t.same(told(ask(off, 'fn', '10.0.3.8:443')), ['ELBV2_NO_TARGETS_IN_AZ app forward'])
  t.same(ask(off, 'fn', URL).resolved, ['10.0.2.8'], 'and its name leads to no zone without a healthy target')
  t.equal(ask(off, 'fn', URL).verdict, 'reachable')
  const nlb = (crossZone: boolean, targets: Readonly<Record<string, string>>) => {
    const w = mesh()
    const arn = w.balancer('web', 'network', nodes, { groups: ['sg-lb'], crossZone })
    w.listener(arn, 'TCP', 443, w.targetGroup('app', 'instance', 'TCP', 8080, targets))
    return w
  }
  t.equal(ask(nlb(true, one), 'fn', '10.0.3.8:443').verdict, 'reachable')
  const named = ask(nlb(false, one), 'fn', URL)
  t.equal(named.verdict, 'reachable', 'a zone without a healthy target is not in DNS')
  t.same(named.resolved, ['10.0.2.8'])
  t.ok(named.notes.some(({ code }) => code === 'ZONE_LEFT_OUT_OF_DNS'))
  t.same(told(ask(nlb(false, one), 'fn', '10.0.3.8:443')), ['ELBV2_NO_TARGETS_IN_AZ app forward'])
  const sick = ask(nlb(false, { 'i-a': 'unhealthy' }), 'fn', URL)
  t.same(told(sick), ['ELBV2_NO_TARGETS_IN_AZ app forward'], 'where none is healthy, all zones are in DNS')
  const asked = ask(nlb(false, { 'i-a': 'healthy', 'i-b': 'unhealthy' }), 'fn', '10.0.3.8:443')
  t.equal(asked.verdict, 'unknown', 'AWS does not say what a zone out of DNS does')
})

t.test('client IP preservation: who the target sees', async (t) => {
  const nlb = (type: 'instance' | 'ip', groups: readonly string[], attributes = {}) => {
    const w = mesh()
    const arn = w.balancer('web', 'network', { 'subnet-lb-a': '10.0.2.8' }, { groups })
    const target = type === 'ip' ? { '10.0.4.5@ap-northeast-2a': 'healthy' } : { 'i-a': 'healthy' }
    w.listener(arn, 'TCP', 443, w.targetGroup('app', type, 'TCP', 8080, target, attributes))
    return w
  }
  const admit = (w: ReturnType<typeof world>, peer: string) => {
    w.find('describe-security-groups', 'GroupId', 'sg-app')['IpPermissions'] = []
    w.group('sg-admits', 'vpc-1', { ingress: [tcp(8080, peer)] })
    w.find('describe-network-interfaces', 'PrivateIpAddress', '10.0.4.5')['Groups'] = [
      { GroupId: 'sg-admits' },
    ]
    return w
  }
  const verdict = (w: ReturnType<typeof world>) => ask(w, 'fn', URL).verdict
  t.equal(verdict(nlb('instance', ['sg-lb'])), 'reachable', 'a reference to the load balancer’s group counts')
  t.equal(verdict(admit(nlb('instance', []), '10.0.1.9/32')), 'reachable', 'the client’s address')
  t.equal(verdict(admit(nlb('instance', []), '10.0.2.8/32')), 'unreachable', 'not the load balancer’s')
  t.equal(verdict(admit(nlb('instance', []), 'sg-fn')), 'unreachable', 'a client’s group does not count')
  t.equal(verdict(admit(nlb('ip', []), '10.0.2.8/32')), 'reachable', 'off by default for TCP to addresses')
  t.equal(verdict(admit(nlb('ip', []), '10.0.1.9/32')), 'unreachable')
  t.equal(verdict(admit(nlb('ip', [], { [CLIENT]: 'true' }), '10.0.1.9/32')), 'reachable')
  t.equal(verdict(admit(nlb('instance', [], { [CLIENT]: 'false' }), '10.0.2.8/32')), 'reachable')
  const untold = admit(nlb('instance', []), '10.0.1.9/32')
  untold.forget('describe-target-group-attributes')
  const asked = ask(untold, 'fn', URL)
  t.equal(asked.verdict, 'unknown')
  t.match(asked.missing, [{ call: 'describe-target-group-attributes' }])
  const same = admit(nlb('instance', []), '10.0.0.0/16')
  same.forget('describe-target-group-attributes')
  t.equal(verdict(same), 'reachable', 'no matter, where both are admitted')
  const self = nlb('instance', [])
  t.same(told(ask(self, 'i-a', URL)), ['TARGET_IS_CLIENT i-a forward'])
})

t.test(
  'whom a target sees of a client that comes by a NAT gateway and a peering: the NAT gateway',
  async (t) => {
    const w = world()
    w.vpc('vpc-1', '10.0.0.0/16')
    w.vpc('vpc-2', '10.9.0.0/16')
    w.subnet('subnet-fn', 'vpc-1', '10.0.1.0/24', { zone: 'a' })
    w.subnet('subnet-nat', 'vpc-1', '10.0.2.0/24', { zone: 'a' })
    w.subnet('subnet-lb', 'vpc-2', '10.9.1.0/24', { zone: 'a' })
    w.subnet('subnet-app', 'vpc-2', '10.9.2.0/24', { zone: 'a' })
    w.nat('nat-1', 'subnet-nat', '10.0.2.9', '203.0.113.7')
    w.peering('pcx-1', 'vpc-1', 'vpc-2')
    w.table('rtb-fn', 'vpc-1', ['subnet-fn'], { '10.9.0.0/16': 'nat-1' })
    w.table('rtb-nat', 'vpc-1', ['subnet-nat'], { '10.9.0.0/16': 'pcx-1' })
    w.table('rtb-lb', 'vpc-2', ['subnet-lb', 'subnet-app'], { '10.0.0.0/16': 'pcx-1' })
    w.group('sg-fn', 'vpc-1')
    w.lambda('fn', ['subnet-fn'], ['sg-fn'])
    w.eni('eni-fn', 'subnet-fn', '10.0.1.9', ['sg-fn'], {
      description: 'AWS Lambda VPC ENI-fn',
      type: 'lambda',
    })
    w.group('sg-app', 'vpc-2', { ingress: [tcp(8080, '10.0.2.9/32')] })
    w.instance('i-a', 'subnet-app', '10.9.2.5', ['sg-app'])
    const arn = w.balancer('web', 'network', { 'subnet-lb': '10.9.1.8' })
    w.listener(arn, 'TCP', 443, w.targetGroup('app', 'instance', 'TCP', 8080, { 'i-a': 'healthy' }))
    t.equal(ask(w, 'fn', '10.9.1.8:443').verdict, 'reachable')
  },
)

t.test('UDP, TLS and other protocols', async (t) => {
  const w = mesh()
  const arn = w.balancer('web', 'network', { 'subnet-lb-a': '10.0.2.8' })
  w.group('sg-udp', 'vpc-1', { ingress: [udp(53, '10.0.1.0/24'), tcp(853, '10.0.2.8/32')] })
  w.eni('eni-dns', 'subnet-app-a', '10.0.4.9', ['sg-udp'])
  w.listener(arn, 'UDP', 53, w.targetGroup('dns', 'ip', 'UDP', 53, { '10.0.4.9@ap-northeast-2a': 'healthy' }))
  w.listener(
    arn,
    'TLS',
    853,
    w.targetGroup('dot', 'ip', 'TCP', 853, { '10.0.4.9@ap-northeast-2a': 'healthy' }),
  )
  t.equal(
    ask(w, 'fn', 'lb:web:53', { protocol: 'udp' }).verdict,
    'reachable',
    'UDP keeps the client’s address',
  )
  t.same(told(ask(w, 'fn', 'lb:web:53')), ['ELBV2_LISTENERS_MISMATCH web forward'])
  t.equal(ask(w, 'fn', 'lb:web:853').verdict, 'reachable')
  const ping = ask(w, 'fn', '10.0.2.8', { protocol: 'icmp' })
  t.equal(ping.verdict, 'unknown')
})

t.test('an NLB in front of an ALB, whose group must admit the client', async (t) => {
  const w = alb()
  const inner = 'arn:aws:elasticloadbalancing:ap-northeast-2:111122223333:loadbalancer/app/web/0123'
  const arn = w.balancer('front', 'network', { 'subnet-lb-a': '10.0.2.20' })
  w.listener(arn, 'TCP', 443, w.targetGroup('to-web', 'alb', 'TCP', 443, { [inner]: 'healthy' }))
  t.same(told(ask(w, 'fn', 'lb:front')), ['ENI_SG_RULES_MISMATCH sg-lb forward'])
  w.group('sg-open', 'vpc-1', { ingress: [tcp(443, '10.0.1.0/24')] })
  for (const address of Object.values(nodes))
    w.find('describe-network-interfaces', 'PrivateIpAddress', address)['Groups'] = [
      { GroupId: 'sg-lb' },
      { GroupId: 'sg-open' },
    ]
  w.find('describe-load-balancers', 'LoadBalancerName', 'web')['SecurityGroups'] = ['sg-lb', 'sg-open']
  const open = ask(w, 'fn', 'lb:front')
  t.equal(open.verdict, 'reachable')
  t.equal(open.hops.filter(({ kind }) => kind === 'listener').length, 2)
})

t.test('functions as targets, and listeners that answer themselves', async (t) => {
  const w = mesh()
  const arn = w.balancer('web', 'application', nodes, { groups: ['sg-lb'] })
  const fn = 'arn:aws:lambda:ap-northeast-2:111122223333:function:orders'
  w.listener(arn, 'HTTPS', 443, w.targetGroup('fns', 'lambda', 'HTTP', 0, { [fn]: 'unavailable' }))
  const open = ask(w, 'fn', URL)
  t.equal(open.verdict, 'reachable')
  t.match(open.hops.at(-1), { kind: 'target', component: 'orders' })
  const fixed = mesh()
  const other = fixed.balancer('web', 'application', nodes, { groups: ['sg-lb'] })
  fixed.listener(other, 'HTTPS', 443, { Type: 'fixed-response' })
  t.match(ask(fixed, 'fn', URL).hops.at(-1), { kind: 'listener', component: 'web:443' })
})

t.test('an answer that nobody gave leaves the verdict open', async (t) => {
  for (const call of ['describe-listeners', 'describe-target-groups', 'describe-target-health']) {
    const w = alb()
    w.forget(call)
    const asked = ask(w, 'fn', URL)
    t.equal(asked.verdict, 'unknown', call)
    t.match(asked.missing, [{ call }])
  }
  const failed = alb()
  failed.find('describe-load-balancers', 'LoadBalancerName', 'web')['State'] = { Code: 'provisioning' }
  t.same(told(ask(failed, 'fn', URL)), ['BAD_STATE web forward'])
})

t.test('an endpoint service of one’s own: through PrivateLink to the load balancer', async (t) => {
  const w = mesh()
  w.vpc('vpc-2', '10.9.0.0/16')
  w.subnet('subnet-far', 'vpc-2', '10.9.1.0/24', { zone: 'a' })
  w.group('sg-far', 'vpc-2')
  w.group('sg-vpce', 'vpc-2', { ingress: [tcp(443, 'sg-far')] })
  w.lambda('far', ['subnet-far'], ['sg-far'])
  w.group('sg-nlb', 'vpc-1', { ingress: [tcp(443, '10.0.0.0/16')] })
  const arn = w.balancer('web', 'network', { 'subnet-lb-a': '10.0.2.8' }, { groups: ['sg-nlb'] })
  w.group('sg-only', 'vpc-1', { ingress: [tcp(8080, '10.0.2.8/32')] })
  w.instance('i-only', 'subnet-app-a', '10.0.4.7', ['sg-only'])
  w.listener(arn, 'TCP', 443, w.targetGroup('app', 'instance', 'TCP', 8080, { 'i-only': 'healthy' }))
  const ServiceName = 'com.amazonaws.vpce.ap-northeast-2.vpce-svc-1'
  w.add('describe-vpc-endpoint-service-configurations', {
    ServiceName,
    ServiceId: 'vpce-svc-1',
    ServiceState: 'Available',
    NetworkLoadBalancerArns: [arn],
  })
  const host = 'vpce-1-abc.vpce-svc-1.ap-northeast-2.vpce.amazonaws.com'
  w.endpoint('vpce-1', 'vpc-2', 'x', {
    VpcEndpointType: 'Interface',
    ServiceName,
    SubnetIds: ['subnet-far'],
    Groups: [{ GroupId: 'sg-vpce' }],
    DnsEntries: [{ DnsName: host }],
  })
  t.same(told(ask(w, 'far', `${host}:443`)), ['ENI_SG_RULES_MISMATCH sg-nlb forward'])
  const balancer = w.find('describe-load-balancers', 'LoadBalancerName', 'web')
  balancer['EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic'] = 'off'
  const open = ask(w, 'far', `${host}:443`)
  t.equal(open.verdict, 'reachable', 'the target sees the load balancer')
  t.ok(open.hops.some(({ kind }) => kind === 'target-group'))
  t.same(told(ask(w, 'far', `${host}:80`)).at(-1), 'ELBV2_LISTENERS_MISMATCH web forward')
})

const SEED = 7311
t.comment(`fast-check seed ${SEED}`)

t.test('answers that make no sense are told as problems, and never end in an error', async () => {
  const calls = [
    'describe-load-balancers',
    'describe-load-balancer-attributes',
    'describe-listeners',
    'describe-target-groups',
    'describe-target-group-attributes',
    'describe-target-health',
    'describe-vpc-endpoint-service-configurations',
  ]
  const field = fc.constantFrom(
    'LoadBalancers',
    'Listeners',
    'TargetGroups',
    'TargetHealthDescriptions',
    'Attributes',
    'ServiceConfigurations',
    'LoadBalancerArn',
    'LoadBalancerName',
    'ListenerArn',
    'TargetGroupArn',
    'DefaultActions',
    'ForwardConfig',
    'Target',
    'TargetHealth',
    'Key',
    'Value',
    'Port',
    'ServiceName',
  )
  const { tree } = fc.letrec((tie) => ({
    tree: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      fc.constantFrom(null, true, 80, '', 'web', 'arn:aws:elasticloadbalancing:x:1:loadbalancer/app/web/0'),
      fc.array(tie('tree'), { maxLength: 3 }),
      fc.dictionary(field, tie('tree'), { maxKeys: 5 }),
    ),
  }))
  fc.assert(
    fc.property(fc.constantFrom(...calls), fc.constantFrom('', 'web'), tree, (call, key, body) => {
      const w = alb()
      const before = w.snapshot()
      const documents = [...before.documents, { file: 'f.json', scope: '', call, key, body }]
      const { model } = buildModel({ ...before, documents })
      const { destination } = parseDestination(URL)
      trace(model, parseSource('fn'), destination, { protocol: 'tcp', port: 443 })
      return true
    }),
    { seed: SEED, numRuns: 300 },
  )
})

t.test(
  'what is unhealthy beside healthy targets changes no verdict; nor does the name of a file',
  async () => {
    const state = fc.constantFrom(
      'unhealthy',
      'unhealthy Target.Timeout',
      'draining',
      'unused Target.NotInUse',
    )
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.integer({ min: 20, max: 60 }), { maxLength: 5 }),
        state,
        fc.boolean(),
        (hosts, sick, open) => {
          const build = (more: Readonly<Record<string, string>>) => {
            const w = mesh()
            const arn = w.balancer('web', 'application', nodes, { groups: ['sg-lb'] })
            const targets = { '10.0.4.5@ap-northeast-2a': 'healthy', ...more }
            w.listener(arn, 'HTTPS', 443, w.targetGroup('app', 'ip', 'HTTP', 8080, targets))
            if (!open) w.find('describe-security-groups', 'GroupId', 'sg-app')['IpPermissions'] = []
            return w
          }
          const more = Object.fromEntries(hosts.map((host) => [`10.0.4.${host}@ap-northeast-2a`, sick]))
          const plain = ask(build({}), 'fn', URL)
          const renamed = build(more)
          const health = renamed.snapshot().documents.find(({ call }) => call === 'describe-target-health')
          if (health === undefined) return false
          renamed.forget('describe-target-health')
          renamed.put('describe-target-health', 'app', health.body)
          return (
            ask(build(more), 'fn', URL).verdict === plain.verdict &&
            ask(renamed, 'fn', URL).verdict === plain.verdict
          )
        },
      ),
      { seed: SEED, numRuns: 60 },
    )
  },
)
