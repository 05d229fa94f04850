// For `consumes` of a route's schema, in whatever program this is compiled.
import type {} from '@fastify/swagger'
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { PROBLEMS, type ProblemCode } from './problems.js'
import { InvalidCursor } from './store/store.js'

/** One place in a request that is wrong. `in` says which part, `pointer` is a JSON pointer into it. */
export interface InvalidPlace {
  readonly in: 'query' | 'params' | 'headers' | 'body'
  readonly pointer: string
  readonly message: string
}

export interface ProblemExtras {
  readonly errors?: readonly InvalidPlace[]
  /** Seconds for the `Retry-After` header. */
  readonly retryAfter?: number
  readonly cause?: unknown
}

/** Thrown by routes and hooks; becomes a problem document in one place. */
export class ApiError extends Error {
  override readonly name = 'ApiError'
  readonly statusCode: number
  readonly errors: readonly InvalidPlace[]
  readonly retryAfter: number | null
  constructor(
    readonly code: ProblemCode,
    detail: string,
    extras: ProblemExtras = {},
  ) {
    super(detail, extras.cause === undefined ? undefined : { cause: extras.cause })
    this.statusCode = PROBLEMS[code].status
    this.errors = extras.errors ?? []
    this.retryAfter = extras.retryAfter ?? null
  }
}

/** A parameter that its schema admits but its meaning doesn't: `from` after `to`, an instant that isn't one. */
export function invalidQuery(name: string, message: string): ApiError {
  return new ApiError('invalid_request', `query parameter ${name} ${message}`, {
    errors: [{ in: 'query', pointer: `/${name}`, message }],
  })
}

const byFastifyCode: Readonly<Record<string, ProblemCode>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: 'payload_too_large',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'unsupported_media_type',
  FST_CP_ERR_INVALID_CONTENT_ENCODING: 'unsupported_media_type',
  FST_ERR_CTP_EMPTY_JSON_BODY: 'unreadable_body',
  FST_ERR_CTP_INVALID_JSON_BODY: 'unreadable_body',
  FST_ERR_CTP_EMPTY_TYPE: 'unsupported_media_type',
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: 'unreadable_body',
  FST_CP_ERR_INVALID_CONTENT: 'unreadable_body',
  FST_ERR_BAD_URL: 'invalid_request',
  FST_ERR_MAX_PARAM_LENGTH: 'invalid_request',
}

/** Any error as an `ApiError`. What is not known to be the client's fault is ours, and tells the client nothing. */
export function toApiError(error: unknown): ApiError {
  if (error instanceof ApiError) return error
  if (error instanceof InvalidCursor) {
    return new ApiError('invalid_cursor', error.message || 'the cursor was not made by this server', {
      cause: error,
    })
  }
  if (isFastifyError(error)) {
    if (error.validation) return validationError(error)
    const known = byFastifyCode[error.code]
    if (known) return new ApiError(known, plain(error.message), { cause: error })
    if (error.statusCode === 429) return new ApiError('too_many_requests', error.message, { cause: error })
    if (error.statusCode === 404) return new ApiError('not_found', plain(error.message), { cause: error })
    if (error.statusCode !== undefined && error.statusCode >= 400 && error.statusCode < 500) {
      return new ApiError('unreadable_body', plain(error.message), { cause: error })
    }
  }
  return new ApiError('internal_error', 'the request failed inside the program; the log says how', {
    cause: error,
  })
}

function isFastifyError(error: unknown): error is FastifyError {
  return error instanceof Error && 'code' in error && typeof error.code === 'string'
}

function plain(message: string): string {
  return message === '' ? 'the request could not be read' : message.charAt(0).toLowerCase() + message.slice(1)
}

function validationError(error: FastifyError): ApiError {
  const part = partOf(error.validationContext)
  const places = (error.validation ?? []).map((found): InvalidPlace => {
    const name = nameOf(found.params)
    return {
      in: part,
      pointer: name === null ? found.instancePath : `${found.instancePath}/${escapePointer(name)}`,
      message: wordsOf(found.keyword, found.message, found.params),
    }
  })
  const first = places[0]
  const more = places.length > 1 ? ` (and ${places.length - 1} more)` : ''
  const detail = first ? `${part} ${first.pointer || '(whole)'} ${first.message}${more}` : error.message
  return new ApiError('invalid_request', detail, { errors: places, cause: error })
}

function partOf(context: string | undefined): InvalidPlace['in'] {
  if (context === 'params' || context === 'headers' || context === 'body') return context
  return 'query'
}

/** The property that a rule is about, when the rule stands one level above it. */
function nameOf(params: Record<string, unknown>): string | null {
  if (typeof params['additionalProperty'] === 'string') return params['additionalProperty']
  if (typeof params['missingProperty'] === 'string') return params['missingProperty']
  return null
}

function wordsOf(keyword: string, message: string | undefined, params: Record<string, unknown>): string {
  if (keyword === 'additionalProperties') return 'is not known here'
  if (keyword === 'required') return 'is missing'
  if (keyword === 'enum' && Array.isArray(params['allowedValues'])) {
    return `must be one of ${params['allowedValues'].join(', ')}`
  }
  return message ?? 'is not valid'
}

export function escapePointer(token: string): string {
  return token.replaceAll('~', '~0').replaceAll('/', '~1')
}

export function problemBody(error: ApiError, requestId: string): Record<string, unknown> {
  return {
    type: `/problems/${error.code}`,
    title: PROBLEMS[error.code].title,
    status: error.statusCode,
    detail: error.message,
    code: error.code,
    requestId,
    ...(error.errors.length > 0 ? { errors: error.errors } : {}),
  }
}

export function sendProblem(reply: FastifyReply, request: FastifyRequest, error: ApiError): FastifyReply {
  if (error.retryAfter !== null) reply.header('retry-after', String(error.retryAfter))
  if (error.code === 'unauthenticated') reply.header('www-authenticate', 'Bearer realm="sonde"')
  return (
    reply
      .code(error.statusCode)
      .header('content-type', 'application/problem+json')
      .header('cache-control', 'no-store')
      // Errors that come before any hook lack what hooks add.
      .header('x-request-id', request.id)
      .header('x-content-type-options', 'nosniff')
      .serializer(JSON.stringify)
      .send(problemBody(error, request.id))
  )
}

/** Every error of the instance, thrown or not found, as a problem document; unexpected ones are logged with their cause. */
export function installErrors(app: FastifyInstance): void {
  app.setErrorHandler((thrown, request, reply) => {
    const error = isMediaTypeError(thrown) ? unreadMediaType(request, thrown) : toApiError(thrown)
    if (error.code === 'internal_error') request.log.error({ err: thrown }, 'request failed')
    return sendProblem(reply, request, error)
  })
  app.setNotFoundHandler((request, reply) => {
    const path = request.url.split('?', 1)[0] ?? ''
    const shown = path.slice(0, 256)
    const allowed = METHODS.filter((method) => app.findRoute({ method, url: path }) !== null)
    if (allowed.length === 0) {
      return sendProblem(reply, request, new ApiError('not_found', `there is no ${request.method} ${shown}`))
    }
    const takes = allowed.join(', ')
    reply.header('allow', takes)
    const detail = `${shown} takes ${takes}, not ${request.method}`
    return sendProblem(reply, request, new ApiError('method_not_allowed', detail))
  })
}

function isMediaTypeError(error: unknown): boolean {
  return isFastifyError(error) && error.code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE'
}

/** Says what the route reads, which Fastify's own words don't. */
function unreadMediaType(request: FastifyRequest, cause: unknown): ApiError {
  const reads = request.routeOptions.schema?.consumes ?? ['application/json']
  const given = request.headers['content-type']?.slice(0, 100)
  const not = given === undefined ? 'and the body has no Content-Type' : `not "${given}"`
  return new ApiError('unsupported_media_type', `this route reads ${reads.join(', ')}, ${not}`, { cause })
}

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'] as const
