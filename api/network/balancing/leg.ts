import type { Prefix } from '../address.js'
import { type AskedFlow, firstPacket } from '../flow.js'
import { type Journey, journeyOf, referable } from '../journey.js'
import type { Model } from '../model.js'
import { reply } from '../rules/packet.js'
import type { Standpoint } from '../standpoint.js'
import type { Target } from '../targets.js'
import * as say from '../text/routes.js'
import { crossEdge, throughGroups } from '../walk/filters.js'
import { onLink } from '../walk/route.js'
import { run } from '../walk/run.js'
import { type Node, pass, startWalk, unsure } from '../walk/walk.js'
import type { LoadBalancer } from './entities.js'

/** The way from one of a load balancer's interfaces to one target. */
export interface Leg {
  readonly model: Model
  readonly balancer: LoadBalancer
  readonly from: Node
  readonly to: Target
  readonly flow: AskedFlow
}

/** A thing that forwards, as the start of a path of its own. */
export function standpointAt(name: string, node: Node): Standpoint {
  return {
    name,
    subnetId: node.subnetId,
    zone: node.subnet?.zone ?? null,
    vpcId: node.vpcId,
    v4: node,
    v6: null,
    lambda: null,
    foreignAddress: null,
    missing: null,
    dead: null,
  }
}

/**
 * A packet that a Network Load Balancer forwards under its client's address. The target's group admits it by that address or by
 * a reference to the load balancer's group; a reference to the client's group doesn't count. The reply goes back to the load
 * balancer, whatever the target's route table says of the client's address; the network ACLs on the way see that address.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/network/load-balancer-security-groups.html
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/network/target-group-register-targets.html#target-security-groups
 */
export function preservedLeg({ model, balancer, from, to, flow }: Leg, client: Prefix): Journey {
  const out = startWalk(model, 'forward', to.node, null, [])
  const back = startWalk(model, 'return', null, null, [])
  const packet = firstPacket(flow, client, to.address, null, null)
  const peer = (address: Prefix, groupIds: readonly string[] | null, egress: boolean) => ({
    address,
    groupIds,
    referable: referable(model, out.via, egress),
    listId: null,
  })
  pass(out, 'load-balancer', balancer.name, packet, null, say.sends(balancer.name))
  throughGroups(out, from, true, packet, peer(to.address, to.node?.groupIds ?? [], true))
  const { subnet } = from
  if (subnet === null) {
    const call = 'describe-subnets'
    const missing = { call, component: from.subnetId, text: say.notInSnapshot(from.subnetId, call) }
    unsure(out, 'subnet', from.subnetId, packet, 'UNKNOWN_RESOURCE', missing)
  } else {
    const origin = { kind: 'interface', component: balancer.name, publicIp: null, lambda: false } as const
    const end = run(out, { at: 'subnet', subnet, packet, origin })
    const node = end.at === 'delivered' ? end.node : to.node
    if (node !== null) {
      throughGroups(out, node, false, packet, peer(client, from.groupIds, false))
      if (node.subnetId !== from.subnetId) {
        if (node.subnet === null || !onLink(node.subnet, client))
          crossEdge(back, node.subnetId, true, reply(packet))
        crossEdge(back, from.subnetId, false, reply(packet))
      }
      pass(back, 'load-balancer', balancer.name, reply(packet), null, say.delivered(balancer.name))
    }
  }
  return journeyOf([out], back, null)
}
