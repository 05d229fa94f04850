import { spawnSync } from 'node:child_process'
import t from 'tap'
import { parse } from 'yaml'
import { renderCli } from '../../api/diagnosis/render/cli.js'
import { renderCloudFormation } from '../../api/diagnosis/render/cloudformation.js'
import { renderTerraform } from '../../api/diagnosis/render/terraform.js'
import { EVERY_CHANGE } from './support/changes.js'

/** Commands and options of the AWS CLI that a fix may use, from its command reference. */
const COMMANDS: Readonly<Record<string, readonly string[]>> = {
  'ec2 authorize-security-group-ingress': ['group-id', 'ip-permissions'],
  'ec2 authorize-security-group-egress': ['group-id', 'ip-permissions'],
  'ec2 revoke-security-group-ingress': ['group-id', 'ip-permissions'],
  'ec2 revoke-security-group-egress': ['group-id', 'ip-permissions'],
  'ec2 create-security-group': ['vpc-id', 'group-name', 'description', 'query', 'output'],
  'ec2 create-network-acl-entry': [
    'network-acl-id',
    'egress',
    'ingress',
    'rule-number',
    'protocol',
    'port-range',
    'cidr-block',
    'ipv6-cidr-block',
    'rule-action',
  ],
  'ec2 delete-network-acl-entry': ['network-acl-id', 'egress', 'ingress', 'rule-number'],
  'ec2 allocate-address': ['domain', 'query', 'output'],
  'ec2 create-nat-gateway': ['subnet-id', 'allocation-id', 'connectivity-type', 'query', 'output'],
  'ec2 wait': ['nat-gateway-ids', 'vpc-peering-connection-ids'],
  'ec2 delete-route': ['route-table-id', 'destination-cidr-block', 'destination-ipv6-cidr-block'],
  'ec2 delete-vpc-endpoints': ['vpc-endpoint-ids'],
  'ec2 create-vpc-peering-connection': ['vpc-id', 'peer-vpc-id', 'query', 'output'],
  'ec2 accept-vpc-peering-connection': ['vpc-peering-connection-id'],
  'ec2 create-egress-only-internet-gateway': ['vpc-id', 'query', 'output'],
  'ec2 create-dhcp-options': ['dhcp-configurations', 'query', 'output'],
  'ec2 associate-dhcp-options': ['dhcp-options-id', 'vpc-id'],
  'ec2 associate-transit-gateway-route-table': [
    'transit-gateway-route-table-id',
    'transit-gateway-attachment-id',
  ],
  'route53 associate-vpc-with-hosted-zone': ['hosted-zone-id', 'vpc'],
  'ec2 create-route': [
    'route-table-id',
    'destination-cidr-block',
    'destination-ipv6-cidr-block',
    'gateway-id',
    'nat-gateway-id',
    'vpc-peering-connection-id',
    'transit-gateway-id',
    'egress-only-internet-gateway-id',
  ],
  'ec2 replace-route': ['route-table-id', 'destination-cidr-block', 'gateway-id', 'nat-gateway-id'],
  'ec2 create-vpc-endpoint': [
    'vpc-id',
    'vpc-endpoint-type',
    'service-name',
    'route-table-ids',
    'subnet-ids',
    'security-group-ids',
    'private-dns-enabled',
    'query',
    'output',
  ],
  'ec2 modify-vpc-endpoint': [
    'vpc-endpoint-id',
    'add-route-table-ids',
    'private-dns-enabled',
    'add-subnet-ids',
    'add-security-group-ids',
    'policy-document',
  ],
  'ec2 associate-route-table': ['subnet-id', 'route-table-id'],
  'ec2 modify-vpc-attribute': ['vpc-id', 'enable-dns-support', 'enable-dns-hostnames'],
  'ec2 modify-vpc-peering-connection-options': [
    'vpc-peering-connection-id',
    'accepter-peering-connection-options',
    'requester-peering-connection-options',
  ],
  'ec2 modify-transit-gateway-vpc-attachment': ['transit-gateway-attachment-id', 'add-subnet-ids'],
  'ec2 create-transit-gateway-route': [
    'transit-gateway-route-table-id',
    'destination-cidr-block',
    'transit-gateway-attachment-id',
  ],
  'ec2 create-vpc-block-public-access-exclusion': ['subnet-id', 'vpc-id', 'internet-gateway-exclusion-mode'],
  'ec2 attach-internet-gateway': ['internet-gateway-id', 'vpc-id'],
  'lambda update-function-configuration': ['function-name', 'vpc-config'],
  'lambda wait': ['function-name'],
  'iam attach-role-policy': ['role-name', 'policy-arn'],
}

t.test('CLI: a shell runs it, every variable is set before it is used, every option exists', async (t) => {
  const script = renderCli(EVERY_CHANGE)
  const recorder = `aws() { for word in "$@"; do printf '%s\\t' "$word" >&2; done; echo >&2; echo id-of-new; }\n`
  const run = spawnSync('sh', ['-eu', '-c', recorder + script], { encoding: 'utf8' })
  t.equal(run.status, 0, run.stderr)
  const calls = run.stderr
    .trim()
    .split('\n')
    .map((line) => line.split('\t').filter((word) => word !== ''))
  for (const [service, command, ...words] of calls) {
    const options = COMMANDS[`${service} ${command}`]
    t.ok(options, `${service} ${command} is a command`)
    for (const word of words.filter((one) => one.startsWith('--'))) {
      t.ok(options?.includes(word.slice(2)), `${service} ${command} has ${word}`)
    }
  }
  const [group] = calls.filter((call) => call[1] === 'create-security-group')
  t.ok(group?.includes('it\'s "new"') && group.includes('A $(new) group'), 'quotes and expansions stay text')
  const peers = calls.filter((call) => call.some((word) => word.includes('GroupId=')))
  t.ok(run.stderr.includes('id-of-new') && peers.length > 0, 'later commands name what earlier ones made')
})

/** Resource types and properties of the CloudFormation template reference. */
const RESOURCES: Readonly<Record<string, readonly string[]>> = {
  'AWS::EC2::SecurityGroupIngress': [
    'GroupId',
    'IpProtocol',
    'FromPort',
    'ToPort',
    'SourceSecurityGroupId',
    'SourcePrefixListId',
    'CidrIp',
    'CidrIpv6',
  ],
  'AWS::EC2::SecurityGroupEgress': [
    'GroupId',
    'IpProtocol',
    'FromPort',
    'ToPort',
    'DestinationSecurityGroupId',
    'DestinationPrefixListId',
    'CidrIp',
    'CidrIpv6',
  ],
  'AWS::EC2::SecurityGroup': ['VpcId', 'GroupName', 'GroupDescription'],
  'AWS::EC2::NetworkAclEntry': [
    'NetworkAclId',
    'Egress',
    'RuleNumber',
    'Protocol',
    'RuleAction',
    'CidrBlock',
    'Ipv6CidrBlock',
    'PortRange',
  ],
  'AWS::EC2::EIP': ['Domain'],
  'AWS::EC2::NatGateway': ['SubnetId', 'ConnectivityType', 'AllocationId'],
  'AWS::EC2::Route': [
    'RouteTableId',
    'DestinationCidrBlock',
    'DestinationIpv6CidrBlock',
    'NatGatewayId',
    'GatewayId',
    'VpcPeeringConnectionId',
    'TransitGatewayId',
    'EgressOnlyInternetGatewayId',
  ],
  'AWS::EC2::VPCEndpoint': [
    'VpcId',
    'VpcEndpointType',
    'ServiceName',
    'RouteTableIds',
    'SubnetIds',
    'SecurityGroupIds',
    'PrivateDnsEnabled',
    'PolicyDocument',
  ],
  'AWS::EC2::SubnetRouteTableAssociation': ['SubnetId', 'RouteTableId'],
  'AWS::EC2::VPC': ['EnableDnsSupport', 'EnableDnsHostnames'],
  'AWS::EC2::TransitGatewayAttachment': ['SubnetIds'],
  'AWS::EC2::TransitGatewayRoute': [
    'TransitGatewayRouteTableId',
    'DestinationCidrBlock',
    'TransitGatewayAttachmentId',
  ],
  'AWS::EC2::VPCBlockPublicAccessExclusion': ['InternetGatewayExclusionMode', 'SubnetId', 'VpcId'],
  'AWS::EC2::VPCGatewayAttachment': ['InternetGatewayId', 'VpcId'],
  'AWS::EC2::VPCPeeringConnection': ['VpcId', 'PeerVpcId'],
  'AWS::EC2::EgressOnlyInternetGateway': ['VpcId'],
  'AWS::EC2::DHCPOptions': ['DomainNameServers', 'DomainName'],
  'AWS::EC2::VPCDHCPOptionsAssociation': ['VpcId', 'DhcpOptionsId'],
  'AWS::EC2::TransitGatewayRouteTableAssociation': [
    'TransitGatewayAttachmentId',
    'TransitGatewayRouteTableId',
  ],
  'AWS::Route53::HostedZone': ['VPCs'],
  'AWS::Lambda::Function': ['VpcConfig'],
  'AWS::IAM::Role': ['ManagedPolicyArns'],
}

interface Template {
  Resources: Record<string, { Type: string; Properties: Record<string, unknown> }>
  Metadata: { ChangeInTheirOwnTemplates: Template['Resources'] }
}

t.test(
  'CloudFormation: parses, knows its resource types and properties, and refers only to what it defines',
  async (t) => {
    const template = parse(renderCloudFormation(EVERY_CHANGE)) as Template
    const edited = Object.values(template.Metadata.ChangeInTheirOwnTemplates)
    for (const resource of [...Object.values(template.Resources), ...edited]) {
      t.ok(RESOURCES[resource.Type], resource.Type)
      for (const name of Object.keys(resource.Properties))
        t.ok(RESOURCES[resource.Type]?.includes(name), `${resource.Type} has ${name}`)
    }
    for (const id of Object.keys(template.Resources)) t.match(id, /^[A-Za-z0-9]{1,255}$/)
    const text = JSON.stringify(template)
    const referred = [...text.matchAll(/"(?:Ref|Fn::GetAtt)":\[?"([A-Za-z0-9]+)"/g)].map(
      (match) => match[1] ?? '',
    )
    t.ok(referred.length > 3)
    for (const id of referred) t.ok(template.Resources[id], `${id} is defined`)
  },
)

t.test('CloudFormation: what has no form there is said in a comment', async (t) => {
  const text = renderCloudFormation(EVERY_CHANGE.filter((change) => change.kind === 'modify-peering-dns'))
  t.match(text, /^# CloudFormation has no property/)
  t.equal(parse(text), null)
})

/** Reads HCL far enough to know its blocks: type, labels, and that strings and braces close. */
function hclBlocks(text: string): { type: string; name: string; body: string }[] {
  const tokens = text.replace(/^\s*#.*$/gm, '')
  const blocks: { type: string; name: string; body: string }[] = []
  const pattern = /resource "([a-z0-9_]+)" "([a-z0-9_]+)" \{/g
  for (const match of tokens.matchAll(pattern)) {
    let depth = 1
    let index = match.index + match[0].length
    const start = index
    let quoted = false
    for (; depth > 0 && index < tokens.length; index++) {
      const character = tokens[index]
      if (quoted && character === '\\') index++
      else if (character === '"') quoted = !quoted
      else if (!quoted && character === '{') depth++
      else if (!quoted && character === '}') depth--
    }
    if (depth !== 0 || quoted) throw new Error(`unbalanced: ${match[0]}`)
    blocks.push({ type: match[1] ?? '', name: match[2] ?? '', body: tokens.slice(start, index - 1) })
  }
  return blocks
}

t.test('Terraform: blocks close, names are unique, references are defined', async (t) => {
  const text = renderTerraform(EVERY_CHANGE)
  const blocks = hclBlocks(text)
  const takeAway = EVERY_CHANGE.filter(({ kind }) => /^(revoke|delete)-/.test(kind))
  t.ok(blocks.length >= EVERY_CHANGE.length - takeAway.length)
  t.equal((text.match(/^# Remove /gm) ?? []).length, takeAway.length, 'what goes is said in a comment')
  const names = blocks.map((block) => `${block.type}.${block.name}`)
  t.equal(new Set(names).size, names.length, 'each resource once')
  for (const { body } of blocks) {
    for (const [, reference] of body.matchAll(/(?<!")\b(aws_[a-z_]+\.[a-z0-9_]+)\.id/g)) {
      t.ok(names.includes(reference ?? ''), `${reference} is defined`)
    }
    for (const line of body.split('\n').filter((one) => one.trim() !== '')) {
      t.match(line, /^\s*([a-z0-9_]+\s+= .+|[a-z_]+ \{|\})$/)
    }
  }
  t.notMatch(text, /[^$]\$\{/, 'no template is opened by a value')
})
