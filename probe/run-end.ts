/**
 * One listener on a run's signal, in place of one for each socket of all its checks: to take a listener away, an AbortSignal
 * walks through all that it has.
 */
export function runEnd(signal: AbortSignal): (listener: () => void) => () => void {
  const listeners = new Set<() => void>()
  const end = (): void => {
    for (const listener of listeners) listener()
    listeners.clear()
  }
  signal.addEventListener('abort', end, { once: true })
  return (listener) => {
    listeners.add(listener)
    return () => listeners.delete(listener)
  }
}
