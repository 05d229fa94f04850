/** The library: build a model from AWS answers, trace flows through it. No side effects, no I/O. */
export type { Model } from './model.js'
export { buildModel } from './model.js'
export type * from './path.js'
export { TRACE_VERSION } from './path.js'
export { type Destination, parseDestination, parseSource, SelectorError, type Source } from './selectors.js'
export type { MissingCall, Snapshot, SnapshotDocument, SnapshotProblem } from './snapshot.js'
export { sourceName } from './standpoint.js'
export { destinationName, type Flow, TraceInputError, trace } from './trace.js'
