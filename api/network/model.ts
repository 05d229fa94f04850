import type { Prefix } from './address.js'
import type { LoadBalancer } from './balancing/entities.js'
import type {
  BlockPublicAccess,
  BlockPublicAccessExclusion,
  Database,
  Endpoint,
  Eni,
  HostedZone,
  Instance,
  InternetGateway,
  LambdaFunction,
  NatGateway,
  NetworkAcl,
  Peering,
  PrefixList,
  Raw,
  RouteTable,
  SecurityGroup,
  Subnet,
  TransitAttachment,
  TransitGateway,
  TransitRouteTable,
  Vpc,
  VpnConnection,
  VpnGateway,
} from './entities.js'
import { createMemo, type Memo } from './memo.js'
import type { Balancers } from './read/balancers.js'
import { readDocuments } from './read/documents.js'
import { finish } from './read/finish.js'
import type { Roles } from './read/permissions.js'
import type { VpcAttributes } from './read/vpc.js'
import type { ProxyTarget } from './read/workloads.js'
import type { MissingCall, Snapshot, SnapshotProblem } from './snapshot.js'

/** Everything that a trace looks at, by id. Immutable, but for `memo`, which only remembers what it could compute again. */
export interface Model extends Balancers {
  /** Call → the scopes that answered it; a call that nobody answered isn't here. */
  readonly answered: ReadonlyMap<string, ReadonlySet<string>>
  /** `CALL KEY` of the calls that are answered per id. */
  readonly answeredFor: ReadonlySet<string>
  /** Calls that were tried and refused. */
  readonly refused: readonly MissingCall[]
  readonly vpcs: ReadonlyMap<string, Vpc>
  readonly vpcAttributes: ReadonlyMap<string, VpcAttributes>
  readonly subnets: ReadonlyMap<string, Subnet>
  readonly subnetsOfVpc: ReadonlyMap<string, readonly Subnet[]>
  readonly routeTables: ReadonlyMap<string, RouteTable>
  readonly routeTableOfSubnet: ReadonlyMap<string, RouteTable>
  readonly mainRouteTable: ReadonlyMap<string, RouteTable>
  readonly routeTableOfGateway: ReadonlyMap<string, RouteTable>
  readonly internetGateways: ReadonlyMap<string, InternetGateway>
  readonly internetGatewayOfVpc: ReadonlyMap<string, InternetGateway>
  readonly natGateways: ReadonlyMap<string, NatGateway>
  readonly securityGroups: ReadonlyMap<string, SecurityGroup>
  readonly networkAcls: ReadonlyMap<string, NetworkAcl>
  readonly aclOfSubnet: ReadonlyMap<string, NetworkAcl>
  readonly enis: ReadonlyMap<string, Eni>
  /** `VPC ADDRESS` (address as a number or bigint) → its interface. */
  readonly eniByAddress: ReadonlyMap<string, Eni>
  readonly enisOfSubnet: ReadonlyMap<string, readonly Eni[]>
  readonly instances: ReadonlyMap<string, Instance>
  /** Public IPv4 address → the interface and private address that it is translated to. */
  readonly publicAddresses: ReadonlyMap<string, PublicAddress>
  readonly endpoints: ReadonlyMap<string, Endpoint>
  readonly endpointsOfVpc: ReadonlyMap<string, readonly Endpoint[]>
  readonly prefixLists: ReadonlyMap<string, PrefixList>
  readonly nameServers: ReadonlyMap<string, readonly string[]>
  readonly peerings: ReadonlyMap<string, Peering>
  readonly transitGateways: ReadonlyMap<string, TransitGateway>
  /** `TGW ATTACHMENT` → the attachment as that gateway sees it. */
  readonly transitAttachments: ReadonlyMap<string, TransitAttachment>
  readonly transitRouteTables: ReadonlyMap<string, TransitRouteTable>
  readonly vpnGateways: ReadonlyMap<string, VpnGateway>
  readonly vpnConnections: ReadonlyMap<string, VpnConnection>
  readonly blockPublicAccess: ReadonlyMap<string, BlockPublicAccess>
  readonly blockPublicAccessExclusions: ReadonlyMap<string, BlockPublicAccessExclusion>
  /** By name and by ARN; a name that several regions use leads to all of them. */
  readonly functions: ReadonlyMap<string, readonly LambdaFunction[]>
  readonly databases: readonly Database[]
  readonly databasesById: ReadonlyMap<string, readonly Database[]>
  readonly proxyTargets: ReadonlyMap<string, readonly ProxyTarget[]>
  readonly hostedZones: readonly HostedZone[]
  /** Lower-case DNS name → what answers under it. */
  readonly names: ReadonlyMap<string, NamedThing>
  readonly roles: Roles
  readonly policies: ReadonlyMap<string, Raw>
  readonly memo: Memo
}

export interface PublicAddress {
  readonly publicIp: string
  readonly eni: Eni | null
  readonly natGateway: NatGateway | null
  readonly private: Prefix | null
}

export type NamedThing =
  | { readonly kind: 'database'; readonly database: Database }
  | { readonly kind: 'load-balancer'; readonly balancer: LoadBalancer }
  | { readonly kind: 'instance'; readonly instance: Instance; readonly public: boolean }
  | { readonly kind: 'endpoint'; readonly endpoint: Endpoint }

/**
 * Gives a snapshot's answers their meaning. Never throws on content: what can't be read is left out and told in
 * `problems`, with file, JSON pointer and what was expected. Unknown fields and newer enum values are not problems.
 * A call without an answer stays apart from a call that answered with nothing: see `Model.answered`.
 */
export function buildModel(snapshot: Snapshot): {
  readonly model: Model
  readonly problems: readonly SnapshotProblem[]
} {
  const problems: SnapshotProblem[] = []
  const collected = readDocuments(snapshot.documents, problems)
  return { model: finish(collected, snapshot.missing, createMemo()), problems }
}
