import { isPublic, nat64Inner, type Prefix, parseAddress } from '../address.js'
import { absence, routeRule, setting, state } from '../deciding-rule.js'
import type { NatGateway, Route, RouteTable, Subnet } from '../entities.js'
import { ALL, hasPorts, ICMP, isIcmp, type Packet } from '../rules/packet.js'
import { EPHEMERAL } from '../rules/ports.js'
import * as say from '../text/gateways.js'
import * as sayRoute from '../text/routes.js'
import * as sayRule from '../text/rules.js'
import { protocolName } from '../text/rules.js'
import { crossEdge } from './filters.js'
import { answered, block, type Origin, pass, type Step, type Translation, unsure, type Walk } from './walk.js'

/**
 * A NAT gateway takes the packet over under its own address and sends it on by the route table of its own subnet (a
 * regional one by its own table). It carries tcp, udp and icmp; takes in only replies; and of IPv6 only NAT64.
 * https://docs.aws.amazon.com/vpc/latest/userguide/vpc-nat-gateway.html
 * https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateways-regional.html
 * https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-nat64-dns64.html
 */
export function throughNat(
  w: Walk,
  table: RouteTable,
  route: Route,
  from: Subnet | null,
  packet: Packet,
  origin: Origin,
): Step {
  const id = route.target
  const nat = w.model.natGateways.get(id)
  if (nat === undefined) return absent(w, table, route, packet)
  const subnet = nat.subnetId === null ? null : (w.model.subnets.get(nat.subnetId) ?? null)
  if (nat.subnetId !== null && nat.subnetId !== from?.id) crossEdge(w, nat.subnetId, false, packet)
  if (origin.kind === 'nat' && origin.component === id) {
    const rule = routeRule(w.model.memo, table.id, route)
    block(
      w,
      'route-table',
      table.id,
      packet,
      'NO_ROUTE_TO_DESTINATION',
      rule,
      sayRoute.noRoute(table.id, shownDestination(packet), id, false),
    )
    return { at: 'stopped', packet }
  }
  if (w.direction === 'return') {
    block(
      w,
      'nat-gateway',
      id,
      packet,
      'NAT_GATEWAY_REJECTS_UNSOLICITED',
      state(id, sayRule.noConnection),
      say.natUnsolicited(id),
    )
    return { at: 'stopped', packet }
  }
  const carried = usable(w, nat, packet)
  const translated = translate(w, nat, subnet, packet)
  if (!carried || translated === null) return { at: 'stopped', packet }
  const { packet: after, publicIp } = translated
  w.via.nat = true
  // Its public address is seen only beyond an internet gateway; a gateway endpoint on its table sees the private one.
  w.seenAs = publicIp === null ? after.source.text : null
  pass(w, 'nat-gateway', id, after, null, say.natPass(id, publicIp ?? after.source.text))
  const next: Origin = { kind: 'nat', component: id, publicIp: nat.public ? publicIp : null, lambda: false }
  if (subnet !== null) return { at: 'subnet', subnet, packet: after, origin: next }
  if (nat.regional) return fromRegional(w, nat, after, next)
  unsure(w, 'nat-gateway', id, after, 'UNKNOWN_RESOURCE', {
    call: 'describe-subnets',
    component: nat.subnetId ?? id,
    text: sayRoute.notInSnapshot(nat.subnetId ?? id, 'describe-subnets'),
  })
  return { at: 'unknown', packet: after }
}

const shownDestination = (p: Packet): string => p.destinationLabel ?? p.destination.text

function absent(w: Walk, table: RouteTable, route: Route, packet: Packet): Step {
  const call = 'describe-nat-gateways'
  const rule = routeRule(w.model.memo, table.id, route)
  if (answered(w.model, call)) {
    block(
      w,
      'nat-gateway',
      route.target,
      packet,
      'BAD_STATE',
      rule,
      sayRoute.targetGone(table.id, rule.summary, route.target),
    )
    return { at: 'stopped', packet }
  }
  const text = sayRoute.notInSnapshot(route.target, call)
  unsure(
    w,
    'nat-gateway',
    route.target,
    packet,
    'UNKNOWN_RESOURCE',
    { call, component: route.target, text },
    rule,
  )
  return { at: 'unknown', packet }
}

/** Judges state and protocol; both are told, and the way goes on only if neither stops it. */
function usable(w: Walk, nat: NatGateway, packet: Packet): boolean {
  let ok = true
  if (nat.state !== 'available') {
    block(
      w,
      'nat-gateway',
      nat.id,
      packet,
      'BAD_STATE',
      state(nat.id, sayRule.inState(nat.state)),
      sayRoute.badState(nat.id, nat.state),
    )
    ok = false
  }
  if (packet.protocol === ALL || !(hasPorts(packet.protocol) || isIcmp(packet.protocol))) {
    const rule = setting(nat.id, 'tcp, udp, icmp')
    const text = say.natProtocol(nat.id, protocolName(packet.protocol))
    block(w, 'nat-gateway', nat.id, packet, 'PROTOCOL_RESTRICTION', rule, text)
    ok = false
  }
  return ok
}

function translate(
  w: Walk,
  nat: NatGateway,
  subnet: Subnet | null,
  packet: Packet,
): { readonly packet: Packet; readonly publicIp: string | null } | null {
  const address =
    nat.addresses.find((a) => nat.regional && a.zone !== null && a.zone === w.zone) ?? nat.addresses[0]
  const publicIp = address?.publicIp ?? null
  if (nat.public && publicIp === null) {
    block(
      w,
      'nat-gateway',
      nat.id,
      packet,
      'BAD_STATE',
      absence(nat.id, sayRule.noElasticIp),
      say.natNoAddress(nat.id),
    )
    return null
  }
  let destination: Prefix = packet.destination
  let { protocol, icmp } = packet
  if (destination.family === 6) {
    const inner = nat64Inner(destination)
    if (inner === null) {
      const rule = setting(nat.id, 'IPv4, NAT64')
      block(
        w,
        'nat-gateway',
        nat.id,
        packet,
        'NAT_GATEWAY_NAT64_ONLY',
        rule,
        say.natIpv6(nat.id, destination.text),
      )
      return null
    }
    destination = inner
    if (icmp !== null) {
      protocol = ICMP
      icmp = { type: 8, code: 0 }
    }
  }
  // A regional gateway has no private address of its own: its public one is as good a name for it.
  const own = address?.privateIp ?? (nat.regional ? publicIp : null)
  const source = (own === null ? null : parseAddress(own)) ?? subnet?.cidrs[0] ?? packet.source
  w.translations.push({ natId: nat.id, outside: source, publicIp, inside: packet })
  const after: Packet = {
    ...packet,
    source,
    sourceLabel: null,
    destination,
    protocol,
    icmp,
    sourcePorts: hasPorts(protocol) ? EPHEMERAL : packet.sourcePorts,
  }
  return { packet: after, publicIp }
}

/** A regional gateway belongs to no subnet; AWS gives it a table that leads to the VPC's internet gateway. */
function fromRegional(w: Walk, nat: NatGateway, packet: Packet, origin: Origin): Step {
  const table =
    w.model.routeTableOfGateway.get(nat.id) ??
    (nat.routeTableId === null ? undefined : w.model.routeTables.get(nat.routeTableId))
  const vpcId = nat.vpcId ?? ''
  if (table !== undefined) return { at: 'table', tableId: table.id, vpcId, packet, origin }
  const gateway = w.model.internetGatewayOfVpc.get(vpcId)
  if (gateway !== undefined && isPublic(packet.destination) && packet.source.family === 4) {
    pass(w, 'internet-gateway', gateway.id, packet, null, say.igwPass(gateway.id, origin.publicIp))
    return { at: 'outside', packet }
  }
  unsure(w, 'route-table', nat.id, packet, 'UNKNOWN_RESOURCE', {
    call: 'describe-route-tables',
    component: nat.id,
    text: sayRoute.tableMissing(nat.id),
  })
  return { at: 'unknown', packet }
}

/** A reply that reached a NAT gateway's address: turned back into the connection it belongs to. Null if it is no such reply. */
export function backThroughNat(w: Walk, subnetId: string | null, packet: Packet): Step | null {
  const pending = w.translations.at(-1)
  if (w.direction !== 'return' || pending === undefined || pending.outside.text !== packet.destination.text)
    return null
  const nat = w.model.natGateways.get(pending.natId)
  if (nat === undefined || (nat.subnetId !== null && nat.subnetId !== subnetId)) return null
  w.translations.pop()
  return untranslate(w, nat, pending, packet)
}

export function untranslate(w: Walk, nat: NatGateway, pending: Translation, packet: Packet): Step {
  const { inside } = pending
  const after: Packet = {
    ...packet,
    source: inside.destination,
    sourceLabel: inside.destinationLabel,
    destination: inside.source,
    destinationLabel: inside.sourceLabel,
    destinationPorts: inside.sourcePorts,
    protocol: inside.protocol,
    icmp:
      inside.icmp === null
        ? null
        : packet.protocol === inside.protocol
          ? packet.icmp
          : { type: 129, code: 0 },
  }
  pass(
    w,
    'nat-gateway',
    nat.id,
    after,
    null,
    say.natBack(nat.id, after.destinationLabel ?? after.destination.text),
  )
  const origin: Origin = { kind: 'nat', component: nat.id, publicIp: null, lambda: false }
  const subnet = nat.subnetId === null ? undefined : w.model.subnets.get(nat.subnetId)
  if (subnet !== undefined) return { at: 'subnet', subnet, packet: after, origin }
  return { at: 'vpc', vpcId: nat.vpcId ?? '', packet: after, from: null, via: 'outside' }
}
