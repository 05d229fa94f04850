import { randomUUID } from 'node:crypto'
import { MAX_REJECT_CHARS, refusal, refusedReject } from '../admission.js'
import { reportEvent } from '../news.js'
import type { IngestBatch, IngestOutcome, Reject, StoreOptions } from '../store.js'
import { type Db, type Item, number, text } from './db.js'
import type { Events } from './events.js'
import { newHead, probeId } from './head.js'
import { pad, REJECTS, rejectKey, sourceKey } from './keys.js'
import type { expiryOf, MetaAccess } from './meta.js'
import { type Arrived, type ProbeWriter, toArrived } from './probe-writer.js'

export interface IngestParts {
  readonly db: Db
  readonly meta: MetaAccess
  readonly events: Events
  readonly writer: ProbeWriter
  readonly expiry: ReturnType<typeof expiryOf>
}

/** Probes, and rejects, that are written at once. */
const AT_ONCE = 16

/**
 * Takes a batch in. Each probe's reports are taken in whole or not at all, with all that follows from them; the source's
 * position is written last, so that a batch which was cut off is read again, and what of it is there already is dropped.
 */
export function ingestOf(
  parts: IngestParts,
  options: StoreOptions,
): (batch: IngestBatch) => Promise<IngestOutcome> {
  const { db, meta, events, writer, expiry } = parts
  let lastStamp = 0

  /** Orders rejects by their arrival, and names them: microseconds, no two alike in one process. */
  const stamp = (): number => {
    lastStamp = Math.max(lastStamp + 1, Date.now() * 1000)
    return lastStamp
  }

  const keepReject = async (
    { source, receivedAt, checkpoint }: IngestBatch,
    reject: Reject,
    index: number,
  ) => {
    // Where a batch has a position it will be the same batch when it is read again.
    const own = reject.key ?? (checkpoint === undefined ? randomUUID() : `${checkpoint} ${index}`)
    const id = stamp()
    const attributes: Item = {
      source: text(source),
      at: number(receivedAt.getTime()),
      reason: text(reject.reason),
      line: text(reject.line.slice(0, MAX_REJECT_CHARS)),
      ...(reject.pointer === null ? {} : { pointer: text(reject.pointer) }),
      lpk: text(REJECTS),
      lsk: text(pad(id, 16)),
      expires: number(expiry.reject(receivedAt.getTime())),
    }
    const condition = { text: 'attribute_not_exists(#pk)', names: { '#pk': 'pk' } }
    return db.put(rejectKey(source, own), attributes, condition)
  }

  const keepRejects = async (batch: IngestBatch, list: readonly Reject[]): Promise<number> => {
    const seen = new Set<string>()
    const distinct = list.filter(({ key }) => key === undefined || (!seen.has(key) && seen.add(key)))
    const beyond = Math.max(0, distinct.length - options.retention.maxRejects)
    let count = beyond
    for (let from = beyond; from < distinct.length; from += AT_ONCE) {
      const piece = distinct.slice(from, from + AT_ONCE)
      const kept = await Promise.all(piece.map((reject, index) => keepReject(batch, reject, from + index)))
      count += kept.filter(Boolean).length
    }
    if (count > 0) {
      const data = { source: batch.source, rejects: count, reason: distinct.at(-1)?.reason }
      await events.append([{ type: 'reject', function: null, data }], batch.receivedAt.getTime())
    }
    return count
  }

  const savePosition = async (
    source: string,
    checkpoint: string,
    counts: Readonly<Record<string, number>>,
  ) => {
    const filled = Object.entries(counts).filter(([, amount]) => amount !== 0)
    const adding = filled.length === 0 ? '' : ` ADD ${filled.map(([name]) => `#${name} :${name}`).join(', ')}`
    await db.update(sourceKey(source), {
      text: `SET #checkpoint = :checkpoint${adding}`,
      names: {
        '#checkpoint': 'checkpoint',
        ...Object.fromEntries(filled.map(([name]) => [`#${name}`, name])),
      },
      values: {
        ':checkpoint': text(checkpoint),
        ...Object.fromEntries(filled.map(([name, amount]) => [`:${name}`, number(amount)])),
      },
    })
  }

  return async (batch) => {
    const receivedAt = batch.receivedAt.getTime()
    // What can't be written must be found out before anything is.
    for (const report of batch.reports) JSON.stringify(report)
    const { edges } = await meta.recent()
    const refused: IngestOutcome['refused'][number][] = []
    const refuse = (index: number, reason: string, pointer: string | null): void => {
      refused.push({ index, reason, pointer })
    }
    const arrivals = new Map<string, Arrived[]>()
    for (const [index, report] of batch.reports.entries()) {
      const reason = refusal(Date.parse(report.startedAt), receivedAt, edges.results)
      if (reason !== null) {
        refuse(index, reason, '/startedAt')
        continue
      }
      const id = probeId(report.probe)
      const list = arrivals.get(id)
      if (list === undefined) arrivals.set(id, [toArrived(report, index)])
      else list.push(toArrived(report, index))
    }

    const accepted = new Set<number>()
    const queue = [...arrivals]
    let otherLines = batch.checkpoint === undefined ? batch.otherLines : 0
    const work = async (): Promise<void> => {
      for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
        const [id, list] = next
        const lines = otherLines
        otherLines = 0
        const taken = await writer.takeIn(id, list, receivedAt, lines)
        // Counted with the first probe that brings anything: a write of their own would double the cost of a small batch.
        if (taken.accepted.size === 0) otherLines += lines
        for (const index of taken.accepted) accepted.add(index)
        for (const [index, reason] of taken.refused) refuse(index, reason, '/results')
      }
    }
    await Promise.all(Array.from({ length: Math.min(AT_ONCE, queue.length) }, work))

    refused.sort((a, b) => a.index - b.index)
    const isRefused = new Set(refused.map(({ index }) => index))
    const duplicateIndexes = batch.reports.flatMap((_, index) =>
      accepted.has(index) || isRefused.has(index) ? [] : [index],
    )
    if (accepted.size > 0) await tellReports([...arrivals.values()], accepted, receivedAt)
    const refusedLines = refused.flatMap(({ index, reason, pointer }) => {
      const report = batch.reports[index]
      return report === undefined ? [] : [refusedReject(report, reason, pointer)]
    })
    const rejected = await keepRejects(batch, [...batch.rejects, ...refusedLines])
    const counts = { duplicates: duplicateIndexes.length, rejects: rejected }
    if (batch.checkpoint === undefined) await meta.add({ ...counts, otherLines })
    else await savePosition(batch.source, batch.checkpoint, { ...counts, otherLines: batch.otherLines })
    return {
      accepted: accepted.size,
      duplicates: duplicateIndexes.length,
      rejected,
      duplicateIndexes,
      refused,
    }
  }

  async function tellReports(
    arrivals: readonly (readonly Arrived[])[],
    accepted: ReadonlySet<number>,
    at: number,
  ) {
    const reported = arrivals.flatMap((list) => {
      const fresh = list.filter(({ index }) => accepted.has(index))
      const [first] = fresh
      if (first === undefined) return []
      return [{ probe: newHead(first.report.probe).about, fresh: fresh.map(({ stored }) => stored) }]
    })
    const results = reported.flatMap(({ fresh }) => fresh).reduce((sum, one) => sum + one.results.length, 0)
    await events.appendReport(reportEvent(reported, accepted.size, results), at)
  }
}
