import type { FastifyReply, FastifyRequest } from 'fastify'
import { ApiError } from './errors.js'

/** Bounds how much is in progress at once. What may not wait any more is turned away before any of it is in memory. */
export interface Gate {
  /** Resolves with how to leave once there is room; null at once if too many wait already or the gate is closed. */
  readonly enter: () => Promise<(() => void) | null>
  readonly load: () => { readonly running: number; readonly waiting: number }
  /** Milliseconds without a byte of its body after which a request that was let in loses its place. */
  readonly stallMs: number
}

const DEFAULT_STALL_MS = 10_000

export function createGate(maxRunning: number, maxWaiting: number, stallMs = DEFAULT_STALL_MS): Gate {
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
    stallMs,
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

/**
 * A route's `onRequest` hook that lets a request in through the gate, before any of its body is read: what has to wait holds a
 * socket and no memory. It leaves when its answer is done or its client is gone; a client that stops sending in the middle is
 * sent away, or a few of them would keep everyone out.
 */
export function admit(
  gate: Gate,
  what = 'requests with reports',
): (request: FastifyRequest, reply: FastifyReply) => Promise<void> {
  return async (request, reply) => {
    const leave = await gate.enter()
    if (!leave) {
      throw new ApiError('overloaded', `too many ${what} are in progress`, { retryAfter: 1 })
    }
    if (reply.raw.closed) {
      leave()
      return
    }
    const unwatch = watchForStall(request, gate.stallMs)
    reply.raw.once('close', () => {
      unwatch()
      leave()
    })
  }
}

/** Cuts the connection of a request whose body has not all come when no byte came for a while. */
function watchForStall(request: FastifyRequest, stallMs: number): () => void {
  const { raw, socket, log } = request
  let before = -1
  const timer = setInterval(() => {
    // A request that was not read from a socket has no such flag, and nothing to wait for.
    if (raw.complete !== false) {
      clearInterval(timer)
    } else if (socket.bytesRead === before) {
      log.warn({ id: request.id, stallMs }, 'the client stopped sending in the middle of a body')
      raw.destroy()
    } else before = socket.bytesRead
  }, stallMs / 2).unref()
  return () => clearInterval(timer)
}
