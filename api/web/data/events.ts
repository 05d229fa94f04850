import type { StoredEvent } from '../../store/store.js'
import { type Client, Problem } from './client.js'

export type EventType = StoredEvent['type']

/**
 * What a listener is told. `reset`: some events are lost for good, read everything anew. `poll`: no event comes here, look
 * whether anything is new.
 */
export type LiveEvent =
  | { readonly type: EventType; readonly function: string | null; readonly data: unknown }
  | { readonly type: 'reset' | 'poll'; readonly function: null; readonly data: null }

export type Connection = {
  readonly state: 'connecting' | 'live' | 'polling' | 'lost'
  /** Epoch milliseconds since which it is so. */
  readonly since: number
}

/** The one event stream of the page, shared by all that follow it. */
export interface EventStream {
  readonly connection: () => Connection
  readonly onConnection: (listener: () => void) => () => void
  readonly listen: (listener: (event: LiveEvent) => void) => () => void
  /** Follows until the signal ends it; comes back from the last event seen. Where nothing can stream, asks now and then. */
  readonly follow: (signal: AbortSignal, streams: boolean) => Promise<void>
}

/** The server sends at least a comment each 15 seconds: after this much silence nobody is there. */
const SILENCE_MS = 40_000
const FIRST_WAIT_MS = 1000
const LONGEST_WAIT_MS = 15_000
/** Seldom enough to cost little where each answer is an invocation. */
const POLL_MS = 20_000
const POLL_LOST_MS = 5000

/** Reads the stream with fetch rather than EventSource, which can't send a token. */
export function createEventStream(client: Client, now: () => number): EventStream {
  const listeners = new Set<(event: LiveEvent) => void>()
  const watchers = new Set<() => void>()
  let connection: Connection = { state: 'connecting', since: now() }
  let last: string | null = null

  const become = (state: Connection['state']): void => {
    if (connection.state === state) return
    connection = { state, since: now() }
    for (const watcher of watchers) watcher()
  }
  const tell = (event: LiveEvent): void => {
    for (const listener of listeners) listener(event)
  }

  const readOnce = async (signal: AbortSignal, onOpen: () => void): Promise<void> => {
    const abort = new AbortController()
    const end = (): void => abort.abort()
    signal.addEventListener('abort', end, { once: true })
    let timer = setTimeout(end, SILENCE_MS)
    const heard = (): void => {
      clearTimeout(timer)
      timer = setTimeout(end, SILENCE_MS)
    }
    try {
      const headers = { accept: 'text/event-stream', ...(last === null ? {} : { 'last-event-id': last }) }
      const response = await client.open('/v1/events', headers, abort.signal)
      if (!response.body) return
      // What came before the first connection is in what the pages have read; what came while it was lost is sent again.
      onOpen()
      become('live')
      for await (const message of messages(response.body, heard)) {
        if (message.id !== '') last = message.id
        const event = eventOf(message)
        if (event !== null) tell(event)
      }
    } finally {
      clearTimeout(timer)
      signal.removeEventListener('abort', end)
      abort.abort()
    }
  }

  const poll = async (signal: AbortSignal): Promise<void> => {
    let isFirst = true
    while (!signal.aborted) {
      const found = await client.get('/v1/about', { signal }).then(
        () => true,
        () => false,
      )
      if (signal.aborted) return
      become(found ? 'polling' : 'lost')
      // What the pages have read at first is new enough.
      if (found && !isFirst) tell({ type: 'poll', function: null, data: null })
      isFirst = false
      await delay(found ? POLL_MS : POLL_LOST_MS, signal)
      await untilSeen(signal)
    }
  }

  return {
    connection: () => connection,
    onConnection: (listener) => {
      watchers.add(listener)
      return () => watchers.delete(listener)
    },
    listen: (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    follow: async (signal, streams) => {
      if (!streams) return poll(signal)
      let wait = FIRST_WAIT_MS
      while (!signal.aborted) {
        try {
          await readOnce(signal, () => {
            wait = FIRST_WAIT_MS
          })
        } catch (error) {
          if (isNoStream(error)) return poll(signal)
          // Lost or refused for now: either way the answer is to come back.
        }
        if (signal.aborted) return
        become('lost')
        await delay(wait, signal)
        wait = Math.min(wait * 2, LONGEST_WAIT_MS)
      }
    },
  }
}

/** Whether the server has said that it sends no streams at all: on Lambda an answer can't last, and a proxy may not know the path. */
function isNoStream(error: unknown): boolean {
  return error instanceof Problem && (error.facts.status === 501 || error.kind === 'missing')
}

/** Waits while nobody looks at the page. */
function untilSeen(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const look = (): void => {
      if (document.hidden && !signal.aborted) return
      document.removeEventListener('visibilitychange', look)
      resolve()
    }
    document.addEventListener('visibilitychange', look)
    signal.addEventListener('abort', look, { once: true })
    look()
  })
}

function delay(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms)
    signal.addEventListener(
      'abort',
      () => {
        clearTimeout(timer)
        resolve()
      },
      { once: true },
    )
  })
}

interface Message {
  readonly id: string
  readonly event: string
  readonly data: string
}

async function* messages(body: ReadableStream<Uint8Array>, heard: () => void): AsyncGenerator<Message> {
  const reader = body.getReader()
  const decoder = new TextDecoder()
  let rest = ''
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return
    heard()
    rest += decoder.decode(value, { stream: true })
    const blocks = rest.split('\n\n')
    rest = blocks.pop() ?? ''
    for (const block of blocks) {
      const fields = new Map<string, string>()
      for (const line of block.split('\n')) {
        const at = line.indexOf(':')
        if (at > 0) fields.set(line.slice(0, at), line.slice(at + 1).trimStart())
      }
      const data = fields.get('data')
      if (data !== undefined) yield { id: fields.get('id') ?? '', event: fields.get('event') ?? '', data }
    }
  }
}

const TYPES: ReadonlySet<string> = new Set<EventType>([
  'report',
  'function-status',
  'check-status',
  'incident-opened',
  'incident-closed',
  'reject',
])

function isEventType(type: string): type is EventType {
  return TYPES.has(type)
}

function eventOf(message: Message): LiveEvent | null {
  if (message.event === 'reset') return { type: 'reset', function: null, data: null }
  if (!isEventType(message.event)) return null
  try {
    const value: unknown = JSON.parse(message.data)
    if (typeof value !== 'object' || value === null) return null
    const name = 'function' in value && typeof value.function === 'string' ? value.function : null
    return { type: message.event, function: name, data: 'data' in value ? value.data : null }
  } catch {
    return null
  }
}
