import { Graph, layout } from '@dagrejs/dagre'
import type { MapLink, NetworkOverview, VpcHead, VpcMap } from '../../../network/map/map.js'
import { type Box, moved, type Point } from './geometry.js'
import { CHIP, type Chip, layoutVpc, type SubnetBox } from './vpc-layout.js'

/** A VPC on the map: opened with its subnets, or closed with its numbers. */
export interface VpcBox {
  readonly head: VpcHead
  readonly open: boolean
  readonly box: Box
}

/** The whole map, positioned. Pure data: drawing, moving and exporting rest on it. */
export interface Scene {
  readonly w: number
  readonly h: number
  readonly vpcs: readonly VpcBox[]
  readonly zones: readonly { readonly name: string; readonly box: Box }[]
  readonly subnets: readonly SubnetBox[]
  readonly chips: readonly Chip[]
  readonly links: readonly { readonly id: string; readonly points: readonly Point[] }[]
}

const CLOSED = { w: 236, h: 84 } as const
const MARGIN = 24
const RANK_GAP = 72
/** How far a line goes straight before it turns. */
const TURN_ROOM = 12
export const INTERNET = 'internet'
export const SERVICES = 'aws-service'

/**
 * Places VPCs and what joins them with dagre; inside an opened VPC the grid of its zones decides. `extra` are ends of a path
 * that stand in no VPC.
 */
export function sceneOf(
  overview: NetworkOverview,
  opened: ReadonlyMap<string, VpcMap>,
  extra: readonly ('aws-service' | 'target')[] = [],
): Scene {
  const drawings = new Map([...opened].map(([id, map]) => [id, layoutVpc(map)] as const))
  const graph = new Graph()
  graph.setGraph({ rankdir: 'LR', nodesep: 40, ranksep: RANK_GAP, marginx: MARGIN, marginy: MARGIN })
  graph.setDefaultEdgeLabel(() => ({}))
  for (const { id } of overview.vpcs) {
    const drawing = drawings.get(id)
    graph.setNode(id, { width: drawing?.w ?? CLOSED.w, height: drawing?.h ?? CLOSED.h })
  }
  const outer = outerChips(overview, opened, extra)
  for (const { chip } of outer) graph.setNode(chip.id, { width: CHIP.w, height: CHIP.h })
  const hubs = new Set(outer.flatMap(({ chip, vpcs }) => (chip.kind === 'transit-gateway' ? vpcs : [])))
  const edges = outer.flatMap(({ chip, vpcs }) =>
    vpcs.map((vpc) => ({ id: `${chip.id} ${vpc}`, ...ends(chip, vpc, vpcs, hubs) })),
  )
  for (const { from, to } of edges) graph.setEdge(from, to)
  layout(graph)

  const boxOf = (id: string): Box => {
    const { x = 0, y = 0, width = 0, height = 0 } = graph.node(id) ?? {}
    return { x: x - width / 2, y: y - height / 2, w: width, h: height }
  }
  const { width = 0, height = 0 } = graph.graph()
  const placed = [...drawings].map(([id, drawing]) => ({ drawing, at: boxOf(id) }))
  return {
    w: width,
    h: height,
    vpcs: overview.vpcs.map((head) => ({ head, open: drawings.has(head.id), box: boxOf(head.id) })),
    zones: placed.flatMap(({ drawing, at }) =>
      drawing.zones.map((zone) => ({ ...zone, box: moved(zone.box, at) })),
    ),
    subnets: placed.flatMap(({ drawing, at }) =>
      drawing.subnets.map((subnet) => ({ ...subnet, box: moved(subnet.box, at) })),
    ),
    chips: [
      ...placed.flatMap(({ drawing, at }) =>
        drawing.chips.map((chip) => ({ ...chip, box: moved(chip.box, at) })),
      ),
      ...outer.map(({ chip }) => ({ ...chip, box: boxOf(chip.id) })),
    ],
    links: joined(edges, boxOf, (from, to) => graph.edge(from, to)?.points ?? []),
  }
}

interface Edge {
  readonly id: string
  readonly from: string
  readonly to: string
}

/** Leaves the right side of what stands left and comes to the left side of the other, each at a place of its own. */
function joined(
  edges: readonly Edge[],
  boxOf: (id: string) => Box,
  bendsOf: (from: string, to: string) => readonly Point[],
): Scene['links'] {
  const place = (edge: Edge, side: 'from' | 'to'): number => {
    const other = side === 'from' ? 'to' : 'from'
    const box = boxOf(edge[side])
    const there = edges
      .filter((one) => one[side] === edge[side])
      .sort((a, b) => boxOf(a[other]).y - boxOf(b[other]).y)
    // What comes together at a small thing meets.
    return box.h <= CHIP.h
      ? box.y + box.h / 2
      : box.y + (box.h * (there.indexOf(edge) + 1)) / (there.length + 1)
  }
  return edges.map((edge) => {
    const [left, right] = [boxOf(edge.from), boxOf(edge.to)]
    const [start, end] = [
      { x: left.x + left.w, y: place(edge, 'from') },
      { x: right.x, y: place(edge, 'to') },
    ]
    // One whose ends are neighbours has a single bend, half-way.
    const bends = bendsOf(edge.from, edge.to).slice(1, -1)
    const turn = right.x - RANK_GAP + TURN_ROOM
    const between =
      bends.length > 1
        ? bends
        : [
            { x: Math.max(start.x, turn), y: start.y },
            { x: end.x - TURN_ROOM, y: end.y },
          ]
    return { id: edge.id, points: [start, ...between, end] }
  })
}

interface Outer {
  readonly chip: Chip
  readonly vpcs: readonly string[]
}

/**
 * A peering's sides stand left and right of it, unless both are at one transit gateway, which holds them side by side; what
 * leads out of the account stands to the right of all.
 */
function ends(
  { kind, id }: Chip,
  vpc: string,
  vpcs: readonly string[],
  hubs: ReadonlySet<string>,
): { readonly from: string; readonly to: string } {
  const left = vpcs.filter((one) => hubs.has(one))
  const isLeft = left.length === 0 ? vpc === vpcs[0] : left.includes(vpc)
  return isLeft || kind !== 'vpc-peering-connection' ? { from: vpc, to: id } : { from: id, to: vpc }
}

function outerChips(
  { links, vpcs }: NetworkOverview,
  opened: ReadonlyMap<string, VpcMap>,
  extra: readonly ('aws-service' | 'target')[],
): readonly Outer[] {
  const known = new Set(vpcs.map(({ id }) => id))
  const joins = links.map((link) => ({
    chip: outerChip(link.id, link.kind, link.name ?? link.id, link),
    vpcs: link.vpcs.filter((id) => known.has(id)),
  }))
  // A closed VPC does not say whether it has a gateway.
  const public_ = [...opened.values()].filter(({ things }) =>
    things.some(({ kind }) => kind === 'internet-gateway' || kind === 'egress-only-internet-gateway'),
  )
  const internet: Outer = {
    chip: outerChip(INTERNET, 'internet', '', null),
    vpcs: public_.map(({ id }) => id),
  }
  const others = extra.map((kind) => ({ chip: outerChip(kind, kind, '', null), vpcs: [] }))
  return [...joins, internet, ...others]
}

function outerChip(id: string, kind: Chip['kind'], label: string, link: MapLink | null): Chip {
  return {
    id,
    kind,
    label,
    count: 0,
    detail: null,
    state: link?.state ?? null,
    subnet: null,
    vpc: null,
    functions: [],
    box: { x: 0, y: 0, w: CHIP.w, h: CHIP.h },
  }
}
