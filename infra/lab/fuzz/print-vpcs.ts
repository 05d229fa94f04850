import { ACCOUNT, type Draft, type DraftEni, REGION } from './draft.js'

/** VPCs with their attributes and DHCP options, and subnets. */
export function vpcs(draft: Draft): [string, unknown][] {
  return [
    [
      'describe-vpcs',
      {
        Vpcs: draft.vpcs.map((vpc) => ({
          VpcId: vpc.id,
          OwnerId: ACCOUNT,
          State: 'available',
          IsDefault: false,
          InstanceTenancy: 'default',
          DhcpOptionsId: 'dopt-1',
          CidrBlock: vpc.cidrs[0],
          CidrBlockAssociationSet: vpc.cidrs.map((CidrBlock, index) => ({
            AssociationId: `vpc-cidr-assoc-${vpc.id.slice(4)}${index}`,
            CidrBlock,
            CidrBlockState: { State: 'associated' },
          })),
          ...(vpc.cidr6 === null
            ? {}
            : {
                Ipv6CidrBlockAssociationSet: [
                  { Ipv6CidrBlock: vpc.cidr6, Ipv6CidrBlockState: { State: 'associated' } },
                ],
              }),
          Tags: [],
        })),
      },
    ],
    ...draft.vpcs.flatMap((vpc): [string, unknown][] => [
      [
        `describe-vpc-attribute.${vpc.id}.enableDnsSupport`,
        { VpcId: vpc.id, EnableDnsSupport: { Value: true } },
      ],
      [
        `describe-vpc-attribute.${vpc.id}.enableDnsHostnames`,
        { VpcId: vpc.id, EnableDnsHostnames: { Value: true } },
      ],
    ]),
    [
      'describe-dhcp-options',
      {
        DhcpOptions: [
          {
            DhcpOptionsId: 'dopt-1',
            DhcpConfigurations: [{ Key: 'domain-name-servers', Values: [{ Value: 'AmazonProvidedDNS' }] }],
          },
        ],
      },
    ],
    [
      'describe-subnets',
      {
        Subnets: draft.subnets.map((subnet) => ({
          SubnetId: subnet.id,
          VpcId: subnet.vpc,
          OwnerId: ACCOUNT,
          State: 'available',
          AvailabilityZone: `${REGION}${subnet.zone}`,
          AvailabilityZoneId: `euw1-az${subnet.zone.charCodeAt(0) - 96}`,
          AvailableIpAddressCount: 200,
          CidrBlock: subnet.cidr,
          MapPublicIpOnLaunch: false,
          Ipv6CidrBlockAssociationSet:
            subnet.cidr6 === null
              ? []
              : [{ Ipv6CidrBlock: subnet.cidr6, Ipv6CidrBlockState: { State: 'associated' } }],
          Tags: [],
        })),
      },
    ],
  ]
}

export function networkInterface(draft: Draft, eni: DraftEni): unknown {
  const subnet = draft.subnets.find((one) => one.id === eni.subnet)
  const association =
    eni.publicAddress === null
      ? {}
      : { Association: { IpOwnerId: ACCOUNT, PublicDnsName: '', PublicIp: eni.publicAddress } }
  return {
    ...association,
    NetworkInterfaceId: eni.id,
    InterfaceType: eni.made?.type ?? (eni.nat === null ? 'interface' : 'nat_gateway'),
    Description: eni.made?.description ?? (eni.nat === null ? '' : `Interface for NAT Gateway ${eni.nat}`),
    AvailabilityZone: `${REGION}${subnet?.zone ?? 'a'}`,
    SubnetId: eni.subnet,
    VpcId: eni.vpc,
    OwnerId: ACCOUNT,
    Status: 'in-use',
    SourceDestCheck: eni.nat === null,
    RequesterManaged: eni.nat !== null || eni.made !== undefined,
    Groups: eni.groups.map((GroupId) => ({ GroupId, GroupName: GroupId })),
    PrivateIpAddress: eni.address,
    PrivateIpAddresses: [{ ...association, Primary: true, PrivateIpAddress: eni.address }],
    Ipv6Addresses: eni.address6 === null ? [] : [{ Ipv6Address: eni.address6 }],
    TagSet: [],
  }
}
