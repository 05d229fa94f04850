import { contains, isPublic } from './address.js'
import { absence, setting, state } from './deciding-rule.js'
import { type AskedFlow, firstPacket } from './flow.js'
import type { Model } from './model.js'
import type { Blocker, Hop, Missing, Note, Verdict } from './path.js'
import { type Packet, reply } from './rules/packet.js'
import type { Peer } from './rules/security-group.js'
import type { Standpoint } from './standpoint.js'
import type { Target } from './targets.js'
import * as say from './text/routes.js'
import { replyEndsAt, replyFrom, sourceIs } from './text/rules.js'
import { answersItself } from './walk/amazon.js'
import { badState } from './walk/arrive.js'
import { judgePolicy } from './walk/endpoint.js'
import { crossEdge, throughGroups } from './walk/filters.js'
import { onLink } from './walk/route.js'
import { run } from './walk/run.js'
import {
  block,
  type End,
  type Node,
  type Origin,
  pass,
  startWalk,
  unsure,
  type Via,
  type Walk,
} from './walk/walk.js'

/** One way there and back. */
export interface Journey {
  readonly verdict: Verdict
  readonly blockers: readonly Blocker[]
  readonly hops: readonly Hop[]
  readonly returnHops: readonly Hop[]
  readonly missing: readonly Missing[]
  readonly notes: readonly Note[]
  readonly seenAs: string | null
}

export function verdictOf(blockers: readonly unknown[], missing: readonly unknown[]): Verdict {
  return blockers.length > 0 ? 'unreachable' : missing.length > 0 ? 'unknown' : 'reachable'
}

/** Follows a flow from one standpoint to one address and its reply back, telling everything that stands in the way. */
export function travel(
  model: Model,
  from: Standpoint,
  source: Node,
  target: Target,
  flow: AskedFlow,
): Journey {
  const packet = firstPacket(flow, source.address, target.address, target.label, target.listId)
  const out = startWalk(model, 'forward', target.node, from.subnetId, [])
  const head = startWalk(model, 'forward', target.node, from.subnetId, [])
  out.zone = from.zone
  sender(head, from, source, packet)
  if (target.node !== null && source.eni !== null && target.node.eni?.id === source.eni.id) {
    pass(head, target.node.kind, target.node.component, packet, null, say.sameInterface(source.component))
    return journeyOf([head, out], startWalk(model, 'return', source, from.subnetId, []), null)
  }
  if (answersItself(head, source, packet))
    return journeyOf([head, out], startWalk(model, 'return', source, from.subnetId, []), null)
  const origin: Origin = {
    kind: 'interface',
    component: source.component,
    publicIp: source.publicIp,
    lambda: source.kind === 'lambda',
  }
  const { subnet } = source
  if (subnet === null) {
    const call = 'describe-subnets'
    unsure(out, 'subnet', source.subnetId, packet, 'UNKNOWN_RESOURCE', {
      call,
      component: source.subnetId,
      text: say.notInSnapshot(source.subnetId, call),
    })
    throughGroups(head, source, true, packet, farEnd(model, out, target.node, packet, true))
    return journeyOf([head, out], startWalk(model, 'return', source, from.subnetId, []), null)
  }
  const end = run(out, { at: 'subnet', subnet, packet, origin })
  const delivered = end.at === 'delivered' ? end.node : target.node
  head.via.transit = out.via.transit
  head.via.peerings = out.via.peerings
  Object.assign(head.via, { nat: out.via.nat, public: out.via.public, middlebox: out.via.middlebox })
  throughGroups(head, source, true, packet, farEnd(model, out, delivered, packet, true))
  enter(out, source, target, end)
  if (target.endpoint !== null) judgePolicy(out, target.endpoint.id, target.endpoint.policy, end.packet)
  const back = comeBack(model, from, source, target, out, end, packet)
  return journeyOf([head, out], back, out.seenAs)
}

/** The source itself: something that runs and sends under an address of its own. */
function sender(w: Walk, from: Standpoint, source: Node, packet: Packet): void {
  const bad = badState(w, source)
  if (bad !== null) {
    block(
      w,
      source.kind,
      source.component,
      packet,
      'BAD_STATE',
      state(source.component, bad),
      say.badState(source.component, bad),
    )
  } else if (from.foreignAddress !== null && source.eni?.sourceDestCheck !== false) {
    const rule = setting(source.eni?.id ?? source.subnetId, sourceIs(from.foreignAddress))
    const code = source.eni === null ? 'ENI_ADDRESS_RESTRICTION' : 'ENI_SOURCE_DEST_CHECK_RESTRICTION'
    block(
      w,
      source.kind,
      source.component,
      packet,
      code,
      rule,
      say.spoofed(source.component, from.foreignAddress),
    )
  } else {
    pass(w, source.kind, source.component, packet, null, say.sends(source.component))
  }
}

/** What one end's groups may know of the other. */
function farEnd(model: Model, w: Walk, far: Node | null, packet: Packet, egress: boolean): Peer {
  const address = egress ? packet.destination : packet.source
  const listId = egress ? packet.destinationList : packet.sourceList
  if (far === null) {
    const unknown = egress && !isPublic(address) && !model.answered.has('describe-network-interfaces')
    return { address, groupIds: unknown ? null : [], referable: 'yes', listId }
  }
  const meant = contains(far.address, address)
  if (!meant) return { address, groupIds: far.groupIds, referable: 'no', listId }
  return { address, groupIds: far.groupIds, referable: referable(model, w.via, egress), listId }
}

/**
 * Whether a reference to the other end's group counts: inside a VPC; over a peering connection within one Region; over
 * one transit gateway for inbound rules, if the gateway and both attachments support it. Never behind NAT, a public
 * address or an appliance.
 * https://docs.aws.amazon.com/vpc/latest/peering/vpc-peering-security-groups.html
 * https://docs.aws.amazon.com/vpc/latest/tgw/tgw-vpc-attachments.html
 */
export function referable(model: Model, via: Via, egress: boolean): Peer['referable'] {
  if (via.nat || via.public || via.middlebox) return 'no'
  for (const p of via.peerings) {
    const { requester, accepter } = p
    if (requester.region !== null && accepter.region !== null && requester.region !== accepter.region)
      return 'no'
  }
  if (via.transit.length > 0) {
    const gateways = new Set(via.transit.map((a) => a.gatewayId))
    if (egress || gateways.size > 1 || via.transit.some((a) => a.groupReferencing === false)) return 'no'
    const [id] = gateways
    const gateway = id === undefined ? undefined : model.transitGateways.get(id)
    if (gateway === undefined) return 'unknown'
    return gateway.groupReferencing ? 'yes' : 'no'
  }
  // Where the way between two VPCs is broken, the reference is given the benefit: once mended, it may count.
  return 'yes'
}

/** The target's own rules: judged where the packet arrived, and also where it didn't but the target is known. */
function enter(w: Walk, source: Node, target: Target, end: End): void {
  if (end.at === 'delivered') {
    throughGroups(w, end.node, false, end.packet, farEnd(w.model, w, source, end.packet, false))
    return
  }
  const { node } = target
  if (
    node === null ||
    w.translations.length > 0 ||
    w.via.public ||
    end.at === 'internet' ||
    end.at === 'service'
  )
    return
  if (
    source.subnetId !== node.subnetId &&
    !w.hops.some(
      (h) =>
        h.kind === 'network-acl' &&
        h.component === w.model.aclOfSubnet.get(node.subnetId)?.id &&
        node.vpcId !== source.vpcId,
    )
  ) {
    crossEdge(w, node.subnetId, false, end.packet)
  }
  throughGroups(w, node, false, end.packet, farEnd(w.model, w, source, end.packet, false))
}

/** The reply: from where the packet got to, or, where it got lost, as far back as is known. */
function comeBack(
  model: Model,
  from: Standpoint,
  source: Node,
  target: Target,
  out: Walk,
  end: End,
  first: Packet,
): Walk {
  const w = startWalk(model, 'return', source, from.subnetId, [...out.translations])
  w.wentOut = out.via.public
  const answer = reply(end.packet)
  if (end.at === 'internet') return expect(w, source, first, run(w, { at: 'outside', packet: answer }))
  if (end.at === 'service') {
    return expect(
      w,
      source,
      first,
      run(w, { at: 'vpc', vpcId: end.vpcId, packet: answer, from: null, via: 'outside' }),
    )
  }
  const node =
    end.at === 'delivered' ? end.node : out.translations.length === 0 && !out.via.public ? target.node : null
  if (node !== null) {
    if (node.subnet === null) {
      const call = 'describe-subnets'
      unsure(w, 'subnet', node.subnetId, answer, 'UNKNOWN_RESOURCE', {
        call,
        component: node.subnetId,
        text: say.notInSnapshot(node.subnetId, call),
      })
      return w
    }
    w.zone = node.subnet.zone
    const origin: Origin = {
      kind: 'interface',
      component: node.component,
      publicIp: node.publicIp,
      lambda: false,
    }
    return expect(w, source, first, run(w, { at: 'subnet', subnet: node.subnet, packet: answer, origin }))
  }
  const nat = out.translations.at(-1)
  if (nat !== undefined) {
    const gateway = model.natGateways.get(nat.natId)
    if (gateway?.vpcId != null && nat.outside.text === answer.destination.text) {
      run(w, { at: 'vpc', vpcId: gateway.vpcId, packet: answer, from: null, via: 'outside' })
    } else run(w, { at: 'outside', packet: answer })
    return w
  }
  if (source.subnet !== null && !onLink(source.subnet, first.destination))
    crossEdge(w, source.subnetId, false, reply(first))
  return w
}

/** A reply must come back to the sender, from the address that it sent to. */
function expect(w: Walk, source: Node, first: Packet, end: End): Walk {
  if (w.blockers.length > 0 || w.missing.length > 0) return w
  if (end.at === 'delivered' && end.node === source) {
    if (contains(first.destination, end.packet.source) || first.destination.text === end.packet.source.text)
      return w
    const text = say.asymmetric(source.component, first.destination.text, end.packet.source.text)
    const rule = setting(source.component, replyFrom(end.packet.source.text))
    block(w, source.kind, source.component, end.packet, 'ASYMMETRIC_RETURN', rule, text)
    return w
  }
  const got = end.at === 'delivered' ? end.node.component : end.packet.destination.text
  const rule = absence(source.component, replyEndsAt(got))
  block(
    w,
    source.kind,
    source.component,
    end.packet,
    'RETURN_PATH_LOST',
    rule,
    say.asymmetric(source.component, first.destination.text, got),
  )
  return w
}

/** What the walks of a way out and of its way back have found, as one. */
export function journeyOf(out: readonly Walk[], back: Walk, seenAs: string | null): Journey {
  const walks = [...out, back]
  const blockers = walks.flatMap((one) => one.blockers)
  const missing = walks.flatMap((one) => one.missing)
  return {
    verdict: verdictOf(blockers, missing),
    blockers,
    hops: out.flatMap(({ hops }) => hops),
    returnHops: back.hops,
    missing,
    notes: walks.flatMap(({ notes }) => notes),
    seenAs,
  }
}
