import { contains, parseAddress } from '../network/address.js'
import { absence } from '../network/deciding-rule.js'
import type { Model } from '../network/model.js'
import type { Blocker, Direction, Hop, SubnetTrace, Trace } from '../network/path.js'
import { detour } from '../network/text/routes.js'
import { noRouteBut } from '../network/text/rules.js'

/** Codes with which an internet gateway drops what is sent to a private address. */
const DROPPED_PRIVATE = new Set([
  'IGW_DESTINATION_ADDRESS_NOT_IN_RFC1918_EGRESS',
  'IGW_DESTINATION_ADDRESS_NOT_IN_RFC6598_EGRESS',
])

interface Told {
  readonly hops: readonly Hop[]
  readonly blockers: readonly Blocker[]
}

/**
 * A packet to another VPC that ended at an internet gateway took a default route for want of its own: where the two VPCs are joined, the
 * table that sent it there lacks the route to the peering or the transit gateway. The trace tells where it was dropped, as AWS's
 * analyser does; for a diagnosis the missing route is the cause, and stands before it.
 * https://docs.aws.amazon.com/vpc/latest/peering/vpc-peering-routing.html
 */
export function explainDetours(model: Model, trace: Trace): Trace {
  if (!trace.blockers.some(({ code }) => DROPPED_PRIVATE.has(code))) return trace
  const perSubnet = trace.perSubnet.map((one) => ofSubnet(model, one))
  const { hops, returnHops } =
    perSubnet.find(({ subnet, verdict }) => subnet === trace.subnet && verdict === trace.verdict) ??
    ofSubnet(model, trace)
  return { ...trace, hops, returnHops, perSubnet, blockers: perSubnet.flatMap(({ blockers }) => blockers) }
}

function ofSubnet(model: Model, trace: SubnetTrace): SubnetTrace {
  const out = inDirection(model, trace.hops, trace.blockers, 'forward')
  const back = inDirection(model, trace.returnHops, out.blockers, 'return')
  return { ...trace, hops: out.hops, returnHops: back.hops, blockers: back.blockers }
}

function inDirection(
  model: Model,
  hops: readonly Hop[],
  blockers: readonly Blocker[],
  direction: Direction,
): Told {
  const dropped = blockers.findIndex((one) => DROPPED_PRIVATE.has(one.code) && one.direction === direction)
  const at = hops.findIndex((hop) => hop.kind === 'route-table' && hop.verdict === 'pass')
  const hop = hops[at]
  const blocker = blockers[dropped]
  if (hop === undefined || blocker === undefined) return { hops, blockers }
  const { destination } = hop.packet
  const from = model.routeTables.get(hop.component)?.vpcId ?? null
  const to = vpcHolding(model, destination)
  if (from === null || to === null || from === to || !joined(model, from, to)) return { hops, blockers }
  const code = 'NO_ROUTE_TO_DESTINATION'
  const route = hop.rule?.summary ?? ''
  const rule = absence(hop.component, noRouteBut(destination, route))
  const text = detour(hop.component, destination, to, route)
  const missing: Blocker = { ...blocker, code, component: hop.component, rule, text }
  return {
    hops: hops.map((one, index) => (index === at ? { ...one, verdict: 'block', code, rule, text } : one)),
    blockers: [...blockers.slice(0, dropped), missing, ...blockers.slice(dropped)],
  }
}

function vpcHolding(model: Model, address: string): string | null {
  const parsed = parseAddress(address)
  if (parsed === null) return null
  for (const vpc of model.vpcs.values()) if (vpc.cidrs.some((cidr) => contains(cidr, parsed))) return vpc.id
  return null
}

/** Whether an active peering or a transit gateway joins two VPCs. */
function joined(model: Model, one: string, other: string): boolean {
  for (const { status, requester, accepter } of model.peerings.values()) {
    const sides = [requester.vpcId, accepter.vpcId]
    if (status === 'active' && sides.includes(one) && sides.includes(other)) return true
  }
  const gatewaysOf = (vpcId: string) =>
    [...model.transitAttachments.values()]
      .filter((attachment) => attachment.kind === 'vpc' && attachment.resourceId === vpcId)
      .map(({ gatewayId }) => gatewayId)
  const mine = gatewaysOf(one)
  return gatewaysOf(other).some((gateway) => mine.includes(gateway))
}
