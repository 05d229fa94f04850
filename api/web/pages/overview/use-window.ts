import { useEffect, useState } from 'preact/hooks'

/** Which rows of a long list are near the screen. */
export interface Span {
  readonly start: number
  readonly end: number
}

/** Rows drawn beyond each edge of the screen, so that a fast turn of the wheel shows no gap. */
const OVERSCAN = 12
const STEP = 4

/** Follows the page's own scrolling: rows of one height, from the top of `box` on. */
export function useSpan(
  box: { readonly current: HTMLElement | null },
  count: number,
  rowHeight: number,
): Span {
  const [span, setSpan] = useState<Span>({ start: 0, end: Math.min(count, 40) })
  useEffect(() => {
    let frame = 0
    const measure = (): void => {
      frame = 0
      const element = box.current
      if (element === null) return
      const above = -element.getBoundingClientRect().top
      const first = Math.floor(above / rowHeight)
      const visible = Math.ceil(window.innerHeight / rowHeight)
      const start = Math.max(0, Math.min(inSteps(first - OVERSCAN), count))
      const end = Math.max(0, Math.min(inSteps(first + visible + OVERSCAN), count))
      setSpan((before) => (before.start === start && before.end === end ? before : { start, end }))
    }
    const soon = (): void => {
      frame ||= requestAnimationFrame(measure)
    }
    measure()
    window.addEventListener('scroll', soon, { passive: true })
    window.addEventListener('resize', soon, { passive: true })
    return () => {
      cancelAnimationFrame(frame)
      window.removeEventListener('scroll', soon)
      window.removeEventListener('resize', soon)
    }
  }, [box, count, rowHeight])
  return span
}

/** Drawn some rows at a time, not one by one. */
function inSteps(row: number): number {
  return Math.floor(row / STEP) * STEP
}
