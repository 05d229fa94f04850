import { converse } from '../connection.js'
import type { TlsCheck } from '../plan.schema.js'
import type { AddressChecker } from './check.js'
import { secure, tlsSettings } from './tls-options.js'
import { hostPort } from './wire-text.js'

const HTTPS_PORT = 443

/**
 * Handshakes and judges the certificate (see `secure`); with `holdMs` stays idle and then uses the connection by closing it.
 * A hello that is answered with a reset or a FIN is `connection_reset` in phase `tls`, with the server name that was asked
 * for in the detail: what an inspecting firewall does to names that it doesn't let through. A server that demands a client
 * certificate is `tls_failed` with the alert's code, which in TLS 1.3 costs a round trip more (see `settleTls`).
 */
export const tls: AddressChecker<TlsCheck> = {
  endpoint: ({ host, port = HTTPS_PORT }) => ({ host, port, target: hostPort(host, port) }),
  async probe(check, destination, io) {
    const settings = await tlsSettings(check, destination.host, io)
    return converse(destination, io, async (connection) => {
      await secure(connection, settings)
      await connection.settleTls()
      if (check.holdMs === undefined) return
      await connection.hold(check.holdMs)
      await connection.finish()
    })
  },
}
