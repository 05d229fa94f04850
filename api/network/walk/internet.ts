import { contains, isPublic, isRfc1918, isRfc6598, parseAddress } from '../address.js'
import { absence, setting, state } from '../deciding-rule.js'
import type { Eni, Subnet } from '../entities.js'
import { addressKey } from '../read/finish.js'
import type { Packet } from '../rules/packet.js'
import * as say from '../text/gateways.js'
import * as sayRoute from '../text/routes.js'
import * as sayRule from '../text/rules.js'
import { answered, block, type Origin, pass, refused, type Step, unsure, type Walk } from './walk.js'

/** Nobody asked, and off is what a Region has unless somebody turned it on. */
const ASSUMED_OFF = 'BLOCK_PUBLIC_ACCESS_NOT_ASKED'

type Use = 'nat' | 'egress-only' | 'direct' | 'inbound'

/**
 * VPC Block Public Access: `block-bidirectional` stops every internet gateway and egress-only gateway, `block-ingress`
 * all but NAT gateways and egress-only gateways; an exclusion on the VPC or the subnet lifts it, `allow-egress` only
 * for what goes out, and only from `block-bidirectional`.
 * https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_VpcBlockPublicAccessExclusion.html
 * https://docs.aws.amazon.com/vpc/latest/userguide/security-vpc-bpa-basics.html
 */
export function throughBlockPublicAccess(
  w: Walk,
  vpcId: string,
  subnetId: string | null,
  use: Use,
  packet: Packet,
): boolean {
  // A reply is not judged: what was let through on the way out or in may answer. One that takes another way than that is none.
  if (w.direction === 'return' && w.wentOut) return true
  const scope = w.model.vpcs.get(vpcId)?.scope ?? w.model.subnetsOfVpc.get(vpcId)?.[0]?.scope
  const setup = scope === undefined ? undefined : w.model.blockPublicAccess.get(scope)
  if (setup === undefined) {
    const call = 'describe-vpc-block-public-access-options'
    if (refused(w.model, call)) {
      const text = sayRoute.notInSnapshot(sayRoute.partOf.blockPublicAccess(vpcId), call)
      unsure(w, 'vpc-block-public-access', vpcId, packet, 'UNKNOWN_RESOURCE', {
        call,
        component: vpcId,
        text,
      })
    } else if (!w.notes.some((n) => n.code === ASSUMED_OFF)) {
      w.notes.push({ code: ASSUMED_OFF, component: vpcId, text: say.bpaAssumedOff(vpcId) })
    }
    return true
  }
  if (setup.mode === 'off') return true
  if (setup.mode === 'block-ingress' && (use === 'nat' || use === 'egress-only')) return true
  for (const exclusion of w.model.blockPublicAccessExclusions.values()) {
    if (exclusion.resourceId !== vpcId && exclusion.resourceId !== subnetId) continue
    if (!/^(create|update)-complete$/.test(exclusion.state) && exclusion.state !== '') continue
    if (
      exclusion.mode === 'allow-bidirectional' ||
      (exclusion.mode === 'allow-egress' && setup.mode === 'block-bidirectional' && use !== 'inbound')
    ) {
      const rule = setting(exclusion.id, sayRule.exclusion(setup.mode, exclusion.id, exclusion.mode))
      pass(w, 'vpc-block-public-access', exclusion.id, packet, rule, say.bpaPass(setup.mode))
      return true
    }
  }
  const component = subnetId ?? vpcId
  const rule = setting(vpcId, `InternetGatewayBlockMode ${setup.mode}`)
  const text = say.bpa(setup.mode, component)
  block(w, 'vpc-block-public-access', vpcId, packet, 'VPC_BLOCK_PUBLIC_ACCESS_ENABLED', rule, text)
  return false
}

function attached(w: Walk, id: string, vpcId: string, packet: Packet, egressOnly: boolean): boolean {
  const gateway = w.model.internetGateways.get(id)
  const kind = egressOnly ? 'egress-only-internet-gateway' : 'internet-gateway'
  if (gateway === undefined) {
    const call = egressOnly ? 'describe-egress-only-internet-gateways' : 'describe-internet-gateways'
    if (answered(w.model, call)) {
      block(
        w,
        kind,
        id,
        packet,
        'BAD_STATE_ATTACHMENT',
        state(id, sayRule.doesNotExist),
        say.notAttached(id, vpcId),
      )
      return false
    }
    unsure(w, kind, id, packet, 'UNKNOWN_RESOURCE', {
      call,
      component: id,
      text: sayRoute.notInSnapshot(id, call),
    })
    return true
  }
  const condition = gateway.attachments.get(vpcId)
  // AWS prints `available` for internet gateways and `attached` for egress-only ones.
  if (condition === 'available' || condition === 'attached') return true
  const rule = state(id, sayRule.attachment(vpcId, condition ?? null))
  block(w, kind, id, packet, 'BAD_STATE_ATTACHMENT', rule, say.notAttached(id, vpcId))
  return false
}

/**
 * An internet gateway translates one to one: it passes IPv4 only from an interface that has a public address, and only
 * to public addresses. IPv6 needs no translation. What an interface with a public address sends out by a transit gateway, and gets back
 * into its own VPC to leave by the internet gateway, AWS does not document (the user guide speaks of interfaces whose subnet routes to the
 * gateway, the Reachability Analyzer's codes of none of it): neither passed nor dropped, but unknown.
 * https://docs.aws.amazon.com/vpc/latest/userguide/VPC_Internet_Gateway.html
 * https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc-internet.html
 */
export function throughInternetGateway(
  w: Walk,
  id: string,
  vpcId: string,
  subnet: Subnet | null,
  packet: Packet,
  origin: Origin,
): Step {
  const ok = attached(w, id, vpcId, packet, false)
  const free = throughBlockPublicAccess(
    w,
    vpcId,
    subnet?.id ?? null,
    origin.kind === 'nat' ? 'nat' : 'direct',
    packet,
  )
  if (packet.destination.family === 6) {
    if (!isPublic(packet.destination)) {
      const rule = setting(id, sayRule.destinationIs(packet.destination.text))
      const text = say.igwPrivateDestination(id, packet.destination.text)
      block(w, 'internet-gateway', id, packet, 'IGW_DESTINATION_ADDRESS_NOT_GLOBAL', rule, text)
      return { at: 'stopped', packet }
    }
    if (!ok || !free) return { at: 'stopped', packet }
    pass(w, 'internet-gateway', id, packet, null, say.igwPass(id, null))
    return { at: 'outside', packet }
  }
  const destination = packet.destinationLabel ?? packet.destination.text
  if (!isPublic(packet.destination)) {
    const code = isRfc1918(packet.destination)
      ? 'IGW_DESTINATION_ADDRESS_NOT_IN_RFC1918_EGRESS'
      : isRfc6598(packet.destination)
        ? 'IGW_DESTINATION_ADDRESS_NOT_IN_RFC6598_EGRESS'
        : 'IGW_DESTINATION_ADDRESS_NOT_PUBLIC'
    const rule = setting(id, sayRule.destinationIs(destination))
    block(w, 'internet-gateway', id, packet, code, rule, say.igwPrivateDestination(id, destination))
    return { at: 'stopped', packet }
  }
  if (origin.kind === 'transit' && cameFrom(w, vpcId, packet)) {
    const text = say.igwAfterTransit(id, packet.source.text)
    unsure(w, 'internet-gateway', id, packet, 'UNKNOWN_RESOURCE', { call: null, component: id, text })
    return { at: 'unknown', packet }
  }
  if (origin.publicIp === null) {
    const rule = setting(origin.component, sayRule.noPublicIp)
    const text =
      origin.kind === 'nat'
        ? say.natPrivateToInternet(origin.component, id)
        : say.igwNoPublicIp(id, origin.component, origin.lambda)
    block(w, 'internet-gateway', id, packet, 'IGW_PUBLIC_IP_ASSOCIATION_FOR_EGRESS', rule, text)
    return { at: 'stopped', packet }
  }
  if (!ok || !free) return { at: 'stopped', packet }
  const seen = parseAddress(origin.publicIp)
  const translated = seen === null ? packet : { ...packet, source: seen, sourceLabel: null }
  w.via.public = true
  pass(w, 'internet-gateway', id, translated, null, say.igwPass(id, origin.publicIp))
  return { at: 'outside', packet: translated }
}

/** Whether the sender is an interface of this very VPC that has a public address. */
function cameFrom(w: Walk, vpcId: string, packet: Packet): boolean {
  return [...w.model.publicAddresses.values()].some(
    ({ eni, private: own }) => eni?.vpcId === vpcId && own?.text === packet.source.text,
  )
}

/**
 * https://docs.aws.amazon.com/vpc/latest/userguide/egress-only-internet-gateway.html
 */
export function throughEgressOnlyGateway(
  w: Walk,
  id: string,
  vpcId: string,
  subnet: Subnet | null,
  packet: Packet,
): Step {
  const ok = attached(w, id, vpcId, packet, true)
  const free = throughBlockPublicAccess(w, vpcId, subnet?.id ?? null, 'egress-only', packet)
  if (!ok || !free) return { at: 'stopped', packet }
  if (packet.destination.family === 4) {
    const rule = setting(id, sayRule.ipv6Only)
    const text = say.igwPrivateDestination(id, packet.destination.text)
    block(w, 'egress-only-internet-gateway', id, packet, 'EIGW_IPV6_ONLY', rule, text)
    return { at: 'stopped', packet }
  }
  w.via.public = true
  pass(w, 'egress-only-internet-gateway', id, packet, null, say.eigwPass(id))
  return { at: 'outside', packet }
}

/** The packet is on the internet. If its destination is an address of a VPC here, it comes in again; else it is out. */
export function onInternet(w: Walk, packet: Packet): Step {
  w.via.public = true
  if (w.direction === 'forward') w.seenAs ??= packet.sourceLabel ?? packet.source.text
  return packet.destination.family === 4 ? v4(w, packet) : v6(w, packet)
}

function v4(w: Walk, packet: Packet): Step {
  const owner = w.model.publicAddresses.get(packet.destination.text)
  const pending = w.translations.at(-1)
  if (w.direction === 'return' && pending !== undefined && pending.publicIp === packet.destination.text) {
    const nat = w.model.natGateways.get(pending.natId)
    const inner = { ...packet, destination: pending.outside, destinationLabel: null }
    if (nat?.vpcId != null) {
      const gateway = w.model.internetGatewayOfVpc.get(nat.vpcId)
      if (gateway !== undefined)
        pass(w, 'internet-gateway', gateway.id, inner, null, say.igwPass(gateway.id, null))
      return { at: 'vpc', vpcId: nat.vpcId, packet: inner, from: null, via: 'outside' }
    }
  }
  if (owner === undefined) return out(w, packet)
  if (owner.natGateway !== null) {
    const { id } = owner.natGateway
    const rule = state(id, sayRule.noConnection)
    block(w, 'nat-gateway', id, packet, 'NAT_GATEWAY_REJECTS_UNSOLICITED', rule, say.natUnsolicited(id))
    return { at: 'stopped', packet }
  }
  if (owner.eni === null || owner.private === null) return out(w, packet)
  return comeIn(w, owner.eni, { ...packet, destination: owner.private, destinationLabel: null })
}

function v6(w: Walk, packet: Packet): Step {
  // A VPC that the answers don't list is still seen by its subnets.
  for (const vpcId of new Set([...w.model.vpcs.keys(), ...w.model.subnetsOfVpc.keys()])) {
    const ranges = w.model.vpcs.get(vpcId)?.cidrs ?? w.model.subnetsOfVpc.get(vpcId)?.flatMap((s) => s.cidrs)
    if (!ranges?.some((c) => contains(c, packet.destination))) continue
    const eni = w.model.eniByAddress.get(addressKey(vpcId, packet.destination))
    if (eni !== undefined) return comeIn(w, eni, packet)
    return enter(w, vpcId, packet)
  }
  return out(w, packet)
}

function out(w: Walk, packet: Packet): Step {
  pass(
    w,
    'internet',
    packet.destinationLabel ?? packet.destination.text,
    packet,
    null,
    say.internet(w.seenAs),
  )
  return { at: 'internet', packet }
}

/** From the internet into a VPC whose interface isn't listed (an IPv6 address of a Lambda, say). */
function enter(w: Walk, vpcId: string, packet: Packet): Step {
  return gate(w, vpcId, null, packet)
    ? { at: 'vpc', vpcId, packet, from: null, via: 'outside' }
    : { at: 'stopped', packet }
}

/** From the internet through the VPC's internet gateway to one interface, by the gateway's own route table if it has one. */
function comeIn(w: Walk, eni: Eni, packet: Packet): Step {
  if (!gate(w, eni.vpcId, eni.subnetId, packet)) return { at: 'stopped', packet }
  const gateway = w.model.internetGatewayOfVpc.get(eni.vpcId)
  const table = gateway === undefined ? undefined : w.model.routeTableOfGateway.get(gateway.id)
  if (table !== undefined) {
    const origin = { kind: 'transit', component: gateway?.id ?? '', publicIp: null, lambda: false } as const
    return { at: 'table', tableId: table.id, vpcId: eni.vpcId, packet, origin }
  }
  return { at: 'vpc', vpcId: eni.vpcId, packet, from: null, via: 'outside' }
}

/** Whether the VPC lets it in; a reply to what left by an egress-only gateway comes back the same way. */
function gate(w: Walk, vpcId: string, subnetId: string | null, packet: Packet): boolean {
  const gateway = w.model.internetGatewayOfVpc.get(vpcId)
  if (w.direction === 'return' && packet.destination.family === 6 && w.wentOut) return true
  if (gateway === undefined) {
    const call = 'describe-internet-gateways'
    if (!answered(w.model, call)) {
      unsure(w, 'internet-gateway', vpcId, packet, 'UNKNOWN_RESOURCE', {
        call,
        component: vpcId,
        text: sayRoute.notInSnapshot(sayRoute.partOf.internetGateway(vpcId), call),
      })
      return true
    }
    const rule = absence(vpcId, sayRule.noInternetGateway)
    block(w, 'internet-gateway', vpcId, packet, 'BAD_STATE_ATTACHMENT', rule, say.noInternetGateway(vpcId))
    return false
  }
  const ok = attached(w, gateway.id, vpcId, packet, false)
  const free = throughBlockPublicAccess(w, vpcId, subnetId, 'inbound', packet)
  if (ok && free) pass(w, 'internet-gateway', gateway.id, packet, null, say.igwPass(gateway.id, null))
  return ok && free
}
