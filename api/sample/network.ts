import { createServer as createHttpsServer } from 'node:https'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { PGlite } from '@electric-sql/pglite'
import { PGLiteSocketServer } from '@electric-sql/pglite-socket'
import { sampleCertificates } from './certificates.js'

const LOOPBACK = '127.0.0.1'
const CERTIFICATE_DAYS = 90

/** Ports of the sample's listeners on 127.0.0.1, and the CA that signed its HTTPS server. */
export interface SampleNetwork {
  readonly address: string
  readonly postgres: number
  readonly https: number
  readonly silent: number
  /** A port where nothing listens: it was free a moment ago and is kept free of the sample's own servers. */
  readonly closed: number
  readonly ca: string
  readonly close: () => Promise<void>
}

/**
 * Starts real servers on loopback: Postgres (PGlite behind its wire protocol), HTTPS that answers with the caller's
 * address, and a port that accepts and stays silent. Rejects if loopback can't be bound.
 */
export async function startSampleNetwork(now: Date): Promise<SampleNetwork> {
  const certificates = await sampleCertificates(now, CERTIFICATE_DAYS, ['localhost', LOOPBACK])
  const https = createHttpsServer({ cert: certificates.cert, key: certificates.key }, (request, response) => {
    response.writeHead(200, { 'content-type': 'text/plain', connection: 'close' })
    response.end(`${request.socket.remoteAddress ?? ''}\n`)
  })
  const held = new Set<Socket>()
  const silent = createServer((socket) => {
    held.add(socket)
    socket.on('error', () => undefined)
    socket.on('close', () => held.delete(socket))
    socket.resume()
  })
  const closed = createServer()
  const database = await PGlite.create()
  const postgresPort = await freePort()
  const postgres = new PGLiteSocketServer({
    db: database,
    host: LOOPBACK,
    port: postgresPort,
    maxConnections: 32,
  })
  await Promise.all([listen(https), listen(silent), listen(closed), postgres.start()])
  const closedPort = portOf(closed)
  await close(closed)
  return {
    address: LOOPBACK,
    postgres: postgresPort,
    https: portOf(https),
    silent: portOf(silent),
    closed: closedPort,
    ca: certificates.ca,
    async close() {
      for (const socket of held) socket.destroy()
      https.closeAllConnections()
      await Promise.all([close(https), close(silent), postgres.stop()])
      await database.close()
    },
  }
}

/** PGlite's server can't be asked which port the kernel gave it, so one is found first. */
async function freePort(): Promise<number> {
  const server = createServer()
  await listen(server)
  const port = portOf(server)
  await close(server)
  return port
}

function listen(server: Server): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, LOOPBACK, () => resolve())
  })
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve())
  })
}

function portOf(server: Server): number {
  const address: AddressInfo | string | null = server.address()
  if (address === null || typeof address === 'string') throw new TypeError('a TCP server has a port')
  return address.port
}
