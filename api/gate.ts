/** Bounds how much is in progress at once. What may not wait any more is turned away before any of it is in memory. */
export interface Gate {
  /** Resolves with how to leave once there is room; null at once if too many wait already or the gate is closed. */
  readonly enter: () => Promise<(() => void) | null>
  readonly load: () => { readonly running: number; readonly waiting: number }
}

export function createGate(maxRunning: number, maxWaiting: number): Gate {
  let running = 0
  const queue: (() => void)[] = []
  const leave = (): void => {
    const next = queue.shift()
    if (next) next()
    else running--
  }
  const once = (): (() => void) => {
    let left = false
    return () => {
      if (left) return
      left = true
      leave()
    }
  }
  return {
    load: () => ({ running, waiting: queue.length }),
    enter: async () => {
      if (running < maxRunning) {
        running++
        return once()
      }
      if (queue.length >= maxWaiting) return null
      await new Promise<void>((resolve) => queue.push(resolve))
      return once()
    },
  }
}
