import { ACCOUNT, type Draft, REGION } from './draft.js'

/** Internet gateways, egress-only ones, and NAT gateways with their Elastic IPs. */
export function gateways(draft: Draft): [string, unknown][] {
  const nats = draft.enis.filter((eni) => eni.nat !== null)
  return [
    [
      'describe-internet-gateways',
      {
        InternetGateways: draft.vpcs
          .filter((vpc) => vpc.igw !== null)
          .map((vpc) => ({
            InternetGatewayId: vpc.igw,
            OwnerId: ACCOUNT,
            Attachments: [{ State: 'available', VpcId: vpc.id }],
            Tags: [],
          })),
      },
    ],
    [
      'describe-egress-only-internet-gateways',
      {
        EgressOnlyInternetGateways: draft.vpcs
          .filter((vpc) => vpc.eigw !== null)
          .map((vpc) => ({
            EgressOnlyInternetGatewayId: vpc.eigw,
            Attachments: [{ State: 'attached', VpcId: vpc.id }],
            Tags: [],
          })),
      },
    ],
    [
      'describe-nat-gateways',
      {
        NatGateways: nats.map((eni) => ({
          NatGatewayId: eni.nat,
          State: 'available',
          SubnetId: eni.subnet,
          VpcId: eni.vpc,
          ConnectivityType: eni.natPublic ? 'public' : 'private',
          AvailabilityMode: 'zonal',
          NatGatewayAddresses: [
            {
              NetworkInterfaceId: eni.id,
              PrivateIp: eni.address,
              ...(eni.publicAddress === null
                ? {}
                : { PublicIp: eni.publicAddress, AllocationId: `eipalloc-${eni.id.slice(4)}` }),
              IsPrimary: true,
              Status: 'succeeded',
            },
          ],
          Tags: [],
        })),
      },
    ],
    [
      'describe-addresses',
      {
        Addresses: draft.enis
          .filter((eni) => eni.publicAddress !== null)
          .map((eni) => ({
            PublicIp: eni.publicAddress,
            AllocationId: `eipalloc-${eni.id.slice(4)}`,
            AssociationId: `eipassoc-${eni.id.slice(4)}`,
            Domain: 'vpc',
            NetworkInterfaceId: eni.id,
            PrivateIpAddress: eni.address,
          })),
      },
    ],
  ]
}

/** VPC Block Public Access. */
export function blockPublicAccess(draft: Draft): [string, unknown][] {
  return [
    [
      'describe-vpc-block-public-access-options',
      {
        VpcBlockPublicAccessOptions: {
          AwsAccountId: ACCOUNT,
          AwsRegion: REGION,
          State: 'update-complete',
          InternetGatewayBlockMode: draft.block.mode,
        },
      },
    ],
    [
      'describe-vpc-block-public-access-exclusions',
      {
        VpcBlockPublicAccessExclusions: draft.block.exclusions.map((one) => ({
          ExclusionId: `vpcbpa-exclude-${one.resource}`,
          InternetGatewayExclusionMode: one.mode,
          ResourceArn: `arn:aws:ec2:${REGION}:${ACCOUNT}:${one.resource.startsWith('vpc-') ? 'vpc' : 'subnet'}/${one.resource}`,
          State: 'create-complete',
        })),
      },
    ],
  ]
}
