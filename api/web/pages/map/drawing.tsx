import type { ComponentChildren, TargetedMouseEvent } from 'preact'
import { useMemo } from 'preact/hooks'
import { detailText } from './detail.js'
import type { MapWords } from './en.js'
import { type Box, type Point, rounded } from './geometry.js'
import { CHIP_ICONS } from './icons.js'
import { type Cut, createCut } from './measure.js'
import type { DrawnPath } from './path.js'
import type { Scene, VpcBox } from './scene.js'
import { type Chip, chipKey, type SubnetBox } from './vpc-layout.js'

/** Which functions are not well, by name. */
export interface Unwell {
  readonly failing: ReadonlySet<string>
  readonly degraded: ReadonlySet<string>
}

interface Props {
  readonly scene: Scene
  readonly words: MapWords
  readonly unwell: Unwell
  readonly path: DrawnPath | null
  /** Key of what is chosen. */
  readonly chosen: string | null
  readonly onChoose: (key: string) => void
}

/** How round the corners of lines are. */
const LINK_RADIUS = 24
const LEG_RADIUS = 6

/** The map as SVG, without the means to move it. */
export function Drawing({ scene, words, unwell, path, chosen, onChoose }: Props) {
  const cut = useMemo(() => createCut(document), [])
  const common = { words, cut, chosen, onChoose }
  return (
    <g>
      {scene.links.map(({ id, points }) => (
        <path key={id} class="map-link" d={rounded(points, LINK_RADIUS)} />
      ))}
      {scene.vpcs.map((one) => (
        <Vpc key={one.head.id} vpc={one} {...common} />
      ))}
      {scene.zones.map(({ name, box }) => (
        <text key={`${name} ${box.x} ${box.y}`} class="map-zone" x={box.x} y={box.y + 17}>
          {name === '' ? words.zoneless : name}
        </text>
      ))}
      {scene.subnets.map((one) => (
        <Subnet key={one.subnet.id} subnet={one} {...common} />
      ))}
      {scene.chips.map((chip) => (
        <ChipDrawing
          key={chipKey(chip.id, chip.subnet)}
          {...common}
          chip={chip}
          unwell={unwell}
          isPassed={path?.through.has(chipKey(chip.id, chip.subnet)) === true}
        />
      ))}
      {path === null ? null : (
        <g class="map-path">
          {path.legs.map(({ points, way }) => {
            const d = rounded(points, LEG_RADIUS)
            return (
              <g key={`${way} ${d}`}>
                <path class="map-leg-halo" d={d} />
                <path class={`map-leg map-leg-${way}`} d={d} />
              </g>
            )
          })}
        </g>
      )}
      {path?.marks.map(({ at, verdict, hop }, index) => (
        <MarkDrawing key={`${index} ${hop.component}`} at={at} verdict={verdict} />
      ))}
    </g>
  )
}

/** A part of the map that can be chosen, by pointer and by key. */
function Node({
  id,
  box,
  label,
  cls,
  chosen,
  onChoose,
  beside = null,
  children,
}: {
  readonly id: string
  readonly box: Box
  /** How it is called: what is to be read in it, and what is not. */
  readonly label: string
  /** Lesser texts: drawn in it, but no part of what it is called. */
  readonly beside?: ComponentChildren
  readonly cls: string
  readonly chosen: string | null
  readonly onChoose: (key: string) => void
  readonly children: ComponentChildren
}) {
  const choose = (event: TargetedMouseEvent<SVGGElement>): void => {
    event.stopPropagation()
    onChoose(id)
  }
  return (
    <>
      {/* biome-ignore lint/a11y/useSemanticElements: HTML's button has no place in SVG */}
      <g
        class={`map-node ${cls}`}
        role="button"
        // In SVG attributes are told apart by case.
        tabindex={-1}
        aria-label={label}
        aria-pressed={chosen === id}
        data-node={`${box.x} ${box.y} ${box.w} ${box.h}`}
        onClick={choose}
        onKeyDown={(event) => {
          if (event.key !== 'Enter' && event.key !== ' ') return
          event.preventDefault()
          event.stopPropagation()
          onChoose(id)
        }}
      >
        {children}
      </g>
      {beside}
    </>
  )
}

type Common = Pick<Props, 'words' | 'chosen' | 'onChoose'> & { readonly cut: Cut }

function Vpc({ vpc: { head, open, box }, words, cut, chosen, onChoose }: { readonly vpc: VpcBox } & Common) {
  const name = head.name ?? head.id
  const numbers = words.numbers(head.subnets, head.functions, head.databases)
  const note = [head.name === null ? null : head.id, head.cidrs.join(' ')].filter(Boolean).join(' · ')
  const shown = cut(`VPC ${name}`, box.w - 24, 'vpc')
  return (
    <Node
      id={`vpc ${head.id}`}
      box={open ? { ...box, h: 48 } : box}
      label={labelOf(shown, `VPC ${name}`, note, numbers, open ? words.opened : words.closed)}
      cls="map-vpc"
      chosen={chosen}
      onChoose={onChoose}
      beside={
        <>
          <Note x={box.x + 12} y={box.y + 40} text={cut(note, box.w - 24, 'note')} />
          {open ? null : <Note x={box.x + 12} y={box.y + 66} text={cut(numbers, box.w - 24, 'note')} />}
        </>
      }
    >
      <rect class="map-frame" x={box.x} y={box.y} width={box.w} height={box.h} rx="8" />
      <text class="map-vpc-name" x={box.x + 12} y={box.y + 22}>
        {shown}
      </text>
    </Node>
  )
}

/** Room for a subnet's kind, beside its name, and what is left free. */
const KIND_W = 84

function Subnet({
  subnet: { subnet, box, hidden },
  words,
  cut,
  chosen,
  onChoose,
}: { readonly subnet: SubnetBox } & Common) {
  const kind = words.kinds[subnet.kind]
  const name = subnet.name ?? subnet.id
  const shown = cut(name, box.w - KIND_W, 'subnet')
  const ranges = subnet.cidrs.join(' ')
  const more = hidden === 0 ? '' : words.hidden(hidden)
  return (
    <Node
      id={`subnet ${subnet.id}`}
      box={box}
      label={labelOf(shown, name, kind, ranges, subnet.zone, more)}
      cls={`map-subnet map-subnet-${subnet.kind}`}
      chosen={chosen}
      onChoose={onChoose}
      beside={
        <>
          <text
            class={`map-kind map-kind-${subnet.kind}`}
            x={box.x + box.w - 12}
            y={box.y + 19}
            text-anchor="end"
          >
            {kind}
          </text>
          <Note x={box.x + 12} y={box.y + 35} text={cut(ranges, box.w - 24, 'note')} />
          {more === '' ? null : <Note x={box.x + 14} y={box.y + box.h - 18} text={more} />}
        </>
      }
    >
      <rect class="map-frame" x={box.x} y={box.y} width={box.w} height={box.h} rx="6" />
      <rect class="map-side" x={box.x} y={box.y} width="3" height={box.h} rx="1.5" />
      <text class="map-subnet-name" x={box.x + 12} y={box.y + 19}>
        {shown}
      </text>
    </Node>
  )
}

function ChipDrawing({
  chip,
  words,
  cut,
  unwell,
  isPassed,
  chosen,
  onChoose,
}: {
  readonly chip: Chip
  readonly isPassed: boolean
} & Common &
  Pick<Props, 'unwell'>) {
  const { box } = chip
  const label = chipLabel(chip, words)
  const detail = chip.detail === null ? null : detailText(chip.detail, words.details)
  const failing = chip.functions.filter((name) => unwell.failing.has(name)).length
  const degraded = chip.functions.filter((name) => unwell.degraded.has(name)).length
  const state = failing > 0 ? 'bad' : degraded > 0 || isDown(chip) ? 'warn' : null
  const said =
    failing > 0
      ? words.unwell(failing, words.failing)
      : degraded > 0
        ? words.unwell(degraded, words.degraded)
        : ''
  const shown = cut(label, box.w - 40 - (state === null ? 0 : 16), 'name')
  return (
    <Node
      id={chipKey(chip.id, chip.subnet)}
      box={box}
      label={labelOf(shown, label, words.chips[chip.kind], detail, said)}
      cls={`map-chip map-chip-${chip.kind}${isPassed ? ' map-passed' : ''}`}
      chosen={chosen}
      onChoose={onChoose}
    >
      <rect class="map-frame" x={box.x} y={box.y} width={box.w} height={box.h} rx="5" />
      <path class="map-icon" transform={`translate(${box.x + 8} ${box.y + 5})`} d={CHIP_ICONS[chip.kind]} />
      <text class="map-chip-name" x={box.x + 30} y={box.y + 17.5}>
        {shown}
      </text>
      {state === null ? null : <StateMark at={{ x: box.x + box.w - 13, y: box.y + 13 }} state={state} />}
    </Node>
  )
}

/** What a node is called: what is to be read in it first, the whole of it where that was cut, and the facts. */
function labelOf(shown: string, whole: string, ...facts: readonly (string | null)[]): string {
  return [shown, shown === whole ? null : whole, ...facts].filter(Boolean).join(', ')
}

function Note({ x, y, text }: { readonly x: number; readonly y: number; readonly text: string }) {
  return (
    <text class="map-note" x={x} y={y}>
      {text}
    </text>
  )
}

export function chipLabel(chip: Chip, words: MapWords): string {
  if (chip.kind === 'standpoint') {
    return chip.count > 1 ? `${chip.label} +${chip.count - 1}` : chip.label
  }
  if (chip.kind === 'vpc-endpoint') return detailText(chip.label, words.details)
  return chip.label === '' ? words.chips[chip.kind] : chip.label
}

const WORKING: ReadonlySet<string> = new Set(['available', 'active', 'attached', 'provisioned'])

/** States come from AWS, and new ones may appear: only for what a path rests on is another state told. */
function isDown({ kind, state }: Chip): boolean {
  if (state === null || kind === 'database' || kind === 'db-proxy') return false
  return !WORKING.has(state.toLowerCase())
}

function StateMark({ at, state }: { readonly at: Point; readonly state: 'bad' | 'warn' }) {
  return state === 'bad' ? (
    <g class="map-mark-bad" transform={`translate(${at.x - 6} ${at.y - 6})`}>
      <path class="map-mark-ground" d="M3.7 .6h4.600L11.4 3.7v4.600L8.3 11.4H3.7L.6 8.3V3.700Z" />
      <path class="map-mark-line" d="m4.1 4.1 3.800 3.800m0-3.800-3.800 3.800" />
    </g>
  ) : (
    <g class="map-mark-warn" transform={`translate(${at.x - 6} ${at.y - 6})`}>
      <path class="map-mark-ground" d="M6 .8 11.6 10.900H.4Z" />
      <path class="map-mark-line" d="M6 4.500v3M6 9.100v.1" />
    </g>
  )
}

/** Where a path ends: large enough to be found at a glance, with the shape that blocked has everywhere. */
function MarkDrawing({ at, verdict }: { readonly at: Point; readonly verdict: 'block' | 'unknown' }) {
  return (
    <g class={`map-stop map-stop-${verdict}`} transform={`translate(${at.x} ${at.y})`}>
      <circle class="map-stop-ring" r="14" />
      {verdict === 'block' ? (
        <>
          <path
            class="map-mark-ground"
            d="M-4.500-10.500h9L10.500-4.500v9L4.500 10.500h-9L-10.500 4.500v-9Z"
          />
          <path class="map-mark-line" d="m-4-4 8 8m0-8-8 8" />
        </>
      ) : (
        <>
          <rect class="map-mark-ground" x="-9.5" y="-9.500" width="19" height="19" rx="4" />
          <path class="map-mark-line" d="M-2.500-2.800c0-3.800 5-3.800 5 0 0 2-2.500 2-2.500 3.800M0 5v.1" />
        </>
      )}
    </g>
  )
}
