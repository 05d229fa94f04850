import { Readable } from 'node:stream'
import type { StoredEvent } from './store/store.js'
import type { WatchedStore } from './watched-store.js'

/** What a client of the event stream asked for; absent means everything. */
export interface EventFilter {
  readonly types: ReadonlySet<string> | null
  readonly function: string | null
}

export interface EventHub {
  /**
   * A stream of Server-Sent Events. With `after` it starts by replaying what came later than that sequence number, else with
   * the next event. Null when there are as many clients as are allowed, or the hub is closed.
   */
  readonly subscribe: (filter: EventFilter, after: number | null) => Promise<Readable | null>
  readonly clients: () => number
  /** Ends every stream; their last bytes are still delivered. */
  readonly close: () => void
}

export interface EventHubOptions {
  readonly maxClients?: number
  /** Bytes that may wait for one slow client before it is cut off; it comes back with Last-Event-ID. */
  readonly maxWaitingBytes?: number
  readonly heartbeatMs?: number
  /** False where an answer can't last: nobody is let in. */
  readonly streams?: boolean
  /** How often the store is asked for events that another process wrote. */
  readonly pollMs?: number
}

const BATCH = 500

interface Client {
  readonly stream: Readable
  readonly filter: EventFilter
  /** The newest event that was passed to it or filtered for it. */
  seq: number
  live: boolean
  wakeReader: () => void
}

/** Reads each event once from the store and hands it to every client, each with its own bounded buffer. */
export function createEventHub(store: WatchedStore, options: EventHubOptions = {}): EventHub {
  const { maxClients = 100, maxWaitingBytes = 256 * 1024, heartbeatMs = 15_000, pollMs = 1000 } = options
  const clients = new Set<Client>()
  let head = 0
  let pumping = false
  let again = false
  let closed = false

  const write = (client: Client, text: string): void => {
    if (client.stream.destroyed) return
    client.stream.push(text)
    if (client.stream.readableLength > maxWaitingBytes) client.stream.destroy()
  }

  const pass = (client: Client, event: StoredEvent, text: string): void => {
    if (event.seq <= client.seq) return
    client.seq = event.seq
    if (wanted(client.filter, event)) write(client, text)
  }

  const pump = async (): Promise<void> => {
    again = true
    if (pumping) return
    pumping = true
    try {
      while (again && !closed && clients.size > 0) {
        again = false
        const events = await store.eventsAfter(head, BATCH)
        for (const event of events) {
          head = event.seq
          const text = format(event)
          for (const client of clients) if (client.live) pass(client, event, text)
        }
        if (events.length === BATCH) again = true
      }
    } catch {
      // The store is busy or closing; the next tick asks again, and no position has moved.
    } finally {
      pumping = false
    }
  }

  /** Brings one client up to the head, no faster than it reads, and only then lets it listen to the pump. */
  const replay = async (client: Client): Promise<void> => {
    for (;;) {
      const events = await store.eventsAfter(client.seq, BATCH)
      for (const event of events) {
        if (client.stream.destroyed) return
        pass(client, event, format(event))
        if (client.stream.readableLength > maxWaitingBytes / 2) {
          await new Promise<void>((resolve) => {
            client.wakeReader = resolve
          })
        }
      }
      if (events.length < BATCH && client.seq >= head) {
        client.live = true
        return
      }
    }
  }

  const unwatch = store.onChange(() => {
    if (clients.size > 0) void pump()
  })
  const poll = setInterval(() => {
    if (clients.size > 0) void pump()
  }, pollMs).unref()
  const beat = setInterval(() => {
    for (const client of clients) write(client, ': still here\n\n')
  }, heartbeatMs).unref()

  return {
    clients: () => clients.size,
    subscribe: async (filter, after) => {
      const newest = await store.lastEventSeq()
      if (closed || clients.size >= maxClients) return null
      if (clients.size === 0) head = newest
      let wakeReader = (): void => {}
      const stream = new Readable({
        highWaterMark: 16 * 1024,
        read: () => wakeReader(),
        destroy: (error, done) => {
          clients.delete(client)
          wakeReader()
          done(error)
        },
      })
      const client: Client = {
        stream,
        filter,
        seq: after ?? newest,
        live: false,
        get wakeReader() {
          return wakeReader
        },
        set wakeReader(wake) {
          wakeReader = wake
        },
      }
      clients.add(client)
      write(client, 'retry: 2000\n\n')
      const lost = after !== null && (await hasGap(store, after, newest))
      if (lost) {
        // What lies between is no longer kept: the client must read the state anew and go on from here.
        client.seq = newest
        write(client, `id: ${newest}\nevent: reset\ndata: ${JSON.stringify({ seq: newest })}\n\n`)
      }
      replay(client).catch(() => stream.destroy())
      return stream
    },
    close: () => {
      closed = true
      unwatch()
      clearInterval(poll)
      clearInterval(beat)
      for (const client of clients) client.stream.push(null)
      clients.clear()
    },
  }
}

/** Sequence numbers have no holes: a first event that isn't the next one means that some were pruned, or the store is another. */
async function hasGap(store: WatchedStore, after: number, newest: number): Promise<boolean> {
  if (after > newest) return true
  if (after === newest) return false
  const [first] = await store.eventsAfter(after, 1)
  return first !== undefined && first.seq !== after + 1
}

function wanted(filter: EventFilter, event: StoredEvent): boolean {
  if (filter.types && !filter.types.has(event.type)) return false
  return filter.function === null || filter.function === event.function
}

/** JSON has no raw line breaks, so one `data` line always holds it. */
function format(event: StoredEvent): string {
  return `id: ${event.seq}\nevent: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`
}
