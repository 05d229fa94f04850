import { type Static, Type } from 'typebox'

/**
 * The configuration's one schema: it validates, documents and types the file.
 * Every section refuses unknown keys, so that a typo can't pass; defaults live in `config.ts`.
 */

const closed = { additionalProperties: false }

const Days = (description: string) => Type.Integer({ minimum: 1, maximum: 36_500, description })
const NonEmpty = Type.String({ minLength: 1, maxLength: 1024 })
const FunctionName = Type.String({ minLength: 1, maxLength: 256 })

const ServerSection = Type.Object(
  {
    host: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 253,
        description: 'Address to listen on. Default 127.0.0.1. Anything but loopback needs a token.',
      }),
    ),
    port: Type.Optional(
      Type.Integer({ minimum: 0, maximum: 65_535, description: 'Default 8080; 0 takes a free one.' }),
    ),
    requestsPerMinute: Type.Optional(
      Type.Integer({
        minimum: 1,
        description: 'Limit of each token that has none of its own. Default 6000.',
      }),
    ),
    maxBodyBytes: Type.Optional(
      Type.Integer({
        minimum: 65_536,
        maximum: 67_108_864,
        description: 'Largest decompressed body of one request. Default 8 MiB.',
      }),
    ),
    trustProxy: Type.Optional(
      Type.Boolean({
        description: 'Believe X-Forwarded-* (only behind a proxy that sets them). Default false.',
      }),
    ),
    publicBadges: Type.Optional(
      Type.Boolean({
        description:
          'Let anyone who knows a function’s name see its status badge without a token. Default false.',
      }),
    ),
  },
  closed,
)

export const PolicySection = Type.Object(
  {
    flipAfter: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 100,
        description: "Results in a row before a check's status flips. Default 2.",
      }),
    ),
    intervalMs: Type.Optional(
      Type.Integer({
        minimum: 1000,
        maximum: 86_400_000,
        description:
          "Expected milliseconds between a probe's reports, where it doesn't say it. Default 60000.",
      }),
    ),
  },
  closed,
)

export const RetentionSection = Type.Object(
  {
    resultsDays: Type.Optional(Days('Single results. Default 7.')),
    minuteRollupsDays: Type.Optional(Days('Timeline by minute. Default 7.')),
    hourRollupsDays: Type.Optional(Days('Timeline by hour. Default 90.')),
    dayRollupsDays: Type.Optional(Days('Timeline by day. Default 730.')),
    incidentsDays: Type.Optional(Days('Closed incidents. Default 365.')),
    maxRejects: Type.Optional(Type.Integer({ minimum: 0, maximum: 100_000, description: 'Default 1000.' })),
    maxEvents: Type.Optional(
      Type.Integer({ minimum: 100, maximum: 1_000_000, description: 'Default 10000.' }),
    ),
  },
  closed,
)

const FunctionEntry = Type.Object(
  {
    name: FunctionName,
    region: Type.Optional(NonEmpty),
    account: Type.Optional(Type.String({ pattern: '^[0-9]{12}$', description: 'Quoted: twelve digits.' })),
    posture: Type.Optional(
      Type.Object(
        {
          subnets: Type.Array(NonEmpty, { minItems: 1, maxItems: 64 }),
          securityGroups: Type.Array(NonEmpty, { maxItems: 64 }),
        },
        closed,
      ),
    ),
  },
  closed,
)

export const Scope = Type.Enum(['read', 'ingest', 'admin'])
export type Scope = Static<typeof Scope>

export const TokenEntry = Type.Object(
  {
    name: Type.String({ minLength: 1, maxLength: 64, description: 'Shown in the log; not secret.' }),
    hash: Type.String({
      pattern: '^sha256:[0-9a-f]{64}$',
      description: 'As printed by `sonde token new`. The token itself is never kept.',
    }),
    scopes: Type.Array(Scope, { minItems: 1, maxItems: 3 }),
    requestsPerMinute: Type.Optional(Type.Integer({ minimum: 1 })),
  },
  closed,
)

const SourcesSection = Type.Object(
  {
    folders: Type.Optional(
      Type.Array(Type.Object({ path: NonEmpty }, closed), {
        maxItems: 64,
        description: 'Folders whose log files are followed.',
      }),
    ),
    cloudwatch: Type.Optional(
      Type.Array(
        Type.Object(
          {
            region: NonEmpty,
            account: Type.Optional(
              Type.String({
                pattern: '^[0-9]{12}$',
                description: "One of `accounts`, whose role reads. Default: Sonde's own credentials.",
              }),
            ),
            logGroups: Type.Array(NonEmpty, { minItems: 1, maxItems: 100 }),
            pollMs: Type.Optional(Type.Integer({ minimum: 1000, maximum: 3_600_000 })),
          },
          closed,
        ),
        { maxItems: 64, description: 'Log groups that are read with FilterLogEvents.' },
      ),
    ),
    firehose: Type.Optional(
      Type.Object(
        {
          accessKeyHash: Type.String({
            pattern: '^sha256:[0-9a-f]{64}$',
            description: "Hash of the delivery stream's access key; make it with `sonde token new`.",
          }),
        },
        closed,
      ),
    ),
  },
  closed,
)

const InventorySection = Type.Object(
  {
    regions: Type.Optional(
      Type.Array(NonEmpty, {
        minItems: 1,
        maxItems: 64,
        description:
          "Regions whose configuration is collected with Sonde's own credentials. `accounts` name theirs themselves.",
      }),
    ),
    everyMinutes: Type.Optional(
      Type.Integer({ minimum: 1, maximum: 1440, description: 'Between two collections. Default 15.' }),
    ),
  },
  closed,
)

export const AccountEntry = Type.Object(
  {
    account: Type.String({ pattern: '^[0-9]{12}$', description: 'Quoted: twelve digits.' }),
    roleArn: Type.String({
      pattern: '^arn:aws[a-z-]*:iam::[0-9]{12}:role/[\\w+=,.@/-]{1,512}$',
      description: 'The role in that account that Sonde assumes.',
    }),
    externalId: Type.Optional(
      Type.String({
        pattern: '^[\\w+=,.@:/-]{2,1224}$',
        description: "What the role's trust policy asks for as sts:ExternalId.",
      }),
    ),
    regions: Type.Array(NonEmpty, {
      minItems: 1,
      maxItems: 64,
      uniqueItems: true,
      description: 'Regions whose configuration is collected, where `inventory` is there.',
    }),
  },
  closed,
)

export const RunsSection = Type.Object(
  {
    probes: Type.Optional(
      Type.Array(Type.String({ pattern: '^[A-Za-z0-9_*-]{1,140}$' }), {
        minItems: 1,
        maxItems: 64,
        description:
          'Names of Lambda functions that may be invoked, `*` for any characters: names come from reports, and who may send ' +
          'reports must not choose what is invoked. Default `sonde-*`.',
      }),
    ),
    timeoutSeconds: Type.Optional(
      Type.Integer({ minimum: 5, maximum: 900, description: 'For one probe to answer. Default 60.' }),
    ),
    perFunctionPerMinute: Type.Optional(
      Type.Integer({ minimum: 1, maximum: 600, description: 'Runs of one function a minute. Default 6.' }),
    ),
    perMinute: Type.Optional(
      Type.Integer({ minimum: 1, maximum: 6000, description: 'Runs of all functions a minute. Default 60.' }),
    ),
  },
  { ...closed, description: 'Runs of probes on demand: `runs: {}` allows them.' },
)

const StoreSection = Type.Object(
  {
    dynamodb: Type.Object(
      {
        table: Type.String({
          pattern: '^[A-Za-z0-9_.-]{3,255}$',
          description: 'Name of the table; `sonde store create` makes it.',
        }),
        region: Type.Optional(
          Type.String({
            minLength: 1,
            description: 'Default: that of the environment, as with every AWS tool.',
          }),
        ),
        endpoint: Type.Optional(
          Type.String({
            pattern: '^https?://[^ ]+$',
            description: 'Of an emulator. Default: AWS_ENDPOINT_URL, else AWS.',
          }),
        ),
      },
      closed,
    ),
  },
  { ...closed, description: 'Where the state is, past one machine. Default: a database in the data folder.' },
)

export const ConfigSchema = Type.Object(
  {
    server: Type.Optional(ServerSection),
    data: Type.Optional(
      Type.String({ minLength: 1, description: 'Folder of the embedded database. Default ./data.' }),
    ),
    store: Type.Optional(StoreSection),
    snapshots: Type.Optional(
      Type.String({
        minLength: 1,
        description: 'A snapshot folder, taken in at the start and whenever it changes.',
      }),
    ),
    inventory: Type.Optional(InventorySection),
    accounts: Type.Optional(
      Type.Array(AccountEntry, {
        maxItems: 1000,
        description:
          'Other accounts, each by a role that is assumed: for the inventory, for logs and for runs.',
      }),
    ),
    runs: Type.Optional(RunsSection),
    sample: Type.Optional(
      Type.Enum(['auto', 'lab', 'recording', 'off'], {
        description:
          'The sample account: `lab` runs live probes in a network of namespaces on this machine, `recording` replays ' +
          'some minutes of it, `auto` takes the lab where the machine allows it. Default: auto without a configuration file, else off.',
      }),
    ),
    logLevel: Type.Optional(Type.Enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'])),
    policy: Type.Optional(PolicySection),
    retention: Type.Optional(RetentionSection),
    functions: Type.Optional(Type.Array(FunctionEntry, { maxItems: 100_000 })),
    tokens: Type.Optional(Type.Array(TokenEntry, { maxItems: 1000 })),
    sources: Type.Optional(SourcesSection),
  },
  { ...closed, $id: 'SondeConfig', description: 'Configuration of `sonde serve`.' },
)

export type ConfigFile = Static<typeof ConfigSchema>
