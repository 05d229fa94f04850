import fc from 'fast-check'
import t from 'tap'
import { ask } from './support/ask.js'
import { type Entry, type Permission, world } from './support/world.js'

const SEED = 4242
const RUNS = { seed: SEED, numRuns: 80 }
t.comment(`fast-check seed ${SEED}`)

const port = fc.constantFrom(22, 443, 1024, 5432, 65535)
const cidr = fc.constantFrom(
  '0.0.0.0/0',
  '10.0.0.0/16',
  '10.0.1.0/24',
  '10.0.1.10/32',
  '10.0.1.0/29',
  '10.0.2.0/24',
  '192.168.0.0/16',
)
const permission: fc.Arbitrary<Permission> = fc.record({
  protocol: fc.constantFrom('tcp', 'udp', '-1'),
  from: port,
  to: fc.constant(65535),
  peer: fc.oneof(cidr, fc.constantFrom('sg-src', 'sg-dst')),
})
const permissions = fc.array(permission, { maxLength: 4 })
const entry = fc.record({
  action: fc.constantFrom('allow' as const, 'deny' as const),
  protocol: fc.constantFrom('-1', '6', '17'),
  cidr,
  from: port,
  to: fc.constant(65535),
})
const entries = fc.array(entry, { maxLength: 5 })
const numbered = (list: readonly Omit<Entry, 'number'>[], step: number): Entry[] =>
  list.map((e, i) => ({ ...e, number: 10 + i * step }))

interface Shape {
  readonly ingress: readonly Permission[]
  readonly egress: readonly Permission[]
  readonly acl: readonly Entry[]
}

function build(s: Shape) {
  const w = world()
  w.vpc('vpc-1', '10.0.0.0/16')
  w.subnet('subnet-1', 'vpc-1', '10.0.1.0/24')
  w.subnet('subnet-2', 'vpc-1', '10.0.2.0/24')
  w.group('sg-src', 'vpc-1', { egress: s.egress })
  w.group('sg-dst', 'vpc-1', { ingress: s.ingress })
  w.instance('i-1', 'subnet-1', '10.0.1.10', ['sg-src'])
  w.instance('i-2', 'subnet-2', '10.0.2.10', ['sg-dst'])
  w.acl('acl-1', 'vpc-1', ['subnet-1'], { ingress: s.acl, egress: s.acl })
  return w
}

const RANK = { unreachable: 0, unknown: 1, reachable: 2 } as const
const verdict = (s: Shape, p: number) => ask(build(s), 'i-1', 'i-2', { port: p }).verdict

t.test('adding a group rule never closes a path, and so removing one never opens it', async () => {
  fc.assert(
    fc.property(
      permissions,
      permissions,
      permission,
      entries,
      port,
      fc.boolean(),
      (ingress, egress, more, acl, p, onTarget) => {
        const before = { ingress, egress, acl: numbered(acl, 10) }
        const after = onTarget
          ? { ...before, ingress: [...ingress, more] }
          : { ...before, egress: [...egress, more] }
        return RANK[verdict(after, p)] >= RANK[verdict(before, p)]
      },
    ),
    RUNS,
  )
})

t.test('renumbering ACL entries in the same order changes nothing', async () => {
  fc.assert(
    fc.property(permissions, entries, port, (ingress, acl, p) => {
      const all: Permission[] = [{ protocol: '-1', peer: '0.0.0.0/0' }]
      const shape = (step: number): Shape => ({
        ingress: [...ingress, ...all],
        egress: all,
        acl: numbered(acl, step),
      })
      return verdict(shape(1), p) === verdict(shape(700), p)
    }),
    RUNS,
  )
})

t.test('an unrelated VPC, with the same addresses even, changes nothing', async (t) => {
  fc.assert(
    fc.property(permissions, entries, port, (ingress, acl, p) => {
      const w = build({ ingress, egress: [{ protocol: '-1', peer: '0.0.0.0/0' }], acl: numbered(acl, 10) })
      const before = ask(w, 'i-1', 'i-2', { port: p })
      w.vpc('vpc-9', '10.0.0.0/16')
      w.subnet('subnet-9', 'vpc-9', '10.0.2.0/24')
      w.group('sg-9', 'vpc-9', { ingress: [{ protocol: '-1', peer: '0.0.0.0/0' }] })
      w.instance('i-9', 'subnet-9', '10.0.2.10', ['sg-9'])
      const after = ask(w, 'i-1', 'i-2', { port: p })
      return JSON.stringify(before) === JSON.stringify(after)
    }),
    RUNS,
  )
  t.pass()
})
