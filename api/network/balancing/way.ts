import type { Prefix } from '../address.js'
import { setting } from '../deciding-rule.js'
import { type AskedFlow, askedFlow, firstPacket } from '../flow.js'
import { type Journey, travel } from '../journey.js'
import type { Model } from '../model.js'
import { UDP } from '../rules/packet.js'
import { type BalancerEnd, target as targetAt } from '../targets.js'
import * as say from '../text/balancers.js'
import { block, type Node, startWalk } from '../walk/walk.js'
import type { TargetGroup } from './entities.js'
import { ended } from './journeys.js'
import { preservesClient } from './known.js'
import { type Leg, preservedLeg, standpointAt } from './leg.js'

/** Who sent what a load balancer takes in. */
export interface Client {
  readonly address: Prefix
  readonly eniId: string | null
}

/** A packet that a load balancer sends on. */
export interface Forwarded {
  readonly model: Model
  readonly end: BalancerEnd
  /** Null where nothing is known of the client: a function outside of any VPC. */
  readonly client: Client | null
  readonly flow: AskedFlow
}

/**
 * A packet under the client's address or the load balancer's own; where no answer tells which, it must make no difference.
 */
export function wayTo(
  { model, end, client, flow }: Forwarded,
  group: TargetGroup,
  address: Prefix,
  node: Node | null,
  from: Node,
  port: number | null,
): Journey {
  const asked = askedFlow({ protocol: flow.protocol === UDP ? 'udp' : 'tcp', port })
  const sender = ofFamily(from, address.family)
  const leg: Leg = { model, balancer: end.balancer, from: sender, to: targetAt(address, node), flow: asked }
  const own = () => ownLeg(leg)
  if (client === null || client.address.family !== address.family || end.privateLink) return own()
  const preserved = preservesClient(model, end.balancer, group)
  if (preserved === false) return own()
  if (node?.eni != null && node.eni.id === client.eniId) return toItself(leg, node)
  const kept = preservedLeg(leg, client.address)
  if (preserved === true) return kept
  const other = own()
  if (kept.verdict === other.verdict) return kept
  const text = say.preservationMissing(group.name)
  const call = 'describe-target-group-attributes'
  return { ...kept, verdict: 'unknown', blockers: [], missing: [{ call, component: group.arn, text }] }
}

/** Many paths lead through one load balancer, and from there the way is the same for all of them. */
function ownLeg({ model, balancer, from, to, flow }: Leg): Journey {
  const key = `${balancer.arn} ${from.subnetId} ${from.address.text} ${to.address.text} ${flow.protocol} ${flow.port}`
  const there = model.memo.legs.get(key)
  if (there !== undefined) return there
  const made = travel(model, standpointAt(balancer.name, from), from, to, flow)
  model.memo.legs.set(key, made)
  return made
}

/**
 * A client that is one of the targets, met under its own address.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/network/load-balancer-troubleshooting.html#loopback-timeout
 */
function toItself({ model, flow, to }: Leg, node: Node): Journey {
  const w = startWalk(model, 'forward', node, null, [])
  const packet = firstPacket(flow, to.address, to.address, null, null)
  const rule = setting(node.component, 'preserve_client_ip.enabled true')
  block(w, node.kind, node.component, packet, 'TARGET_IS_CLIENT', rule, say.hairpin(node.component))
  return ended(w, [])
}

/** The interface under its address of the other family, where it has one. */
export function ofFamily(node: Node, family: 4 | 6): Node {
  if (node.address.family === family) return node
  const address =
    node.eni?.addresses.find((one) => one.address.family === family)?.address ??
    node.subnet?.cidrs.find((cidr) => cidr.family === family)
  return address === undefined ? node : { ...node, address }
}
