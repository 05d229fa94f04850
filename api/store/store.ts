import type { AddressResult, Detail, Phases, Report } from '../../probe/report.schema.js'
import type {
  CheckHealth,
  FunctionHealth,
  FunctionStatus,
  HealthPolicy,
  Incident,
  LatencySummary,
  Posture,
} from '../health/health.js'

/**
 * The store port. Every engine passes the one conformance suite in `test/store/conformance.ts`.
 *
 * Promises that every engine keeps:
 * - `ingest` can be cut off anywhere and repeated: the checkpoint is never ahead of what was taken in, a probe's reports come with
 *   all that follows from them (latest states, rollups, incidents), and replaying a batch changes nothing but the checkpoint and
 *   the count of duplicates, since it is idempotent by (run, part). SQLite takes a whole batch in as one transaction; DynamoDB
 *   takes it in probe by probe, and the checkpoint last, so that a reader may see a part of a batch.
 * - The state depends on the set of reports taken in, not on their order, within the retention of raw results.
 * - A function is kept by name, account and region, under the name that `keptName` gives it: that is the name in every query
 *   and every answer.
 * - No read costs more than its page or its buckets: never the length of the history.
 * - A function's results, incidents and timeline hold what its standpoints saw and, where it left some (another posture, or
 *   vanished), what those saw until it left; so history is kept.
 */
export interface Store {
  readonly engine: string
  readonly ingest: (batch: IngestBatch) => Promise<IngestOutcome>
  readonly checkpoint: (source: string) => Promise<string | null>
  /** Functions named by the configuration; they exist (as `unknown`) before any report. */
  readonly declareFunctions: (functions: readonly FunctionDeclaration[]) => Promise<void>
  /**
   * All functions that discovery found in one region of an account. They exist from now on, in the posture told. What was
   * discovered there before, was not declared since, and is not named now has vanished: it belongs to no posture, is
   * `unknown`, counts nowhere, and stands in no list but that of the vanished, whatever reports still name it; it comes back
   * when it is discovered or declared again. Other regions and accounts are left alone. Who appeared or vanished is told by an
   * event `function-status` whose `from` or `to` is null.
   */
  readonly discoverFunctions: (
    home: { readonly account: string; readonly region: string },
    functions: readonly Pick<FunctionDeclaration, 'name' | 'posture'>[],
    now: Date,
  ) => Promise<void>

  readonly listFunctions: (query: FunctionQuery) => Promise<Page<FunctionHealth>>
  readonly getFunction: (name: string, now: Date) => Promise<FunctionHealth | null>
  readonly listChecks: (query: CheckQuery) => Promise<Page<CheckHealth & { readonly function: string }>>
  readonly listPostures: (query: PageQuery) => Promise<Page<Posture>>
  readonly listResults: (query: ResultQuery) => Promise<Page<StoredResult>>
  /** Every result in [from, to), each once, however many functions share its probe; by probe, oldest first, in bounded memory. */
  readonly exportResults: (from: Date, to: Date) => AsyncIterable<ExportedResult>
  readonly timeline: (query: TimelineQuery) => Promise<Timeline>
  readonly listIncidents: (query: IncidentQuery) => Promise<Page<Incident>>
  readonly listRejects: (query: PageQuery) => Promise<Page<StoredReject>>
  /** Events after a sequence number, oldest first; what SSE replays for Last-Event-ID. */
  readonly eventsAfter: (seq: number, limit: number) => Promise<readonly StoredEvent[]>
  readonly lastEventSeq: () => Promise<number>
  readonly counts: (now: Date) => Promise<StoreCounts>
  /** Deletes what is past its retention, in bounded steps; true if there is more to do. */
  readonly prune: (now: Date) => Promise<boolean>
  /** Rejects if the engine can't be read and written now. */
  readonly ping: () => Promise<void>
  readonly close: () => Promise<void>
}

export interface StoreOptions {
  readonly policy: HealthPolicy
  readonly retention: Retention
}

export interface Retention {
  readonly resultsDays: number
  readonly minuteRollupsDays: number
  readonly hourRollupsDays: number
  readonly dayRollupsDays: number
  readonly incidentsDays: number
  readonly maxRejects: number
  readonly maxEvents: number
}

export const DEFAULT_RETENTION: Retention = {
  resultsDays: 7,
  minuteRollupsDays: 7,
  hourRollupsDays: 90,
  dayRollupsDays: 730,
  incidentsDays: 365,
  maxRejects: 1000,
  maxEvents: 10_000,
}

export interface IngestBatch {
  /** Where it came from: `http`, `stdin`, `file:/…`, `logs:eu-west-1:/sonde/probes`. */
  readonly source: string
  readonly receivedAt: Date
  readonly reports: readonly Report[]
  readonly rejects: readonly Reject[]
  /** Lines that are no reports at all: counted, not kept. */
  readonly otherLines: number
  /** Opaque position of the source, saved not before all of the batch is; left as it was if absent. */
  readonly checkpoint?: string
}

export interface IngestSummary {
  readonly accepted: number
  readonly duplicates: number
  /** Rejects that were not known before. */
  readonly rejected: number
}

/** A batch's summary, with what became of its reports that were not accepted, by index: a sender is told line by line. */
export interface IngestOutcome extends IngestSummary {
  readonly duplicateIndexes: readonly number[]
  readonly refused: readonly {
    readonly index: number
    readonly reason: string
    readonly pointer: string | null
  }[]
}

/** A report that could not be read, kept (bounded) so that nothing is lost unseen. */
export interface Reject {
  readonly reason: string
  /** JSON pointer into the line where the reason points at something. */
  readonly pointer: string | null
  /** The line, cut at 4 KiB. */
  readonly line: string
  /** The line's own id within its source, where it has one: a source that is read again adds no reject twice. */
  readonly key?: string
}

export interface StoredReject extends Omit<Reject, 'key'> {
  readonly id: number
  readonly source: string
  readonly receivedAt: string
}

export interface FunctionDeclaration {
  /** A name or an ARN. */
  readonly name: string
  readonly region?: string
  readonly account?: string
  /** Without a posture the function's own reports (withSonde) or a probe's `workloads` tell. */
  readonly posture?: { readonly subnets: readonly string[]; readonly securityGroups: readonly string[] }
}

export interface Page<T> {
  readonly items: readonly T[]
  readonly nextCursor: string | null
}

export interface PageQuery {
  readonly limit: number
  /** Opaque; an engine rejects one it didn't make with `InvalidCursor`. */
  readonly cursor?: string
}

export interface FunctionQuery extends PageQuery {
  readonly now: Date
  readonly status?: FunctionStatus
  readonly posture?: string
  /** Case-insensitive part of the name. */
  readonly text?: string
  /** True lists only functions that have vanished; otherwise they are left out. */
  readonly vanished?: boolean
}

export interface CheckQuery extends PageQuery {
  readonly now: Date
  readonly function?: string
  readonly status?: CheckHealth['status']
  readonly text?: string
}

export interface ResultQuery extends PageQuery {
  readonly function: string
  readonly check?: string
  readonly outcome?: string
  readonly subnet?: string
  readonly asExpected?: boolean
  readonly from?: Date
  readonly to?: Date
}

export interface IncidentQuery extends PageQuery {
  readonly function?: string
  readonly check?: string
  readonly open?: boolean
  readonly from?: Date
  readonly to?: Date
}

/** One result as stored, newest first in lists. */
export interface StoredResult {
  readonly run: string
  readonly at: string
  readonly probe: string
  readonly subnet: string | null
  readonly check: string
  readonly kind: string
  readonly target: string
  readonly expect: 'reachable' | 'unreachable'
  readonly outcome: string
  readonly asExpected: boolean
  readonly endedIn: string | null
  readonly ms: number
  readonly phases: Phases
  readonly address: string | null
  readonly addressKind: 'private' | 'public' | null
  /** What each address of a name that has several met. */
  readonly addresses?: readonly AddressResult[]
  readonly detail: Detail
}

/** A result with where its probe stands. */
export interface ExportedResult extends StoredResult {
  readonly account: string | null
  readonly region: string | null
}

export type Step = 'minute' | 'hour' | 'day'

export interface TimelineQuery {
  readonly function: string
  readonly check?: string
  readonly subnet?: string
  readonly from: Date
  readonly to: Date
  readonly step: Step
}

export interface TimelineBucket {
  /** ISO 8601 start of the bucket. */
  readonly at: string
  readonly total: number
  readonly asExpected: number
  readonly outcomes: Readonly<Record<string, number>>
  /** Whole duration of the results that were as expected and reached something. */
  readonly latency: LatencySummary | null
  readonly phases: Readonly<Partial<Record<'dns' | 'connect' | 'tls' | 'exchange', LatencySummary>>>
}

export interface Timeline {
  readonly step: Step
  /** Only buckets that hold results, oldest first. */
  readonly buckets: readonly TimelineBucket[]
}

export interface StoredEvent {
  readonly seq: number
  readonly at: string
  readonly type:
    | 'report'
    | 'function-status'
    | 'check-status'
    | 'incident-opened'
    | 'incident-closed'
    | 'reject'
  readonly function: string | null
  readonly data: unknown
}

export interface StoreCounts {
  readonly functions: Readonly<Record<FunctionStatus, number>>
  readonly openIncidents: number
  /** When the newest report of all probes began; null if there is none. */
  readonly lastReportAt: string | null
  readonly results: number
  readonly reports: number
  readonly duplicates: number
  readonly rejects: number
  readonly otherLines: number
  readonly bytes: number | null
}

export class InvalidCursor extends Error {
  override readonly name = 'InvalidCursor'
}

/** The store's file was written by a newer program. */
export class NewerSchema extends Error {
  override readonly name = 'NewerSchema'
}

/** Another process has the store open. */
export class StoreInUse extends Error {
  override readonly name = 'StoreInUse'
}
