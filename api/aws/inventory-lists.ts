import * as ec2 from '@aws-sdk/client-ec2'
import * as elbv2 from '@aws-sdk/client-elastic-load-balancing-v2'
import * as elasticache from '@aws-sdk/client-elasticache'
import * as lambda from '@aws-sdk/client-lambda'
import * as opensearch from '@aws-sdk/client-opensearch'
import * as rds from '@aws-sdk/client-rds'
import * as route53 from '@aws-sdk/client-route-53'
import * as sts from '@aws-sdk/client-sts'
import type { InventoryCall } from './inventory-call.js'
import { once, pagesBy } from './inventory-pages.js'

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
    // What the account offers to others by PrivateLink, and the load balancers behind it.
    call: 'describe-vpc-endpoint-service-configurations',
    action: 'ec2:DescribeVpcEndpointServiceConfigurations',
    list: 'ServiceConfigurations',
    pages: (c) => ec2.paginateDescribeVpcEndpointServiceConfigurations(many(c.ec2), {}),
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
    // Node endpoints are left out unless they are asked for:
    // https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_DescribeCacheClusters.html
    call: 'describe-cache-clusters',
    action: 'elasticache:DescribeCacheClusters',
    list: 'CacheClusters',
    pages: (c) =>
      elasticache.paginateDescribeCacheClusters(
        { client: c.elasticache, pageSize: 100 },
        { ShowCacheNodeInfo: true },
      ),
  },
  {
    call: 'describe-replication-groups',
    action: 'elasticache:DescribeReplicationGroups',
    list: 'ReplicationGroups',
    pages: (c) => elasticache.paginateDescribeReplicationGroups({ client: c.elasticache, pageSize: 100 }, {}),
  },
  {
    call: 'describe-serverless-caches',
    action: 'elasticache:DescribeServerlessCaches',
    list: 'ServerlessCaches',
    pages: (c) => elasticache.paginateDescribeServerlessCaches({ client: c.elasticache, pageSize: 50 }, {}),
  },
  {
    call: 'describe-cache-subnet-groups',
    action: 'elasticache:DescribeCacheSubnetGroups',
    list: 'CacheSubnetGroups',
    pages: (c) => elasticache.paginateDescribeCacheSubnetGroups({ client: c.elasticache, pageSize: 100 }, {}),
  },
  {
    call: 'list-domain-names',
    action: 'es:ListDomainNames',
    list: 'DomainNames',
    pages: (c) => once(() => c.opensearch.send(new opensearch.ListDomainNamesCommand({}))),
  },
  {
    // Needs no permission: https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html
    call: 'get-caller-identity',
    action: 'sts:GetCallerIdentity',
    list: null,
    pages: (c) => once(() => c.sts.send(new sts.GetCallerIdentityCommand({}))),
  },
  {
    call: 'list-hosted-zones',
    action: 'route53:ListHostedZones',
    list: 'HostedZones',
    global: true,
    pages: (c) => route53.paginateListHostedZones({ client: c.route53, pageSize: 100 }, {}),
  },
]

/** The calls that list everything of a kind. The first is made alone: it shows whether the credentials hold. */
export const LIST_CALLS: readonly InventoryCall[] = [...EC2_LISTS, ...TRANSIT_LISTS, ...SERVICE_LISTS]
