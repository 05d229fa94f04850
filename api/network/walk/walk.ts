import type { Prefix } from '../address.js'
import type { Eni, Peering, Subnet, TransitAttachment } from '../entities.js'
import type { Model } from '../model.js'
import type { Blocker, DecidingRule, Direction, Hop, HopKind, Missing, Note, Text } from '../path.js'
import type { Packet } from '../rules/packet.js'

/** An end of a path: a network interface, real or, as for a Lambda or a database whose interface isn't told, implied. */
export interface Node {
  readonly kind: HopKind
  readonly component: string
  readonly vpcId: string
  readonly subnet: Subnet | null
  readonly subnetId: string
  readonly eni: Eni | null
  /** One address, or the range in which it lies. */
  readonly address: Prefix
  readonly publicIp: string | null
  /** Null where they can't be known; empty where the thing has none by its nature (a NAT gateway). */
  readonly groupIds: readonly string[] | null
  /** True for interfaces that AWS makes without security groups. */
  readonly ungrouped: boolean
}

/** How a packet came to where it is, as far as later rules ask for it. */
export interface Via {
  nat: boolean
  public: boolean
  middlebox: boolean
  peerings: Peering[]
  transit: TransitAttachment[]
}

/** A NAT gateway's entry for one connection: what to turn the reply back into. */
export interface Translation {
  readonly natId: string
  readonly outside: Prefix
  readonly publicIp: string | null
  readonly inside: Packet
}

export interface Walk {
  readonly model: Model
  readonly direction: Direction
  readonly target: Node | null
  readonly sourceSubnetId: string | null
  readonly hops: Hop[]
  readonly blockers: Blocker[]
  readonly missing: Missing[]
  readonly notes: Note[]
  /** Filled on the way out, taken on the way back. */
  readonly translations: Translation[]
  readonly via: Via
  /** Availability zone from which a transit gateway was entered; it keeps traffic in its zone. */
  zone: string | null
  steps: number
  seenAs: string | null
  /** On the way back: whether the packet went out by a gateway to the internet, which then lets the answer in. */
  wentOut: boolean
}

/** Where the packet goes next, or how its way ended. */
export type Step =
  | { readonly at: 'subnet'; readonly subnet: Subnet; readonly packet: Packet; readonly origin: Origin }
  | {
      readonly at: 'table'
      readonly tableId: string
      readonly vpcId: string
      readonly packet: Packet
      readonly origin: Origin
    }
  | {
      readonly at: 'vpc'
      readonly vpcId: string
      readonly packet: Packet
      readonly from: Subnet | null
      readonly via: 'local' | 'outside'
    }
  | { readonly at: 'outside'; readonly packet: Packet }
  | {
      readonly at: 'transit'
      readonly gatewayId: string
      readonly attachment: TransitAttachment
      readonly packet: Packet
    }
  | End

export type End =
  | { readonly at: 'delivered'; readonly node: Node; readonly packet: Packet }
  | { readonly at: 'internet'; readonly packet: Packet }
  | { readonly at: 'service'; readonly vpcId: string; readonly packet: Packet }
  | { readonly at: 'stopped'; readonly packet: Packet }
  | { readonly at: 'unknown'; readonly packet: Packet }

/** What leaves a subnet: it decides which public address an internet gateway gives the packet. */
export interface Origin {
  readonly kind: 'interface' | 'nat' | 'transit'
  readonly component: string
  readonly publicIp: string | null
  readonly lambda: boolean
}

export function startWalk(
  model: Model,
  direction: Direction,
  target: Node | null,
  sourceSubnetId: string | null,
  translations: Translation[],
): Walk {
  return {
    model,
    direction,
    target,
    sourceSubnetId,
    hops: [],
    blockers: [],
    missing: [],
    notes: [],
    translations,
    via: { nat: false, public: false, middlebox: false, peerings: [], transit: [] },
    zone: null,
    steps: 0,
    seenAs: null,
    wentOut: false,
  }
}

function shown(p: Packet): Hop['packet'] {
  const [sp] = p.sourcePorts
  const [dp] = p.destinationPorts
  return {
    source: p.sourceLabel ?? p.source.text,
    destination: p.destinationLabel ?? p.destination.text,
    sourcePort: sp !== undefined && p.sourcePorts.length === 1 && sp[0] === sp[1] ? sp[0] : null,
    destinationPort: dp !== undefined && p.destinationPorts.length === 1 && dp[0] === dp[1] ? dp[0] : null,
  }
}

export function pass(
  w: Walk,
  kind: HopKind,
  component: string,
  packet: Packet,
  rule: DecidingRule | null,
  text: Text,
): void {
  w.hops.push({ kind, component, verdict: 'pass', code: null, rule, text, packet: shown(packet) })
}

export function block(
  w: Walk,
  kind: HopKind,
  component: string,
  packet: Packet,
  code: string,
  rule: DecidingRule | null,
  text: Text,
  share: number = 1,
): void {
  w.hops.push({ kind, component, verdict: 'block', code, rule, text, packet: shown(packet) })
  const subnet = w.sourceSubnetId === null ? {} : { subnet: w.sourceSubnetId }
  const part = share < 1 ? { share } : {}
  w.blockers.push({ code, component, direction: w.direction, rule, text, ...subnet, ...part })
}

export function unsure(
  w: Walk,
  kind: HopKind,
  component: string,
  packet: Packet,
  code: string,
  missing: Missing,
  rule: DecidingRule | null = null,
): void {
  w.hops.push({ kind, component, verdict: 'unknown', code, rule, text: missing.text, packet: shown(packet) })
  w.missing.push(missing)
}

/** Whether any scope answered a call. */
export function answered(model: Model, call: string): boolean {
  return model.answered.has(call)
}

/** Whether a call was tried and refused: then its silence says nothing. */
export function refused(model: Model, call: string): boolean {
  return model.refused.some((m) => m.call === call)
}
