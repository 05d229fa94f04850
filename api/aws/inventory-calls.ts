import * as ec2 from '@aws-sdk/client-ec2'
import * as elbv2 from '@aws-sdk/client-elastic-load-balancing-v2'
import * as iam from '@aws-sdk/client-iam'
import * as lambda from '@aws-sdk/client-lambda'
import * as rds from '@aws-sdk/client-rds'
import * as route53 from '@aws-sdk/client-route-53'
import type { AwsClients } from './client.js'
import { once, pagesBy } from './inventory-pages.js'

/** An AWS object in an answer. */
export type Item = Readonly<Record<string, unknown>>

/** The objects of a list call's answer that was collected before; none where that call failed. */
export type Collected = (call: string) => readonly Item[]

/** One call of a snapshot: how it is made, what it needs, and the permission that it takes. */
export interface InventoryCall {
  /** The AWS CLI command, which names the file. */
  readonly call: string
  /** The IAM action. */
  readonly action: string
  /** The resource to which the permission can be narrowed; `PARTITION` stands for aws, aws-cn, …. */
  readonly resource?: string
  /** The answer's list, which is there even when it is empty; null where the answer is one object. */
  readonly list: string | null
  /** True where the answer is the same in every region, so that it is asked for once. */
  readonly global?: true
  /** What to ask for, one call each, by the key that the file name gets; absent for a call that takes none. */
  readonly keys?: (collected: Collected) => readonly string[]
  readonly pages: (clients: AwsClients, key: string) => AsyncIterable<object>
}

/** What a function's role needs to stand in a VPC: https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html */
export const ENI_ACTIONS = [
  'ec2:CreateNetworkInterface',
  'ec2:DescribeNetworkInterfaces',
  'ec2:DescribeSubnets',
  'ec2:DeleteNetworkInterface',
  'ec2:AssignPrivateIpAddresses',
  'ec2:UnassignPrivateIpAddresses',
] as const

const many = (client: ec2.EC2Client) => ({ client, pageSize: 1000 })
const some = (client: ec2.EC2Client) => ({ client, pageSize: 100 })

const EC2_LISTS: readonly InventoryCall[] = [
  {
    call: 'describe-vpcs',
    action: 'ec2:DescribeVpcs',
    list: 'Vpcs',
    pages: (c) => ec2.paginateDescribeVpcs(many(c.ec2), {}),
  },
  {
    call: 'describe-subnets',
    action: 'ec2:DescribeSubnets',
    list: 'Subnets',
    pages: (c) => ec2.paginateDescribeSubnets(many(c.ec2), {}),
  },
  {
    call: 'describe-route-tables',
    action: 'ec2:DescribeRouteTables',
    list: 'RouteTables',
    pages: (c) => ec2.paginateDescribeRouteTables(some(c.ec2), {}),
  },
  {
    call: 'describe-internet-gateways',
    action: 'ec2:DescribeInternetGateways',
    list: 'InternetGateways',
    pages: (c) => ec2.paginateDescribeInternetGateways(many(c.ec2), {}),
  },
  {
    call: 'describe-egress-only-internet-gateways',
    action: 'ec2:DescribeEgressOnlyInternetGateways',
    list: 'EgressOnlyInternetGateways',
    pages: (c) => ec2.paginateDescribeEgressOnlyInternetGateways(some(c.ec2), {}),
  },
  {
    call: 'describe-nat-gateways',
    action: 'ec2:DescribeNatGateways',
    list: 'NatGateways',
    pages: (c) => ec2.paginateDescribeNatGateways(many(c.ec2), {}),
  },
  {
    call: 'describe-security-groups',
    action: 'ec2:DescribeSecurityGroups',
    list: 'SecurityGroups',
    pages: (c) => ec2.paginateDescribeSecurityGroups(many(c.ec2), {}),
  },
  {
    call: 'describe-security-group-vpc-associations',
    action: 'ec2:DescribeSecurityGroupVpcAssociations',
    list: 'SecurityGroupVpcAssociations',
    pages: (c) => ec2.paginateDescribeSecurityGroupVpcAssociations(many(c.ec2), {}),
  },
  {
    call: 'describe-network-acls',
    action: 'ec2:DescribeNetworkAcls',
    list: 'NetworkAcls',
    pages: (c) => ec2.paginateDescribeNetworkAcls(many(c.ec2), {}),
  },
  {
    call: 'describe-network-interfaces',
    action: 'ec2:DescribeNetworkInterfaces',
    list: 'NetworkInterfaces',
    pages: (c) => ec2.paginateDescribeNetworkInterfaces(many(c.ec2), {}),
  },
  {
    call: 'describe-instances',
    action: 'ec2:DescribeInstances',
    list: 'Reservations',
    pages: (c) => ec2.paginateDescribeInstances(many(c.ec2), {}),
  },
  {
    call: 'describe-addresses',
    action: 'ec2:DescribeAddresses',
    list: 'Addresses',
    pages: (c) => once(() => c.ec2.send(new ec2.DescribeAddressesCommand({}))),
  },
  {
    call: 'describe-vpc-endpoints',
    action: 'ec2:DescribeVpcEndpoints',
    list: 'VpcEndpoints',
    pages: (c) => ec2.paginateDescribeVpcEndpoints(many(c.ec2), {}),
  },
  {
    call: 'describe-prefix-lists',
    action: 'ec2:DescribePrefixLists',
    list: 'PrefixLists',
    pages: (c) => ec2.paginateDescribePrefixLists(some(c.ec2), {}),
  },
  {
    call: 'describe-managed-prefix-lists',
    action: 'ec2:DescribeManagedPrefixLists',
    list: 'PrefixLists',
    pages: (c) => ec2.paginateDescribeManagedPrefixLists(some(c.ec2), {}),
  },
  {
    call: 'describe-dhcp-options',
    action: 'ec2:DescribeDhcpOptions',
    list: 'DhcpOptions',
    pages: (c) => ec2.paginateDescribeDhcpOptions(many(c.ec2), {}),
  },
  {
    call: 'describe-vpc-peering-connections',
    action: 'ec2:DescribeVpcPeeringConnections',
    list: 'VpcPeeringConnections',
    pages: (c) => ec2.paginateDescribeVpcPeeringConnections(many(c.ec2), {}),
  },
  {
    call: 'describe-vpn-gateways',
    action: 'ec2:DescribeVpnGateways',
    list: 'VpnGateways',
    pages: (c) => once(() => c.ec2.send(new ec2.DescribeVpnGatewaysCommand({}))),
  },
  {
    call: 'describe-vpn-connections',
    action: 'ec2:DescribeVpnConnections',
    list: 'VpnConnections',
    pages: (c) => once(() => c.ec2.send(new ec2.DescribeVpnConnectionsCommand({}))),
  },
  {
    call: 'describe-vpc-block-public-access-options',
    action: 'ec2:DescribeVpcBlockPublicAccessOptions',
    list: null,
    pages: (c) => once(() => c.ec2.send(new ec2.DescribeVpcBlockPublicAccessOptionsCommand({}))),
  },
  {
    call: 'describe-vpc-block-public-access-exclusions',
    action: 'ec2:DescribeVpcBlockPublicAccessExclusions',
    list: 'VpcBlockPublicAccessExclusions',
    pages: (c) =>
      pagesBy(
        (NextToken: string | undefined) =>
          c.ec2.send(new ec2.DescribeVpcBlockPublicAccessExclusionsCommand({ MaxResults: 1000, NextToken })),
        (page) => page.NextToken,
      ),
  },
]

const TRANSIT_LISTS: readonly InventoryCall[] = [
  {
    call: 'describe-transit-gateways',
    action: 'ec2:DescribeTransitGateways',
    list: 'TransitGateways',
    pages: (c) => ec2.paginateDescribeTransitGateways(many(c.ec2), {}),
  },
  {
    call: 'describe-transit-gateway-attachments',
    action: 'ec2:DescribeTransitGatewayAttachments',
    list: 'TransitGatewayAttachments',
    pages: (c) => ec2.paginateDescribeTransitGatewayAttachments(many(c.ec2), {}),
  },
  {
    call: 'describe-transit-gateway-vpc-attachments',
    action: 'ec2:DescribeTransitGatewayVpcAttachments',
    list: 'TransitGatewayVpcAttachments',
    pages: (c) => ec2.paginateDescribeTransitGatewayVpcAttachments(many(c.ec2), {}),
  },
  {
    call: 'describe-transit-gateway-peering-attachments',
    action: 'ec2:DescribeTransitGatewayPeeringAttachments',
    list: 'TransitGatewayPeeringAttachments',
    pages: (c) => ec2.paginateDescribeTransitGatewayPeeringAttachments(many(c.ec2), {}),
  },
  {
    call: 'describe-transit-gateway-route-tables',
    action: 'ec2:DescribeTransitGatewayRouteTables',
    list: 'TransitGatewayRouteTables',
    pages: (c) => ec2.paginateDescribeTransitGatewayRouteTables(many(c.ec2), {}),
  },
]

const SERVICE_LISTS: readonly InventoryCall[] = [
  {
    call: 'describe-load-balancers',
    action: 'elasticloadbalancing:DescribeLoadBalancers',
    list: 'LoadBalancers',
    pages: (c) => elbv2.paginateDescribeLoadBalancers({ client: c.elbv2, pageSize: 100 }, {}),
  },
  {
    call: 'describe-target-groups',
    action: 'elasticloadbalancing:DescribeTargetGroups',
    list: 'TargetGroups',
    pages: (c) => elbv2.paginateDescribeTargetGroups({ client: c.elbv2, pageSize: 100 }, {}),
  },
  {
    call: 'describe-db-instances',
    action: 'rds:DescribeDBInstances',
    list: 'DBInstances',
    pages: (c) => rds.paginateDescribeDBInstances({ client: c.rds, pageSize: 100 }, {}),
  },
  {
    call: 'describe-db-clusters',
    action: 'rds:DescribeDBClusters',
    list: 'DBClusters',
    pages: (c) => rds.paginateDescribeDBClusters({ client: c.rds, pageSize: 100 }, {}),
  },
  {
    call: 'describe-db-subnet-groups',
    action: 'rds:DescribeDBSubnetGroups',
    list: 'DBSubnetGroups',
    pages: (c) => rds.paginateDescribeDBSubnetGroups({ client: c.rds, pageSize: 100 }, {}),
  },
  {
    call: 'describe-db-proxies',
    action: 'rds:DescribeDBProxies',
    list: 'DBProxies',
    pages: (c) => rds.paginateDescribeDBProxies({ client: c.rds, pageSize: 100 }, {}),
  },
  {
    call: 'list-functions',
    action: 'lambda:ListFunctions',
    list: 'Functions',
    pages: (c) => lambda.paginateListFunctions({ client: c.lambda, pageSize: 50 }, {}),
  },
  {
    call: 'list-hosted-zones',
    action: 'route53:ListHostedZones',
    list: 'HostedZones',
    global: true,
    pages: (c) => route53.paginateListHostedZones({ client: c.route53, pageSize: 100 }, {}),
  },
]

const BY_ID: readonly InventoryCall[] = [
  {
    call: 'describe-vpc-attribute',
    action: 'ec2:DescribeVpcAttribute',
    list: null,
    keys: (collected) =>
      ids(collected('describe-vpcs'), 'VpcId').flatMap((id) => [
        `${id}.enableDnsSupport`,
        `${id}.enableDnsHostnames`,
      ]),
    pages: (c, key) => {
      const [VpcId = '', name] = key.split('.')
      const Attribute = name === 'enableDnsSupport' ? name : 'enableDnsHostnames'
      return once(() => c.ec2.send(new ec2.DescribeVpcAttributeCommand({ VpcId, Attribute })))
    },
  },
  {
    call: 'get-managed-prefix-list-entries',
    action: 'ec2:GetManagedPrefixListEntries',
    list: 'Entries',
    keys: (collected) => ids(collected('describe-managed-prefix-lists'), 'PrefixListId'),
    pages: (c, PrefixListId) => ec2.paginateGetManagedPrefixListEntries(some(c.ec2), { PrefixListId }),
  },
  {
    call: 'search-transit-gateway-routes',
    action: 'ec2:SearchTransitGatewayRoutes',
    list: 'Routes',
    keys: transitTables,
    pages: (c, TransitGatewayRouteTableId) =>
      ec2.paginateSearchTransitGatewayRoutes(many(c.ec2), {
        TransitGatewayRouteTableId,
        Filters: [{ Name: 'state', Values: ['active', 'blackhole'] }],
      }),
  },
  {
    call: 'get-transit-gateway-route-table-associations',
    action: 'ec2:GetTransitGatewayRouteTableAssociations',
    list: 'Associations',
    keys: transitTables,
    pages: (c, TransitGatewayRouteTableId) =>
      ec2.paginateGetTransitGatewayRouteTableAssociations(many(c.ec2), { TransitGatewayRouteTableId }),
  },
  {
    call: 'get-transit-gateway-route-table-propagations',
    action: 'ec2:GetTransitGatewayRouteTablePropagations',
    list: 'TransitGatewayRouteTablePropagations',
    keys: transitTables,
    pages: (c, TransitGatewayRouteTableId) =>
      ec2.paginateGetTransitGatewayRouteTablePropagations(many(c.ec2), { TransitGatewayRouteTableId }),
  },
  {
    call: 'get-transit-gateway-prefix-list-references',
    action: 'ec2:GetTransitGatewayPrefixListReferences',
    list: 'TransitGatewayPrefixListReferences',
    keys: transitTables,
    pages: (c, TransitGatewayRouteTableId) =>
      ec2.paginateGetTransitGatewayPrefixListReferences(many(c.ec2), { TransitGatewayRouteTableId }),
  },
  {
    call: 'describe-listeners',
    action: 'elasticloadbalancing:DescribeListeners',
    list: 'Listeners',
    keys: (collected) => ids(collected('describe-load-balancers'), 'LoadBalancerArn'),
    pages: (c, LoadBalancerArn) =>
      elbv2.paginateDescribeListeners({ client: c.elbv2, pageSize: 100 }, { LoadBalancerArn }),
  },
  {
    call: 'describe-target-health',
    action: 'elasticloadbalancing:DescribeTargetHealth',
    list: 'TargetHealthDescriptions',
    keys: (collected) => ids(collected('describe-target-groups'), 'TargetGroupArn'),
    pages: (c, TargetGroupArn) =>
      once(() => c.elbv2.send(new elbv2.DescribeTargetHealthCommand({ TargetGroupArn }))),
  },
  {
    call: 'describe-db-proxy-targets',
    action: 'rds:DescribeDBProxyTargets',
    list: 'Targets',
    keys: (collected) => ids(collected('describe-db-proxies'), 'DBProxyName'),
    pages: (c, DBProxyName) =>
      rds.paginateDescribeDBProxyTargets({ client: c.rds, pageSize: 100 }, { DBProxyName }),
  },
  {
    // ListFunctions leaves out State, LastUpdateStatus and their reasons:
    // https://docs.aws.amazon.com/lambda/latest/api/API_ListFunctions.html. GetFunction has a higher rate,
    // but its permission opens the function's code too.
    call: 'get-function-configuration',
    action: 'lambda:GetFunctionConfiguration',
    resource: 'arn:PARTITION:lambda:*:*:function:*',
    list: null,
    keys: (collected) => ids(vpcFunctions(collected), 'FunctionName'),
    pages: (c, FunctionName) =>
      once(() => c.lambda.send(new lambda.GetFunctionConfigurationCommand({ FunctionName }))),
  },
  {
    call: 'simulate-principal-policy',
    action: 'iam:SimulatePrincipalPolicy',
    resource: 'arn:PARTITION:iam::*:role/*',
    list: 'EvaluationResults',
    keys: (collected) => ids(vpcFunctions(collected), 'Role'),
    pages: (c, PolicySourceArn) =>
      iam.paginateSimulatePrincipalPolicy(
        { client: c.iam },
        { PolicySourceArn, ActionNames: [...ENI_ACTIONS] },
      ),
  },
  {
    call: 'list-hosted-zones-by-vpc',
    action: 'route53:ListHostedZonesByVPC',
    list: 'HostedZoneSummaries',
    keys: (collected) => ids(collected('describe-vpcs'), 'VpcId'),
    pages: (c, VPCId) =>
      pagesBy(
        (NextToken: string | undefined) =>
          c.route53.send(
            new route53.ListHostedZonesByVPCCommand({ VPCId, VPCRegion: vpcRegion(c.region), NextToken }),
          ),
        (page) => page.NextToken,
      ),
  },
  {
    call: 'get-hosted-zone',
    action: 'route53:GetHostedZone',
    resource: 'arn:PARTITION:route53:::hostedzone/*',
    list: null,
    global: true,
    keys: privateZones,
    pages: (c, Id) => once(() => c.route53.send(new route53.GetHostedZoneCommand({ Id }))),
  },
  {
    call: 'list-resource-record-sets',
    action: 'route53:ListResourceRecordSets',
    resource: 'arn:PARTITION:route53:::hostedzone/*',
    list: 'ResourceRecordSets',
    global: true,
    keys: privateZones,
    pages: (c, HostedZoneId) =>
      pagesBy(
        (next: route53.ListResourceRecordSetsResponse | undefined) =>
          c.route53.send(
            new route53.ListResourceRecordSetsCommand({
              HostedZoneId,
              StartRecordName: next?.NextRecordName,
              StartRecordType: next?.NextRecordType,
              StartRecordIdentifier: next?.NextRecordIdentifier,
            }),
          ),
        (page) => (page.IsTruncated ? page : undefined),
      ),
  },
]

/**
 * Every call of a snapshot, lists before what is asked by the ids in them. The collection, the
 * documentation and the IAM policy are made from this one table.
 */
export const INVENTORY_CALLS: readonly InventoryCall[] = [
  ...EC2_LISTS,
  ...TRANSIT_LISTS,
  ...SERVICE_LISTS,
  ...BY_ID,
]

/** The values of one field, each once, in order. */
function ids(items: readonly Item[], field: string): string[] {
  const values = items.map((item) => item[field]).filter((value) => typeof value === 'string')
  return [...new Set(values)].sort()
}

function transitTables(collected: Collected): readonly string[] {
  return ids(collected('describe-transit-gateway-route-tables'), 'TransitGatewayRouteTableId')
}

/** Functions outside a VPC have no network of the account's to be traced. */
function vpcFunctions(collected: Collected): readonly Item[] {
  return collected('list-functions').filter((item) => {
    const vpc = item['VpcConfig']
    return (
      typeof vpc === 'object' && vpc !== null && 'VpcId' in vpc && vpc.VpcId !== '' && vpc.VpcId !== undefined
    )
  })
}

function privateZones(collected: Collected): readonly string[] {
  const zones = collected('list-hosted-zones').filter((zone) => {
    const config = zone['Config']
    return (
      typeof config === 'object' && config !== null && 'PrivateZone' in config && config.PrivateZone === true
    )
  })
  return ids(zones, 'Id').map((id) => id.replace(/^\/hostedzone\//, ''))
}

/** The SDK lists the regions that it knew when it was made; AWS decides which ones there are. */
function vpcRegion(region: string): route53.VPCRegion {
  return region as route53.VPCRegion
}
