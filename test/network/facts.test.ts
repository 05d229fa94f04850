import t from 'tap'
import { ask, told } from './support/ask.js'
import { tcp, world } from './support/world.js'

/** A VPC with a public and two private subnets, NAT, a database and a function. */
function shop() {
  const w = world()
  w.vpc('vpc-1', '10.0.0.0/16')
  w.subnet('subnet-pub', 'vpc-1', '10.0.0.0/24')
  w.subnet('subnet-app', 'vpc-1', '10.0.1.0/24')
  w.subnet('subnet-db', 'vpc-1', '10.0.2.0/24')
  w.igw('igw-1', 'vpc-1')
  w.nat('nat-1', 'subnet-pub', '10.0.0.10', '203.0.113.7')
  w.table('rtb-pub', 'vpc-1', ['subnet-pub'], { '0.0.0.0/0': 'igw-1' })
  w.table('rtb-app', 'vpc-1', ['subnet-app'])
  w.group('sg-fn', 'vpc-1')
  w.group('sg-db', 'vpc-1', { ingress: [tcp(5432, 'sg-fn')] })
  w.db('orders', ['subnet-db'], ['sg-db'])
  w.lambda('fn', ['subnet-app'], ['sg-fn'])
  return w
}

t.test('S1 outside-vpc: private database blocked, internet open', async (t) => {
  const w = shop()
  w.lambda('loose', [], [])
  const db = ask(w, 'loose', 'rds:orders', { port: 5432 })
  t.equal(db.verdict, 'unreachable')
  t.same(told(db), ['FUNCTION_NOT_IN_VPC loose forward'])
  t.equal(ask(w, 'loose', 'internet', { port: 443 }).verdict, 'reachable')
})

t.test('S2 rds-admitted', async (t) => {
  const r = ask(shop(), 'fn', 'rds:orders', { port: 5432 })
  t.equal(r.verdict, 'reachable')
  t.same(r.blockers, [])
  t.same(r.missing, [])
  t.ok(r.hops.some((h) => h.component === 'sg-db' && h.rule?.summary === 'tcp 5432 from sg-fn'))
})

t.test('S3 rds-sg-missing, S3b egress-closed', async (t) => {
  const w = shop()
  w.find('describe-security-groups', 'GroupId', 'sg-db')['IpPermissions'] = []
  t.same(told(ask(w, 'fn', 'rds:orders', { port: 5432 })), ['SG_HAS_NO_RULES sg-db forward'])
  const v = shop()
  v.find('describe-security-groups', 'GroupId', 'sg-fn')['IpPermissionsEgress'] = []
  t.same(told(ask(v, 'fn', 'rds:orders', { port: 5432 })), ['SG_HAS_NO_RULES sg-fn forward'])
  t.same(told(ask(shop(), 'fn', 'rds:orders', { port: 5433 })), ['ENI_SG_RULES_MISMATCH sg-db forward'])
})

t.test('S4 private-no-nat, S4b public-subnet, S5 nat', async (t) => {
  const w = shop()
  const none = ask(w, 'fn', 'internet', { port: 443 })
  t.same(told(none), ['NO_ROUTE_TO_DESTINATION rtb-app forward'])
  t.equal(ask(w, 'fn', 'rds:orders', { port: 5432 }).verdict, 'reachable')
  w.lambda('pub', ['subnet-pub'], ['sg-fn'])
  t.same(told(ask(w, 'pub', 'internet', { port: 443 })), [
    'IGW_PUBLIC_IP_ASSOCIATION_FOR_EGRESS igw-1 forward',
  ])
  w.route('rtb-app', '0.0.0.0/0', 'nat-1')
  const nat = ask(w, 'fn', 'internet', { port: 443 })
  t.equal(nat.verdict, 'reachable', JSON.stringify(nat.blockers))
  t.equal(nat.seenAs, '203.0.113.7')
  t.same(
    nat.hops.map((h) => h.component),
    [
      'fn',
      'sg-fn',
      'acl-main-vpc-1',
      'rtb-app',
      'acl-main-vpc-1',
      'nat-1',
      'acl-main-vpc-1',
      'rtb-pub',
      'igw-1',
      'internet',
    ],
  )
  t.same(
    nat.returnHops.map((h) => h.component),
    ['igw-1', 'acl-main-vpc-1', 'nat-1', 'acl-main-vpc-1', 'rtb-pub', 'acl-main-vpc-1', 'fn'],
  )
})

t.test('S5b nat-in-private, S5c nat-deleted, S5d one-of-three', async (t) => {
  const w = shop()
  w.nat('nat-2', 'subnet-db', '10.0.2.9', '203.0.113.9')
  w.route('rtb-app', '0.0.0.0/0', 'nat-2')
  const inside = ask(w, 'fn', 'internet', { port: 443 })
  t.same(told(inside), ['NO_ROUTE_TO_DESTINATION rtb-main-vpc-1 forward'])
  const v = shop()
  v.route('rtb-app', '0.0.0.0/0', 'nat-gone', { state: 'blackhole' })
  t.same(told(ask(v, 'fn', 'internet', { port: 443 })), ['BAD_STATE_ROUTE rtb-app forward'])
  const u = shop()
  for (const [i, zone] of ['a', 'b', 'c'].entries())
    u.subnet(`subnet-p${i}`, 'vpc-1', `10.0.1${i}.0/24`, { zone })
  u.table('rtb-nat', 'vpc-1', ['subnet-p0', 'subnet-p1'], { '0.0.0.0/0': 'nat-1' })
  u.lambda('three', ['subnet-p0', 'subnet-p1', 'subnet-p2'], ['sg-fn'])
  const three = ask(u, 'three', 'internet', { port: 443 })
  t.equal(three.verdict, 'unreachable')
  t.same(
    three.perSubnet.map((s) => `${s.subnet} ${s.verdict}`),
    ['subnet-p0 reachable', 'subnet-p1 reachable', 'subnet-p2 unreachable'],
  )
  t.equal(three.blockers[0]?.subnet, 'subnet-p2')
})

t.test('S6 dynamodb-gateway and its faults', async (t) => {
  const w = shop()
  w.put('describe-prefix-lists', '', {
    PrefixLists: [
      {
        PrefixListId: 'pl-ddb',
        PrefixListName: 'com.amazonaws.ap-northeast-2.dynamodb',
        Cidrs: ['52.94.8.0/24', '3.5.0.0/19'],
      },
    ],
  })
  w.endpoint('vpce-ddb', 'vpc-1', 'dynamodb', { RouteTableIds: ['rtb-app'] })
  t.same(told(ask(w, 'fn', 'service:dynamodb', { port: 443 })), [
    'GATEWAY_ENDPOINT_NOT_ASSOCIATED vpce-ddb forward',
    'NO_ROUTE_TO_DESTINATION rtb-app forward',
  ])
  w.route('rtb-app', 'pl-ddb', 'vpce-ddb')
  const open = ask(w, 'fn', 'service:dynamodb', { port: 443 })
  t.equal(open.verdict, 'reachable', JSON.stringify(open.blockers))
  t.equal(ask(w, 'fn', 'dynamodb.ap-northeast-2.amazonaws.com:443').verdict, 'reachable')
  t.equal(ask(w, 'fn', 'internet', { port: 443 }).verdict, 'unreachable')
  t.same(told(ask(w, 'fn', 'service:dynamodb', { port: 53, protocol: 'udp' })), [
    'VPCE_GATEWAY_PROTOCOL_RESTRICTION vpce-ddb forward',
  ])
  w.group('sg-narrow', 'vpc-1', { egress: [tcp(443, '10.0.0.0/16')] })
  w.lambda('narrow', ['subnet-app'], ['sg-narrow'])
  t.same(told(ask(w, 'narrow', 'service:dynamodb', { port: 443 })), [
    'ENI_SG_RULES_MISMATCH sg-narrow forward',
  ])
  w.group('sg-list', 'vpc-1', { egress: [tcp(443, 'pl-ddb')] })
  w.lambda('listed', ['subnet-app'], ['sg-list'])
  t.equal(ask(w, 'listed', 'service:dynamodb', { port: 443 }).verdict, 'reachable')
})

t.test('S6c-e interface endpoint: open, group closed, private DNS off', async (t) => {
  const build = (ingress: readonly ReturnType<typeof tcp>[], more = {}) => {
    const w = shop()
    w.group('sg-ep', 'vpc-1', { ingress })
    w.eni('eni-ep', 'subnet-db', '10.0.2.50', ['sg-ep'], { type: 'vpc_endpoint' })
    w.endpoint('vpce-sm', 'vpc-1', 'secretsmanager', {
      VpcEndpointType: 'Interface',
      SubnetIds: ['subnet-db'],
      NetworkInterfaceIds: ['eni-ep'],
      Groups: [{ GroupId: 'sg-ep' }],
      PrivateDnsEnabled: true,
      ...more,
    })
    return w
  }
  const open = ask(build([tcp(443, '10.0.0.0/16')]), 'fn', 'service:secretsmanager', { port: 443 })
  t.equal(open.verdict, 'reachable')
  t.same(open.resolved, ['10.0.2.50'])
  t.same(told(ask(build([]), 'fn', 'secretsmanager.ap-northeast-2.amazonaws.com:443')), [
    'SG_HAS_NO_RULES sg-ep forward',
  ])
  const off = ask(build([tcp(443, 'sg-fn')], { PrivateDnsEnabled: false }), 'fn', 'service:secretsmanager', {
    port: 443,
  })
  t.same(told(off), [
    'ENDPOINT_PRIVATE_DNS_DISABLED vpce-sm forward',
    'NO_ROUTE_TO_DESTINATION rtb-app forward',
  ])
})

t.test(
  'a service whose PrivateLink name is not its host, and names that private DNS does not cover',
  async (t) => {
    const build = (service: string, more = {}) => {
      const w = shop()
      w.group('sg-ep', 'vpc-1', { ingress: [tcp(443, '10.0.0.0/16')] })
      w.eni('eni-ep', 'subnet-db', '10.0.2.50', ['sg-ep'], { type: 'vpc_endpoint' })
      w.endpoint('vpce-x', 'vpc-1', service, {
        VpcEndpointType: 'Interface',
        SubnetIds: ['subnet-db'],
        NetworkInterfaceIds: ['eni-ep'],
        Groups: [{ GroupId: 'sg-ep' }],
        PrivateDnsEnabled: true,
        ...more,
      })
      return w
    }
    const resolved = (service: string, to: string, more = {}) =>
      ask(build(service, more), 'fn', to, { port: 443 }).resolved
    for (const [service, to] of [
      ['kinesis-streams', 'service:kinesis'],
      ['kinesis-streams', 'kinesis.ap-northeast-2.amazonaws.com'],
      ['kinesis-firehose', 'firehose.ap-northeast-2.amazonaws.com'],
      ['ecr.api', 'service:ecr'],
      ['ecr.dkr', '111122223333.dkr.ecr.ap-northeast-2.amazonaws.com'],
      ['sagemaker.runtime', 'runtime.sagemaker.ap-northeast-2.amazonaws.com'],
      ['kms-fips', 'kms-fips.ap-northeast-2.amazonaws.com'],
    ] as const)
      t.same(resolved(service, to), ['10.0.2.50'], `${to} by ${service}`)

    const fips = ask(build('kms'), 'fn', 'kms-fips.ap-northeast-2.amazonaws.com', { port: 443 })
    t.same(told(fips), [
      'ENDPOINT_NAME_NOT_COVERED vpce-x forward',
      'NO_ROUTE_TO_DESTINATION rtb-app forward',
    ])
    t.same(told(ask(build('kms-fips'), 'fn', 'service:kms', { port: 443 })), [
      'ENDPOINT_NAME_NOT_COVERED vpce-x forward',
      'NO_ROUTE_TO_DESTINATION rtb-app forward',
    ])
    const DnsEntries = [
      { DnsName: 'ec2.ap-northeast-2.amazonaws.com' },
      { DnsName: 'ec2.ap-northeast-2.api.aws' },
    ]
    t.same(resolved('ec2', 'ec2.ap-northeast-2.api.aws', { DnsEntries }), ['10.0.2.50'])
    t.same(
      told(
        ask(build('ec2', { DnsEntries: DnsEntries.slice(0, 1) }), 'fn', 'ec2.ap-northeast-2.api.aws', {
          port: 443,
        }),
      ),
      ['ENDPOINT_NAME_NOT_COVERED vpce-x forward', 'NO_ROUTE_TO_DESTINATION rtb-app forward'],
    )
    const inbound = { DnsOptions: { PrivateDnsOnlyForInboundResolverEndpoint: true } }
    t.same(told(ask(build('s3', inbound), 'fn', 'service:s3', { port: 443 })), [
      'NO_ROUTE_TO_DESTINATION rtb-app forward',
    ])
  },
)
