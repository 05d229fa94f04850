import type { Subnet } from './account.js'
import { bodies, type Raw, record, records, strings, text } from './documents.js'
import { incoming, ipLine, type Layout, link, namespace, routerOf, silentEnd, subnetTable } from './layout.js'

/** The interface that a transit gateway has in one subnet of an attached VPC. */
interface Foothold {
  readonly index: number
  readonly gatewayId: string
  readonly attachmentId: string
  readonly subnet: Subnet
  readonly tableId: string
}

const FIRST_TABLE = 2000

/** All footholds, numbered; an attachment that isn't available has none. */
export function footholds(layout: Layout): readonly Foothold[] {
  const { account } = layout
  return account.transit.vpcAttachments
    .filter((one) => ['available', 'modifying'].includes(text(one, 'State')))
    .flatMap((attachment) =>
      strings(attachment, 'SubnetIds').flatMap((subnetId) => {
        const subnet = account.subnets.find((one) => one.id === subnetId)
        return subnet === undefined ? [] : [{ attachment, subnet }]
      }),
    )
    .map(({ attachment, subnet }, index) => ({
      index,
      gatewayId: text(attachment, 'TransitGatewayId'),
      attachmentId: text(attachment, 'TransitGatewayAttachmentId'),
      subnet,
      tableId: associatedTable(layout, text(attachment, 'TransitGatewayAttachmentId')),
    }))
}

export function footholdPort(foothold: Pick<Foothold, 'index'>): string {
  return `t${foothold.index}`
}

/**
 * The router's device that leads from a subnet into a transit gateway: only where the attachment has a subnet in the
 * same zone (https://docs.aws.amazon.com/vpc/latest/tgw/how-transit-gateways-work.html).
 */
export function attachmentPort(layout: Layout, gatewayId: string, subnet: Subnet): string | null {
  const foothold = footholds(layout).find(
    (one) =>
      one.gatewayId === gatewayId && one.subnet.vpcId === subnet.vpcId && one.subnet.zone === subnet.zone,
  )
  return foothold === undefined ? null : footholdPort(foothold)
}

/** Transit gateways, each a router between the footholds of its attachments. */
export function addTransitGateways(layout: Layout): void {
  const all = footholds(layout)
  for (const foothold of all) {
    const name = foothold.gatewayId
    const gateway = namespace(layout, name, true)
    const router = namespace(layout, routerOf(layout, foothold.subnet.vpcId), true)
    const port = footholdPort(foothold)
    link(layout, router.name, port, name, port)
    incoming(router, port, subnetTable(layout, foothold.subnet.id))
    const number = FIRST_TABLE + foothold.index
    incoming(gateway, port, number)
    silentEnd(gateway, number)
    const seen = new Set<string>()
    for (const route of layout.account.transit.routes.get(foothold.tableId) ?? []) {
      const destination = text(route, 'DestinationCidrBlock') || text(route, 'DestinationIpv6CidrBlock')
      const metric = text(route, 'Type') === 'static' ? 10 : 20
      if (destination === '' || seen.has(`${destination} ${metric}`)) continue
      seen.add(`${destination} ${metric}`)
      const next = nextFoothold(all, foothold, route)
      const where = next === null ? `blackhole ${destination}` : `${destination} dev ${footholdPort(next)}`
      ipLine(gateway, destination, `route add ${where} table ${number} metric ${metric}`)
    }
  }
}

/** In the target's VPC the packet comes in by the zone that it came from, where the attachment has that zone. */
function nextFoothold(all: readonly Foothold[], from: Foothold, route: Raw): Foothold | null {
  if (text(route, 'State') !== 'active') return null
  const target = text(records(route, 'TransitGatewayAttachments')[0], 'TransitGatewayAttachmentId')
  const there = all.filter((one) => one.attachmentId === target && one.gatewayId === from.gatewayId)
  return there.find((one) => one.subnet.zone === from.subnet.zone) ?? there[0] ?? null
}

/** The route table that decides for what an attachment sends; '' where none is associated. */
function associatedTable(layout: Layout, attachmentId: string): string {
  const listed = layout.account.transit.attachments.find(
    (one) => text(one, 'TransitGatewayAttachmentId') === attachmentId,
  )
  const association = record(listed, 'Association')
  if (text(association, 'State') === 'associated') return text(association, 'TransitGatewayRouteTableId')
  const call = 'get-transit-gateway-route-table-associations'
  const found = layout.account.documents.find(
    (one) =>
      one.call === call &&
      bodies([one], call)
        .flatMap((body) => records(body, 'Associations'))
        .some(
          (a) => text(a, 'TransitGatewayAttachmentId') === attachmentId && text(a, 'State') === 'associated',
        ),
  )
  return found?.key ?? ''
}
