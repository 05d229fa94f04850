import type { Eni } from '../entities.js'
import type { Model } from '../model.js'
import { interfaceDescription } from '../read/balancers.js'
import { TCP, UDP } from '../rules/packet.js'
import { implied } from '../walk/node.js'
import type { Node } from '../walk/walk.js'
import type { Listener, LoadBalancer, RegisteredTarget, TargetGroup } from './entities.js'

/** What is known of load balancers without sending a packet. */

/** Those of a name, or the one with an ARN. */
export function balancersNamed(model: Model, id: string): readonly LoadBalancer[] {
  const exact = model.loadBalancers.get(id)
  if (exact !== undefined) return [exact]
  return [...model.loadBalancers.values()].filter(({ name }) => name === id)
}

/** The port that is meant where none is given: HTTPS, else HTTP, else the lowest that a listener has. */
export function usualListenerPort(model: Model, balancers: readonly LoadBalancer[]): number | null {
  const ports = balancers
    .flatMap(({ arn }) => model.listeners.get(arn) ?? [])
    .map(({ port }) => port)
    .filter((port) => port !== null)
  return ports.includes(443) ? 443 : ports.includes(80) ? 80 : ports.length > 0 ? Math.min(...ports) : null
}

/** A load balancer has one interface in each of its subnets. */
export function balancerNodes(model: Model, balancer: LoadBalancer): readonly Node[] {
  const subnets = balancer.subnetIds.map((id) => model.subnets.get(id)).filter((s) => s !== undefined)
  const description = interfaceDescription(balancer)
  const own = (eni: Eni) => eni.description === description
  return implied(model, subnets, balancer.name, 'load-balancer', balancer.groupIds, own)
}

/** The load balancer that AWS made an interface for, and that interface as its end of a path. */
export function balancerAt(
  model: Model,
  eni: Eni,
): { readonly balancer: LoadBalancer; readonly node: Node } | null {
  const balancer = model.balancerOfInterface.get(eni.description)
  if (balancer === undefined || balancer.vpcId !== eni.vpcId) return null
  const node = balancerNodes(model, balancer).find((one) => one.eni?.id === eni.id)
  return node === undefined ? null : { balancer, node }
}

const TCP_LISTENERS = new Set(['HTTP', 'HTTPS', 'TCP', 'TLS', 'TCP_UDP', 'TCP_QUIC'])
const UDP_LISTENERS = new Set(['UDP', 'TCP_UDP', 'QUIC', 'TCP_QUIC'])

/**
 * Whether a listener takes packets of a protocol.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/network/load-balancer-listeners.html
 */
export function carries(listener: Listener, protocol: number): boolean {
  if (protocol === TCP) return TCP_LISTENERS.has(listener.protocol)
  return protocol === UDP && UDP_LISTENERS.has(listener.protocol)
}

/** Whether the load balancer itself ends the client's connection and opens another one to the target. */
export function terminates(balancer: LoadBalancer, listener: Listener): boolean {
  return balancer.type === 'application' || listener.protocol === 'TLS'
}

/** The target groups that its default action really sends to: a weight of 0 gets nothing. */
export function groupsOf(listener: Listener): readonly string[] {
  const groups = listener.actions.flatMap(({ targetGroups }) => targetGroups)
  return groups.filter(({ weight }) => weight > 0).map(({ arn }) => arn)
}

const CROSS_ZONE = 'load_balancing.cross_zone.enabled'

/**
 * Whether targets of other zones than the node's are used. A target group's own setting comes first; an Application Load
 * Balancer balances across zones by itself, a Network Load Balancer doesn't.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/userguide/how-elastic-load-balancing-works.html#availability-zones
 * @returns the name of the call whose answer would tell, where it isn't told
 */
export function crossesZones(model: Model, balancer: LoadBalancer, group: TargetGroup): boolean | string {
  const attributes = model.balancingAttributes.get(group.arn)
  if (attributes === undefined) return 'describe-target-group-attributes'
  const own = attributes.get(CROSS_ZONE)
  if (own === 'true' || own === 'false') return own === 'true'
  if (balancer.type === 'application') return true
  const whole = model.balancingAttributes.get(balancer.arn)
  return whole === undefined ? 'describe-load-balancer-attributes' : whole.get(CROSS_ZONE) === 'true'
}

const ALWAYS_PRESERVED = new Set(['UDP', 'TCP_UDP', 'QUIC', 'TCP_QUIC'])

/**
 * Whether a target of a Network Load Balancer sees the client's own address; null where no answer tells.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/network/edit-target-group-attributes.html#client-ip-preservation
 */
export function preservesClient(model: Model, balancer: LoadBalancer, group: TargetGroup): boolean | null {
  if (balancer.type !== 'network') return false
  if (group.protocol !== null && ALWAYS_PRESERVED.has(group.protocol)) return true
  const attributes = model.balancingAttributes.get(group.arn)
  if (attributes === undefined) return null
  const told = attributes.get('preserve_client_ip.enabled')
  return told === undefined ? group.targetType !== 'ip' : told === 'true'
}

/** The zone that a target stands in; `all` where it gets packets from every zone; null where that can't be told. */
export function zoneOf(model: Model, group: TargetGroup, target: RegisteredTarget): string | null {
  if (target.zone !== null) return target.zone
  if (group.targetType !== 'instance') return 'all'
  const [eniId = ''] = model.instances.get(target.id)?.eniIds ?? []
  return model.subnets.get(model.enis.get(eniId)?.subnetId ?? '')?.zone ?? null
}

/** Whether a target may get new connections at all, whatever its health. */
export const inService = ({ state }: RegisteredTarget): boolean => state !== 'unused' && state !== 'draining'

/** `unavailable` is what AWS says of targets whose health nobody checks. */
export const isHealthy = ({ state }: RegisteredTarget): boolean =>
  state === 'healthy' || state === 'unavailable'

/**
 * The zones whose addresses a load balancer's name doesn't lead to: where cross-zone balancing is off, those in which one of its
 * target groups has no healthy target, unless that is so in all of them.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/network/target-group-health-checks.html
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health.html
 */
export function zonesLeftOutOfDns(
  model: Model,
  balancer: LoadBalancer,
  nodes: readonly Node[],
): readonly string[] {
  const listeners = model.listeners.get(balancer.arn)
  if (listeners === undefined) return []
  const zones = nodes.map(({ subnet }) => subnet?.zone ?? null).filter((zone) => zone !== null)
  const out = new Set<string>()
  for (const arn of new Set(listeners.flatMap(groupsOf))) {
    const group = model.targetGroups.get(arn)
    const targets = model.targets.get(arn) ?? []
    if (group === undefined || targets.length === 0 || crossesZones(model, balancer, group) !== false)
      continue
    const healthy = targets.filter((one) => inService(one) && isHealthy(one))
    const served = healthy.map((one) => zoneOf(model, group, one))
    if (served.includes('all') || served.includes(null)) continue
    for (const zone of zones) if (!served.includes(zone)) out.add(zone)
  }
  return zones.every((zone) => out.has(zone)) ? [] : [...out].sort()
}
