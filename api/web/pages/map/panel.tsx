import type { MapRoute } from '../../../network/map/subnets.js'
import type { Verdict as TraceVerdict } from '../../../network/path.js'
import { useSay, useShared } from '../../context.js'
import type { FunctionPath } from '../../data/network.js'
import { functionHref } from '../../pages.js'
import { Facts } from '../../ui/facts.js'
import { Prose } from '../../ui/prose.js'
import { ServerSaid } from '../../ui/server-said.js'
import { StatusShape } from '../../ui/status.js'
import { detailText } from './detail.js'
import { chipLabel } from './drawing.js'
import type { MapWords } from './en.js'
import type { Mark } from './path.js'
import type { Scene, VpcBox } from './scene.js'
import { type Chip, chipKey, type SubnetBox } from './vpc-layout.js'

/** One path of the chosen function: one check, or one subnet of it. */
export interface PathChoice {
  readonly key: string
  readonly path: FunctionPath
}

/** The paths of the chosen function; the chosen one is drawn. */
export function Paths({
  words,
  choices,
  chosen,
  marks,
  reported,
  onChoose,
}: {
  readonly words: MapWords
  readonly choices: readonly PathChoice[]
  readonly chosen: string | null
  readonly marks: readonly Mark[]
  readonly reported: boolean
  readonly onChoose: (key: string) => void
}) {
  const say = useSay()
  return (
    <section class="map-part" aria-labelledby="map-paths">
      <h2 id="map-paths">{words.paths}</h2>
      {reported ? null : <p class="count">{words.internetOnly}</p>}
      {choices.length === 0 ? <p class="count">{words.noPaths}</p> : null}
      <ul class="map-paths">
        {choices.map(({ key, path: { check, subnet, trace, note, expect } }) => (
          <li key={key}>
            <button
              type="button"
              class="map-choice"
              aria-pressed={key === chosen}
              disabled={trace === null}
              onClick={() => onChoose(key)}
            >
              <span class="map-choice-head">
                <span class="truncate">{check}</span>
                {trace === null ? null : <Verdict verdict={trace.verdict} expect={expect} />}
              </span>
              <span class="count truncate">
                {note === null ? (subnet ?? '') : <ServerSaid message={note} />}
              </span>
              {expect === 'unreachable' ? <span class="count">{words.meantClosed}</span> : null}
            </button>
          </li>
        ))}
      </ul>
      {marks.map(({ hop, way, verdict }) => (
        <div key={`${way} ${hop.component} ${hop.code}`} class="map-cause">
          <p>
            <StatusShape shape={verdict === 'block' ? 'bad' : 'unknown'} /> <Prose text={say(hop.text)} />
          </p>
          <p class="count">
            <code>{hop.component}</code>, {way === 'out' ? words.wayOut : words.wayBack}
            {hop.code === null ? null : (
              <>
                {' '}
                · <code>{hop.code}</code>
              </>
            )}
          </p>
        </div>
      ))}
    </section>
  )
}

/** A path that is closed as it is meant to be is no alarm. */
function Verdict({ verdict, expect }: { readonly verdict: TraceVerdict; readonly expect: TraceVerdict }) {
  const shared = useShared()
  const shape = verdict === 'unknown' ? 'unknown' : verdict === expect ? 'good' : 'bad'
  return (
    <span class={`status status-${shape}`}>
      <StatusShape shape={shape} />
      {shared.status[verdict]}
    </span>
  )
}

interface ChosenProps {
  readonly words: MapWords
  readonly scene: Scene
  readonly chosen: string | null
  readonly onToggle: (vpc: string) => void
  readonly onFunction: (name: string) => void
}

/** What the chosen part of the map is. */
export function Chosen(props: ChosenProps) {
  const { words } = props
  return (
    <section class="map-part" aria-labelledby="map-chosen" aria-live="polite">
      <h2 id="map-chosen">{words.chosen}</h2>
      <ChosenFacts {...props} />
    </section>
  )
}

function ChosenFacts({ words, scene, chosen, onToggle, onFunction }: ChosenProps) {
  const vpc = scene.vpcs.find(({ head }) => `vpc ${head.id}` === chosen)
  if (vpc !== undefined) return <VpcFacts vpc={vpc} words={words} onToggle={onToggle} />
  const subnet = scene.subnets.find((one) => `subnet ${one.subnet.id}` === chosen)
  if (subnet !== undefined) return <SubnetFacts found={subnet} words={words} />
  const chip = scene.chips.find((one) => chipKey(one.id, one.subnet) === chosen)
  if (chip !== undefined) return <ChipFacts chip={chip} words={words} onFunction={onFunction} />
  return <p class="count">{words.nothingChosen}</p>
}

function VpcFacts({
  vpc: { head, open },
  words,
  onToggle,
}: {
  readonly vpc: VpcBox
  readonly words: MapWords
  readonly onToggle: (vpc: string) => void
}) {
  return (
    <>
      <p class="map-name">VPC {head.name ?? head.id}</p>
      <Facts
        facts={[
          [words.facts.id, <code key="id">{head.id}</code>],
          [words.facts.cidrs, head.cidrs.join(', ')],
          [words.facts.zone, head.zones.join(', ')],
          [words.facts.subnets, head.subnets],
          [words.facts.functions, head.functions],
        ]}
      />
      <button type="button" class="button button-small" onClick={() => onToggle(head.id)}>
        {open ? words.close : words.open}
      </button>
    </>
  )
}

function SubnetFacts({ found: { subnet }, words }: { readonly found: SubnetBox; readonly words: MapWords }) {
  const { facts } = words
  return (
    <>
      <p class="map-name">{subnet.name ?? subnet.id}</p>
      <Facts
        facts={[
          [facts.id, <code key="id">{subnet.id}</code>],
          [facts.kind, words.kinds[subnet.kind]],
          [facts.zone, subnet.zone ?? words.zoneless],
          [facts.cidrs, subnet.cidrs.join(', ')],
          [facts.routeTable, <code key="table">{subnet.routeTable ?? facts.unknown}</code>],
          [facts.networkAcl, <code key="acl">{subnet.networkAcl ?? facts.unknown}</code>],
          [facts.free, subnet.freeAddresses ?? facts.unknown],
          [facts.interfaces, subnet.interfaces],
          [facts.routes, subnet.routes.length === 0 ? facts.noRoutes : <Routes routes={subnet.routes} />],
        ]}
      />
    </>
  )
}

function Routes({ routes }: { readonly routes: readonly MapRoute[] }) {
  return (
    <ul>
      {routes.map(({ destination, target, state }) => (
        <li key={destination}>
          {state === 'active' ? null : (
            <>
              <StatusShape shape="bad" /> {state}{' '}
            </>
          )}
          <code>
            {destination} → {target}
          </code>
        </li>
      ))}
    </ul>
  )
}

function ChipFacts({
  chip,
  words,
  onFunction,
}: {
  readonly chip: Chip
  readonly words: MapWords
  readonly onFunction: (name: string) => void
}) {
  const { facts } = words
  const isOwn = chip.label !== chip.id && chip.kind !== 'standpoint'
  return (
    <>
      <p class="map-name">
        {words.chips[chip.kind]} {chip.kind === 'standpoint' ? '' : chipLabel(chip, words)}
      </p>
      <Facts
        facts={[
          ...(isOwn && chip.id !== chip.kind ? [[facts.id, <code key="id">{chip.id}</code>] as const] : []),
          ...(chip.state === null ? [] : [[facts.state, <code key="state">{chip.state}</code>] as const]),
          ...(chip.detail === null ? [] : [[facts.detail, detailText(chip.detail, words.details)] as const]),
          ...(chip.subnet === null
            ? []
            : [[facts.subnets, <code key="subnet">{chip.subnet}</code>] as const]),
        ]}
      />
      {chip.kind !== 'standpoint' ? null : (
        <ul class="map-functions">
          {chip.functions.map((name) => (
            <li key={name}>
              <button type="button" class="link truncate" onClick={() => onFunction(name)}>
                {name}
              </button>
              <a class="count" href={functionHref(name)}>
                {words.openFunction}
              </a>
            </li>
          ))}
          {chip.count > chip.functions.length ? (
            <li class="count">{words.moreFunctions(chip.count - chip.functions.length)}</li>
          ) : null}
        </ul>
      )}
    </>
  )
}
