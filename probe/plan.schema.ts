import { type Static, type TObject, type TProperties, Type } from 'typebox'

/**
 * The plan's one schema: it is the validation, the documentation and the TypeScript type.
 * The probe's bundle carries these as plain JSON Schema (the build evaluates this file), so TypeBox itself stays out of it.
 */

const Port = Type.Integer({ minimum: 1, maximum: 65535 })
const Host = Type.String({
  minLength: 1,
  maxLength: 253,
  pattern: '^[^\\s/?#@]+$',
  description: 'A DNS name or an IP address (IPv6 without brackets). Never a URL, never with credentials.',
})
const HttpUrl = Type.String({ minLength: 8, maxLength: 2048, pattern: '^https?://[^\\s@/?#]+([/?#]\\S*)?$' })
const AddressOrCidr = Type.String({ minLength: 2, maxLength: 49, pattern: '^[0-9A-Fa-f:.]+(/[0-9]{1,3})?$' })

const common = {
  name: Type.String({
    minLength: 1,
    maxLength: 128,
    pattern: '^[^\\u0000-\\u001f\\u007f]+$',
    description: 'Unique within the plan; the name under which results are kept.',
  }),
  expect: Type.Optional(
    Type.Enum(['reachable', 'unreachable'], {
      description: 'What the network should do. `unreachable` proves segmentation. Default `reachable`.',
    }),
  ),
  timeoutMs: Type.Optional(
    Type.Integer({
      minimum: 50,
      maximum: 120_000,
      description: "Limit of one attempt on one address. Default: the plan's.",
    }),
  ),
  attempts: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: 10,
      description: "How often a failing check is tried. Default: the plan's.",
    }),
  ),
  family: Type.Optional(
    Type.Enum(['any', 'ipv4', 'ipv6'], {
      description: 'Which addresses of a name are tried. Default `any`: each of both.',
    }),
  ),
}

const tlsOptions = {
  serverName: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 253,
      description: 'Name sent in SNI and checked in the certificate. Default: the host.',
    }),
  ),
  ca: Type.Optional(
    Type.Enum(['system', 'rds'], {
      description:
        "Trusted roots: Node's own, or the RDS bundle beside it. Default `system`; `rds` for database kinds.",
    }),
  ),
  caFile: Type.Optional(
    Type.String({
      minLength: 1,
      description: 'A PEM file beside the probe whose certificates are trusted in addition.',
    }),
  ),
  minDaysLeft: Type.Optional(
    Type.Integer({
      minimum: 0,
      maximum: 3650,
      description: 'Fewer days of validity left count as `tls_expired`. Default 0.',
    }),
  ),
}

const holdMs = Type.Optional(
  Type.Integer({
    minimum: 1,
    maximum: 840_000,
    description:
      'Keep the connection idle this long, then use it again (a NAT gateway drops idle flows after 350 s).',
  }),
)

function check<K extends string, P extends TProperties>(kind: K, properties: P) {
  return Type.Object({ kind: Type.Literal(kind), ...common, ...properties }, { additionalProperties: false })
}

export const DnsCheckSchema = check('dns', {
  host: Host,
  type: Type.Optional(
    Type.Enum(['A', 'AAAA'], { description: 'Record type. Default: both, either may answer.' }),
  ),
  addresses: Type.Optional(
    Type.Array(AddressOrCidr, {
      minItems: 1,
      maxItems: 32,
      description: 'Each answer must be one of these addresses or lie in one of these ranges.',
    }),
  ),
})

export const TcpCheckSchema = check('tcp', {
  host: Host,
  port: Port,
  exchange: Type.Optional(
    Type.Array(
      Type.Object(
        {
          send: Type.Optional(
            Type.String({ maxLength: 4096, description: 'Text to send; JSON escapes such as \\r\\n apply.' }),
          ),
          expect: Type.Optional(
            Type.String({
              minLength: 1,
              maxLength: 1024,
              description: 'Regular expression that a line of the answer must match.',
            }),
          ),
          startTls: Type.Optional(
            Type.Boolean({ description: 'Start TLS on the connection after this step.' }),
          ),
        },
        { additionalProperties: false },
      ),
      { minItems: 1, maxItems: 16 },
    ),
  ),
  holdMs,
  ...tlsOptions,
})

export const TlsCheckSchema = check('tls', { host: Host, port: Type.Optional(Port), holdMs, ...tlsOptions })

export const HttpCheckSchema = check('http', {
  url: HttpUrl,
  method: Type.Optional(Type.Enum(['GET', 'HEAD'])),
  headers: Type.Optional(
    Type.Record(
      Type.String({ pattern: '^[A-Za-z0-9-]{1,64}$' }),
      Type.String({ maxLength: 1024, pattern: '^[\\t\\u0020-\\u007e]*$' }),
      {
        additionalProperties: false,
        description: 'Extra request headers. Authorization and Cookie are refused: a plan holds no secrets.',
      },
    ),
  ),
  status: Type.Optional(
    Type.Union(
      [
        Type.String({ pattern: '^[1-5](xx|[0-9]{2})(,[1-5](xx|[0-9]{2}))*$' }),
        Type.Array(Type.Integer({ minimum: 100, maximum: 599 }), { minItems: 1, maxItems: 32 }),
      ],
      {
        description:
          '`2xx`, `200,404`, or a list of numbers. Default: any status below 500 proves the path; with matchers 2xx.',
      },
    ),
  ),
  headerMatches: Type.Optional(
    Type.Record(Type.String({ pattern: '^[A-Za-z0-9-]{1,64}$' }), Type.String({ maxLength: 512 }), {
      additionalProperties: false,
      description: 'Regular expression per response header.',
    }),
  ),
  bodyMatches: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 1024,
      description: 'Regular expression that the first 64 KiB of the body must match.',
    }),
  ),
  followRedirects: Type.Optional(
    Type.Integer({
      minimum: 0,
      maximum: 5,
      description: 'How many redirects are followed, each checked against the allow-list. Default 0.',
    }),
  ),
  egressIp: Type.Optional(
    Type.Array(AddressOrCidr, {
      minItems: 1,
      maxItems: 32,
      description: "The answer (plain text or JSON) names the caller's address; it must be one of these.",
    }),
  ),
  holdMs,
  ...tlsOptions,
})

const tlsMode = Type.Optional(
  Type.Enum(['require', 'verify', 'off'], {
    description:
      '`verify` (default) checks the chain and the name, `require` only encrypts, `off` stays plain.',
  }),
)

export const PostgresCheckSchema = check('postgres', {
  host: Host,
  port: Type.Optional(Port),
  user: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 63,
      description: 'Sent in the startup message; no password ever is. Default `sonde`.',
    }),
  ),
  database: Type.Optional(Type.String({ minLength: 1, maxLength: 63 })),
  tls: tlsMode,
  holdMs,
  ...tlsOptions,
})

export const MysqlCheckSchema = check('mysql', {
  host: Host,
  port: Type.Optional(Port),
  user: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 32,
      description:
        'An account without password and without rights, so that the handshake ends in a clean log-in and log-out. Default `sonde`.',
    }),
  ),
  tls: tlsMode,
  holdMs,
  ...tlsOptions,
})

export const RedisCheckSchema = check('redis', {
  host: Host,
  port: Type.Optional(Port),
  tls: Type.Optional(
    Type.Enum(['require', 'verify', 'off'], {
      description: 'Default `off`; ElastiCache with in-transit encryption needs `verify`.',
    }),
  ),
  holdMs,
  ...tlsOptions,
})

export const MssqlCheckSchema = check('mssql', {
  host: Host,
  port: Type.Optional(Port),
  tls: tlsMode,
  ...tlsOptions,
})

export const AwsCheckSchema = check('aws', {
  service: Type.String({
    pattern: '^[a-z0-9][a-z0-9.-]{0,62}$',
    description: 'Endpoint prefix of the service: `dynamodb`, `s3`, `sts`, …',
  }),
  region: Type.Optional(
    Type.String({ pattern: '^[a-z]{2}(-[a-z]+)+-[0-9]+$', description: 'Default: AWS_REGION.' }),
  ),
  endpoint: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 300,
      pattern: '^(https?://)?[^\\s/@?#]+/?$',
      description: "Another name of the service's endpoint, such as vpce-….amazonaws.com.",
    }),
  ),
  variant: Type.Optional(Type.Enum(['standard', 'dualstack', 'fips', 'fips-dualstack', 'global'])),
  via: Type.Optional(
    Type.Enum(['any', 'endpoint'], {
      description:
        "`endpoint`: a public address that answers is `wrong_path` (interface endpoints; a gateway endpoint's address is public either way).",
    }),
  ),
  signed: Type.Optional(
    Type.Boolean({ description: "Sign with the role's credentials where there are some. Default true." }),
  ),
  holdMs,
  ...tlsOptions,
})

/** One schema a kind. A check is validated against the schema of the kind it names, so errors never speak of other kinds. */
export const CheckSchemas = {
  dns: DnsCheckSchema,
  tcp: TcpCheckSchema,
  tls: TlsCheckSchema,
  http: HttpCheckSchema,
  postgres: PostgresCheckSchema,
  mysql: MysqlCheckSchema,
  redis: RedisCheckSchema,
  mssql: MssqlCheckSchema,
  aws: AwsCheckSchema,
} as const satisfies Record<string, TObject>

export type CheckKind = keyof typeof CheckSchemas
export type CheckOf<K extends CheckKind> = Static<(typeof CheckSchemas)[K]>
export type Check = { [K in CheckKind]: CheckOf<K> }[CheckKind]

export type DnsCheck = CheckOf<'dns'>
export type TcpCheck = CheckOf<'tcp'>
export type TlsCheck = CheckOf<'tls'>
export type HttpCheck = CheckOf<'http'>
export type PostgresCheck = CheckOf<'postgres'>
export type MysqlCheck = CheckOf<'mysql'>
export type RedisCheck = CheckOf<'redis'>
export type MssqlCheck = CheckOf<'mssql'>
export type AwsCheck = CheckOf<'aws'>

/** The plan around its checks; the checks themselves are validated each by its kind. */
export const PlanEnvelopeSchema = Type.Object(
  {
    version: Type.Literal(1),
    timeoutMs: Type.Optional(
      Type.Integer({
        minimum: 50,
        maximum: 120_000,
        description: 'Milliseconds for one attempt on one address. Default 3000.',
      }),
    ),
    attempts: Type.Optional(
      Type.Integer({ minimum: 1, maximum: 10, description: 'Default 2: one lost packet is no outage.' }),
    ),
    concurrency: Type.Optional(
      Type.Integer({ minimum: 1, maximum: 256, description: 'Checks in flight at once. Default 64.' }),
    ),
    checks: Type.Array(Type.Unknown(), { minItems: 1, maxItems: 1000 }),
  },
  { additionalProperties: false },
)

/** A parsed plan: defaults are filled in by `parsePlan`. */
export interface Plan {
  readonly version: 1
  readonly timeoutMs: number
  readonly attempts: number
  readonly concurrency: number
  readonly checks: readonly Check[]
}
