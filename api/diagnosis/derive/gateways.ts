import type { Change } from '../diagnosis.js'
import { all, PLACES, strings, text } from '../raw.js'
import { blockedHops, byId, type Derive, type Option } from './situation.js'
import { runningNats, subnetsOf, vpcOfAddress, zoneOf } from './topology.js'

/**
 * Block Public Access is lifted for a subnet or a VPC by an exclusion; outward traffic needs `allow-egress` only
 * (https://docs.aws.amazon.com/vpc/latest/userguide/security-vpc-bpa.html).
 */
export const deriveExclusions: Derive = (_blockers, situation) => {
  const { subnetIds, vpcId } = situation.standpoint
  if (vpcId === null) return []
  const nats = [...new Set(runningNats(situation, vpcId).map((nat) => text(nat, 'SubnetId')))]
  const exclude = (resourceId: string): Change => ({
    kind: 'create-block-public-access-exclusion',
    resourceId,
    mode: 'allow-egress',
  })
  const one = (ids: readonly string[]): readonly Option[] => (ids.length === 0 ? [] : [ids.map(exclude)])
  return [
    ...one(nats.filter((id) => id !== '')),
    ...one([...new Set([...nats, ...subnetIds])]),
    [exclude(vpcId)],
  ]
}

/**
 * A transit gateway reaches only zones in which its attachment has a subnet
 * (https://docs.aws.amazon.com/vpc/latest/tgw/tgw-vpc-attachments.html).
 */
export const deriveTransitZones: Derive = (blockers, situation) =>
  blockers.flatMap((blocker): readonly Option[] => {
    const attachment = byId(situation.snapshot, PLACES.transitGatewayVpcAttachment, blocker.component)
    if (attachment === undefined) return []
    const vpcId = text(attachment, 'VpcId')
    const zones = strings(attachment, 'SubnetIds').map((subnet) => zoneOf(situation, subnet))
    const wanted =
      vpcId === situation.standpoint.vpcId
        ? situation.standpoint.subnetIds
        : subnetsOf(situation, vpcId).map((subnet) => text(subnet, 'SubnetId'))
    const perZone = new Map(wanted.map((subnet) => [zoneOf(situation, subnet), subnet] as const))
    const missing = [...perZone].filter(([zone]) => !zones.includes(zone)).map(([, subnet]) => subnet)
    return missing.length === 0
      ? []
      : [
          [
            {
              kind: 'modify-transit-gateway-attachment',
              attachmentId: blocker.component,
              addSubnetIds: missing,
            },
          ],
        ]
  })

/** The route that a transit gateway's table lacks, to the attachment of the VPC that has the address. */
export const deriveTransitRoutes: Derive = (blockers, situation) =>
  blockers.flatMap((blocker): readonly Option[] => {
    const [hop] = blockedHops(situation.trace, blocker)
    const vpc = vpcOfAddress(situation, hop?.packet.destination ?? '')
    const attachment = all(situation.snapshot, PLACES.transitGatewayVpcAttachment).find(
      (one) => text(one, 'VpcId') === text(vpc, 'VpcId'),
    )
    const routeTableId = blocker.component.startsWith('tgw-rtb-')
      ? blocker.component
      : (blocker.rule?.in ?? '')
    if (vpc === undefined || attachment === undefined || routeTableId === '') return []
    return [
      [
        {
          kind: 'put-transit-gateway-route',
          routeTableId,
          destination: text(vpc, 'CidrBlock'),
          attachmentId: text(attachment, 'TransitGatewayAttachmentId'),
        },
      ],
    ]
  })

/**
 * An attachment sends nothing until it is associated with a route table of its gateway: the gateway's default one first
 * (https://docs.aws.amazon.com/vpc/latest/tgw/tgw-route-tables.html).
 */
export const deriveTransitAssociation: Derive = (blockers, situation) =>
  blockers.flatMap((blocker): readonly Option[] => {
    const attachment = byId(situation.snapshot, PLACES.transitGatewayVpcAttachment, blocker.component)
    const gateway = text(attachment, 'TransitGatewayId')
    return all(situation.snapshot, PLACES.transitGatewayRouteTable)
      .filter((table) => gateway !== '' && text(table, 'TransitGatewayId') === gateway)
      .sort(
        (a, b) =>
          Number(b['DefaultAssociationRouteTable'] === true) -
          Number(a['DefaultAssociationRouteTable'] === true),
      )
      .map((table) => [
        {
          kind: 'associate-transit-gateway-route-table',
          attachmentId: blocker.component,
          routeTableId: text(table, 'TransitGatewayRouteTableId'),
        },
      ])
  })

/** An internet gateway that is attached to no VPC goes to the VPC whose routes name it. */
export const deriveInternetGateway: Derive = (blockers, situation) => {
  const vpcId = situation.standpoint.vpcId
  if (vpcId === null) return []
  return blockers
    .filter((blocker) => blocker.component.startsWith('igw-'))
    .map((blocker) => [{ kind: 'attach-internet-gateway', internetGatewayId: blocker.component, vpcId }])
}
