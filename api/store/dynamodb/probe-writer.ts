import type { ProbeIdentity, Report } from '../../../probe/report.schema.js'
import type { CheckState } from '../../health/fold.js'
import { type HealthPolicy, STALE_INTERVALS } from '../../health/health.js'
import { functionsOf, shortHash } from '../../health/standpoint.js'
import { tooManyChecks } from '../admission.js'
import { incidentEvent, type NewEvent } from '../news.js'
import { bucketOf, STEP_MS } from '../rollup/bucket.js'
import { type StoredReport, tieOf } from '../stored-report.js'
import { type Db, number, setOf } from './db.js'
import type { Events } from './events.js'
import type { Folding } from './folding.js'
import type { Groups } from './groups.js'
import { type Head, type Heads, NOTHING_OWED, newHead } from './head.js'
import { baseKey, namesKey } from './keys.js'
import type { expiryOf } from './meta.js'
import type { Names } from './names.js'
import type { Places } from './places.js'
import { contended, withPauses } from './retry.js'
import type { Rollups } from './rollups.js'
import { inOrder, isSame, type Stretches } from './stretches.js'

export interface WriterParts {
  readonly db: Db
  readonly heads: Heads
  readonly stretches: Stretches
  readonly rollups: Rollups
  readonly folding: Folding
  readonly places: Places
  readonly names: Names
  readonly groups: Groups
  readonly events: Events
  readonly policy: HealthPolicy
  readonly expiry: ReturnType<typeof expiryOf>
}

/** A report of a batch, with its place in it. */
export interface Arrived {
  readonly index: number
  readonly report: Report
  readonly stored: StoredReport
}

export interface Taken {
  /** Places in the batch of what was new, and of what is not taken, with the reason. */
  readonly accepted: ReadonlySet<number>
  readonly refused: ReadonlyMap<number, string>
}

export interface ProbeWriter {
  /** Takes in reports of one probe, whatever others do to it at the same time. */
  readonly takeIn: (
    id: string,
    reports: readonly Arrived[],
    receivedAt: number,
    otherLines: number,
  ) => Promise<Taken>
  /** Rolls up all hours before one, as if a report of that hour had come: its reports may go then. */
  readonly close: (head: Head, hour: number) => Promise<void>
}

/** Reports folded in one go, and how much of them: a head has to fit into an item of 400 KB. */
const PIECE = 100
const PIECE_CHARS = 256 * 1024
const MAX_HEAD_BYTES = 390 * 1024
/** What DynamoDB charges as one write. */
const WRITE_UNIT = 1024
/** A head above this is unloaded at once instead of with the next report. */
const HEAVY_BYTES = 4 * WRITE_UNIT
const MAX_DIRTY = 3

export function toArrived(report: Report, index: number): Arrived {
  const at = Date.parse(report.startedAt)
  const stored = { at, tie: tieOf(report.run, report.part[0]), run: report.run, results: report.results }
  return { index, report, stored }
}

export function probeWriterOf(parts: WriterParts): ProbeWriter {
  const { db, heads, stretches, rollups, folding, places, names, groups, events, policy, expiry } = parts

  /** Writes all that follows from a head that stands. Done twice it changes nothing. */
  const settle = async (head: Head): Promise<void> => {
    const { owed, about } = head
    if (owed.incidents.length + owed.dropped.length > 0) await folding.settle(head, expiry.incident)
    const on = owed.news.length > 0 || owed.judge ? await places.groupsAt(about.standpoint) : []
    if (owed.news.length > 0) {
      const news: NewEvent[] = []
      for (const group of on) {
        for await (const name of groups.functionsOf(group))
          news.push(...owed.news.map((change) => incidentEvent(name, about, change)))
      }
      await events.append(news, owed.at, { name: `${head.id}@${head.version}`, after: owed.after })
    }
    if (head.dirty.length > 0) await rollups.settle(head, expiry.rollup)
    if (owed.judge) for (const group of on) await groups.judge(group, owed.at)
  }

  const tidy = async (head: Head): Promise<void> => {
    await settle(head)
    const unloaded = head.fresh.length > 0 && (await heads.size(head)) > HEAVY_BYTES
    if (unloaded) await stretches.write(head, expiry.results(newestOf(head.fresh)))
    // If another writer was first, it has done the same.
    await heads.commit({
      ...head,
      dirty: [],
      owed: NOTHING_OWED,
      ...(unloaded ? { fresh: [], flushes: head.flushes + 1 } : {}),
    })
  }

  /** Links the functions that a probe speaks for; they are looked at only when what it says of them changed. */
  const speakFor = async (
    head: Head,
    identity: ProbeIdentity,
    wanted: readonly string[],
  ): Promise<boolean> => {
    const known = new Set(setOf(await db.get(namesKey(head.id), true), 'names'))
    const added = wanted.filter((name) => !known.has(name))
    if (added.length === 0) return false
    const { standpoint, subnet, securityGroups } = head.about
    const { region, account } = identity
    await names.link(added, { standpoint, subnet, securityGroups, region, account })
    const adding = {
      text: 'ADD #names :names',
      names: { '#names': 'names' },
      values: { ':names': { SS: [...added] } },
    }
    await db.update(namesKey(head.id), adding)
    return true
  }

  const unknownAmong = async (head: Head, piece: readonly Arrived[]): Promise<readonly Arrived[]> => {
    const fresh: Arrived[] = []
    const hours = new Map<number, readonly StoredReport[]>()
    for (const one of piece) {
      if (fresh.some(({ stored }) => isSame(stored, one.stored))) continue
      const { at, tie } = one.stored
      const { lastAt, lastTie } = head
      if (lastAt !== null && (at < lastAt || (at === lastAt && tie <= lastTie))) {
        const hour = bucketOf(at, 'hour')
        const there = hours.get(hour) ?? (await stretches.between(head, hour, hour + STEP_MS.hour))
        hours.set(hour, there)
        if (there.some((stored) => isSame(stored, one.stored))) continue
      }
      fresh.push(one)
    }
    return fresh
  }

  /** The head that follows from a settled one and new reports, with what must be written before it. */
  const advance = async (
    head: Head,
    fresh: readonly Arrived[],
    receivedAt: number,
    linked: boolean,
  ): Promise<Step> => {
    const reports = inOrder(fresh.map(({ stored }) => stored))
    const newest = reports.at(-1)
    if (newest === undefined) throw new Error('a step without reports')
    const isNewer =
      head.lastAt === null ||
      newest.at > head.lastAt ||
      (newest.at === head.lastAt && newest.tie > head.lastTie)
    const openHour = Math.max(head.openHour ?? 0, bucketOf(newest.at, 'hour'))
    const closes = head.openHour !== null && openHour > head.openHour
    const dirty = new Set(reports.map(({ at }) => bucketOf(at, 'hour')))
    if (closes && head.openHour !== null) dirty.add(head.openHour)
    if (closes) await folding.saveState(head, expiry.results(head.openHour ?? 0))
    const { checks, late, owed } = await folding.take(head, reports, policy.flipAfter)
    const speaker = fresh.find(({ stored }) => isSame(stored, newest))?.report.probe
    const stays = {
      ...head,
      ...(isNewer ? { lastAt: newest.at, lastTie: newest.tie, intervalMs: speaker?.intervalMs ?? null } : {}),
      openHour,
      dirty: [...dirty].filter((hour) => hour < openHour).sort((a, b) => a - b),
      late,
      checks,
      fresh: inOrder([...head.fresh, ...reports]),
      totals: {
        ...head.totals,
        reports: head.totals.reports + reports.length,
        results: head.totals.results + reports.reduce((sum, { results }) => sum + results.length, 0),
      },
    }
    const changed = linked || visible(stays, policy) !== visible(head, policy)
    const next: Head = {
      ...stays,
      owed: {
        ...owed,
        at: receivedAt,
        after: owed.news.length > 0 ? await events.lastSeq() : 0,
        judge: changed || closes,
      },
    }
    return { next, urgent: changed || owed.incidents.length + owed.dropped.length > 0 }
  }

  /** Moves the reports of the head that stands out, if the next one would cost another write unit for their sake. */
  const fitting = async (head: Head, next: Head, reports: number): Promise<Head> => {
    if (head.fresh.length === 0) return next
    const size = await heads.size(next)
    if (size <= WRITE_UNIT) return next
    const known = new Set(head.fresh.map(({ at, tie }) => `${at} ${tie}`))
    const fresh = next.fresh.filter(({ at, tie }) => !known.has(`${at} ${tie}`))
    const unloaded = { ...next, fresh, flushes: head.flushes + 1 }
    const least = await heads.size(unloaded)
    if (reports < PIECE && Math.ceil(size / WRITE_UNIT) === Math.ceil(least / WRITE_UNIT)) return next
    await stretches.write(head, expiry.results(newestOf(head.fresh)))
    return unloaded
  }

  const takePiece = (
    id: string,
    piece: readonly Arrived[],
    receivedAt: number,
    otherLines: number,
  ): Promise<Taken> =>
    withPauses(async () => {
      const [first] = piece
      if (first === undefined) return NOTHING_TAKEN
      const identity = first.report.probe
      let head = await heads.get(id)
      if (head === null) {
        head = newHead(identity)
        await places.enter(id, head.about)
      }
      const unknown = await unknownAmong(head, piece)
      const stood = head
      const refused = crowded(stood, unknown)
      const fresh = unknown.filter(({ index }) => !refused.has(index))
      if (fresh.length === 0) {
        // A writer that was cut off right after its commit left the rest to whoever brings the same again.
        if (owes(stood)) await tidy(stood)
        return { accepted: new Set(), refused }
      }
      await settle(stood)
      const wanted = [...new Set(fresh.flatMap(({ report }) => functionsOf(report.probe)))].sort()
      const hash = shortHash(wanted)
      const linked = hash !== stood.names && (await speakFor(stood, identity, wanted))
      const settled = { ...stood, dirty: [], owed: NOTHING_OWED, names: hash }
      const { next, urgent } = await advance(settled, fresh, receivedAt, linked || stood.version === 0)
      const totals = { ...next.totals, otherLines: next.totals.otherLines + otherLines }
      const fitted = await fitting(stood, { ...next, totals }, piece.length)
      const based = isReplanned(stood, next) ? await heads.rebase(fitted) : fitted
      const size = await heads.size(based)
      if (size > MAX_HEAD_BYTES)
        return { accepted: new Set(), refused: new Map(fresh.map(({ index }) => [index, TOO_LARGE])) }
      const committed = await heads.commit(based)
      if (committed === null) return contended
      if (committed.base !== stood.base && stood.base > 0) await retire(stood)
      if (urgent || committed.dirty.length > MAX_DIRTY || size > HEAVY_BYTES) await tidy(committed)
      return { accepted: new Set(fresh.map(({ index }) => index)), refused }
    })

  /** A dictionary goes once nothing is left that was packed with it. */
  const retire = async (head: Head): Promise<void> => {
    const values = { ':expires': number(expiry.results(head.lastAt ?? 0) + STEP_MS.day / 1000) }
    const update = { text: 'SET #expires = :expires', names: { '#expires': 'expires' }, values }
    await db.update(baseKey(head.id, head.base), update)
  }

  const takePieces = async (
    id: string,
    list: readonly Arrived[],
    receivedAt: number,
    otherLines: number,
  ): Promise<Taken> => {
    const [accepted, refused] = [new Set<number>(), new Map<number, string>()]
    let lines = otherLines
    for (const piece of cut(list)) {
      const taken = await takePiece(id, piece, receivedAt, lines)
      const isTooLarge = [...taken.refused.values()].includes(TOO_LARGE)
      const half = Math.ceil(piece.length / 2)
      const parts =
        isTooLarge && piece.length > 1
          ? [
              await takePieces(id, piece.slice(0, half), receivedAt, lines),
              await takePieces(id, piece.slice(half), receivedAt, 0),
            ]
          : [taken]
      for (const part of parts) {
        for (const index of part.accepted) accepted.add(index)
        for (const [index, reason] of part.refused) refused.set(index, reason)
      }
      if (accepted.size > 0) lines = 0
    }
    return { accepted, refused }
  }

  return {
    close: async (head, hour) => {
      const { openHour } = head
      const closing = openHour !== null && openHour < hour
      await settle(head)
      const closed = closing ? { openHour: hour, dirty: [openHour] } : { dirty: [] }
      const committed = await heads.commit({ ...head, ...closed, owed: NOTHING_OWED })
      // If another writer was first, the next pruning sees to it.
      if (committed !== null) await tidy(committed)
    },
    takeIn: (id, reports, receivedAt, otherLines) =>
      takePieces(
        id,
        reports.toSorted(
          (a, b) => a.stored.at - b.stored.at || a.stored.tie - b.stored.tie || a.index - b.index,
        ),
        receivedAt,
        otherLines,
      ),
  }
}

interface Step {
  readonly next: Head
  readonly urgent: boolean
}

const NOTHING_TAKEN: Taken = { accepted: new Set(), refused: new Map() }
const TOO_LARGE = "the probe's state no longer fits into one item of DynamoDB (400 KB)"

function owes({ owed }: Head): boolean {
  return owed.judge || owed.incidents.length + owed.dropped.length + owed.news.length > 0
}

/** Reports that would give a probe too many checks, in order, with the reason. */
function crowded(head: Head, fresh: readonly Arrived[]): ReadonlyMap<number, string> {
  const refused = new Map<number, string>()
  const names = new Set(head.checks.keys())
  for (const { index, report } of fresh) {
    const reason = tooManyChecks(head.about.name, names, report)
    if (reason !== null) refused.set(index, reason)
    else for (const { check } of report.results) names.add(check)
  }
  return refused
}

function cut(list: readonly Arrived[]): readonly (readonly Arrived[])[] {
  const pieces: Arrived[][] = []
  let chars = Number.POSITIVE_INFINITY
  for (const one of list) {
    const size = JSON.stringify(one.stored).length
    const last = pieces.at(-1)
    if (last === undefined || last.length >= PIECE || chars + size > PIECE_CHARS) {
      pieces.push([one])
      chars = size
    } else {
      last.push(one)
      chars += size
    }
  }
  return pieces
}

function newestOf(reports: readonly StoredReport[]): number {
  return reports.reduce((latest, { at }) => Math.max(latest, at), 0)
}

/** Whether a check came or changed its target: then the dictionary no longer speaks of what is reported. */
function isReplanned(before: Head, after: Head): boolean {
  if (before.base === 0) return true
  for (const [check, { last }] of after.checks) {
    const known = before.checks.get(check)?.last
    if (known === undefined || known.target !== last.target || known.kind !== last.kind) return true
  }
  return false
}

/** What of a probe's state its groups' statuses depend on, as a text to compare. */
function visible(head: Head, policy: HealthPolicy): string {
  const oldest = (head.lastAt ?? 0) - STALE_INTERVALS * (head.intervalMs ?? policy.intervalMs)
  const seen = [...head.checks].filter(([, { last }]) => last.at >= oldest)
  return JSON.stringify(seen.map(([check, state]) => [check, ...standing(state, policy)]))
}

function standing(state: CheckState, { flipAfter }: HealthPolicy): readonly boolean[] {
  const pending = state.total < flipAfter
  return [pending, pending ? state.last.asExpected : state.failing, state.partial >= flipAfter]
}
