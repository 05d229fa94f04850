import { randomUUID } from 'node:crypto'
import { STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import { ApiError, problemBody } from './errors.js'
import { PROBLEMS, type ProblemCode } from './problems.js'

/**
 * Answers what Node's parser could not read as a request, or not in time, with the same problem documents as everything
 * else: there is no request and no reply yet, only a socket. The connection ends with it.
 */
export function answerOnTheWire(error: NodeJS.ErrnoException, socket: Socket): void {
  if (socket.destroyed) return
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy()
    return
  }
  const code = BY_NODE_CODE[error.code ?? ''] ?? 'malformed_request'
  const id = randomUUID()
  const { status, about } = PROBLEMS[code]
  const body = JSON.stringify(problemBody(new ApiError(code, about), id))
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    'content-type: application/problem+json',
    `content-length: ${Buffer.byteLength(body)}`,
    'cache-control: no-store',
    'x-content-type-options: nosniff',
    `x-request-id: ${id}`,
    'connection: close',
  ]
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`)
  // Destroyed at once, bytes that were not read would make it a reset, and the answer might never be seen.
  const timer = setTimeout(() => socket.destroy(), LINGER_MS).unref()
  socket.once('close', () => clearTimeout(timer))
}

/** How long a client may leave its half of the connection open. */
const LINGER_MS = 1000

const BY_NODE_CODE: Readonly<Record<string, ProblemCode>> = {
  HPE_HEADER_OVERFLOW: 'headers_too_large',
  ERR_HTTP_REQUEST_TIMEOUT: 'request_timeout',
}
