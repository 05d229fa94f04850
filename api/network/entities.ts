import type { Prefix } from './address.js'
import type { Lpm } from './lpm.js'

/** A JSON object as AWS printed it. */
export type Raw = { readonly [key: string]: unknown }

export interface Vpc {
  readonly id: string
  readonly scope: string
  readonly ownerId: string | null
  readonly cidrs: readonly Prefix[]
  readonly dhcpOptionsId: string | null
}

export interface Subnet {
  readonly id: string
  readonly scope: string
  readonly vpcId: string
  readonly zone: string | null
  readonly zoneId: string | null
  readonly cidrs: readonly Prefix[]
  readonly freeAddresses: number | null
  readonly ownerId: string | null
}

export type RouteTargetKind =
  | 'local'
  | 'internet-gateway'
  | 'egress-only-internet-gateway'
  | 'nat-gateway'
  | 'network-interface'
  | 'instance'
  | 'vpc-endpoint'
  | 'vpc-peering-connection'
  | 'transit-gateway'
  | 'virtual-private-gateway'
  | 'unsupported'

export interface Route {
  readonly destination: Prefix | null
  readonly prefixListId: string | null
  readonly targetKind: RouteTargetKind
  readonly target: string
  /** `active` or `blackhole`; newer values are kept as they are. */
  readonly state: string
  readonly propagated: boolean
  readonly raw: Raw
}

export interface RouteTable {
  readonly id: string
  readonly scope: string
  readonly vpcId: string | null
  readonly main: boolean
  readonly subnetIds: readonly string[]
  readonly gatewayIds: readonly string[]
  readonly routes: readonly Route[]
}

export interface InternetGateway {
  readonly id: string
  readonly egressOnly: boolean
  /** vpc id → attachment state. */
  readonly attachments: ReadonlyMap<string, string>
}

export interface NatAddress {
  readonly privateIp: string | null
  readonly publicIp: string | null
  readonly zone: string | null
  readonly status: string | null
  readonly eniId: string | null
}

export interface NatGateway {
  readonly id: string
  readonly vpcId: string | null
  readonly subnetId: string | null
  readonly state: string
  readonly public: boolean
  readonly regional: boolean
  readonly addresses: readonly NatAddress[]
  readonly routeTableId: string | null
  readonly raw: Raw
}

/** A protocol as a number; -1 is every protocol. ICMP type and code take the places of the ports. */
export interface GroupRule {
  readonly protocol: number
  readonly fromPort: number | null
  readonly toPort: number | null
  readonly peer:
    | { readonly kind: 'cidr'; readonly prefix: Prefix }
    | {
        readonly kind: 'group'
        readonly groupId: string
        readonly ownerId: string | null
        readonly peeringId: string | null
      }
    | { readonly kind: 'prefix-list'; readonly id: string }
  readonly raw: Raw
}

export interface SecurityGroup {
  readonly id: string
  readonly vpcId: string | null
  readonly name: string | null
  readonly ownerId: string | null
  readonly ingress: readonly GroupRule[]
  readonly egress: readonly GroupRule[]
}

export interface AclEntry {
  readonly number: number
  readonly allow: boolean
  readonly protocol: number
  readonly prefix: Prefix
  readonly fromPort: number | null
  readonly toPort: number | null
  readonly icmpType: number | null
  readonly icmpCode: number | null
  readonly raw: Raw
}

export interface NetworkAcl {
  readonly id: string
  readonly vpcId: string | null
  readonly subnetIds: readonly string[]
  /** Sorted by number. */
  readonly ingress: readonly AclEntry[]
  readonly egress: readonly AclEntry[]
}

export interface EniAddress {
  readonly address: Prefix
  readonly publicIp: string | null
}

export interface Eni {
  readonly id: string
  readonly scope: string
  readonly vpcId: string
  readonly subnetId: string
  readonly type: string
  readonly description: string
  readonly requesterId: string | null
  readonly ownerId: string | null
  readonly status: string | null
  /** Null if the answer doesn't say which groups it has. */
  readonly groupIds: readonly string[] | null
  /** Primary first. IPv4 and IPv6. */
  readonly addresses: readonly EniAddress[]
  /** IPv4 prefixes delegated to it. */
  readonly delegated: readonly Prefix[]
  readonly sourceDestCheck: boolean
  readonly instanceId: string | null
}

export interface Instance {
  readonly id: string
  readonly state: string | null
  /** Primary first. */
  readonly eniIds: readonly string[]
  readonly vpcId: string | null
  readonly privateDnsName: string | null
  readonly publicDnsName: string | null
}

export interface Endpoint {
  readonly id: string
  readonly vpcId: string
  /** `com.amazonaws.REGION.SERVICE`. */
  readonly serviceName: string
  readonly type: 'Gateway' | 'Interface' | 'GatewayLoadBalancer' | 'other'
  readonly state: string
  readonly routeTableIds: readonly string[]
  readonly subnetIds: readonly string[]
  readonly groupIds: readonly string[] | null
  readonly eniIds: readonly string[]
  readonly privateDns: boolean
  /** Private DNS only for what asks by way of a Resolver inbound endpoint, not for the VPC itself. */
  readonly privateDnsInboundOnly: boolean
  readonly dnsNames: readonly string[]
  readonly policy: unknown
}

export interface PrefixList {
  readonly id: string
  readonly name: string | null
  /** Null where no answer lists them. */
  readonly entries: readonly Prefix[] | null
}

export interface PeeringSide {
  readonly vpcId: string | null
  readonly ownerId: string | null
  readonly region: string | null
  readonly cidrs: readonly Prefix[]
  /** The peer's queries for this side's public names get private addresses; null if not told. */
  readonly allowsDns: boolean | null
}

export interface Peering {
  readonly id: string
  readonly status: string
  readonly requester: PeeringSide
  readonly accepter: PeeringSide
}

export interface TransitGateway {
  readonly id: string
  readonly state: string | null
  readonly groupReferencing: boolean
  readonly dnsSupport: boolean
  /** The table that new attachments are associated with; null where it is turned off or not told. */
  readonly defaultTable: string | null
  readonly raw: Raw
}

/** One attachment as one transit gateway sees it: a peering attachment has two. */
export interface TransitAttachment {
  readonly id: string
  readonly gatewayId: string
  readonly kind: string
  /** VPC id, VPN id, the other transit gateway's id. */
  readonly resourceId: string | null
  readonly state: string
  /** Null where only describe-transit-gateway-attachments tells of it. */
  readonly subnetIds: readonly string[] | null
  readonly associatedTable: string | null
  readonly associationState: string | null
  readonly applianceMode: boolean
  readonly ipv6: boolean | null
  readonly dnsSupport: boolean | null
  readonly groupReferencing: boolean | null
}

export interface TransitRoute {
  readonly destination: Prefix
  readonly type: 'static' | 'propagated'
  readonly state: string
  readonly attachmentIds: readonly string[]
  readonly raw: Raw | null
}

export interface TransitRouteTable {
  readonly id: string
  readonly gatewayId: string | null
  readonly state: string | null
  /** Null where search-transit-gateway-routes wasn't answered for it. */
  readonly routes: readonly TransitRoute[] | null
  /** Attachment ids whose routes are propagated; null where not told. */
  readonly propagations: readonly string[] | null
  /** Attachments that propagate routes which no answer tells (what a VPN or Direct Connect learns by BGP). */
  readonly untold: readonly string[]
  readonly compiled: Lpm<TransitRoute>
}

export interface VpnGateway {
  readonly id: string
  readonly state: string | null
  readonly attachments: ReadonlyMap<string, string>
}

export interface VpnConnection {
  readonly id: string
  readonly gatewayId: string | null
  readonly transitGatewayId: string | null
  readonly state: string | null
  /** UP or DOWN, per tunnel. */
  readonly tunnels: readonly string[]
  readonly routes: readonly Prefix[]
  readonly staticOnly: boolean
}

export interface BlockPublicAccess {
  readonly mode: string
  readonly exclusionsAllowed: string | null
}

export interface BlockPublicAccessExclusion {
  readonly id: string
  readonly mode: string
  readonly state: string
  /** The vpc-… or subnet-… it covers. */
  readonly resourceId: string
}

export interface LambdaFunction {
  readonly name: string
  readonly arn: string | null
  readonly scope: string
  /** Null if it is not in a VPC. */
  readonly vpc: {
    readonly vpcId: string | null
    readonly subnetIds: readonly string[]
    readonly groupIds: readonly string[]
  } | null
  readonly ipv6: boolean
  readonly state: string | null
  readonly stateReasonCode: string | null
  readonly stateReason: string | null
  readonly lastUpdateStatus: string | null
  readonly lastUpdateReasonCode: string | null
  readonly lastUpdateReason: string | null
  readonly role: string | null
}

export interface Database {
  readonly kind: 'instance' | 'cluster' | 'proxy'
  readonly id: string
  readonly arn: string | null
  readonly scope: string
  readonly status: string | null
  readonly vpcId: string | null
  readonly subnetIds: readonly string[]
  /** Null if the answer doesn't say. */
  readonly groupIds: readonly string[] | null
  readonly zone: string | null
  readonly multiAz: boolean
  readonly publiclyAccessible: boolean
  readonly hosts: readonly string[]
  readonly port: number | null
  readonly memberIds: readonly string[]
  readonly clusterId: string | null
}

export interface HostedZone {
  readonly id: string
  readonly name: string
  readonly private: boolean
  /** Null where not told. */
  readonly vpcIds: readonly string[] | null
  /** Name → answers; null where the records weren't asked for. */
  readonly records: ReadonlyMap<string, readonly DnsRecord[]> | null
}

export interface DnsRecord {
  readonly type: string
  readonly values: readonly string[]
}
