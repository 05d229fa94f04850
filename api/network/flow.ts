import type { Prefix } from './address.js'
import { protocolNumber } from './read/source.js'
import { ALL, hasPorts, ICMP, ICMPV6, type Packet } from './rules/packet.js'
import { ALL_PORTS, EPHEMERAL, type Ranges } from './rules/ports.js'

/** What is sent: `protocol` is tcp, udp, icmp (echo request), all, or a protocol number as text. */
export interface Flow {
  readonly protocol: string
  /** Destination port; null where the protocol has none, or for every port. */
  readonly port: number | null
  /** The sender's own port. Without one, replies to the whole ephemeral range 1024-65535 must come back. */
  readonly sourcePort?: number | null
}

/** A source, destination or flow that the model can't answer for: an id that isn't in the snapshot, a port out of range. */
export class TraceInputError extends Error {
  override readonly name = 'TraceInputError'
}

/** A flow that was checked. */
export interface AskedFlow {
  readonly protocol: number
  readonly port: number | null
  readonly destinationPorts: Ranges
  readonly sourcePorts: Ranges
  readonly name: string
}

function checkPort(value: number | null | undefined, what: string): void {
  if (value === null || value === undefined) return
  if (!Number.isInteger(value) || value < 0 || value > 65535) {
    throw new TraceInputError(`${what} ${value} is not a port (0-65535)`)
  }
}

/** @throws TraceInputError on an unknown protocol or a port out of range */
export function askedFlow(flow: Flow): AskedFlow {
  const protocol = protocolNumber(flow.protocol.trim())
  if (protocol === null) {
    throw new TraceInputError(
      `'${flow.protocol}' is not a protocol: expected tcp, udp, icmp, all or a number 0-255`,
    )
  }
  checkPort(flow.port, 'port')
  checkPort(flow.sourcePort, 'source port')
  const source = flow.sourcePort ?? null
  return {
    protocol,
    port: flow.port,
    destinationPorts: flow.port === null ? ALL_PORTS : [[flow.port, flow.port]],
    sourcePorts: source === null ? EPHEMERAL : [[source, source]],
    name: flow.protocol.trim().toLowerCase(),
  }
}

const NO_PORTS: Ranges = []

/** The first packet of a flow between two addresses of one family. `icmp` over IPv6 is ICMPv6; a ping is meant. */
export function firstPacket(
  flow: AskedFlow,
  source: Prefix,
  destination: Prefix,
  label: string | null,
  listId: string | null,
): Packet {
  const protocol = flow.protocol === ICMP && destination.family === 6 ? ICMPV6 : flow.protocol
  // 'All' holds TCP and UDP: what a rule says of ports that no reply uses must not count against it.
  const ports = hasPorts(protocol) || protocol === ALL
  return {
    source,
    destination,
    protocol,
    sourcePorts: ports ? flow.sourcePorts : NO_PORTS,
    destinationPorts: ports ? flow.destinationPorts : NO_PORTS,
    icmp: protocol === ICMP ? { type: 8, code: 0 } : protocol === ICMPV6 ? { type: 128, code: 0 } : null,
    sourceLabel: null,
    destinationLabel: label,
    sourceList: null,
    destinationList: listId,
  }
}
