import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import ipaddr from 'ipaddr.js'
import type { TokenConfig } from './config.js'
import type { Scope } from './config.schema.js'
import { ApiError } from './errors.js'

/** Who asks. `open` is anyone on this machine, when the API listens on loopback without tokens. */
export interface Principal {
  readonly name: string
  readonly scopes: ReadonlySet<Scope>
  readonly requestsPerMinute: number | null
}

declare module 'fastify' {
  interface FastifyContextConfig {
    /** What a caller needs; every route says it. `public` needs nothing, in every mode. */
    access?: Scope | 'public'
  }
  interface FastifyRequest {
    principal: Principal | null
  }
}

/** `iam`: AWS has checked the caller's signature and rights before the request comes here, as a Function URL does. */
export type AuthMode = 'open' | 'token' | 'iam'

export interface AuthOptions {
  readonly mode: AuthMode
  readonly tokens: readonly TokenConfig[]
  /** Whom AWS let in, for the log; only in mode `iam`. */
  readonly callerOf?: (request: FastifyRequest) => string
}

/** The program refuses to listen where anyone could reach it without a token. */
export class TokenNeeded extends Error {
  override readonly name = 'TokenNeeded'
}

/**
 * Tokens, once there are any, are asked for everywhere; without any, only loopback is open.
 * @throws TokenNeeded for any other address without a token.
 */
export function authMode(host: string, tokens: readonly TokenConfig[]): AuthMode {
  if (tokens.length > 0) return 'token'
  if (isLoopbackName(host)) return 'open'
  throw new TokenNeeded(
    `refusing to listen on ${host} without a token: anyone who reaches it could read and write. ` +
      'Run `sonde token new --scope read --scope ingest --name NAME`, put the lines that it prints under `tokens:` ' +
      'in the configuration file, and start with --config FILE; or listen on 127.0.0.1.',
  )
}

const TOKEN_PREFIX = 'sonde_'

/** A new token of 256 random bits and the hash under which the configuration keeps it. */
export function newToken(): { readonly token: string; readonly hash: string } {
  const token = TOKEN_PREFIX + randomBytes(32).toString('base64url')
  return { token, hash: hashToken(token) }
}

/** Tokens are random and long, so one fast hash is enough: there is nothing to guess from a dictionary. */
export function hashToken(token: string): string {
  return `sha256:${createHash('sha256').update(token, 'utf8').digest('hex')}`
}

/** Compares every known hash in full, so that time tells neither which token is near nor how many there are before it. */
export function findPrincipal(
  presented: string,
  known: readonly (Principal & { readonly digest: Buffer })[],
): Principal | null {
  const digest = createHash('sha256').update(presented, 'utf8').digest()
  let found: Principal | null = null
  for (const candidate of known) {
    if (timingSafeEqual(candidate.digest, digest)) found = candidate
  }
  return found
}

const OPEN: Principal = {
  name: 'loopback',
  scopes: new Set<Scope>(['read', 'ingest', 'admin']),
  requestsPerMinute: null,
}

/** Asks every request who it is and whether its route admits it, before any of its body is read. */
export function installAuth(app: FastifyInstance, options: AuthOptions): void {
  const known = options.tokens.map((token) => ({
    name: token.name,
    scopes: new Set<Scope>(token.scopes),
    requestsPerMinute: token.requestsPerMinute ?? null,
    digest: Buffer.from(token.hash.slice('sha256:'.length), 'hex'),
  }))
  const isTrustedHost = rememberLast(isLoopbackHost)
  app.decorateRequest('principal', null)
  app.addHook('onRoute', (route) => {
    if (route.url.startsWith('/v1') && route.config?.access === undefined) {
      throw new Error(`route ${String(route.method)} ${route.url} does not say what access it needs`)
    }
  })
  app.addHook('onRequest', (request, _reply, done) => {
    try {
      if (options.mode === 'open') {
        refuseForeignSites(request, isTrustedHost)
        request.principal = OPEN
      } else if (options.mode === 'iam') {
        request.principal = { ...OPEN, name: options.callerOf?.(request) ?? 'iam' }
      } else request.principal = authenticate(request, known)
      done()
    } catch (error) {
      done(error instanceof Error ? error : new Error(String(error)))
    }
  })
}

function authenticate(
  request: FastifyRequest,
  known: readonly (Principal & { readonly digest: Buffer })[],
): Principal | null {
  const access = request.routeOptions.config.access
  if (access === 'public') return null
  // A path that no route takes needs no token: it answers 404 to everyone, and tells nothing.
  if (request.is404) return null
  const presented = bearer(request.headers.authorization)
  if (presented === null) {
    throw new ApiError('unauthenticated', 'send a token as `Authorization: Bearer TOKEN`')
  }
  const principal = findPrincipal(presented, known)
  if (!principal) throw new ApiError('unauthenticated', 'the token is not known here')
  const needed = access ?? 'admin'
  if (!principal.scopes.has(needed) && !principal.scopes.has('admin')) {
    throw new ApiError('forbidden', `token ${principal.name} lacks the scope ${needed}`)
  }
  return principal
}

function bearer(header: string | undefined): string | null {
  const match = header === undefined ? null : /^Bearer +([\x21-\x7e]{1,512})$/i.exec(header)
  return match?.[1] ?? null
}

/**
 * Loopback without tokens trusts whoever is on this machine, and a browser on this machine carries strangers' pages.
 * A page under a name that was rebound to 127.0.0.1 gives itself away by Host; a form of another site by Origin.
 */
function refuseForeignSites(request: FastifyRequest, isTrustedHost: (host: string) => boolean): void {
  const host = request.headers.host
  if (host === undefined || !isTrustedHost(host)) {
    throw new ApiError(
      'host_not_allowed',
      `this server has no tokens and answers only to localhost, 127.0.0.1 or [::1], not to "${(host ?? '').slice(0, 253)}"`,
    )
  }
  const origin = request.headers.origin
  if (request.headers['sec-fetch-site'] === 'cross-site' || (origin !== undefined && !sameSite(origin))) {
    throw new ApiError('cross_site', 'requests that a browser sends for another site are refused')
  }
}

function sameSite(origin: string): boolean {
  return URL.canParse(origin) && isLoopbackName(new URL(origin).hostname)
}

function isLoopbackHost(header: string): boolean {
  const match = /^(\[[0-9a-fA-F:.]+\]|[^:]*)(?::[0-9]{1,5})?$/.exec(header)
  return isLoopbackName(match?.[1] ?? '')
}

/** Nearly every request names the same host: the last one that passed needs no second parse. */
function rememberLast(test: (text: string) => boolean): (text: string) => boolean {
  let last: string | null = null
  return (text) => {
    if (text === last) return true
    if (!test(text)) return false
    last = text
    return true
  }
}

/** `localhost`, a name under it, or a loopback address. Nothing is resolved: a name that needs resolving isn't trusted. */
export function isLoopbackName(name: string): boolean {
  const bare = name.replace(/^\[|\]$/g, '').toLowerCase()
  if (bare === 'localhost' || bare.endsWith('.localhost')) return true
  if (!ipaddr.IPv4.isValidFourPartDecimal(bare) && !ipaddr.IPv6.isValid(bare)) return false
  return ipaddr.process(bare).range() === 'loopback'
}
