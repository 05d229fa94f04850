import type {
  BlockPublicAccess,
  BlockPublicAccessExclusion,
  Database,
  Endpoint,
  Eni,
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
  Vpc,
  VpnConnection,
  VpnGateway,
} from '../entities.js'
import type { SnapshotDocument, SnapshotProblem } from '../snapshot.js'
import {
  type BalancerDrafts,
  noBalancers,
  readAttributes,
  readEndpointServices,
  readListeners,
  readLoadBalancers,
  readTargetGroups,
  readTargetHealth,
} from './balancers.js'
import { readHostedZone, readHostedZones, readRecordSets, type ZoneDraft } from './dns.js'
import { readNetworkAcls, readPrefixListEntries, readPrefixLists, readSecurityGroups } from './filters.js'
import {
  readEgressOnlyGateways,
  readInternetGateways,
  readNatGateways,
  readPeerings,
  readRouteTables,
  readVpnConnections,
  readVpnGateways,
} from './gateways.js'
import {
  type ElasticAddress,
  readAddresses,
  readEndpoints,
  readInstances,
  readNetworkInterfaces,
} from './interfaces.js'
import {
  type Roles,
  readAttachedPolicies,
  readPolicyVersion,
  readRolePolicy,
  readRolePolicyNames,
  readSimulation,
} from './permissions.js'
import type { Source } from './source.js'
import {
  readAssociations,
  readAttachments,
  readPeeringAttachments,
  readPropagations,
  readTransitGateways,
  readTransitRoutes,
  readTransitRouteTables,
  readVpcAttachments,
  type TransitTableDraft,
} from './transit.js'
import {
  readBlockPublicAccess,
  readBlockPublicAccessExclusions,
  readDhcpOptions,
  readSubnets,
  readVpcAttribute,
  readVpcs,
  type VpcAttributes,
} from './vpc.js'
import {
  type ProxyTarget,
  readDbClusters,
  readDbInstances,
  readDbProxies,
  readFunctionConfiguration,
  readFunctions,
  readProxyTargets,
  readSubnetGroups,
  type SubnetGroup,
} from './workloads.js'

/** Everything read, not yet joined. */
export interface Collected {
  readonly answered: Map<string, Set<string>>
  readonly answeredFor: Set<string>
  readonly vpcs: Map<string, Vpc>
  readonly vpcAttributes: Map<string, VpcAttributes>
  readonly subnets: Map<string, Subnet>
  readonly routeTables: Map<string, RouteTable>
  readonly internetGateways: Map<string, InternetGateway>
  readonly natGateways: Map<string, NatGateway>
  readonly securityGroups: Map<string, SecurityGroup>
  readonly networkAcls: Map<string, NetworkAcl>
  readonly enis: Map<string, Eni>
  readonly witnessed: Map<string, Eni>
  readonly instances: Map<string, Instance>
  readonly elastic: Map<string, ElasticAddress>
  readonly endpoints: Map<string, Endpoint>
  readonly prefixLists: Map<string, PrefixList>
  readonly nameServers: Map<string, readonly string[]>
  readonly peerings: Map<string, Peering>
  readonly transitGateways: Map<string, TransitGateway>
  readonly transitAttachments: Map<string, TransitAttachment>
  readonly transitTables: Map<string, TransitTableDraft>
  readonly associations: Map<string, { table: string; state: string }>
  readonly vpnGateways: Map<string, VpnGateway>
  readonly vpnConnections: Map<string, VpnConnection>
  readonly blockPublicAccess: Map<string, BlockPublicAccess>
  readonly exclusions: Map<string, BlockPublicAccessExclusion>
  readonly functions: Map<string, LambdaFunction>
  readonly databases: Map<string, Database>
  readonly subnetGroups: Map<string, SubnetGroup>
  readonly subnetGroupOf: Map<string, string>
  readonly proxyTargets: Map<string, readonly ProxyTarget[]>
  readonly balancing: BalancerDrafts
  readonly zones: Map<string, ZoneDraft>
  readonly roles: Roles
  readonly policies: Map<string, Raw>
}

function empty(): Collected {
  return {
    answered: new Map(),
    answeredFor: new Set(),
    vpcs: new Map(),
    vpcAttributes: new Map(),
    subnets: new Map(),
    routeTables: new Map(),
    internetGateways: new Map(),
    natGateways: new Map(),
    securityGroups: new Map(),
    networkAcls: new Map(),
    enis: new Map(),
    witnessed: new Map(),
    instances: new Map(),
    elastic: new Map(),
    endpoints: new Map(),
    prefixLists: new Map(),
    nameServers: new Map(),
    peerings: new Map(),
    transitGateways: new Map(),
    transitAttachments: new Map(),
    transitTables: new Map(),
    associations: new Map(),
    vpnGateways: new Map(),
    vpnConnections: new Map(),
    blockPublicAccess: new Map(),
    exclusions: new Map(),
    functions: new Map(),
    databases: new Map(),
    subnetGroups: new Map(),
    subnetGroupOf: new Map(),
    proxyTargets: new Map(),
    balancing: noBalancers(),
    zones: new Map(),
    roles: new Map(),
    policies: new Map(),
  }
}

type Reader = (source: Source, c: Collected) => boolean

/** Which reader takes which call's answers. A reader returns false where the answer can't be used at all. */
const READERS: ReadonlyMap<string, Reader> = new Map<string, Reader>([
  ['describe-vpcs', (s, c) => readVpcs(s, c.vpcs)],
  ['describe-vpc-attribute', (s, c) => readVpcAttribute(s, c.vpcAttributes)],
  ['describe-subnets', (s, c) => readSubnets(s, c.subnets)],
  ['describe-route-tables', (s, c) => readRouteTables(s, c.routeTables)],
  ['describe-internet-gateways', (s, c) => readInternetGateways(s, c.internetGateways)],
  ['describe-egress-only-internet-gateways', (s, c) => readEgressOnlyGateways(s, c.internetGateways)],
  ['describe-nat-gateways', (s, c) => readNatGateways(s, c.natGateways)],
  ['describe-security-groups', (s, c) => readSecurityGroups(s, c.securityGroups)],
  ['describe-network-acls', (s, c) => readNetworkAcls(s, c.networkAcls)],
  ['describe-network-interfaces', (s, c) => readNetworkInterfaces(s, c.enis)],
  ['describe-instances', (s, c) => readInstances(s, c.instances, c.witnessed)],
  ['describe-addresses', (s, c) => readAddresses(s, c.elastic)],
  ['describe-vpc-endpoints', (s, c) => readEndpoints(s, c.endpoints)],
  ['describe-prefix-lists', (s, c) => readPrefixLists(s, c.prefixLists)],
  ['describe-managed-prefix-lists', (s, c) => readPrefixLists(s, c.prefixLists)],
  ['get-managed-prefix-list-entries', (s, c) => readPrefixListEntries(s, c.prefixLists)],
  ['describe-dhcp-options', (s, c) => readDhcpOptions(s, c.nameServers)],
  ['describe-vpc-peering-connections', (s, c) => readPeerings(s, c.peerings)],
  ['describe-transit-gateways', (s, c) => readTransitGateways(s, c.transitGateways)],
  ['describe-transit-gateway-attachments', (s, c) => readAttachments(s, c.transitAttachments)],
  ['describe-transit-gateway-vpc-attachments', (s, c) => readVpcAttachments(s, c.transitAttachments)],
  ['describe-transit-gateway-peering-attachments', (s, c) => readPeeringAttachments(s, c.transitAttachments)],
  ['describe-transit-gateway-route-tables', (s, c) => readTransitRouteTables(s, c.transitTables)],
  ['search-transit-gateway-routes', (s, c) => readTransitRoutes(s, c.transitTables)],
  ['get-transit-gateway-route-table-associations', (s, c) => readAssociations(s, c.associations)],
  ['get-transit-gateway-route-table-propagations', (s, c) => readPropagations(s, c.transitTables)],
  ['describe-vpn-gateways', (s, c) => readVpnGateways(s, c.vpnGateways)],
  ['describe-vpn-connections', (s, c) => readVpnConnections(s, c.vpnConnections)],
  ['describe-vpc-block-public-access-options', (s, c) => readBlockPublicAccess(s, c.blockPublicAccess)],
  ['describe-vpc-block-public-access-exclusions', (s, c) => readBlockPublicAccessExclusions(s, c.exclusions)],
  ['list-functions', (s, c) => readFunctions(s, c.functions)],
  ['get-function-configuration', (s, c) => readFunctionConfiguration(s, c.functions)],
  ['get-function', (s, c) => readFunctionConfiguration(s, c.functions)],
  ['describe-db-instances', (s, c) => readDbInstances(s, c.databases)],
  ['describe-db-clusters', (s, c) => readDbClusters(s, c.databases, c.subnetGroupOf)],
  ['describe-db-subnet-groups', (s, c) => readSubnetGroups(s, c.subnetGroups)],
  ['describe-db-proxies', (s, c) => readDbProxies(s, c.databases)],
  ['describe-db-proxy-targets', (s, c) => readProxyTargets(s, c.proxyTargets)],
  ['describe-load-balancers', (s, c) => readLoadBalancers(s, c.balancing)],
  ['describe-load-balancer-attributes', (s, c) => readAttributes(s, c.balancing.balancerAttributes)],
  ['describe-listeners', (s, c) => readListeners(s, c.balancing)],
  ['describe-target-groups', (s, c) => readTargetGroups(s, c.balancing)],
  ['describe-target-group-attributes', (s, c) => readAttributes(s, c.balancing.groupAttributes)],
  ['describe-target-health', (s, c) => readTargetHealth(s, c.balancing)],
  ['describe-vpc-endpoint-service-configurations', (s, c) => readEndpointServices(s, c.balancing)],
  ['list-hosted-zones', (s, c) => readHostedZones(s, c.zones)],
  ['get-hosted-zone', (s, c) => readHostedZone(s, c.zones)],
  ['list-resource-record-sets', (s, c) => readRecordSets(s, c.zones)],
  ['simulate-principal-policy', (s, c) => readSimulation(s, c.roles)],
  ['get-role-policy', (s, c) => readRolePolicy(s, c.roles)],
  ['list-role-policies', (s, c) => readRolePolicyNames(s, c.roles)],
  ['list-attached-role-policies', (s, c) => readAttachedPolicies(s, c.roles)],
  ['get-policy-version', (s, c) => readPolicyVersion(s, c.policies)],
])

/** Reads every document by its call. A call that Sonde has no use for is left alone. */
export function readDocuments(
  documents: readonly SnapshotDocument[],
  problems: SnapshotProblem[],
): Collected {
  const c = empty()
  // A list of functions comes before the single answers, which know more and have the last word.
  const ordered = [...documents].sort(
    (a, b) => Number(a.call.startsWith('get-function')) - Number(b.call.startsWith('get-function')),
  )
  for (const document of ordered) {
    const reader = READERS.get(document.call)
    if (reader === undefined) continue
    if (!reader({ document, problems }, c)) continue
    let scopes = c.answered.get(document.call)
    if (scopes === undefined) {
      scopes = new Set()
      c.answered.set(document.call, scopes)
    }
    scopes.add(document.scope)
    if (document.key !== '') c.answeredFor.add(`${document.call} ${document.key}`)
  }
  return c
}
