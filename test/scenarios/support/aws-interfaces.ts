import { balancerInterface } from './aws-balancers.js'
import { ACCOUNT, REGION, type World } from './world.js'

interface Nic {
  id: string
  subnet: string
  address: string
  address6?: string | undefined
  publicAddress?: string | undefined
  groups: readonly string[]
  type: string
  description: string
  attachment: Record<string, unknown>
  requester?: string
  checked?: boolean
}

const managed = (owner: string) => ({ InstanceOwnerId: owner, DeviceIndex: 1, DeleteOnTermination: false })

function nics(world: World): Nic[] {
  return [
    ...world.functions.flatMap((fn) =>
      fn.enis.map((eni) => ({
        ...eni,
        groups: fn.groups,
        type: 'lambda',
        description: `AWS Lambda VPC ENI-${fn.name}-5f1e7e0a-2b0e-4c07-9c0e-6a52d3a1c001`,
        attachment: managed('amazon-aws'),
        requester: `AROAEXAMPLE:${fn.name}`,
      })),
    ),
    ...world.databases.map((database) => ({
      id: database.eni,
      subnet: database.subnet,
      address: database.address,
      publicAddress: database.publicAddress,
      groups: database.groups,
      type: 'interface',
      description: 'RDSNetworkInterface',
      attachment: managed('amazon-rds'),
      requester: 'amazon-rds',
    })),
    ...world.proxies.flatMap((proxy) =>
      proxy.enis.map((eni) => ({
        ...eni,
        groups: proxy.groups,
        type: 'interface',
        description: `Network interface for DBProxy ${proxy.name}`,
        attachment: managed('amazon-rds'),
        requester: 'amazon-rds',
      })),
    ),
    ...world.nats
      .filter((nat) => nat.state === 'available')
      .map((nat) => ({
        id: nat.eni,
        subnet: nat.subnet,
        address: nat.address,
        publicAddress: nat.publicAddress,
        groups: [],
        type: 'nat_gateway',
        description: `Interface for NAT Gateway ${nat.id}`,
        attachment: managed('amazon-aws'),
        requester: '440848898222',
        checked: false,
      })),
    ...world.endpoints.flatMap((endpoint) =>
      endpoint.nics.map((nic) => ({
        ...nic,
        groups: endpoint.groups,
        type: 'vpc_endpoint',
        description: `VPC Endpoint Interface ${endpoint.id}`,
        attachment: managed('amazon-aws'),
        requester: '727180483921',
      })),
    ),
    ...(world.balancers ?? []).flatMap((balancer) =>
      balancer.nodes.map((node) => ({
        ...node,
        groups: balancer.groups,
        type: balancer.type === 'network' ? 'network_load_balancer' : 'interface',
        description: balancerInterface(balancer),
        attachment: managed('amazon-elb'),
        requester: 'amazon-elb',
      })),
    ),
    ...world.instances.map((instance) => ({
      id: instance.eni,
      subnet: instance.subnet,
      address: instance.address,
      groups: instance.groups,
      type: 'interface',
      description: '',
      attachment: {
        InstanceId: instance.id,
        InstanceOwnerId: ACCOUNT,
        DeviceIndex: 0,
        DeleteOnTermination: true,
      },
    })),
  ]
}

/** The answer of `describe-network-interfaces`: one interface for everything in the world that has an address. */
export function awsNetworkInterfaces(world: World): unknown[] {
  return nics(world).map((nic, index) => {
    const subnet = world.subnets.find((one) => one.id === nic.subnet)
    const privateDns = `ip-${nic.address.replaceAll('.', '-')}.${REGION}.compute.internal`
    const association =
      nic.publicAddress === undefined
        ? {}
        : {
            Association: {
              IpOwnerId: ACCOUNT,
              PublicDnsName: `ec2-${nic.publicAddress.replaceAll('.', '-')}.${REGION}.compute.amazonaws.com`,
              PublicIp: nic.publicAddress,
            },
          }
    return {
      ...association,
      Attachment: { AttachmentId: `ela-attach-${nic.id.slice(4)}`, Status: 'attached', ...nic.attachment },
      AvailabilityZone: subnet?.zone,
      Description: nic.description,
      Groups: nic.groups.map((group) => ({
        GroupId: group,
        GroupName: world.groups.find((one) => one.id === group)?.name,
      })),
      InterfaceType: nic.type,
      Ipv6Addresses: nic.address6 === undefined ? [] : [{ Ipv6Address: nic.address6, IsPrimaryIpv6: false }],
      MacAddress: `02:00:00:00:00:${(index + 16).toString(16)}`,
      NetworkInterfaceId: nic.id,
      OwnerId: ACCOUNT,
      PrivateDnsName: privateDns,
      PrivateIpAddress: nic.address,
      PrivateIpAddresses: [
        { ...association, Primary: true, PrivateDnsName: privateDns, PrivateIpAddress: nic.address },
      ],
      ...(nic.requester === undefined ? {} : { RequesterId: nic.requester }),
      RequesterManaged: nic.requester !== undefined,
      SourceDestCheck: nic.checked ?? true,
      Status: 'in-use',
      SubnetId: nic.subnet,
      TagSet: [],
      VpcId: subnet?.vpc,
    }
  })
}
