import t from 'tap'
import { ask, told } from './support/ask.js'
import { anyPeer, tcp, world } from './support/world.js'

function shop(dns: { dns?: boolean; hostnames?: boolean; dhcp?: string } = {}) {
  const w = world()
  w.vpc('vpc-1', '10.0.0.0/16', dns)
  w.subnet('subnet-pub', 'vpc-1', '10.0.0.0/24')
  w.subnet('subnet-app', 'vpc-1', '10.0.1.0/24')
  w.subnet('subnet-db', 'vpc-1', '10.0.2.0/24')
  w.igw('igw-1', 'vpc-1')
  w.nat('nat-1', 'subnet-pub', '10.0.0.10', '203.0.113.7')
  w.table('rtb-pub', 'vpc-1', ['subnet-pub'], { '0.0.0.0/0': 'igw-1' })
  w.table('rtb-app', 'vpc-1', ['subnet-app'], { '0.0.0.0/0': 'nat-1' })
  w.group('sg-fn', 'vpc-1')
  w.group('sg-db', 'vpc-1', { ingress: [tcp(5432, 'sg-fn')] })
  w.db('orders', ['subnet-db'], ['sg-db'])
  w.lambda('fn', ['subnet-app'], ['sg-fn'])
  return w
}
const web = { port: 443 }
const sql = { port: 5432 }

t.test('N2: the NAT subnet’s ACL drops the way back', async (t) => {
  const w = shop()
  const all = [{ number: 100 }]
  w.acl('acl-nat', 'vpc-1', ['subnet-pub'], { ingress: [{ number: 100, cidr: '10.0.0.0/8' }], egress: all })
  t.same(told(ask(w, 'fn', 'internet', web)), ['SUBNET_ACL_RESTRICTION acl-nat return'])
  w.acl('acl-nat2', 'vpc-1', ['subnet-pub'], {
    ingress: all,
    egress: [{ number: 100, protocol: '6', from: 443 }],
  })
  t.same(told(ask(w, 'fn', 'internet', web)), ['SUBNET_ACL_RESTRICTION acl-nat2 return'])
})

t.test('NAT: state, protocols, private, regional, gone', async (t) => {
  const w = shop()
  t.same(told(ask(w, 'fn', 'internet', { protocol: '47' })), ['PROTOCOL_RESTRICTION nat-1 forward'])
  t.equal(ask(w, 'fn', 'internet', { protocol: 'icmp' }).verdict, 'reachable')
  w.find('describe-nat-gateways', 'NatGatewayId', 'nat-1')['State'] = 'failed'
  t.same(told(ask(w, 'fn', 'internet', web)), ['BAD_STATE nat-1 forward'])
  const p = shop()
  p.nat('nat-p', 'subnet-pub', '10.0.0.11', null)
  p.subnet('subnet-p', 'vpc-1', '10.0.3.0/24')
  p.table('rtb-p', 'vpc-1', ['subnet-p'], { '0.0.0.0/0': 'nat-p' })
  p.lambda('private', ['subnet-p'], ['sg-fn'])
  t.same(told(ask(p, 'private', 'internet', web)), ['IGW_PUBLIC_IP_ASSOCIATION_FOR_EGRESS igw-1 forward'])
  p.add('describe-nat-gateways', {
    NatGatewayId: 'nat-r',
    VpcId: 'vpc-1',
    State: 'available',
    ConnectivityType: 'public',
    AvailabilityMode: 'regional',
    RouteTableId: 'rtb-nat',
    NatGatewayAddresses: [{ PublicIp: '203.0.113.50', AvailabilityZone: 'ap-northeast-2a' }],
  })
  p.table('rtb-nat', 'vpc-1', [], { '0.0.0.0/0': 'igw-1' })
  p.subnet('subnet-r', 'vpc-1', '10.0.4.0/24')
  p.table('rtb-r', 'vpc-1', ['subnet-r'], { '0.0.0.0/0': 'nat-r' })
  p.lambda('regional', ['subnet-r'], ['sg-fn'])
  const r = ask(p, 'regional', 'internet', web)
  t.equal(r.verdict, 'reachable', JSON.stringify(r.blockers))
  t.equal(r.seenAs, '203.0.113.50')
  const g = shop()
  g.forget('describe-nat-gateways')
  const missing = ask(g, 'fn', 'internet', web)
  t.equal(missing.verdict, 'unknown')
  t.same(
    missing.missing.map((m) => `${m.call} ${m.component}`),
    ['describe-nat-gateways nat-1'],
  )
})

t.test('N10: Block Public Access and its exclusions', async (t) => {
  const w = shop()
  const mode = (m: string) =>
    w.put('describe-vpc-block-public-access-options', '', {
      VpcBlockPublicAccessOptions: { InternetGatewayBlockMode: m },
    })
  const exclude = (id: string, m: string) =>
    w.add('describe-vpc-block-public-access-exclusions', {
      ExclusionId: `vpcbpa-exclude-${id}`,
      InternetGatewayExclusionMode: m,
      ResourceArn: `arn:aws:ec2:ap-northeast-2:1:subnet/${id}`,
      State: 'create-complete',
    })
  w.group('sg-open', 'vpc-1', { ingress: [anyPeer] })
  w.instance('i-pub', 'subnet-pub', '10.0.0.20', ['sg-open'], { publicIp: '203.0.113.20' })
  mode('off')
  t.equal(ask(w, 'fn', 'internet', web).verdict, 'reachable')
  mode('block-ingress')
  t.equal(ask(w, 'fn', 'internet', web).verdict, 'reachable', 'NAT may go out')
  t.equal(ask(w, 'i-pub', 'internet', web).verdict, 'unreachable')
  mode('block-bidirectional')
  t.same(told(ask(w, 'fn', 'internet', web)), ['VPC_BLOCK_PUBLIC_ACCESS_ENABLED vpc-1 forward'])
  exclude('subnet-pub', 'allow-egress')
  t.equal(ask(w, 'fn', 'internet', web).verdict, 'reachable')
})

t.test('N4 and N6: resolver off, dead name server, public name over peering', async (t) => {
  t.same(told(ask(shop({ dns: false }), 'fn', 'rds:orders', sql)), ['DNS_SUPPORT_DISABLED vpc-1 forward'])
  const w = shop({ dhcp: 'dopt-x' })
  w.add('describe-dhcp-options', {
    DhcpOptionsId: 'dopt-x',
    DhcpConfigurations: [{ Key: 'domain-name-servers', Values: [{ Value: '10.0.2.200' }] }],
  })
  t.same(told(ask(w, 'fn', 'rds:orders', sql)), ['DNS_SERVER_UNREACHABLE dopt-x forward'])
  const peer = (dns: boolean) => {
    const p = shop()
    p.vpc('vpc-2', '10.2.0.0/16')
    p.subnet('subnet-2', 'vpc-2', '10.2.0.0/24')
    p.group('sg-2', 'vpc-2', { ingress: [tcp(5432, '10.0.0.0/16')] })
    p.db('remote', ['subnet-2'], ['sg-2'], { PubliclyAccessible: true })
    p.peering('pcx-1', 'vpc-1', 'vpc-2', { dns })
    p.table('rtb-x', 'vpc-1', ['subnet-app'], { '10.2.0.0/16': 'pcx-1' })
    p.table('rtb-y', 'vpc-2', ['subnet-2'], { '10.0.0.0/16': 'pcx-1' })
    return ask(p, 'fn', 'rds:remote', sql)
  }
  t.ok(told(peer(false)).includes('PEERING_DNS_RESOLUTION_DISABLED pcx-1 forward'))
  t.equal(peer(true).verdict, 'reachable')
})

t.test(
  'S1b by policy documents: a Deny wins, NotAction allows the rest, a conditional Deny is for function code',
  async (t) => {
    const blocked = (statements: readonly object[]) => {
      const w = shop()
      w.lambda('fn2', ['subnet-app'], ['sg-fn'], { State: 'Pending' })
      w.put('list-role-policies', 'fn2-role', { PolicyNames: ['own'] })
      w.put('list-attached-role-policies', 'fn2-role', {
        AttachedPolicies: [
          {
            PolicyName: 'AWSLambdaVPCAccessExecutionRole',
            PolicyArn: 'arn:aws:iam::aws:policy/service-role/AWSLambdaVPCAccessExecutionRole',
          },
        ].slice(statements.some((s) => 'Granted' in s) ? 0 : 1),
      })
      const Statement = statements.filter((s) => !('Granted' in s))
      w.put('get-role-policy', 'fn2-role.own', {
        RoleName: 'fn2-role',
        PolicyName: 'own',
        PolicyDocument: { Version: '2012-10-17', Statement },
      })
      const found = ask(w, 'fn2', 'rds:orders', sql).blockers.find(
        (b) => b.code === 'ROLE_LACKS_ENI_PERMISSIONS',
      )
      return found?.rule?.summary ?? null
    }
    const granted = { Granted: true }
    const deny = { Effect: 'Deny', Action: 'ec2:CreateNetworkInterface', Resource: '*' }
    t.equal(blocked([granted]), null)
    t.equal(blocked([granted, deny]), 'ec2:CreateNetworkInterface')
    const byCode = { ArnEquals: { 'lambda:SourceFunctionArn': ['arn:aws:lambda:eu-west-1:1:function:fn2'] } }
    t.equal(blocked([granted, { ...deny, Condition: byCode }]), null)
    const allow = { Effect: 'Allow', Resource: '*' }
    t.equal(blocked([{ ...allow, NotAction: 'iam:*' }]), null)
    t.equal(blocked([{ ...allow, NotAction: ['ec2:Delete*'] }]), 'ec2:DeleteNetworkInterface')
  },
)

t.test('S1b, N11, N20, N21: the function itself', async (t) => {
  const w = shop()
  w.lambda('norole', ['subnet-app'], ['sg-fn'], {
    State: 'Failed',
    StateReasonCode: 'InsufficientRolePermissions',
  })
  w.put('simulate-principal-policy', 'norole-role', {
    EvaluationResults: ['CreateNetworkInterface', 'DeleteNetworkInterface', 'DescribeNetworkInterfaces'].map(
      (a) => ({
        EvalActionName: `ec2:${a}`,
        EvalDecision: a.startsWith('Describe') ? 'allowed' : 'implicitDeny',
      }),
    ),
  })
  const r = ask(w, 'norole', 'rds:orders', sql)
  t.same(told(r), ['ROLE_LACKS_ENI_PERMISSIONS norole-role forward'])
  t.equal(r.blockers[0]?.rule?.summary, 'ec2:CreateNetworkInterface, ec2:DeleteNetworkInterface')
  w.subnet('subnet-full', 'vpc-1', '10.0.9.0/28', { free: 0 })
  w.lambda('full', ['subnet-full'], ['sg-fn'], { State: 'Failed', StateReasonCode: 'SubnetOutOfIPAddresses' })
  t.same(told(ask(w, 'full', 'rds:orders', sql)), ['SUBNET_OUT_OF_IP_ADDRESSES subnet-full forward'])
  w.lambda('idle', ['subnet-app'], ['sg-fn'], { State: 'Inactive', StateReasonCode: 'Idle' })
  const idle = ask(w, 'idle', 'rds:orders', sql)
  t.equal(idle.verdict, 'reachable')
  t.ok(idle.notes.some((n) => n.code === 'FUNCTION_INACTIVE'))
  w.lambda('limit', ['subnet-app'], ['sg-fn'], {
    LastUpdateStatus: 'Failed',
    LastUpdateStatusReasonCode: 'EniLimitExceeded',
  })
  t.same(told(ask(w, 'limit', 'rds:orders', sql)), ['ENI_LIMIT_EXCEEDED limit forward'])
})

t.test('N17 and N9: the global STS name; an endpoint policy that allows nothing', async (t) => {
  const w = shop()
  w.table('rtb-closed', 'vpc-1', ['subnet-app'])
  w.group('sg-ep', 'vpc-1', { ingress: [tcp(443, 'sg-fn')] })
  const sts = {
    VpcEndpointType: 'Interface',
    SubnetIds: ['subnet-db'],
    Groups: [{ GroupId: 'sg-ep' }],
    PrivateDnsEnabled: true,
  }
  w.endpoint('vpce-sts', 'vpc-1', 'sts', sts)
  t.equal(ask(w, 'fn', 'sts.ap-northeast-2.amazonaws.com:443').verdict, 'reachable')
  t.same(told(ask(w, 'fn', 'sts.amazonaws.com:443')), [
    'ENDPOINT_GLOBAL_NAME_NOT_COVERED vpce-sts forward',
    'NO_ROUTE_TO_DESTINATION rtb-closed forward',
  ])
  w.find('describe-vpc-endpoints', 'VpcEndpointId', 'vpce-sts')['PolicyDocument'] = JSON.stringify({
    Version: '2012-10-17',
    Statement: [],
  })
  t.same(told(ask(w, 'fn', 'service:sts', web)), ['ENDPOINT_POLICY_DENIES vpce-sts forward'])
})

t.test('N24: the proxy’s own leg', async (t) => {
  const w = shop()
  w.group('sg-proxy', 'vpc-1', { ingress: [tcp(5432, 'sg-fn')] })
  w.add('describe-db-proxies', {
    DBProxyName: 'pool',
    Status: 'available',
    EngineFamily: 'POSTGRESQL',
    VpcId: 'vpc-1',
    VpcSubnetIds: ['subnet-db'],
    VpcSecurityGroupIds: ['sg-proxy'],
    Endpoint: 'pool.proxy-abc.ap-northeast-2.rds.amazonaws.com',
  })
  w.put('describe-db-proxy-targets', 'pool', {
    Targets: [{ RdsResourceId: 'orders', Port: 5432, Type: 'RDS_INSTANCE' }],
  })
  t.same(told(ask(w, 'fn', 'rds:pool', sql)), ['ENI_SG_RULES_MISMATCH sg-db forward'])
  w.group('sg-db2', 'vpc-1', { ingress: [tcp(5432, 'sg-proxy')] })
  w.find('describe-db-instances', 'DBInstanceIdentifier', 'orders')['VpcSecurityGroups'] = [
    { VpcSecurityGroupId: 'sg-db2', Status: 'active' },
  ]
  t.equal(ask(w, 'fn', 'pool.proxy-abc.ap-northeast-2.rds.amazonaws.com:5432').verdict, 'reachable')
})

t.test('private zones: associated, not associated, no such record', async (t) => {
  const w = shop()
  w.instance('i-db', 'subnet-db', '10.0.2.77', ['sg-db'])
  w.add('list-hosted-zones', { Id: '/hostedzone/Z1', Name: 'corp.internal.', Config: { PrivateZone: true } })
  w.put('list-resource-record-sets', 'Z1', {
    ResourceRecordSets: [
      { Name: 'db.corp.internal.', Type: 'CNAME', ResourceRecords: [{ Value: 'main.corp.internal' }] },
      { Name: 'main.corp.internal.', Type: 'A', ResourceRecords: [{ Value: '10.0.2.77' }] },
    ],
  })
  t.equal(ask(w, 'fn', 'db.corp.internal:5432').verdict, 'unknown')
  w.put('get-hosted-zone', 'Z1', {
    HostedZone: { Id: '/hostedzone/Z1', Name: 'corp.internal.' },
    VPCs: [{ VPCId: 'vpc-9' }],
  })
  t.same(told(ask(w, 'fn', 'db.corp.internal:5432')), ['PRIVATE_ZONE_NOT_ASSOCIATED Z1 forward'])
  w.put('get-hosted-zone', 'Z1', {
    HostedZone: { Id: '/hostedzone/Z1', Name: 'corp.internal.' },
    VPCs: [{ VPCId: 'vpc-1' }],
  })
  t.equal(ask(w, 'fn', 'db.corp.internal:5432').verdict, 'reachable')
  t.same(told(ask(w, 'fn', 'nothing.corp.internal:5432')), ['DNS_NAME_NOT_FOUND Z1 forward'])
})

t.test('routes: prefix lists, static before propagated, main table, VPN', async (t) => {
  const w = shop()
  w.add('describe-vpn-gateways', {
    VpnGatewayId: 'vgw-1',
    State: 'available',
    VpcAttachments: [{ VpcId: 'vpc-1', State: 'attached' }],
  })
  w.table('rtb-v', 'vpc-1', ['subnet-app'])
  w.route('rtb-v', '192.168.0.0/16', 'vgw-1', { propagated: true })
  const vpn = ask(w, 'fn', '192.168.1.1:22')
  t.equal(vpn.verdict, 'unknown')
  t.ok(vpn.hops.some((h) => h.component === 'vgw-1' && h.verdict === 'pass'))
  w.add('describe-vpn-connections', {
    VpnConnectionId: 'vpn-1',
    VpnGatewayId: 'vgw-1',
    State: 'available',
    VgwTelemetry: [{ Status: 'DOWN' }, { Status: 'DOWN' }],
  })
  t.same(told(ask(w, 'fn', '192.168.1.1:22')), ['BAD_STATE_VPN vgw-1 forward'])
  w.route('rtb-v', '192.168.0.0/16', 'nat-1')
  t.ok(
    ask(w, 'fn', '192.168.1.1:22').hops.some((h) => h.component === 'nat-1'),
    'static wins',
  )
  w.route('rtb-v', 'pl-net', 'tgw-1')
  const opaque = ask(w, 'fn', '192.168.1.1:22')
  t.equal(opaque.missing[0]?.call, 'get-managed-prefix-list-entries')
  w.put('get-managed-prefix-list-entries', 'pl-net', { Entries: [{ Cidr: '192.168.1.0/24' }] })
  w.tgw('tgw-1')
  t.same(told(ask(w, 'fn', '192.168.1.1:22')), ['BAD_STATE_ATTACHMENT tgw-1 forward'])
})

t.test('states: a stopped database, a terminated instance; usual ports', async (t) => {
  const w = shop()
  const open = ask(w, 'fn', 'rds:orders')
  t.equal(open.verdict, 'reachable')
  t.equal(open.port, 5432)
  t.equal(ask(w, 'fn', 'service:sqs').port, 443)
  w.find('describe-db-instances', 'DBInstanceIdentifier', 'orders')['DBInstanceStatus'] = 'stopped'
  t.same(told(ask(w, 'fn', 'rds:orders')), ['BAD_STATE orders forward'])
  w.add('describe-instances', {
    Instances: [{ InstanceId: 'i-dead', State: { Name: 'terminated' }, NetworkInterfaces: [] }],
  })
  t.same(told(ask(w, 'i-dead', 'internet', web)), ['BAD_STATE i-dead forward'])
  t.same(told(ask(w, 'fn', 'i-dead', web)), ['BAD_STATE i-dead forward'])
})

t.test('internet-facing load balancers are met by public address, internal ones inside', async (t) => {
  const w = shop()
  w.group('sg-lb', 'vpc-1', { ingress: [tcp(443, '203.0.113.7/32'), tcp(80, 'sg-fn')] })
  const arn = 'arn:aws:elasticloadbalancing:ap-northeast-2:1:loadbalancer/app/web/0123'
  const balancer = w.add('describe-load-balancers', {
    LoadBalancerArn: arn,
    LoadBalancerName: 'web',
    DNSName: 'web-1.ap-northeast-2.elb.amazonaws.com',
    Scheme: 'internet-facing',
    Type: 'application',
    VpcId: 'vpc-1',
    SecurityGroups: ['sg-lb'],
    AvailabilityZones: [{ SubnetId: 'subnet-pub', ZoneName: 'ap-northeast-2a' }],
    State: { Code: 'active' },
  })
  w.eni('eni-lb', 'subnet-pub', '10.0.0.80', ['sg-lb'], {
    description: 'ELB app/web/0123',
    publicIp: '203.0.113.80',
  })
  const away = [{ Type: 'redirect', RedirectConfig: { StatusCode: 'HTTP_301' } }]
  w.put('describe-listeners', arn, {
    Listeners: [443, 80].map((Port) => ({
      ListenerArn: `${arn}/${Port}`,
      LoadBalancerArn: arn,
      Port,
      Protocol: Port === 443 ? 'HTTPS' : 'HTTP',
      DefaultActions: away,
    })),
  })
  t.equal(
    ask(w, 'fn', 'web-1.ap-northeast-2.elb.amazonaws.com:443').verdict,
    'reachable',
    'seen as the NAT gateway',
  )
  t.same(told(ask(w, 'fn', 'web-1.ap-northeast-2.elb.amazonaws.com:80')), [
    'SG_REFERENCES_NOT_PRESERVED sg-lb forward',
  ])
  balancer['Scheme'] = 'internal'
  t.equal(ask(w, 'fn', 'web-1.ap-northeast-2.elb.amazonaws.com:80').verdict, 'reachable')
})
