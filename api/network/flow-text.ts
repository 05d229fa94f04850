import { balancersNamed, usualListenerPort } from './balancing/known.js'
import type { Flow } from './flow.js'
import type { Model } from './model.js'
import { type Destination, parseDestination, parseSource, type Source } from './selectors.js'

/** One flow as it is asked for in words: on the command line, in a line of a batch, in a request. */
export interface FlowText {
  readonly from: string
  readonly to: string
  readonly protocol: string
  readonly port: number | null
  readonly sourcePort: number | null
}

/** A flow that `trace` takes. */
interface ParsedFlow {
  readonly source: Source
  readonly destination: Destination
  readonly flow: Flow
}

/** What an AWS service answers on, and what "the internet" means where nothing else is said. */
const HTTPS = 443

/**
 * Parses a flow. To the trace a flow without a port means every port; a person who leaves it out for
 * TCP means the usual one: HTTPS for the internet and for AWS services and, where the model is given, a
 * database's own or a load balancer's (by `rds:ID`, `lb:NAME` or their names).
 *
 * @throws {SelectorError} for a source or destination that can't be understood
 */
export function parseFlow(text: FlowText, model?: Model): ParsedFlow {
  const source = parseSource(text.from)
  const { destination, port } = parseDestination(text.to, text.port)
  const isTcp = text.protocol === 'tcp' || text.protocol === '6'
  return {
    source,
    destination,
    flow: {
      protocol: text.protocol,
      port: port ?? (isTcp ? usualPort(destination, model) : null),
      sourcePort: text.sourcePort,
    },
  }
}

function usualPort(destination: Destination, model?: Model): number | null {
  if (destination.kind === 'internet' || destination.kind === 'service') return HTTPS
  if (destination.kind === 'host') {
    const named = model?.names.get(destination.host)
    if (named?.kind === 'load-balancer' && model !== undefined)
      return usualListenerPort(model, [named.balancer])
    return named?.kind === 'database' ? named.database.port : null
  }
  if (destination.kind === 'load-balancer')
    return model === undefined ? null : usualListenerPort(model, balancersNamed(model, destination.id))
  if (destination.kind !== 'rds') return null
  const ports = new Set(
    (model?.databasesById.get(destination.id.toLowerCase()) ?? []).map(({ port }) => port),
  )
  const [port = null] = ports
  return ports.size === 1 ? port : null
}
