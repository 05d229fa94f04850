import { PLACES, type Raw, records, text } from '../raw.js'
import { ChangeError, type Draft } from './draft.js'

/** The first four addresses of a subnet and its last belong to AWS (VPC user guide, "Subnet sizing"). */
const RESERVED_AT_START = 4

function toNumber(address: string): number {
  return address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0)
}

function toAddress(value: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) % 256).join('.')
}

/** A private IPv4 address of the subnet that no interface of the snapshot has. */
function freeAddress(draft: Draft, subnet: Raw): string {
  const [base, length] = text(subnet, 'CidrBlock').split('/')
  const id = text(subnet, 'SubnetId')
  if (base === undefined || length === undefined) throw new ChangeError(`subnet ${id} has no IPv4 range`)
  const first = toNumber(base)
  const last = first + 2 ** (32 - Number(length)) - 1
  const used = new Set(
    draft
      .all(PLACES.networkInterface)
      .filter((eni) => eni['SubnetId'] === id)
      .flatMap((eni) => [
        text(eni, 'PrivateIpAddress'),
        ...records(eni, 'PrivateIpAddresses').map((one) => text(one, 'PrivateIpAddress')),
      ]),
  )
  for (let value = first + RESERVED_AT_START; value < last; value++) {
    const address = toAddress(value)
    if (!used.has(address)) return address
  }
  throw new ChangeError(`subnet ${id} has no free address`)
}

export interface NewInterface {
  readonly id: string
  readonly subnetId: string
  readonly groupIds: readonly string[]
  readonly type: string
  readonly description: string
  readonly owner: string
  readonly publicAddress?: string
  readonly sourceDestCheck?: boolean
}

/** Adds the interface that an AWS service makes for itself, as `describe-network-interfaces` would show it. */
export function addInterface(draft: Draft, wanted: NewInterface): Raw {
  const subnet = draft.get(PLACES.subnet, wanted.subnetId)
  const address = freeAddress(draft, subnet)
  const association =
    wanted.publicAddress === undefined
      ? {}
      : {
          Association: {
            IpOwnerId: text(subnet, 'OwnerId'),
            PublicDnsName: '',
            PublicIp: wanted.publicAddress,
          },
        }
  const eni: Raw = {
    ...association,
    Attachment: {
      InstanceOwnerId: wanted.owner,
      Status: 'attached',
      DeviceIndex: 1,
      DeleteOnTermination: false,
    },
    AvailabilityZone: text(subnet, 'AvailabilityZone'),
    Description: wanted.description,
    Groups: wanted.groupIds.map((GroupId) => ({
      GroupId,
      GroupName: text(draft.get(PLACES.securityGroup, GroupId), 'GroupName'),
    })),
    InterfaceType: wanted.type,
    Ipv6Addresses: [],
    NetworkInterfaceId: wanted.id,
    OwnerId: text(subnet, 'OwnerId'),
    PrivateIpAddress: address,
    PrivateIpAddresses: [{ ...association, Primary: true, PrivateIpAddress: address }],
    RequesterManaged: true,
    SourceDestCheck: wanted.sourceDestCheck ?? true,
    Status: 'in-use',
    SubnetId: wanted.subnetId,
    TagSet: [],
    VpcId: text(subnet, 'VpcId'),
  }
  draft.add(PLACES.networkInterface, wanted.id, eni, { place: PLACES.subnet, id: wanted.subnetId })
  return eni
}

/** The interfaces of a function's posture: Lambda shares one per subnet and set of groups among functions. */
export function postureInterfaces(draft: Draft, subnetIds: readonly string[], groupIds: readonly string[]) {
  const groups = [...groupIds].sort().join()
  return draft.all(PLACES.networkInterface).filter((eni) => {
    if (text(eni, 'InterfaceType') !== 'lambda') return false
    const own = records(eni, 'Groups').map((group) => text(group, 'GroupId'))
    return subnetIds.includes(text(eni, 'SubnetId')) && [...own].sort().join() === groups
  })
}
