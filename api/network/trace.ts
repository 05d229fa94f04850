import type { Model } from './model.js'
import type { Trace } from './path.js'
import type { Destination, Source } from './selectors.js'

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

export declare function trace(model: Model, source: Source, destination: Destination, flow: Flow): Trace
