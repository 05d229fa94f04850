import type { Change } from '../diagnosis.js'
import { createdIds, peerName, portsOf, terraformName } from './names.js'

type Of<K extends Change['kind']> = Extract<Change, { kind: K }>

/** An expression that stands without quotes: a reference to another resource. */
interface Expression {
  readonly expression: string
}
type Value = string | number | boolean | Expression | readonly Value[]
type Attributes = Readonly<Record<string, Value>>
type Refer = (id: string) => Value
type Renderers = { readonly [K in Change['kind']]: (change: Of<K>, refer: Refer) => readonly string[] }

function isExpression(value: Value): value is Expression {
  return typeof value === 'object' && 'expression' in value
}

/** HCL's string form: JSON's, with `${` and `%{` kept from being templates. */
function literal(value: Value): string {
  if (typeof value === 'string') return JSON.stringify(value).replace(/([$%])\{/g, '$1$1{')
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  return isExpression(value) ? value.expression : `[${value.map(literal).join(', ')}]`
}

function body(attributes: Attributes, indent: string): string {
  const width = Math.max(...Object.keys(attributes).map((name) => name.length))
  return Object.entries(attributes)
    .map(([name, value]) => `${indent}${name.padEnd(width)} = ${literal(value)}`)
    .join('\n')
}

function resource(type: string, name: string, attributes: Attributes): string {
  return `resource "${type}" "${name}" {\n${body(attributes, '  ')}\n}`
}

const existing = (what: string, block: string) => `# Change it where it is defined: ${what}\n${block}`

const ports = (change: { fromPort: number | null; toPort: number | null }): Attributes => {
  const range = portsOf(change)
  return range === null ? {} : { from_port: range[0], to_port: range[1] }
}

const ROUTE_TARGETS: Readonly<Record<string, string>> = {
  'internet-gateway': 'gateway_id',
  'virtual-private-gateway': 'gateway_id',
  'vpc-endpoint': 'vpc_endpoint_id',
  'egress-only-internet-gateway': 'egress_only_gateway_id',
  'nat-gateway': 'nat_gateway_id',
  'network-interface': 'network_interface_id',
  'transit-gateway': 'transit_gateway_id',
  'vpc-peering-connection': 'vpc_peering_connection_id',
}

function routeDestination(destination: string): string {
  if (destination.startsWith('pl-')) return 'destination_prefix_list_id'
  return destination.includes(':') ? 'destination_ipv6_cidr_block' : 'destination_cidr_block'
}

function peer(change: Of<'authorize-security-group'>, refer: Refer): Attributes {
  if ('groupId' in change.peer) return { referenced_security_group_id: refer(change.peer.groupId) }
  if ('prefixListId' in change.peer) return { prefix_list_id: change.peer.prefixListId }
  return change.peer.cidr.includes(':') ? { cidr_ipv6: change.peer.cidr } : { cidr_ipv4: change.peer.cidr }
}

const RENDERERS: Renderers = {
  'authorize-security-group': (change, refer) => [
    resource(
      `aws_vpc_security_group_${change.direction}_rule`,
      terraformName(change.groupId, peerName(change.peer), String(change.fromPort ?? 'all')),
      {
        security_group_id: refer(change.groupId),
        ip_protocol: change.protocol,
        ...ports(change),
        ...peer(change, refer),
      },
    ),
  ],
  'revoke-security-group': (change) => [
    `# Remove from ${change.groupId} the ${change.direction} rule ${change.protocol} ${portsOf(change)?.join('-') ?? 'all'} ${peerName(change.peer)}, where it is defined.`,
  ],
  'create-security-group': (change) => [
    resource('aws_security_group', terraformName(change.as), {
      vpc_id: change.vpcId,
      name: change.name,
      description: change.description,
    }),
  ],
  'put-network-acl-entry': (change) => [
    resource(
      'aws_network_acl_rule',
      terraformName(change.networkAclId, change.egress ? 'out' : 'in', String(change.ruleNumber)),
      {
        network_acl_id: change.networkAclId,
        egress: change.egress,
        rule_number: change.ruleNumber,
        protocol: change.protocol,
        rule_action: change.action,
        [change.cidr.includes(':') ? 'ipv6_cidr_block' : 'cidr_block']: change.cidr,
        ...ports(change),
      },
    ),
  ],
  'delete-network-acl-entry': (change) => [
    `# Remove ${change.egress ? 'outbound' : 'inbound'} rule ${change.ruleNumber} from ${change.networkAclId}, where it is defined.`,
  ],
  'put-route': (change, refer) => {
    const block = resource('aws_route', terraformName(change.routeTableId, change.destination), {
      route_table_id: change.routeTableId,
      [routeDestination(change.destination)]: change.destination,
      [ROUTE_TARGETS[change.target.kind] ?? 'gateway_id']: refer(change.target.id),
    })
    return [
      change.replace
        ? existing(`the route to ${change.destination} of ${change.routeTableId}`, block)
        : block,
    ]
  },
  'delete-route': (change) => [
    `# Remove the route to ${change.destination} from ${change.routeTableId}, where it is defined.`,
  ],
  'associate-endpoint-route-table': (change, refer) => [
    resource(
      'aws_vpc_endpoint_route_table_association',
      terraformName(change.endpointId, change.routeTableId),
      {
        vpc_endpoint_id: refer(change.endpointId),
        route_table_id: change.routeTableId,
      },
    ),
  ],
  'create-endpoint': (change, refer) => [
    resource('aws_vpc_endpoint', terraformName(change.as), {
      vpc_id: change.vpcId,
      vpc_endpoint_type: change.endpointType,
      service_name: change.service,
      ...(change.endpointType === 'Gateway'
        ? { route_table_ids: change.routeTableIds }
        : {
            subnet_ids: change.subnetIds,
            security_group_ids: change.groupIds.map(refer),
            private_dns_enabled: change.privateDns,
          }),
    }),
  ],
  'modify-endpoint': (change, refer) => [
    ...(change.privateDns === undefined
      ? []
      : [
          resource('aws_vpc_endpoint_private_dns', terraformName(change.endpointId), {
            vpc_endpoint_id: refer(change.endpointId),
            private_dns_enabled: change.privateDns,
          }),
        ]),
    ...(change.addSubnetIds ?? []).map((subnet) =>
      resource('aws_vpc_endpoint_subnet_association', terraformName(change.endpointId, subnet), {
        vpc_endpoint_id: refer(change.endpointId),
        subnet_id: subnet,
      }),
    ),
    ...(change.addGroupIds ?? []).map((group) =>
      resource('aws_vpc_endpoint_security_group_association', terraformName(change.endpointId, group), {
        vpc_endpoint_id: refer(change.endpointId),
        security_group_id: refer(group),
      }),
    ),
    ...(change.policy === undefined
      ? []
      : [
          resource('aws_vpc_endpoint_policy', terraformName(change.endpointId), {
            vpc_endpoint_id: refer(change.endpointId),
            policy: change.policy,
          }),
        ]),
  ],
  'delete-endpoint': (change) => [
    `# Remove the endpoint ${change.endpointId} where it is defined, before another one takes its private DNS names.`,
  ],
  'create-nat-gateway': (change) => {
    const name = terraformName(change.as)
    const gateway = (more: Attributes) =>
      resource('aws_nat_gateway', name, { subnet_id: change.subnetId, ...more })
    if (!change.public) return [gateway({ connectivity_type: 'private' })]
    return [
      resource('aws_eip', name, { domain: 'vpc' }),
      gateway({ allocation_id: { expression: `aws_eip.${name}.id` } }),
    ]
  },
  'associate-route-table': (change) => [
    resource('aws_route_table_association', terraformName(change.subnetId), {
      subnet_id: change.subnetId,
      route_table_id: change.routeTableId,
    }),
  ],
  'modify-vpc-attribute': (change) => [
    existing(
      change.vpcId,
      resource('aws_vpc', terraformName(change.vpcId), {
        [change.attribute === 'enableDnsSupport' ? 'enable_dns_support' : 'enable_dns_hostnames']:
          change.value,
      }),
    ),
  ],
  'modify-peering-dns': (change) => [
    `resource "aws_vpc_peering_connection_options" "${terraformName(change.peeringId)}" {\n  vpc_peering_connection_id = ${literal(change.peeringId)}\n\n  ${change.side} {\n    allow_remote_vpc_dns_resolution = ${change.value}\n  }\n}`,
  ],
  'create-peering': (change) => [
    resource('aws_vpc_peering_connection', terraformName(change.as), {
      vpc_id: change.requesterVpcId,
      peer_vpc_id: change.accepterVpcId,
      auto_accept: true,
    }),
  ],
  'create-egress-only-gateway': (change) => [
    resource('aws_egress_only_internet_gateway', terraformName(change.as), { vpc_id: change.vpcId }),
  ],
  'create-dhcp-options': (change) => [
    resource('aws_vpc_dhcp_options', terraformName(change.as), {
      domain_name_servers: change.nameServers,
      ...(change.domainName === null ? {} : { domain_name: change.domainName }),
    }),
  ],
  'associate-dhcp-options': (change, refer) => [
    resource('aws_vpc_dhcp_options_association', terraformName(change.vpcId), {
      vpc_id: change.vpcId,
      dhcp_options_id: refer(change.dhcpOptionsId),
    }),
  ],
  'associate-hosted-zone': (change) => [
    resource('aws_route53_zone_association', terraformName(change.hostedZoneId, change.vpcId), {
      zone_id: change.hostedZoneId,
      vpc_id: change.vpcId,
      vpc_region: change.region,
    }),
  ],
  'associate-transit-gateway-route-table': (change) => [
    resource('aws_ec2_transit_gateway_route_table_association', terraformName(change.attachmentId), {
      transit_gateway_attachment_id: change.attachmentId,
      transit_gateway_route_table_id: change.routeTableId,
    }),
  ],
  'modify-transit-gateway-attachment': (change) => [
    existing(
      `${change.attachmentId}: add to its subnet_ids`,
      resource('aws_ec2_transit_gateway_vpc_attachment', terraformName(change.attachmentId), {
        subnet_ids: change.addSubnetIds,
      }),
    ),
  ],
  'put-transit-gateway-route': (change) => [
    resource('aws_ec2_transit_gateway_route', terraformName(change.routeTableId, change.destination), {
      transit_gateway_route_table_id: change.routeTableId,
      destination_cidr_block: change.destination,
      transit_gateway_attachment_id: change.attachmentId,
    }),
  ],
  'create-block-public-access-exclusion': (change) => [
    resource('aws_vpc_block_public_access_exclusion', terraformName(change.resourceId), {
      internet_gateway_exclusion_mode: change.mode,
      [change.resourceId.startsWith('vpc-') ? 'vpc_id' : 'subnet_id']: change.resourceId,
    }),
  ],
  'attach-internet-gateway': (change) => [
    resource('aws_internet_gateway_attachment', terraformName(change.internetGatewayId), {
      internet_gateway_id: change.internetGatewayId,
      vpc_id: change.vpcId,
    }),
  ],
  'configure-function-vpc': (change, refer) => [
    existing(
      `the function ${change.functionName}`,
      `resource "aws_lambda_function" "${terraformName(change.functionName)}" {\n  vpc_config {\n${body({ subnet_ids: change.subnetIds, security_group_ids: change.groupIds.map(refer) }, '    ')}\n  }\n}`,
    ),
  ],
  'attach-role-policy': (change) => [
    resource('aws_iam_role_policy_attachment', terraformName(change.roleName), {
      role: change.roleName,
      policy_arn: change.policyArn,
    }),
  ],
}

/** The Terraform type of each thing that a fix creates and later changes refer to. */
const CREATED_TYPES: Partial<Record<Change['kind'], string>> = {
  'create-nat-gateway': 'aws_nat_gateway',
  'create-endpoint': 'aws_vpc_endpoint',
  'create-security-group': 'aws_security_group',
  'create-peering': 'aws_vpc_peering_connection',
  'create-egress-only-gateway': 'aws_egress_only_internet_gateway',
  'create-dhcp-options': 'aws_vpc_dhcp_options',
}

function renderOne<K extends Change['kind']>(change: Of<K>, kind: K, refer: Refer): readonly string[] {
  return RENDERERS[kind](change, refer)
}

/** The changes as Terraform configuration for the `hashicorp/aws` provider 5 and later. */
export function renderTerraform(changes: readonly Change[]): string {
  const created = createdIds(changes)
  const refer: Refer = (id) => {
    const creator = changes.find((change) => 'as' in change && change.as === id)
    const type = creator === undefined ? undefined : CREATED_TYPES[creator.kind]
    return created.has(id) && type !== undefined ? { expression: `${type}.${terraformName(id)}.id` } : id
  }
  return changes.flatMap((change) => renderOne(change, change.kind, refer)).join('\n\n')
}
