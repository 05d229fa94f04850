import type { Snapshot } from '../../../api/network/snapshot.js'
import { type Permission, tcp, world } from './world.js'

/** A small, seeded generator (mulberry32): the same seed, the same numbers, everywhere. */
export function numbers(seed: number): () => number {
  let a = seed >>> 0
  return () => {
    a = (a + 0x6d2b79f5) >>> 0
    let t = a
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}

export interface LargeShape {
  readonly functions: number
  readonly enis: number
  readonly groups: number
  readonly tables: number
  readonly seed: number
}

/**
 * One VPC of the asked size: a NAT gateway, `tables` subnets each with its own route table, groups that name ranges and
 * each other, interfaces over all subnets, functions in three subnets each with a group of their own.
 */
export function large(shape: LargeShape): {
  readonly snapshot: Snapshot
  readonly functions: readonly string[]
  readonly targets: readonly string[]
} {
  const next = numbers(shape.seed)
  const pick = (n: number) => Math.floor(next() * n)
  const w = world()
  w.vpc('vpc-1', '10.0.0.0/8')
  w.igw('igw-1', 'vpc-1')
  w.subnet('subnet-nat', 'vpc-1', '10.255.0.0/24')
  w.table('rtb-nat', 'vpc-1', ['subnet-nat'], { '0.0.0.0/0': 'igw-1' })
  w.nat('nat-1', 'subnet-nat', '10.255.0.9', '203.0.113.7')
  const subnets: string[] = []
  for (let i = 0; i < shape.tables; i++) {
    const id = `subnet-${i}`
    subnets.push(id)
    w.subnet(id, 'vpc-1', `10.${Math.floor(i / 256)}.${i % 256}.0/24`, { zone: 'abc'[i % 3] ?? 'a' })
    w.table(`rtb-${i}`, 'vpc-1', [id], i % 7 === 0 ? {} : { '0.0.0.0/0': 'nat-1' })
  }
  const groups: string[] = []
  for (let i = 0; i < shape.groups; i++) {
    const ingress: Permission[] = []
    for (let r = 0; r < 8; r++) {
      const port = [22, 80, 443, 5432, 6379][pick(5)] ?? 443
      ingress.push(
        next() < 0.5 ? tcp(port, `sg-${pick(shape.groups)}`) : tcp(port, `10.${pick(2)}.${pick(256)}.0/24`),
      )
    }
    groups.push(`sg-${i}`)
    w.group(`sg-${i}`, 'vpc-1', { ingress })
  }
  const targets: string[] = []
  for (let i = 0; i < shape.enis; i++) {
    const subnet = i % shape.tables
    const id = `eni-${i}`
    const host = 10 + Math.floor(i / shape.tables)
    w.eni(id, `subnet-${subnet}`, `10.${Math.floor(subnet / 256)}.${subnet % 256}.${host}`, [
      `sg-${pick(shape.groups)}`,
    ])
    targets.push(id)
  }
  const functions: string[] = []
  for (let i = 0; i < shape.functions; i++) {
    const first = pick(shape.tables)
    const three = [first, (first + 1) % shape.tables, (first + 2) % shape.tables].map((s) => `subnet-${s}`)
    w.lambda(`fn-${i}`, three, [groups[i % groups.length] ?? 'sg-0'])
    functions.push(`fn-${i}`)
  }
  return { snapshot: w.snapshot(), functions, targets }
}
