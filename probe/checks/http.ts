import { converse, describe, round } from '../connection.js'
import { CheckFailure, outcomeOf } from '../outcome.js'
import { sumPhases } from '../phase-clock.js'
import type { HttpCheck } from '../plan.schema.js'
import type { Detail, Phases } from '../report.schema.js'
import { VERSION } from '../version.js'
import type { AddressChecker, CheckIo, Destination, Finding } from './check.js'
import { judgeAnswer, needsBody, statusAccepted } from './http-expect.js'
import { exchange } from './http-wire.js'
import { secure, tlsSettings } from './tls-options.js'
import { oneLine } from './wire-text.js'

const REDIRECTS = new Set([301, 302, 303, 307, 308])

interface Hop {
  readonly finding: Finding
  /** Where the answer sends the caller on; absent where this answer is the last. */
  readonly next?: URL
}

/**
 * A request on the given address: TCP, TLS for https (certificate judged before a byte of the request is sent), one exchange.
 * `Host` and SNI come from the URL. Phase `exchange` ends with the headers, or with the body where a matcher needs it.
 * `holdMs` idles between the connection (or handshake) and the request.
 * Redirects are followed only as `followRedirects` says; each goes through the allow-list, is a connection of its own, and adds
 * to the phases; all hops share the check's timeout. Bodies and query strings never enter the finding.
 */
export const http: AddressChecker<HttpCheck> = {
  endpoint(check) {
    const url = new URL(check.url)
    return { host: hostOf(url), port: portOf(url), target: `${url.protocol}//${url.host}${url.pathname}` }
  },
  async probe(check, destination, io) {
    let url = new URL(check.url)
    let to = destination
    let phases: Phases = {}
    let detail: Detail = {}
    for (let redirects = 0; ; redirects += 1) {
      // A timeout of zero or less would be no timeout to some timers; what is left may be a fraction.
      const hopIo = { ...io, timeoutMs: Math.max(1, io.timeoutMs - spent(phases)) }
      const { finding, next } = await visit(check, url, to, hopIo, redirects)
      phases = sumPhases(phases, finding.phases)
      detail = { ...detail, ...finding.detail, ...(redirects > 0 ? { redirects } : {}) }
      if (next === undefined) return { ...finding, phases, detail }
      const started = io.now()
      try {
        to = await resolveNext(next, to, io)
        url = next
        phases = sumPhases(phases, { dns: round(io.now() - started) })
      } catch (error) {
        const outcome = outcomeOf(error, 'dns')
        phases = sumPhases(phases, { dns: round(io.now() - started) })
        const endedIn = outcome === 'not_allowed' ? 'plan' : 'dns'
        return {
          outcome,
          endedIn,
          phases,
          detail: { ...detail, ...describe(error), redirects: redirects + 1 },
        }
      }
    }
  },
}

async function visit(
  check: HttpCheck,
  url: URL,
  destination: Destination,
  io: CheckIo,
  redirects: number,
): Promise<Hop> {
  const original = new URL(check.url)
  // What was meant for one server is not shown to another that it names.
  const ours = url.origin === original.origin
  const { serverName, ...rest } = check
  const wish = ours && serverName !== undefined ? { ...rest, serverName } : rest
  const settings =
    url.protocol === 'https:' ? await tlsSettings(wish, hostOf(url), io, { alpn: ['http/1.1'] }) : undefined
  const follow = check.followRedirects ?? 0
  let next: URL | undefined
  const finding = await converse(destination, io, async (connection) => {
    if (settings !== undefined) await secure(connection, settings)
    if (check.holdMs !== undefined && redirects === 0) await connection.hold(check.holdMs)
    const answer = await connection.lend((socket) =>
      exchange(socket, {
        method: check.method ?? 'GET',
        path: `${url.pathname}${url.search}`,
        headers: requestHeaders(url, ours ? check.headers : undefined),
        wantBody: needsBody(check),
      }),
    )
    const server = answer.header('server')
    connection.note({
      httpStatus: answer.status,
      ...(server === undefined ? {} : { server: oneLine(server).slice(0, 100) }),
    })
    try {
      const location = REDIRECTS.has(answer.status) ? answer.header('location') : undefined
      if (follow > 0 && location !== undefined) {
        if (redirects < follow) {
          next = nextUrl(location, url)
          return
        }
        if (check.status === undefined || !statusAccepted(check, answer.status))
          throw new CheckFailure('http_status', `more than ${follow} redirects`)
      }
      judgeAnswer(check, answer, (egressIp) => connection.note({ egressIp }))
    } finally {
      await answer.drain(io.signal)
    }
  })
  return next === undefined || finding.outcome !== 'ok' ? { finding } : { finding, next }
}

function requestHeaders(url: URL, extra: HttpCheck['headers']): Record<string, string> {
  const defaults = {
    host: url.host,
    'user-agent': `sonde/${VERSION}`,
    accept: '*/*',
    'accept-encoding': 'identity',
  }
  const own = Object.entries(extra ?? {}).map(([name, value]) => [name.toLowerCase(), value])
  return { ...defaults, ...Object.fromEntries(own), connection: 'close' }
}

/** Reads a Location; `protocol_mismatch` where it is no URL that can be visited. Its text may hold secrets and is not told. */
function nextUrl(location: string, base: URL): URL {
  const next = URL.canParse(location, base) ? new URL(location, base) : undefined
  if (next === undefined || !['http:', 'https:'].includes(next.protocol))
    throw new CheckFailure('protocol_mismatch', 'the redirect names no http or https URL')
  return next
}

/** The next hop's address, of the family that the check is on where the name has one. */
async function resolveNext(url: URL, previous: Destination, io: CheckIo): Promise<Destination> {
  const found = await io.resolve(hostOf(url), portOf(url))
  const to = found.find((destination) => destination.family === previous.family) ?? found[0]
  if (to === undefined) throw new CheckFailure('dns_not_found', `${hostOf(url)} has no address`)
  return to
}

/** The URL's host as a plan writes it: an IPv6 address without brackets. */
function hostOf(url: URL): string {
  return url.hostname.replace(/^\[(.*)\]$/, '$1')
}

function portOf(url: URL): number {
  return url.port === '' ? (url.protocol === 'https:' ? 443 : 80) : Number(url.port)
}

function spent(phases: Phases): number {
  return (phases.dns ?? 0) + (phases.connect ?? 0) + (phases.tls ?? 0) + (phases.exchange ?? 0)
}
