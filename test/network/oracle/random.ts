import { anyPeer, type Entry, type Permission, type World, world } from '../support/world.js'
import type { Asked } from './judge.js'

/** A small generator of numbers from a seed: mulberry32. */
export function dice(seed: number) {
  let state = seed >>> 0
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = state
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
  const upTo = (n: number): number => Math.floor(next() * n)
  return {
    upTo,
    /** True `percent` times of a hundred. */
    once: (percent: number): boolean => next() * 100 < percent,
    one: <T>(items: readonly [T, ...T[]]): T => items[upTo(items.length)] ?? items[0],
  }
}

export type Dice = ReturnType<typeof dice>

const PORTS = [22, 80, 443, 1023, 1024, 5432, 32768, 65535] as const
const RANGES: readonly [readonly [number, number], ...(readonly [number, number])[]] = [
  [22, 22],
  [80, 443],
  [443, 443],
  [5432, 5432],
  [0, 65535],
  [1024, 65535],
  [32768, 60999],
  [1024, 32767],
  [0, 1023],
]
const CIDRS = [
  '0.0.0.0/0',
  '0.0.0.0/0',
  '0.0.0.0/0',
  '10.0.0.0/16',
  '10.0.0.0/8',
  '10.0.1.0/24',
  '10.0.2.0/24',
  '10.0.1.0/25',
  '10.0.2.10/32',
  '10.1.0.0/16',
  '10.1.1.0/24',
  '100.64.0.0/16',
  '8.8.8.0/24',
  '52.92.0.0/16',
  '52.1.1.0/28',
] as const
const GROUPS = ['sg-1', 'sg-2', 'sg-3', 'sg-4', 'sg-5'] as const

function permission(d: Dice): Permission {
  const peer = d.once(25) ? d.one(GROUPS) : d.once(8) ? 'pl-own' : d.one(CIDRS)
  if (d.once(35)) return { protocol: '-1', peer }
  if (d.once(20)) return { protocol: d.one(['47', '50'] as const), peer }
  if (d.once(15)) return { protocol: 'icmp', from: d.one([-1, 8, 0, 3] as const), to: -1, peer }
  const [from, to] = d.one(RANGES)
  return { protocol: d.one(['tcp', 'tcp', 'udp'] as const), from, to, peer }
}

function entry(d: Dice, number: number): Entry {
  const base = { number, action: d.one(['allow', 'allow', 'deny'] as const), cidr: d.one(CIDRS) }
  if (d.once(30)) return d.once(20) ? { ...base, protocol: '-1', from: 443, to: 443 } : base
  if (d.once(10)) return { ...base, protocol: '47' }
  if (d.once(15)) return { ...base, protocol: '1', icmp: [d.one([-1, 8, 0] as const), -1] }
  const [from, to] = d.one(RANGES)
  return { ...base, protocol: d.one(['6', '6', '17'] as const), from, to }
}

function entries(d: Dice): readonly Entry[] {
  const some = Array.from({ length: d.upTo(4) }, (_, i) => entry(d, d.once(50) ? 10 + i * 10 : 200 - i * 10))
  return d.once(70) ? [...some, { number: 300 }] : some
}

interface Place {
  readonly vpc: string
  readonly subnet: string
  readonly net: string
}

const PLACES: readonly [Place, ...Place[]] = [
  { vpc: 'vpc-1', subnet: 'subnet-a', net: '10.0.1' },
  { vpc: 'vpc-1', subnet: 'subnet-b', net: '10.0.2' },
  { vpc: 'vpc-1', subnet: 'subnet-p', net: '10.0.0' },
  { vpc: 'vpc-1', subnet: 'subnet-c', net: '100.64.1' },
  { vpc: 'vpc-2', subnet: 'subnet-x', net: '10.1.1' },
]

/** Two VPCs with whatever joins them and leads out of them, some of it broken. */
export function randomWorld(d: Dice): World {
  const w = world()
  w.vpc('vpc-1', '10.0.0.0/16', { cidrs: ['100.64.0.0/16'] })
  w.vpc('vpc-2', '10.1.0.0/16')
  const zone = () => ({ zone: d.one(['a', 'a', 'a', 'b'] as const) })
  for (const p of PLACES) w.subnet(p.subnet, p.vpc, `${p.net}.0/24`, zone())
  w.subnet('subnet-t', 'vpc-1', '10.0.250.0/28', zone())
  w.subnet('subnet-tx', 'vpc-2', '10.1.250.0/28', zone())
  for (const id of GROUPS) {
    const egress = Array.from({ length: d.upTo(3) }, () => permission(d))
    w.group(id, id === 'sg-5' ? 'vpc-2' : 'vpc-1', {
      ingress: [...Array.from({ length: d.upTo(4) }, () => permission(d)), ...(d.once(50) ? [anyPeer] : [])],
      ...(d.once(75) ? {} : { egress }),
    })
  }
  w.put('get-managed-prefix-list-entries', 'pl-own', {
    Entries: [{ Cidr: '10.0.2.0/25' }, { Cidr: '8.8.0.0/16' }],
  })
  w.put('get-managed-prefix-list-entries', 'pl-s3', { Entries: [{ Cidr: '52.92.0.0/16' }] })
  gateways(d, w)
  joints(d, w)
  tables(d, w)
  for (const { subnet, vpc } of [...PLACES, { subnet: 'subnet-t', vpc: 'vpc-1' }]) {
    if (d.once(25)) w.acl(`acl-${subnet}`, vpc, [subnet], { ingress: entries(d), egress: entries(d) })
  }
  instances(d, w)
  return w
}

function gateways(d: Dice, w: World): void {
  if (d.once(90)) w.igw('igw-1', 'vpc-1')
  else w.add('describe-internet-gateways', { InternetGatewayId: 'igw-1', Attachments: [] })
  const state = d.once(90) ? 'available' : d.one(['pending', 'failed', 'deleting', 'deleted'] as const)
  const where = d.once(85) ? (['subnet-p', '10.0.0.99'] as const) : (['subnet-b', '10.0.2.99'] as const)
  w.nat('nat-1', where[0], where[1], d.once(85) ? '52.1.1.1' : null, { State: state })
  if (d.once(50)) w.endpoint('vpce-1', 'vpc-1', 's3', { RouteTableIds: ['rtb-a'] })
  if (d.once(8)) {
    const mode = d.one(['off', 'block-ingress', 'block-bidirectional'] as const)
    w.put('describe-vpc-block-public-access-options', '', {
      VpcBlockPublicAccessOptions: { InternetGatewayBlockMode: mode, State: 'update-complete' },
    })
  }
  w.add('describe-vpn-gateways', {
    VpnGatewayId: 'vgw-1',
    State: 'available',
    VpcAttachments: [{ VpcId: 'vpc-1', State: 'attached' }],
  })
}

function joints(d: Dice, w: World): void {
  const status = d.once(85) ? 'active' : d.one(['pending-acceptance', 'rejected', 'expired'] as const)
  const region = d.once(15) ? { region: 'eu-west-1' } : {}
  w.peering('pcx-1', 'vpc-1', 'vpc-2', { status, ...region })
  w.tgw('tgw-1', d.once(50) ? { SecurityGroupReferencingSupport: 'enable' } : {})
  const reference = { SecurityGroupReferencingSupport: 'enable' }
  const table = () => (d.once(92) ? 'tgw-rtb-1' : null)
  w.attach('tgw-attach-1', 'tgw-1', 'vpc-1', d.once(70) ? ['subnet-t'] : ['subnet-a'], table(), reference)
  w.attach('tgw-attach-2', 'tgw-1', 'vpc-2', d.once(70) ? ['subnet-tx'] : ['subnet-x'], table(), reference)
  w.transitTable('tgw-rtb-1', 'tgw-1', {
    ...(d.once(90) ? { '10.0.0.0/16': 'tgw-attach-1 propagated', '100.64.0.0/16': 'tgw-attach-1' } : {}),
    ...(d.once(90) ? { '10.1.0.0/16': 'tgw-attach-2 propagated' } : {}),
    ...(d.once(8) ? { '10.1.1.0/24': 'blackhole' } : {}),
    ...(d.once(8) ? { '10.0.0.0/15': 'tgw-attach-2' } : {}),
    ...(d.once(10) ? { '0.0.0.0/0': 'tgw-attach-1' } : {}),
  })
}

function tables(d: Dice, w: World): void {
  const endpoint = w.snapshot().documents.some((x) => JSON.stringify(x.body).includes('"vpce-1"'))
  const routes = (id: string, far: string, outward: string) => {
    const route = (to: string, target: string) => {
      const blackhole = d.once(4)
      w.route(id, to, target, blackhole ? { state: 'blackhole' } : {})
    }
    if (d.once(85)) route('0.0.0.0/0', outward)
    if (d.once(75)) route(far, d.one(['pcx-1', 'tgw-1'] as const))
    if (d.once(8)) route('8.8.8.0/24', d.one(['nat-1', 'tgw-1', 'pcx-1', 'eni-b'] as const))
    if (d.once(8)) route('10.0.2.0/24', d.one(['nat-1', 'eni-b', 'tgw-1'] as const))
    if (d.once(6)) route('pl-own', d.one(['nat-1', 'pcx-1'] as const))
    if (d.once(10))
      w.route(id, d.one(['192.168.0.0/16', '10.0.2.0/26'] as const), 'vgw-1', { propagated: true })
    if (endpoint && id === 'rtb-a') w.route(id, 'pl-s3', 'vpce-1')
  }
  w.table('rtb-a', 'vpc-1', ['subnet-a'])
  routes('rtb-a', '10.1.0.0/16', d.once(80) ? 'nat-1' : 'igw-1')
  w.table('rtb-b', 'vpc-1', d.once(80) ? ['subnet-b'] : [])
  routes('rtb-b', '10.1.0.0/16', d.once(60) ? 'nat-1' : 'igw-1')
  w.table('rtb-p', 'vpc-1', ['subnet-p'])
  routes('rtb-p', '10.1.0.0/16', d.once(90) ? 'igw-1' : 'nat-1')
  w.table('rtb-x', 'vpc-2', ['subnet-x'])
  if (d.once(85))
    w.route(
      'rtb-x',
      d.one(['10.0.0.0/16', '10.0.0.0/8', '10.0.1.0/24'] as const),
      d.one(['pcx-1', 'tgw-1'] as const),
    )
  if (d.once(40)) w.route('rtb-x', '100.64.0.0/16', d.one(['pcx-1', 'tgw-1'] as const))
  if (d.once(40)) w.route('rtb-main-vpc-1', '10.1.0.0/16', d.one(['pcx-1', 'tgw-1'] as const))
}

function instances(d: Dice, w: World): void {
  const groups = (vpc: string) =>
    vpc === 'vpc-2' ? ['sg-5'] : d.once(25) ? [d.one(GROUPS), 'sg-2'] : [d.one(GROUPS)]
  for (const [i, p] of PLACES.entries()) {
    const name = `i-${p.subnet.slice(7)}`
    const isPublic = p.subnet === 'subnet-p' || d.once(20)
    w.instance(name, p.subnet, `${p.net}.10`, groups(p.vpc), {
      ...(isPublic && p.vpc === 'vpc-1' ? { publicIp: `52.1.1.${10 + i}` } : {}),
      ...(d.once(3) ? { state: 'stopped' } : {}),
    })
  }
}

export function randomFlow(d: Dice): Asked {
  const place = d.one(PLACES)
  const host = {
    subnet: place.subnet,
    groups: d.once(25) ? [d.one(GROUPS), d.one(GROUPS)] : [d.one(GROUPS)],
    address: d.once(95) ? `${place.net}.${100 + d.upTo(100)}` : null,
  }
  const target = d.one(PLACES)
  const to = d.one([
    `${target.net}.10`,
    `${target.net}.10`,
    `${target.net}.10`,
    `${target.net}.10`,
    '8.8.8.8',
    '8.8.8.8',
    '52.92.1.1',
    `52.1.1.${10 + d.upTo(5)}`,
    d.one([
      '10.0.2.77',
      '10.0.77.7',
      '10.1.1.77',
      '10.1.77.7',
      '192.168.5.5',
      '10.0.0.99',
      '52.1.1.1',
    ] as const),
  ])
  const protocol = d.one(['tcp', 'tcp', 'tcp', 'tcp', 'udp', 'icmp', 'all', '47'] as const)
  const ported = protocol === 'tcp' || protocol === 'udp'
  return {
    from: d.once(55) ? { instance: `i-${place.subnet.slice(7)}` } : host,
    to,
    protocol,
    port: ported && d.once(85) ? d.one(PORTS) : null,
    sourcePort: ported && d.once(15) ? d.one([1024, 32768, 40000, 65535] as const) : null,
  }
}
