import { useEffect, useRef } from 'preact/hooks'

const IDLE_MS = 60_000
const LOOK_MS = 5000
const SIGNS = ['pointerdown', 'pointermove', 'wheel', 'keydown', 'scroll', 'touchstart'] as const

/**
 * Does `act` when it is `wanted` and nobody has touched the page for a minute while its top is in sight: what is only watched,
 * on a wall or in a tab, puts itself in order, and nothing moves from under a pointer or from what is being read.
 */
export function useIdle(wanted: boolean, act: () => void): void {
  const newest = useRef(act)
  newest.current = act
  const touchedAt = useRef(Number.NEGATIVE_INFINITY)
  useEffect(() => {
    const touched = (): void => {
      touchedAt.current = performance.now()
    }
    touched()
    for (const sign of SIGNS) window.addEventListener(sign, touched, { passive: true })
    return () => {
      for (const sign of SIGNS) window.removeEventListener(sign, touched)
    }
  }, [])
  useEffect(() => {
    if (!wanted) return
    const timer = setInterval(() => {
      if (performance.now() - touchedAt.current >= IDLE_MS && window.scrollY === 0) newest.current()
    }, LOOK_MS)
    return () => clearInterval(timer)
  }, [wanted])
}
