import { addressAt, isV6, within } from './addresses.js'
import {
  bodies,
  type LabDocument,
  listed,
  number,
  type Raw,
  record,
  records,
  strings,
  text,
} from './documents.js'

/** A network interface as the lab builds it. */
export interface Eni {
  readonly id: string
  readonly vpcId: string
  readonly subnetId: string
  readonly type: string
  readonly description: string
  readonly groups: readonly string[]
  /** Private addresses, the primary one first; IPv6 addresses last. */
  readonly addresses: readonly string[]
  /** Private IPv4 address → public one. */
  readonly publics: ReadonlyMap<string, string>
}

export interface Subnet {
  readonly id: string
  readonly vpcId: string
  readonly zone: string
  readonly cidrs: readonly string[]
  /** Route table that holds for it: its own association, else the VPC's main table. */
  readonly tableId: string
  readonly aclId: string
}

export interface Vpc {
  readonly id: string
  readonly ownerId: string
  readonly cidrs: readonly string[]
  readonly dnsSupport: boolean
  readonly dnsHostnames: boolean
  readonly nameServers: readonly string[]
}

export interface Nat {
  readonly id: string
  readonly eniId: string
  readonly isPublic: boolean
  readonly vpcId: string
}

/** A snapshot as the lab understands it; read here on its own, since the lab and the tracer check one another. */
export interface Account {
  readonly region: string
  readonly vpcs: readonly Vpc[]
  readonly subnets: readonly Subnet[]
  readonly enis: readonly Eni[]
  readonly nats: readonly Nat[]
  readonly tables: readonly Raw[]
  readonly acls: readonly Raw[]
  readonly groups: readonly Raw[]
  /** Internet gateway by the VPC that it is attached to. */
  readonly internetGateways: ReadonlyMap<string, string>
  readonly egressOnlyGateways: ReadonlyMap<string, string>
  readonly endpoints: readonly Raw[]
  readonly peerings: readonly Raw[]
  readonly transit: Transit
  /** Ranges by prefix list id. */
  readonly prefixLists: ReadonlyMap<string, readonly string[]>
  readonly prefixListNames: ReadonlyMap<string, string>
  readonly blockPublicAccess: string
  /** Exclusion mode by VPC or subnet id. */
  readonly exclusions: ReadonlyMap<string, string>
  readonly documents: readonly LabDocument[]
}

export interface Transit {
  readonly gateways: readonly Raw[]
  readonly attachments: readonly Raw[]
  readonly vpcAttachments: readonly Raw[]
  /** Routes by transit gateway route table. */
  readonly routes: ReadonlyMap<string, readonly Raw[]>
}

/** Reads the documents of a snapshot. */
export function readAccount(documents: readonly LabDocument[]): Account {
  const list = (call: string, field: string) => listed(documents, call, field)
  const tables = list('describe-route-tables', 'RouteTables')
  const acls = list('describe-network-acls', 'NetworkAcls')
  const subnets = list('describe-subnets', 'Subnets').map((raw) => readSubnet(raw, tables, acls))
  const enis = list('describe-network-interfaces', 'NetworkInterfaces')
    .filter((raw) => text(raw, 'InterfaceType') !== 'transit_gateway')
    .map(readEni)
    .filter((eni) => eni.addresses.length > 0)
  const prefixLists = [
    ...list('describe-managed-prefix-lists', 'PrefixLists'),
    ...list('describe-prefix-lists', 'PrefixLists'),
  ]
  return {
    region: (subnets[0]?.zone ?? 'us-east-1a').replace(/[a-z]$/, ''),
    vpcs: list('describe-vpcs', 'Vpcs').map((raw) => readVpc(raw, documents)),
    subnets,
    enis: [...enis, ...functionEnis(documents, subnets, enis)],
    nats: list('describe-nat-gateways', 'NatGateways').flatMap(readNat),
    tables,
    acls,
    groups: list('describe-security-groups', 'SecurityGroups'),
    internetGateways: attachedTo(list('describe-internet-gateways', 'InternetGateways'), 'InternetGatewayId'),
    egressOnlyGateways: attachedTo(
      list('describe-egress-only-internet-gateways', 'EgressOnlyInternetGateways'),
      'EgressOnlyInternetGatewayId',
    ),
    endpoints: list('describe-vpc-endpoints', 'VpcEndpoints'),
    peerings: list('describe-vpc-peering-connections', 'VpcPeeringConnections').filter(
      (raw) => text(record(raw, 'Status'), 'Code') === 'active',
    ),
    transit: {
      gateways: list('describe-transit-gateways', 'TransitGateways'),
      attachments: list('describe-transit-gateway-attachments', 'TransitGatewayAttachments'),
      vpcAttachments: list('describe-transit-gateway-vpc-attachments', 'TransitGatewayVpcAttachments'),
      routes: new Map(
        documents
          .filter((one) => one.call === 'search-transit-gateway-routes')
          .map((one) => [
            one.key,
            bodies(documents, one.call, one.key).flatMap((body) => records(body, 'Routes')),
          ]),
      ),
    },
    prefixLists: new Map(
      prefixLists.map((raw) => [text(raw, 'PrefixListId'), prefixListRanges(raw, documents)] as const),
    ),
    prefixListNames: new Map(
      prefixLists.map((raw) => [text(raw, 'PrefixListId'), text(raw, 'PrefixListName')]),
    ),
    ...readBlock(documents),
    documents,
  }
}

function readVpc(raw: Raw, documents: readonly LabDocument[]): Vpc {
  const id = text(raw, 'VpcId')
  const flag = (attribute: string, field: string) => {
    const value = record(bodies(documents, 'describe-vpc-attribute', `${id}.${attribute}`)[0], field)?.[
      'Value'
    ]
    return typeof value === 'boolean' ? value : true
  }
  const associated = (field: string, cidr: string, state: string) =>
    records(raw, field)
      .filter((one) => ['associated', ''].includes(text(record(one, state), 'State')))
      .map((one) => text(one, cidr))
  const cidrs = [
    text(raw, 'CidrBlock'),
    ...associated('CidrBlockAssociationSet', 'CidrBlock', 'CidrBlockState'),
    ...associated('Ipv6CidrBlockAssociationSet', 'Ipv6CidrBlock', 'Ipv6CidrBlockState'),
  ]
  const options = listed(documents, 'describe-dhcp-options', 'DhcpOptions').find(
    (one) => text(one, 'DhcpOptionsId') === text(raw, 'DhcpOptionsId'),
  )
  const servers = records(options, 'DhcpConfigurations')
    .filter((one) => text(one, 'Key') === 'domain-name-servers')
    .flatMap((one) => records(one, 'Values').map((value) => text(value, 'Value')))
  return {
    id,
    ownerId: text(raw, 'OwnerId'),
    cidrs: [...new Set(cidrs.filter((cidr) => cidr !== ''))],
    dnsSupport: flag('enableDnsSupport', 'EnableDnsSupport'),
    dnsHostnames: flag('enableDnsHostnames', 'EnableDnsHostnames'),
    nameServers: servers.length > 0 ? servers : ['AmazonProvidedDNS'],
  }
}

/** A subnet without an association of its own follows the VPC's main table and its default ACL. */
function readSubnet(raw: Raw, tables: readonly Raw[], acls: readonly Raw[]): Subnet {
  const id = text(raw, 'SubnetId')
  const vpcId = text(raw, 'VpcId')
  const own = tables.find((table) =>
    records(table, 'Associations').some(
      (one) =>
        text(one, 'SubnetId') === id &&
        !['disassociated', 'disassociating', 'failed'].includes(
          text(record(one, 'AssociationState'), 'State'),
        ),
    ),
  )
  const main = tables.find(
    (table) =>
      text(table, 'VpcId') === vpcId && records(table, 'Associations').some((one) => one['Main'] === true),
  )
  const acl = acls.find((one) => records(one, 'Associations').some((a) => text(a, 'SubnetId') === id))
  const fallback = acls.find((one) => text(one, 'VpcId') === vpcId && one['IsDefault'] === true)
  const v6 = records(raw, 'Ipv6CidrBlockAssociationSet')
    .filter((one) => ['associated', ''].includes(text(record(one, 'Ipv6CidrBlockState'), 'State')))
    .map((one) => text(one, 'Ipv6CidrBlock'))
  return {
    id,
    vpcId,
    zone: text(raw, 'AvailabilityZone'),
    cidrs: [text(raw, 'CidrBlock'), ...v6].filter((cidr) => cidr !== ''),
    tableId: text(own ?? main, 'RouteTableId'),
    aclId: text(acl ?? fallback, 'NetworkAclId'),
  }
}

function readEni(raw: Raw): Eni {
  const listedAddresses = records(raw, 'PrivateIpAddresses')
  const primary = text(raw, 'PrivateIpAddress')
  const v4 = [primary, ...listedAddresses.map((one) => text(one, 'PrivateIpAddress'))]
  const v6 = records(raw, 'Ipv6Addresses').map((one) => text(one, 'Ipv6Address'))
  const publics = new Map<string, string>()
  for (const one of [...listedAddresses, { ...raw, PrivateIpAddress: primary }]) {
    const publicIp = text(record(one, 'Association'), 'PublicIp')
    if (publicIp !== '') publics.set(text(one, 'PrivateIpAddress'), publicIp)
  }
  return {
    id: text(raw, 'NetworkInterfaceId'),
    vpcId: text(raw, 'VpcId'),
    subnetId: text(raw, 'SubnetId'),
    type: text(raw, 'InterfaceType'),
    description: text(raw, 'Description'),
    groups: records(raw, 'Groups').map((group) => text(group, 'GroupId')),
    addresses: [...new Set([...v4, ...v6].filter((address) => address !== ''))],
    publics,
  }
}

/**
 * Interfaces that Lambda would make for functions of which the snapshot shows none (an idle function's are reclaimed):
 * one for each subnet and set of groups
 * (https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html).
 */
function functionEnis(
  documents: readonly LabDocument[],
  subnets: readonly Subnet[],
  there: readonly Eni[],
): readonly Eni[] {
  const made: Eni[] = []
  for (const fn of listed(documents, 'list-functions', 'Functions')) {
    const config = record(fn, 'VpcConfig')
    const groups = strings(config, 'SecurityGroupIds')
    if (!['Active', 'Inactive', ''].includes(text(fn, 'State'))) continue
    for (const subnetId of strings(config, 'SubnetIds')) {
      const subnet = subnets.find((one) => one.id === subnetId)
      const cidr = subnet?.cidrs.find((one) => !isV6(one))
      if (subnet === undefined || cidr === undefined) continue
      if (functionEni([...there, ...made], subnetId, groups) !== undefined) continue
      const used = new Set([...there, ...made].flatMap((eni) => eni.addresses))
      const free = [...Array(200).keys()].map((at) => addressAt(cidr, at + 4)).find((one) => !used.has(one))
      if (free === undefined || !within(free, cidr)) continue
      made.push({
        id: `eni-${text(fn, 'FunctionName')}-${subnetId}`,
        vpcId: subnet.vpcId,
        subnetId,
        type: 'lambda',
        description: `AWS Lambda VPC ENI-${text(fn, 'FunctionName')}`,
        groups,
        addresses: [free],
        publics: new Map(),
      })
    }
  }
  return made
}

/** The interface that functions with this subnet and these groups share. */
export function functionEni(
  enis: readonly Eni[],
  subnetId: string,
  groups: readonly string[],
): Eni | undefined {
  const wanted = [...groups].sort().join()
  return enis.find(
    (eni) => eni.type === 'lambda' && eni.subnetId === subnetId && [...eni.groups].sort().join() === wanted,
  )
}

function readNat(raw: Raw): readonly Nat[] {
  const eniId = text(records(raw, 'NatGatewayAddresses')[0], 'NetworkInterfaceId')
  if (text(raw, 'State') !== 'available' || eniId === '') return []
  const isPublic = text(raw, 'ConnectivityType') !== 'private'
  return [{ id: text(raw, 'NatGatewayId'), eniId, isPublic, vpcId: text(raw, 'VpcId') }]
}

function attachedTo(gateways: readonly Raw[], idField: string): ReadonlyMap<string, string> {
  return new Map(
    gateways.flatMap((raw) =>
      records(raw, 'Attachments')
        .filter((one) => ['available', 'attached'].includes(text(one, 'State')))
        .map((one) => [text(one, 'VpcId'), text(raw, idField)] as const),
    ),
  )
}

function prefixListRanges(raw: Raw, documents: readonly LabDocument[]): readonly string[] {
  const entries = bodies(documents, 'get-managed-prefix-list-entries', text(raw, 'PrefixListId'))
  const managed = entries.flatMap((body) => records(body, 'Entries').map((one) => text(one, 'Cidr')))
  return managed.length > 0 ? managed : strings(raw, 'Cidrs')
}

function readBlock(documents: readonly LabDocument[]) {
  const options = record(
    bodies(documents, 'describe-vpc-block-public-access-options')[0],
    'VpcBlockPublicAccessOptions',
  )
  const exclusions = listed(
    documents,
    'describe-vpc-block-public-access-exclusions',
    'VpcBlockPublicAccessExclusions',
  )
  return {
    blockPublicAccess: text(options, 'InternetGatewayBlockMode') || 'off',
    exclusions: new Map(
      exclusions
        .filter((one) =>
          ['create-complete', 'update-complete', 'update-in-progress'].includes(text(one, 'State')),
        )
        .map((one) => [
          text(one, 'ResourceArn').split('/').at(-1) ?? '',
          text(one, 'InternetGatewayExclusionMode'),
        ]),
    ),
  }
}

/** The port range of a rule; null where it holds for every port. */
export function portsOf(
  raw: Raw | undefined,
  from = 'FromPort',
  to = 'ToPort',
): readonly [number, number] | null {
  const low = number(raw, from)
  const high = number(raw, to)
  return low === null || high === null || low === -1 ? null : [low, high]
}
