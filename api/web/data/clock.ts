/** One timer for everything on the page that tells how long ago something was. */
export interface Clock {
  readonly now: () => number
  /** Calls back each second; returns how to stop. */
  readonly onTick: (listener: () => void) => () => void
}

export function createClock(): Clock {
  const listeners = new Set<() => void>()
  let timer: ReturnType<typeof setInterval> | undefined
  return {
    now: () => Date.now(),
    onTick: (listener) => {
      listeners.add(listener)
      timer ??= setInterval(() => {
        for (const each of listeners) each()
      }, 1000)
      return () => {
        listeners.delete(listener)
        if (listeners.size > 0) return
        clearInterval(timer)
        timer = undefined
      }
    },
  }
}
