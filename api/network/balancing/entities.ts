import type { Raw } from '../entities.js'

export interface LoadBalancer {
  readonly name: string
  readonly arn: string
  /** `application`, `network`, `gateway`, or `classic`; newer ones are kept as they are. */
  readonly type: string
  readonly scope: string
  readonly internetFacing: boolean
  readonly dnsName: string
  readonly vpcId: string | null
  readonly subnetIds: readonly string[]
  /** Empty for a Network Load Balancer that was made without any: it then lets everything in and out. */
  readonly groupIds: readonly string[]
  /** Whether inbound rules hold for what comes by PrivateLink, too: AWS's default. */
  readonly rulesForPrivateLink: boolean
  readonly state: string | null
  readonly publicIps: readonly string[]
}

export interface Listener {
  readonly arn: string
  readonly balancerArn: string
  readonly port: number | null
  /** HTTP, HTTPS, TCP, TLS, UDP, TCP_UDP, QUIC, TCP_QUIC, GENEVE. */
  readonly protocol: string
  /** What it does with a request that no other rule is for, in order. */
  readonly actions: readonly ListenerAction[]
  readonly raw: Raw
}

export interface ListenerAction {
  /** forward, redirect, fixed-response, authenticate-oidc, … */
  readonly type: string
  readonly targetGroups: readonly { readonly arn: string; readonly weight: number }[]
}

export interface TargetGroup {
  readonly arn: string
  readonly name: string
  readonly protocol: string | null
  readonly port: number | null
  readonly vpcId: string | null
  /** instance, ip, lambda, alb. */
  readonly targetType: string
}

/** A registered target, as its health was told. */
export interface RegisteredTarget {
  /** i-…, an address, the ARN of a function or of an Application Load Balancer. */
  readonly id: string
  readonly port: number | null
  /** A zone's name; `all` for an address outside of the VPC; null where not told. */
  readonly zone: string | null
  /** healthy, unhealthy, unhealthy.draining, initial, draining, unused, unavailable. */
  readonly state: string
  /** Target.Timeout, Target.FailedHealthChecks, … */
  readonly reason: string | null
}

/** What an account offers to others by PrivateLink. */
export interface EndpointService {
  readonly id: string
  readonly name: string
  readonly state: string | null
  readonly balancerArns: readonly string[]
}
