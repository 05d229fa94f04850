import t from 'tap'
import { ask, told } from './support/ask.js'
import { anyPeer, tcp, world } from './support/world.js'

function two() {
  const w = world()
  w.vpc('vpc-a', '10.0.0.0/16')
  w.vpc('vpc-b', '10.1.0.0/16')
  w.subnet('subnet-a', 'vpc-a', '10.0.0.0/24')
  w.subnet('subnet-b', 'vpc-b', '10.1.0.0/24')
  w.table('rtb-a', 'vpc-a', ['subnet-a'])
  w.table('rtb-b', 'vpc-b', ['subnet-b'])
  w.group('sg-a', 'vpc-a', { ingress: [tcp(22, 'sg-b')] })
  w.group('sg-b', 'vpc-b', { ingress: [tcp(22, '10.0.0.0/16'), tcp(80, 'sg-a')] })
  w.instance('i-a', 'subnet-a', '10.0.0.5', ['sg-a'])
  w.instance('i-b', 'subnet-b', '10.1.0.5', ['sg-b'])
  return w
}

t.test('a public instance passes the internet gateway by its own address', async (t) => {
  const w = two()
  w.igw('igw-a', 'vpc-a')
  w.route('rtb-a', '0.0.0.0/0', 'igw-a')
  t.same(told(ask(w, 'i-a', 'internet', { port: 443 })), [
    'IGW_PUBLIC_IP_ASSOCIATION_FOR_EGRESS igw-a forward',
  ])
  w.instance('i-pub', 'subnet-a', '10.0.0.6', ['sg-a'], { publicIp: '198.51.100.6' })
  const open = ask(w, 'i-pub', '93.184.216.34:443')
  t.equal(open.verdict, 'reachable', JSON.stringify(open.blockers))
  t.equal(open.seenAs, '198.51.100.6')
})

t.test(
  'by public addresses: hairpin, group references do not count, NAT takes nothing unsolicited',
  async (t) => {
    const w = two()
    for (const v of ['a', 'b']) {
      w.igw(`igw-${v}`, `vpc-${v}`)
      w.route(`rtb-${v}`, '0.0.0.0/0', `igw-${v}`)
    }
    w.group('sg-world', 'vpc-b', {
      ingress: [tcp(443, '0.0.0.0/0'), tcp(8080, '198.51.100.6/32'), tcp(9090, 'sg-a')],
    })
    w.instance('i-x', 'subnet-a', '10.0.0.6', ['sg-a'], { publicIp: '198.51.100.6' })
    w.instance('i-y', 'subnet-b', '10.1.0.6', ['sg-world'], { publicIp: '198.51.100.7' })
    t.equal(ask(w, 'i-x', '198.51.100.7:443').verdict, 'reachable')
    t.equal(ask(w, 'i-x', '198.51.100.7:8080').verdict, 'reachable')
    t.same(told(ask(w, 'i-x', '198.51.100.7:9090')), ['SG_REFERENCES_NOT_PRESERVED sg-world forward'])
    t.equal(ask(w, 'i-y', '198.51.100.6:22').verdict, 'unreachable')
    w.group('sg-same', 'vpc-a', { ingress: [tcp(443, '198.51.100.6/32')] })
    w.instance('i-z', 'subnet-a', '10.0.0.7', ['sg-same'], { publicIp: '198.51.100.8' })
    t.equal(
      ask(w, 'i-x', '198.51.100.8:443').verdict,
      'reachable',
      'same VPC, by way of the internet gateway',
    )
    t.equal(
      ask(w, 'i-x', '10.0.0.7:443').verdict,
      'unreachable',
      'privately the source has its private address',
    )
    w.nat('nat-b', 'subnet-b', '10.1.0.9', '198.51.100.9')
    t.same(told(ask(w, 'i-x', '198.51.100.9:443')), ['NAT_GATEWAY_REJECTS_UNSOLICITED nat-b forward'])
  },
)

t.test('N5 peering: both tables, references, ranges, no transit', async (t) => {
  const w = two()
  w.peering('pcx-1', 'vpc-a', 'vpc-b')
  w.route('rtb-a', '10.1.0.0/16', 'pcx-1')
  t.same(told(ask(w, 'i-a', 'i-b', { port: 22 })), ['NO_ROUTE_TO_DESTINATION rtb-b return'])
  w.route('rtb-b', '10.0.0.0/16', 'pcx-1')
  t.equal(ask(w, 'i-a', 'i-b', { port: 22 }).verdict, 'reachable')
  t.equal(ask(w, 'i-a', 'i-b', { port: 80 }).verdict, 'reachable', 'reference across peering')
  t.equal(ask(w, 'i-b', 'i-a', { port: 22 }).verdict, 'reachable', 'and the other way')
  w.route('rtb-a', '0.0.0.0/0', 'pcx-1')
  t.same(told(ask(w, 'i-a', 'internet', { port: 443 })), ['PCX_REQUIRES_ADDRESS_IN_VPC_CIDR pcx-1 forward'])
  const far = two()
  far.peering('pcx-1', 'vpc-a', 'vpc-b', { region: 'us-east-1' })
  far.route('rtb-a', '10.1.0.0/16', 'pcx-1')
  far.route('rtb-b', '10.0.0.0/16', 'pcx-1')
  t.equal(ask(far, 'i-a', 'i-b', { port: 22 }).verdict, 'reachable')
  t.same(told(ask(far, 'i-a', 'i-b', { port: 80 })), ['SG_REFERENCES_NOT_PRESERVED sg-b forward'])
  const pending = two()
  pending.peering('pcx-1', 'vpc-a', 'vpc-b', { status: 'pending-acceptance' })
  pending.route('rtb-a', '10.1.0.0/16', 'pcx-1')
  pending.route('rtb-b', '10.0.0.0/16', 'pcx-1')
  t.same(told(ask(pending, 'i-a', 'i-b', { port: 22 })), [
    'BAD_STATE pcx-1 forward',
    'BAD_STATE pcx-1 return',
  ])
})

function transit() {
  const w = two()
  w.tgw('tgw-1')
  w.attach('tgw-attach-a', 'tgw-1', 'vpc-a', ['subnet-a'], 'tgw-rtb-1')
  w.attach('tgw-attach-b', 'tgw-1', 'vpc-b', ['subnet-b'], 'tgw-rtb-1')
  w.route('rtb-a', '10.0.0.0/8', 'tgw-1')
  w.route('rtb-b', '10.0.0.0/8', 'tgw-1')
  return w
}

t.test('transit gateway: propagation, static over propagated, black hole, association, zone', async (t) => {
  const w = transit()
  w.transitTable('tgw-rtb-1', 'tgw-1', {
    '10.0.0.0/16': 'tgw-attach-a propagated',
    '10.1.0.0/16': 'tgw-attach-b propagated',
  })
  const open = ask(w, 'i-a', 'i-b', { port: 22 })
  t.equal(open.verdict, 'reachable', JSON.stringify(open.blockers))
  t.same(told(ask(w, 'i-a', 'i-b', { port: 80 })), ['SG_REFERENCING_SUPPORT sg-b forward'])
  const one = transit()
  one.transitTable('tgw-rtb-1', 'tgw-1', { '10.1.0.0/16': 'tgw-attach-b propagated' })
  t.same(told(ask(one, 'i-a', 'i-b', { port: 22 })), ['TGW_RTB_NO_ROUTE_TO_TGW_ATTACHMENT tgw-rtb-1 return'])
  const hole = transit()
  hole.transitTable('tgw-rtb-1', 'tgw-1', {
    '10.0.0.0/16': 'tgw-attach-a propagated',
    '10.1.0.0/16': 'tgw-attach-b propagated',
    '10.1.0.0/24': 'blackhole',
  })
  t.same(told(ask(hole, 'i-a', 'i-b', { port: 22 })), ['TGW_RTB_BAD_STATE_ROUTE tgw-rtb-1 forward'])
  const loose = two()
  loose.tgw('tgw-1')
  loose.attach('tgw-attach-a', 'tgw-1', 'vpc-a', ['subnet-a'], null)
  loose.route('rtb-a', '10.0.0.0/8', 'tgw-1')
  const r = told(ask(loose, 'i-a', 'i-b', { port: 22 }))
  t.ok(r.includes('TGW_ATTACH_MISSING_TGW_RTB_ASSOCIATION tgw-attach-a forward'), r.join())
  const zone = transit()
  zone.transitTable('tgw-rtb-1', 'tgw-1', { '10.0.0.0/16': 'tgw-attach-a', '10.1.0.0/16': 'tgw-attach-b' })
  zone.subnet('subnet-ac', 'vpc-a', '10.0.9.0/24', { zone: 'c' })
  zone.table('rtb-ac', 'vpc-a', ['subnet-ac'], { '10.0.0.0/8': 'tgw-1' })
  zone.instance('i-c', 'subnet-ac', '10.0.9.5', ['sg-a'])
  t.same(told(ask(zone, 'i-c', 'i-b', { port: 22 })), ['TGW_ATTACH_VPC_AZ_RESTRICTION tgw-attach-a forward'])
  zone.forget('search-transit-gateway-routes')
  const unknown = ask(zone, 'i-a', 'i-b', { port: 22 })
  t.equal(unknown.verdict, 'unknown')
  t.same(unknown.missing[0]?.call, 'search-transit-gateway-routes')
})

t.test('group references over a transit gateway that supports them, inbound only', async (t) => {
  const w = two()
  w.tgw('tgw-1', { SecurityGroupReferencingSupport: 'enable' })
  w.attach('tgw-attach-a', 'tgw-1', 'vpc-a', ['subnet-a'], 'tgw-rtb-1', {
    SecurityGroupReferencingSupport: 'enable',
  })
  w.attach('tgw-attach-b', 'tgw-1', 'vpc-b', ['subnet-b'], 'tgw-rtb-1', {
    SecurityGroupReferencingSupport: 'enable',
  })
  w.route('rtb-a', '10.0.0.0/8', 'tgw-1')
  w.route('rtb-b', '10.0.0.0/8', 'tgw-1')
  w.transitTable('tgw-rtb-1', 'tgw-1', { '10.0.0.0/16': 'tgw-attach-a', '10.1.0.0/16': 'tgw-attach-b' })
  t.equal(ask(w, 'i-a', 'i-b', { port: 80 }).verdict, 'reachable')
})

t.test('egress VPC: spoke → transit gateway → NAT → internet, and back', async (t) => {
  const w = transit()
  w.subnet('subnet-nat', 'vpc-b', '10.1.1.0/24')
  w.igw('igw-b', 'vpc-b')
  w.nat('nat-b', 'subnet-nat', '10.1.1.9', '203.0.113.9')
  w.route('rtb-a', '0.0.0.0/0', 'tgw-1')
  w.route('rtb-b', '0.0.0.0/0', 'nat-b')
  w.table('rtb-nat', 'vpc-b', ['subnet-nat'], { '0.0.0.0/0': 'igw-b' })
  w.transitTable('tgw-rtb-1', 'tgw-1', { '10.0.0.0/16': 'tgw-attach-a', '0.0.0.0/0': 'tgw-attach-b' })
  const closed = ask(w, 'i-a', 'internet', { port: 443 })
  t.equal(closed.verdict, 'unreachable', 'the NAT subnet has no way back to the spoke')
  t.equal(closed.blockers[0]?.direction, 'return')
  w.route('rtb-nat', '10.0.0.0/16', 'tgw-1')
  const open = ask(w, 'i-a', 'internet', { port: 443 })
  t.equal(open.verdict, 'reachable', JSON.stringify(open.blockers))
  t.equal(open.seenAs, '203.0.113.9')
})

t.test(
  'out by a transit gateway, back into the same VPC, and to its internet gateway: nobody documents it',
  async (t) => {
    const w = transit()
    w.subnet('subnet-edge', 'vpc-a', '10.0.9.0/24', { zone: 'a' })
    w.igw('igw-a', 'vpc-a')
    w.table('rtb-edge', 'vpc-a', ['subnet-edge'], { '0.0.0.0/0': 'igw-a' })
    w.group('sg-out', 'vpc-a', { egress: [anyPeer] })
    w.instance('i-own', 'subnet-a', '10.0.0.77', ['sg-out'], { publicIp: '203.0.113.77' })
    w.instance('i-bare', 'subnet-a', '10.0.0.78', ['sg-out'])
    w.attach('tgw-attach-e', 'tgw-1', 'vpc-a', ['subnet-edge'], 'tgw-rtb-1')
    w.route('rtb-a', '0.0.0.0/0', 'tgw-1')
    w.transitTable('tgw-rtb-1', 'tgw-1', { '0.0.0.0/0': 'tgw-attach-e' })
    const own = ask(w, 'i-own', '8.8.8.8:443')
    t.equal(own.verdict, 'unknown', JSON.stringify(own.blockers))
    t.match(own.missing, [{ component: 'igw-a', text: { en: /by a transit gateway, to leave by igw-a/ } }])
    t.same(
      told(ask(w, 'i-bare', '8.8.8.8:443')),
      ['IGW_PUBLIC_IP_ASSOCIATION_FOR_EGRESS igw-a forward'],
      'without a public address there is nothing to doubt',
    )
  },
)

t.test('peered transit gateways: each side by its own table', async (t) => {
  const w = two()
  for (const v of ['a', 'b']) {
    w.tgw(`tgw-${v}`)
    w.attach(`tgw-attach-${v}`, `tgw-${v}`, `vpc-${v}`, [`subnet-${v}`], `tgw-rtb-${v}`)
    w.route(`rtb-${v}`, '10.0.0.0/8', `tgw-${v}`)
    w.add('describe-transit-gateway-attachments', {
      TransitGatewayAttachmentId: 'tgw-attach-p',
      TransitGatewayId: `tgw-${v}`,
      ResourceType: 'peering',
      ResourceId: v === 'a' ? 'tgw-b' : 'tgw-a',
      State: 'available',
      Association: { TransitGatewayRouteTableId: `tgw-rtb-${v}`, State: 'associated' },
    })
  }
  w.transitTable('tgw-rtb-a', 'tgw-a', {
    '10.0.0.0/16': 'tgw-attach-a propagated',
    '10.1.0.0/16': 'tgw-attach-p',
  })
  w.transitTable('tgw-rtb-b', 'tgw-b', { '10.1.0.0/16': 'tgw-attach-b propagated' })
  t.same(told(ask(w, 'i-a', 'i-b', { port: 22 })), ['TGW_RTB_NO_ROUTE_TO_TGW_ATTACHMENT tgw-rtb-b return'])
  w.transitTable('tgw-rtb-b', 'tgw-b', {
    '10.1.0.0/16': 'tgw-attach-b propagated',
    '10.0.0.0/16': 'tgw-attach-p',
  })
  t.equal(ask(w, 'i-a', 'i-b', { port: 22 }).verdict, 'reachable')
})

t.test('IPv6: internet gateway, egress-only gateway, N13', async (t) => {
  const w = world()
  w.vpc('vpc-1', '10.0.0.0/16', { cidrs: ['2600:1f14:1::/56'] })
  w.subnet('subnet-1', 'vpc-1', '10.0.0.0/24', { v6: '2600:1f14:1::/64' })
  w.table('rtb-1', 'vpc-1', ['subnet-1'], { '::/0': 'eigw-1' })
  w.eigw('eigw-1', 'vpc-1')
  w.group('sg-1', 'vpc-1')
  w.lambda('fn', ['subnet-1'], ['sg-1'])
  t.equal(ask(w, 'fn', 'internet', { port: 443 }).verdict, 'unreachable')
  w.find('list-functions', 'FunctionName', 'fn')['VpcConfig'] = {
    SubnetIds: ['subnet-1'],
    SecurityGroupIds: ['sg-1'],
    VpcId: 'vpc-1',
    Ipv6AllowedForDualStack: true,
  }
  const six = ask(w, 'fn', 'internet', { port: 443 })
  t.equal(six.verdict, 'reachable', JSON.stringify(six.blockers))
  t.ok(six.notes.some((n) => n.code === 'IPV4_BLOCKED'))
  w.instance('i-1', 'subnet-1', '10.0.0.9', ['sg-1'], { v6: '2600:1f14:1::9' })
  t.equal(ask(w, 'i-1', '[2001:4860:4860::8888]:443').verdict, 'reachable')
  t.equal(ask(w, 'i-1@2600:1f14:1::9', '[2001:4860:4860::8888]', { protocol: 'icmp' }).verdict, 'reachable')
})

t.test('middleboxes, black holes, overlap, stopped instances, absent answers', async (t) => {
  const w = two()
  w.subnet('subnet-fw', 'vpc-a', '10.0.5.0/24')
  w.instance('i-fw', 'subnet-fw', '10.0.5.5', ['sg-a'])
  w.route('rtb-a', '0.0.0.0/0', 'eni-fw')
  t.same(told(ask(w, 'i-a', 'internet', { port: 443 })), ['ENI_SOURCE_DEST_CHECK_RESTRICTION eni-fw forward'])
  w.find('describe-network-interfaces', 'NetworkInterfaceId', 'eni-fw')['SourceDestCheck'] = false
  t.equal(ask(w, 'i-a', 'internet', { port: 443 }).verdict, 'unknown')
  const lap = two()
  lap.vpc('vpc-c', '10.0.0.0/16')
  lap.subnet('subnet-c', 'vpc-c', '10.0.0.0/24')
  lap.group('sg-c', 'vpc-c', { ingress: [anyPeer] })
  lap.instance('i-c', 'subnet-c', '10.0.0.77', ['sg-c'])
  t.ok(told(ask(lap, 'i-a', 'i-c', { port: 22 })).includes('ADDRESS_IN_OTHER_VPC vpc-a forward'))
  const off = world()
  off.vpc('vpc-1', '10.0.0.0/16')
  off.subnet('subnet-1', 'vpc-1', '10.0.0.0/24')
  off.group('sg-1', 'vpc-1', { ingress: [anyPeer] })
  off.instance('i-1', 'subnet-1', '10.0.0.1', ['sg-1'])
  off.instance('i-2', 'subnet-1', '10.0.0.2', ['sg-1'], { state: 'stopped' })
  t.same(told(ask(off, 'i-1', 'i-2', { port: 22 })), ['BAD_STATE i-2 forward'])
  t.same(told(ask(off, 'i-2', 'i-1', { port: 22 })), ['BAD_STATE i-2 forward'])
  t.same(told(ask(off, 'i-1', '10.0.0.99:22')), ['NO_INTERFACE_AT_ADDRESS subnet-1 forward'])
  const gone = transit()
  gone.forget('describe-network-acls')
  const g = ask(gone, 'i-a', 'i-b', { port: 22 })
  t.ok(g.missing.some((m) => m.call === 'describe-network-acls'))
})
