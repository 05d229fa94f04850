/** Parts of the page that still show what they read last, because reading it again has failed. */
export interface Troubles {
  readonly count: () => number
  /** One more; returns how to end it. */
  readonly begin: () => () => void
  /** Calls back after every change; returns how to stop. */
  readonly onChange: (listener: () => void) => () => void
}

export function createTroubles(): Troubles {
  const listeners = new Set<() => void>()
  let count = 0
  const change = (by: number): void => {
    count += by
    for (const listener of listeners) listener()
  }
  return {
    count: () => count,
    begin: () => {
      change(1)
      return () => change(-1)
    },
    onChange: (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}
