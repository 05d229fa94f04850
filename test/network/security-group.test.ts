import t from 'tap'
import { ask, told } from './support/ask.js'
import { type Permission, tcp, udp, world } from './support/world.js'

/** Two instances of one subnet; only the target's inbound rules vary. */
function pair(ingress: readonly Permission[]) {
  const w = world()
  w.vpc('vpc-1', '10.0.0.0/16', { cidrs: ['2600:1f14:1::/56'] })
  w.subnet('subnet-1', 'vpc-1', '10.0.0.0/24', { v6: '2600:1f14:1::/64' })
  w.group('sg-src', 'vpc-1')
  w.group('sg-other', 'vpc-1')
  w.group('sg-dst', 'vpc-1', { ingress })
  w.instance('i-1', 'subnet-1', '10.0.0.10', ['sg-src'], { v6: '2600:1f14:1::10' })
  w.instance('i-2', 'subnet-1', '10.0.0.20', ['sg-dst'], { v6: '2600:1f14:1::20' })
  return w
}

const CASES: readonly (readonly [
  name: string,
  ingress: readonly Permission[],
  flow: { protocol?: string; port?: number },
  open: boolean,
])[] = [
  ['lowest port of a range', [tcp(1000, '10.0.0.0/24', 2000)], { port: 1000 }, true],
  ['highest port of a range', [tcp(1000, '10.0.0.0/24', 2000)], { port: 2000 }, true],
  ['one below', [tcp(1000, '10.0.0.0/24', 2000)], { port: 999 }, false],
  ['one above', [tcp(1000, '10.0.0.0/24', 2000)], { port: 2001 }, false],
  ['port 0', [tcp(0, '10.0.0.0/24')], { port: 0 }, true],
  ['port 65535', [tcp(65535, '10.0.0.0/24')], { port: 65535 }, true],
  ['udp is not tcp', [udp(53, '10.0.0.0/24')], { port: 53 }, false],
  ['udp', [udp(53, '10.0.0.0/24')], { protocol: 'udp', port: 53 }, true],
  ['a protocol number is its name', [{ ...tcp(53, '10.0.0.0/24'), protocol: '6' }], { port: 53 }, true],
  ['-1 is everything', [{ protocol: '-1', peer: '10.0.0.10/32' }], { protocol: '47' }, true],
  ['-1 ignores ports', [{ protocol: '-1', from: 1, to: 2, peer: '10.0.0.10/32' }], { port: 443 }, true],
  ['all asks for -1', [tcp(0, '0.0.0.0/0', 65535), udp(0, '0.0.0.0/0', 65535)], { protocol: 'all' }, false],
  ['all by -1', [{ protocol: '-1', peer: '0.0.0.0/0' }], { protocol: 'all' }, true],
  ['every port by two rules', [tcp(0, '0.0.0.0/0', 1023), tcp(1024, '0.0.0.0/0', 65535)], {}, true],
  ['every port with a gap', [tcp(0, '0.0.0.0/0', 1022), tcp(1024, '0.0.0.0/0', 65535)], {}, false],
  ['address just outside', [tcp(443, '10.0.0.0/29')], { port: 443 }, false],
  ['one address', [tcp(443, '10.0.0.10/32')], { port: 443 }, true],
  ['group of the source', [tcp(443, 'sg-src')], { port: 443 }, true],
  ['another group', [tcp(443, 'sg-other')], { port: 443 }, false],
  ['its own group', [tcp(443, 'sg-dst')], { port: 443 }, false],
  ['v6 range for a v4 packet', [tcp(443, '::/0')], { port: 443 }, false],
  [
    'ping, all types',
    [{ protocol: 'icmp', from: -1, to: -1, peer: '0.0.0.0/0' }],
    { protocol: 'icmp' },
    true,
  ],
  [
    'ping, echo request',
    [{ protocol: 'icmp', from: 8, to: -1, peer: '0.0.0.0/0' }],
    { protocol: 'icmp' },
    true,
  ],
  ['ping, code 0', [{ protocol: 'icmp', from: 8, to: 0, peer: '0.0.0.0/0' }], { protocol: 'icmp' }, true],
  [
    'ping, another code',
    [{ protocol: 'icmp', from: 8, to: 1, peer: '0.0.0.0/0' }],
    { protocol: 'icmp' },
    false,
  ],
  [
    'echo reply is no request',
    [{ protocol: 'icmp', from: 0, to: 0, peer: '0.0.0.0/0' }],
    { protocol: 'icmp' },
    false,
  ],
  ['a numbered protocol', [{ protocol: '47', peer: '0.0.0.0/0' }], { protocol: '47' }, true],
  ['another numbered protocol', [{ protocol: '50', peer: '0.0.0.0/0' }], { protocol: '47' }, false],
]

t.test('inbound rules, case by case', async (t) => {
  for (const [name, ingress, flow, open] of CASES) {
    const r = ask(pair(ingress), 'i-1', 'i-2', flow)
    t.equal(r.verdict, open ? 'reachable' : 'unreachable', name)
    if (!open) t.same(told(r), ['ENI_SG_RULES_MISMATCH sg-dst forward'], name)
  }
})

t.test('IPv6 and ICMPv6', async (t) => {
  const from = 'i-1@2600:1f14:1::10'
  t.equal(ask(pair([tcp(443, '2600:1f14:1::/64')]), from, 'i-2', { port: 443 }).verdict, 'reachable')
  t.equal(ask(pair([tcp(443, '0.0.0.0/0')]), from, 'i-2', { port: 443 }).verdict, 'unreachable')
  const ping = (protocol: string) =>
    ask(pair([{ protocol, from: -1, to: -1, peer: '::/0' }]), from, 'i-2', { protocol: 'icmp' })
  t.equal(ping('icmpv6').verdict, 'reachable')
  t.equal(ping('58').verdict, 'reachable')
  t.equal(ping('icmp').verdict, 'unreachable')
})

t.test('stateful: the reply needs no rule', async (t) => {
  const w = pair([tcp(443, '10.0.0.0/24')])
  w.find('describe-security-groups', 'GroupId', 'sg-dst')['IpPermissionsEgress'] = []
  t.equal(ask(w, 'i-1', 'i-2', { port: 443 }).verdict, 'reachable')
})

t.test('prefix lists: entries, entries missing; groups missing; no groups', async (t) => {
  const w = pair([tcp(443, 'pl-1')])
  const unknown = ask(w, 'i-1', 'i-2', { port: 443 })
  t.equal(unknown.verdict, 'unknown')
  t.same(
    unknown.missing.map((m) => `${m.call} ${m.component}`),
    ['get-managed-prefix-list-entries pl-1'],
  )
  w.put('get-managed-prefix-list-entries', 'pl-1', { Entries: [{ Cidr: '10.0.0.8/29' }] })
  t.equal(ask(w, 'i-1', 'i-2', { port: 443 }).verdict, 'reachable')
  w.put('get-managed-prefix-list-entries', 'pl-1', { Entries: [] })
  t.equal(ask(w, 'i-1', 'i-2', { port: 443 }).verdict, 'unreachable')
  const gone = pair([tcp(443, '0.0.0.0/0')])
  gone.instance('i-3', 'subnet-1', '10.0.0.30', ['sg-nowhere'])
  const g = ask(gone, 'i-1', 'i-3', { port: 443 })
  t.same(
    g.missing.map((m) => `${m.call} ${m.component}`),
    ['describe-security-groups sg-nowhere'],
  )
  gone.instance('i-4', 'subnet-1', '10.0.0.40', ['sg-nowhere', 'sg-dst'])
  t.equal(ask(gone, 'i-1', 'i-4', { port: 443 }).verdict, 'reachable', 'a group that admits is enough')
  gone.eni('eni-bare', 'subnet-1', '10.0.0.50', [])
  t.equal(ask(gone, 'i-1', 'eni-bare', { port: 443 }).verdict, 'unreachable')
  gone.eni('eni-nlb', 'subnet-1', '10.0.0.60', [], { type: 'network_load_balancer' })
  t.equal(ask(gone, 'i-1', 'eni-nlb', { port: 443 }).verdict, 'reachable')
})
