import type { FunctionHealth, FunctionStatus } from '../health/health.js'
import { InputError } from './io.js'

/** Where an API is and how to be admitted. */
export interface ApiAccess {
  readonly url: string
  readonly token: string | null
}

export interface Listed {
  readonly items: readonly FunctionHealth[]
  /** True if there are more than were asked for. */
  readonly more: boolean
}

const TIMEOUT_MS = 10_000
const PAGE = 200

/** Functions of one status, page by page up to `max`. @throws InputError if the API can't be read. */
export async function fetchFunctions(
  access: ApiAccess,
  status: FunctionStatus,
  max: number,
): Promise<Listed> {
  const items: FunctionHealth[] = []
  let cursor: string | null = null
  do {
    const query = new URLSearchParams({ status, limit: String(Math.min(PAGE, max - items.length)) })
    if (cursor !== null) query.set('cursor', cursor)
    const page = await get(access, `/v1/functions?${query}`)
    if (!isPage(page.body)) throw notSonde(access)
    items.push(...page.body.items)
    cursor = page.body.nextCursor
  } while (cursor !== null && items.length < max)
  return { items, more: cursor !== null }
}

/** One function, or null if the API doesn't know it. @throws InputError if the API can't be read. */
export async function fetchFunction(access: ApiAccess, name: string): Promise<FunctionHealth | null> {
  const { status, body } = await get(access, `/v1/functions/${encodeURIComponent(name)}`)
  if (status === 404) return null
  if (!isFunction(body)) throw notSonde(access)
  return body
}

async function get(access: ApiAccess, path: string): Promise<{ status: number; body: unknown }> {
  let response: Response
  try {
    response = await fetch(new URL(path, access.url), {
      headers: access.token === null ? {} : { authorization: `Bearer ${access.token}` },
      signal: AbortSignal.timeout(TIMEOUT_MS),
      redirect: 'error',
    })
  } catch (error) {
    throw new InputError(`no answer from ${access.url} (${reason(error)}); is \`sonde serve\` running there?`)
  }
  if (response.status === 401) {
    throw new InputError(`${access.url} asks for a token: give --token, or set SONDE_TOKEN`)
  }
  const body: unknown = await response.json().catch(() => null)
  if (response.ok || (response.status === 404 && field(body, 'code') === 'not_found')) {
    return { status: response.status, body }
  }
  const detail = field(body, 'detail')
  if (typeof detail === 'string') throw new InputError(`${access.url} refused: ${detail}`)
  throw notSonde(access)
}

function notSonde({ url }: ApiAccess): InputError {
  return new InputError(`what answers at ${url} is not Sonde's API`)
}

function reason(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  if (error.name === 'TimeoutError') return `none within ${TIMEOUT_MS / 1000} s`
  const { cause } = error
  const code = field(cause, 'code')
  if (code === 'ECONNREFUSED') return 'connection refused'
  if (code === 'ECONNRESET' || code === 'UND_ERR_SOCKET') return 'connection closed'
  if (typeof code === 'string') return code
  return cause instanceof Error ? cause.message : error.message
}

function field(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null) return undefined
  return Object.entries(value).find(([key]) => key === name)?.[1]
}

function isPage(body: unknown): body is { items: FunctionHealth[]; nextCursor: string | null } {
  const items = field(body, 'items')
  const next = field(body, 'nextCursor')
  return Array.isArray(items) && items.every(isFunction) && (next === null || typeof next === 'string')
}

function isFunction(body: unknown): body is FunctionHealth {
  return (
    typeof field(body, 'name') === 'string' &&
    typeof field(body, 'status') === 'string' &&
    typeof field(body, 'summary') === 'string' &&
    Array.isArray(field(body, 'checks'))
  )
}
