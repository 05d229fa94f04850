import type { MapStandpoint, MapThing, VpcMap } from '../../../network/map/map.js'
import type { MapSubnet } from '../../../network/map/subnets.js'
import type { Box } from './geometry.js'

/** What can stand on the map, besides VPCs and subnets. */
export type ChipKind = MapThing['kind'] | 'standpoint' | 'internet' | 'aws-service' | 'target'

/** One thing at one place; what stands in three subnets is three chips with one id. */
export interface Chip {
  readonly id: string
  readonly kind: ChipKind
  readonly label: string
  /** How many functions stand there, of a standpoint. */
  readonly count: number
  readonly detail: string | null
  readonly state: string | null
  readonly subnet: string | null
  readonly vpc: string | null
  /** Functions by name, of a standpoint. */
  readonly functions: readonly string[]
  readonly box: Box
}

/** Tells chips apart: what stands in three subnets is three chips. */
export function chipKey(id: string, subnet: string | null): string {
  return `chip ${id} ${subnet ?? ''}`
}

export interface SubnetBox {
  readonly subnet: MapSubnet
  readonly vpc: string
  readonly box: Box
  /** Chips that had no room. */
  readonly hidden: number
}

/** A VPC drawn from its own corner at 0, 0. */
export interface VpcDrawing {
  readonly w: number
  readonly h: number
  readonly zones: readonly { readonly name: string; readonly box: Box }[]
  readonly subnets: readonly SubnetBox[]
  readonly chips: readonly Chip[]
}

export const CHIP = { w: 188, h: 26, gap: 6 } as const
const PAD = 12
export const VPC_HEAD = 52
const ZONE_HEAD = 26
export const SUBNET_HEAD = 44
const SUBNET_W = CHIP.w + 2 * PAD
/** Two lines pass between: a path out and back. */
const SUBNET_GAP = 14
const ZONE_GAP = 18
const EDGE_GAP = 14
/** Beyond it the subnets of one kind in one zone stand side by side. */
const MOST_STACKED = 6
/** Beyond it a subnet says how many more there are. */
const MOST_CHIPS = 8

const ROWS = ['public', 'private', 'isolated', 'unknown'] as const

/**
 * Lays a VPC out as people draw one: zones side by side, in each the public subnets above the private ones above the isolated
 * ones, what stands at the VPC's edge above all.
 */
export function layoutVpc(map: VpcMap): VpcDrawing {
  const standing = standingIn(map)
  const edge = map.things.filter(({ kind, subnets }) => subnets.length === 0 && !LINKS.has(kind))
  const zones = zoneColumns(map)
  const columnCounts = zones.map((zone) => columnsOf(map, zone))
  const innerWidth = Math.max(
    columnCounts.reduce((sum, count) => sum + zoneWidth(count) + ZONE_GAP, -ZONE_GAP),
    SUBNET_W,
    CHIP.w * Math.min(edge.length, 2) + EDGE_GAP,
  )
  const edgeChips = layoutEdge(edge, map.id, innerWidth)
  const top = VPC_HEAD + edgeChips.height
  const subnets: SubnetBox[] = []
  const chips: Chip[] = [...edgeChips.chips]
  const xs: number[] = []
  let x = PAD
  for (const count of columnCounts) {
    xs.push(x)
    x += zoneWidth(count) + ZONE_GAP
  }
  let y = top + ZONE_HEAD
  for (const kind of ROWS) {
    let rowHeight = 0
    zones.forEach((zone, index) => {
      const own = map.subnets.filter((one) => (one.zone ?? '') === zone && one.kind === kind)
      const columns = columnCounts[index] ?? 1
      const perColumn = Math.ceil(own.length / columns)
      for (let column = 0; column < columns; column++) {
        let below = y
        for (const subnet of own.slice(column * perColumn, (column + 1) * perColumn)) {
          const placed = layoutSubnet(subnet, map.id, standing.get(subnet.id) ?? [], {
            x: (xs[index] ?? PAD) + column * (SUBNET_W + SUBNET_GAP),
            y: below,
          })
          subnets.push(placed.subnet)
          chips.push(...placed.chips)
          below += placed.subnet.box.h + SUBNET_GAP
        }
        rowHeight = Math.max(rowHeight, below - y)
      }
    })
    y += rowHeight
  }
  const h = Math.max(y, top + ZONE_HEAD + 40) + PAD - SUBNET_GAP
  return {
    w: innerWidth + 2 * PAD,
    h,
    zones: zones.map((name, index) => ({
      name,
      box: { x: xs[index] ?? PAD, y: top, w: zoneWidth(columnCounts[index] ?? 1), h: ZONE_HEAD },
    })),
    subnets,
    chips,
  }
}

function zoneColumns(map: VpcMap): readonly string[] {
  const zones = [...new Set(map.subnets.map(({ zone }) => zone ?? ''))]
  return zones.sort()
}

function columnsOf(map: VpcMap, zone: string): number {
  const counts = ROWS.map(
    (kind) => map.subnets.filter((one) => (one.zone ?? '') === zone && one.kind === kind).length,
  )
  return Math.max(1, Math.ceil(Math.max(...counts) / MOST_STACKED))
}

function zoneWidth(columns: number): number {
  return columns * SUBNET_W + (columns - 1) * SUBNET_GAP
}

type Standing = { readonly standpoint: MapStandpoint } | { readonly thing: MapThing }

function standingIn(map: VpcMap): ReadonlyMap<string, readonly Standing[]> {
  const found = new Map<string, Standing[]>()
  const add = (subnets: readonly string[], one: Standing): void => {
    for (const subnet of subnets) found.set(subnet, [...(found.get(subnet) ?? []), one])
  }
  for (const standpoint of map.standpoints) add(standpoint.subnets, { standpoint })
  for (const thing of map.things) if (!LINKS.has(thing.kind)) add(thing.subnets, { thing })
  return found
}

/** They stand between VPCs, not in or at the edge of one. */
export const LINKS: ReadonlySet<ChipKind> = new Set(['vpc-peering-connection', 'transit-gateway'])

function layoutSubnet(
  subnet: MapSubnet,
  vpc: string,
  standing: readonly Standing[],
  at: { readonly x: number; readonly y: number },
): { readonly subnet: SubnetBox; readonly chips: readonly Chip[] } {
  const shown = standing.length > MOST_CHIPS ? standing.slice(0, MOST_CHIPS - 1) : standing
  const hidden = standing.length - shown.length
  const rows = shown.length + (hidden > 0 ? 1 : 0)
  const h = SUBNET_HEAD + rows * (CHIP.h + CHIP.gap) + (rows > 0 ? PAD - CHIP.gap : 0)
  const chips = shown.map((one, index) =>
    chipOf(one, vpc, subnet.id, {
      x: at.x + PAD,
      y: at.y + SUBNET_HEAD + index * (CHIP.h + CHIP.gap),
      w: CHIP.w,
      h: CHIP.h,
    }),
  )
  return { subnet: { subnet, vpc, box: { ...at, w: SUBNET_W, h }, hidden }, chips }
}

function layoutEdge(
  edge: readonly MapThing[],
  vpc: string,
  width: number,
): { readonly chips: readonly Chip[]; readonly height: number } {
  const perRow = Math.max(1, Math.floor((width + EDGE_GAP) / (CHIP.w + EDGE_GAP)))
  const chips = edge.map((thing, index) =>
    chipOf({ thing }, vpc, null, {
      x: PAD + (index % perRow) * (CHIP.w + EDGE_GAP),
      y: VPC_HEAD + Math.floor(index / perRow) * (CHIP.h + EDGE_GAP),
      w: CHIP.w,
      h: CHIP.h,
    }),
  )
  return { chips, height: Math.ceil(edge.length / perRow) * (CHIP.h + EDGE_GAP) }
}

function chipOf(one: Standing, vpc: string, subnet: string | null, box: Box): Chip {
  if ('standpoint' in one) {
    const { id, functions } = one.standpoint
    const [first = ''] = functions.names
    return {
      id,
      kind: 'standpoint',
      label: first,
      count: functions.count,
      detail: null,
      state: null,
      subnet,
      vpc,
      functions: functions.names,
      box,
    }
  }
  const { thing } = one
  return {
    id: thing.id,
    kind: thing.kind,
    label: thing.name ?? labelOf(thing),
    count: 0,
    detail: thing.detail,
    state: thing.state,
    subnet,
    vpc,
    functions: [],
    box,
  }
}

/** An endpoint is known by its service, all else by its id. */
function labelOf({ id, kind, detail }: MapThing): string {
  return kind === 'vpc-endpoint' && detail !== null ? detail : id
}
