import type { Trace } from '../../../api/network/path.js'
import { parseDestination, parseSource } from '../../../api/network/selectors.js'
import { trace } from '../../../api/network/trace.js'
import type { World } from './world.js'

/** Traces by text, as the command line does: `tcp` unless told otherwise. */
export function ask(
  w: World,
  from: string,
  to: string,
  flow: { protocol?: string; port?: number; sourcePort?: number } = {},
): Trace {
  const { destination, port } = parseDestination(to, flow.port ?? null)
  return trace(w.model(), parseSource(from), destination, {
    protocol: flow.protocol ?? 'tcp',
    port,
    ...(flow.sourcePort === undefined ? {} : { sourcePort: flow.sourcePort }),
  })
}

/** `CODE component direction` of every blocker: what most tests are about. */
export const told = (t: Trace): readonly string[] =>
  t.blockers.map((b) => `${b.code} ${b.component} ${b.direction}`)
