import type { ComponentChildren } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import type { Hop, SubnetTrace, Text } from '../../../network/path.js'
import { useSay, useShared, useShell, useWords } from '../../context.js'
import { StatusShape, shapeOf } from '../status.js'
import { alignWays, hasChanged, type Station, shortId, telling, type Way } from './align.js'
import { en, type PathWords } from './en.js'
import { HopIcon } from './hop-icon.js'
import { Inspector } from './inspector.js'
import { ko } from './ko.js'

export interface PathProps {
  /** What stands beside the hop that is told of: the fix. */
  readonly children?: ComponentChildren
  readonly trace: SubnetTrace
  /** What stands at its ends, as people call it. */
  readonly from: string
  readonly to: string
  /** The path that this one is compared with: hops that are new or decide otherwise are marked. */
  readonly before?: SubnetTrace | undefined
  /** What is said above it already. */
  readonly told?: Text
}

interface Chosen {
  readonly index: number
  readonly way: Way
}

/**
 * A path as a picture: the way out above, the way back beneath it, each component once in a column of its own. Where there
 * is no room it turns into a list from top to bottom. Choosing a hop tells its id, its deciding rule and the packet.
 */
export function PathPicture({ trace, from, to, before, told, children }: PathProps) {
  const words = useWords({ en, ko })
  const stations = alignWays(trace)
  const first = telling(stations)
  const [chosen, setChosen] = useState<Chosen | null>(null)
  const key = `${trace.subnet} ${trace.verdict} ${stations.length}`
  // Another path forgets what was chosen in the last.
  useEffect(() => setChosen(null), [key])
  const at = chosen ?? first
  const station = at === null ? undefined : stations[at.index]
  const hop = at === null || station === undefined ? null : station[at.way]
  const brokenOut = stations.findIndex(({ out }) => out?.verdict === 'block')
  const beyond = brokenOut >= 0 && stations.findLastIndex(({ out }) => out !== null) > brokenOut
  const ghost = brokenOut >= 0 && !beyond
  const lane = { words, stations, at, choose: setChosen, before }
  return (
    <div class="path">
      <div class="path-scroll">
        <div class="path-picture" style={{ '--stations': stations.length + (ghost ? 1 : 0) }}>
          <Lane
            {...lane}
            way="out"
            name={words.label(from, to)}
            unreached={ghost ? to : null}
            quiet={false}
          />
          {trace.returnHops.length === 0 ? null : (
            <Lane {...lane} way="back" name={words.label(to, from)} unreached={null} quiet={brokenOut >= 0} />
          )}
        </div>
      </div>
      <div class={`path-below ${children === undefined || children === null ? '' : 'path-two'}`}>
        {hop === null ? null : <Inspector hop={hop} told={told} words={words} />}
        {children}
      </div>
    </div>
  )
}

function Lane({
  words,
  stations,
  at,
  choose,
  before,
  way,
  name,
  unreached,
  quiet,
}: {
  readonly words: PathWords
  readonly stations: readonly Station[]
  readonly at: Chosen | null
  readonly choose: (chosen: Chosen) => void
  readonly before: SubnetTrace | undefined
  readonly way: Way
  readonly name: string
  /** Where the packet should have come, if it did not. */
  readonly unreached: string | null
  /** No packet comes this far: what is shown is what would be. */
  readonly quiet: boolean
}) {
  const earlier = before === undefined ? null : way === 'out' ? before.hops : before.returnHops
  const segments = segmentsOf(stations, way, unreached !== null, quiet)
  return (
    <div class={`lane lane-${way}`}>
      <p class="lane-name">{way === 'out' ? words.out : words.back}</p>
      <ol aria-label={name}>
        {stations.map((station, index) => {
          const hop = station[way]
          return hop === null ? (
            <li key={index} class={`hop hop-through ${segments[index]}`} aria-hidden="true" />
          ) : (
            <HopItem
              key={index}
              hop={hop}
              words={words}
              segments={segments[index] ?? ''}
              way={way}
              chosen={at?.index === index && at.way === way}
              changed={earlier !== null && hasChanged(hop, earlier)}
              onChoose={() => choose({ index, way })}
            />
          )
        })}
        {unreached === null ? null : (
          <li class="hop hop-unreached left-after right-none">
            <span class="hop-body">
              <span class="hop-mark">
                <HopIcon kind={/internet|^https?:/.test(unreached) ? 'internet' : 'target'} />
              </span>
              <span class="hop-text">
                <span class="hop-kind">{words.notReached}</span>
                <span class="hop-id truncate" title={unreached}>
                  {unreached}
                </span>
              </span>
            </span>
          </li>
        )}
      </ol>
    </div>
  )
}

type Segment = 'pass' | 'block' | 'unknown' | 'after' | 'none'

/** Classes that say how the line looks to the left and to the right of each station; behind a block no packet goes on. */
function segmentsOf(
  stations: readonly Station[],
  way: Way,
  goesOn: boolean,
  quiet: boolean,
): readonly string[] {
  const along = way === 'out' ? stations : stations.toReversed()
  const end = goesOn ? along.length : along.findLastIndex((station) => station[way] !== null)
  let line: Segment = 'none'
  const classes = along.map((station, index) => {
    const before = line
    const verdict = station[way]?.verdict
    if (line === 'block') line = 'after'
    if (verdict === 'block') line = 'block'
    else if (verdict === 'unknown' && line !== 'after') line = 'unknown'
    else if (line === 'none' && verdict !== undefined) line = quiet ? 'after' : 'pass'
    if (index >= end) line = 'none'
    return way === 'out' ? `left-${before} right-${line}` : `left-${line} right-${before}`
  })
  return way === 'out' ? classes : classes.reverse()
}

/** A hop that lets packets through, and to which none comes. */
function isBeyond({ verdict }: Hop, segments: string, way: Way): boolean {
  const arriving = way === 'out' ? /left-(block|after)/ : /(right|left)-(block|after)/
  return verdict === 'pass' && arriving.test(segments)
}

function HopItem({
  hop,
  words,
  segments,
  way,
  chosen,
  changed,
  onChoose,
}: {
  readonly hop: Hop
  readonly words: PathWords
  readonly segments: string
  readonly way: Way
  readonly chosen: boolean
  readonly changed: boolean
  readonly onChoose: () => void
}) {
  const shared = useShared()
  const say = useSay()
  const { names } = useShell()
  const kind = words.kinds[hop.kind]
  const name = names.of(hop.component)
  return (
    <li class={`hop ${segments} hop-is-${isBeyond(hop, segments, way) ? 'beyond' : hop.verdict}`}>
      <button type="button" class="hop-body" aria-pressed={chosen} onClick={onChoose}>
        <span class="hop-mark">
          <HopIcon kind={hop.kind} />
          <StatusShape shape={shapeOf(hop.verdict)} />
        </span>
        <span class="hop-text">
          <span class="hop-kind">{kind}</span>
          <span class="visually-hidden">
            {name} {hop.component} {shared.status[hop.verdict]}
          </span>
          {name === null ? null : (
            <span class="hop-name truncate" aria-hidden="true">
              {name}
            </span>
          )}
          <span class="hop-id truncate" title={hop.component} aria-hidden="true">
            {shortId(hop.component)}
          </span>
          {hop.rule === null ? null : <span class="hop-rule">{say(hop.rule.text)}</span>}
          {hop.verdict === 'block' ? <span class="hop-flag flag-bad">{words.broken}</span> : null}
          {changed ? <span class="hop-flag flag-good">{words.changed}</span> : null}
        </span>
      </button>
    </li>
  )
}
