import type { Socket } from 'node:net'
import type { CheckIo } from './checks/check.js'

/** How long a clean close may take before the socket is destroyed, in milliseconds. */
const GRACE_MS = 250
/** How much of what a flooding peer sends is thrown away meanwhile, in bytes. */
const MAX_DRAINED = 256 * 1024

/**
 * FIN, then a short wait for the peer's: a socket closed with bytes unread (a greeting, a session ticket) would send a reset
 * instead, which servers log and some count against the caller.
 */
export function closeCleanly(socket: Socket, onEnd: CheckIo['onEnd']): Promise<void> {
  return new Promise((resolve) => {
    if (socket.destroyed) {
      resolve()
      return
    }
    let drained = 0
    const finish = (): void => {
      clearTimeout(timer)
      forget()
      socket.destroy()
      resolve()
    }
    const timer = setTimeout(finish, GRACE_MS)
    const forget = onEnd(finish)
    socket.once('close', finish)
    socket.on('data', (chunk: Buffer) => {
      drained += chunk.length
      if (drained > MAX_DRAINED) finish()
    })
    socket.end()
    socket.resume()
  })
}
