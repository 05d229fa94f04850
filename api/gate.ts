import type { FastifyReply, FastifyRequest } from 'fastify'
import { ApiError } from './errors.js'

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

/**
 * A route's `onRequest` hook that lets a request in through the gate, before any of its body is read: what has to wait holds a
 * socket and no memory. It leaves when its answer is done or its client is gone.
 */
export function admit(gate: Gate): (request: FastifyRequest, reply: FastifyReply) => Promise<void> {
  return async (_request, reply) => {
    const leave = await gate.enter()
    if (!leave) {
      throw new ApiError('overloaded', 'too many requests with reports are in progress', { retryAfter: 1 })
    }
    if (reply.raw.closed) leave()
    else reply.raw.once('close', leave)
  }
}
