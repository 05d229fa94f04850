import { readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import type { ConfigFile, Scope } from './config.schema.js'
import { parseConfigFile } from './config-file.js'
import { fileTrouble } from './file-trouble.js'
import { DEFAULT_POLICY, type HealthPolicy } from './health/health.js'
import { DEFAULT_PROBES } from './probe-names.js'
import { DEFAULT_RUN_LIMITS, type RunLimits } from './runner.js'
import type { SampleMode } from './sample/messages.js'
import { DEFAULT_RETENTION, type FunctionDeclaration, type Retention } from './store/store.js'
import { ConfigError, type ConfigProblem } from './yaml-file.js'

/** What `sonde serve` runs by: the file, the environment and the flags joined, every default filled in. */
export interface Config {
  /** The file it came from; null if there is none. */
  readonly file: string | null
  readonly server: ServerConfig
  readonly data: string
  readonly store: StoreConfig
  readonly snapshots: string | null
  /** How the sample is shown; null where it is not. */
  readonly sample: SampleMode | null
  readonly logLevel: LogLevel
  readonly policy: HealthPolicy
  readonly retention: Retention
  readonly functions: readonly FunctionDeclaration[]
  readonly tokens: readonly TokenConfig[]
  readonly sources: SourcesConfig
  /** What is collected from AWS; null where no account is connected. */
  readonly inventory: InventoryConfig | null
  readonly accounts: readonly AccountConfig[]
  /** How probes are run on demand; null where they are not. */
  readonly runs: RunsConfig | null
}

/** Where the state is: in the data folder, or in a DynamoDB table that several instances share. */
export type StoreConfig =
  | { readonly engine: 'sqlite' }
  | {
      readonly engine: 'dynamodb'
      readonly table: string
      readonly region?: string
      readonly endpoint?: string
    }

export interface InventoryConfig {
  /** Regions that are collected with Sonde's own credentials. */
  readonly regions: readonly string[]
  readonly everyMs: number
}

/** Another account, and the role in it that Sonde assumes. */
export interface AccountConfig {
  readonly account: string
  readonly roleArn: string
  readonly externalId: string | null
  readonly regions: readonly string[]
}

export interface RunsConfig extends RunLimits {
  /** Names that may be invoked; `*` stands for any characters. */
  readonly probes: readonly string[]
  readonly timeoutMs: number
}

export interface ServerConfig {
  readonly host: string
  readonly port: number
  readonly requestsPerMinute: number
  readonly maxBodyBytes: number
  readonly trustProxy: boolean
  /** Status badges need no token. */
  readonly publicBadges: boolean
}

export interface TokenConfig {
  readonly name: string
  /** `sha256:` and the hexadecimal digest of the token. */
  readonly hash: string
  readonly scopes: readonly Scope[]
  readonly requestsPerMinute?: number
}

export interface SourcesConfig {
  readonly folders: readonly { readonly path: string }[]
  readonly cloudwatch: readonly {
    readonly region: string
    /** One of `accounts`; Sonde's own credentials without. */
    readonly account?: string
    readonly logGroups: readonly string[]
    readonly pollMs: number
  }[]
  readonly firehose: { readonly accessKeyHash: string } | null
}

export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const
export type LogLevel = (typeof LOG_LEVELS)[number]

const SAMPLE_CHOICES = ['auto', 'lab', 'recording', 'off'] as const
type SampleChoice = (typeof SAMPLE_CHOICES)[number]

/** What the command line says; it wins over the environment, which wins over the file. */
export interface ConfigFlags {
  readonly config?: string
  readonly host?: string
  readonly port?: string
  readonly data?: string
  /** auto, lab, recording or off; false is off. */
  readonly sample?: string | false
  readonly logLevel?: string
}

type Environment = Readonly<Record<string, string | undefined>>

/**
 * Joins file, environment (`SONDE_CONFIG`, `SONDE_HOST`, `SONDE_PORT`, `SONDE_DATA`, `SONDE_SNAPSHOTS`, `SONDE_SAMPLE`,
 * `SONDE_LOG_LEVEL`) and flags. Paths in the file are relative to the file, others to the working directory.
 * @throws ConfigError with everything that is wrong.
 */
export function loadConfig(flags: ConfigFlags, environment: Environment): Config {
  const file = flags.config ?? nonEmpty(environment['SONDE_CONFIG']) ?? null
  const problems: ConfigProblem[] = []
  const read = file === null ? {} : (collect(problems, () => readConfigFile(file)) ?? {})
  const overrides = readOverrides(flags, environment, problems)
  if (problems.length > 0) throw new ConfigError(problems)
  return resolveConfig(read, file, overrides)
}

/** @throws ConfigError if the file can't be read or isn't valid. */
export function readConfigFile(file: string): ConfigFile {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (error) {
    const message = fileTrouble(error)?.en ?? `can't be read (${String(error)})`
    throw new ConfigError([{ source: file, line: null, column: null, message }])
  }
  return parseConfigFile(text, file)
}

interface Overrides {
  readonly host?: string
  readonly port?: number
  readonly data?: string
  readonly snapshots?: string
  readonly sample?: SampleChoice
  readonly logLevel?: LogLevel
}

/** Fills in every default. Pure. */
export function resolveConfig(read: ConfigFile, file: string | null, overrides: Overrides = {}): Config {
  const base = file === null ? '.' : dirname(file)
  const fromFile = (path: string | undefined): string | undefined =>
    path === undefined ? undefined : resolve(base, path)
  const snapshots = overrides.snapshots ?? fromFile(read.snapshots)
  return {
    file,
    server: {
      host: overrides.host ?? read.server?.host ?? '127.0.0.1',
      port: overrides.port ?? read.server?.port ?? 8080,
      requestsPerMinute: read.server?.requestsPerMinute ?? 6000,
      maxBodyBytes: read.server?.maxBodyBytes ?? 8 * 1024 * 1024,
      trustProxy: read.server?.trustProxy ?? false,
      publicBadges: read.server?.publicBadges ?? false,
    },
    data: resolve(overrides.data ?? fromFile(read.data) ?? 'data'),
    store: read.store ? { engine: 'dynamodb', ...read.store.dynamodb } : { engine: 'sqlite' },
    snapshots: snapshots === undefined ? null : resolve(snapshots),
    sample: modeOf(overrides.sample ?? read.sample ?? (file === null ? 'auto' : 'off')),
    logLevel: overrides.logLevel ?? read.logLevel ?? 'info',
    policy: { ...DEFAULT_POLICY, ...read.policy },
    retention: { ...DEFAULT_RETENTION, ...read.retention },
    functions: read.functions ?? [],
    tokens: read.tokens ?? [],
    sources: {
      folders: (read.sources?.folders ?? []).map(({ path }) => ({ path: resolve(base, path) })),
      cloudwatch: (read.sources?.cloudwatch ?? []).map((entry) => ({
        ...entry,
        pollMs: entry.pollMs ?? 10_000,
      })),
      firehose: read.sources?.firehose ?? null,
    },
    inventory: read.inventory
      ? { regions: read.inventory.regions ?? [], everyMs: (read.inventory.everyMinutes ?? 15) * 60_000 }
      : null,
    accounts: accountsOf(read.accounts ?? []),
    runs: read.runs ? runsOf(read.runs) : null,
  }
}

/** Accounts as they are written, with what is left out made plain. */
export function accountsOf(entries: NonNullable<ConfigFile['accounts']>): readonly AccountConfig[] {
  return entries.map((entry) => ({ ...entry, externalId: entry.externalId ?? null }))
}

/** Every region that is collected: some of Sonde's own account, and those of other accounts. */
export function placesOf(
  regions: readonly string[],
  accounts: readonly AccountConfig[],
): readonly { readonly account: string | null; readonly region: string }[] {
  return [
    ...regions.map((region) => ({ account: null, region })),
    ...accounts.flatMap(({ account, regions: own }) => own.map((region) => ({ account, region }))),
  ]
}

/** Runs as they are written, with every default filled in. */
export function runsOf(section: NonNullable<ConfigFile['runs']>): RunsConfig {
  return {
    probes: section.probes ?? DEFAULT_PROBES,
    timeoutMs: (section.timeoutSeconds ?? 60) * 1000,
    perFunctionPerMinute: section.perFunctionPerMinute ?? DEFAULT_RUN_LIMITS.perFunctionPerMinute,
    perMinute: section.perMinute ?? DEFAULT_RUN_LIMITS.perMinute,
  }
}

function readOverrides(flags: ConfigFlags, environment: Environment, problems: ConfigProblem[]): Overrides {
  const pick = (flag: string | undefined, flagName: string, variable: string): Said | null => {
    if (flag !== undefined) return { source: flagName, text: flag }
    const text = nonEmpty(environment[variable])
    return text === undefined ? null : { source: variable, text }
  }
  const host = pick(flags.host, '--host', 'SONDE_HOST')
  const port = pick(flags.port, '--port', 'SONDE_PORT')
  const data = pick(flags.data, '--data', 'SONDE_DATA')
  const snapshots = pick(undefined, '', 'SONDE_SNAPSHOTS')
  const level = pick(flags.logLevel, '--log-level', 'SONDE_LOG_LEVEL')
  const sampleText = flags.sample === false ? null : pick(flags.sample, '--sample', 'SONDE_SAMPLE')
  const portNumber = port && collect(problems, () => toPort(port))
  const logLevel = level && collect(problems, () => toLogLevel(level))
  const sample =
    flags.sample === false ? 'off' : sampleText && collect(problems, () => toSampleChoice(sampleText))
  return {
    ...(host ? { host: host.text } : {}),
    ...(typeof portNumber === 'number' ? { port: portNumber } : {}),
    ...(data ? { data: data.text } : {}),
    ...(snapshots ? { snapshots: snapshots.text } : {}),
    ...(logLevel ? { logLevel } : {}),
    ...(sample ? { sample } : {}),
  }
}

interface Said {
  readonly source: string
  readonly text: string
}

function toPort({ source, text }: Said): number {
  const port = /^[0-9]{1,5}$/.test(text) ? Number(text) : Number.NaN
  if (!(port <= 65_535)) throw said(source, `must be a port number from 0 to 65535, not "${text}"`)
  return port
}

function toLogLevel({ source, text }: Said): LogLevel {
  const level = LOG_LEVELS.find((known) => known === text)
  if (!level) throw said(source, `must be one of ${LOG_LEVELS.join(', ')}, not "${text}"`)
  return level
}

function toSampleChoice({ source, text }: Said): SampleChoice {
  const choice = SAMPLE_CHOICES.find((known) => known === text)
  if (!choice) throw said(source, `must be one of ${SAMPLE_CHOICES.join(', ')}, not "${text}"`)
  return choice
}

function modeOf(choice: SampleChoice): SampleMode | null {
  return choice === 'off' ? null : choice
}

function said(source: string, message: string): ConfigError {
  return new ConfigError([{ source, line: null, column: null, message }])
}

function collect<T>(problems: ConfigProblem[], read: () => T): T | undefined {
  try {
    return read()
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    problems.push(...error.problems)
    return undefined
  }
}

function nonEmpty(text: string | undefined): string | undefined {
  return text === undefined || text === '' ? undefined : text
}
