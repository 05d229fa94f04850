import type { Hop, HopKind, SubnetTrace, Trace } from '../../../network/path.js'
import { type Box, contains, holds, type Point } from './geometry.js'
import { routed } from './route.js'
import { INTERNET, type Scene, SERVICES } from './scene.js'
import { type Chip, type ChipKind, chipKey, SUBNET_HEAD, VPC_HEAD } from './vpc-layout.js'

/** A path drawn through the map: the legs that a packet takes, and where it is stopped or nobody knows. */
export interface DrawnPath {
  readonly legs: readonly Leg[]
  readonly marks: readonly Mark[]
  /** Keys of the chips that it passes. */
  readonly through: ReadonlySet<string>
}

/** From one thing on the map to the next. */
export interface Leg {
  readonly points: readonly Point[]
  readonly way: 'out' | 'back'
}

export interface Mark {
  readonly at: Point
  readonly verdict: 'block' | 'unknown'
  readonly hop: Hop
  readonly way: 'out' | 'back'
}

const AT_TARGET: ReadonlySet<HopKind> = new Set([
  'target',
  'db-proxy',
  'instance',
  'load-balancer',
  'network-interface',
])

/** Kinds of hops that are things on the map under their own id. */
const OWN: Partial<Record<HopKind, ChipKind>> = {
  'nat-gateway': 'nat-gateway',
  'internet-gateway': 'internet-gateway',
  'egress-only-internet-gateway': 'egress-only-internet-gateway',
  'virtual-private-gateway': 'virtual-private-gateway',
  'vpc-endpoint': 'vpc-endpoint',
  'vpc-peering-connection': 'vpc-peering-connection',
}

/** Draws one subnet's trace; the way back only where it differs in its outcome: it is the same way but for its rules. */
export function drawPath(scene: Scene, trace: SubnetTrace, functionName: string): DrawnPath {
  const out = walk(scene, trace.hops, trace.subnet, functionName, 'out', null)
  const isBackOpen = trace.returnHops.every(({ verdict }) => verdict === 'pass')
  if (isBackOpen) return { legs: out.legs, marks: out.marks, through: new Set(out.through) }
  const back = walk(scene, trace.returnHops, trace.subnet, functionName, 'back', out.last)
  return {
    legs: [...out.legs, ...back.legs],
    marks: [...out.marks, ...back.marks],
    through: new Set([...out.through, ...back.through]),
  }
}

function walk(
  scene: Scene,
  hops: readonly Hop[],
  subnet: string | null,
  functionName: string,
  way: 'out' | 'back',
  start: Box | null,
): Walked {
  const legs: Leg[] = []
  const marks: Mark[] = []
  const through: string[] = []
  let last = start
  for (const [index, hop] of hops.entries()) {
    const isSource = index === (way === 'out' ? 0 : hops.length - 1)
    const stop = isSource ? sourceOf(scene, subnet, functionName) : anchorOf(scene, hop, subnet)
    if (stop !== null) {
      if (stop.id !== null) through.push(chipKey(stop.id, stop.subnet))
      if (last !== null && last !== stop.box) {
        legs.push({ points: line(scene, last, stop.box, way), way })
      }
      last = stop.box
    }
    if (hop.verdict !== 'pass' && last !== null) {
      // Beside the thing at which it ends, whichever of its rules decides.
      const spread = marks.length * 18
      marks.push({ at: { x: last.x + last.w - spread, y: last.y }, verdict: hop.verdict, hop, way })
    }
  }
  return { legs, marks, through, last }
}

/** The way back runs beside the way out. */
const BESIDE = 4

/** Between what stands on the map, never over a name; straight only where there is no way around. */
function line(scene: Scene, from: Box, to: Box, way: 'out' | 'back'): readonly Point[] {
  const straight = [
    { x: from.x + from.w, y: from.y + from.h / 2 },
    { x: to.x, y: to.y + to.h / 2 },
  ]
  const points = routed(from, to, wallsOf(scene, [from, to])) ?? straight
  const shift = way === 'back' ? BESIDE : 0
  return points.map(({ x, y }) => ({ x: x + shift, y: y + shift }))
}

/** A VPC or a subnet without one of the ends is one wall; of the others it is what stands in them that is. */
function wallsOf({ vpcs, zones, subnets, chips }: Scene, ends: readonly Box[]): readonly Box[] {
  const isEntered = (box: Box): boolean => ends.some((end) => contains(box, end))
  const entered = new Set(vpcs.filter(({ open, box }) => open && isEntered(box)).map(({ head }) => head.id))
  const own = new Set(subnets.filter(({ box }) => isEntered(box)).map(({ subnet }) => subnet.id))
  const walls = [
    ...vpcs.map(({ head, box }) => (entered.has(head.id) ? { ...box, h: VPC_HEAD - LINE } : box)),
    ...zones.map(({ box }) => ({ ...box, y: box.y + LINE, w: Math.min(box.w, ZONE_NAME), h: box.h - LINE })),
    ...subnets
      .filter(({ vpc }) => entered.has(vpc))
      .map(({ subnet, box }) => (own.has(subnet.id) ? { ...box, h: SUBNET_HEAD - LINE } : box)),
    ...chips
      .filter((chip) => chip.vpc === null || (entered.has(chip.vpc) && isLoose(chip, own)))
      .map(({ box }) => box),
  ]
  return walls.filter((wall) => !ends.some((end) => contains(end, wall)))
}

/** Room beneath a name that is not its own. */
const LINE = 6
const ZONE_NAME = 120

function isLoose({ subnet }: Chip, own: ReadonlySet<string>): boolean {
  return subnet === null || own.has(subnet)
}

interface Walked {
  readonly legs: readonly Leg[]
  readonly marks: readonly Mark[]
  readonly through: readonly string[]
  readonly last: Box | null
}

/** A thing on the map, or a subnet where the thing itself is not drawn. */
interface Stop {
  readonly id: string | null
  readonly subnet: string | null
  readonly box: Box
}

/** Where the function stands, whether the trace starts at the function or at the interface that it shares with others. */
function sourceOf({ chips, subnets }: Scene, subnet: string | null, functionName: string): Stop | null {
  const own = chips.find(
    (chip) => chip.kind === 'standpoint' && chip.subnet === subnet && chip.functions.includes(functionName),
  )
  const there = subnets.find((one) => one.subnet.id === subnet)
  return own ?? (there === undefined ? null : { id: null, subnet, box: there.box })
}

function anchorOf(scene: Scene, hop: Hop, subnet: string | null): Stop | null {
  const { chips, subnets } = scene
  if (hop.kind === 'internet') return chips.find(({ id }) => id === INTERNET) ?? null
  if (hop.kind === 'aws-service') return chips.find(({ id }) => id === SERVICES) ?? null
  if (hop.kind === 'transit-gateway-attachment' || hop.kind === 'transit-gateway-route-table') {
    return gatewayOf(scene, subnet)
  }
  const wanted = OWN[hop.kind]
  if (wanted === undefined && !AT_TARGET.has(hop.kind)) return null
  const found = chips.filter(
    ({ id, kind }) => id === hop.component && (wanted === undefined || kind === wanted),
  )
  if (found.length > 1) {
    // One thing in several subnets: the one that holds the address, else the one beside the sender.
    const byAddress = found.find((chip) => inSubnet(scene, chip.subnet, hop.packet.destination))
    return byAddress ?? found.find((chip) => chip.subnet === subnet) ?? found[0] ?? null
  }
  const [only] = found
  if (only !== undefined || wanted !== undefined) return only ?? null
  const holder = subnets.find((one) => inSubnet(scene, one.subnet.id, hop.packet.destination))
  if (holder !== undefined) return { id: null, subnet: holder.subnet.id, box: holder.box }
  return chips.find(({ id }) => id === 'target') ?? null
}

/** The one that the sender's VPC is attached to: a hop names the attachment, not the gateway. */
function gatewayOf({ chips, subnets, links }: Scene, subnet: string | null): Stop | null {
  const vpc = subnets.find((one) => one.subnet.id === subnet)?.vpc
  const gateways = chips.filter(({ kind }) => kind === 'transit-gateway')
  return gateways.find(({ id }) => links.some((link) => link.id === `${id} ${vpc}`)) ?? gateways[0] ?? null
}

function inSubnet(scene: Scene, id: string | null, address: string): boolean {
  const found = scene.subnets.find(({ subnet }) => subnet.id === id)
  return found?.subnet.cidrs.some((cidr) => holds(cidr, address)) ?? false
}

/** Ends outside of every VPC that some traces lead to, so that the map makes room for them. */
export function extraEnds(
  traces: readonly SubnetTrace[],
  known: ReadonlySet<string>,
): ('aws-service' | 'target')[] {
  const hops = traces.flatMap((trace) => trace.hops)
  const service = hops.some(({ kind }) => kind === 'aws-service')
  const target = hops.some(
    ({ kind, component }) => kind === 'target' && !known.has(component) && component !== INTERNET,
  )
  return [...(service ? (['aws-service'] as const) : []), ...(target ? (['target'] as const) : [])]
}

/** Each subnet's trace of a function's trace; the trace itself where it starts outside of any subnet. */
export function partsOf(trace: Trace): readonly SubnetTrace[] {
  return trace.perSubnet.length > 0 ? trace.perSubnet : [trace]
}
