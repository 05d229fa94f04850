import type { End } from './packet.js'
import { type Answers, byId, inside, type Json, list, part, text, words } from './raw.js'

/** What stands where: subnets, interfaces, gateways, each asked of the answers anew. */
export const subnetAt = (answers: Answers, vpc: string, address: string): Json | undefined =>
  list(answers.get('describe-subnets'), 'Subnets').find(
    (s) => s['VpcId'] === vpc && inside(text(s, 'CidrBlock') ?? '', address),
  )

export const subnet = (answers: Answers, id: string): Json | undefined =>
  byId(answers, 'describe-subnets', 'Subnets', 'SubnetId', id)

export const zoneOf = (answers: Answers, id: string): string =>
  text(subnet(answers, id), 'AvailabilityZone') ?? ''

export const cidrsOf = (answers: Answers, vpc: string): readonly string[] =>
  list(byId(answers, 'describe-vpcs', 'Vpcs', 'VpcId', vpc), 'CidrBlockAssociationSet').map(
    (c) => text(c, 'CidrBlock') ?? '',
  )

const interfaces = (answers: Answers) => list(answers.get('describe-network-interfaces'), 'NetworkInterfaces')

function toEnd(answers: Answers, eni: Json, address: Json): End {
  const instance = text(part(eni, 'Attachment'), 'InstanceId')
  const found = list(answers.get('describe-instances'), 'Reservations')
    .flatMap((r) => list(r, 'Instances'))
    .find((i) => instance !== null && i['InstanceId'] === instance)
  const state = text(part(found, 'State'), 'Name')
  return {
    name: instance ?? text(eni, 'NetworkInterfaceId') ?? '',
    eniId: text(eni, 'NetworkInterfaceId'),
    vpc: text(eni, 'VpcId') ?? '',
    subnet: text(eni, 'SubnetId') ?? '',
    address: text(address, 'PrivateIpAddress') ?? '',
    groups: list(eni, 'Groups').map((g) => text(g, 'GroupId') ?? ''),
    public: text(part(address, 'Association'), 'PublicIp'),
    dead: state !== null && state !== 'running',
    ungrouped: eni['InterfaceType'] === 'nat_gateway',
  }
}

function findEnd(answers: Answers, wanted: (eni: Json, address: Json) => boolean): End | undefined {
  for (const eni of interfaces(answers)) {
    const address = list(eni, 'PrivateIpAddresses').find((a) => wanted(eni, a))
    if (address !== undefined) return toEnd(answers, eni, address)
  }
  return undefined
}

export const endOf = (answers: Answers, instance: string): End | undefined =>
  findEnd(answers, (eni) => part(eni, 'Attachment')?.['InstanceId'] === instance)

export const endAt = (answers: Answers, vpc: string, address: string): End | undefined =>
  findEnd(answers, (eni, a) => eni['VpcId'] === vpc && a['PrivateIpAddress'] === address)

export const endBehind = (answers: Answers, publicIp: string): End | undefined =>
  findEnd(answers, (_, a) => part(a, 'Association')?.['PublicIp'] === publicIp)

/** Whether any interface of any VPC has that address, its own or the public one. */
export const isSomewhere = (answers: Answers, address: string): boolean =>
  endBehind(answers, address) !== undefined ||
  findEnd(answers, (_, a) => a['PrivateIpAddress'] === address) !== undefined

export interface Nat {
  readonly id: string
  readonly subnet: string
  readonly vpc: string
  readonly state: string
  readonly inner: string
  /** Null for a private one. */
  readonly outer: string | null
}

export function nats(answers: Answers): readonly Nat[] {
  return list(answers.get('describe-nat-gateways'), 'NatGateways').map((n) => {
    const [address] = list(n, 'NatGatewayAddresses')
    return {
      id: text(n, 'NatGatewayId') ?? '',
      subnet: text(n, 'SubnetId') ?? '',
      vpc: text(n, 'VpcId') ?? '',
      state: text(n, 'State') ?? '',
      inner: text(address, 'PrivateIp') ?? '',
      outer: n['ConnectivityType'] === 'private' ? null : text(address, 'PublicIp'),
    }
  })
}

export interface Attachment {
  readonly id: string
  readonly tgw: string
  readonly vpc: string
  readonly state: string
  readonly subnets: readonly string[]
  readonly table: string | null
}

export function attachments(answers: Answers): readonly Attachment[] {
  const seen = list(answers.get('describe-transit-gateway-attachments'), 'TransitGatewayAttachments')
  return list(answers.get('describe-transit-gateway-vpc-attachments'), 'TransitGatewayVpcAttachments').map(
    (a) => {
      const other = seen.find((s) => s['TransitGatewayAttachmentId'] === a['TransitGatewayAttachmentId'])
      return {
        id: text(a, 'TransitGatewayAttachmentId') ?? '',
        tgw: text(a, 'TransitGatewayId') ?? '',
        vpc: text(a, 'VpcId') ?? '',
        state: text(a, 'State') ?? '',
        subnets: words(a, 'SubnetIds'),
        table: text(part(other, 'Association'), 'TransitGatewayRouteTableId'),
      }
    },
  )
}

/** 10/8, 172.16/12, 192.168/16, 100.64/10: the addresses that the generator makes and the internet doesn't carry. */
export function privateCode(address: string): string | null {
  const rfc1918 = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16']
  if (rfc1918.some((c) => inside(c, address))) return 'IGW_DESTINATION_ADDRESS_NOT_IN_RFC1918_EGRESS'
  return inside('100.64.0.0/10', address) ? 'IGW_DESTINATION_ADDRESS_NOT_IN_RFC6598_EGRESS' : null
}
