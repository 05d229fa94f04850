import { stringify } from 'yaml'
import type { Change } from '../diagnosis.js'
import { createdIds, logicalId, peerName, portsOf } from './names.js'

type Of<K extends Change['kind']> = Extract<Change, { kind: K }>
type Value = string | number | boolean | readonly Value[] | { readonly [key: string]: Value }
type Refer = (id: string) => Value

/** What CloudFormation needs for one change: new resources, edits of resources that a template owns already, or words. */
interface Part {
  readonly add?: Readonly<Record<string, Resource>>
  /** A resource that exists: its own template has to carry these properties. */
  readonly edit?: { readonly of: string; readonly resource: Resource }
  readonly note?: string
}

interface Resource {
  readonly Type: string
  readonly Properties: { readonly [key: string]: Value }
}

type Renderers = { readonly [K in Change['kind']]: (change: Of<K>, refer: Refer) => Part }

const ROUTE_TARGETS: Readonly<Record<string, string>> = {
  'internet-gateway': 'GatewayId',
  'virtual-private-gateway': 'GatewayId',
  'vpc-endpoint': 'VpcEndpointId',
  'egress-only-internet-gateway': 'EgressOnlyInternetGatewayId',
  'nat-gateway': 'NatGatewayId',
  'network-interface': 'NetworkInterfaceId',
  'transit-gateway': 'TransitGatewayId',
  'vpc-peering-connection': 'VpcPeeringConnectionId',
}

function destination(cidr: string): Record<string, string> {
  if (cidr.startsWith('pl-')) return { DestinationPrefixListId: cidr }
  return cidr.includes(':') ? { DestinationIpv6CidrBlock: cidr } : { DestinationCidrBlock: cidr }
}

function peer(change: Of<'authorize-security-group'>, refer: Refer): Record<string, Value> {
  const side = change.direction === 'ingress' ? 'Source' : 'Destination'
  if ('groupId' in change.peer) return { [`${side}SecurityGroupId`]: refer(change.peer.groupId) }
  if ('prefixListId' in change.peer) return { [`${side}PrefixListId`]: change.peer.prefixListId }
  return change.peer.cidr.includes(':') ? { CidrIpv6: change.peer.cidr } : { CidrIp: change.peer.cidr }
}

const ports = (change: { fromPort: number | null; toPort: number | null }, from: string, to: string) => {
  const range = portsOf(change)
  return range === null ? {} : { [from]: range[0], [to]: range[1] }
}

const edit = (of: string, Type: string, Properties: Resource['Properties']): Part => ({
  edit: { of, resource: { Type, Properties } },
})

const add = (id: string, Type: string, Properties: Resource['Properties']): Part => ({
  add: { [id]: { Type, Properties } },
})

const RENDERERS: Renderers = {
  'authorize-security-group': (change, refer) =>
    add(
      logicalId(change.direction, change.groupId, peerName(change.peer), String(change.fromPort ?? 'all')),
      change.direction === 'ingress' ? 'AWS::EC2::SecurityGroupIngress' : 'AWS::EC2::SecurityGroupEgress',
      {
        GroupId: refer(change.groupId),
        IpProtocol: change.protocol,
        ...ports(change, 'FromPort', 'ToPort'),
        ...peer(change, refer),
      },
    ),
  'revoke-security-group': (change) => ({
    note: `Remove from ${change.groupId} the ${change.direction} rule ${change.protocol} ${portsOf(change)?.join('-') ?? 'all'} ${peerName(change.peer)}, in the template that owns it.`,
  }),
  'create-security-group': (change) =>
    add(logicalId(change.as), 'AWS::EC2::SecurityGroup', {
      VpcId: change.vpcId,
      GroupName: change.name,
      GroupDescription: change.description,
    }),
  'put-network-acl-entry': (change) => {
    const range = portsOf(change)
    const side = change.egress ? 'out' : 'in'
    return add(
      logicalId('entry', change.networkAclId, side, String(change.ruleNumber)),
      'AWS::EC2::NetworkAclEntry',
      {
        NetworkAclId: change.networkAclId,
        Egress: change.egress,
        RuleNumber: change.ruleNumber,
        Protocol: Number(change.protocol),
        RuleAction: change.action,
        ...(change.cidr.includes(':') ? { Ipv6CidrBlock: change.cidr } : { CidrBlock: change.cidr }),
        ...(range === null ? {} : { PortRange: { From: range[0], To: range[1] } }),
      },
    )
  },
  'delete-network-acl-entry': (change) => ({
    note: `Remove ${change.egress ? 'outbound' : 'inbound'} rule ${change.ruleNumber} from ${change.networkAclId}, in the template that owns it.`,
  }),
  'put-route': (change, refer) => {
    const properties = {
      RouteTableId: change.routeTableId,
      ...destination(change.destination),
      [ROUTE_TARGETS[change.target.kind] ?? 'GatewayId']: refer(change.target.id),
    }
    return change.replace
      ? edit(`the route to ${change.destination} of ${change.routeTableId}`, 'AWS::EC2::Route', properties)
      : add(logicalId('route', change.routeTableId, change.destination), 'AWS::EC2::Route', properties)
  },
  'delete-route': (change) => ({
    note: `Remove the route to ${change.destination} from ${change.routeTableId}, in the template that owns it.`,
  }),
  'associate-endpoint-route-table': (change) =>
    edit(`${change.endpointId}: add to its RouteTableIds`, 'AWS::EC2::VPCEndpoint', {
      RouteTableIds: [change.routeTableId],
    }),
  'create-endpoint': (change, refer) =>
    add(logicalId(change.as), 'AWS::EC2::VPCEndpoint', {
      VpcId: change.vpcId,
      VpcEndpointType: change.endpointType,
      ServiceName: change.service,
      ...(change.endpointType === 'Gateway'
        ? { RouteTableIds: [...change.routeTableIds] }
        : {
            SubnetIds: [...change.subnetIds],
            SecurityGroupIds: change.groupIds.map(refer),
            PrivateDnsEnabled: change.privateDns,
          }),
    }),
  'modify-endpoint': (change, refer) =>
    edit(
      `${change.endpointId}${change.addSubnetIds || change.addGroupIds ? ': add to its lists' : ''}`,
      'AWS::EC2::VPCEndpoint',
      {
        ...(change.privateDns === undefined ? {} : { PrivateDnsEnabled: change.privateDns }),
        ...(change.addSubnetIds === undefined ? {} : { SubnetIds: [...change.addSubnetIds] }),
        ...(change.addGroupIds === undefined ? {} : { SecurityGroupIds: change.addGroupIds.map(refer) }),
        ...(change.policy === undefined ? {} : { PolicyDocument: change.policy }),
      },
    ),
  'delete-endpoint': (change) => ({
    note: `Remove the endpoint ${change.endpointId}, in the template that owns it, before another one takes its private DNS names.`,
  }),
  'create-nat-gateway': (change) => {
    const name = logicalId(change.as)
    const address = `${name}Address`
    const gateway = {
      SubnetId: change.subnetId,
      ConnectivityType: change.public ? 'public' : 'private',
      ...(change.public ? { AllocationId: { 'Fn::GetAtt': [address, 'AllocationId'] } } : {}),
    }
    return {
      add: {
        ...(change.public ? { [address]: { Type: 'AWS::EC2::EIP', Properties: { Domain: 'vpc' } } } : {}),
        [name]: { Type: 'AWS::EC2::NatGateway', Properties: gateway },
      },
    }
  },
  'associate-route-table': (change) =>
    add(logicalId('association', change.subnetId), 'AWS::EC2::SubnetRouteTableAssociation', {
      SubnetId: change.subnetId,
      RouteTableId: change.routeTableId,
    }),
  'modify-vpc-attribute': (change) =>
    edit(change.vpcId, 'AWS::EC2::VPC', {
      [change.attribute === 'enableDnsSupport' ? 'EnableDnsSupport' : 'EnableDnsHostnames']: change.value,
    }),
  'modify-peering-dns': (change) => ({
    note: `CloudFormation has no property for the DNS option of a peering connection: set it on ${change.peeringId} (${change.side}) with the AWS CLI.`,
  }),
  'create-peering': (change) =>
    add(logicalId(change.as), 'AWS::EC2::VPCPeeringConnection', {
      VpcId: change.requesterVpcId,
      PeerVpcId: change.accepterVpcId,
    }),
  'create-egress-only-gateway': (change) =>
    add(logicalId(change.as), 'AWS::EC2::EgressOnlyInternetGateway', { VpcId: change.vpcId }),
  'create-dhcp-options': (change) =>
    add(logicalId(change.as), 'AWS::EC2::DHCPOptions', {
      DomainNameServers: [...change.nameServers],
      ...(change.domainName === null ? {} : { DomainName: change.domainName }),
    }),
  'associate-dhcp-options': (change, refer) =>
    add(logicalId('options', change.vpcId), 'AWS::EC2::VPCDHCPOptionsAssociation', {
      VpcId: change.vpcId,
      DhcpOptionsId: refer(change.dhcpOptionsId),
    }),
  'associate-hosted-zone': (change) =>
    edit(`the hosted zone ${change.hostedZoneId}: add to its VPCs`, 'AWS::Route53::HostedZone', {
      VPCs: [{ VPCId: change.vpcId, VPCRegion: change.region }],
    }),
  'associate-transit-gateway-route-table': (change) =>
    add(logicalId('association', change.attachmentId), 'AWS::EC2::TransitGatewayRouteTableAssociation', {
      TransitGatewayAttachmentId: change.attachmentId,
      TransitGatewayRouteTableId: change.routeTableId,
    }),
  'modify-transit-gateway-attachment': (change) =>
    edit(`${change.attachmentId}: add to its SubnetIds`, 'AWS::EC2::TransitGatewayAttachment', {
      SubnetIds: [...change.addSubnetIds],
    }),
  'put-transit-gateway-route': (change) =>
    add(logicalId('route', change.routeTableId, change.destination), 'AWS::EC2::TransitGatewayRoute', {
      TransitGatewayRouteTableId: change.routeTableId,
      DestinationCidrBlock: change.destination,
      TransitGatewayAttachmentId: change.attachmentId,
    }),
  'create-block-public-access-exclusion': (change) =>
    add(logicalId('exclusion', change.resourceId), 'AWS::EC2::VPCBlockPublicAccessExclusion', {
      InternetGatewayExclusionMode: change.mode,
      [change.resourceId.startsWith('vpc-') ? 'VpcId' : 'SubnetId']: change.resourceId,
    }),
  'attach-internet-gateway': (change) =>
    add(logicalId('attachment', change.internetGatewayId), 'AWS::EC2::VPCGatewayAttachment', {
      InternetGatewayId: change.internetGatewayId,
      VpcId: change.vpcId,
    }),
  'configure-function-vpc': (change, refer) =>
    edit(`the function ${change.functionName}`, 'AWS::Lambda::Function', {
      VpcConfig: { SubnetIds: [...change.subnetIds], SecurityGroupIds: change.groupIds.map(refer) },
    }),
  'attach-role-policy': (change) =>
    edit(`the role ${change.roleName}: add to its ManagedPolicyArns`, 'AWS::IAM::Role', {
      ManagedPolicyArns: [change.policyArn],
    }),
}

function renderOne<K extends Change['kind']>(change: Of<K>, kind: K, refer: Refer): Part {
  return RENDERERS[kind](change, refer)
}

/**
 * The changes as a CloudFormation template (YAML). New resources stand under `Resources`. What exists already belongs
 * to some other template: there, the resource with the changed properties stands under `Metadata`, under the words
 * that say whose it is, so that the template as a whole stays valid.
 */
export function renderCloudFormation(changes: readonly Change[]): string {
  const created = createdIds(changes)
  const refer: Refer = (id) => (created.has(id) ? { Ref: logicalId(id) } : id)
  const parts = changes.map((change) => renderOne(change, change.kind, refer))
  const resources: Readonly<Record<string, Resource>> = Object.fromEntries(
    parts.flatMap((part) => Object.entries(part.add ?? {})),
  )
  const edits = parts.flatMap((part) =>
    part.edit === undefined ? [] : [[part.edit.of, part.edit.resource] as const],
  )
  const notes = parts.flatMap((part) => (part.note === undefined ? [] : [`# ${part.note}\n`])).join('')
  const document = {
    ...(edits.length === 0 ? {} : { Metadata: { ChangeInTheirOwnTemplates: Object.fromEntries(edits) } }),
    ...(Object.keys(resources).length === 0 ? {} : { Resources: resources }),
  }
  return Object.keys(document).length === 0 ? notes : `${notes}${stringify(document, { lineWidth: 0 })}`
}
