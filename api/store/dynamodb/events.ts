import type { NewEvent } from '../news.js'
import type { StoredEvent } from '../store.js'
import { bytes, bytesOf, type Db, type Item, number, numberOf, text } from './db.js'
import { EVENTS, eventKey, pad } from './keys.js'
import { pack, unpack } from './pack.js'
import { contended, withPauses } from './retry.js'

export interface Events {
  /**
   * Appends events under the numbers that follow the last. With an `origin` they are appended once, however often that is
   * asked: whether they are there is looked up among the events after `after`.
   */
  readonly append: (
    events: readonly NewEvent[],
    at: number,
    origin?: { readonly name: string; readonly after: number },
  ) => Promise<void>
  /** Appends what reports say, unless such an event is younger than two seconds: a fleet would else write one a report. */
  readonly appendReport: (event: NewEvent, at: number) => Promise<void>
  readonly after: (seq: number, limit: number, keep: number) => Promise<readonly StoredEvent[]>
  readonly lastSeq: () => Promise<number>
  /** Deletes what is beyond the newest `keep`, at most `limit` items; true if there is more. */
  readonly trim: (keep: number, limit: number) => Promise<boolean>
}

/** Events of one origin share items: an outage of a large group would else be thousands of writes in one partition. */
const BLOCK = 100
const REPORT_PAUSE_MS = 2000

interface Block {
  readonly first: number
  readonly last: number
  readonly reportAt: number
}

/**
 * A log without holes: an event's item has the number of its first event as its key, and is written only if there is none,
 * so that of two writers one must go behind the other. Nobody sees a number before those below it are there.
 */
export function eventsOf(db: Db): Events {
  let knownReportAt = Number.NEGATIVE_INFINITY

  const newest = async (): Promise<Block> => {
    for await (const item of db.query({ pk: EVENTS, newestFirst: true, piece: 1, consistent: true }))
      return blockOf(item)
    return { first: 0, last: 0, reportAt: Number.NEGATIVE_INFINITY }
  }

  const put = (
    block: Block,
    events: readonly NewEvent[],
    at: number,
    reportAt: number,
    origin: string | null,
  ) =>
    db.put(
      eventKey(block.last + 1),
      {
        n: number(events.length),
        at: number(at),
        d: bytes(pack(events)),
        ...(Number.isFinite(reportAt) ? { r: number(reportAt) } : {}),
        ...(origin === null ? {} : { o: text(origin) }),
      },
      { text: 'attribute_not_exists(#pk)', names: { '#pk': 'pk' } },
    )

  const isThere = async (origin: string, after: number): Promise<boolean> => {
    for await (const item of db.query({ pk: EVENTS, from: pad(after + 1, 16), consistent: true }))
      if (item['o']?.S === origin) return true
    return false
  }

  const appendBlock = (events: readonly NewEvent[], at: number, origin: string | null, after: number) =>
    withPauses(async () => {
      const block = await newest()
      if (origin !== null && (await isThere(origin, after))) return true
      return (await put(block, events, at, block.reportAt, origin)) || contended
    })

  return {
    append: async (events, at, origin) => {
      for (let from = 0; from < events.length; from += BLOCK) {
        const name = origin === undefined ? null : `${origin.name}/${from / BLOCK}`
        await appendBlock(events.slice(from, from + BLOCK), at, name, origin?.after ?? 0)
      }
    },
    appendReport: async (event, at) => {
      const young = (reportAt: number): boolean => Math.abs(at - reportAt) < REPORT_PAUSE_MS
      if (young(knownReportAt)) return
      await withPauses(async () => {
        const block = await newest()
        knownReportAt = block.reportAt
        if (young(block.reportAt)) return true
        return (await put(block, [event], at, at, null)) || contended
      })
      if (!young(knownReportAt)) knownReportAt = at
    },
    after: async (seq, limit, keep) => {
      const { last } = await newest()
      if (last <= seq) return []
      const from = Math.max(seq, last - keep)
      const found: StoredEvent[] = []
      const range = { pk: EVENTS, from: pad(Math.max(0, from + 2 - BLOCK), 16), consistent: true }
      for await (const item of db.query(range)) {
        const { first, last } = blockOf(item)
        if (last <= from) continue
        const at = new Date(numberOf(item, 'at')).toISOString()
        for (const [index, event] of unpack<readonly NewEvent[]>(bytesOf(item, 'd')).entries()) {
          if (first + index > from && found.length < limit) found.push({ seq: first + index, at, ...event })
        }
        if (found.length >= limit) break
      }
      return found
    },
    lastSeq: async () => (await newest()).last,
    trim: async (keep, limit) => {
      // The newest stays, or its number would be given again.
      const edge = (await newest()).last - Math.max(keep, 1)
      if (edge <= 0) return false
      let deleted = 0
      for await (const item of db.query({ pk: EVENTS, to: pad(edge, 16), piece: limit })) {
        const { first, last } = blockOf(item)
        if (last > edge) break
        if (deleted >= limit) return true
        await db.remove(eventKey(first))
        deleted += 1
      }
      return false
    },
  }
}

function blockOf(item: Item): Block {
  const first = Number(item['sk']?.S ?? 0)
  const reportAt = item['r'] === undefined ? Number.NEGATIVE_INFINITY : numberOf(item, 'r')
  return { first, last: first + numberOf(item, 'n') - 1, reportAt }
}
