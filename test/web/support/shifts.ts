import type { Page } from 'playwright-core'

/** What moved on a page without its viewer having done anything, as the browser itself tells it (the Layout Instability API). */
export interface Shift {
  /** As in Cumulative Layout Shift: the share of the viewport that moved, times how far. */
  readonly score: number
  /** What moved, and from where to where. */
  readonly moved: readonly string[]
}

declare global {
  interface Window {
    shiftsSeen?: Shift[]
  }
}

/** Watches from the page's first moment on; called before it is opened. A line of news may change in itself. */
export async function watchShifts(page: Page): Promise<void> {
  await page.addInitScript(() => {
    interface LayoutShift extends PerformanceEntry {
      readonly value: number
      readonly hadRecentInput: boolean
      readonly sources: readonly {
        readonly node: Node | null
        readonly previousRect: DOMRectReadOnly
        readonly currentRect: DOMRectReadOnly
      }[]
    }
    const isShift = (entry: PerformanceEntry): entry is LayoutShift => entry.entryType === 'layout-shift'
    const seen: Shift[] = []
    window.shiftsSeen = seen
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) {
        if (!isShift(entry) || entry.hadRecentInput) continue
        const outside = entry.sources.filter(({ node }) => {
          const element = node instanceof Element ? node : node?.parentElement
          return element?.closest('.moved') === null
        })
        if (outside.length === 0) continue
        seen.push({
          score: entry.value,
          moved: outside.map(({ node, previousRect: was, currentRect: is }) => {
            const name =
              node instanceof Element ? `${node.tagName}.${node.getAttribute('class')}` : node?.textContent
            return `${name}: ${was.x},${was.y} ${was.width}x${was.height} to ${is.x},${is.y} ${is.width}x${is.height}`
          }),
        })
      }
    }).observe({ type: 'layout-shift' })
  })
}

/** What has moved since this was asked last, once the page has been drawn. */
export async function takeShifts(page: Page): Promise<readonly Shift[]> {
  return page.evaluate(async () => {
    // The observer is told after the frame in which something moved.
    for (let frame = 0; frame < 3; frame += 1)
      await new Promise((done) => requestAnimationFrame(() => setTimeout(done)))
    return window.shiftsSeen?.splice(0) ?? []
  })
}
