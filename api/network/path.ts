/**
 * The documented, versioned contract of `sonde trace --json`, `POST /v1/trace` and `import { trace } from 'sonde/network'`.
 * Additions are allowed within a version; a change of meaning raises `TRACE_VERSION`.
 */

export const TRACE_VERSION = 1

/** One sentence in each language that Sonde speaks. */
export interface Text {
  readonly en: string
  readonly ko: string
}

export type Verdict = 'reachable' | 'unreachable' | 'unknown'
export type HopVerdict = 'pass' | 'block' | 'unknown'
export type Direction = 'forward' | 'return'

/** The rule, route or setting that decided at a hop, as data: what AWS printed, plus where it is. */
export interface DecidingRule {
  readonly kind:
    | 'security-group-rule'
    | 'network-acl-entry'
    | 'route'
    | 'transit-gateway-route'
    | 'setting'
    | 'state'
    | 'absence'
  /** Id of the thing that holds the rule: sg-…, acl-…, rtb-…, tgw-rtb-…, vpc-…. */
  readonly in: string | null
  /** Short form, in English: `100 allow tcp 1024-65535 from 0.0.0.0/0 (inbound)`, `0.0.0.0/0 → nat-1 (blackhole)`. */
  readonly summary: string
  /** The same for people: ids, ranges, numbers and AWS's own terms stand in it as AWS prints them. */
  readonly text: Text
  /** Of a network ACL: which of its sides judged, as AWS names it (`Egress`). */
  readonly egress?: boolean
  /** The raw AWS object where there is one. */
  readonly raw?: unknown
}

export type HopKind =
  | 'lambda'
  | 'network-interface'
  | 'security-group'
  | 'network-acl'
  | 'subnet'
  | 'route-table'
  | 'vpc-router'
  | 'nat-gateway'
  | 'internet-gateway'
  | 'egress-only-internet-gateway'
  | 'vpc-endpoint'
  | 'vpc-peering-connection'
  | 'transit-gateway-attachment'
  | 'transit-gateway-route-table'
  | 'virtual-private-gateway'
  | 'vpc-block-public-access'
  | 'dns-resolver'
  | 'load-balancer'
  | 'listener'
  | 'target-group'
  | 'db-proxy'
  | 'instance'
  | 'internet'
  | 'aws-service'
  | 'target'
  | 'unsupported'

/** One component that the packet passes, in order. */
export interface Hop {
  readonly kind: HopKind
  /** The component's id: eni-…, sg-…, acl-…, rtb-…; a function's name; an address where nothing better exists. */
  readonly component: string
  readonly verdict: HopVerdict
  /** AWS Reachability Analyzer's explanation code where it has one, else Sonde's own; null where the hop passes. */
  readonly code: string | null
  readonly rule: DecidingRule | null
  readonly text: Text
  /** The packet's addresses and ports as they leave this hop. */
  readonly packet: {
    readonly source: string
    readonly destination: string
    readonly sourcePort: number | null
    readonly destinationPort: number | null
  }
}

/** Why no packet gets through. All blockers are reported, not the first. */
export interface Blocker {
  readonly code: string
  readonly component: string
  readonly direction: Direction
  readonly rule: DecidingRule | null
  readonly text: Text
  /** The subnet from which the packet was sent, when the source has several. */
  readonly subnet?: string
  /** What answers in the target's place, where the fault lies behind that: a connection alone doesn't get so far. */
  readonly behind?: string
  /** Of the ports that replies may come to, the share that it turns away, where that is not all of them: only so many calls fail. */
  readonly share?: number
}

/** What would have been needed to decide: which call, which id. Never a guess. */
export interface Missing {
  /** The AWS CLI command whose answer is missing, e.g. `describe-network-acls`; null if it is not a call's answer. */
  readonly call: string | null
  readonly component: string | null
  readonly text: Text
}

/** The trace from one subnet (one standpoint). */
export interface SubnetTrace {
  readonly subnet: string | null
  readonly availabilityZone: string | null
  readonly verdict: Verdict
  readonly blockers: readonly Blocker[]
  readonly hops: readonly Hop[]
  readonly returnHops: readonly Hop[]
  readonly missing: readonly Missing[]
  /** The address that the target sees, where it is known (a NAT gateway's Elastic IP, …). */
  readonly seenAs: string | null
  /** What the name resolves to in this VPC, where the destination is a name or a service. */
  readonly resolved: readonly string[]
  /** True findings that don't block: gateway endpoint bypassed, … */
  readonly notes: readonly Note[]
}

export interface Note {
  readonly code: string
  readonly component: string | null
  readonly text: Text
}

/** The whole answer. `hops`, `returnHops` and `seenAs` are those of the worst subnet's trace. */
export interface Trace extends SubnetTrace {
  readonly version: typeof TRACE_VERSION
  readonly source: string
  readonly destination: string
  readonly protocol: string
  readonly port: number | null
  readonly perSubnet: readonly SubnetTrace[]
}
