import { type IncomingMessage, request } from 'node:http'
import type { Socket } from 'node:net'

export interface HttpRequest {
  readonly method: 'GET' | 'HEAD' | 'POST'
  /** Path with query string. */
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string
  /** Whether to wait for the answer's body; else the answer is there with its headers. */
  readonly wantBody: boolean
}

export interface Answer {
  readonly status: number
  /** A header's value, several joined by a comma; undefined where the answer has none of that name. */
  readonly header: (name: string) => string | undefined
  /** At most the first 64 KiB; empty unless asked for. */
  readonly body: string
  /** Reads on for a quarter of a second or 64 KiB, so that a short body doesn't make the close a reset. Never rejects. */
  readonly drain: (signal: AbortSignal) => Promise<void>
}

export const MAX_BODY = 64 * 1024
const MAX_HEADERS = 64 * 1024
const DRAIN_MS = 250

/**
 * One HTTP/1.1 request on a socket that is connected already (and secured, for https), read by Node's own parser.
 * No agent and no second look-up: the bytes go to the address that the check was given.
 * Rejects with the socket's error, with ECONNRESET where the peer closes before or amid an answer, with an `HPE_…`
 * code where what came is not HTTP/1.
 */
export function exchange(socket: Socket, wish: HttpRequest): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const outgoing = request({
      createConnection: () => socket,
      method: wish.method,
      path: wish.path,
      headers: { ...wish.headers },
      setHost: false,
      maxHeaderSize: MAX_HEADERS,
    })
    // Lent sockets come paused, so that nothing is read before the parser listens.
    outgoing.once('socket', () => socket.resume())
    outgoing.on('error', reject)
    outgoing.once('upgrade', (incoming) => resolve(answer(incoming, '')))
    outgoing.once('response', (incoming) => {
      incoming.on('error', reject)
      if (!wish.wantBody) resolve(answer(incoming, ''))
      else readBody(incoming, (body) => resolve(answer(incoming, body)))
    })
    outgoing.end(wish.body)
  })
}

function answer(incoming: IncomingMessage, body: string): Answer {
  return {
    status: incoming.statusCode ?? 0,
    header(name) {
      const value = incoming.headers[name.toLowerCase()]
      return Array.isArray(value) ? value.join(', ') : value
    },
    body,
    drain: (signal) =>
      new Promise((resolve) => {
        const finish = (): void => {
          clearTimeout(timer)
          signal.removeEventListener('abort', finish)
          resolve()
        }
        const timer = setTimeout(finish, DRAIN_MS)
        let drained = 0
        if (incoming.complete || incoming.destroyed || signal.aborted) {
          finish()
          return
        }
        signal.addEventListener('abort', finish, { once: true })
        incoming.once('end', finish).once('close', finish)
        incoming.on('data', (chunk: Buffer) => {
          drained += chunk.length
          if (drained > MAX_BODY) finish()
        })
      }),
  }
}

/** Stops at the limit by destroying the message, so that a body of a gigabyte costs what 64 KiB cost. */
function readBody(incoming: IncomingMessage, done: (body: string) => void): void {
  const chunks: Buffer[] = []
  let length = 0
  const finish = (): void => done(Buffer.concat(chunks).subarray(0, MAX_BODY).toString('utf8'))
  incoming.on('data', (chunk: Buffer) => {
    chunks.push(chunk)
    length += chunk.length
    if (length < MAX_BODY) return
    finish()
    incoming.destroy()
  })
  incoming.once('end', finish)
}
