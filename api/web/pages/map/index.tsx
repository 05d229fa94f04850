import { useEffect, useMemo, useRef, useState } from 'preact/hooks'
import type { FunctionHealth } from '../../../health/health.js'
import type { VpcMap } from '../../../network/map/map.js'
import { useShell, useTitle, useWords } from '../../context.js'
import type { Page } from '../../data/client.js'
import { type FunctionPath, type Overview, readEnds, readPaths, readVpcs } from '../../data/network.js'
import { useLoad, useReloadOn } from '../../data/use-load.js'
import { PAGES } from '../../pages.js'
import { useQuery } from '../../router.js'
import { Combobox } from '../../ui/combobox.js'
import { Icon } from '../../ui/icon.js'
import { Empty, Loaded, Loading, ProblemNotice } from '../../ui/notice.js'
import { Moment } from '../../ui/time.js'
import { Canvas, type CanvasControls } from './canvas.js'
import { Drawing, type Unwell } from './drawing.js'
import { en, type MapWords } from './en.js'
import { download, standalone } from './export.js'
import { around, type Box } from './geometry.js'
import { ko } from './ko.js'
import { Chosen, type PathChoice, Paths } from './panel.js'
import { type DrawnPath, drawPath, extraEnds, partsOf } from './path.js'
import { type Scene, sceneOf } from './scene.js'

/** More than that at once nobody can read, and few machines can move. */
const MOST_OPENED = 6
const ZOOM_STEP = 1.4

/** The network of the newest snapshot, or of a draft, and the paths of a chosen function through it. */
export default function NetworkMap() {
  const words = useWords({ en, ko })
  const { client } = useShell()
  useTitle(words.title)
  const [query] = useQuery()
  const snapshot = query.get('snapshot')
  const load = useLoad(`network ${snapshot}`, (signal) =>
    client.get<Overview>('/v1/network', { signal, query: { snapshot } }),
  )
  // A snapshot follows from no event: a path that changes its outcome is when there may be a new one.
  useReloadOn(load.reload, ({ type }) => type === 'check-status', 5000)
  return (
    <div class="map-page">
      <h1 class="visually-hidden">{words.title}</h1>
      {load.value === null && load.problem?.facts.code === 'no_snapshot' ? (
        <Empty title={words.none}>
          <p>{words.noneHint}</p>
          <a class="button" href={PAGES.trace}>
            {words.toTrace}
          </a>
        </Empty>
      ) : (
        <Loaded load={load} rows={10}>
          {(overview) =>
            overview.vpcs.length === 0 ? (
              <Empty title={words.emptyVpcs} />
            ) : (
              <Network overview={overview} words={words} />
            )
          }
        </Loaded>
      )}
    </div>
  )
}

const NO_VPCS: ReadonlyMap<string, VpcMap> = new Map()

function Network({ overview, words }: { readonly overview: Overview; readonly words: MapWords }) {
  const { client } = useShell()
  const [query, setQuery] = useQuery()
  const snapshot = query.get('snapshot')
  const name = query.get('function') ?? ''
  const [chosen, setChosen] = useState<string | null>(null)
  const controls = useRef<CanvasControls | null>(null)
  const svg = useRef<SVGSVGElement>(null)

  const paths = useLoad(`paths ${overview.snapshot} ${name}`, async (signal) =>
    name === '' ? null : readPaths(client, name, snapshot, signal),
  )
  useReloadOn(paths.reload, (event) => event.type === 'check-status' && event.function === name)
  const choices = useMemo(() => choicesOf(paths.value?.items ?? []), [paths.value])
  const wanted = query.get('path')
  const choice = choices.find(({ key }) => key === wanted) ?? worst(choices)

  const openIds = openedOf(query.get('open'), overview, choice)
  const maps = useLoad(`vpcs ${overview.snapshot} ${openIds.join(' ')}`, (signal) =>
    readVpcs(client, openIds, snapshot, signal),
  )
  const unwell = useUnwell()

  // While other VPCs are read, what was drawn stays.
  const drawn = useRef(NO_VPCS)
  if (maps.value !== null) drawn.current = maps.value
  const opened = drawn.current
  // What stands below the paths comes with them, not before.
  const isRead =
    (name === '' || paths.value !== null || paths.problem !== null) &&
    (openIds.length === 0 || opened.size > 0 || maps.problem !== null)
  const scene = useMemo(() => {
    const known = new Set([...opened.values()].flatMap(({ things }) => things.map(({ id }) => id)))
    const traces = choice?.path.trace == null ? [] : partsOf(choice.path.trace)
    return sceneOf(overview, opened, extraEnds(traces, known))
  }, [overview, opened, choice])
  const path = useMemo(() => {
    const trace = choice?.path.trace
    if (trace == null) return null
    // The subnet that the check ran in, else the worst one, which the trace tells first.
    const part = partsOf(trace).find(({ subnet }) => subnet === choice?.path.subnet)
    return drawPath(scene, part ?? trace, name)
  }, [scene, choice, name])

  // Where the viewer has moved the view it stays, but for what they have opened.
  const opening = useRef<string | null>(null)
  useEffect(() => {
    const asked = scene.vpcs.find(({ head, open }) => open && head.id === opening.current)
    if (asked === undefined) return
    opening.current = null
    controls.current?.show(asked.box)
  }, [scene])

  const toggle = (id: string): void => {
    opening.current = openIds.includes(id) ? null : id
    const next = openIds.includes(id) ? openIds.filter((one) => one !== id) : [...openIds, id]
    setQuery({ open: next.length === 0 ? 'none' : next.slice(-MOST_OPENED).join(' ') })
  }
  const choose = (key: string): void => {
    const again = key === chosen
    setChosen(again ? null : key)
    if (key.startsWith('vpc ') && again) toggle(key.slice('vpc '.length))
  }
  const closed = overview.vpcs.length - openIds.length
  const omitted =
    overview.vpcsOmitted + [...opened.values()].reduce((sum, one) => sum + countOf(one.omitted), 0)
  const focus = useMemo(() => focusOf(scene, path), [scene, path])
  return (
    <>
      <div class="map-bar">
        <FunctionPicker key={name} words={words} name={name} snapshot={snapshot} />
        <p class="count map-taken">
          {words.takenAt} <Moment at={overview.takenAt} />
          {overview.snapshot.startsWith('draft-') ? <span class="tag">{words.draft}</span> : null}
        </p>
        <div class="map-tools">
          <button
            type="button"
            class="button button-icon"
            aria-label={words.zoomOut}
            title={words.zoomOut}
            onClick={() => controls.current?.zoom(1 / ZOOM_STEP)}
          >
            <span aria-hidden="true">−</span>
          </button>
          <button
            type="button"
            class="button button-icon"
            aria-label={words.zoomIn}
            title={words.zoomIn}
            onClick={() => controls.current?.zoom(ZOOM_STEP)}
          >
            <span aria-hidden="true">+</span>
          </button>
          <button type="button" class="button" onClick={() => controls.current?.fitAll()}>
            {words.fit}
          </button>
          <button type="button" class="button" onClick={() => svg.current && save(svg.current, words)}>
            {words.export}
          </button>
        </div>
      </div>
      <div class="map-body">
        <Canvas
          w={scene.w}
          h={scene.h}
          label={words.canvas}
          hint={words.hint}
          focus={focus}
          about={`${name} ${choice?.key ?? ''}`}
          controls={controls}
          svg={svg}
        >
          <Drawing
            scene={scene}
            words={words}
            unwell={unwell}
            path={path}
            chosen={chosen}
            onChoose={choose}
          />
        </Canvas>
        <aside class="map-panel">
          {maps.problem === null ? null : <ProblemNotice problem={maps.problem} onRetry={maps.reload} />}
          {isRead ? null : <Loading rows={8} />}
          {name === '' || !isRead ? null : paths.problem !== null && paths.value === null ? (
            <ProblemNotice problem={paths.problem} onRetry={paths.reload} />
          ) : (
            <Paths
              words={words}
              choices={choices}
              chosen={choice?.key ?? null}
              marks={path?.marks ?? []}
              reported={paths.value?.reported ?? true}
              onChoose={(key) => setQuery({ path: key })}
            />
          )}
          {isRead ? (
            <>
              <Chosen
                words={words}
                scene={scene}
                chosen={chosen}
                onToggle={toggle}
                onFunction={(next) => setQuery({ function: next, path: null })}
              />
              {overview.outside.functions.count === 0 ? null : (
                <p class="map-part count">{words.outside(overview.outside.functions.count)}</p>
              )}
              {closed === 0 ? null : (
                <p class="map-part count">
                  {words.closedVpcs(closed)}{' '}
                  {openIds.length < MOST_OPENED ? null : words.mostOpened(MOST_OPENED)}
                </p>
              )}
              {unwell.cut === null ? null : (
                <p class="map-part count">
                  {words.mostMarked(MOST_MARKED, words[unwell.cut])}{' '}
                  <a href={`${PAGES.overview}?status=${unwell.cut}`}>{words.allUnwell}</a>
                </p>
              )}
              {omitted === 0 ? null : <p class="map-part count">{words.omitted(omitted)}</p>}
            </>
          ) : null}
        </aside>
      </div>
    </>
  )
}

function FunctionPicker({
  words,
  name,
  snapshot,
}: {
  readonly words: MapWords
  readonly name: string
  readonly snapshot: string | null
}) {
  const { client } = useShell()
  const [, setQuery] = useQuery()
  const [typed, setTyped] = useState(name)
  return (
    <div class="map-picker">
      <Combobox
        label={words.function}
        hideLabel
        value={typed}
        placeholder={words.anyFunction}
        onText={setTyped}
        onTake={(next) => setQuery({ function: next, path: null })}
        suggest={async (text, signal) =>
          (await readEnds(client, 'from', text, snapshot, signal))
            .filter(({ kind }) => kind === 'function')
            .map(({ selector, detail }) => ({ value: selector, note: detail }))
        }
      />
      {name === '' ? null : (
        <button
          type="button"
          class="button button-quiet button-icon"
          aria-label={words.clear}
          onClick={() => setQuery({ function: null, path: null })}
        >
          <Icon name="close" />
        </button>
      )}
    </div>
  )
}

/** How many functions of a status are marked: one page of each. */
const MOST_MARKED = 200

/** Names of functions that are not well, as far as one page of each goes, and whether there are more. */
function useUnwell(): Unwell & { readonly cut: 'failing' | 'degraded' | null } {
  const { client } = useShell()
  const load = useLoad('unwell', async (signal) => {
    const names = async (status: 'failing' | 'degraded') => {
      const query = { status, limit: MOST_MARKED }
      const page = await client.get<Page<FunctionHealth>>('/v1/functions', { signal, query })
      return { names: new Set(page.items.map((one) => one.name)), isWhole: page.nextCursor === null }
    }
    const [failing, degraded] = await Promise.all([names('failing'), names('degraded')])
    return {
      failing: failing.names,
      degraded: degraded.names,
      cut: failing.isWhole ? (degraded.isWhole ? null : ('degraded' as const)) : ('failing' as const),
    }
  })
  useReloadOn(load.reload, ({ type }) => type === 'function-status')
  return load.value ?? NOBODY
}

const NOBODY: ReturnType<typeof useUnwell> = { failing: new Set(), degraded: new Set(), cut: null }

/** Probes that share a standpoint ask the same path: it is one choice. */
function choicesOf(items: readonly FunctionPath[]): readonly PathChoice[] {
  const choices = items.map((path) => ({ key: `${path.check} ${path.subnet ?? ''}`.trim(), path }))
  return [...new Map(choices.map((choice) => [choice.key, choice])).values()]
}

/** What one looks for first: the path that is not as it is meant to be. */
function worst(choices: readonly PathChoice[]): PathChoice | null {
  const traced = choices.filter(({ path }) => path.trace !== null)
  const rank = ({ path: { trace, expect } }: PathChoice): number =>
    trace?.verdict === 'unknown' ? 1 : trace?.verdict === expect ? 2 : 0
  return [...traced].sort((a, b) => rank(a) - rank(b))[0] ?? null
}

/** Which VPCs are opened: those that the address names, else the one with the most functions and what the path joins to it. */
function openedOf(text: string | null, overview: Overview, choice: PathChoice | null): readonly string[] {
  const known = new Set(overview.vpcs.map(({ id }) => id))
  if (text !== null)
    return text
      .split(' ')
      .filter((id) => known.has(id))
      .slice(0, MOST_OPENED)
  const [most] = overview.vpcs
  const passed = new Set(choice?.path.trace?.hops.map(({ component }) => component) ?? [])
  const joined = overview.links.filter(({ id }) => passed.has(id)).flatMap(({ vpcs }) => vpcs)
  const wanted = new Set([...(most === undefined ? [] : [most.id]), ...joined.filter((id) => known.has(id))])
  return [...wanted].slice(0, MOST_OPENED)
}

function countOf(omitted: Readonly<Record<'subnets' | 'standpoints' | 'things', number>>): number {
  return omitted.subnets + omitted.standpoints + omitted.things
}

/** What is worth a look, the most of it first: the whole path, what is wrong with it, where it begins; else the first VPC. */
function focusOf({ vpcs }: Scene, path: DrawnPath | null): readonly Box[] {
  const points = path?.legs.flatMap((leg) => leg.points) ?? []
  const marks = path?.marks.map(({ at }) => at) ?? []
  const [mark] = marks
  const places = [around([...points, ...marks]), around(mark === undefined ? points.slice(0, 2) : [mark])]
  const open = vpcs.find((one) => one.open) ?? vpcs[0]
  const found = places.filter((box) => box !== null)
  return found.length > 0 || open === undefined ? found : [open.box]
}

function save(drawing: SVGSVGElement, words: MapWords): void {
  const ground = getComputedStyle(document.documentElement).backgroundColor
  download('sonde-map.svg', 'image/svg+xml', standalone(drawing, ground, words.title))
}
