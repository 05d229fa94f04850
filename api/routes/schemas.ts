import { type Static, type TSchema, Type } from 'typebox'
import { DetailSchema } from '../../probe/report.schema.js'
import type { Page } from '../store/store.js'

/** Shared schemas of the API: each becomes one named component of the OpenAPI document. */

export const Nullable = {
  String: (options: object = {}) => Type.Unsafe<string | null>({ type: ['string', 'null'], ...options }),
  Number: (options: object = {}) => Type.Unsafe<number | null>({ type: ['number', 'null'], ...options }),
}

type Frozen<T> = T extends readonly (infer Item)[]
  ? readonly Frozen<Item>[]
  : T extends object
    ? { readonly [Key in keyof T]: Frozen<T[Key]> }
    : T

/** A reference to a component by its `$id` that keeps the component's type; what the store hands out is read-only. */
export function ref<T extends TSchema & { $id: string }>(schema: T) {
  return Type.Unsafe<Frozen<Static<T>>>({ $ref: `${schema.$id}#` })
}

/** A component that a route sends as bytes which it has serialized already. */
export function serialized(schema: { readonly $id: string }) {
  return Type.Unsafe<Buffer>({ $ref: `${schema.$id}#` })
}

function component<T extends TSchema>($id: string, schema: T): T & { $id: string } {
  return Object.assign(schema, { $id, title: $id })
}

export const Sentence = component(
  'Sentence',
  Type.Object({ en: Type.String(), ko: Type.String() }, { description: 'One sentence in each language.' }),
)

const Instant = (description: string) => Type.String({ description: `${description} ISO 8601, UTC.` })
const AddressKind = Type.Unsafe<'private' | 'public' | null>({ enum: ['private', 'public', null] })
const Expect = Type.Enum(['reachable', 'unreachable'])

export const FUNCTION_STATUSES = ['healthy', 'degraded', 'failing', 'stale', 'unknown'] as const
export const CHECK_STATUSES = ['passing', 'failing', 'pending', 'stale', 'degraded'] as const
export const EVENT_TYPES = [
  'report',
  'function-status',
  'check-status',
  'incident-opened',
  'incident-closed',
  'reject',
] as const

export const Latency = component(
  'Latency',
  Type.Object(
    {
      count: Type.Integer(),
      p50: Type.Number(),
      p90: Type.Number(),
      p99: Type.Number(),
      max: Type.Number(),
    },
    { description: 'Milliseconds, within one percent.' },
  ),
)

export const StandpointCheck = component(
  'StandpointCheck',
  Type.Object(
    {
      standpoint: Type.String(),
      subnet: Nullable.String(),
      securityGroups: Type.Array(Type.String()),
      probe: Type.String(),
      status: Type.Enum(['passing', 'failing', 'pending', 'stale']),
      outcome: Type.String({ description: 'What the packet saw; new outcomes may appear.' }),
      endedIn: Nullable.String({
        description: 'plan, dns, connect, tls or exchange; null if it did not fail.',
      }),
      asExpected: Type.Boolean(),
      consecutiveFailures: Type.Integer(),
      since: Instant('When this status began.'),
      lastAt: Instant('The newest result.'),
      ms: Type.Number(),
      address: Nullable.String(),
      addressKind: AddressKind,
    },
    { description: 'One check seen from one subnet with one set of security groups.' },
  ),
)

export const Check = component(
  'Check',
  Type.Object({
    name: Type.String(),
    kind: Type.String(),
    target: Type.String(),
    expect: Expect,
    status: Type.Enum([...CHECK_STATUSES]),
    since: Instant('When this status began.'),
    standpoints: Type.Array(ref(StandpointCheck)),
  }),
)

const functionHead = {
  name: Type.String(),
  status: Type.Enum([...FUNCTION_STATUSES]),
  since: Nullable.String({ description: 'When this status began; null while unknown.' }),
  lastReportAt: Nullable.String(),
  posture: Nullable.String(),
  region: Nullable.String(),
  account: Nullable.String(),
  vanishedAt: Nullable.String({ description: 'When discovery no longer found it; null while it is there.' }),
  summary: Type.String({ description: 'One sentence that says why it has this status, in English.' }),
  text: ref(Sentence),
}

export const FunctionHealth = component(
  'FunctionHealth',
  Type.Object({ ...functionHead, checks: Type.Array(ref(Check)) }),
)

export const FunctionVerdict = component(
  'FunctionVerdict',
  Type.Object(
    {
      name: Type.String(),
      status: Type.Enum([...FUNCTION_STATUSES]),
      why: Type.String({ description: 'One sentence, in English.' }),
      text: Type.Unsafe<{ en: string; ko: string }>({ $ref: 'Sentence#' }),
      diagnosis: Type.Unsafe<{ en: string; ko: string } | null>({
        anyOf: [{ $ref: 'Sentence#' }, { type: 'null' }],
        description: 'The cause in one sentence, where something fails and the cause is known by now.',
      }),
      since: Nullable.String(),
      lastReportAt: Nullable.String(),
      failing: Type.Array(Type.String(), { description: 'Names of the checks that are not as expected.' }),
    },
    { description: 'Small on purpose: what a load balancer or an alarm reads.' },
  ),
)

export const FunctionCheck = component(
  'FunctionCheck',
  Type.Object({ function: Type.String(), ...Check.properties }),
)

export const Posture = component(
  'Posture',
  Type.Object(
    {
      id: Type.String(),
      subnets: Type.Array(Type.String()),
      securityGroups: Type.Array(Type.String()),
      functions: Type.Array(Type.String()),
      probes: Type.Array(
        Type.Object({
          name: Type.String(),
          subnet: Nullable.String(),
          lastReportAt: Nullable.String(),
        }),
      ),
    },
    {
      description: 'Subnets and security groups that some functions share, and the probes that stand there.',
    },
  ),
)

const Phases = Type.Object(
  {
    dns: Type.Optional(Type.Number()),
    connect: Type.Optional(Type.Number()),
    tls: Type.Optional(Type.Number()),
    exchange: Type.Optional(Type.Number()),
  },
  { description: 'Milliseconds spent in each phase that was entered.' },
)

export const StoredResult = component(
  'Result',
  Type.Object({
    run: Type.String(),
    at: Instant('When the run started.'),
    probe: Type.String(),
    subnet: Nullable.String(),
    check: Type.String(),
    kind: Type.String(),
    target: Type.String(),
    expect: Expect,
    outcome: Type.String(),
    asExpected: Type.Boolean(),
    endedIn: Nullable.String(),
    ms: Type.Number(),
    phases: Phases,
    address: Nullable.String(),
    addressKind: AddressKind,
    detail: Type.Object(DetailSchema.properties, { description: 'Small facts by kind of check.' }),
  }),
)

const NullableLatency = Type.Union([ref(Latency), Type.Null()])

export const Timeline = component(
  'Timeline',
  Type.Object({
    step: Type.Enum(['minute', 'hour', 'day']),
    from: Instant('Start of the stretch.'),
    to: Instant('End of the stretch.'),
    buckets: Type.Array(
      Type.Object({
        at: Instant('Start of the bucket.'),
        total: Type.Integer(),
        asExpected: Type.Integer(),
        outcomes: Type.Record(Type.String(), Type.Integer()),
        latency: NullableLatency,
        phases: Type.Object({
          dns: Type.Optional(ref(Latency)),
          connect: Type.Optional(ref(Latency)),
          tls: Type.Optional(ref(Latency)),
          exchange: Type.Optional(ref(Latency)),
        }),
      }),
      { description: 'Only buckets that hold results, oldest first.' },
    ),
  }),
)

export const Incident = component(
  'Incident',
  Type.Object({
    id: Type.String(),
    function: Type.String(),
    check: Type.String(),
    standpoint: Type.String(),
    subnet: Nullable.String(),
    openedAt: Instant('When it began.'),
    closedAt: Nullable.String({ description: 'Null while it lasts.' }),
    firstOutcome: Type.String(),
    lastOutcome: Type.String(),
    failures: Type.Integer(),
  }),
)

export const Reject = component(
  'Reject',
  Type.Object({
    id: Type.Integer(),
    source: Type.String(),
    receivedAt: Instant('When it came.'),
    reason: Type.String(),
    pointer: Nullable.String({ description: 'JSON pointer into the line.' }),
    line: Type.String({ description: 'The line, cut at 4 KiB.' }),
  }),
)

export const Problem = component(
  'Problem',
  Type.Object(
    {
      type: Type.String({ description: 'Relative URI of what this problem means: /problems/CODE.' }),
      title: Type.String(),
      status: Type.Integer(),
      detail: Type.String(),
      code: Type.String(),
      requestId: Type.String(),
      errors: Type.Optional(
        Type.Array(
          Type.Object({
            in: Type.Enum(['query', 'params', 'headers', 'body']),
            pointer: Type.String(),
            message: Type.String(),
          }),
        ),
      ),
    },
    { description: 'RFC 9457 problem details.' },
  ),
)

export const COMPONENTS = [
  Latency,
  StandpointCheck,
  Check,
  FunctionHealth,
  FunctionVerdict,
  FunctionCheck,
  Posture,
  StoredResult,
  Timeline,
  Incident,
  Reject,
  Problem,
] as const

export const MAX_PAGE = 200
export const MAX_NAME = 256

export const pageQuery = {
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: MAX_PAGE, default: 50 })),
  cursor: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 1024,
      description: '`nextCursor` of the page before, unchanged.',
    }),
  ),
}

export const rangeQuery = {
  from: Type.Optional(Type.String({ maxLength: 40, description: 'ISO 8601 instant, inclusive.' })),
  to: Type.Optional(Type.String({ maxLength: 40, description: 'ISO 8601 instant, exclusive.' })),
}

/** A closed query: an unknown parameter is an error, so that a misspelt filter can't silently filter nothing. */
export function query<T extends Record<string, TSchema>>(properties: T) {
  return Type.Object(properties, { additionalProperties: false })
}

export const NameParams = Type.Object({
  name: Type.String({
    minLength: 1,
    maxLength: MAX_NAME,
    description:
      "The function's name; its ARN where functions of several accounts or regions bear that name.",
  }),
})

export function pageOf<T extends TSchema>(item: T) {
  return Type.Unsafe<Page<Static<T>>>(Type.Object({ items: Type.Array(item), nextCursor: Nullable.String() }))
}

const problem = (description: string) => ({
  description,
  content: { 'application/problem+json': { schema: ref(Problem) } },
})

/** The problems that every route of `/v1` can answer. */
export const commonProblems = {
  400: problem('A parameter is not valid.'),
  401: problem('A token is needed.'),
  403: problem('The token or the sender is not allowed this.'),
  429: problem('Too many requests.'),
  500: problem('A fault of Sonde.'),
  503: problem('Too much is in progress, or not ready.'),
}

/** What a route that reads a body can answer besides. */
export const bodyProblems = {
  413: problem('The body is too large.'),
  415: problem('The body is of a kind that this route does not read.'),
}

/** What a route that needs a snapshot can answer besides. */
export const noSnapshotKept = { 409: problem('No snapshot is kept yet.') }

export const notFound = { 404: problem('There is no function of that name.') }
export { problem as problemResponse }
