import { createHash } from 'node:crypto'
import { basename } from 'node:path'
import { Annotations, Duration, Stack, Tags, Token } from 'aws-cdk-lib'
import { PolicyStatement } from 'aws-cdk-lib/aws-iam'
import { type IFunction, Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda'
import type { ILogGroup } from 'aws-cdk-lib/aws-logs'
import { CfnScheduleGroup } from 'aws-cdk-lib/aws-scheduler'
import { Construct } from 'constructs'
import { DEFAULT_EVERY_MINUTES, MAX_SUBNETS, PROBE_TAG } from '../../../api/discovery/plan-file.schema.js'
import { parsePlan } from '../../../probe/plan.js'
import type { Plan } from '../../../probe/plan.schema.js'
import { type AlarmOptions, probeAlarm } from './alarms.js'
import { allowOf, redirected } from './allow.js'
import { probeCode } from './bundle.js'
import { checkStatements, eniStatements } from './policy.js'
import { BadProps, idProblems, rangeProblem, refuse } from './props.js'
import { acceptWildcards, functionRole, placeOf, policyOf, schedulerRole, writeLogs } from './roles.js'
import { Standpoint, windowOf } from './standpoint.js'

export interface SondeProbeProps {
  /**
   * The posture's id, as in a plan file: letters, digits and hyphens, at most 64. It is part of the probes' names, so that two
   * postures of one account and region need different ones.
   */
  readonly posture: string
  /** Ids of the posture's subnets, 1 to 16; each gets a probe of its own. */
  readonly subnets: readonly string[]
  /** Ids of the posture's security groups, 1 to 5: exactly those of the workload, or the probe stands on another interface. */
  readonly securityGroups: readonly string[]
  /** What the probes check, as in `plan.json`. It is validated here. */
  readonly plan: unknown
  /** The log group that all probes share. */
  readonly logGroup: ILogGroup
  /** Names of the functions that share the posture; the probes' reports speak for them. */
  readonly workloads?: readonly string[]
  /** Whole minutes between two runs. Default five. */
  readonly interval?: Duration
  /** Whole minutes over which a run may be put off, so that not all probes run in the same second. Default one; zero is none. */
  readonly jitter?: Duration
  /** Default true. False leaves the probes to be called on demand. */
  readonly scheduled?: boolean
  /**
   * What the probes may contact (`SONDE_ALLOW`), whatever plan an invocation brings. Default: what the plan contacts. Needed where a
   * check follows redirects.
   */
  readonly allow?: readonly string[]
  /** PEM files that checks name in `caFile`; they are put beside the bundle. */
  readonly caFiles?: readonly string[]
  /** Whether the workload reaches out over IPv6 (`Ipv6AllowedForDualStack`). Default false. */
  readonly ipv6?: boolean
  /** Default 60 seconds; at most 900. */
  readonly timeout?: Duration
  /** Megabytes, 128 to 10240. Default 256. */
  readonly memoryMb?: number
  /** Invocations at once that are set aside for each probe. Default none: see the constructs' README. */
  readonly reservedConcurrency?: number
  /**
   * Report lines that are metrics as well (CloudWatch Embedded Metric Format): `probe` is one metric a probe, `check` up to six for
   * each check and six for the probe. CloudWatch bills each. Default: none, or `probe` where there are alarms.
   */
  readonly metrics?: 'probe' | 'check'
  /** An alarm a probe, on its metrics. Default none. */
  readonly alarms?: AlarmOptions
  /** Folder of the probe's bundle. Default: `dist/probe`. */
  readonly bundle?: string
}

/** https://docs.aws.amazon.com/lambda/latest/api/API_VpcConfig.html */
const MOST_GROUPS = 5
/** Bytes of names and values together: https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html */
const MOST_ENVIRONMENT = 4096
/** Stands for the region while names are made, in a stack that isn't bound to one. */
const SOME_REGION = 'zz-region-1'

/**
 * Probes for one posture: one function in each of its subnets, with the posture's own security groups, called by EventBridge
 * Scheduler, writing to the shared log group. Nothing of it listens; nothing outside of the account can call it.
 *
 * Throws `BadProps` with all that is wrong.
 */
export class SondeProbe extends Construct {
  /** One a subnet, in the order of `subnets`. */
  readonly functions: readonly IFunction[]
  readonly plan: Plan

  constructor(scope: Construct, id: string, props: SondeProbeProps) {
    super(scope, id)
    const reading = parsePlan(props.plan)
    refuse(this, [
      ...(reading.ok
        ? planProblems(props, reading.plan)
        : reading.errors.map(({ pointer, message }) => `plan${pointer}: ${message}`)),
      ...problemsOf(props),
    ])
    if (!reading.ok) throw new TypeError('a plan without problems is read')
    for (const warning of reading.warnings) Annotations.of(this).addWarningV2('sonde:plan', warning)
    this.plan = reading.plan
    const stack = Stack.of(this)
    const interval = intervalOf(props)
    const metrics = props.metrics ?? (props.alarms ? 'probe' : undefined)

    const role = functionRole(this, 'Role', `Probes of the posture ${props.posture}`, {
      Probe: policyOf([
        writeLogs(props.logGroup.logGroupArn),
        ...eniStatements(placeOf(this)),
        ...checkStatements(this.plan, placeOf(this)),
      ]),
    })
    acceptWildcards(
      role,
      "AWS knows no narrower resource for a function's interfaces, nor for the lists that aws checks read; the function's own code is denied the former.",
    )
    const groupName = shortName(`sonde-${props.posture}`, 64)
    const group = new CfnScheduleGroup(this, 'Schedules', { name: groupName })
    const caller = schedulerRole(this, 'Caller', groupName)
    const shared = {
      securityGroups: props.securityGroups,
      ipv6: props.ipv6 ?? false,
      code: probeCode(this, 'Code', this.plan, props.caFiles ?? [], props.bundle),
      roleArn: role.roleArn,
      logGroupName: props.logGroup.logGroupName,
      memoryMb: props.memoryMb ?? 256,
      timeoutSeconds: timeoutOf(props),
      ...(props.reservedConcurrency === undefined ? {} : { reservedConcurrency: props.reservedConcurrency }),
      schedule: {
        groupName: group.ref,
        roleArn: caller.roleArn,
        expression: rate(interval),
        window: windowOf(jitterOf(props).toMinutes()),
        enabled: props.scheduled ?? true,
      },
    }
    const allow = props.allow ?? allowHere(this.plan, stack)
    const standpoints = props.subnets.map((subnet, index) => {
      const place = placeName(subnet, index)
      const standpoint = new Standpoint(this, `In-${place}`, {
        ...shared,
        subnet,
        functionName: `${shortName(`sonde-${props.posture}`, 64 - place.length - 1)}-${place}`,
        description: `Sonde: what the posture ${props.posture} reaches from ${subnet}`,
        environment: this.environment(props, subnet, allow, interval, metrics),
      })
      if (props.alarms) probeAlarm(standpoint, standpoint.functionName, subnet, interval, props.alarms)
      return standpoint
    })
    caller.addToPolicy(
      new PolicyStatement({
        actions: ['lambda:InvokeFunction'],
        resources: standpoints.map(({ functionArn }) => functionArn),
      }),
    )
    this.functions = standpoints.map((standpoint) =>
      LambdaFunction.fromFunctionAttributes(standpoint, 'Reference', {
        functionArn: standpoint.functionArn,
        sameEnvironment: true,
      }),
    )
    Tags.of(this).add(PROBE_TAG, props.posture)
  }

  private environment(
    props: SondeProbeProps,
    subnet: string,
    allow: readonly string[],
    interval: Duration,
    metrics: SondeProbeProps['metrics'],
  ): Readonly<Record<string, string>> {
    const needed = {
      SONDE_SUBNET: subnet,
      SONDE_SECURITY_GROUPS: props.securityGroups.join(','),
      SONDE_INTERVAL_MS: String(interval.toMilliseconds()),
      SONDE_ALLOW: allow.join(' '),
      ...(metrics ? { SONDE_EMF: emfOf(metrics) } : {}),
    }
    if (bytes(needed) > MOST_ENVIRONMENT)
      throw new BadProps(this.node.path, [
        `the ${allow.length} entries of the allow-list don't fit into a function's environment of ${MOST_ENVIRONMENT} bytes; give "allow" as patterns, such as *.rds.amazonaws.com or 10.0.0.0/16`,
      ])
    if (!props.workloads || props.workloads.length === 0) return needed
    const whole = { ...needed, SONDE_WORKLOADS: props.workloads.join(',') }
    if (bytes(whole) <= MOST_ENVIRONMENT) return whole
    Annotations.of(this).addWarningV2(
      'sonde:workloads',
      `the names of ${props.workloads.length} functions don't fit into the probe's environment; the API learns from its inventory which functions share the posture`,
    )
    return needed
  }
}

/** What doesn't fit between a sound plan and the other properties. */
function planProblems(props: SondeProbeProps, plan: Plan): readonly (string | false)[] {
  const timeout = timeoutOf(props)
  const holding = plan.checks.filter((check) => 'holdMs' in check && (check.holdMs ?? 0) >= timeout * 1000)
  const follows = props.allow ? [] : redirected(plan)
  const named = new Set((props.caFiles ?? []).map((file) => basename(file)))
  return [
    holding.length > 0 &&
      `${holding.map(({ name }) => name).join(', ')}: holdMs is as long as the probe's timeout of ${timeout} s; give a longer timeout`,
    follows.length > 0 &&
      `${follows.join(', ')}: follows redirects to hosts that the plan doesn't name; give "allow"`,
    ...plan.checks.map(
      (check) =>
        'caFile' in check &&
        check.caFile !== undefined &&
        !named.has(check.caFile) &&
        `${check.name}: caFile ${check.caFile} is not among caFiles`,
    ),
  ]
}

function problemsOf(props: SondeProbeProps): readonly (string | false | undefined)[] {
  const minutes = intervalOf(props).toMinutes({ integral: false })
  const jitter = jitterOf(props).toMinutes({ integral: false })
  const places = props.subnets.map(placeName)
  return [
    !/^[A-Za-z0-9][A-Za-z0-9-]{0,63}$/.test(props.posture) &&
      `posture is "${props.posture}"; it takes 1 to 64 letters, digits and hyphens`,
    ...idProblems('subnets', props.subnets, 'subnet', MAX_SUBNETS),
    ...idProblems('securityGroups', props.securityGroups, 'sg', MOST_GROUPS),
    new Set(places).size !== new Set(props.subnets).size &&
      'subnets: two ids end alike, so their probes would have one name; split the posture in two',
    props.allow !== undefined &&
      props.allow.length === 0 &&
      'allow is empty: the probes could contact nothing',
    rangeProblem('interval (minutes)', minutes, 1, 1440),
    rangeProblem('jitter (minutes)', jitter, 0, 1440),
    jitter > minutes && `jitter (${jitter} min) is longer than the interval (${minutes} min)`,
    rangeProblem('timeout (seconds)', timeoutOf(props), 5, 900),
    rangeProblem('memoryMb', props.memoryMb, 128, 10_240),
    rangeProblem('reservedConcurrency', props.reservedConcurrency, 1, 100),
    rangeProblem('alarms.runs', props.alarms?.runs, 1, Math.max(1, Math.floor(1440 / minutes))),
  ]
}

function intervalOf({ interval }: SondeProbeProps): Duration {
  return interval ?? Duration.minutes(DEFAULT_EVERY_MINUTES)
}

function jitterOf({ jitter }: SondeProbeProps): Duration {
  return jitter ?? Duration.minutes(1)
}

function timeoutOf({ timeout }: SondeProbeProps): number {
  return (timeout ?? Duration.seconds(60)).toSeconds({ integral: false })
}

/** What tells a posture's probes apart: the end of the subnet's id, or its place where that is known only at deployment. */
function placeName(subnet: string, index: number): string {
  return Token.isUnresolved(subnet) ? String(index + 1) : subnet.slice(-8)
}

/** A name within a limit; one that is longer ends in a digest of the whole, so that different names stay different. */
function shortName(name: string, most: number): string {
  if (name.length <= most) return name
  const digest = createHash('sha256').update(name).digest('hex').slice(0, 8)
  return `${name.slice(0, most - 9)}-${digest}`
}

/** What `SONDE_EMF` takes; see probe/emf.ts. */
function emfOf(metrics: 'probe' | 'check'): string {
  return metrics === 'check' ? '1' : 'probe'
}

function rate(interval: Duration): string {
  const minutes = interval.toMinutes()
  return minutes === 1 ? 'rate(1 minute)' : `rate(${minutes} minutes)`
}

function allowHere(plan: Plan, { region, urlSuffix }: Stack): readonly string[] {
  if (!Token.isUnresolved(region)) return allowOf(plan, region)
  return allowOf(plan, SOME_REGION).map((entry) =>
    entry.replace(`${SOME_REGION}.amazonaws.com`, `${region}.${urlSuffix}`).replace(SOME_REGION, region),
  )
}

function bytes(environment: Readonly<Record<string, string>>): number {
  return Object.entries(environment).reduce(
    (sum, [name, value]) => sum + Buffer.byteLength(name) + Buffer.byteLength(value),
    0,
  )
}
