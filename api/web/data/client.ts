/** Why an answer could not be had, as far as the viewer's next step depends on it. */
export type ProblemKind =
  /** No token, or one that is not known. */
  | 'unauthorised'
  /** A token without the scope that this needs. */
  | 'forbidden'
  | 'missing'
  /** The request was understood and refused; `detail` says why. */
  | 'refused'
  /** Too much at once; worth another try after `retryAfter` seconds. */
  | 'busy'
  /** A fault of the server; `requestId` finds it in its log. */
  | 'broken'
  /** No answer at all. */
  | 'disconnected'

/** Thrown by the client for every answer but a good one. */
export class Problem extends Error {
  override readonly name = 'Problem'
  constructor(
    readonly kind: ProblemKind,
    detail: string,
    readonly facts: {
      readonly status: number | null
      readonly code: string | null
      readonly requestId: string | null
      readonly retryAfter: number | null
    } = { status: null, code: null, requestId: null, retryAfter: null },
    options?: ErrorOptions,
  ) {
    super(detail, options)
  }
}

export interface Page<T> {
  readonly items: readonly T[]
  readonly nextCursor: string | null
}

export type Query = Readonly<Record<string, string | number | boolean | readonly string[] | null | undefined>>

export interface RequestOptions {
  readonly query?: Query
  readonly signal?: AbortSignal
  /** How long the whole answer may take before it counts as none; `Infinity` where only the viewer can tell. */
  readonly patienceMs?: number
}

/** What is read is quick, even over a slow line; a stalled connection would else look like one that loads for ever. */
const READ_MS = 30_000
const WRITE_MS = 120_000

/**
 * Speaks with the API. ETags are the browser's work: the API answers with `no-cache` and a tag, so that the browser asks
 * `If-None-Match` by itself and an unchanged list costs its headers.
 */
export interface Client {
  readonly get: <T>(path: string, options?: RequestOptions) => Promise<T>
  readonly getText: (
    path: string,
    options?: RequestOptions & { readonly language?: string },
  ) => Promise<string>
  readonly post: <T>(path: string, body: unknown, options?: RequestOptions) => Promise<T>
  readonly remove: <T>(path: string, options?: RequestOptions) => Promise<T>
  /** The bare answer of a GET: for streams. */
  readonly open: (
    path: string,
    headers: Readonly<Record<string, string>>,
    signal: AbortSignal,
  ) => Promise<Response>
}

export interface ClientParts {
  readonly fetch: typeof fetch
  readonly token: () => string | null
  /** Told of every answer that asks for a token. */
  readonly onUnauthorised: () => void
  /** Given the `names` of every answer that has some. */
  readonly onNames: (names: unknown) => void
}

export function createClient({ fetch, token, onUnauthorised, onNames }: ClientParts): Client {
  const ask = async (
    path: string,
    init: RequestInit,
    { query, signal }: RequestOptions,
  ): Promise<Response> => {
    const held = token()
    const headers = new Headers(init.headers)
    if (held !== null) headers.set('authorization', `Bearer ${held}`)
    let response: Response
    try {
      response = await fetch(path + queryText(query), { ...init, headers, ...(signal ? { signal } : {}) })
    } catch (cause) {
      if (signal?.aborted) throw cause
      throw new Problem('disconnected', 'no answer', undefined, { cause })
    }
    if (response.ok) return response
    const problem = await problemOf(response)
    if (problem.kind === 'unauthorised') onUnauthorised()
    throw problem
  }
  const send = async <T>(
    method: string,
    path: string,
    body: unknown,
    options: RequestOptions,
  ): Promise<T> => {
    const init: RequestInit =
      body === undefined
        ? { method }
        : { method, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }
    const { patienceMs = method === 'GET' ? READ_MS : WRITE_MS } = options
    const answer = await within(
      patienceMs,
      options.signal,
      async (signal): Promise<T> => (await ask(path, init, { ...options, signal })).json(),
    )
    if (typeof answer === 'object' && answer !== null && 'names' in answer) onNames(answer.names)
    return answer
  }
  return {
    get: (path, options = {}) => send('GET', path, undefined, options),
    post: (path, body, options = {}) => send('POST', path, body, options),
    remove: (path, options = {}) => send('DELETE', path, undefined, options),
    getText: async (path, { language = 'en', ...options } = {}) => {
      const headers = { accept: 'text/plain', 'accept-language': language }
      return (await ask(path, { headers }, options)).text()
    },
    open: (path, headers, signal) => ask(path, { headers, cache: 'no-store' }, { signal }),
  }
}

/** Ends what takes longer than is to be waited for, as if no answer had come. */
async function within<T>(
  patienceMs: number,
  outer: AbortSignal | undefined,
  act: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const abort = new AbortController()
  const end = (): void => abort.abort()
  outer?.addEventListener('abort', end, { once: true })
  if (outer?.aborted) end()
  const timer = Number.isFinite(patienceMs) ? setTimeout(end, patienceMs) : undefined
  try {
    return await act(abort.signal)
  } catch (cause) {
    if (abort.signal.aborted && outer?.aborted !== true)
      throw new Problem('disconnected', 'no answer in time', undefined, { cause })
    throw cause
  } finally {
    clearTimeout(timer)
    outer?.removeEventListener('abort', end)
  }
}

function queryText(query: Query = {}): string {
  const search = new URLSearchParams()
  for (const [key, value] of Object.entries(query)) {
    if (value === null || value === undefined || value === '') continue
    if (typeof value === 'object') for (const one of value) search.append(key, one)
    else search.set(key, String(value))
  }
  return search.size > 0 ? `?${search}` : ''
}

async function problemOf(response: Response): Promise<Problem> {
  const body = await bodyOf(response)
  const { status } = response
  const text = (key: string): string | null => {
    const value = body[key]
    return typeof value === 'string' ? value : null
  }
  const wait = Number(response.headers.get('retry-after') ?? Number.NaN)
  const detail = text('detail') ?? text('title') ?? `HTTP ${status}`
  return new Problem(kindOf(status), detail, {
    status,
    code: text('code'),
    requestId: text('requestId') ?? response.headers.get('x-request-id'),
    retryAfter: Number.isFinite(wait) ? wait : null,
  })
}

async function bodyOf(response: Response): Promise<Readonly<Record<string, unknown>>> {
  try {
    const body: unknown = await response.json()
    return typeof body === 'object' && body !== null ? { ...body } : {}
  } catch {
    return {}
  }
}

function kindOf(status: number): ProblemKind {
  if (status === 401) return 'unauthorised'
  if (status === 403) return 'forbidden'
  if (status === 404) return 'missing'
  if (status === 429 || status === 502 || status === 503 || status === 504) return 'busy'
  return status < 500 ? 'refused' : 'broken'
}

/** Any thrown value as a problem that can be shown. */
export function toProblem(error: unknown): Problem {
  if (error instanceof Problem) return error
  return new Problem('broken', error instanceof Error ? error.message : String(error))
}
