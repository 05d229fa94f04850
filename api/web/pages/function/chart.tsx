import { useEffect, useRef, useState } from 'preact/hooks'
import uPlot from 'uplot'
import { useShell } from '../../context.js'
import type { Language } from '../../i18n/language.js'
import { msText } from './ms.js'

export interface Line {
  readonly name: string
  /** Its colour and its dashes: 0 to 3. */
  readonly index: number
  /** Milliseconds; null where there is no value. */
  readonly values: readonly (number | null)[]
}

interface ChartProps {
  readonly title: string
  /** Epoch seconds, ascending. */
  readonly times: readonly number[]
  readonly lines: readonly Line[]
  /** What the legend calls the time under the cursor. */
  readonly timeName: string
  /** Epoch milliseconds that are shown until somebody zooms. */
  readonly span: readonly [number, number]
  /** Epoch milliseconds that somebody has zoomed to. */
  readonly zoom: readonly [number, number] | null
  readonly onZoom: (span: readonly [number, number] | null) => void
}

const HEIGHT = 180
/** All charts of a page share their cursor. */
const SYNC = 'history'
const AXIS_PX = 56
/** So that lines are told without colour too. */
const DASHES: readonly number[][] = [[], [6, 4], [2, 3], [10, 3, 2, 3]]
const GAP_BUCKETS = 3

/** Latency over time. Drag zooms, a double click resets; the legend tells the values under the cursor. */
export function Chart({ title, timeName, times, lines, span, zoom, onZoom }: ChartProps) {
  const box = useRef<HTMLDivElement>(null)
  const plot = useRef<uPlot | null>(null)
  const { language } = useShell()
  const dark = useDark()
  const names = lines.map(({ name }) => name).join(' ')
  const zoomed = useRef(zoom)
  zoomed.current = zoom
  const told = useRef(onZoom)
  told.current = onZoom

  const data: uPlot.AlignedData = [[...times], ...lines.map(({ values }) => [...values])]
  const newest = useRef(data)
  newest.current = data
  const whole = useRef({ min: 0, max: 0 })
  whole.current = { min: span[0] / 1000, max: span[1] / 1000 }

  // Another language, theme or set of lines is another chart; new values are not.
  useEffect(() => {
    const element = box.current
    if (element === null) return
    const shown =
      zoomed.current === null
        ? whole.current
        : { min: zoomed.current[0] / 1000, max: zoomed.current[1] / 1000 }
    const chart = new uPlot(
      {
        ...options(element, { lines, timeName }, language, shown),
        hooks: {
          setScale: [
            (u, key) => {
              const { min, max } = u.scales['x'] ?? {}
              if (key !== 'x' || min === undefined || max === undefined) return
              if (min === whole.current.min && max === whole.current.max) return
              zoomed.current = [min * 1000, max * 1000]
              told.current(zoomed.current)
            },
          ],
        },
      },
      newest.current,
      element,
    )
    plot.current = chart
    const reset = (event: Event): void => {
      event.stopPropagation()
      zoomed.current = null
      chart.setScale('x', whole.current)
      told.current(null)
    }
    chart.over.addEventListener('dblclick', reset, { capture: true })
    const observer = new ResizeObserver(() => chart.setSize({ width: element.clientWidth, height: HEIGHT }))
    observer.observe(element)
    return () => {
      observer.disconnect()
      chart.destroy()
      plot.current = null
    }
  }, [language, dark, names])

  useEffect(() => {
    const chart = plot.current
    if (chart === null || chart.data === newest.current) return
    chart.setData(newest.current, false)
    // Time goes on, unless somebody looks at a part of it.
    if (zoomed.current !== null) chart.redraw()
    else chart.setScale('x', whole.current)
  }, [times, lines])

  return (
    <div class="graph">
      <h3>{title}</h3>
      <div ref={box} class="graph-box" role="img" aria-label={`${title}: ${names}`} />
    </div>
  )
}

function options(
  box: HTMLElement,
  { lines, timeName }: Pick<ChartProps, 'lines' | 'timeName'>,
  language: Language,
  { min, max }: { readonly min: number; readonly max: number },
): uPlot.Options {
  const ink = colourOf(box, '--ink-3')
  const grid = { stroke: colourOf(box, '--line'), width: 1 }
  const font = `11px ${getComputedStyle(box).fontFamily}`
  const axis = { stroke: ink, grid, ticks: { ...grid, size: 4 }, font }
  return {
    width: box.clientWidth,
    height: HEIGHT,
    padding: [8, 8, 0, 0],
    cursor: { sync: { key: SYNC }, drag: { x: true, y: false }, points: { size: 6 }, y: false },
    legend: { live: true, markers: { width: 2 } },
    scales: {
      x: { time: true, auto: false, min, max },
      y: { range: (_u, _low, high) => [0, Math.max(1, high * 1.1)] },
    },
    axes: [
      { ...axis, space: 80, values: (_u, splits, _axis, _space, step) => timeLabels(splits, step, language) },
      { ...axis, size: AXIS_PX, values: (_u, splits) => splits.map((value) => `${value} ms`) },
    ],
    series: [
      { label: timeName, value: (_u, at) => (at === null ? '–' : timeLabels([at], 60, language).join('')) },
      ...lines.map(({ name, index }): uPlot.Series => {
        const stroke = colourOf(box, `--series-${index + 1}`)
        return {
          label: name,
          stroke,
          width: 1.5,
          dash: DASHES[index] ?? [],
          points: { show: false },
          spanGaps: false,
          value: (_u, value) => (value === null ? '–' : `${msText(value)} ms`),
          gaps: (u, _series, first, last, gaps) => ownGaps(u, first, last, gaps),
        }
      }),
    ],
  }
}

/** A hole only where buckets are missing in a row: one that is late is no hole. */
function ownGaps(u: uPlot, first: number, last: number, gaps: uPlot.Series.Gaps): uPlot.Series.Gaps {
  const times = Array.from(u.data[0])
  const usual = median(times.slice(1).map((at, index) => at - (times[index] ?? at)))
  for (let index = first + 1; index <= last; index += 1) {
    const [before, at] = [times[index - 1] ?? 0, times[index] ?? 0]
    if (at - before > GAP_BUCKETS * usual) {
      uPlot.addGap(gaps, Math.round(u.valToPos(before, 'x', true)), Math.round(u.valToPos(at, 'x', true)))
    }
  }
  return gaps
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? 60
}

const DAY_S = 86_400

function timeLabels(at: readonly number[], step: number, language: Language): string[] {
  const format = new Intl.DateTimeFormat(
    language,
    step >= DAY_S
      ? { month: 'short', day: 'numeric' }
      : { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' },
  )
  return at.map((one) => format.format(one * 1000))
}

/** A token's colour as the canvas needs it: resolved for the present theme. */
function colourOf(box: HTMLElement, token: string): string {
  const probe = document.createElement('span')
  probe.style.color = `var(${token})`
  box.append(probe)
  const { color } = getComputedStyle(probe)
  probe.remove()
  return color
}

function useDark(): boolean {
  const { theme } = useShell()
  const [system, setSystem] = useState(() => matchMedia('(prefers-color-scheme: dark)').matches)
  useEffect(() => {
    const query = matchMedia('(prefers-color-scheme: dark)')
    const changed = (): void => setSystem(query.matches)
    query.addEventListener('change', changed)
    return () => query.removeEventListener('change', changed)
  }, [])
  return theme === 'system' ? system : theme === 'dark'
}
