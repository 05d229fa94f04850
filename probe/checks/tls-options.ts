import { X509Certificate } from 'node:crypto'
import { isIP } from 'node:net'
import * as tls from 'node:tls'
import type { Connection } from '../connection.js'
import { CheckFailure, codeOf, outcomeOf } from '../outcome.js'
import type { Detail } from '../report.schema.js'
import type { CheckIo } from './check.js'

/** The TLS fields that checks of several kinds have in common. */
export interface TlsWish {
  readonly serverName?: string
  readonly ca?: 'system' | 'rds'
  readonly caFile?: string
  readonly minDaysLeft?: number
}

export interface TlsDefaults {
  /** Roots where the check names none. Default `system`; `rds` for the database kinds. */
  readonly ca?: 'system' | 'rds'
  /** False: encrypt and report the certificate, but judge neither chain nor name (mode `require`). Default true. */
  readonly verify?: boolean
  readonly alpn?: readonly string[]
  /** Where a protocol forbids TLS 1.3. */
  readonly maxVersion?: 'TLSv1.2'
}

/** All that a handshake needs, made before the connection so that reading roots never counts as network time. */
export interface TlsSettings {
  readonly options: tls.ConnectionOptions
  /** The name or address that the certificate must carry. */
  readonly name: string
  readonly minDaysLeft: number
  readonly verify: boolean
}

const DAY_MS = 86_400_000
const RDS_ROOTS = 'rds-ca.pem'

/**
 * What OpenSSL says when the first bytes of the answer are no TLS record: another protocol answered, so the outcome is
 * `protocol_mismatch` and not `tls_failed`, which is kept for peers that speak TLS and refuse. The code depends on
 * OpenSSL's version and on what the bytes would mean as a record's length.
 */
const NOT_TLS = new Set([
  'ERR_SSL_WRONG_VERSION_NUMBER',
  'ERR_SSL_PACKET_LENGTH_TOO_LONG',
  'ERR_SSL_RECORD_LAYER_FAILURE',
  'ERR_SSL_HTTP_REQUEST',
  'ERR_SSL_BAD_RECORD_TYPE',
])

/**
 * Prepares the handshake of a check with `host`, which is the name as the plan gives it.
 *
 * - `ca: 'system'` trusts Node's roots, `ca: 'rds'` the RDS bundle beside the probe and Node's roots too: RDS Proxy and
 *   Aurora Serverless present certificates of Amazon's public authority, the instances those of the RDS one.
 *   https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/UsingWithRDS.SSL.html
 * - `caFile` is trusted in addition to either.
 * - SNI carries `serverName`, else the host; never an address (RFC 6066, section 3, permits names only), whose certificate
 *   must then list it as an IP address.
 *
 * Rejects, with the asset's name, where a bundle can't be read or holds no certificate.
 */
export async function tlsSettings(
  wish: TlsWish,
  host: string,
  io: CheckIo,
  defaults: TlsDefaults = {},
): Promise<TlsSettings> {
  const name = wish.serverName ?? host
  const assets = [
    ...((wish.ca ?? defaults.ca ?? 'system') === 'rds' ? [RDS_ROOTS] : []),
    ...(wish.caFile === undefined ? [] : [wish.caFile]),
  ]
  const secureContext = assets.length === 0 ? undefined : await sharedContext(assets, io, defaults.maxVersion)
  return {
    name,
    verify: defaults.verify ?? true,
    minDaysLeft: wish.minDaysLeft ?? 0,
    options: {
      // The handshake is let through whatever the certificate, so that its dates and names are reported even where
      // it is refused; `judge` refuses it. Nothing is ever sent on a connection that was not judged.
      rejectUnauthorized: false,
      checkServerIdentity: () => undefined,
      ...(isIP(name) === 0 ? { servername: name.replace(/\.$/, '') } : {}),
      ...(secureContext === undefined ? {} : { secureContext }),
      ...(defaults.alpn === undefined ? {} : { ALPNProtocols: [...defaults.alpn] }),
      ...(defaults.maxVersion === undefined ? {} : { maxVersion: defaults.maxVersion }),
    },
  }
}

/**
 * Starts TLS on the connection, notes version, cipher, server name and certificate, and then judges: chain, dates, name,
 * days left. Throws a `CheckFailure` (`tls_untrusted`, `tls_expired`, `tls_name_mismatch`, `tls_failed`,
 * `protocol_mismatch`) or the connection's own error; in each case the phase is still `tls` and the facts stay noted.
 */
export async function secure(connection: Connection, settings: TlsSettings): Promise<tls.TLSSocket> {
  const { servername } = settings.options
  if (servername !== undefined) connection.note({ serverName: servername })
  const socket = await connection.startTls(settings.options).catch((error: unknown) => {
    throw explain(connection, error)
  })
  connection.note(tlsFacts(socket))
  judge(socket, settings)
  return socket
}

/** Version, cipher and the leaf certificate's subject, issuer and dates, with the days left counted down to a whole day. */
export function tlsFacts(socket: tls.TLSSocket, now: number = Date.now()): Detail {
  const version = socket.getProtocol()
  const certificate = presented(socket)[0]
  const facts: Detail = {
    ...(version === null ? {} : { tlsVersion: version }),
    cipher: socket.getCipher().standardName,
  }
  if (certificate === undefined) return facts
  const expires = Date.parse(certificate.validTo)
  return {
    ...facts,
    certificateSubject: oneLine(certificate.subject || certificate.subjectAltName || ''),
    certificateIssuer: oneLine(certificate.issuer),
    ...isoDate('certificateNotBefore', Date.parse(certificate.validFrom)),
    ...isoDate('certificateExpires', expires),
    ...(Number.isNaN(expires) ? {} : { certificateDaysLeft: Math.floor((expires - now) / DAY_MS) }),
  }
}

/**
 * Throws the `CheckFailure` that the peer's certificate deserves. OpenSSL's verdict on the chain goes first, then the name
 * (Node's own rule, `tls.checkServerIdentity`), then the days left; where the chain is refused and the name is wrong as
 * well, the message says both. In mode `require` only an explicit `minDaysLeft` is judged.
 */
export function judge(socket: tls.TLSSocket, settings: TlsSettings, now: number = Date.now()): void {
  const certificate = presented(socket)[0]
  const wrongName = settings.verify
    ? tls.checkServerIdentity(settings.name, socket.getPeerCertificate())
    : undefined
  if (settings.verify && !socket.authorized) {
    const also = wrongName === undefined ? '' : `; nor is it for ${settings.name}`
    throw refusal(chainError(socket), `${whichCertificate(socket, now)}${also}`)
  }
  if (wrongName !== undefined) {
    const names = certificate?.subjectAltName ?? oneLine(certificate?.subject ?? '')
    throw new CheckFailure(
      'tls_name_mismatch',
      `the certificate is not for ${settings.name}; it names ${names.slice(0, 120)}`,
      { cause: wrongName },
    )
  }
  if (settings.minDaysLeft > 0) judgeDaysLeft(presented(socket), settings.minDaysLeft, now)
}

/** An intermediate that runs out takes its leaf with it; a root is replaced by who trusts it, not by the server. */
function judgeDaysLeft(chain: readonly X509Certificate[], least: number, now: number): void {
  for (const [depth, { subject, issuer, validTo }] of chain.entries()) {
    if (depth > 0 && subject === issuer) continue
    const daysLeft = (Date.parse(validTo) - now) / DAY_MS
    if (daysLeft >= least) continue
    const which = depth === 0 ? 'the certificate' : `the certificate of its issuer, ${oneLine(subject)},`
    throw new CheckFailure(
      'tls_expired',
      `${which} expires in ${Math.floor(daysLeft)} days, fewer than the ${least} asked for`,
    )
  }
}

async function sharedContext(
  assets: readonly string[],
  io: CheckIo,
  maxVersion?: 'TLSv1.2',
): Promise<tls.SecureContext> {
  const key = [...assets, ...(maxVersion === undefined ? [] : [maxVersion])].join('\n')
  const known = io.secureContexts?.get(key)
  if (known !== undefined) return known
  const made = makeContext(assets, io, maxVersion)
  io.secureContexts?.set(key, made)
  // A bundle that could not be read must not stay broken for the rest of a warm environment's life.
  made.catch(() => io.secureContexts?.delete(key))
  return made
}

async function makeContext(
  assets: readonly string[],
  io: CheckIo,
  maxVersion?: 'TLSv1.2',
): Promise<tls.SecureContext> {
  const bundles = await Promise.all(assets.map(async (asset) => rootsIn(asset, await io.readAsset(asset))))
  return tls.createSecureContext({
    ca: [...defaultRoots(), ...bundles.flat()],
    ...(maxVersion === undefined ? {} : { maxVersion }),
  })
}

/** A bundle's certificates. OpenSSL would silently leave out what it can't read, and the check then blame the server. */
function rootsIn(asset: string, bundle: string): readonly string[] {
  const roots = bundle.match(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g) ?? []
  if (roots.length === 0)
    throw new Error(`${asset} holds no PEM certificate, so it can't serve as trusted roots`)
  for (const [index, root] of roots.entries()) {
    try {
      new X509Certificate(root)
    } catch (cause) {
      throw new Error(`${asset}: certificate ${index + 1} of ${roots.length} can't be read`, { cause })
    }
  }
  return roots
}

/** Node's roots with NODE_EXTRA_CA_CERTS where this Node can list them (22.15 and later), else the compiled-in ones. */
function defaultRoots(): readonly string[] {
  if (!('getCACertificates' in tls) || typeof tls.getCACertificates !== 'function')
    return tls.rootCertificates
  const list: unknown = tls.getCACertificates('default')
  return Array.isArray(list) ? list.filter((pem) => typeof pem === 'string') : tls.rootCertificates
}

function chainError(socket: tls.TLSSocket): { code: string; text: string } {
  const error: unknown = socket.authorizationError
  if (error instanceof Error) return { code: codeOf(error) || error.message, text: error.message }
  return { code: typeof error === 'string' ? error : 'UNKNOWN', text: String(error) }
}

function refusal(error: { code: string; text: string }, certificate: string): CheckFailure {
  const coded = Object.assign(new Error(error.text), { code: error.code })
  const outcome = outcomeOf(coded, 'tls')
  // A code that no table knows is still a certificate that was not accepted.
  const verdict = outcome === 'tls_expired' || outcome === 'tls_untrusted' ? outcome : 'tls_untrusted'
  return Object.assign(new CheckFailure(verdict, `${error.code}: ${certificate}`, { cause: coded }), {
    code: error.code,
  })
}

/**
 * The leaf and what it was chained to. Made from `getPeerCertificate`, since in Node 20 `getPeerX509Certificate` takes the
 * leaf out of the connection's own list, and every later question is answered with no certificate.
 */
function presented(socket: tls.TLSSocket): readonly X509Certificate[] {
  const chain: X509Certificate[] = []
  let at: tls.DetailedPeerCertificate | undefined = socket.getPeerCertificate(true)
  // A root is its own issuer, and a peer without a certificate is an empty object.
  while (at?.raw !== undefined && chain.length < 10) {
    chain.push(new X509Certificate(at.raw))
    at = at.issuerCertificate === at ? undefined : at.issuerCertificate
  }
  return chain
}

/** The certificate of the presented chain that is out of its dates, else the leaf, with its dates in words. */
function whichCertificate(socket: tls.TLSSocket, now: number): string {
  const chain = presented(socket)
  for (const { subject, validFrom, validTo } of chain) {
    const [from, to] = [Date.parse(validFrom), Date.parse(validTo)]
    if (now > to) return `${oneLine(subject)} expired on ${new Date(to).toISOString()}`
    if (now < from) return `${oneLine(subject)} is not valid before ${new Date(from).toISOString()}`
  }
  const leaf = chain[0]
  if (leaf === undefined) return 'the peer presented no certificate'
  return `${oneLine(leaf.subject)}, issued by ${oneLine(leaf.issuer)}`
}

function explain(connection: Connection, error: unknown): unknown {
  const code = codeOf(error)
  if (!NOT_TLS.has(code)) return error
  connection.note({ code })
  return new CheckFailure('protocol_mismatch', 'what answered the TLS hello is not TLS', { cause: error })
}

function isoDate<K extends 'certificateNotBefore' | 'certificateExpires'>(key: K, at: number): Detail {
  return Number.isNaN(at) ? {} : { [key]: new Date(at).toISOString() }
}

/** Distinguished names come a field a line, from a peer that may be hostile: one line, printable, bounded. */
function oneLine(name: string): string {
  return name
    .trim()
    .replace(/\s*\n\s*/g, ', ')
    .replace(/[^\x20-\x7e\u00a0-\uffff]/g, '?')
    .slice(0, 200)
}
