import { buildModel, type Model } from '../network/model.js'
import type { Trace } from '../network/path.js'
import type { Snapshot } from '../network/snapshot.js'
import { trace as traceModel } from '../network/trace.js'
import { configurationAdvice, natOf, resultAdvice } from './advice.js'
import { endpointOfService, endpointWithoutDns, nameServersOf } from './derive/endpoints.js'
import { regionOf, situationOf } from './derive/situation.js'
import { explainDetours } from './detour.js'
import type { Diagnosis, Fix } from './diagnosis.js'
import { findFixes, findNarrowing, fixOf, type SearchLimits } from './fixes.js'
import { diagnose } from './join.js'
import type { Facts, History, Observed } from './observed.js'
import { text } from './raw.js'
import { type Question, rehearse } from './rehearse.js'

/** One check to look into: what it asks of the network, what it saw, and the configuration of that time. */
export interface Case {
  readonly snapshot: Snapshot
  readonly question: Question
  /** The same question from the function itself, whose own configuration a fix may change. */
  readonly asFunction?: Question | null
  /** Null where no probe has run yet. */
  readonly result: Observed | null
  readonly history?: History
  /** When the run was, ISO 8601; with the snapshot's own time it tells how old that is. */
  readonly ranAt?: string
  readonly limits?: SearchLimits
  /** A model of the same snapshot, where the caller has one at hand: building it is most of the work. */
  readonly model?: Model
}

/** Amazon's own resolver goes by this name in DHCP options. */
const AMAZON_RESOLVER = 'AmazonProvidedDNS'

/**
 * Looks into one check: traces its path, finds what explains its outcome, and rehearses what would mend it.
 * @throws {TraceInputError} where the question names something that the snapshot lacks.
 */
export function investigate(given: Case): Diagnosis {
  const { snapshot, question, result, history } = given
  const model = given.model ?? buildModel(snapshot).model
  const trace = traced(model, question)
  const facts = factsOf(snapshot, question, trace)
  const expect = result?.expect ?? 'reachable'
  const fixes =
    expect === 'unreachable'
      ? findNarrowing(snapshot, question, trace)
      : [...rightPath(snapshot, question, result, facts), ...openingFixes(given, trace, model)]
  const advice = adviceFor(given, trace)
  return diagnose({
    result,
    trace,
    facts,
    fixes,
    advice,
    snapshotAge: ageOf(snapshot, given.ranAt),
    ...(history === undefined ? {} : { history }),
  })
}

function traced(model: Model, { source, destination, flow }: Question): Trace {
  return explainDetours(model, traceModel(model, source, destination, flow))
}

/** The trace's own findings that don't block, and what else is worth telling; each once. */
function adviceFor({ snapshot, question, result }: Case, trace: Trace): Diagnosis['advice'] {
  const own = [
    ...configurationAdvice(snapshot, question, trace),
    ...(result === null ? [] : resultAdvice(result)),
  ]
  const said = new Set(own.map((one) => one.code))
  return [...own, ...trace.notes.filter((note) => !said.has(note.code))]
}

/**
 * Fixes for the standpoint of the packet. Where none is found there, or the best one leaves the same cause in the way of the function's
 * other subnets, for the function as a whole.
 */
function openingFixes(given: Case, trace: Trace, model: Model): readonly Fix[] {
  const { snapshot, question, limits } = given
  const own = findFixes(snapshot, question, trace, limits)
  const other = given.asFunction ?? null
  if (other === null || trace.verdict !== 'unreachable') return own
  const [best] = own
  if (best !== undefined && !leavesCause(rehearse(snapshot, best.changes, other).trace, trace)) return own
  const whole = findFixes(snapshot, other, traced(model, other), limits)
  return whole.length > 0 ? whole : own
}

/** Whether what blocked first before still blocks. */
function leavesCause(after: Trace, before: Trace): boolean {
  const [cause] = before.blockers
  return after.blockers.some(({ code, component }) => code === cause?.code && component === cause.component)
}

function factsOf(snapshot: Snapshot, question: Question, trace: Trace): Facts {
  const situation = situationOf(snapshot, question, trace)
  const endpoint = endpointOfService(situation)
  const dark = endpointWithoutDns(situation)
  return {
    nat: natOf(trace),
    endpoint: endpoint === undefined ? null : text(endpoint, 'VpcEndpointId'),
    endpointWithoutDns: dark === undefined ? null : text(dark, 'VpcEndpointId'),
    nameServers: nameServersOf(situation).filter((server) => server !== AMAZON_RESOLVER),
    region: regionOf(snapshot),
  }
}

/** The endpoint was asked for and not used: private DNS is the fix where its rehearsal leads through the endpoint. */
function rightPath(
  snapshot: Snapshot,
  question: Question,
  result: Observed | null,
  facts: Facts,
): readonly Fix[] {
  if (result?.outcome !== 'wrong_path' || facts.endpointWithoutDns === null) return []
  const endpointId = facts.endpointWithoutDns
  const changes = [{ kind: 'modify-endpoint' as const, endpointId, privateDns: true }]
  const after = rehearse(snapshot, changes, question).trace
  const used = after.hops.some((hop) => hop.kind === 'vpc-endpoint' && hop.component === endpointId)
  return after.verdict === 'reachable' && (used || natOf(after) === null) ? [fixOf(changes, after)] : []
}

function ageOf(snapshot: Snapshot, ranAt: string | undefined): number | null {
  if (snapshot.takenAt === null || ranAt === undefined) return null
  const age = (Date.parse(ranAt) - Date.parse(snapshot.takenAt)) / 1000
  return Number.isFinite(age) ? age : null
}
