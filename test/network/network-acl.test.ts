import t from 'tap'
import { ask, told } from './support/ask.js'
import { anyPeer, type Entry, world } from './support/world.js'

const OPEN: readonly Entry[] = [{ number: 100 }]

/** Two instances in two subnets, everything open but the target subnet's ACL. */
function pair(ingress: readonly Entry[], egress: readonly Entry[] = OPEN) {
  const w = world()
  w.vpc('vpc-1', '10.0.0.0/16')
  w.subnet('subnet-1', 'vpc-1', '10.0.1.0/24')
  w.subnet('subnet-2', 'vpc-1', '10.0.2.0/24')
  w.group('sg-1', 'vpc-1', { ingress: [anyPeer] })
  w.instance('i-1', 'subnet-1', '10.0.1.10', ['sg-1'])
  w.instance('i-2', 'subnet-2', '10.0.2.10', ['sg-1'])
  w.instance('i-3', 'subnet-2', '10.0.2.11', ['sg-1'])
  w.acl('acl-2', 'vpc-1', ['subnet-2'], { ingress, egress })
  return w
}

const IN = ['SUBNET_ACL_RESTRICTION acl-2 forward']
const OUT = ['SUBNET_ACL_RESTRICTION acl-2 return']

type Flow = { protocol?: string; port?: number; sourcePort?: number }
const CASES: readonly (readonly [string, readonly Entry[], readonly Entry[], Flow, readonly string[]])[] = [
  ['nothing matches: implicit deny', [], OPEN, { port: 443 }, IN],
  [
    'lower number wins: allow',
    [
      { number: 100, protocol: '6', from: 443 },
      { number: 200, action: 'deny' },
    ],
    OPEN,
    { port: 443 },
    [],
  ],
  [
    'lower number wins: deny',
    [{ number: 99, action: 'deny', protocol: '6', from: 443 }, { number: 100 }],
    OPEN,
    { port: 443 },
    IN,
  ],
  [
    'deny of another port',
    [{ number: 99, action: 'deny', protocol: '6', from: 442 }, { number: 100 }],
    OPEN,
    { port: 443 },
    [],
  ],
  [
    'deny of another protocol',
    [{ number: 99, action: 'deny', protocol: '17', from: 443 }, { number: 100 }],
    OPEN,
    { port: 443 },
    [],
  ],
  [
    'deny of another address',
    [{ number: 99, action: 'deny', cidr: '10.0.1.11/32' }, { number: 100 }],
    OPEN,
    { port: 443 },
    [],
  ],
  [
    'deny of the address',
    [{ number: 99, action: 'deny', cidr: '10.0.1.10/32' }, { number: 100 }],
    OPEN,
    { port: 443 },
    IN,
  ],
  ['boundary, below', [{ number: 100, protocol: '6', from: 444, to: 500 }], OPEN, { port: 443 }, IN],
  ['boundary, lowest', [{ number: 100, protocol: '6', from: 443, to: 500 }], OPEN, { port: 443 }, []],
  ['boundary, highest', [{ number: 100, protocol: '6', from: 1, to: 443 }], OPEN, { port: 443 }, []],
  ['protocol -1 ignores ports', [{ number: 100, protocol: '-1', from: 1, to: 2 }], OPEN, { port: 443 }, []],
  ['IPv6 entries say nothing of IPv4', [{ number: 100, cidr: '::/0' }], OPEN, { port: 443 }, IN],
  ['stateless: no way out', OPEN, [], { port: 443 }, OUT],
  [
    'stateless: the port asked for is not the reply’s',
    OPEN,
    [{ number: 100, protocol: '6', from: 443 }],
    { port: 443 },
    OUT,
  ],
  ['replies: whole range', OPEN, [{ number: 100, protocol: '6', from: 1024, to: 65535 }], { port: 443 }, []],
  [
    'replies: upper half only',
    OPEN,
    [{ number: 100, protocol: '6', from: 32768, to: 65535 }],
    { port: 443 },
    OUT,
  ],
  [
    'replies: by two entries',
    OPEN,
    [
      { number: 100, protocol: '6', from: 32768, to: 65535 },
      { number: 110, protocol: '6', from: 1024, to: 32767 },
    ],
    { port: 443 },
    [],
  ],
  [
    'replies: a hole',
    OPEN,
    [{ number: 90, action: 'deny', protocol: '6', from: 3389 }, { number: 100 }],
    { port: 443 },
    OUT,
  ],
  [
    'replies: own port in the upper half',
    OPEN,
    [{ number: 100, protocol: '6', from: 32768, to: 65535 }],
    { port: 443, sourcePort: 40000 },
    [],
  ],
  [
    'replies: own port outside',
    OPEN,
    [{ number: 100, protocol: '6', from: 32768, to: 65535 }],
    { port: 443, sourcePort: 32767 },
    OUT,
  ],
  [
    'ping',
    [{ number: 100, protocol: '1', icmp: [8, -1] }],
    [{ number: 100, protocol: '1', icmp: [0, -1] }],
    { protocol: 'icmp' },
    [],
  ],
  [
    'ping: request only',
    [{ number: 100, protocol: '1', icmp: [8, -1] }],
    [{ number: 100, protocol: '1', icmp: [8, -1] }],
    { protocol: 'icmp' },
    OUT,
  ],
  [
    'ping: any type',
    [{ number: 100, protocol: '1', icmp: [-1, -1] }],
    [{ number: 100, protocol: '1', icmp: [-1, -1] }],
    { protocol: 'icmp' },
    [],
  ],
  ['ping: other code', [{ number: 100, protocol: '1', icmp: [8, 1] }], OPEN, { protocol: 'icmp' }, IN],
  [
    'all: a single protocol denied',
    [{ number: 90, action: 'deny', protocol: '17', from: 1 }, { number: 100 }],
    OPEN,
    { protocol: 'all' },
    IN,
  ],
  [
    'all: single protocols are not enough',
    [{ number: 90, protocol: '6', from: 0, to: 65535 }],
    OPEN,
    { protocol: 'all' },
    IN,
  ],
  ['all: open', OPEN, OPEN, { protocol: 'all' }, []],
]

t.test('network ACLs, case by case', async (t) => {
  for (const [name, ingress, egress, flow, blockers] of CASES) {
    const r = ask(pair(ingress, egress), 'i-1', 'i-2', flow)
    t.same(told(r), blockers, name)
    t.equal(r.verdict, blockers.length === 0 ? 'reachable' : 'unreachable', name)
  }
})

t.test('inside one subnet no ACL is asked', async (t) => {
  t.equal(ask(pair([], []), 'i-2', 'i-3', { port: 443 }).verdict, 'reachable')
})

t.test(
  'a Lambda without a known address: rules that tell its subnet’s addresses apart leave it unknown',
  async (t) => {
    const w = pair([{ number: 90, action: 'deny', cidr: '10.0.1.0/25' }, { number: 100 }])
    w.lambda('fn', ['subnet-1'], ['sg-1'])
    t.equal(ask(w, 'fn', 'i-2', { port: 443 }).verdict, 'unknown')
    t.equal(ask(w, 'fn@10.0.1.200', 'i-2', { port: 443 }).verdict, 'reachable')
    t.equal(ask(w, 'fn@10.0.1.20', 'i-2', { port: 443 }).verdict, 'unreachable')
  },
)

t.test('N16: every blocker is told, out and back', async (t) => {
  const w = pair([], [])
  w.find('describe-security-groups', 'GroupId', 'sg-1')['IpPermissions'] = []
  t.same(told(ask(w, 'i-1', 'i-2', { port: 443 })), [
    'SUBNET_ACL_RESTRICTION acl-2 forward',
    'SG_HAS_NO_RULES sg-1 forward',
    'SUBNET_ACL_RESTRICTION acl-2 return',
  ])
})

t.test('missing ACLs leave it unknown, unless something else is proven', async (t) => {
  const w = pair(OPEN)
  w.forget('describe-network-acls')
  const r = ask(w, 'i-1', 'i-2', { port: 443 })
  t.equal(r.verdict, 'unknown')
  t.same(
    r.missing.map((m) => `${m.call} ${m.component}`),
    ['describe-network-acls subnet-1', 'describe-network-acls subnet-2'],
  )
  w.find('describe-security-groups', 'GroupId', 'sg-1')['IpPermissions'] = []
  t.equal(ask(w, 'i-1', 'i-2', { port: 443 }).verdict, 'unreachable')
})
