import * as ec2 from '@aws-sdk/client-ec2'
import * as elbv2 from '@aws-sdk/client-elastic-load-balancing-v2'
import * as iam from '@aws-sdk/client-iam'
import * as lambda from '@aws-sdk/client-lambda'
import * as opensearch from '@aws-sdk/client-opensearch'
import * as rds from '@aws-sdk/client-rds'
import * as tagging from '@aws-sdk/client-resource-groups-tagging-api'
import * as route53 from '@aws-sdk/client-route-53'
import { SONDE_TAGS } from '../discovery/tags.js'
import { ENI_ACTIONS } from '../network/eni-actions.js'
import type { Collected, InventoryCall, Item } from './inventory-call.js'
import { once, pagesBy } from './inventory-pages.js'

const many = (client: ec2.EC2Client) => ({ client, pageSize: 1000 })
const some = (client: ec2.EC2Client) => ({ client, pageSize: 100 })

/** The calls that are made for each id that a list gave. */
export const BY_ID_CALLS: readonly InventoryCall[] = [
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
    // Application Load Balancers have nothing in it that a path depends on: theirs always balance across zones.
    call: 'describe-load-balancer-attributes',
    action: 'elasticloadbalancing:DescribeLoadBalancerAttributes',
    list: 'Attributes',
    keys: (collected) =>
      ids(
        collected('describe-load-balancers').filter((item) => item['Type'] === 'network'),
        'LoadBalancerArn',
      ),
    pages: (c, LoadBalancerArn) =>
      once(() => c.elbv2.send(new elbv2.DescribeLoadBalancerAttributesCommand({ LoadBalancerArn }))),
  },
  {
    call: 'describe-target-group-attributes',
    action: 'elasticloadbalancing:DescribeTargetGroupAttributes',
    list: 'Attributes',
    keys: (collected) => ids(collected('describe-target-groups'), 'TargetGroupArn'),
    pages: (c, TargetGroupArn) =>
      once(() => c.elbv2.send(new elbv2.DescribeTargetGroupAttributesCommand({ TargetGroupArn }))),
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
    call: 'describe-domain',
    action: 'es:DescribeDomain',
    resource: 'arn:PARTITION:es:*:*:domain/*',
    list: null,
    keys: (collected) => ids(collected('list-domain-names'), 'DomainName'),
    pages: (c, DomainName) =>
      once(() => c.opensearch.send(new opensearch.DescribeDomainCommand({ DomainName }))),
  },
  {
    // One call a hundred resources; Lambda's own ListTags would be one each. Several keys in one filter would have to be there
    // together: https://docs.aws.amazon.com/resourcegroupstagging/latest/APIReference/API_GetResources.html
    call: 'get-resources',
    action: 'tag:GetResources',
    list: 'ResourceTagMappingList',
    keys: () => SONDE_TAGS,
    pages: (c, Key) =>
      tagging.paginateGetResources({ client: c.tagging, pageSize: 100 }, { TagFilters: [{ Key }] }),
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
