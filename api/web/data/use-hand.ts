import { useEffect, useRef } from 'preact/hooks'

const HANDS = ['pointerdown', 'keydown'] as const

/** Calls back when the viewer does something on the page itself: from then on it is theirs, and must not change from under them. */
export function useHand(act: () => void): void {
  const newest = useRef(act)
  newest.current = act
  useEffect(() => {
    const done = ({ target }: Event): void => {
      if (target instanceof Element && target.closest('main') !== null) newest.current()
    }
    for (const hand of HANDS) window.addEventListener(hand, done, { passive: true })
    return () => {
      for (const hand of HANDS) window.removeEventListener(hand, done)
    }
  }, [])
}
