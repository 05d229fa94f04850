import t from 'tap'
import { ask, told } from './support/ask.js'
import { anyPeer, type World, world } from './support/world.js'

/** One VPC, two instances that reach each other; `sg-b` admits everybody, `sg-a` nobody. */
function pair(): World {
  const w = world()
  w.vpc('vpc-1', '10.0.0.0/16')
  w.subnet('subnet-a', 'vpc-1', '10.0.1.0/24')
  w.subnet('subnet-b', 'vpc-1', '10.0.2.0/24')
  w.group('sg-a', 'vpc-1')
  w.group('sg-b', 'vpc-1', { ingress: [anyPeer] })
  w.instance('i-a', 'subnet-a', '10.0.1.10', ['sg-a'])
  w.instance('i-b', 'subnet-b', '10.0.2.10', ['sg-b'])
  return w
}

function withNat(): World {
  const w = pair()
  w.subnet('subnet-p', 'vpc-1', '10.0.0.0/24')
  w.igw('igw-1', 'vpc-1')
  w.table('rtb-p', 'vpc-1', ['subnet-p'], { '0.0.0.0/0': 'igw-1' })
  w.nat('nat-1', 'subnet-p', '10.0.0.100', '52.1.1.1')
  w.table('rtb-a', 'vpc-1', ['subnet-a'], { '0.0.0.0/0': 'nat-1' })
  return w
}

t.test('an address that no interface holds was left open though all interfaces are listed', async (t) => {
  const w = pair()
  t.same(told(ask(w, 'i-a', '10.0.2.99:80')), ['NO_INTERFACE_AT_ADDRESS subnet-b forward'])
  t.same(
    told(ask(w, 'i-a', '10.0.1.99:80')),
    ['NO_INTERFACE_AT_ADDRESS subnet-a forward'],
    'in its own subnet',
  )
  t.same(told(ask(w, 'i-a', '10.0.99.99:80')), ['NO_SUBNET_AT_ADDRESS vpc-1 forward'])
  const refused = pair()
  refused.refuse('describe-network-interfaces')
  t.equal(
    ask(refused, 'subnet-a+sg-a', '10.0.2.99:80').verdict,
    'unknown',
    'where the interfaces were refused',
  )
  const silent = pair()
  silent.forget('describe-network-interfaces')
  t.equal(ask(silent, 'subnet-a+sg-a', '10.0.2.99:80').verdict, 'unknown', 'where nobody asked for them')
  const shared = pair()
  shared.find('describe-network-interfaces', 'NetworkInterfaceId', 'eni-a')['OwnerId'] = '999988887777'
  t.equal(
    ask(shared, 'i-a', '10.0.2.99:80').verdict,
    'unknown',
    'a participant of a shared VPC sees but its own',
  )
})

t.test('the Amazon DNS server and what else AWS answers itself had no place', async (t) => {
  const w = pair()
  w.group('sg-closed', 'vpc-1', { egress: [] })
  w.acl('acl-closed', 'vpc-1', ['subnet-a'], { ingress: [], egress: [] })
  const from = 'subnet-a+sg-closed@10.0.1.50'
  for (const protocol of ['udp', 'tcp']) {
    t.equal(ask(w, from, '10.0.0.2:53', { protocol }).verdict, 'reachable', 'no group and no ACL filters it')
    t.equal(ask(w, from, '169.254.169.253:53', { protocol }).verdict, 'reachable')
  }
  t.equal(ask(w, from, '169.254.169.123:123', { protocol: 'udp' }).verdict, 'reachable', 'time')
  t.equal(ask(w, 'i-a', '169.254.169.254:80').verdict, 'reachable', "an instance's metadata")
  t.equal(ask(w, from, '10.0.0.2:80').verdict, 'unreachable', 'nothing but DNS is served there')
  t.equal(ask(w, from, '10.0.0.2', { protocol: 'udp' }).verdict, 'unreachable', 'nor on every port')
  const off = world()
  off.vpc('vpc-1', '10.0.0.0/16', { dns: false })
  off.subnet('subnet-a', 'vpc-1', '10.0.1.0/24')
  off.group('sg-a', 'vpc-1')
  const asked = ask(off, 'subnet-a+sg-a', '10.0.0.2:53', { protocol: 'udp' })
  t.same(told(asked), ['DNS_SUPPORT_DISABLED vpc-1 forward'])
})

t.test("a NAT gateway's own address was taken for a host", async (t) => {
  const w = withNat()
  t.same(told(ask(w, 'i-b', '10.0.0.100:443')), ['NAT_GATEWAY_REJECTS_UNSOLICITED nat-1 forward'])
  t.same(told(ask(w, 'i-b', '10.0.0.100', { protocol: 'icmp' })), [
    'NAT_GATEWAY_REJECTS_UNSOLICITED nat-1 forward',
  ])
  t.equal(ask(w, 'i-a', '8.8.8.8:443').verdict, 'reachable', 'replies still come back through it')
})

t.test('routes that a VPN or Direct Connect propagates were taken for absent', async (t) => {
  const attachment = (kind: string, id: string) => ({
    TransitGatewayAttachmentId: `tgw-attach-${kind}`,
    ResourceType: kind,
    ResourceId: id,
    State: 'enabled',
  })
  const make = (kind: string, id: string) => {
    const w = pair()
    w.subnet('subnet-t', 'vpc-1', '10.0.250.0/28')
    w.tgw('tgw-1')
    w.attach('tgw-attach-1', 'tgw-1', 'vpc-1', ['subnet-t'], 'tgw-rtb-1')
    w.add('describe-transit-gateway-attachments', {
      ...attachment(kind, id),
      TransitGatewayId: 'tgw-1',
      State: 'available',
    })
    w.transitTable('tgw-rtb-1', 'tgw-1', {})
    w.put('get-transit-gateway-route-table-propagations', 'tgw-rtb-1', {
      TransitGatewayRouteTablePropagations: [attachment(kind, id)],
    })
    w.table('rtb-a', 'vpc-1', ['subnet-a'], { '192.168.0.0/16': 'tgw-1' })
    return w
  }
  for (const kind of ['vpn', 'direct-connect-gateway']) {
    t.equal(ask(make(kind, 'x-1'), 'i-a', '192.168.1.1:80').verdict, 'unknown', kind)
  }
  const told2 = make('vpn', 'vpn-1')
  told2.add('describe-vpn-connections', {
    VpnConnectionId: 'vpn-1',
    TransitGatewayId: 'tgw-1',
    State: 'available',
    Options: { StaticRoutesOnly: true },
    Routes: [{ DestinationCidrBlock: '172.16.0.0/16', State: 'available' }],
  })
  t.same(
    told(ask(told2, 'i-a', '192.168.1.1:80')),
    ['TGW_RTB_NO_ROUTE_TO_TGW_ATTACHMENT tgw-rtb-1 forward'],
    'a VPN with static routing tells its routes',
  )
})

t.test(
  "for protocol 'all' an ACL's rule for ports that no reply uses counted against the reply",
  async (t) => {
    const w = pair()
    w.acl('acl-a', 'vpc-1', ['subnet-a'], {
      ingress: [{ number: 10, action: 'deny', protocol: '6', from: 80, to: 443 }, { number: 100 }],
      egress: [{ number: 100 }],
    })
    t.equal(ask(w, 'i-a', 'i-b', { protocol: 'all' }).verdict, 'reachable')
    t.equal(ask(w, 'i-a', 'i-b', { protocol: 'tcp' }).verdict, 'reachable')
    t.same(told(ask(w, 'i-b', 'i-a', { protocol: 'all' })), [
      'SUBNET_ACL_RESTRICTION acl-a forward',
      'SG_HAS_NO_RULES sg-a forward',
    ])
  },
)

t.test('DNS servers of which nothing is known were called unreachable', async (t) => {
  const w = world()
  w.vpc('vpc-1', '10.0.0.0/16', { dhcp: 'dopt-own' })
  w.subnet('subnet-a', 'vpc-1', '10.0.1.0/24')
  w.group('sg-a', 'vpc-1')
  w.add('describe-dhcp-options', {
    DhcpOptionsId: 'dopt-own',
    DhcpConfigurations: [{ Key: 'domain-name-servers', Values: [{ Value: '192.168.1.53' }] }],
  })
  w.add('describe-vpn-gateways', {
    VpnGatewayId: 'vgw-1',
    State: 'available',
    VpcAttachments: [{ VpcId: 'vpc-1', State: 'attached' }],
  })
  w.table('rtb-a', 'vpc-1', ['subnet-a'], { '192.168.0.0/16': 'vgw-1' })
  const answer = ask(w, 'subnet-a+sg-a', 'db.example.com:5432')
  t.notOk(told(answer).some((b) => b.startsWith('DNS_SERVER_UNREACHABLE')))
})

t.test(
  "an instance's interface that describe-instances doesn't name was not found by its address",
  async (t) => {
    const w = pair()
    w.eni('eni-second', 'subnet-a', '10.0.1.77', ['sg-b'])
    w.find('describe-network-interfaces', 'NetworkInterfaceId', 'eni-second')['Attachment'] = {
      InstanceId: 'i-a',
      DeviceIndex: 1,
      Status: 'attached',
    }
    t.equal(ask(w, 'i-a@10.0.1.77', 'i-b', { port: 80 }).verdict, 'reachable')
    t.equal(ask(w, 'i-b', 'i-a@10.0.1.77', { port: 80 }).verdict, 'reachable')
  },
)

t.test(
  "a transit gateway's only table was not taken for its attachments' where nobody asked for associations",
  async (t) => {
    const w = pair()
    w.vpc('vpc-2', '10.1.0.0/16')
    w.subnet('subnet-x', 'vpc-2', '10.1.1.0/24')
    w.group('sg-x', 'vpc-2', { ingress: [anyPeer] })
    w.instance('i-x', 'subnet-x', '10.1.1.10', ['sg-x'])
    w.tgw('tgw-1', {
      DefaultRouteTableAssociation: 'enable',
      AssociationDefaultRouteTableId: 'tgw-rtb-1',
    })
    w.attach('tgw-attach-1', 'tgw-1', 'vpc-1', ['subnet-a'], null)
    w.attach('tgw-attach-2', 'tgw-1', 'vpc-2', ['subnet-x'], null)
    w.transitTable('tgw-rtb-1', 'tgw-1', {
      '10.0.0.0/16': 'tgw-attach-1 propagated',
      '10.1.0.0/16': 'tgw-attach-2 propagated',
    })
    w.table('rtb-a', 'vpc-1', ['subnet-a'], { '10.1.0.0/16': 'tgw-1' })
    w.table('rtb-x', 'vpc-2', ['subnet-x'], { '10.0.0.0/16': 'tgw-1' })
    t.same(told(ask(w, 'i-a', 'i-x', { port: 80 })), [
      'TGW_ATTACH_MISSING_TGW_RTB_ASSOCIATION tgw-attach-1 forward',
      'TGW_ATTACH_MISSING_TGW_RTB_ASSOCIATION tgw-attach-2 return',
    ])
    w.forget('describe-transit-gateway-attachments')
    t.equal(ask(w, 'i-a', 'i-x', { port: 80 }).verdict, 'reachable')
    w.transitTable('tgw-rtb-2', 'tgw-1', {})
    t.equal(ask(w, 'i-a', 'i-x', { port: 80 }).verdict, 'unknown', 'with a second table it may be that one')
  },
)

t.test('VPC Block Public Access was taken as off without a word', async (t) => {
  const w = withNat()
  const silent = ask(w, 'i-a', '8.8.8.8:443')
  t.equal(silent.verdict, 'reachable', 'nobody asked: off is the default')
  t.ok(silent.notes.some((n) => n.code === 'BLOCK_PUBLIC_ACCESS_NOT_ASKED' && n.component === 'vpc-1'))
  w.put('describe-vpc-block-public-access-options', '', {
    VpcBlockPublicAccessOptions: { InternetGatewayBlockMode: 'off' },
  })
  t.same(ask(w, 'i-a', '8.8.8.8:443').notes, [])
  const refused = withNat()
  refused.refuse('describe-vpc-block-public-access-options')
  t.equal(ask(refused, 'i-a', '8.8.8.8:443').verdict, 'unknown', 'asked and refused')
})

t.test('a NAT gateway before a gateway endpoint was said to be seen by its public address', async (t) => {
  const w = withNat()
  w.put('describe-prefix-lists', '', {
    PrefixLists: [
      {
        PrefixListId: 'pl-ddb',
        PrefixListName: 'com.amazonaws.ap-northeast-2.dynamodb',
        Cidrs: ['52.94.8.0/24'],
      },
    ],
  })
  t.equal(ask(w, 'i-a', '52.94.8.7:443').seenAs, '52.1.1.1', 'through the internet gateway')
  w.endpoint('vpce-ddb', 'vpc-1', 'dynamodb', { RouteTableIds: ['rtb-p'] })
  w.route('rtb-p', 'pl-ddb', 'vpce-ddb')
  const inside = ask(w, 'i-a', '52.94.8.7:443')
  t.equal(inside.verdict, 'reachable', JSON.stringify(inside.blockers))
  t.equal(inside.seenAs, null, 'no internet gateway translates it')
})

t.test('an IPv6 reply from the internet was let in that had not gone out that way', async (t) => {
  const w = world()
  for (const [n, vpc] of ['vpc-1', 'vpc-2'].entries()) {
    const six = `2600:1f14:${n + 1}::`
    w.vpc(vpc, `10.${n}.0.0/16`, { cidrs: [`${six}/56`] })
    w.subnet(`subnet-${n}`, vpc, `10.${n}.1.0/24`, { v6: `${six}/64` })
    w.group(`sg-${n}`, vpc, {
      ingress: [anyPeer, { protocol: '-1', peer: '::/0' }],
      egress: [{ protocol: '-1', peer: '::/0' }],
    })
    w.instance(`i-${n}`, `subnet-${n}`, `10.${n}.1.10`, [`sg-${n}`], { v6: `${six}a` })
  }
  w.peering('pcx-1', 'vpc-1', 'vpc-2')
  w.eigw('eigw-1', 'vpc-1')
  w.igw('igw-2', 'vpc-2')
  w.table('rtb-0', 'vpc-1', ['subnet-0'], { '2600:1f14:2::/56': 'pcx-1' })
  w.table('rtb-1', 'vpc-2', ['subnet-1'], { '::/0': 'igw-2' })
  const asked = ask(w, 'i-0', '[2600:1f14:2::a]:443')
  t.equal(asked.verdict, 'unreachable')
  t.ok(
    asked.blockers.some((one) => one.direction === 'return' && one.component === 'vpc-1'),
    JSON.stringify(told(asked)),
  )
  w.route('rtb-1', '2600:1f14:1::/56', 'pcx-1')
  t.equal(ask(w, 'i-0', '[2600:1f14:2::a]:443').verdict, 'reachable')
})

t.test('an egress exclusion lifted the block of ingress, where it does not apply', async (t) => {
  const w = withNat()
  w.table('rtb-a', 'vpc-1', ['subnet-a'], {})
  w.group('sg-p', 'vpc-1')
  w.instance('i-p', 'subnet-p', '10.0.0.10', ['sg-p'], { publicIp: '52.9.9.9' })
  const mode = (InternetGatewayBlockMode: string) =>
    w.put('describe-vpc-block-public-access-options', '', {
      VpcBlockPublicAccessOptions: { InternetGatewayBlockMode },
    })
  w.put('describe-vpc-block-public-access-exclusions', '', {
    VpcBlockPublicAccessExclusions: [
      {
        ExclusionId: 'vpcbpa-exclude-1',
        InternetGatewayExclusionMode: 'allow-egress',
        ResourceArn: 'arn:aws:ec2:ap-northeast-2:111122223333:vpc/vpc-1',
        State: 'create-complete',
      },
    ],
  })
  mode('block-bidirectional')
  t.equal(ask(w, 'i-p', '8.8.8.8:443').verdict, 'reachable')
  mode('block-ingress')
  t.equal(ask(w, 'i-p', '8.8.8.8:443').verdict, 'unreachable')
})

t.test("a transit gateway's entry was guessed where no subnet is in the sender's zone", async (t) => {
  const w = pair()
  w.vpc('vpc-2', '10.1.0.0/16')
  w.subnet('subnet-x', 'vpc-2', '10.1.1.0/24', { zone: 'b' })
  w.subnet('subnet-y', 'vpc-2', '10.1.2.0/24', { zone: 'c' })
  w.group('sg-x', 'vpc-2', { ingress: [anyPeer] })
  w.instance('i-x', 'subnet-x', '10.1.1.10', ['sg-x'])
  w.tgw('tgw-1')
  w.attach('tgw-attach-1', 'tgw-1', 'vpc-1', ['subnet-a'], 'tgw-rtb-1')
  w.attach('tgw-attach-2', 'tgw-1', 'vpc-2', ['subnet-x', 'subnet-y'], 'tgw-rtb-1')
  w.transitTable('tgw-rtb-1', 'tgw-1', {
    '10.0.0.0/16': 'tgw-attach-1 propagated',
    '10.1.0.0/16': 'tgw-attach-2 propagated',
  })
  w.table('rtb-a', 'vpc-1', ['subnet-a'], { '10.1.0.0/16': 'tgw-1' })
  w.table('rtb-x', 'vpc-2', ['subnet-x', 'subnet-y'], { '10.0.0.0/16': 'tgw-1' })
  const alike = ask(w, 'i-a', 'i-x', { port: 80 })
  t.not(alike.verdict, 'unknown', 'where all ways in are alike it does not matter')
  w.table('rtb-y', 'vpc-2', ['subnet-y'], {})
  const open = ask(w, 'i-a', 'i-x', { port: 80 })
  t.ok(
    open.missing.some((one) => one.component === 'tgw-attach-2'),
    JSON.stringify(open.missing),
  )
  t.not(open.verdict, 'reachable')
})
