import { createServer as createHttpServer, type RequestListener } from 'node:http'
import { createServer as createHttpsServer } from 'node:https'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { networkInterfaces } from 'node:os'
import { createServer as createTlsServer, type TLSSocket, type TlsOptions } from 'node:tls'
import { Worker } from 'node:worker_threads'

/** How a connection ended, as its server saw it. */
export type Ending = 'fin' | 'rst'

/** A real server on loopback. */
export interface TestServer {
  readonly host: string
  readonly port: number
  /** One entry a connection that has ended. */
  readonly endings: readonly Ending[]
  /** How many were accepted. */
  readonly accepted: () => number
  readonly connections: () => Promise<number>
  /** Bytes received over all connections; not told for TLS and HTTP servers. */
  readonly received: () => string
  /** Resolves once so many connections have ended, with how each did. */
  readonly ended: (count: number) => Promise<readonly Ending[]>
  readonly close: () => Promise<void>
}

export const hasIpv6 = Object.values(networkInterfaces()).some((list) =>
  list?.some((item) => item.family === 'IPv6' && item.address === '::1'),
)

const LOOPBACK = '127.0.0.1'

/** A TCP server that does with each connection what `onConnection` does; it reads, and so sees how each ends. */
export async function listen(
  onConnection: (socket: Socket) => void = () => undefined,
  host: string = LOOPBACK,
  allowHalfOpen = false,
): Promise<TestServer> {
  let text = ''
  const server = createServer({ allowHalfOpen }, (socket) => {
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1')
    })
    onConnection(socket)
  })
  return started(server, server, host, () => text)
}

/** Accepts and never says a word; closes when the peer does. */
export const silent = (host?: string): Promise<TestServer> => listen(undefined, host)

/** Resets each connection after `ms` milliseconds. */
export const resetting = (ms = 0): Promise<TestServer> =>
  listen((socket) => void setTimeout(() => socket.resetAndDestroy(), ms))

/** Cuts the connection at the first bytes it gets (a TLS hello), with a reset or a FIN. */
export const cuttingHello = (how: Ending): Promise<TestServer> =>
  listen((socket) => socket.once('data', () => (how === 'rst' ? socket.resetAndDestroy() : socket.end())))

/** Sends `text` a byte at a time, one every `everyMs` milliseconds. */
export const trickling = (text: string, everyMs = 1000): Promise<TestServer> =>
  listen((socket) => {
    let at = 0
    const timer = setInterval(() => {
      socket.write(text.slice(at, at + 1))
      at += 1
      if (at >= text.length) clearInterval(timer)
    }, everyMs)
    socket.on('close', () => clearInterval(timer))
  })

/** Speaks first, whatever the peer says. */
export const greeting = (text: string, host?: string): Promise<TestServer> =>
  listen((socket) => void socket.write(text), host)

/** Answers the first bytes it gets with `text`, and closes. */
export const answering = (text: string): Promise<TestServer> =>
  listen((socket) => socket.once('data', () => socket.end(text)))

/** Sends `head` and then `bytes` bytes as fast as they are taken. */
export const flooding = (bytes: number, head = ''): Promise<TestServer> =>
  listen((socket) => {
    const block = Buffer.alloc(64 * 1024, 'x')
    let left = bytes
    const pour = (): void => {
      while (left > 0 && !socket.destroyed) {
        left -= block.length
        if (!socket.write(block)) return
      }
      socket.end()
    }
    socket.on('drain', pour)
    socket.write(head)
    pour()
  })

/** TLS; `onConnection` gets the secured socket. */
export async function tlsServer(
  options: TlsOptions,
  onConnection: (socket: TLSSocket) => void = () => undefined,
  host: string = LOOPBACK,
): Promise<TestServer> {
  const server = createTlsServer(options, (socket) => {
    socket.on('error', () => undefined)
    socket.resume()
    onConnection(socket)
  })
  server.on('tlsClientError', () => undefined)
  return started(server, server, host, () => '')
}

export async function httpServer(listener: RequestListener, tls?: TlsOptions): Promise<TestServer> {
  const server = tls === undefined ? createHttpServer(listener) : createHttpsServer(tls, listener)
  server.on('clientError', (_error, socket) => socket.destroy())
  return started(server, server, LOOPBACK, () => '')
}

/** Tells the caller its own address, as text with a newline or as JSON. */
export const echoingCaller = (form: 'text' | 'json'): Promise<TestServer> =>
  httpServer((request, response) => {
    const ip = request.socket.remoteAddress ?? ''
    response.end(form === 'text' ? `${ip}\n` : JSON.stringify({ ip }))
  })

/** A port on which nothing listens: one that was free a moment ago. */
export async function closedPort(): Promise<number> {
  const server = await silent()
  await server.close()
  return server.port
}

/**
 * A port that drops every SYN: a listener in a thread that never accepts, with its queue filled, so that the kernel answers no
 * further connection. To a caller it looks like a security group that drops.
 */
export async function blackHole(): Promise<Pick<TestServer, 'host' | 'port' | 'close'>> {
  const worker = new Worker(
    `const { parentPort } = require('node:worker_threads')
     const server = require('node:net').createServer()
     server.listen({ port: 0, host: '${LOOPBACK}', backlog: 1 }, () => {
       parentPort.postMessage(server.address().port)
       setImmediate(() => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0))
     })`,
    { eval: true, execArgv: [] },
  )
  const port = await new Promise<number>((resolve, reject) => {
    worker.once('message', resolve)
    worker.once('error', reject)
  })
  const fillers: Socket[] = []
  for (let full = false; !full; ) {
    const filler = connect(port, LOOPBACK)
    fillers.push(filler)
    filler.on('error', () => undefined)
    full = await new Promise<boolean>((resolve) => {
      const timer = setTimeout(() => resolve(true), 200)
      filler.once('connect', () => {
        clearTimeout(timer)
        resolve(false)
      })
    })
  }
  return {
    host: LOOPBACK,
    port,
    close: async () => {
      for (const filler of fillers) filler.destroy()
      await worker.terminate()
    },
  }
}

async function started(
  server: Server,
  plain: Server,
  host: string,
  received: () => string,
): Promise<TestServer> {
  const endings: Ending[] = []
  const open = new Set<Socket>()
  let accepted = 0
  let waiting: Array<{ readonly count: number; readonly resolve: () => void }> = []
  plain.on('connection', (socket: Socket) => {
    accepted += 1
    open.add(socket)
    let ending: Ending = 'fin'
    socket.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ECONNRESET' || error.code === 'EPIPE') ending = 'rst'
    })
    socket.on('close', () => {
      open.delete(socket)
      endings.push(ending)
      const due = waiting.filter(({ count }) => endings.length >= count)
      waiting = waiting.filter((item) => !due.includes(item))
      for (const { resolve } of due) resolve()
    })
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, host, resolve)
  })
  const bound = server.address()
  if (bound === null || typeof bound === 'string') throw new Error('a TCP server has a port')
  const { port } = bound
  return {
    host,
    port,
    endings,
    received,
    accepted: () => accepted,
    connections: () =>
      new Promise((resolve, reject) =>
        server.getConnections((error, n) => (error ? reject(error) : resolve(n))),
      ),
    ended: async (count) => {
      if (endings.length < count) await new Promise<void>((resolve) => waiting.push({ count, resolve }))
      return endings
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        for (const socket of open) socket.destroy()
      }),
  }
}
