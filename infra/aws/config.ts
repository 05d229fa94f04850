import { Type } from 'typebox'
import { Compile } from 'typebox/compile'
import { AccountEntry, TokenEntry } from '../../api/config.schema.js'
import { readPlanFile } from '../../api/discovery/plan-file.js'
import type { PlanFile } from '../../api/discovery/plan-file.schema.js'
import type { SondeApiProps } from './lib/api.js'

/** What `cdk deploy` is told: by `-c NAME=VALUE`, or in cdk.json. */
export interface AppConfig {
  readonly planFile: PlanFile
  /** Undefined: none. */
  readonly metrics: 'probe' | 'check' | undefined
  readonly alarms: boolean
  /** Undefined: nobody is told. */
  readonly alarmTopic: string | undefined
  readonly logRetentionDays: number
  /** Undefined: probes alone. */
  readonly api: ApiConfig | undefined
}

export interface ApiConfig extends Pick<SondeApiProps, 'runs' | 'accounts'> {
  readonly auth: SondeApiProps['auth']
  /** The API takes in the log group of its own region. */
  readonly region: string
}

/** Context that can't be used; says everything that is wrong with it. */
export class BadContext extends Error {
  override readonly name = 'BadContext'
  constructor(problems: readonly string[]) {
    super(problems.join('\n'))
  }
}

/** What CloudWatch Logs takes: https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html */
const RETENTION_DAYS = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
]

/**
 * Reads the context, and the plan file that it names.
 *
 * @param context value of a name, as CDK gives it; undefined where there is none
 * @param read text of a file, or undefined where there is none
 * @param defaultPlan the plan file where no other is named
 * @throws BadContext, and what `readPlanFile` throws
 */
export function readConfig(
  context: (name: string) => unknown,
  read: (file: string) => string | undefined,
  defaultPlan: string,
): AppConfig {
  const problems: string[] = []
  const collect = <T>(reading: T | Problem): T | undefined => {
    if (!(reading instanceof Problem)) return reading
    problems.push(reading.message)
    return undefined
  }
  const file = text(context('plan')) ?? defaultPlan
  const source = read(file)
  if (source === undefined)
    problems.push(
      `there is no plan file ${file}: write it with "sonde discover", or name another with -c plan=FILE`,
    )
  const alarmTopic = collect(topic(text(context('alarmTopic'))))
  const alarms = collect(flag('alarms', context('alarms'), alarmTopic !== undefined))
  const metrics = collect(kindOfMetrics(text(context('metrics'))))
  const logRetentionDays = collect(retention(context('logRetentionDays')))
  if (problems.length > 0 || source === undefined || alarms === undefined || logRetentionDays === undefined)
    throw new BadContext(problems)
  const planFile = readPlanFile(source, file)
  const api = apiOf(context, read, planFile)
  if (api instanceof Problem) throw new BadContext([api.message])
  return { planFile, metrics, alarms, alarmTopic, logRetentionDays, api }
}

function apiOf(
  context: (name: string) => unknown,
  read: (file: string) => string | undefined,
  { postures }: PlanFile,
): ApiConfig | undefined | Problem {
  const kind = text(context('api'))
  if (kind === undefined) return undefined
  const auth = kind === 'iam' ? kind : kind === 'token' ? tokensOf(text(context('tokens')), read) : null
  if (auth instanceof Problem) return auth
  if (auth === null) return new Problem(`api is "${kind}"; it is iam or token`)
  const runs = runsOf(context('runs'))
  const accounts = accountsOf(text(context('accounts')), read)
  if (accounts instanceof Problem) return accounts
  const regions = [...new Set(postures.map(({ region }) => region))]
  const region = text(context('apiRegion')) ?? (regions.length === 1 ? regions[0] : undefined)
  if (region !== undefined && regions.includes(region)) return { auth, region, runs, accounts }
  const known = regions.join(', ')
  return new Problem(
    region === undefined
      ? `the plan file is about ${known}: name the API's region with -c apiRegion=REGION`
      : `apiRegion is "${region}"; the plan file is about ${known}`,
  )
}

function tokensOf(
  file: string | undefined,
  read: (file: string) => string | undefined,
): SondeApiProps['auth'] | Problem {
  if (file === undefined)
    return new Problem('api=token needs -c tokens=FILE: a JSON list of what "sonde token new --json" prints')
  const source = read(file)
  if (source === undefined) return new Problem(`there is no file of tokens ${file}`)
  const tokens = parsed(source)
  if (isTokens.Check(tokens)) return { tokens }
  return new Problem(`${file} is not a JSON list of tokens, each with name, hash and scopes`)
}

/** `true` for the default names of probes, or names with `*`, separated by commas. */
function runsOf(value: unknown): SondeApiProps['runs'] {
  if (value === undefined || value === '' || value === false || value === 'false') return undefined
  if (value === true || value === 'true') return {}
  const probes = String(value)
    .split(',')
    .map((name) => name.trim())
  return { probes }
}

function accountsOf(
  file: string | undefined,
  read: (file: string) => string | undefined,
): SondeApiProps['accounts'] | Problem {
  if (file === undefined) return undefined
  const source = read(file)
  if (source === undefined) return new Problem(`there is no file of accounts ${file}`)
  const accounts = parsed(source)
  if (isAccounts.Check(accounts)) return accounts
  return new Problem(
    `${file} is not a JSON list of accounts, each with account, roleArn, externalId and regions`,
  )
}

/** Undefined where it isn't JSON, which is no list either. */
function parsed(source: string): unknown {
  try {
    return JSON.parse(source)
  } catch {
    return undefined
  }
}

const isTokens = Compile(Type.Array(TokenEntry, { minItems: 1, maxItems: 1000 }))
const isAccounts = Compile(Type.Array(AccountEntry, { minItems: 1, maxItems: 1000 }))

class Problem {
  constructor(readonly message: string) {}
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}

function flag(name: string, value: unknown, otherwise: boolean): boolean | Problem {
  if (value === undefined || value === '') return otherwise
  if (value === true || value === 'true') return true
  if (value === false || value === 'false') return false
  return new Problem(`${name} is "${String(value)}"; it is true or false`)
}

function kindOfMetrics(kind: string | undefined): 'probe' | 'check' | undefined | Problem {
  if (kind === undefined || kind === 'probe' || kind === 'check') return kind
  return new Problem(`metrics is "${kind}"; it is probe (one metric a probe) or check (six for each check)`)
}

function topic(arn: string | undefined): string | undefined | Problem {
  if (arn === undefined || /^arn:[^:]+:sns:[^:]+:[0-9]{12}:[A-Za-z0-9_.-]+$/.test(arn)) return arn
  return new Problem(`alarmTopic is "${arn}"; it is an ARN such as arn:aws:sns:eu-west-1:111122223333:alarms`)
}

function retention(value: unknown): number | Problem {
  if (value === undefined || value === '') return 14
  const days = Number(value)
  return RETENTION_DAYS.includes(days)
    ? days
    : new Problem(
        `logRetentionDays is "${String(value)}"; CloudWatch Logs takes ${RETENTION_DAYS.join(', ')}`,
      )
}
