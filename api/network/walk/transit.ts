import { absence, setting, state, transitRouteRule } from '../deciding-rule.js'
import type { Subnet, TransitAttachment, TransitRoute } from '../entities.js'
import { lookup } from '../lpm.js'
import type { Packet } from '../rules/packet.js'
import * as say from '../text/gateways.js'
import * as sayRoute from '../text/routes.js'
import * as sayRule from '../text/rules.js'
import { crossEdge } from './filters.js'
import { answered, block, pass, type Step, unsure, type Walk } from './walk.js'

/**
 * From a VPC onto a transit gateway: by the attachment's subnet in the sender's own Availability Zone, and by no other.
 * https://docs.aws.amazon.com/vpc/latest/tgw/tgw-vpc-attachments.html
 */
export function ontoTransit(
  w: Walk,
  gatewayId: string,
  vpcId: string,
  subnet: Subnet | null,
  packet: Packet,
): Step {
  const gateway = w.model.transitGateways.get(gatewayId)
  if (gateway !== undefined && gateway.state !== null && gateway.state !== 'available') {
    const rule = state(gatewayId, sayRule.inState(gateway.state))
    block(
      w,
      'transit-gateway-attachment',
      gatewayId,
      packet,
      'BAD_STATE',
      rule,
      sayRoute.badState(gatewayId, gateway.state),
    )
    return { at: 'stopped', packet }
  }
  const attachment = attachmentOf(w, gatewayId, vpcId)
  if (attachment === undefined) {
    const calls = ['describe-transit-gateway-vpc-attachments', 'describe-transit-gateway-attachments']
    const call = calls.find((c) => answered(w.model, c)) === undefined ? (calls[0] ?? null) : null
    if (call === null) {
      const rule = absence(gatewayId, sayRule.noAttachmentOf(vpcId))
      const text = say.tgwNoAttachment(gatewayId, vpcId)
      block(w, 'transit-gateway-attachment', gatewayId, packet, 'BAD_STATE_ATTACHMENT', rule, text)
      return { at: 'stopped', packet }
    }
    unsure(w, 'transit-gateway-attachment', gatewayId, packet, 'UNKNOWN_RESOURCE', {
      call,
      component: gatewayId,
      text: sayRoute.notInSnapshot(sayRoute.partOf.attachment(vpcId, gatewayId), call),
    })
    return { at: 'unknown', packet }
  }
  if (!works(w, attachment, packet)) return { at: 'stopped', packet }
  w.via.transit.push(attachment)
  const entry = entrySubnet(w, attachment, subnet, packet)
  if (entry === 'stopped') return { at: 'stopped', packet }
  // Inbound rules of the attachment's subnet judge what workloads send to the gateway, in the same subnet too:
  // https://docs.aws.amazon.com/vpc/latest/tgw/tgw-nacls.html
  if (entry !== null) crossEdge(w, entry.id, false, packet)
  w.zone = subnet?.zone ?? w.zone
  pass(w, 'transit-gateway-attachment', attachment.id, packet, null, say.tgwAttach(attachment.id, gatewayId))
  return { at: 'transit', gatewayId, attachment, packet }
}

function attachmentOf(w: Walk, gatewayId: string, vpcId: string): TransitAttachment | undefined {
  let found: TransitAttachment | undefined
  for (const a of w.model.transitAttachments.values()) {
    if (a.gatewayId !== gatewayId || a.kind !== 'vpc' || a.resourceId !== vpcId) continue
    if (found === undefined || a.state === 'available') found = a
  }
  return found
}

function works(w: Walk, attachment: TransitAttachment, packet: Packet): boolean {
  const { id } = attachment
  if (attachment.state !== '' && attachment.state !== 'available' && attachment.state !== 'modifying') {
    const rule = state(id, sayRule.inState(attachment.state))
    block(
      w,
      'transit-gateway-attachment',
      id,
      packet,
      'BAD_STATE_ATTACHMENT',
      rule,
      sayRoute.badState(id, attachment.state),
    )
    return false
  }
  if (packet.destination.family === 6 && attachment.ipv6 === false) {
    block(
      w,
      'transit-gateway-attachment',
      id,
      packet,
      'TGW_ATTACH_IPV6_DISABLED',
      setting(id, 'Ipv6Support disable'),
      say.tgwIpv6(id),
    )
    return false
  }
  return true
}

/** The attachment's subnet in the sender's zone; null where zones or subnets aren't known. */
function entrySubnet(
  w: Walk,
  a: TransitAttachment,
  from: Subnet | null,
  packet: Packet,
): Subnet | null | 'stopped' {
  if (a.subnetIds === null) {
    const call = 'describe-transit-gateway-vpc-attachments'
    unsure(w, 'transit-gateway-attachment', a.id, packet, 'UNKNOWN_RESOURCE', {
      call,
      component: a.id,
      text: sayRoute.notInSnapshot(sayRoute.partOf.subnets(a.id), call),
    })
    return null
  }
  const subnets = a.subnetIds.map((id) => w.model.subnets.get(id)).filter((s) => s !== undefined)
  const zone = from?.zoneId ?? from?.zone ?? null
  if (from === null || zone === null || subnets.length < a.subnetIds.length) {
    return subnets.find((s) => from !== null && s.id === from.id) ?? subnets[0] ?? null
  }
  const here = subnets.find((s) => s.zone === from.zone || (s.zoneId !== null && s.zoneId === from.zoneId))
  if (here !== undefined) return here
  const shownZone = from.zone ?? zone
  const rule = setting(a.id, sayRule.noSubnetIn(a.subnetIds.join(', '), shownZone))
  block(
    w,
    'transit-gateway-attachment',
    a.id,
    packet,
    'TGW_ATTACH_VPC_AZ_RESTRICTION',
    rule,
    say.tgwZone(a.id, shownZone),
  )
  return 'stopped'
}

/**
 * Inside a transit gateway: the table that the incoming attachment is associated with, longest prefix, static before
 * propagated, and on to the attachment that the route names.
 * https://docs.aws.amazon.com/vpc/latest/tgw/how-transit-gateways-work.html
 */
export function acrossTransit(w: Walk, gatewayId: string, incoming: TransitAttachment, packet: Packet): Step {
  const tableId = incoming.associatedTable
  if (tableId === null) {
    const known =
      answered(w.model, 'describe-transit-gateway-attachments') ||
      answered(w.model, 'get-transit-gateway-route-table-associations')
    if (known) {
      const rule = absence(incoming.id, sayRule.noAssociation)
      const text = say.tgwNoAssociation(incoming.id)
      block(
        w,
        'transit-gateway-attachment',
        incoming.id,
        packet,
        'TGW_ATTACH_MISSING_TGW_RTB_ASSOCIATION',
        rule,
        text,
      )
      return { at: 'stopped', packet }
    }
    const call = 'describe-transit-gateway-attachments'
    const text = sayRoute.notInSnapshot(sayRoute.partOf.association(incoming.id), call)
    unsure(w, 'transit-gateway-attachment', incoming.id, packet, 'UNKNOWN_RESOURCE', {
      call,
      component: incoming.id,
      text,
    })
    return { at: 'unknown', packet }
  }
  if (incoming.associationState !== null && incoming.associationState !== 'associated') {
    const rule = state(incoming.id, sayRule.association(incoming.associationState))
    const text = sayRoute.badStateOf(incoming.id, tableId, incoming.associationState)
    block(
      w,
      'transit-gateway-attachment',
      incoming.id,
      packet,
      'TGW_ATTACH_MISSING_TGW_RTB_ASSOCIATION',
      rule,
      text,
    )
    return { at: 'stopped', packet }
  }
  const table = w.model.transitRouteTables.get(tableId)
  const found = table === undefined ? [] : lookup(table.compiled, packet.destination)
  const route = found.find((r) => r.state === 'active' && r.type === 'static') ?? found[0]
  const call = 'search-transit-gateway-routes'
  if (
    table === undefined ||
    (table.routes === null && (route === undefined || route.type === 'propagated')) ||
    (route === undefined && table.untold.length > 0)
  ) {
    unsure(w, 'transit-gateway-route-table', tableId, packet, 'TGW_RTB_ROUTES_ARE_UNKNOWN', {
      call,
      component: tableId,
      text: sayRoute.notInSnapshot(sayRoute.partOf.routes(tableId), call),
    })
    if (route === undefined) return { at: 'unknown', packet }
  }
  if (route === undefined) {
    const destination = packet.destinationLabel ?? packet.destination.text
    const rule = absence(tableId, sayRule.noRouteTo(destination))
    const text = say.tgwNoRoute(tableId, destination)
    block(w, 'transit-gateway-route-table', tableId, packet, 'TGW_RTB_NO_ROUTE_TO_TGW_ATTACHMENT', rule, text)
    return { at: 'stopped', packet }
  }
  return followRoute(w, gatewayId, tableId, route, packet)
}

function followRoute(w: Walk, gatewayId: string, tableId: string, route: TransitRoute, packet: Packet): Step {
  const [attachmentId] = route.attachmentIds
  const rule = transitRouteRule(tableId, route)
  if (route.state === 'blackhole' || attachmentId === undefined) {
    block(
      w,
      'transit-gateway-route-table',
      tableId,
      packet,
      'TGW_RTB_BAD_STATE_ROUTE',
      rule,
      say.tgwBlackhole(tableId, rule.summary),
    )
    return { at: 'stopped', packet }
  }
  pass(w, 'transit-gateway-route-table', tableId, packet, rule, say.tgwRoute(tableId, attachmentId))
  const attachment = w.model.transitAttachments.get(`${gatewayId} ${attachmentId}`)
  if (attachment === undefined) {
    const call = 'describe-transit-gateway-attachments'
    const text = sayRoute.notInSnapshot(attachmentId, call)
    unsure(w, 'transit-gateway-attachment', attachmentId, packet, 'UNKNOWN_RESOURCE', {
      call,
      component: attachmentId,
      text,
    })
    return { at: 'unknown', packet }
  }
  if (!works(w, attachment, packet)) return { at: 'stopped', packet }
  w.via.transit.push(attachment)
  if (attachment.kind === 'vpc') return intoVpc(w, attachment, packet)
  if (attachment.kind === 'peering') return toPeer(w, attachment, packet)
  return outOfAws(w, attachment, packet)
}

function intoVpc(w: Walk, attachment: TransitAttachment, packet: Packet): Step {
  const vpcId = attachment.resourceId ?? ''
  pass(w, 'transit-gateway-attachment', attachment.id, packet, null, say.tgwInto(attachment.id, vpcId))
  const subnets = (attachment.subnetIds ?? [])
    .map((id) => w.model.subnets.get(id))
    .filter((s) => s !== undefined)
  // The gateway keeps traffic in its zone where it can: https://docs.aws.amazon.com/vpc/latest/tgw/transit-gateway-appliance-scenario.html
  const own = subnets.find((s) => s.zone !== null && s.zone === w.zone)
  if (own === undefined && differ(w, subnets)) {
    unsure(w, 'transit-gateway-attachment', attachment.id, packet, 'UNKNOWN_RESOURCE', {
      call: null,
      component: attachment.id,
      text: say.tgwEntryOpen(attachment.id),
    })
    return { at: 'unknown', packet }
  }
  const entry = own ?? nearDestination(w, vpcId, subnets, packet) ?? subnets[0]
  if (entry === undefined) {
    const call =
      attachment.subnetIds === null ? 'describe-transit-gateway-vpc-attachments' : 'describe-subnets'
    const text = sayRoute.notInSnapshot(sayRoute.partOf.subnets(attachment.id), call)
    unsure(w, 'transit-gateway-attachment', attachment.id, packet, 'UNKNOWN_RESOURCE', {
      call,
      component: attachment.id,
      text,
    })
    return w.model.subnetsOfVpc.has(vpcId)
      ? { at: 'vpc', vpcId, packet, from: null, via: 'outside' }
      : { at: 'unknown', packet }
  }
  return {
    at: 'subnet',
    subnet: entry,
    packet,
    origin: { kind: 'transit', component: attachment.id, publicIp: null, lambda: false },
  }
}

/** Whether it matters by which of an attachment's subnets a packet comes in: AWS documents no other choice than the sender's zone. */
function differ(w: Walk, subnets: readonly Subnet[]): boolean {
  const ways = subnets.map(
    ({ id }) => `${w.model.aclOfSubnet.get(id)?.id ?? ''} ${w.model.routeTableOfSubnet.get(id)?.id ?? ''}`,
  )
  return new Set(ways).size > 1
}

function nearDestination(
  w: Walk,
  vpcId: string,
  subnets: readonly Subnet[],
  packet: Packet,
): Subnet | undefined {
  const zone = (w.model.subnetsOfVpc.get(vpcId) ?? []).find((s) =>
    s.cidrs.some(
      (c) =>
        c.family === packet.destination.family &&
        c.lo <= packet.destination.lo &&
        packet.destination.hi <= c.hi,
    ),
  )?.zone
  return zone === undefined ? undefined : subnets.find((s) => s.zone === zone)
}

/** Across a peering of two transit gateways; there the same attachment has its own association. */
function toPeer(w: Walk, attachment: TransitAttachment, packet: Packet): Step {
  pass(
    w,
    'transit-gateway-attachment',
    attachment.id,
    packet,
    null,
    say.tgwAttach(attachment.id, attachment.resourceId ?? '?'),
  )
  for (const other of w.model.transitAttachments.values()) {
    if (other.id !== attachment.id || other.gatewayId === attachment.gatewayId) continue
    if (!works(w, other, packet)) return { at: 'stopped', packet }
    w.zone = null
    return { at: 'transit', gatewayId: other.gatewayId, attachment: other, packet }
  }
  const call = 'describe-transit-gateway-attachments'
  unsure(w, 'transit-gateway-attachment', attachment.id, packet, 'UNKNOWN_RESOURCE', {
    call,
    component: attachment.resourceId ?? attachment.id,
    text: sayRoute.notInSnapshot(sayRoute.partOf.otherSide(attachment.id), call),
  })
  return { at: 'unknown', packet }
}

/** VPN, Direct Connect, Connect: what is behind them isn't AWS configuration; a VPN whose tunnels are all down is. */
function outOfAws(w: Walk, attachment: TransitAttachment, packet: Packet): Step {
  const vpn = attachment.kind === 'vpn' ? w.model.vpnConnections.get(attachment.resourceId ?? '') : undefined
  if (vpn !== undefined && vpn.tunnels.length > 0 && vpn.tunnels.every((t) => t === 'DOWN')) {
    block(
      w,
      'transit-gateway-attachment',
      attachment.id,
      packet,
      'TGW_BAD_STATE_VPN',
      state(vpn.id, sayRule.tunnelsDown),
      say.vpnDown(vpn.id),
    )
    return { at: 'stopped', packet }
  }
  unsure(w, 'transit-gateway-attachment', attachment.id, packet, 'UNKNOWN_DESTINATION', {
    call: null,
    component: attachment.id,
    text: say.beyond(attachment.id),
  })
  return { at: 'unknown', packet }
}
