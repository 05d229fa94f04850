import { setMaxListeners } from 'node:events'
import type { CheckIo, Destination } from '../../probe/checks/check.js'

/** A check's surroundings on this machine: real clock, no allow-list, assets from a table. */
export function testIo(
  options: {
    timeoutMs?: number
    signal?: AbortSignal
    assets?: Record<string, string>
    resolve?: CheckIo['resolve']
  } = {},
): CheckIo {
  const signal = options.signal ?? new AbortController().signal
  // As a run does: each of its checks listens on the one signal.
  setMaxListeners(0, signal)
  return {
    timeoutMs: options.timeoutMs ?? 5000,
    signal,
    onEnd: (listener) => {
      signal.addEventListener('abort', listener, { once: true })
      return () => signal.removeEventListener('abort', listener)
    },
    now: () => performance.now(),
    env: {},
    readAsset: async (name) => {
      const text = options.assets?.[name]
      if (text === undefined) throw new Error(`${name} is not beside the probe`)
      return text
    },
    resolve: options.resolve ?? (async () => []),
  }
}

/** Where a test's server listens, under the name by which the plan would know it. */
export function destinationOf(server: { host: string; port: number }, host = server.host): Destination {
  return { host, port: server.port, address: server.host, family: server.host.includes(':') ? 6 : 4 }
}
