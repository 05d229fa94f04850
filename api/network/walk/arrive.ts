import { contains, isSingle } from '../address.js'
import { absence, setting, state } from '../deciding-rule.js'
import type { Eni, Subnet } from '../entities.js'
import { addressKey, subnetHolding } from '../read/finish.js'
import type { Packet } from '../rules/packet.js'
import * as sayGateway from '../text/gateways.js'
import * as say from '../text/routes.js'
import { liesIn, noConnection, nothingAt } from '../text/rules.js'
import { crossEdge } from './filters.js'
import { backThroughNat } from './nat.js'
import { ofEni } from './node.js'
import { block, type Node, pass, type Step, unsure, type Walk } from './walk.js'

/** The packet is inside the VPC that its address belongs to: the subnet's ACL, then the interface that holds the address. */
export function arrive(w: Walk, vpcId: string, packet: Packet, from: Subnet | null): Step {
  // A regional NAT gateway stands in no subnet: its replies are turned back at the VPC's edge.
  const regional = backThroughNat(w, null, packet)
  if (regional !== null) return regional
  const { target } = w
  if (target !== null && target.vpcId !== vpcId && contains(target.address, packet.destination)) {
    const rule = setting(vpcId, liesIn(packet.destination.text, vpcId))
    const text = say.overlap(packet.destination.text, vpcId, target.component)
    block(w, 'vpc-router', vpcId, packet, 'ADDRESS_IN_OTHER_VPC', rule, text)
    return { at: 'stopped', packet }
  }
  const preset =
    target !== null &&
    target.vpcId === vpcId &&
    contains(target.address, packet.destination) &&
    !isSingle(target.address)
  const eni = preset
    ? target.eni
    : (w.model.eniByAddress.get(addressKey(vpcId, packet.destination)) ?? delegated(w, vpcId, packet))
  const intended = target !== null && target.vpcId === vpcId && contains(target.address, packet.destination)
  const subnetId =
    (intended ? target.subnetId : eni?.subnetId) ?? subnetHolding(w.model, vpcId, packet.destination)?.id
  if (subnetId === undefined) return nobody(w, vpcId, null, packet)
  if (from === null || from.id !== subnetId) {
    crossEdge(w, subnetId, false, packet)
  } else {
    pass(w, 'subnet', subnetId, packet, null, say.sameSubnet(subnetId))
  }
  const back = backThroughNat(w, subnetId, packet)
  if (back !== null) return back
  if (intended) return reach(w, target, packet)
  if (eni == null) return nobody(w, vpcId, subnetId, packet)
  return reach(w, ofEni(w.model, eni, packet.destination), packet)
}

function delegated(w: Walk, vpcId: string, packet: Packet): Eni | null {
  const subnet = subnetHolding(w.model, vpcId, packet.destination)
  for (const eni of subnet === undefined ? [] : (w.model.enisOfSubnet.get(subnet.id) ?? [])) {
    if (eni.delegated.some((p) => contains(p, packet.destination))) return eni
  }
  return null
}

/**
 * No interface holds the address. What isn't listed doesn't exist where the answers are complete: every address of a
 * subnet that sends or takes packets belongs to an interface, those that AWS makes included.
 * https://docs.aws.amazon.com/vpc/latest/userguide/subnet-sizing.html
 */
function nobody(w: Walk, vpcId: string, subnetId: string | null, packet: Packet): Step {
  const address = packet.destinationLabel ?? packet.destination.text
  const call = subnetId === null ? 'describe-subnets' : 'describe-network-interfaces'
  if (isSingle(packet.destination) && toldInFull(w, vpcId, subnetId)) {
    const component = subnetId ?? vpcId
    const [code, text] =
      subnetId === null
        ? ['NO_SUBNET_AT_ADDRESS', say.noSubnetThere(vpcId, address)]
        : ['NO_INTERFACE_AT_ADDRESS', say.nobodyThere(subnetId, address)]
    const kind = subnetId === null ? 'vpc-router' : 'subnet'
    const rule = absence(component, nothingAt(address))
    block(w, kind, component, packet, code, rule, text)
    return { at: 'stopped', packet }
  }
  unsure(w, 'target', address, packet, 'NO_POSSIBLE_DESTINATION', {
    call,
    component: address,
    text: say.interfacesMissing(address, call),
  })
  return { at: 'unknown', packet }
}

/**
 * Whether the snapshot lists all that could hold an address: asked in the account and Region of the VPC, not refused, and
 * not by a participant of a shared VPC, who sees but its own interfaces (the owner sees everybody's).
 * https://docs.aws.amazon.com/vpc/latest/userguide/vpc-sharing-share-subnet-working-with.html
 */
function toldInFull(w: Walk, vpcId: string, subnetId: string | null): boolean {
  const { model } = w
  const scope = model.vpcs.get(vpcId)?.scope ?? model.subnetsOfVpc.get(vpcId)?.[0]?.scope
  if (scope === undefined) return false
  const complete = (call: string) =>
    model.answered.get(call)?.has(scope) === true &&
    !model.refused.some((m) => m.call === call && m.scope === scope)
  if (!complete('describe-subnets')) return false
  if (subnetId === null) return true
  if (!complete('describe-network-interfaces')) return false
  const owner = model.subnets.get(subnetId)?.ownerId ?? null
  if (owner === null) return true
  let foreign = false
  for (const eni of model.enis.values()) {
    if (eni.vpcId !== vpcId || eni.scope !== scope || eni.ownerId === null) continue
    if (eni.ownerId === owner) return true
    foreign = true
  }
  return !foreign
}

/** The interface itself: attached to something that runs. A NAT gateway's takes in nothing that is addressed to it. */
function reach(w: Walk, node: Node, packet: Packet): Step {
  const nat = natOf(w, node)
  if (nat !== null) {
    const rule = state(nat, noConnection)
    block(
      w,
      'nat-gateway',
      nat,
      packet,
      'NAT_GATEWAY_REJECTS_UNSOLICITED',
      rule,
      sayGateway.natUnsolicited(nat),
    )
    return { at: 'stopped', packet }
  }
  const bad = badState(w, node)
  if (bad !== null && w.direction === 'forward') {
    block(
      w,
      node.kind,
      node.component,
      packet,
      'BAD_STATE',
      state(node.component, bad),
      say.badState(node.component, bad),
    )
  } else {
    pass(w, node.kind, node.component, packet, null, say.delivered(node.component))
  }
  return { at: 'delivered', node, packet }
}

/**
 * The NAT gateway that an interface belongs to.
 * https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-troubleshooting.html
 */
function natOf(w: Walk, { eni }: Node): string | null {
  if (eni === null) return null
  const made = eni.type === 'nat_gateway' || eni.type === 'natGateway'
  if (!made && !eni.description.startsWith('Interface for NAT Gateway')) return null
  for (const nat of w.model.natGateways.values()) {
    if (nat.addresses.some((a) => a.eniId === eni.id)) return nat.id
  }
  return /nat-[0-9a-z]+/.exec(eni.description)?.[0] ?? eni.id
}

/** Why an interface neither sends nor answers; null if nothing speaks against it. */
export function badState(w: Walk, node: Node): string | null {
  const { eni } = node
  if (eni === null) return null
  if (eni.instanceId !== null) {
    const instance = w.model.instances.get(eni.instanceId)
    if (instance !== undefined && instance.state !== null && instance.state !== 'running') {
      return `${eni.instanceId} ${instance.state}`
    }
  }
  return eni.status === 'available' || eni.status === 'detaching' ? eni.status : null
}
