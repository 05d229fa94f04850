import type { DiagnosisGroup } from '../diagnosis/group.js'
import type { FunctionHealth, FunctionStatus } from '../health/health.js'

/** What the page reads of the API. */
export interface FunctionsPage {
  readonly items: readonly FunctionHealth[]
  readonly nextCursor: string | null
}

export interface About {
  readonly version: string
  readonly sample: boolean
}

export class Unauthorised extends Error {
  override readonly name = 'Unauthorised'
}

export interface Filter {
  readonly status: FunctionStatus | null
  readonly text: string
}

const PAGE = 50
const TOKEN_KEY = 'sonde-token'

export function storedToken(): string | null {
  return sessionStorage.getItem(TOKEN_KEY)
}

export function storeToken(token: string): void {
  sessionStorage.setItem(TOKEN_KEY, token)
}

export async function fetchFunctions(
  filter: Filter,
  cursor: string | null,
  signal: AbortSignal,
): Promise<FunctionsPage> {
  const query = new URLSearchParams({ limit: String(PAGE) })
  if (filter.status) query.set('status', filter.status)
  if (filter.text) query.set('text', filter.text)
  if (cursor) query.set('cursor', cursor)
  const response = await get(`/v1/functions?${query}`, signal)
  const page: FunctionsPage = await response.json()
  return page
}

export async function fetchFunction(name: string, signal: AbortSignal): Promise<FunctionHealth | null> {
  const response = await get(`/v1/functions/${encodeURIComponent(name)}`, signal)
  if (response.status === 404) return null
  const found: FunctionHealth = await response.json()
  return found
}

/** A cause with its blast radius, as far as the page shows it. */
export type Cause = Pick<DiagnosisGroup, 'kind' | 'cause' | 'summary' | 'functions' | 'fixes'>

export async function fetchCauses(signal: AbortSignal): Promise<readonly Cause[]> {
  const response = await get('/v1/diagnoses', signal)
  const page: { readonly items: readonly Cause[] } = await response.json()
  return page.items
}

export async function fetchAbout(signal: AbortSignal): Promise<About> {
  const response = await get('/v1/about', signal)
  const about: About = await response.json()
  return about
}

async function get(path: string, signal: AbortSignal): Promise<Response> {
  const token = storedToken()
  const response = await fetch(path, { signal, headers: token ? { authorization: `Bearer ${token}` } : {} })
  if (response.status === 401 || response.status === 403) throw new Unauthorised()
  if (!response.ok && response.status !== 404) throw new Error(`${path}: HTTP ${response.status}`)
  return response
}

/**
 * Follows the event stream with fetch rather than EventSource, which can't send a token. Calls `onEvent` with each event's
 * type and function, `onState` when the connection comes and goes; reconnects from the last event seen.
 */
export async function follow(
  onEvent: (type: string, name: string | null) => void,
  onState: (live: boolean) => void,
  signal: AbortSignal,
): Promise<void> {
  let last: string | null = null
  let wait = 1000
  while (!signal.aborted) {
    try {
      const headers: Record<string, string> = { accept: 'text/event-stream' }
      const token = storedToken()
      if (token) headers['authorization'] = `Bearer ${token}`
      if (last) headers['last-event-id'] = last
      const response = await fetch('/v1/events', { signal, headers })
      if (!response.ok || !response.body) throw new Error(`HTTP ${response.status}`)
      onState(true)
      wait = 1000
      for await (const message of messages(response.body)) {
        if (message.id) last = message.id
        onEvent(message.event, functionOf(message.data))
      }
    } catch {
      if (signal.aborted) return
    }
    onState(false)
    await new Promise((resolve) => setTimeout(resolve, wait))
    wait = Math.min(wait * 2, 15_000)
  }
}

interface Message {
  readonly id: string
  readonly event: string
  readonly data: string
}

async function* messages(body: ReadableStream<Uint8Array>): AsyncGenerator<Message> {
  const reader = body.getReader()
  const decoder = new TextDecoder()
  let rest = ''
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return
    rest += decoder.decode(value, { stream: true })
    const blocks = rest.split('\n\n')
    rest = blocks.pop() ?? ''
    for (const block of blocks) {
      const fields = new Map<string, string>()
      for (const line of block.split('\n')) {
        const at = line.indexOf(':')
        if (at > 0) fields.set(line.slice(0, at), line.slice(at + 1).trimStart())
      }
      if (fields.has('data'))
        yield {
          id: fields.get('id') ?? '',
          event: fields.get('event') ?? 'message',
          data: fields.get('data') ?? '',
        }
    }
  }
}

function functionOf(data: string): string | null {
  try {
    const value: unknown = JSON.parse(data)
    if (
      typeof value === 'object' &&
      value !== null &&
      'function' in value &&
      typeof value.function === 'string'
    )
      return value.function
  } catch {
    return null
  }
  return null
}
