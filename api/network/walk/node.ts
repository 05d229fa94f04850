import { contains, type Prefix, parseAddress } from '../address.js'
import type { Eni, Subnet } from '../entities.js'
import type { Model } from '../model.js'
import type { Node } from './walk.js'

/** Interfaces that AWS makes for its own devices, without security groups. */
const UNGROUPED = new Set([
  'nat_gateway',
  'natGateway',
  'network_load_balancer',
  'gateway_load_balancer',
  'gateway_load_balancer_endpoint',
  'transit_gateway',
  'global_accelerator_managed',
])

function isUngrouped(eni: Eni): boolean {
  if (eni.groupIds === null || eni.groupIds.length > 0) return false
  return (
    UNGROUPED.has(eni.type) ||
    eni.description.startsWith('ELB net/') ||
    eni.description.startsWith('Interface for NAT Gateway')
  )
}

/** An interface as an end of a path, by one of its addresses. */
export function ofEni(model: Model, eni: Eni, address: Prefix | null): Node {
  const entry =
    (address === null ? undefined : eni.addresses.find((a) => contains(a.address, address))) ??
    eni.addresses[0]
  const own = address ?? entry?.address ?? null
  const subnet = model.subnets.get(eni.subnetId) ?? null
  return {
    kind: eni.instanceId === null ? 'network-interface' : 'instance',
    component: eni.instanceId ?? eni.id,
    vpcId: eni.vpcId,
    subnet,
    subnetId: eni.subnetId,
    eni,
    address: own ?? subnet?.cidrs[0] ?? NOWHERE,
    publicIp: entry?.publicIp ?? null,
    groupIds: eni.groupIds,
    ungrouped: isUngrouped(eni),
  }
}

const NOWHERE: Prefix = parseAddress('0.0.0.0') ?? { family: 4, lo: 0, hi: 0, length: 32, text: '0.0.0.0' }

/** Interfaces implied by subnets and groups, for things whose interfaces AWS makes: any address of the subnet. */
export function implied(
  model: Model,
  subnets: readonly Subnet[],
  component: string,
  kind: Node['kind'],
  groupIds: readonly string[] | null,
  match: (eni: Eni) => boolean,
): readonly Node[] {
  const nodes: Node[] = []
  for (const subnet of subnets) {
    const range = subnet.cidrs.find((c) => c.family === 4) ?? subnet.cidrs[0]
    if (range === undefined) continue
    const eni = (model.enisOfSubnet.get(subnet.id) ?? []).find(match) ?? null
    const entry = eni?.addresses[0]
    nodes.push({
      kind,
      component,
      vpcId: subnet.vpcId,
      subnet,
      subnetId: subnet.id,
      eni,
      address: entry?.address ?? range,
      publicIp: entry?.publicIp ?? null,
      groupIds: groupIds ?? eni?.groupIds ?? null,
      ungrouped: groupIds !== null && groupIds.length === 0,
    })
  }
  return nodes
}
