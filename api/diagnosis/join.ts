import type { Blocker, SubnetTrace, Text, Trace } from '../network/path.js'
import { candidatesFor, type Evidence } from './candidates.js'
import type { Candidate, Diagnosis, DiagnosisKind, Fix } from './diagnosis.js'
import {
  cameBack,
  type Facts,
  failsLate,
  type History,
  NO_FACTS,
  type Observed,
  sporadicRate,
  succeeded,
} from './observed.js'
import * as say from './sentences.js'

/** The two eyes' findings on one check, and what helps to judge them. */
export interface Findings {
  /** What the packet saw; null where no probe has run yet. */
  readonly result: Observed | null
  /** What the configuration says; null where there is no snapshot to ask. */
  readonly trace: Trace | null
  readonly facts?: Facts
  readonly history?: History
  /** Seconds between the snapshot and the run. */
  readonly snapshotAge?: number | null
  /** Fixes found for the trace's blockers, best first. */
  readonly fixes?: readonly Fix[]
  readonly advice?: Diagnosis['advice']
  /** A function outside any VPC and the like: what the check expects where no result says it. */
  readonly expect?: 'reachable' | 'unreachable'
}

/** What a table's row concludes; the rest of the diagnosis is the same for all. */
interface Conclusion {
  readonly kind: DiagnosisKind
  readonly summary: Text
  readonly cause?: Diagnosis['cause']
  readonly candidates?: readonly Candidate[]
}

/** A rate of failure below which a single failure says nothing about the path. */
const SPORADIC = 0.5

/** Causes that keep a name from being resolved, or the function from running at all: they explain a DNS failure. */
const EXPLAINS_DNS = /DNS|PRIVATE_ZONE|^FUNCTION_|^ROLE_|^ENI_LIMIT|^SUBNET_OUT/

/** What a load balancer answers by itself where it can't get an answer from a target. */
const GATEWAY_STATUSES: ReadonlySet<number> = new Set([502, 503, 504])

/** Checks that end once a connection stands: they say nothing of what lies behind the one that took it. */
const CONNECTS_ONLY: ReadonlySet<string> = new Set(['tcp', 'tls'])

/** The table of the design: how the packet's outcome and the path's verdict relate. */
export function diagnose(findings: Findings): Diagnosis {
  const { trace, result } = findings
  const expect = result?.expect ?? findings.expect ?? 'reachable'
  const conclusion = expect === 'unreachable' ? closedExpected(findings) : openExpected(findings)
  return {
    kind: conclusion.kind,
    summary: conclusion.summary,
    cause: conclusion.cause ?? null,
    blockers: nameOnly(result) ? blockersOfNames(trace) : (trace?.blockers ?? []),
    missing: trace?.missing ?? [],
    candidates: conclusion.candidates ?? [],
    fixes: showsFixes(conclusion.kind, result, trace) ? (findings.fixes ?? []) : [],
    advice: findings.advice ?? [],
    path: trace,
  }
}

/** In a contradiction the snapshot is in doubt, and with it every fix; a name is not mended by opening the way to it. */
function showsFixes(kind: DiagnosisKind, result: Observed | null, trace: Trace | null): boolean {
  return kind !== 'contradicted' && !(nameOnly(result) && blockersOfNames(trace).length === 0)
}

/** A check of names sends nothing to the target: what blocks the way there is none of its matter. */
function nameOnly(result: Observed | null): boolean {
  return result?.kind === 'dns'
}

function blockersOfNames(trace: Trace | null): readonly Blocker[] {
  return (trace?.blockers ?? []).filter((blocker) => EXPLAINS_DNS.test(blocker.code))
}

function openExpected(findings: Findings): Conclusion {
  const { result, trace } = findings
  if (result === null) return unseen(trace)
  if (succeeded(result)) {
    if (trace?.verdict === 'unreachable') {
      if (isClosedInPart(trace, result))
        return { kind: 'proven', summary: say.blockedInPart(trace, result), cause: causeOf(trace.blockers) }
      return leavesWay(trace, result)
        ? { kind: 'predicted', summary: say.blocked(trace), cause: causeOf(trace.blockers) }
        : contradicted(trace, result)
    }
    return { kind: 'healthy', summary: say.healthy(result, trace) }
  }
  const back = cameBack(result)
  if (back === 'unknown') return noAnswer(result, trace)
  if (result.outcome === 'wrong_path') return wrongPath(findings, result)
  if (trace?.verdict === 'unreachable') return blocked(findings, result, trace, back === 'true')
  if (result.outcome === 'connect_timeout') return timedOut(findings, result)
  return outside(findings, result)
}

function unseen(trace: Trace | null): Conclusion {
  if (trace === null) return { kind: 'inconclusive', summary: say.nothingKnown() }
  if (trace.verdict === 'unreachable') {
    return { kind: 'predicted', summary: say.blocked(trace), cause: causeOf(trace.blockers) }
  }
  if (trace.verdict === 'unknown') return { kind: 'inconclusive', summary: say.dataMissing(trace) }
  return { kind: 'healthy', summary: say.openNotTried(trace) }
}

/** The probe itself could not say: what the configuration shows is then no more than a prediction. */
function noAnswer(result: Observed, trace: Trace | null): Conclusion {
  if (trace?.verdict === 'unreachable') {
    return { kind: 'predicted', summary: say.blocked(trace), cause: causeOf(trace.blockers) }
  }
  return { kind: 'inconclusive', summary: say.probeCouldNotTell(result) }
}

function blocked(findings: Findings, result: Observed, trace: Trace, back: boolean): Conclusion {
  const cause = causeOf(trace.blockers)
  if (back) {
    const policy = trace.blockers.find((blocker) => blocker.code === 'ENDPOINT_POLICY_DENIES')
    if (policy !== undefined && result.outcome === 'aws_endpoint_policy_denied') {
      return { kind: 'proven', summary: say.blocked(trace), cause: causeOf([policy]) }
    }
    // Of a name's addresses the one that answers speaks for all: the closed one may be another, which stayed silent.
    const silent = outcomesWhereClosed(trace, result).some((outcome) => cameBack({ outcome }) === 'false')
    return silent || explainsAnswer(trace, result)
      ? { kind: 'proven', summary: say.blocked(trace), cause }
      : contradicted(trace, result)
  }
  const nameFailed = result.outcome.startsWith('dns_')
  if (nameFailed && !trace.blockers.some((blocker) => EXPLAINS_DNS.test(blocker.code)))
    return outside(findings, result)
  return { kind: 'proven', summary: say.blocked(trace), cause }
}

/** Whether an answer fits a closed path: something stands in for the target, or nothing listens at its door. */
function explainsAnswer(trace: Trace, result: Observed): boolean {
  if (result.endedIn === 'connect')
    return trace.blockers.every((blocker) => blocker.code === 'ELBV2_LISTENERS_MISMATCH')
  if (isBehindBalancer(trace)) {
    const status = result.detail?.httpStatus
    return result.outcome !== 'http_status' || status === undefined || GATEWAY_STATUSES.has(status)
  }
  const traces: readonly SubnetTrace[] = trace.perSubnet.length > 0 ? trace.perSubnet : [trace]
  return traces.some((one) => one.hops.some((hop) => hop.kind === 'db-proxy' && hop.verdict === 'pass'))
}

/** All that is closed lies behind a load balancer that takes connections itself. */
function isBehindBalancer(trace: Trace): boolean {
  return trace.blockers.every((blocker) => blocker.behind !== undefined)
}

/** Whether a check may pass although the path is closed: it doesn't get so far, or only some calls meet what is closed. */
function leavesWay(trace: Trace, result: Observed): boolean {
  return (CONNECTS_ONLY.has(result.kind ?? '') && isBehindBalancer(trace)) || say.shareOf(trace) !== null
}

/** Whether a check that passes puts the snapshot in doubt: no way is left by which it may have passed. */
export function putsInDoubt(trace: Trace, result: Observed): boolean {
  return trace.verdict === 'unreachable' && !isClosedInPart(trace, result) && !leavesWay(trace, result)
}

/** Whether the closed path is the one to an address that did fail, though others of the same name answered. */
function isClosedInPart(trace: Trace, result: Observed): boolean {
  return outcomesWhereClosed(trace, result).some((outcome) => !succeeded({ outcome }))
}

/** What the packets met at those addresses of a name to which the path is closed. */
function outcomesWhereClosed(trace: Trace, { addresses = [] }: Observed): readonly string[] {
  const traces: readonly SubnetTrace[] = trace.perSubnet.length > 0 ? trace.perSubnet : [trace]
  const closed = traces
    .filter(({ verdict }) => verdict === 'unreachable')
    .map(({ hops }) => hops[0]?.packet.destination)
  return addresses.filter(({ address }) => closed.includes(address)).map(({ outcome }) => outcome)
}

function contradicted(trace: Trace, result: Observed): Conclusion {
  return { kind: 'contradicted', summary: say.contradicted(trace, result), cause: causeOf(trace.blockers) }
}

/** Open, and yet nothing came back: always, or only at times? */
function timedOut(findings: Findings, result: Observed): Conclusion {
  const rate = sporadicRate(result, findings.history)
  const ports = (findings.facts?.nat ?? null) !== null && failsLate(result)
  if (rate !== null && rate < SPORADIC && !ports && findings.trace?.verdict === 'reachable') {
    return { kind: 'inconclusive', summary: say.sporadic(result, rate, findings.history) }
  }
  return outside(findings, result)
}

function outside(findings: Findings, result: Observed): Conclusion {
  const candidates = candidatesFor(evidenceOf(findings, result))
  const [first] = candidates
  if (first === undefined) {
    return { kind: 'inconclusive', summary: say.unexplained(result, findings.trace) }
  }
  return {
    kind: 'outside-configuration',
    summary: say.outside(first, findings.trace),
    candidates,
    cause: { code: first.code, component: result.target ?? findings.trace?.destination ?? '' },
  }
}

/** The service answered at a public address where the endpoint was asked for: the configuration says why. */
function wrongPath(findings: Findings, result: Observed): Conclusion {
  const facts = findings.facts ?? NO_FACTS
  const { endpoint, endpointWithoutDns } = facts
  if (endpointWithoutDns !== null) {
    return {
      kind: 'proven',
      summary: say.privateDnsOff(endpointWithoutDns, facts.nat),
      cause: { code: 'ENDPOINT_PRIVATE_DNS_OFF', component: endpointWithoutDns },
    }
  }
  const component = result.target ?? findings.trace?.destination ?? ''
  return endpoint === null
    ? {
        kind: 'proven',
        summary: say.noEndpoint(component, facts.nat),
        cause: { code: 'ENDPOINT_MISSING', component },
      }
    : {
        kind: 'outside-configuration',
        summary: say.endpointNotUsed(endpoint),
        cause: { code: 'ENDPOINT_NOT_USED', component: endpoint },
      }
}

function closedExpected(findings: Findings): Conclusion {
  const { result, trace } = findings
  const back = result === null ? null : cameBack(result)
  if (trace === null) {
    if (back === 'true') return { kind: 'inconclusive', summary: say.openButNoSnapshot() }
    return back === null || back === 'unknown'
      ? { kind: 'inconclusive', summary: say.nothingKnown() }
      : { kind: 'healthy', summary: say.closedAsWanted(null) }
  }
  if (back === 'true' && result !== null) {
    if (trace.verdict === 'unreachable') return contradicted(trace, result)
    const cause = openingOf(trace, findings.fixes)
    return {
      kind: trace.verdict === 'reachable' ? 'proven' : 'inconclusive',
      summary: say.openUnwanted(trace, cause.rule),
      cause,
    }
  }
  if (trace.verdict === 'reachable' && (back === null || back === 'unknown')) {
    const cause = openingOf(trace, findings.fixes)
    return { kind: 'predicted', summary: say.openUnwanted(trace, cause.rule), cause }
  }
  if (trace.verdict === 'unknown' && back !== 'false')
    return { kind: 'inconclusive', summary: say.dataMissing(trace) }
  return { kind: 'healthy', summary: say.closedAsWanted(trace) }
}

/** The rule that opens a path which should be closed: what the narrowing takes away, else the last group on the way in. */
function openingOf(
  trace: Trace,
  fixes: readonly Fix[] = [],
): { code: string; component: string; rule: Text | null } {
  const [change] = fixes[0]?.changes ?? []
  const code = 'PATH_OPEN'
  if (change?.kind === 'revoke-security-group') {
    return { code, component: change.groupId, rule: fixes[0]?.title ?? null }
  }
  const groups = trace.hops.filter((hop) => hop.kind === 'security-group')
  const last = groups.at(-1)
  return { code, component: last?.component ?? trace.destination, rule: last?.text ?? null }
}

function causeOf(blockers: readonly Blocker[]): Diagnosis['cause'] {
  const [first] = blockers
  return first === undefined ? null : { code: first.code, component: first.component }
}

function evidenceOf(findings: Findings, observed: Observed): Evidence {
  return {
    observed,
    trace: findings.trace,
    facts: findings.facts ?? NO_FACTS,
    history: findings.history,
    snapshotAge: findings.snapshotAge ?? null,
  }
}
