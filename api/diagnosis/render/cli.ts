import type { Change } from '../diagnosis.js'
import { createdIds, portsOf, variable } from './names.js'

type Of<K extends Change['kind']> = Extract<Change, { kind: K }>
type Refer = (id: string) => string
type Renderers = { readonly [K in Change['kind']]: (change: Of<K>, refer: Refer) => readonly string[] }

const PLAIN = /^[A-Za-z0-9._:/=,@+-]+$/

/** Quotes a word for a POSIX shell. */
export function quote(word: string): string {
  return PLAIN.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`
}

function permissions(
  change: Of<'authorize-security-group'> | Of<'revoke-security-group'>,
  refer: Refer,
): string {
  const ports = portsOf(change)
  const range = ports === null ? '' : `,FromPort=${ports[0]},ToPort=${ports[1]}`
  const peer =
    'groupId' in change.peer
      ? `UserIdGroupPairs=[{GroupId=${refer(change.peer.groupId)}}]`
      : 'prefixListId' in change.peer
        ? `PrefixListIds=[{PrefixListId=${change.peer.prefixListId}}]`
        : change.peer.cidr.includes(':')
          ? `Ipv6Ranges=[{CidrIpv6=${change.peer.cidr}}]`
          : `IpRanges=[{CidrIp=${change.peer.cidr}}]`
  return `"IpProtocol=${change.protocol}${range},${peer}"`
}

const ROUTE_TARGETS: Readonly<Record<string, string>> = {
  'internet-gateway': '--gateway-id',
  'virtual-private-gateway': '--gateway-id',
  'vpc-endpoint': '--vpc-endpoint-id',
  'egress-only-internet-gateway': '--egress-only-internet-gateway-id',
  'nat-gateway': '--nat-gateway-id',
  'network-interface': '--network-interface-id',
  'transit-gateway': '--transit-gateway-id',
  'vpc-peering-connection': '--vpc-peering-connection-id',
}

function routeDestinationFlag(destination: string): string {
  if (destination.startsWith('pl-')) return '--destination-prefix-list-id'
  return destination.includes(':') ? '--destination-ipv6-cidr-block' : '--destination-cidr-block'
}

const list = (refer: Refer, ids: readonly string[]) => ids.map(refer).join(' ')

const RENDERERS: Renderers = {
  'authorize-security-group': (change, refer) => [
    `aws ec2 authorize-security-group-${change.direction} --group-id ${refer(change.groupId)} --ip-permissions ${permissions(change, refer)}`,
  ],
  'revoke-security-group': (change, refer) => [
    `aws ec2 revoke-security-group-${change.direction} --group-id ${refer(change.groupId)} --ip-permissions ${permissions(change, refer)}`,
  ],
  'create-security-group': (change) => [
    `${variable(change.as)}=$(aws ec2 create-security-group --vpc-id ${quote(change.vpcId)} --group-name ${quote(change.name)} --description ${quote(change.description)} --query GroupId --output text)`,
  ],
  'put-network-acl-entry': (change) => {
    const ports = portsOf(change)
    const cidr = change.cidr.includes(':') ? '--ipv6-cidr-block' : '--cidr-block'
    const range = ports === null ? '' : ` --port-range From=${ports[0]},To=${ports[1]}`
    const side = change.egress ? '--egress' : '--ingress'
    return [
      `aws ec2 create-network-acl-entry --network-acl-id ${quote(change.networkAclId)} ${side} --rule-number ${change.ruleNumber} --protocol ${quote(change.protocol)}${range} ${cidr} ${quote(change.cidr)} --rule-action ${change.action}`,
    ]
  },
  'delete-network-acl-entry': (change) => [
    `aws ec2 delete-network-acl-entry --network-acl-id ${quote(change.networkAclId)} ${change.egress ? '--egress' : '--ingress'} --rule-number ${change.ruleNumber}`,
  ],
  'put-route': (change, refer) => [
    `aws ec2 ${change.replace ? 'replace' : 'create'}-route --route-table-id ${quote(change.routeTableId)} ${routeDestinationFlag(change.destination)} ${quote(change.destination)} ${ROUTE_TARGETS[change.target.kind] ?? '--gateway-id'} ${refer(change.target.id)}`,
  ],
  'delete-route': (change) => [
    `aws ec2 delete-route --route-table-id ${quote(change.routeTableId)} ${routeDestinationFlag(change.destination)} ${quote(change.destination)}`,
  ],
  'associate-endpoint-route-table': (change, refer) => [
    `aws ec2 modify-vpc-endpoint --vpc-endpoint-id ${refer(change.endpointId)} --add-route-table-ids ${quote(change.routeTableId)}`,
  ],
  'create-endpoint': (change, refer) => [
    `${variable(change.as)}=$(aws ec2 create-vpc-endpoint --vpc-id ${quote(change.vpcId)} --vpc-endpoint-type ${change.endpointType} --service-name ${quote(change.service)} ${
      change.endpointType === 'Gateway'
        ? `--route-table-ids ${list(refer, change.routeTableIds)}`
        : `--subnet-ids ${list(refer, change.subnetIds)} --security-group-ids ${list(refer, change.groupIds)} ${change.privateDns ? '--private-dns-enabled' : '--no-private-dns-enabled'}`
    } --query VpcEndpoint.VpcEndpointId --output text)`,
  ],
  'modify-endpoint': (change, refer) => {
    const flags = [
      change.privateDns === undefined
        ? ''
        : ` ${change.privateDns ? '--private-dns-enabled' : '--no-private-dns-enabled'}`,
      change.addSubnetIds === undefined ? '' : ` --add-subnet-ids ${list(refer, change.addSubnetIds)}`,
      change.addGroupIds === undefined ? '' : ` --add-security-group-ids ${list(refer, change.addGroupIds)}`,
      change.policy === undefined ? '' : ` --policy-document ${quote(change.policy)}`,
    ]
    return [`aws ec2 modify-vpc-endpoint --vpc-endpoint-id ${refer(change.endpointId)}${flags.join('')}`]
  },
  'delete-endpoint': (change) => [
    `aws ec2 delete-vpc-endpoints --vpc-endpoint-ids ${quote(change.endpointId)}`,
  ],
  'create-nat-gateway': (change) => {
    const name = variable(change.as)
    const create = `${name}=$(aws ec2 create-nat-gateway --subnet-id ${quote(change.subnetId)}`
    const rest = '--query NatGateway.NatGatewayId --output text)'
    const wait = `aws ec2 wait nat-gateway-available --nat-gateway-ids "$${name}"`
    if (!change.public) return [`${create} --connectivity-type private ${rest}`, wait]
    return [
      `${name}_ADDRESS=$(aws ec2 allocate-address --domain vpc --query AllocationId --output text)`,
      `${create} --allocation-id "$${name}_ADDRESS" ${rest}`,
      wait,
    ]
  },
  'associate-route-table': (change) => [
    `aws ec2 associate-route-table --subnet-id ${quote(change.subnetId)} --route-table-id ${quote(change.routeTableId)}`,
  ],
  'modify-vpc-attribute': (change) => {
    const flag = change.attribute === 'enableDnsSupport' ? '--enable-dns-support' : '--enable-dns-hostnames'
    return [`aws ec2 modify-vpc-attribute --vpc-id ${quote(change.vpcId)} ${flag} Value=${change.value}`]
  },
  'modify-peering-dns': (change) => [
    `aws ec2 modify-vpc-peering-connection-options --vpc-peering-connection-id ${quote(change.peeringId)} --${change.side}-peering-connection-options AllowDnsResolutionFromRemoteVpc=${change.value}`,
  ],
  'create-peering': (change) => [
    `${variable(change.as)}=$(aws ec2 create-vpc-peering-connection --vpc-id ${quote(change.requesterVpcId)} --peer-vpc-id ${quote(change.accepterVpcId)} --query VpcPeeringConnection.VpcPeeringConnectionId --output text)`,
    `aws ec2 wait vpc-peering-connection-exists --vpc-peering-connection-ids "$${variable(change.as)}"`,
    `aws ec2 accept-vpc-peering-connection --vpc-peering-connection-id "$${variable(change.as)}"`,
  ],
  'create-egress-only-gateway': (change) => [
    `${variable(change.as)}=$(aws ec2 create-egress-only-internet-gateway --vpc-id ${quote(change.vpcId)} --query EgressOnlyInternetGateway.EgressOnlyInternetGatewayId --output text)`,
  ],
  'create-dhcp-options': (change) => [
    `${variable(change.as)}=$(aws ec2 create-dhcp-options --dhcp-configurations ${[
      `Key=domain-name-servers,Values=${change.nameServers.join(',')}`,
      ...(change.domainName === null ? [] : [`Key=domain-name,Values=${change.domainName}`]),
    ]
      .map(quote)
      .join(' ')} --query DhcpOptions.DhcpOptionsId --output text)`,
  ],
  'associate-dhcp-options': (change, refer) => [
    `aws ec2 associate-dhcp-options --dhcp-options-id ${refer(change.dhcpOptionsId)} --vpc-id ${quote(change.vpcId)}`,
  ],
  'associate-hosted-zone': (change) => [
    `aws route53 associate-vpc-with-hosted-zone --hosted-zone-id ${quote(change.hostedZoneId)} --vpc ${quote(`VPCRegion=${change.region},VPCId=${change.vpcId}`)}`,
  ],
  'associate-transit-gateway-route-table': (change) => [
    `aws ec2 associate-transit-gateway-route-table --transit-gateway-route-table-id ${quote(change.routeTableId)} --transit-gateway-attachment-id ${quote(change.attachmentId)}`,
  ],
  'modify-transit-gateway-attachment': (change, refer) => [
    `aws ec2 modify-transit-gateway-vpc-attachment --transit-gateway-attachment-id ${quote(change.attachmentId)} --add-subnet-ids ${list(refer, change.addSubnetIds)}`,
  ],
  'put-transit-gateway-route': (change) => [
    `aws ec2 create-transit-gateway-route --transit-gateway-route-table-id ${quote(change.routeTableId)} --destination-cidr-block ${quote(change.destination)} --transit-gateway-attachment-id ${quote(change.attachmentId)}`,
  ],
  'create-block-public-access-exclusion': (change) => [
    `aws ec2 create-vpc-block-public-access-exclusion ${change.resourceId.startsWith('vpc-') ? '--vpc-id' : '--subnet-id'} ${quote(change.resourceId)} --internet-gateway-exclusion-mode ${change.mode}`,
  ],
  'attach-internet-gateway': (change) => [
    `aws ec2 attach-internet-gateway --internet-gateway-id ${quote(change.internetGatewayId)} --vpc-id ${quote(change.vpcId)}`,
  ],
  'configure-function-vpc': (change, refer) => [
    `aws lambda update-function-configuration --function-name ${quote(change.functionName)} --vpc-config "SubnetIds=${change.subnetIds.map(refer).join(',')},SecurityGroupIds=${change.groupIds.map(refer).join(',')}"`,
    `aws lambda wait function-updated --function-name ${quote(change.functionName)}`,
  ],
  'attach-role-policy': (change) => [
    `aws iam attach-role-policy --role-name ${quote(change.roleName)} --policy-arn ${quote(change.policyArn)}`,
  ],
}

function renderOne<K extends Change['kind']>(change: Of<K>, kind: K, refer: Refer): readonly string[] {
  return RENDERERS[kind](change, refer)
}

/** The changes as AWS CLI commands for a POSIX shell, in the order in which they have to run. */
export function renderCli(changes: readonly Change[]): string {
  const created = createdIds(changes)
  const refer: Refer = (id) => (created.has(id) ? `$${variable(id)}` : quote(id))
  return changes.flatMap((change) => renderOne(change, change.kind, refer)).join('\n')
}
