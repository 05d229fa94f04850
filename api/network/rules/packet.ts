import type { Prefix } from '../address.js'
import type { Ranges } from './ports.js'

/**
 * The packet as it is at one place of its way. Addresses may be ranges: a Lambda whose interface isn't in the snapshot
 * has some address of its subnet. What rules ask of a range must hold for all of it.
 */
export interface Packet {
  readonly source: Prefix
  readonly destination: Prefix
  /** -1 is every protocol. */
  readonly protocol: number
  readonly sourcePorts: Ranges
  readonly destinationPorts: Ranges
  /** Only for ICMP and ICMPv6. */
  readonly icmp: { readonly type: number; readonly code: number } | null
  /** What is shown instead of the addresses where they stand for something (`internet`, a service). */
  readonly sourceLabel: string | null
  readonly destinationLabel: string | null
  /** The AWS-managed prefix list whose addresses the destination stands for, where its entries aren't known. */
  readonly destinationList: string | null
  readonly sourceList: string | null
}

export const TCP = 6
export const UDP = 17
export const ICMP = 1
export const ICMPV6 = 58
export const ALL = -1

export const hasPorts = (protocol: number): boolean => protocol === TCP || protocol === UDP
export const isIcmp = (protocol: number): boolean => protocol === ICMP || protocol === ICMPV6

/** The answer to a packet: everything turned round. The answer to an ICMP echo request is an echo reply. */
export function reply(p: Packet): Packet {
  return {
    source: p.destination,
    destination: p.source,
    protocol: p.protocol,
    sourcePorts: p.destinationPorts,
    destinationPorts: p.sourcePorts,
    icmp: p.icmp === null ? null : { type: echoReply(p.protocol, p.icmp.type), code: p.icmp.code },
    sourceLabel: p.destinationLabel,
    destinationLabel: p.sourceLabel,
    sourceList: p.destinationList,
    destinationList: p.sourceList,
  }
}

function echoReply(protocol: number, type: number): number {
  if (protocol === ICMP && type === 8) return 0
  if (protocol === ICMPV6 && type === 128) return 129
  return type
}
