import { buildModel } from '../network/model.js'
import type { Trace } from '../network/path.js'
import { type Destination, parseDestination, parseSource, type Source } from '../network/selectors.js'
import type { Snapshot } from '../network/snapshot.js'
import { type Flow, trace } from '../network/trace.js'
import { applyChanges } from './apply.js'
import { explainDetours } from './detour.js'
import type { Change } from './diagnosis.js'

/** What is asked of a snapshot: can this source send that to this destination? */
export interface Question {
  readonly source: Source
  readonly destination: Destination
  readonly flow: Flow
}

/**
 * Reads a question from its textual parts, as the command line and the API give them.
 * @throws {SelectorError} where a part can't be understood.
 */
export function questionOf(parts: {
  readonly from: string
  readonly to: string
  readonly port?: number | null
  readonly protocol?: string
  readonly sourcePort?: number | null
}): Question {
  const { destination, port } = parseDestination(parts.to, parts.port ?? null)
  const sourcePort = parts.sourcePort ?? null
  const protocol = parts.protocol ?? 'tcp'
  const web = destination.kind === 'internet' || destination.kind === 'service'
  const usual = web && protocol === 'tcp' ? 443 : null
  return {
    source: parseSource(parts.from),
    destination,
    flow: { protocol, port: port ?? usual, ...(sourcePort === null ? {} : { sourcePort }) },
  }
}

/**
 * Traces a question on a snapshot.
 * @throws {TraceInputError} where the question names something that the snapshot lacks.
 */
export function ask(snapshot: Snapshot, question: Question): Trace {
  const { model } = buildModel(snapshot)
  return explainDetours(model, trace(model, question.source, question.destination, question.flow))
}

/** The trace on the snapshot as it would be with the changes applied. */
export interface Rehearsal {
  readonly snapshot: Snapshot
  readonly trace: Trace
}

/**
 * Applies changes to a copy of the snapshot and asks the question again.
 * @throws {ChangeError} where a change can't be applied, {TraceInputError} as `ask`.
 */
export function rehearse(snapshot: Snapshot, changes: readonly Change[], question: Question): Rehearsal {
  const changed = applyChanges(snapshot, changes)
  return { snapshot: changed, trace: ask(changed, question) }
}
