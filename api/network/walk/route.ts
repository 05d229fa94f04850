import { contains, type Prefix } from '../address.js'
import { absence, routeRule, setting } from '../deciding-rule.js'
import type { Route, RouteTable, Subnet } from '../entities.js'
import type { Packet } from '../rules/packet.js'
import { compileRoutes, findRoute } from '../rules/routes.js'
import * as say from '../text/routes.js'
import { noRouteTo } from '../text/rules.js'
import { throughEndpoint } from './endpoint.js'
import { crossEdge } from './filters.js'
import { throughEgressOnlyGateway, throughInternetGateway } from './internet.js'
import { throughNat } from './nat.js'
import { throughPeering } from './peering.js'
import { ontoTransit } from './transit.js'
import { throughVpnGateway } from './vpn.js'
import { answered, block, type Origin, pass, type Step, unsure, type Walk } from './walk.js'

/** Whether an address lies in a subnet: then the packet never leaves it. */
export function onLink(subnet: Subnet, address: Prefix): boolean {
  return subnet.cidrs.some((cidr) => contains(cidr, address))
}

/** A packet leaves an interface of a subnet: the subnet's ACL, its route table, the route's target. */
export function leaveSubnet(w: Walk, subnet: Subnet, packet: Packet, origin: Origin): Step {
  if (onLink(subnet, packet.destination)) {
    return { at: 'vpc', vpcId: subnet.vpcId, packet, from: subnet, via: 'local' }
  }
  crossEdge(w, subnet.id, true, packet)
  const table = w.model.routeTableOfSubnet.get(subnet.id) ?? w.model.mainRouteTable.get(subnet.vpcId)
  if (table === undefined) {
    unsure(w, 'route-table', subnet.id, packet, 'UNKNOWN_RESOURCE', {
      call: 'describe-route-tables',
      component: subnet.id,
      text: say.tableMissing(subnet.id),
    })
    return { at: 'unknown', packet }
  }
  return byTable(w, table, subnet, subnet.vpcId, packet, origin)
}

/** Looks a packet up in a table and goes where the route leads. */
export function byTable(
  w: Walk,
  table: RouteTable,
  subnet: Subnet | null,
  vpcId: string,
  packet: Packet,
  origin: Origin,
): Step {
  let compiled = w.model.memo.routes.get(table.id)
  if (compiled === undefined) {
    compiled = compileRoutes(table, w.model.prefixLists)
    w.model.memo.routes.set(table.id, compiled)
  }
  const found = findRoute(compiled, packet.destination, packet.destinationList)
  const destination = packet.destinationLabel ?? packet.destination.text
  if (found.kind === 'unknown') {
    unsure(w, 'route-table', table.id, packet, 'UNKNOWN_RESOURCE', {
      call: 'get-managed-prefix-list-entries',
      component: found.prefixListId,
      text: say.listRoute(table.id, found.prefixListId),
    })
    return { at: 'unknown', packet }
  }
  if (found.kind === 'none') {
    const natId = origin.kind === 'nat' ? origin.component : null
    block(
      w,
      'route-table',
      table.id,
      packet,
      'NO_ROUTE_TO_DESTINATION',
      absence(table.id, noRouteTo(destination)),
      say.noRoute(table.id, destination, natId, w.direction === 'return'),
    )
    return { at: 'stopped', packet }
  }
  const { route } = found
  const rule = routeRule(w.model.memo, table.id, route)
  if (route.state === 'blackhole') {
    block(w, 'route-table', table.id, packet, 'BAD_STATE_ROUTE', rule, say.blackhole(table.id, rule.summary))
    return { at: 'stopped', packet }
  }
  pass(w, 'route-table', table.id, packet, rule, say.routePass(table.id, route.target))
  return follow(w, table, route, subnet, vpcId, packet, origin)
}

function follow(
  w: Walk,
  table: RouteTable,
  route: Route,
  subnet: Subnet | null,
  vpcId: string,
  packet: Packet,
  origin: Origin,
): Step {
  switch (route.targetKind) {
    case 'local':
      return { at: 'vpc', vpcId, packet, from: subnet, via: 'local' }
    case 'internet-gateway':
      return throughInternetGateway(w, route.target, vpcId, subnet, packet, origin)
    case 'egress-only-internet-gateway':
      return throughEgressOnlyGateway(w, route.target, vpcId, subnet, packet)
    case 'nat-gateway':
      return throughNat(w, table, route, subnet, packet, origin)
    case 'vpc-peering-connection':
      return throughPeering(w, table, route, vpcId, packet)
    case 'transit-gateway':
      return ontoTransit(w, route.target, vpcId, subnet, packet)
    case 'virtual-private-gateway':
      return throughVpnGateway(w, route.target, vpcId, packet)
    case 'vpc-endpoint':
      return throughEndpoint(w, table, route, vpcId, packet, origin)
    case 'network-interface':
    case 'instance':
      return ontoAppliance(w, route, packet, subnet)
    case 'unsupported':
      unsure(w, 'unsupported', route.target, packet, 'UNSUPPORTED_COMPONENT', {
        call: null,
        component: route.target,
        text: say.unsupported(route.target),
      })
      return { at: 'unknown', packet }
  }
}

/**
 * A route to an interface or instance: a middlebox. It takes what isn't addressed to it only with its source/destination
 * check off; what it does then is not AWS configuration.
 * https://docs.aws.amazon.com/vpc/latest/userguide/route-table-options.html
 */
function ontoAppliance(w: Walk, route: Route, packet: Packet, from: Subnet | null): Step {
  const eni =
    route.targetKind === 'instance'
      ? w.model.enis.get(w.model.instances.get(route.target)?.eniIds[0] ?? '')
      : w.model.enis.get(route.target)
  if (eni === undefined) {
    const call = route.targetKind === 'instance' ? 'describe-instances' : 'describe-network-interfaces'
    unsure(w, 'network-interface', route.target, packet, 'UNKNOWN_RESOURCE', {
      call: answered(w.model, call) ? null : call,
      component: route.target,
      text: say.notInSnapshot(route.target, call),
    })
    return { at: 'unknown', packet }
  }
  if (eni.addresses.some((a) => contains(a.address, packet.destination))) {
    const subnet = w.model.subnets.get(eni.subnetId) ?? null
    return { at: 'vpc', vpcId: eni.vpcId, packet, from: from ?? subnet, via: 'local' }
  }
  if (from === null || from.id !== eni.subnetId) crossEdge(w, eni.subnetId, false, packet)
  if (eni.sourceDestCheck) {
    const rule = setting(eni.id, 'SourceDestCheck true')
    block(
      w,
      'network-interface',
      eni.id,
      packet,
      'ENI_SOURCE_DEST_CHECK_RESTRICTION',
      rule,
      say.sourceDestCheck(eni.id),
    )
    return { at: 'stopped', packet }
  }
  w.via.middlebox = true
  unsure(w, 'network-interface', eni.id, packet, 'UNSUPPORTED_COMPONENT', {
    call: null,
    component: eni.id,
    text: say.appliance(eni.id),
  })
  return { at: 'unknown', packet }
}
