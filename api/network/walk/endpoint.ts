import { contains } from '../address.js'
import { absence, routeRule, setting, state } from '../deciding-rule.js'
import type { Raw, Route, RouteTable } from '../entities.js'
import { policyDocument, policyValues } from '../read/permissions.js'
import { ICMP, type Packet, TCP } from '../rules/packet.js'
import * as say from '../text/gateways.js'
import * as sayRoute from '../text/routes.js'
import * as sayRule from '../text/rules.js'
import { protocolName } from '../text/rules.js'
import { answered, block, type Origin, pass, type Step, unsure, type Walk } from './walk.js'

/**
 * A route to a gateway endpoint (or to a Gateway Load Balancer's, which Sonde doesn't follow). The endpoint serves only
 * interfaces of its own VPC, and tcp and icmp.
 * https://docs.aws.amazon.com/vpc/latest/privatelink/gateway-endpoints.html
 */
export function throughEndpoint(
  w: Walk,
  table: RouteTable,
  route: Route,
  vpcId: string,
  packet: Packet,
  origin: Origin,
): Step {
  const id = route.target
  const endpoint = w.model.endpoints.get(id)
  if (endpoint === undefined) {
    const call = 'describe-vpc-endpoints'
    const rule = routeRule(w.model.memo, table.id, route)
    if (answered(w.model, call)) {
      block(w, 'vpc-endpoint', id, packet, 'BAD_STATE', rule, sayRoute.targetGone(table.id, rule.summary, id))
      return { at: 'stopped', packet }
    }
    unsure(
      w,
      'vpc-endpoint',
      id,
      packet,
      'UNKNOWN_RESOURCE',
      { call, component: id, text: sayRoute.notInSnapshot(id, call) },
      rule,
    )
    return { at: 'unknown', packet }
  }
  if (endpoint.type !== 'Gateway') {
    unsure(w, 'unsupported', id, packet, 'UNSUPPORTED_COMPONENT', {
      call: null,
      component: id,
      text: say.beyond(id),
    })
    return { at: 'unknown', packet }
  }
  let ok = true
  if (endpoint.state.toLowerCase() !== 'available') {
    block(
      w,
      'vpc-endpoint',
      id,
      packet,
      'BAD_STATE',
      state(id, sayRule.inState(endpoint.state)),
      sayRoute.badState(id, endpoint.state),
    )
    ok = false
  }
  if (packet.protocol !== TCP && packet.protocol !== ICMP) {
    const text = say.endpointProtocol(id, protocolName(packet.protocol))
    block(w, 'vpc-endpoint', id, packet, 'VPCE_GATEWAY_PROTOCOL_RESTRICTION', setting(id, 'tcp, icmp'), text)
    ok = false
  }
  const vpc = w.model.vpcs.get(vpcId)
  const inside = vpc === undefined || vpc.cidrs.some((c) => contains(c, packet.source))
  if (origin.kind === 'transit' || !inside) {
    const rule = setting(id, sayRule.sourceIs(packet.source.text))
    block(
      w,
      'vpc-endpoint',
      id,
      packet,
      'VPCE_GATEWAY_EGRESS_SOURCE_ADDRESS_RESTRICTION',
      rule,
      say.endpointSource(id),
    )
    ok = false
  }
  judgePolicy(w, id, endpoint.policy, packet)
  if (!ok) return { at: 'stopped', packet }
  pass(w, 'vpc-endpoint', id, packet, null, say.endpointPass(id, endpoint.serviceName))
  pass(w, 'aws-service', endpoint.serviceName, packet, null, sayRoute.delivered(endpoint.serviceName))
  return { at: 'service', vpcId, packet }
}

/**
 * What an endpoint policy means for the path as a whole. Only the plain cases are judged: no Allow at all, or a Deny of
 * everything to everybody, stops every request; anything finer depends on the request and is noted.
 * https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-endpoints-access.html
 */
export function judgePolicy(w: Walk, id: string, policy: unknown, packet: Packet): void {
  const document = policyDocument(policy)
  if (document === null) return
  const statements = policyValues(document['Statement']).filter(
    (s): s is Raw => typeof s === 'object' && s !== null,
  )
  const everything = (s: Raw) =>
    policyValues(s['Action']).includes('*') &&
    (s['Resource'] === undefined || policyValues(s['Resource']).includes('*')) &&
    s['Condition'] === undefined &&
    (s['Principal'] === undefined ||
      s['Principal'] === '*' ||
      policyValues((s['Principal'] as Raw)['AWS']).includes('*'))
  const allows = statements.filter((s) => s['Effect'] === 'Allow')
  if (allows.length === 0 || statements.some((s) => s['Effect'] === 'Deny' && everything(s))) {
    const rule = absence(id, allows.length === 0 ? sayRule.noAllowStatement : 'Deny * on *')
    block(w, 'vpc-endpoint', id, packet, 'ENDPOINT_POLICY_DENIES', rule, say.endpointPolicy(id))
    return
  }
  if (!allows.some(everything) || statements.length > allows.length) {
    w.notes.push({ code: 'ENDPOINT_POLICY_RESTRICTS', component: id, text: say.endpointPolicyNote(id) })
  }
}
