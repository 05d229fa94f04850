import { createServer, type Server, type Socket } from 'node:net'
import { createSecureContext, TLSSocket } from 'node:tls'
import type { Identity } from './web.js'

/** What a PostgreSQL server says to a client without credentials. */
export interface PostgresOptions {
  readonly identity: Identity
  /** Refuse connections without TLS, as `rds.force_ssl` does. */
  readonly forceTls: boolean
  /** A proxy answers only once it has reached its database. */
  readonly ready: () => Promise<boolean>
}

const SSL_REQUEST = 80877103
const STARTUP = 196608

/** The first part of the wire protocol, as far as a caller without a password gets: TLS, startup, the demand for SCRAM. */
export function postgresServer(options: PostgresOptions): Server {
  const context = createSecureContext(options.identity)
  return createServer((socket) => {
    socket.on('error', () => undefined)
    converse(socket, false)
  })

  function converse(socket: Socket, encrypted: boolean): void {
    socket.once('data', (head: Buffer) => {
      if (head.length < 8) return void socket.destroy()
      const code = head.readUInt32BE(4)
      if (code === SSL_REQUEST && !encrypted) {
        socket.pause()
        socket.write('S')
        const secure = new TLSSocket(socket, { isServer: true, secureContext: context })
        secure.on('error', () => socket.destroy())
        converse(secure, true)
        return
      }
      if (code !== STARTUP) return void socket.destroy()
      if (!encrypted && options.forceTls) {
        socket.end(
          refusal(
            `no pg_hba.conf entry for host "${socket.remoteAddress ?? ''}", user "sonde", no encryption`,
          ),
        )
        return
      }
      void options.ready().then((ready) => {
        if (ready) socket.write(demand())
        socket.once('data', () => socket.end())
      })
    })
  }
}

function demand(): Buffer {
  const mechanisms = Buffer.from('SCRAM-SHA-256\0\0')
  const head = Buffer.alloc(9)
  head.write('R')
  head.writeUInt32BE(8 + mechanisms.length, 1)
  head.writeUInt32BE(10, 5)
  return Buffer.concat([head, mechanisms])
}

function refusal(message: string): Buffer {
  const body = Buffer.from(`SFATAL\0VFATAL\0C28000\0M${message}\0\0`)
  const head = Buffer.alloc(5)
  head.write('E')
  head.writeUInt32BE(4 + body.length, 1)
  return Buffer.concat([head, body])
}
