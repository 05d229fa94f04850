import { contains, type Prefix } from '../address.js'
import { routeRule, setting, state } from '../deciding-rule.js'
import type { Peering, Route, RouteTable } from '../entities.js'
import type { Model } from '../model.js'
import type { Packet } from '../rules/packet.js'
import * as say from '../text/gateways.js'
import * as sayRoute from '../text/routes.js'
import { inNoneOf, inState } from '../text/rules.js'
import { answered, block, pass, type Step, unsure, type Walk } from './walk.js'

/**
 * A peering connection carries only packets from an address of one VPC to an address of the other: it is not transitive
 * and leads to no gateway of the peer.
 * https://docs.aws.amazon.com/vpc/latest/peering/vpc-peering-basics.html
 */
export function throughPeering(
  w: Walk,
  table: RouteTable,
  route: Route,
  vpcId: string,
  packet: Packet,
): Step {
  const id = route.target
  const peering = w.model.peerings.get(id)
  if (peering === undefined) {
    const call = 'describe-vpc-peering-connections'
    const rule = routeRule(w.model.memo, table.id, route)
    if (answered(w.model, call)) {
      block(
        w,
        'vpc-peering-connection',
        id,
        packet,
        'BAD_STATE',
        rule,
        sayRoute.targetGone(table.id, rule.summary, id),
      )
      return { at: 'stopped', packet }
    }
    const text = sayRoute.notInSnapshot(id, call)
    unsure(w, 'vpc-peering-connection', id, packet, 'UNKNOWN_RESOURCE', { call, component: id, text }, rule)
    return { at: 'unknown', packet }
  }
  let ok = true
  if (peering.status !== 'active') {
    const rule = state(id, inState(peering.status, 'Status'))
    block(w, 'vpc-peering-connection', id, packet, 'BAD_STATE', rule, sayRoute.badState(id, peering.status))
    ok = false
  }
  const [near, far] =
    peering.requester.vpcId === vpcId
      ? [peering.requester, peering.accepter]
      : [peering.accepter, peering.requester]
  if (far.vpcId === null || near.vpcId !== vpcId) {
    unsure(w, 'vpc-peering-connection', id, packet, 'UNKNOWN_RESOURCE', {
      call: 'describe-vpc-peering-connections',
      component: id,
      text: sayRoute.notInSnapshot(sayRoute.partOf.otherSide(id), 'describe-vpc-peering-connections'),
    })
    return { at: 'unknown', packet }
  }
  for (const [address, ranges] of [
    [packet.source, rangesOf(w.model, vpcId, near.cidrs)],
    [packet.destination, rangesOf(w.model, far.vpcId, far.cidrs)],
  ] as const) {
    if (ranges.length === 0 || ranges.some((r) => contains(r, address))) continue
    const rule = setting(id, inNoneOf(address.text, ranges.map((r) => r.text).join(', ')))
    const text = say.peeringOutside(id, address.text)
    block(w, 'vpc-peering-connection', id, packet, 'PCX_REQUIRES_ADDRESS_IN_VPC_CIDR', rule, text)
    ok = false
  }
  if (!ok) return { at: 'stopped', packet }
  w.via.peerings.push(peering)
  pass(w, 'vpc-peering-connection', id, packet, null, say.peeringPass(id, far.vpcId))
  if (!w.model.vpcs.has(far.vpcId) && !w.model.subnetsOfVpc.has(far.vpcId)) {
    unsure(w, 'target', far.vpcId, packet, 'UNKNOWN_RESOURCE', {
      call: 'describe-vpcs',
      component: far.vpcId,
      text: say.peerVpcMissing(id, far.vpcId),
    })
    return { at: 'unknown', packet }
  }
  return { at: 'vpc', vpcId: far.vpcId, packet, from: null, via: 'outside' }
}

function rangesOf(model: Model, vpcId: string, told: readonly Prefix[]): readonly Prefix[] {
  const own = model.vpcs.get(vpcId)?.cidrs ?? []
  return own.length > 0 ? own : told
}

/** The active peering connection between two VPCs, if there is one. */
export function peeringBetween(model: Model, a: string, b: string): Peering | undefined {
  for (const p of model.peerings.values()) {
    if (p.status !== 'active') continue
    const ends = [p.requester.vpcId, p.accepter.vpcId]
    if (ends.includes(a) && ends.includes(b)) return p
  }
  return undefined
}
