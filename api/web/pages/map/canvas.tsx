import type { ComponentChildren, RefObject, TargetedKeyboardEvent } from 'preact'
import { useCallback, useEffect, useLayoutEffect, useRef } from 'preact/hooks'
import type { Box, Point } from './geometry.js'

interface View extends Point {
  readonly scale: number
}

/** What buttons beside the canvas may ask of it. */
export interface CanvasControls {
  readonly zoom: (factor: number) => void
  readonly fitAll: () => void
  readonly show: (box: Box) => void
}

const LEAST = 0.08
const MOST = 3
const STEP = 60
const ZOOM_STEP = 1.25
const FIT_MARGIN = 16
/** Fitting a small map must not blow it up. */
const FIT_MOST = 1

/**
 * A drawing that is moved by mouse, touch and keyboard. While it moves nothing is drawn anew: the browser shifts what it has.
 * Arrows move it, + and − zoom, 0 fits all; from Enter on, arrows go from node to node, and Escape comes back.
 */
export function Canvas({
  w,
  h,
  label,
  hint,
  focus,
  about,
  controls,
  svg,
  children,
}: {
  readonly w: number
  readonly h: number
  readonly label: string
  readonly hint: string
  /** What to look at where not all can be read: the first that fits, else the last; none shows all. */
  readonly focus: readonly Box[]
  /** What the viewer has asked to see. Until that is another, a view that they have moved stays as it is. */
  readonly about: string
  readonly controls: { current: CanvasControls | null }
  readonly svg: RefObject<SVGSVGElement | null>
  readonly children: ComponentChildren
}) {
  const frame = useRef<HTMLElement>(null)
  const view = useRef<View>({ x: 0, y: 0, scale: 1 })
  const pointers = useRef(new Map<number, Point>())
  /** What was asked for when the viewer moved the view. */
  const movedAt = useRef<string | null>(null)
  const moving = (): void => {
    movedAt.current = about
  }

  const apply = useCallback(
    (next: View): void => {
      const drawing = svg.current
      const bounds = frame.current
      if (drawing === null || bounds === null) return
      const scale = Math.min(MOST, Math.max(LEAST, next.scale))
      // Some of the map stays in sight, however far it is thrown.
      const keep = 80
      const x = Math.min(bounds.clientWidth - keep, Math.max(keep - w * scale, next.x))
      const y = Math.min(bounds.clientHeight - keep, Math.max(keep - h * scale, next.y))
      view.current = { x, y, scale }
      drawing.style.transform = `translate(${x}px, ${y}px) scale(${scale})`
    },
    [svg, w, h],
  )

  const zoomAt = useCallback(
    (factor: number, at: Point): void => {
      const { x, y, scale } = view.current
      const next = Math.min(MOST, Math.max(LEAST, scale * factor))
      const ratio = next / scale
      apply({ x: at.x - (at.x - x) * ratio, y: at.y - (at.y - y) * ratio, scale: next })
    },
    [apply],
  )

  const fitScale = useCallback((): number => {
    const { clientWidth = 0, clientHeight = 0 } = frame.current ?? {}
    return Math.min(FIT_MOST, (clientWidth - 2 * FIT_MARGIN) / w, (clientHeight - 2 * FIT_MARGIN) / h)
  }, [w, h])

  const fitAll = useCallback((): void => {
    const bounds = frame.current
    if (bounds === null) return
    const scale = fitScale()
    apply({
      x: (bounds.clientWidth - w * scale) / 2,
      y: Math.max(FIT_MARGIN, (bounds.clientHeight - h * scale) / 2),
      scale,
    })
  }, [apply, fitScale, w, h])

  const show = useCallback(
    (box: Box): void => {
      const bounds = frame.current
      if (bounds === null) return
      const { x, y, scale } = view.current
      const left = box.x * scale + x
      const top = box.y * scale + y
      const isSeen =
        left >= 0 &&
        top >= 0 &&
        left + box.w * scale <= bounds.clientWidth &&
        top + box.h * scale <= bounds.clientHeight
      if (isSeen) return
      apply({
        x: bounds.clientWidth / 2 - (box.x + box.w / 2) * scale,
        y: bounds.clientHeight / 2 - (box.y + box.h / 2) * scale,
        scale,
      })
    },
    [apply],
  )

  useLayoutEffect(() => {
    const middle = (): Point => ({
      x: (frame.current?.clientWidth ?? 0) / 2,
      y: (frame.current?.clientHeight ?? 0) / 2,
    })
    controls.current = {
      zoom: (factor) => {
        moving()
        zoomAt(factor, middle())
      },
      fitAll: () => {
        moving()
        fitAll()
      },
      show,
    }
    return () => {
      controls.current = null
    }
  }, [controls, zoomAt, fitAll, show, about])

  // A map too large to read as a whole opens at what matters in it. News of it do not move it from under the viewer.
  const places = focus.map(({ x, y, w, h }) => `${x} ${y} ${w} ${h}`).join()
  useLayoutEffect(() => {
    const bounds = frame.current
    if (bounds === null) return
    if (movedAt.current === about) {
      apply(view.current)
      return
    }
    const { clientWidth, clientHeight } = bounds
    const room = {
      w: (clientWidth - 2 * FIT_MARGIN) / READABLE,
      h: (clientHeight - 2 * FIT_MARGIN) / READABLE,
    }
    const place = focus.find((box) => box.w <= room.w && box.h <= room.h) ?? focus.at(-1)
    if (place === undefined || fitScale() >= READABLE) fitAll()
    else {
      apply({
        x: inMiddle(place.x + place.w / 2, w, clientWidth),
        y: inMiddle(place.y + place.h / 2, h, clientHeight),
        scale: READABLE,
      })
    }
  }, [places, about, fitScale, fitAll, apply, w, h])

  useEffect(() => {
    const bounds = frame.current
    if (bounds === null) return
    const onWheel = (event: WheelEvent): void => {
      event.preventDefault()
      moving()
      const box = bounds.getBoundingClientRect()
      const lines = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 16 : 1
      zoomAt(Math.exp(-event.deltaY * lines * 0.0016), {
        x: event.clientX - box.left,
        y: event.clientY - box.top,
      })
    }
    const resized = new ResizeObserver(() => apply(view.current))
    resized.observe(bounds)
    // Preact's own listeners are passive here, and the page would scroll along.
    bounds.addEventListener('wheel', onWheel, { passive: false })
    return () => {
      resized.disconnect()
      bounds.removeEventListener('wheel', onWheel)
    }
  }, [zoomAt, apply, about])

  const onMove = (event: PointerEvent): void => {
    const before = pointers.current.get(event.pointerId)
    const bounds = frame.current
    if (before === undefined || bounds === null) return
    const now = { x: event.clientX, y: event.clientY }
    moving()
    pointers.current.set(event.pointerId, now)
    const { x, y, scale } = view.current
    const other = [...pointers.current].find(([id]) => id !== event.pointerId)?.[1]
    if (other === undefined) {
      apply({ x: x + now.x - before.x, y: y + now.y - before.y, scale })
      return
    }
    const box = bounds.getBoundingClientRect()
    const apart = (a: Point, b: Point): number => Math.max(1, Math.hypot(a.x - b.x, a.y - b.y))
    const at = { x: (now.x + other.x) / 2 - box.left, y: (now.y + other.y) / 2 - box.top }
    apply({ x: x + (now.x - before.x) / 2, y: y + (now.y - before.y) / 2, scale })
    zoomAt(apart(now, other) / apart(before, other), at)
  }
  const onUp = (event: PointerEvent): void => {
    pointers.current.delete(event.pointerId)
    if (pointers.current.size === 0) frame.current?.classList.remove('moving')
  }

  const onKey = (event: TargetedKeyboardEvent<HTMLElement>): void => {
    const node = event.target instanceof Element ? event.target.closest<SVGGElement>('[data-node]') : null
    const { x, y, scale } = view.current
    const handled = (): boolean => {
      if (event.ctrlKey || event.metaKey || event.altKey) return false
      const way = WAYS[event.key]
      if (way !== undefined) {
        moving()
        if (node === null) apply({ x: x - way.x * STEP, y: y - way.y * STEP, scale })
        else focusNode(svg.current, node, way, show)
        return true
      }
      if (event.key === '+' || event.key === '=') controls.current?.zoom(ZOOM_STEP)
      else if (event.key === '-') controls.current?.zoom(1 / ZOOM_STEP)
      else if (event.key === '0') controls.current?.fitAll()
      else if (event.key === 'Escape' && node !== null) frame.current?.focus()
      else if (event.key === 'Enter' && node === null)
        svg.current?.querySelector<SVGGElement>('[data-node]')?.focus({ preventScroll: true })
      else return false
      return true
    }
    if (handled()) event.preventDefault()
  }

  return (
    <section
      class="map-canvas"
      ref={frame}
      aria-label={label}
      aria-describedby="map-hint"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: it is moved by keys
      tabIndex={0}
      onKeyDown={onKey}
      onPointerDown={(event) => {
        if (event.button !== 0) return
        pointers.current.set(event.pointerId, { x: event.clientX, y: event.clientY })
      }}
      onPointerMove={(event) => {
        const start = pointers.current.get(event.pointerId)
        if (start === undefined) return
        // A click on a node stays a click until it has moved.
        const isMoving = frame.current?.classList.contains('moving') === true
        if (!isMoving && Math.hypot(event.clientX - start.x, event.clientY - start.y) < 4) return
        if (!isMoving) {
          frame.current?.classList.add('moving')
          frame.current?.setPointerCapture(event.pointerId)
        }
        onMove(event)
      }}
      onPointerUp={onUp}
      onPointerCancel={onUp}
    >
      <p class="visually-hidden" id="map-hint">
        {hint}
      </p>
      {/* biome-ignore lint/a11y/noSvgWithoutTitle: the frame has its name, and a title would be a tooltip all over it */}
      <svg ref={svg} class="map" width={w} height={h} viewBox={`0 0 ${w} ${h}`}>
        {children}
      </svg>
    </section>
  )
}

const READABLE = 0.7

/** Where the drawing begins for a point of it to stand in the middle, as far as no room is left empty at its edges. */
function inMiddle(point: number, size: number, room: number): number {
  const drawn = size * READABLE
  if (drawn + 2 * FIT_MARGIN <= room) return (room - drawn) / 2
  return Math.min(FIT_MARGIN, Math.max(room - drawn - FIT_MARGIN, room / 2 - point * READABLE))
}

const WAYS: Readonly<Record<string, Point>> = {
  ArrowLeft: { x: -1, y: 0 },
  ArrowRight: { x: 1, y: 0 },
  ArrowUp: { x: 0, y: -1 },
  ArrowDown: { x: 0, y: 1 },
}

/** Goes to the nearest node in a direction; what lies aside counts as further away. */
function focusNode(
  drawing: SVGSVGElement | null,
  from: SVGGElement,
  way: Point,
  show: (box: Box) => void,
): void {
  if (drawing === null) return
  const here = boxOf(from)
  let best: { readonly node: SVGGElement; readonly box: Box; readonly distance: number } | null = null
  for (const node of drawing.querySelectorAll<SVGGElement>('[data-node]')) {
    const box = boxOf(node)
    const dx = box.x + box.w / 2 - (here.x + here.w / 2)
    const dy = box.y + box.h / 2 - (here.y + here.h / 2)
    const along = dx * way.x + dy * way.y
    if (node === from || along <= 1) continue
    const distance = along + 2.5 * Math.abs(dx * way.y + dy * way.x)
    if (best === null || distance < best.distance) best = { node, box, distance }
  }
  if (best === null) return
  best.node.focus({ preventScroll: true })
  show(best.box)
}

/** Where a node was drawn: it says so itself, which is cheaper than asking the browser to measure. */
function boxOf(node: SVGGElement): Box {
  const [x = 0, y = 0, w = 0, h = 0] = (node.dataset['node'] ?? '').split(' ').map(Number)
  return { x, y, w, h }
}
