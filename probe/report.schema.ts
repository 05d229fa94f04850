import { type Static, Type } from 'typebox'

/**
 * The report line: the contract between probe and API. Readers ignore unknown fields and accept unknown outcomes and kinds
 * (a newer probe may report to an older API); writers write exactly this.
 */

const Phases = Type.Object(
  {
    dns: Type.Optional(Type.Number({ minimum: 0 })),
    connect: Type.Optional(Type.Number({ minimum: 0 })),
    tls: Type.Optional(Type.Number({ minimum: 0 })),
    exchange: Type.Optional(Type.Number({ minimum: 0 })),
  },
  { description: 'Milliseconds spent in each phase that was entered.' },
)

const AddressKind = Type.Enum(['private', 'public'])

export const AddressResultSchema = Type.Object({
  address: Type.String(),
  addressKind: AddressKind,
  outcome: Type.String(),
  ms: Type.Number({ minimum: 0 }),
  phases: Phases,
  message: Type.Optional(Type.String({ description: 'The error in words, without payloads.' })),
})

/** Small facts by kind; every field optional, none a secret, a body or a query string. */
export const DetailSchema = Type.Object({
  message: Type.Optional(Type.String()),
  code: Type.Optional(Type.String({ description: 'errno, OpenSSL or server code behind the outcome.' })),
  resolver: Type.Optional(Type.Array(Type.String())),
  answers: Type.Optional(Type.Array(Type.String())),
  tlsVersion: Type.Optional(Type.String()),
  cipher: Type.Optional(Type.String()),
  serverName: Type.Optional(Type.String()),
  certificateSubject: Type.Optional(Type.String()),
  certificateIssuer: Type.Optional(Type.String()),
  certificateNotBefore: Type.Optional(Type.String()),
  certificateExpires: Type.Optional(Type.String()),
  certificateDaysLeft: Type.Optional(Type.Number()),
  httpStatus: Type.Optional(Type.Integer()),
  redirects: Type.Optional(Type.Integer()),
  egressIp: Type.Optional(Type.String()),
  server: Type.Optional(Type.String()),
  serverVersion: Type.Optional(Type.String()),
  authentication: Type.Optional(Type.String()),
  tlsOffered: Type.Optional(Type.Boolean()),
  awsService: Type.Optional(Type.String()),
  awsErrorCode: Type.Optional(Type.String()),
  awsRequestId: Type.Optional(Type.String()),
  awsSigned: Type.Optional(Type.Boolean()),
  pathTold: Type.Optional(
    Type.Boolean({ description: 'False where the address can not tell the path (gateway endpoints).' }),
  ),
  heldMs: Type.Optional(Type.Number()),
  warnings: Type.Optional(Type.Array(Type.String())),
})

export const ResultSchema = Type.Object({
  check: Type.String({ minLength: 1, maxLength: 256 }),
  kind: Type.String({ minLength: 1, maxLength: 32 }),
  target: Type.String({
    maxLength: 2048,
    description: 'host:port, or a URL without its query string, or the AWS endpoint.',
  }),
  expect: Type.Enum(['reachable', 'unreachable']),
  outcome: Type.String({ minLength: 1, maxLength: 64 }),
  asExpected: Type.Boolean(),
  ms: Type.Number({ minimum: 0, description: 'Duration of the deciding attempt.' }),
  phases: Phases,
  endedIn: Type.Optional(
    Type.Enum(['plan', 'dns', 'connect', 'tls', 'exchange'], {
      description: 'The phase in which a failing check ended.',
    }),
  ),
  address: Type.Union([Type.String(), Type.Null()]),
  addressKind: Type.Union([AddressKind, Type.Null()]),
  attempts: Type.Array(Type.Object({ outcome: Type.String(), ms: Type.Number({ minimum: 0 }) })),
  addresses: Type.Optional(
    Type.Array(AddressResultSchema, {
      description: 'Every address of the name, each tried by itself, where there is more than one.',
    }),
  ),
  detail: Type.Optional(DetailSchema),
})

export const ReportSchema = Type.Object({
  sonde: Type.Integer({ minimum: 1, description: 'Version of this contract.' }),
  run: Type.String({ minLength: 1, maxLength: 128 }),
  part: Type.Tuple([Type.Integer({ minimum: 1 }), Type.Integer({ minimum: 1 })]),
  probe: Type.Object({
    function: Type.String({ minLength: 1, maxLength: 256 }),
    version: Type.String({ description: 'Version of Sonde that ran.' }),
    region: Type.Union([Type.String(), Type.Null()]),
    account: Type.Union([Type.String(), Type.Null()]),
    subnet: Type.Union([Type.String(), Type.Null()]),
    securityGroups: Type.Array(Type.String()),
    coldStart: Type.Boolean(),
    memoryMb: Type.Union([Type.Number(), Type.Null()]),
    runtime: Type.String(),
    workloads: Type.Optional(
      Type.Array(Type.String({ maxLength: 256 }), {
        maxItems: 1000,
        description: "Functions that share this probe's posture, where the deployment told it.",
      }),
    ),
    intervalMs: Type.Optional(
      Type.Integer({
        minimum: 1000,
        description: 'How often this probe is scheduled; staleness is three of these.',
      }),
    ),
  }),
  startedAt: Type.String({ description: 'ISO 8601, UTC.' }),
  durationMs: Type.Number({ minimum: 0 }),
  results: Type.Array(ResultSchema),
})

export type Phases = Static<typeof Phases>
export type Detail = Static<typeof DetailSchema>
export type AddressResult = Static<typeof AddressResultSchema>
export type Result = Static<typeof ResultSchema>
export type Report = Static<typeof ReportSchema>
export type ProbeIdentity = Report['probe']
export type AddressKind = Static<typeof AddressKind>

/** What an invocation returns: the very reports that it printed, so that reading both counts nothing twice. */
export const ProbeAnswerSchema = Type.Object({
  sonde: Type.Integer({ minimum: 1 }),
  reports: Type.Array(ReportSchema),
  warnings: Type.Optional(Type.Array(Type.String(), { description: 'What is odd about the plan.' })),
})

/**
 * The line that a probe prints when it could not run at all. It is no report (it has no results) and readers keep it
 * among the rejects; its text says what to repair.
 */
export const ErrorLineSchema = Type.Object({
  sonde: Type.Integer({ minimum: 1 }),
  error: Type.Object({
    code: Type.Enum(['bad_plan', 'bad_allow_list']),
    source: Type.String({ description: 'Where the plan came from: event, SONDE_PLAN, plan.json or none.' }),
    errors: Type.Array(
      Type.Object({
        pointer: Type.String({ maxLength: 512, description: 'RFC 6901 pointer into the plan.' }),
        message: Type.String({ maxLength: 512 }),
      }),
    ),
  }),
  probe: ReportSchema.properties.probe,
  at: Type.String({ description: 'ISO 8601, UTC.' }),
})

export type ProbeAnswer = Static<typeof ProbeAnswerSchema>
export type ErrorLine = Static<typeof ErrorLineSchema>
