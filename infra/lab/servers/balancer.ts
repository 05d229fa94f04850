import {
  createServer as createPlain,
  type IncomingMessage,
  request as requestOf,
  type ServerResponse,
} from 'node:http'
import { createServer as createTls } from 'node:https'
import { connect, createServer as createConnections } from 'node:net'
import type { BalancerTarget } from '../balancers.js'
import { type Identity, listen } from './web.js'

export interface ServedListener {
  readonly port: number
  readonly tls: boolean
  readonly targets: readonly BalancerTarget[]
}

/** AWS gives a target ten seconds to take a connection; packets of the lab are there at once or never. */
const CONNECT_MS = 1500

/**
 * An Application Load Balancer: it ends the client's connection, and asks one of the targets. Without a target it says 503, 502
 * where that refuses or breaks off, and 504 where it takes no connection
 * (https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-troubleshooting.html).
 */
export async function serveBalancer(identity: Identity, listeners: readonly ServedListener[]): Promise<void> {
  await Promise.all(
    listeners.map(({ port, tls, targets }) => {
      let turn = 0
      const answer = (request: IncomingMessage, response: ServerResponse) =>
        forward(request, response, targets[turn++ % targets.length])
      const server = tls ? createTls({ cert: identity.cert, key: identity.key }, answer) : createPlain(answer)
      return listen(server, port)
    }),
  )
}

function forward(
  request: IncomingMessage,
  response: ServerResponse,
  target: BalancerTarget | undefined,
): void {
  response.setHeader('connection', 'close')
  const fail = (status: number) => {
    if (!response.headersSent)
      response.writeHead(status, { 'content-type': 'text/html', server: 'awselb/2.0' })
    response.end()
  }
  if (target === undefined) {
    request.resume()
    fail(503)
    return
  }
  const socket = connect({ host: target.address, port: target.port })
  const timer = setTimeout(() => {
    socket.destroy()
    fail(504)
  }, CONNECT_MS)
  socket.once('connect', () => clearTimeout(timer))
  const { method, url: path, headers } = request
  const passed = requestOf({ method, path, headers, createConnection: () => socket }, (answered) => {
    response.writeHead(answered.statusCode ?? 502, answered.headers)
    answered.pipe(response)
  })
  passed.once('error', () => {
    clearTimeout(timer)
    fail(502)
  })
  request.pipe(passed)
}

/** Each connection is joined to one to a target; without that it breaks off. */
export async function relayConnections(listeners: readonly Omit<ServedListener, 'tls'>[]): Promise<void> {
  await Promise.all(
    listeners.map(({ port, targets }) => {
      let turn = 0
      const server = createConnections({ allowHalfOpen: true }, (client) => {
        const target = targets[turn++ % targets.length]
        if (target === undefined) {
          client.resetAndDestroy()
          return
        }
        const onward = connect({ host: target.address, port: target.port, allowHalfOpen: true })
        for (const [one, other] of [
          [client, onward],
          [onward, client],
        ] as const)
          one.pipe(other).once('close', () => one.destroy())
        client.on('error', () => onward.destroy())
        onward.on('error', () => client.resetAndDestroy())
      })
      return listen(server, port)
    }),
  )
}

/** A target of a load balancer: it answers every request. */
export async function serveTarget(port: number): Promise<void> {
  await listen(
    createPlain((request, response) => {
      request.resume()
      response.writeHead(200, { 'content-type': 'text/plain', connection: 'close' })
      response.end('ok\n')
    }),
    port,
  )
}
