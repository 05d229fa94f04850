import { type Prefix, parseAddress } from '../address.js'
import { state } from '../deciding-rule.js'
import { type AskedFlow, askedFlow } from '../flow.js'
import type { Journey } from '../journey.js'
import type { Model } from '../model.js'
import type { Text } from '../path.js'
import { addressKey } from '../read/finish.js'
import type { Packet } from '../rules/packet.js'
import { interfaceOf } from '../standpoint.js'
import type { BalancerEnd } from '../targets.js'
import * as say from '../text/balancers.js'
import * as sayRoute from '../text/routes.js'
import { ofEni } from '../walk/node.js'
import { block, type Node, pass, unsure, type Walk } from '../walk/walk.js'
import type { LoadBalancer, RegisteredTarget, TargetGroup } from './entities.js'
import { joined } from './journeys.js'
import { balancerNodes, balancersNamed, crossesZones, inService, isHealthy, zoneOf } from './known.js'
import { type Forwarded, wayTo } from './way.js'

/** A packet at a target group. */
export interface AtGroup extends Forwarded {
  readonly w: Walk
  readonly packet: Packet
  /** What another load balancer among the targets does with it; null where this one is that other already. */
  readonly inner: ((end: BalancerEnd, flow: AskedFlow) => Journey) | null
}

/** Which targets of a group get the packet, and the ways to them. */
export function toGroup(at: AtGroup, group: TargetGroup): readonly Journey[] {
  const { model, end, w, packet } = at
  const { balancer } = end
  const registered = model.targets.get(group.arn)
  if (registered === undefined) {
    const text = say.healthMissing(group.name)
    const missing = { call: 'describe-target-health', component: group.arn, text }
    unsure(w, 'target-group', group.name, packet, 'UNKNOWN_RESOURCE', missing)
    return []
  }
  const stop = (code: string, rule: Text, text: Text): readonly Journey[] => {
    block(w, 'target-group', group.name, packet, code, state(group.name, rule), text)
    return []
  }
  if (registered.length === 0)
    return stop('ELBV2_LISTENER_HAS_NO_TG', say.noTargetsRule, say.noTargets(group.name))
  const usable = registered.filter(inService)
  if (usable.length === 0) {
    const zones = zonesOf(model, balancer)
    const outside = registered.every(({ reason, ...one }) => {
      const zone = zoneOf(model, group, { reason, ...one })
      return reason === 'Target.NotInUse' && zone !== null && zone !== 'all' && !zones.includes(zone)
    })
    const found = healthOf(registered)
    return outside
      ? stop(
          'ELB_INSTALLED_AZ_RESTRICTION',
          say.zonesRule(zones.join(', ')),
          say.zoneNotEnabled(group.name, balancer.name, zones.join(', ')),
        )
      : stop('TARGETS_NOT_IN_SERVICE', found, say.notInService(group.name, found))
  }
  const nodes = end.node === null ? balancerNodes(model, balancer) : [end.node]
  return nodes.flatMap((node) => fromNode(at, group, usable, node))
}

/**
 * Each node sends to the healthy targets that it may use; where none of a group is healthy, to all of them.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health-checks.html
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/network/load-balancer-troubleshooting.html
 */
function fromNode(
  at: AtGroup,
  group: TargetGroup,
  usable: readonly RegisteredTarget[],
  node: Node,
): readonly Journey[] {
  const { model, end, w, packet } = at
  const { balancer } = end
  const zone = node.subnet?.zone ?? null
  const here = usable.filter((one) => [zone, 'all'].includes(zoneOf(model, group, one)))
  const crosses = here.length === usable.length ? true : crossesZones(model, balancer, group)
  if (typeof crosses === 'string') {
    const text = say.crossZoneMissing(balancer.name, crosses)
    const missing = { call: crosses, component: group.arn, text }
    unsure(w, 'target-group', group.name, packet, 'UNKNOWN_RESOURCE', missing)
  }
  const reachable = crosses === false ? here : usable
  if (reachable.length === 0) {
    const [code, rule] = ['ELBV2_NO_TARGETS_IN_AZ', state(group.name, say.crossZoneOff(zone ?? '?'))]
    const text = say.noTargetsInZone(group.name, balancer.name, zone ?? '?')
    block(w, 'target-group', group.name, packet, code, rule, text)
    return []
  }
  const healthy = reachable.filter(isHealthy)
  if (healthy.length === 0 && usable.some(isHealthy)) {
    const missing = { call: null, component: group.name, text: say.zoneUnhealthy(group.name, zone ?? '?') }
    unsure(w, 'target-group', group.name, packet, 'TARGETS_UNHEALTHY', missing)
    return []
  }
  const found = healthOf(reachable)
  if (healthy.length < reachable.length && !w.notes.some(({ component }) => component === group.name)) {
    const text = say.unhealthy(group.name, found, healthy.length === 0)
    w.notes.push({ code: 'TARGETS_UNHEALTHY', component: group.name, text })
  }
  if (!w.hops.some(({ component, verdict }) => component === group.name && verdict === 'pass')) {
    pass(w, 'target-group', group.name, packet, state(group.name, found), say.groupPass(group.name, found))
  }
  return (healthy.length > 0 ? healthy : reachable).flatMap((one) => toTarget(at, group, one, node))
}

function zonesOf(model: Model, balancer: LoadBalancer): readonly string[] {
  const zones = balancer.subnetIds.map((id) => model.subnets.get(id)?.zone ?? null)
  return [...new Set(zones.filter((zone) => zone !== null))].sort()
}

function healthOf(targets: readonly RegisteredTarget[]): Text {
  const counts = new Map<string, say.StateCount>()
  for (const { state: told, reason } of targets) {
    const key = `${told} ${reason ?? ''}`
    counts.set(key, { state: told, reason, count: (counts.get(key)?.count ?? 0) + 1 })
  }
  const sorted = [...counts].sort(([a], [b]) => (a < b ? -1 : 1))
  return say.health(sorted.map(([, one]) => one))
}

/** The way from one of the load balancer's interfaces to one target. */
function toTarget(at: AtGroup, group: TargetGroup, one: RegisteredTarget, from: Node): readonly Journey[] {
  const { model, w, packet } = at
  if (group.targetType === 'lambda') {
    const name = one.id.split(':function:')[1] ?? one.id
    pass(w, 'target', name, packet, null, say.lambdaTarget(name))
    w.notes.push({ code: 'LAMBDA_TARGET_POLICY', component: name, text: say.lambdaPolicy(name) })
    return []
  }
  if (group.targetType === 'alb') return toInnerBalancer(at, group, one, from)
  const node = nodeOf(model, at.end.balancer, group, one)
  if (node === null) {
    const call = group.targetType === 'instance' ? 'describe-instances' : 'describe-network-interfaces'
    const missing = { call, component: one.id, text: sayRoute.notInSnapshot(one.id, call) }
    unsure(w, 'target', one.id, packet, 'UNKNOWN_RESOURCE', missing)
    return []
  }
  return [wayTo(at, group, node.address, node.eni === null ? null : node, from, one.port ?? group.port)]
}

/** An address without an interface in the snapshot is still sent to: what lies at it isn't known then. */
function nodeOf(
  model: Model,
  balancer: LoadBalancer,
  group: TargetGroup,
  one: RegisteredTarget,
): (Pick<Node, 'address'> & Node) | { readonly address: Prefix; readonly eni: null } | null {
  if (group.targetType === 'instance') {
    const eni = interfaceOf(model, one.id, null)
    return eni === undefined ? null : ofEni(model, eni, null)
  }
  const address = parseAddress(one.id)
  if (address === null) return null
  const eni = model.eniByAddress.get(addressKey(group.vpcId ?? balancer.vpcId ?? '', address))
  return eni === undefined ? { address, eni: null } : ofEni(model, eni, address)
}

/**
 * A Network Load Balancer in front of an Application Load Balancer of the same VPC.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/network/application-load-balancer-target.html
 */
function toInnerBalancer(
  at: AtGroup,
  group: TargetGroup,
  one: RegisteredTarget,
  from: Node,
): readonly Journey[] {
  const { model, w, packet } = at
  const [inner] = balancersNamed(model, one.id)
  if (inner === undefined || at.inner === null) {
    const call = 'describe-load-balancers'
    const missing = { call, component: one.id, text: sayRoute.notInSnapshot(one.id, call) }
    unsure(w, 'load-balancer', one.id, packet, 'UNKNOWN_RESOURCE', missing)
    return []
  }
  const further = at.inner
  const port = one.port ?? group.port
  const flow = askedFlow({ protocol: 'tcp', port })
  return balancerNodes(model, inner).map((node) => {
    const front = wayTo(at, group, node.address, node, from, port)
    const end: BalancerEnd = { balancer: inner, node, privateLink: false }
    return joined(front, further(end, flow))
  })
}
