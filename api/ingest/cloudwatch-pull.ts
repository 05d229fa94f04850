import type {
  FilterLogEventsCommandInput,
  FilterLogEventsCommandOutput,
} from '@aws-sdk/client-cloudwatch-logs'
import type { IngestSummary, Store } from '../store/store.js'
import type { RateClock, RateLimit } from './rate.js'
import { takeLines } from './take-lines.js'

/** One log group of one region, with the call that reads it. */
export interface LogGroup {
  /** Where it isn't Sonde's own: groups of one name in several accounts are several. */
  readonly account?: string
  readonly region: string
  readonly name: string
  readonly filterLogEvents: (
    input: FilterLogEventsCommandInput,
    signal: AbortSignal,
  ) => Promise<FilterLogEventsCommandOutput>
}

export interface PullOptions {
  /** Milliseconds before the last position that every pull reads again: events of one moment may come in out of order. */
  readonly overlapMs: number
  /** Milliseconds before the last position that a sweep reads again: Lambda's logs can take minutes to appear. */
  readonly lateMs: number
  /** Pulls between two sweeps. */
  readonly sweepEvery: number
  /** Where a group without checkpoint starts, in milliseconds before now. */
  readonly lookBackMs: number
  /** Longest stretch read before the position is saved. */
  readonly sliceMs: number
  /** Events per call, at most 10,000. */
  readonly pageSize: number
}

export const DEFAULT_PULL: PullOptions = {
  overlapMs: 60_000,
  lateMs: 15 * 60_000,
  sweepEvery: 30,
  lookBackMs: 60 * 60_000,
  sliceMs: 15 * 60_000,
  pageSize: 10_000,
}

export interface PullSummary extends IngestSummary {
  readonly calls: number
  readonly events: number
  /** False when the group is further behind than one slice: pull again at once. */
  readonly caughtUp: boolean
}

interface Position {
  /** Epoch milliseconds up to which every event has been read once. */
  readonly readTo: number
  readonly pulls: number
}

const MAX_BACKOFF_MS = 30_000
const MAX_TRIES = 8
const RETRYABLE = new Set([
  'ThrottlingException',
  'LimitExceededException',
  'ServiceUnavailableException',
  'TooManyRequestsException',
  'TimeoutError',
  'InternalFailure',
])

/** The name under which a group's position is kept. */
export function sourceOf({ account, region, name }: LogGroup): string {
  return `logs:${account === undefined ? '' : `${account}:`}${region}:${name}`
}

/**
 * Reads what is new in one log group and takes it in. The position moves only when a whole slice has been read, in the
 * transaction that takes in the slice's last page: a pull that is cut off is read again, and the store drops what it has.
 * Every call waits for a permit of `limit`: FilterLogEvents has a fixed quota of 5 to 25 calls a second per account and region
 * (https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/cloudwatch_limits_cwl.html). Pages without events but with a
 * token are normal (https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_FilterLogEvents.html).
 */
export async function pullLogGroup(
  group: LogGroup,
  store: Store,
  limit: RateLimit,
  clock: RateClock,
  options: PullOptions,
  signal: AbortSignal,
): Promise<PullSummary> {
  const source = sourceOf(group)
  const now = clock.now()
  const position = readPosition(await store.checkpoint(source)) ?? {
    readTo: now - options.lookBackMs,
    pulls: 0,
  }
  const sweeps = position.pulls % options.sweepEvery === options.sweepEvery - 1
  const startTime =
    position.readTo > now
      ? // The clock was set back: since when it had been ahead isn't known.
        now - Math.max(options.lookBackMs, options.lateMs)
      : position.readTo - (sweeps ? options.lateMs : options.overlapMs)
  const endTime = Math.min(now, position.readTo + options.sliceMs)
  const checkpoint = JSON.stringify({ readTo: endTime, pulls: position.pulls + 1 } satisfies Position)
  const total = { accepted: 0, duplicates: 0, rejected: 0, calls: 0, events: 0 }
  let nextToken: string | undefined
  do {
    const input = {
      logGroupName: group.name,
      startTime: Math.max(0, startTime),
      endTime,
      limit: options.pageSize,
      ...(nextToken === undefined ? {} : { nextToken }),
    }
    const page = await withBackoff(() => group.filterLogEvents(input, signal), limit, clock, signal)
    total.calls += 1
    nextToken = page.nextToken
    const lines = (page.events ?? []).flatMap(({ message, eventId }) =>
      message === undefined ? [] : [{ text: message, ...(eventId === undefined ? {} : { key: eventId }) }],
    )
    total.events += lines.length
    if (lines.length === 0 && nextToken !== undefined) continue
    const summary = await takeLines(store, lines, {
      source,
      clock: () => new Date(clock.now()),
      ...(nextToken === undefined ? { checkpoint } : {}),
    })
    total.accepted += summary.accepted
    total.duplicates += summary.duplicates
    total.rejected += summary.rejected
  } while (nextToken !== undefined)
  return { ...total, caughtUp: endTime >= now }
}

/**
 * Pulls all groups in turn until the signal aborts. A group that fails is reported and tried again in the next round; the
 * others go on.
 */
export async function pullForever(
  groups: readonly LogGroup[],
  store: Store,
  limits: (region: string) => RateLimit,
  clock: RateClock,
  options: PullOptions & { readonly everyMs: number },
  onRound: (group: LogGroup, outcome: PullSummary | Error) => void,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    let behind = false
    for (const group of groups) {
      if (signal.aborted) return
      try {
        const summary = await pullLogGroup(group, store, limits(group.region), clock, options, signal)
        behind ||= !summary.caughtUp
        onRound(group, summary)
      } catch (error) {
        if (signal.aborted) return
        onRound(group, error instanceof Error ? error : new Error(String(error)))
      }
    }
    if (!behind) await clock.sleep(options.everyMs, signal).catch(() => undefined)
  }
}

async function withBackoff<T>(
  call: () => Promise<T>,
  limit: RateLimit,
  clock: RateClock,
  signal: AbortSignal,
): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    await limit.take(signal)
    try {
      return await call()
    } catch (error) {
      const name = error instanceof Error ? error.name : ''
      if (attempt >= MAX_TRIES || !RETRYABLE.has(name)) throw error
      // Full jitter: many readers that were throttled together must not come back together.
      await clock.sleep(Math.random() * Math.min(MAX_BACKOFF_MS, 250 * 2 ** attempt), signal)
    }
  }
}

function readPosition(checkpoint: string | null): Position | null {
  if (checkpoint === null) return null
  const value: unknown = JSON.parse(checkpoint)
  if (typeof value !== 'object' || value === null || !('readTo' in value) || !('pulls' in value)) return null
  return typeof value.readTo === 'number' && typeof value.pulls === 'number'
    ? { readTo: value.readTo, pulls: value.pulls }
    : null
}
