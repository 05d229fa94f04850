/** Long enough for a list to come over a slow line; a page that isn't tall enough by then is another one. */
const PATIENCE_MS = 5000
const SETTLE_MS = 100
const HANDS = ['wheel', 'pointerdown', 'keydown', 'touchstart'] as const

/**
 * Who goes back finds a page where it was left. The browser's own way of it gives up before the page's lists have been read:
 * each entry of the history keeps its place, which is gone to once the page is tall enough, unless the viewer moves first.
 */
export function keepScroll(view: Window): void {
  let saving: ReturnType<typeof setTimeout> | undefined
  let endReturn: (() => void) | null = null

  const save = (): void => {
    clearTimeout(saving)
    saving = undefined
    if (endReturn !== null || heightOf(view.history.state) === view.scrollY) return
    view.history.replaceState({ scrollY: view.scrollY }, '')
  }
  const returnTo = (to: number): void => {
    clearTimeout(saving)
    saving = undefined
    endReturn?.()
    const watch = new ResizeObserver(() => attempt())
    const timer = setTimeout(() => end(), PATIENCE_MS)
    const end = (): void => {
      endReturn = null
      watch.disconnect()
      clearTimeout(timer)
      for (const hand of HANDS) view.removeEventListener(hand, end)
    }
    const attempt = (): void => {
      view.scrollTo(0, to)
      if (Math.abs(view.scrollY - to) < 1) end()
    }
    endReturn = end
    for (const hand of HANDS) view.addEventListener(hand, end, { passive: true })
    // Tells of the page's height at once, after the page of the new address has been drawn.
    watch.observe(view.document.documentElement)
  }

  view.history.scrollRestoration = 'manual'
  view.addEventListener('scroll', () => {
    saving ??= setTimeout(save, SETTLE_MS)
  })
  // Before whatever the click leads to.
  view.document.addEventListener('click', save, true)
  view.addEventListener('popstate', (event) => {
    // A fragment is the browser's to show.
    if (view.location.hash === '') returnTo(heightOf(event.state))
  })
  const left = heightOf(view.history.state)
  if (left > 0) returnTo(left)
}

function heightOf(state: unknown): number {
  const height = typeof state === 'object' && state !== null && 'scrollY' in state ? state.scrollY : 0
  return typeof height === 'number' ? height : 0
}
