import type { Blocker, Missing, Text, Trace } from '../network/path.js'

/** How the packet's outcome and the path's verdict relate: the table of the design. */
export type DiagnosisKind =
  | 'healthy'
  | 'proven'
  | 'predicted'
  | 'contradicted'
  | 'outside-configuration'
  | 'inconclusive'

/** One explanation that fits the outcome where the configuration is open, best first. */
export interface Candidate {
  readonly code: string
  readonly text: Text
  /** The next thing to look at. */
  readonly next: Text
}

/** One atomic change of the configuration, as data. The only thing that a rehearsal applies. */
export type Change =
  | {
      readonly kind: 'authorize-security-group'
      readonly direction: 'ingress' | 'egress'
      readonly groupId: string
      readonly protocol: string
      readonly fromPort: number | null
      readonly toPort: number | null
      readonly peer:
        | { readonly groupId: string }
        | { readonly cidr: string }
        | { readonly prefixListId: string }
    }
  /** Takes one peer out of a rule: the fix where something is reachable that must not be. */
  | {
      readonly kind: 'revoke-security-group'
      readonly direction: 'ingress' | 'egress'
      readonly groupId: string
      readonly protocol: string
      readonly fromPort: number | null
      readonly toPort: number | null
      readonly peer:
        | { readonly groupId: string }
        | { readonly cidr: string }
        | { readonly prefixListId: string }
    }
  | {
      readonly kind: 'create-security-group'
      readonly vpcId: string
      readonly name: string
      readonly description: string
      /** The id by which later changes of the same fix name it. */
      readonly as: string
    }
  | {
      readonly kind: 'put-network-acl-entry'
      readonly networkAclId: string
      readonly egress: boolean
      readonly ruleNumber: number
      readonly action: 'allow' | 'deny'
      readonly protocol: string
      readonly cidr: string
      readonly fromPort: number | null
      readonly toPort: number | null
    }
  | {
      readonly kind: 'delete-network-acl-entry'
      readonly networkAclId: string
      readonly egress: boolean
      readonly ruleNumber: number
    }
  | {
      readonly kind: 'put-route'
      readonly routeTableId: string
      readonly destination: string
      readonly target: { readonly kind: string; readonly id: string }
      /** True where a route to the same destination stands already (blackhole) and is replaced. */
      readonly replace: boolean
    }
  /** Takes a route away that leads nowhere, so that a wider one decides again. */
  | { readonly kind: 'delete-route'; readonly routeTableId: string; readonly destination: string }
  | {
      readonly kind: 'associate-endpoint-route-table'
      readonly endpointId: string
      readonly routeTableId: string
    }
  | {
      readonly kind: 'create-endpoint'
      readonly vpcId: string
      readonly service: string
      readonly endpointType: 'Gateway' | 'Interface'
      readonly routeTableIds: readonly string[]
      readonly subnetIds: readonly string[]
      readonly groupIds: readonly string[]
      readonly privateDns: boolean
      /** The id by which later changes of the same fix name it. */
      readonly as: string
    }
  | {
      readonly kind: 'modify-endpoint'
      readonly endpointId: string
      readonly privateDns?: boolean
      readonly addSubnetIds?: readonly string[]
      readonly addGroupIds?: readonly string[]
      /** The whole policy document that it has from then on, as JSON. */
      readonly policy?: string
    }
  | { readonly kind: 'delete-endpoint'; readonly endpointId: string }
  | {
      readonly kind: 'create-nat-gateway'
      readonly subnetId: string
      readonly public: boolean
      readonly as: string
    }
  | { readonly kind: 'associate-route-table'; readonly subnetId: string; readonly routeTableId: string }
  | {
      readonly kind: 'modify-vpc-attribute'
      readonly vpcId: string
      readonly attribute: 'enableDnsSupport' | 'enableDnsHostnames'
      readonly value: boolean
    }
  | {
      readonly kind: 'modify-peering-dns'
      readonly peeringId: string
      readonly side: 'requester' | 'accepter'
      readonly value: boolean
    }
  /** Requests a peering of two VPCs, and accepts it. */
  | {
      readonly kind: 'create-peering'
      readonly requesterVpcId: string
      readonly accepterVpcId: string
      readonly as: string
    }
  | { readonly kind: 'create-egress-only-gateway'; readonly vpcId: string; readonly as: string }
  /** DHCP options can't be changed, only made anew and given to a VPC. */
  | {
      readonly kind: 'create-dhcp-options'
      readonly vpcId: string
      readonly nameServers: readonly string[]
      readonly domainName: string | null
      readonly as: string
    }
  | { readonly kind: 'associate-dhcp-options'; readonly vpcId: string; readonly dhcpOptionsId: string }
  | {
      readonly kind: 'associate-hosted-zone'
      readonly hostedZoneId: string
      readonly vpcId: string
      readonly region: string
    }
  | {
      readonly kind: 'associate-transit-gateway-route-table'
      readonly attachmentId: string
      readonly routeTableId: string
    }
  | {
      readonly kind: 'modify-transit-gateway-attachment'
      readonly attachmentId: string
      readonly addSubnetIds: readonly string[]
    }
  | {
      readonly kind: 'put-transit-gateway-route'
      readonly routeTableId: string
      readonly destination: string
      readonly attachmentId: string
    }
  | {
      readonly kind: 'create-block-public-access-exclusion'
      readonly resourceId: string
      readonly mode: 'allow-bidirectional' | 'allow-egress'
    }
  | { readonly kind: 'attach-internet-gateway'; readonly internetGatewayId: string; readonly vpcId: string }
  | {
      readonly kind: 'configure-function-vpc'
      readonly functionName: string
      readonly subnetIds: readonly string[]
      readonly groupIds: readonly string[]
    }
  | {
      readonly kind: 'attach-role-policy'
      readonly roleName: string
      readonly policyArn: string
      readonly actions: readonly string[]
    }

/**
 * A minimal set of changes that gives the path the verdict which the check expects (open, or closed where it must not be
 * reached), with what it risks and how to take it back.
 */
export interface Fix {
  readonly id: string
  readonly title: Text
  readonly changes: readonly Change[]
  readonly risk: Text
  /** What it costs in kind (`hourly and per gigabyte`, `free`), never an invented price. */
  readonly cost: Text
  readonly undo: Text
  /** Rendered forms, ready to copy. */
  readonly cli: string
  readonly cloudformation: string
  readonly terraform: string
  /** What stood behind the first blockers and came to light only as they were lifted; the fix lifts it too. */
  readonly behind: readonly Blocker[]
  /** The trace with the fix applied; only a fix whose rehearsal is as expected is shown. */
  readonly rehearsal: Trace
}

/** The join of one check's result and the path that it should have taken. */
export interface Diagnosis {
  readonly kind: DiagnosisKind
  /** One sentence that says what is wrong, for a list or an alarm. */
  readonly summary: Text
  /** Groups failures that have one cause: the blocked hop's code and component. Null where nothing is blocked. */
  readonly cause: { readonly code: string; readonly component: string } | null
  readonly blockers: readonly Blocker[]
  readonly missing: readonly Missing[]
  readonly candidates: readonly Candidate[]
  /** Ranked, least invasive first. Empty where Sonde has none that its rehearsal proves. */
  readonly fixes: readonly Fix[]
  readonly advice: readonly {
    readonly code: string
    readonly component: string | null
    readonly text: Text
  }[]
  readonly path: Trace | null
}
