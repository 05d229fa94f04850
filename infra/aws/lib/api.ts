import { join } from 'node:path'
import { CfnOutput, Duration, type RemovalPolicy } from 'aws-cdk-lib'
import { Alarm, ComparisonOperator, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch'
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions'
import type { Table } from 'aws-cdk-lib/aws-dynamodb'
import { type IGrantable, PolicyStatement } from 'aws-cdk-lib/aws-iam'
import type { IKey } from 'aws-cdk-lib/aws-kms'
import { CfnUrl } from 'aws-cdk-lib/aws-lambda'
import type { ILogGroup } from 'aws-cdk-lib/aws-logs'
import type { ITopic } from 'aws-cdk-lib/aws-sns'
import { Construct } from 'constructs'
import { runPolicy, snapshotPolicy } from '../../../api/aws/policy.js'
import type { ConfigFile } from '../../../api/config.schema.js'
import { DEFAULT_PROBES } from '../../../api/probe-names.js'
import type { Acceptance } from './accept.js'
import { builtCode, type CodeLocation, DIST } from './bundle.js'
import { httpApi } from './http-api.js'
import { SondeIngest } from './ingest.js'
import type { Statement } from './policy.js'
import { rangeProblem, refuse } from './props.js'
import { placeOf } from './roles.js'
import { ServiceFunction } from './service.js'
import { storeTable, useTable } from './table.js'
import { upkeepSchedule } from './upkeep.js'

export interface SondeApiProps {
  /** The log group that all probes share; its report lines are taken in. */
  readonly logGroup: ILogGroup
  /**
   * Who may ask. `iam`: a Function URL that takes only requests signed by principals whom `grantAccess` (or their own policy)
   * lets in; everyone of them may do everything. Tokens, as `sonde token new` makes them: an HTTP API that anyone can reach and
   * that answers only to these.
   */
  readonly auth: 'iam' | { readonly tokens: NonNullable<ConfigFile['tokens']> }
  /** Regions whose configuration is collected, every 15 minutes, for the diagnosis. Default: the stack's own; none: no rights for it. */
  readonly regions?: readonly string[]
  /**
   * `runs` of the configuration: lets `sonde run`, the page and `POST /v1/functions/{name}/runs` run probes at once. The API may then
   * invoke functions of these names, in every region of its account, and no others. Default: no runs, and no right to invoke.
   */
  readonly runs?: ConfigFile['runs']
  /**
   * `accounts` of the configuration: other accounts whose regions are collected, and whose probes are run where `runs` allows it, by
   * a role there that trusts this API's role and asks for the external id. The API may then assume these roles, and no others.
   * Default: none.
   */
  readonly accounts?: ConfigFile['accounts']
  /** `policy` of the configuration: when a check's status flips. */
  readonly policy?: ConfigFile['policy']
  /** `retention` of the configuration. */
  readonly retention?: ConfigFile['retention']
  /** Key that encrypts the table. Default: the one that DynamoDB keeps itself. */
  readonly encryptionKey?: IKey
  /** What happens to the table when the stack is deleted. Default: it is kept, and protected from being deleted. */
  readonly removalPolicy?: RemovalPolicy
  /** Invocations at once that are set aside for the API. Default none. */
  readonly reservedConcurrency?: number
  /** Told when deliveries could not be taken in, and when the API fails. Default: nobody. */
  readonly alarmTopic?: ITopic
  /**
   * The code of the API and of the ingest: a folder with `index.mjs`, or where in S3 it lies. Default: `dist/lambda/api` and
   * `dist/lambda/ingest`.
   */
  readonly code?: { readonly api: string | CodeLocation; readonly ingest: string | CodeLocation }
}

/**
 * The API without a server: a function behind a Function URL (IAM) or an HTTP API (tokens), its state in DynamoDB, and a function
 * that takes in what the probes print. Any number of instances, each ended at any time.
 */
export class SondeApi extends Construct {
  readonly table: Table
  readonly ingest: SondeIngest
  readonly service: ServiceFunction
  /** Where the API and its page are. */
  readonly url: string

  constructor(scope: Construct, id: string, props: SondeApiProps) {
    super(scope, id)
    const tokens = props.auth === 'iam' ? undefined : JSON.stringify(props.auth.tokens)
    refuse(this, problemsOf(props, tokens))
    const regions = props.regions ?? [placeOf(this).region]
    const { encryptionKey, removalPolicy, accounts = [] } = props
    this.table = storeTable(this, 'Store', { encryptionKey, removalPolicy })
    const settings = {
      SONDE_TABLE: this.table.tableName,
      ...(props.policy ? { SONDE_POLICY: JSON.stringify(props.policy) } : {}),
      ...(props.retention ? { SONDE_RETENTION: JSON.stringify(props.retention) } : {}),
    }
    const { api, ingest } = props.code ?? {
      api: join(DIST, 'lambda/api'),
      ingest: join(DIST, 'lambda/ingest'),
    }
    this.ingest = new SondeIngest(this, 'Ingest', {
      logGroup: props.logGroup,
      table: this.table,
      tableKey: encryptionKey,
      code: codeOf(this, 'IngestCode', ingest),
      environment: settings,
      alarmTopic: props.alarmTopic,
    })
    this.service = new ServiceFunction(this, 'Api', {
      description: 'Sonde: the API and its page',
      code: codeOf(this, 'ApiCode', api),
      environment: {
        ...settings,
        SONDE_AUTH: tokens === undefined ? 'iam' : 'token',
        ...(tokens === undefined ? {} : { SONDE_TOKENS: tokens }),
        ...(regions.length > 0 ? { SONDE_REGIONS: regions.join(',') } : {}),
        ...(props.runs
          ? {
              SONDE_RUNS: JSON.stringify({ ...(tokens === undefined ? {} : BEHIND_HTTP_API), ...props.runs }),
            }
          : {}),
        ...(accounts.length > 0 ? { SONDE_ACCOUNTS: JSON.stringify(accounts) } : {}),
      },
      statements: [
        useTable(this.table),
        ...(regions.length > 0 ? describes(this) : []),
        ...(props.runs ? invokes(this, props.runs) : []),
        ...(accounts.length > 0 ? [assumes(accounts)] : []),
      ],
      ...wildcardsOf(this, { reads: regions.length > 0, runs: props.runs }),
      memoryMb: 1024,
      // The upkeep collects the configuration; a request is cut off by what is in front long before.
      timeout: Duration.minutes(5),
      reservedConcurrency: props.reservedConcurrency,
      ...(accounts.length > 0 ? { accepts: [EXTERNAL_IDS] } : {}),
    })
    encryptionKey?.grantEncryptDecrypt(this.service.role)
    upkeepSchedule(this, this.service.resource.attrArn)
    this.url = tokens === undefined ? this.functionUrl() : httpApi(this, this.service.resource)
    this.alarm(props.alarmTopic)
    new CfnOutput(this, 'Url', { value: this.url, description: 'The API and its page' })
  }

  /**
   * Lets a principal use the API by the Function URL; only with `auth: 'iam'`. Since October 2025 that takes both actions:
   * https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html
   */
  grantAccess(grantee: IGrantable): void {
    const functionArn = this.service.resource.attrArn
    grantee.grantPrincipal.addToPrincipalPolicy(
      new PolicyStatement({
        actions: ['lambda:InvokeFunctionUrl'],
        resources: [functionArn],
        conditions: { StringEquals: { 'lambda:FunctionUrlAuthType': 'AWS_IAM' } },
      }),
    )
    grantee.grantPrincipal.addToPrincipalPolicy(
      new PolicyStatement({
        actions: ['lambda:InvokeFunction'],
        resources: [functionArn],
        conditions: { Bool: { 'lambda:InvokedViaFunctionUrl': 'true' } },
      }),
    )
  }

  private functionUrl(): string {
    return new CfnUrl(this, 'FunctionUrl', {
      authType: 'AWS_IAM',
      targetFunctionArn: this.service.resource.attrArn,
      invokeMode: 'BUFFERED',
    }).attrFunctionUrl
  }

  private alarm(topic: ITopic | undefined): void {
    const alarm = new Alarm(this, 'FailureAlarm', {
      alarmDescription: 'Sonde: the API fails; its log says why.',
      metric: this.service.function.metricErrors({ period: Duration.minutes(5) }),
      threshold: 0,
      comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
      evaluationPeriods: 3,
      treatMissingData: TreatMissingData.NOT_BREACHING,
    })
    if (topic) alarm.addAlarmAction(new SnsAction(topic))
  }
}

function codeOf(scope: Construct, id: string, code: string | CodeLocation): CodeLocation {
  return typeof code === 'string' ? builtCode(scope, id, code, 'index.mjs') : code
}

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html#mitigate-confused-deputy */
const EXTERNAL_IDS: Acceptance = {
  checkov: ['CKV_AWS_45'],
  reason: 'What is taken for a secret is the external id of a role, which AWS does not treat as one.',
}

/** What the inventory calls, from the one list that the collection is made from too. */
function describes(scope: Construct): readonly Statement[] {
  return snapshotPolicy(placeOf(scope).partition).Statement
}

/**
 * An HTTP API gives up after 30 seconds, in which the answer must be there:
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html
 */
const BEHIND_HTTP_API = { timeoutSeconds: 25 }

/** Exactly the names that may be run, in the API's own account: the probes of others are invoked with the role there. */
function invokes(scope: Construct, runs: Runs): readonly Statement[] {
  const { partition, account } = placeOf(scope)
  return runPolicy(probesOf(runs), partition).Statement.map((statement) => ({
    ...statement,
    Resource: [statement.Resource].flat().map((arn) => arn.replace(':lambda:*:*:', `:lambda:*:${account}:`)),
  }))
}

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html */
function assumes(accounts: Accounts): Statement {
  return {
    Sid: 'AssumeNamedRoles',
    Effect: 'Allow',
    Action: ['sts:AssumeRole'],
    Resource: accounts.map(({ roleArn }) => roleArn),
  }
}

type Runs = NonNullable<ConfigFile['runs']>
type Accounts = NonNullable<ConfigFile['accounts']>

function probesOf({ probes }: Runs): readonly string[] {
  return probes ?? DEFAULT_PROBES
}

/** Resources with a wildcard, as cdk-nag names them, and why they have one. */
function wildcardsOf(
  scope: Construct,
  { reads, runs }: { readonly reads: boolean; readonly runs: SondeApiProps['runs'] },
): { readonly whyWildcards?: string; readonly wildcards?: readonly string[] } {
  const { partition } = placeOf(scope)
  const asNamed = (resource: string): string =>
    resource.replace(partition, '<AWS::Partition>').replace(placeOf(scope).account, '<AWS::AccountId>')
  const read = reads ? describes(scope) : []
  const invoked = runs ? invokes(scope, runs) : []
  const resources = [...read, ...invoked].flatMap(({ Resource }) => [Resource].flat())
  const wildcards: readonly string[] = resources.filter((resource) => resource.includes('*')).map(asNamed)
  if (wildcards.length === 0) return {}
  const why = [
    read.length > 0 &&
      'Reads of the configuration, over all of it: most of these calls know no resource in IAM, the others are narrowed to their kind.',
    invoked.length > 0 &&
      'Invokes probes alone, by the names that `runs` admits, in whatever region they stand.',
  ]
  return { whyWildcards: why.filter(Boolean).join(' '), wildcards }
}

function problemsOf(
  props: SondeApiProps,
  tokens: string | undefined,
): readonly (string | false | undefined)[] {
  const given = props.auth === 'iam' ? [] : props.auth.tokens
  const names = given.map(({ name }) => name)
  return [
    props.auth !== 'iam' && given.length === 0 && 'auth.tokens is empty: make one with "sonde token new"',
    new Set(names).size < names.length && 'auth.tokens: two tokens have one name',
    ...given.map(
      ({ name, hash }) =>
        !/^sha256:[0-9a-f]{64}$/.test(hash) &&
        `auth.tokens: the hash of "${name}" is not "sha256:" and 64 hexadecimal digits; the token itself has no place here`,
    ),
    Buffer.byteLength(`${tokens ?? ''}${JSON.stringify(props.accounts ?? [])}`) > 3000 &&
      `auth.tokens and accounts: ${given.length} tokens and ${props.accounts?.length ?? 0} accounts don't fit into a function's environment of 4096 bytes`,
    ...(props.regions ?? []).map(
      (region) => !/^[a-z]{2,5}(-[a-z]+)+-[0-9]+$/.test(region) && `regions: "${region}" is not a region`,
    ),
    ...problemsOfRuns(props),
    ...problemsOfAccounts(props.accounts ?? []),
    rangeProblem('reservedConcurrency', props.reservedConcurrency, 1, 1000),
  ]
}

function problemsOfRuns({ runs, auth }: SondeApiProps): readonly (string | false)[] {
  if (!runs) return []
  const most = auth === 'iam' ? 290 : 29
  const { timeoutSeconds } = runs
  return [
    ...probesOf(runs).map(
      (name) =>
        !/^[A-Za-z0-9_*-]{1,64}$/.test(name) &&
        `runs.probes: "${name}" is not the name of a function, with * for any characters`,
    ),
    probesOf(runs).some((name) => /^\*+$/.test(name)) &&
      'runs.probes: "*" would let the API invoke every function of the account; name the probes, such as "sonde-*"',
    timeoutSeconds !== undefined &&
      (timeoutSeconds < 5 || timeoutSeconds > most) &&
      `runs.timeoutSeconds is ${timeoutSeconds}; ${auth === 'iam' ? 'the API itself ends after 300' : 'an HTTP API waits 30'}: 5 to ${most}`,
  ]
}

function problemsOfAccounts(accounts: Accounts): readonly (string | false)[] {
  const ids = accounts.map(({ account }) => account)
  return [
    new Set(ids).size < ids.length && 'accounts: one account is there twice',
    ...accounts.flatMap(({ account, roleArn, externalId }) => [
      !/^[0-9]{12}$/.test(account) && `accounts: "${account}" is not twelve digits`,
      !new RegExp(`^arn:aws[a-z-]*:iam::${account}:role/[\\w+=,.@/-]+$`).test(roleArn) &&
        `accounts: roleArn of ${account} is not the ARN of one role of that account, like arn:aws:iam::${account}:role/sonde`,
      externalId === undefined && `accounts: ${account} has no externalId, which the role there must ask for`,
    ]),
  ]
}
