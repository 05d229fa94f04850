import { bucketOf } from '../rollup/bucket.js'
import { isNotable, type StoredReport } from '../stored-report.js'
import { bytes, bytesOf, type Db, type Item, number, numberOf, text } from './db.js'
import type { Head, Heads } from './head.js'
import { LAST, notableList, probePartition, stretchesFrom, stretchKey, time } from './keys.js'
import { pack, unpack } from './pack.js'

/** The reports of a probe that left its head, a few of one hour in one item. */
export interface Stretches {
  /** Moves a committed head's fresh reports out. The same head always writes the same. */
  readonly write: (head: Head, expires: number) => Promise<void>
  /** All reports in [from, to), those in the head too, oldest first. */
  readonly between: (head: Head, from: number, to: number) => Promise<readonly StoredReport[]>
  /** No report of the probe is older; null where there is none. Epoch milliseconds. */
  readonly oldest: (head: Head) => Promise<number | null>
  /** Hours before a time that hold reports, newest first, each with all that it holds outside of the head, newest first. */
  readonly before: (
    head: Head,
    before: number,
    notable: boolean,
  ) => AsyncGenerator<{ readonly hour: number; readonly reports: readonly StoredReport[] }>
}

/** Items asked for at once when reading newest first: about an hour of a report a minute. */
const PIECE = 20

export function stretchesOf(db: Db, heads: Heads): Stretches {
  const decode = async (head: Head, item: Item): Promise<readonly StoredReport[]> =>
    unpack(bytesOf(item, 'd'), await heads.dictionary(head.id, numberOf(item, 'b')))

  return {
    write: async (head, expires) => {
      const dictionary = await heads.dictionary(head.id, head.base)
      const hours = new Map<number, StoredReport[]>()
      for (const report of head.fresh) {
        const hour = bucketOf(report.at, 'hour')
        const list = hours.get(hour)
        if (list === undefined) hours.set(hour, [report])
        else list.push(report)
      }
      await Promise.all(
        [...hours].map(async ([hour, reports]) => {
          const key = stretchKey(head.id, hour, head.flushes)
          const notable = reports.some(({ results }) => results.some(isNotable))
          await db.put(key, {
            d: bytes(pack(reports, dictionary)),
            b: number(head.base),
            expires: number(expires),
            ...(notable ? { lpk: text(notableList(head.id)), lsk: text(key.sk) } : {}),
          })
        }),
      )
    },
    between: async (head, from, to) => {
      const found: StoredReport[] = head.fresh.filter(({ at }) => at >= from && at < to)
      const range = {
        pk: probePartition(head.id),
        from: stretchesFrom(bucketOf(from, 'hour')),
        to: `${stretchesFrom(bucketOf(to - 1, 'hour'))}${LAST}`,
        consistent: true,
      }
      if (to <= from) return found
      for await (const item of db.query(range)) {
        for (const report of await decode(head, item))
          if (report.at >= from && report.at < to) found.push(report)
      }
      return inOrder(found)
    },
    oldest: async (head) => {
      const own = head.fresh.map(({ at }) => at)
      const range = { pk: probePartition(head.id), from: 'r#', to: `r#${LAST}`, piece: 1, consistent: true }
      for await (const item of db.query(range)) return Math.min(hourOf(item), ...own)
      return own.length === 0 ? null : Math.min(...own)
    },
    before: async function* (head, before, notable) {
      const range = {
        from: 'r#',
        to: `r#${time(Math.max(before - 1, 0))}${LAST}`,
        newestFirst: true,
        piece: PIECE,
      }
      const items = notable
        ? db.list({ ...range, pk: notableList(head.id) })
        : db.query({ ...range, pk: probePartition(head.id) })
      let hour: number | null = null
      let reports: StoredReport[] = []
      for await (const item of items) {
        const own = hourOf(item)
        if (hour !== null && own !== hour) {
          yield { hour, reports: inOrder(reports).reverse() }
          reports = []
        }
        hour = own
        reports.push(...(await decode(head, item)))
      }
      if (hour !== null) yield { hour, reports: inOrder(reports).reverse() }
    },
  }
}

function hourOf(item: Item): number {
  return Number((item['sk']?.S ?? '').slice(2, 15))
}

/** By time and tie, each report once: one that is leaving the head may be seen in both places. */
export function inOrder(list: readonly StoredReport[]): StoredReport[] {
  const sorted = list.toSorted((a, b) => a.at - b.at || a.tie - b.tie)
  return sorted.filter((report, index) => {
    const before = sorted[index - 1]
    return before === undefined || !isSame(before, report)
  })
}

export function isSame(a: StoredReport, b: StoredReport): boolean {
  return a.at === b.at && a.tie === b.tie && a.run === b.run
}
