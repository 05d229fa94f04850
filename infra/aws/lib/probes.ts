import { Duration, NestedStack, Stack, Token } from 'aws-cdk-lib'
import type { ILogGroup } from 'aws-cdk-lib/aws-logs'
import { Construct } from 'constructs'
import {
  DEFAULT_EVERY_MINUTES,
  type PlanFile,
  type PosturePlan,
} from '../../../api/discovery/plan-file.schema.js'
import { SondeProbe, type SondeProbeProps } from './probe.js'
import { refuse } from './props.js'

export interface SondeProbesProps
  extends Pick<
    SondeProbeProps,
    'alarms' | 'allow' | 'caFiles' | 'jitter' | 'memoryMb' | 'metrics' | 'reservedConcurrency' | 'timeout'
  > {
  /** A plan file as `readPlanFile` gives it; entries with `enabled: false` get no probes. */
  readonly planFile: PlanFile
  /** The log group that all probes share. */
  readonly logGroup: ILogGroup
  readonly bundle?: string
}

/** Nested stacks in one stack: it holds 500 resources, and some are somebody else's. */
const MOST_POSTURES = 450

/**
 * The probes of a discovered plan. Each posture is a nested stack of its own: none of them grows past what a stack may hold
 * (500 resources: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html), and a posture that is
 * added or taken away leaves the others as they are.
 *
 * Throws `BadProps` where postures are of another account or region than the stack.
 */
export class SondeProbes extends Construct {
  /** By the posture's id. */
  readonly probes: ReadonlyMap<string, SondeProbe>

  constructor(scope: Construct, id: string, props: SondeProbesProps) {
    super(scope, id)
    const { planFile, bundle, ...shared } = props
    const postures = planFile.postures.filter((posture) => posture.enabled !== false)
    const { account, region } = Stack.of(this)
    refuse(this, [
      postures.length > MOST_POSTURES &&
        `${postures.length} postures; a stack takes ${MOST_POSTURES}: divide the plan file`,
      ...postures.map(
        (posture) =>
          differs(region, posture.region) &&
          `posture ${posture.id} is in ${posture.region}, the stack in ${region}`,
      ),
      ...postures.map(
        (posture) =>
          posture.account !== undefined &&
          differs(account, posture.account) &&
          `posture ${posture.id} is in account ${posture.account}, the stack in ${account}`,
      ),
    ])
    this.probes = new Map(
      postures.map((posture) => {
        const stack = new NestedStack(this, posture.id, { description: `Sonde: probes of ${posture.id}` })
        const probe = new SondeProbe(stack, 'Probe', {
          ...shared,
          ...probeProps(posture, planFile.everyMinutes),
          ...(bundle === undefined ? {} : { bundle }),
        })
        return [posture.id, probe]
      }),
    )
  }
}

function probeProps(
  posture: PosturePlan,
  everyMinutes = DEFAULT_EVERY_MINUTES,
): Pick<
  SondeProbeProps,
  'posture' | 'subnets' | 'securityGroups' | 'plan' | 'workloads' | 'interval' | 'ipv6'
> {
  return {
    posture: posture.id,
    subnets: posture.subnets,
    securityGroups: posture.securityGroups,
    plan: posture.plan,
    workloads: posture.functions,
    interval: Duration.minutes(posture.everyMinutes ?? everyMinutes),
    ipv6: posture.ipv6 ?? false,
  }
}

function differs(here: string, there: string): boolean {
  return !Token.isUnresolved(here) && here !== there
}
