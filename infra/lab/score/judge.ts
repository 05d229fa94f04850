import { applyChanges } from '../../../api/diagnosis/apply.js'
import type { Diagnosis } from '../../../api/diagnosis/diagnosis.js'
import { questionOfResult } from '../../../api/diagnosis/flow.js'
import { investigate } from '../../../api/diagnosis/investigate.js'
import { failedAddresses } from '../../../api/diagnosis/observed.js'
import type { Snapshot } from '../../../api/network/snapshot.js'
import type { Result } from '../../../probe/report.schema.js'
import type { ExpectedCause, FaultSite } from '../faults/fault.js'
import type { LabFlow } from '../plan.js'
import type { Sighting } from '../run.js'

/**
 * Whether a check saw what it should, at every address of the family that works: a refusal by IAM is an answer of the service.
 */
export function isGreen(result: Result): boolean {
  const isV6 = (address: string | null) => address?.includes(':') === true
  const failed = failedAddresses(result).filter((address) => isV6(address) === isV6(result.address))
  return (result.asExpected || result.outcome === 'aws_access_denied') && failed.length === 0
}

/** The first sighting that isn't green, in the order of the function's subnets. */
export function firstFailure(sightings: readonly Sighting[]): { at: Sighting; result: Result } | null {
  for (const at of sightings) {
    const result = at.results.find((one) => !isGreen(one))
    if (result !== undefined) return { at, result }
  }
  return null
}

/** What a result asks of the configuration, as the API puts it. */
function questionAt(snapshot: Snapshot, flow: LabFlow, at: Sighting, result: Result) {
  const probe = {
    function: `sonde-${at.subnetId ?? flow.from}`,
    version: '$LATEST',
    region: '',
    account: '',
    subnet: at.subnetId,
    securityGroups: [...at.groups],
    coldStart: false,
    memoryMb: null,
    runtime: '',
    workloads: [flow.from],
  }
  return questionOfResult(snapshot, probe, result)
}

/** The diagnosis of a result as the API gives it: asked from where the packet started. */
export function diagnosisAt(
  snapshot: Snapshot,
  flow: LabFlow,
  at: Sighting,
  result: Result,
): Diagnosis | null {
  const asked = questionAt(snapshot, flow, at, result)
  if (asked === null) return null
  return investigate({ snapshot, question: asked.question, asFunction: asked.asFunction, result })
}

/** The diagnosis of the same from the function as a whole: its fix is for all subnets. */
export function diagnosisOfFunction(
  snapshot: Snapshot,
  flow: LabFlow,
  at: Sighting,
  result: Result,
): Diagnosis | null {
  const asked = questionAt(snapshot, flow, at, result)
  if (asked === null) return null
  return investigate({ snapshot, question: asked.asFunction ?? asked.question, result })
}

/** Whether the diagnosis calls exactly this the cause. */
export function isCause(diagnosis: Diagnosis, site: FaultSite, result: Result): boolean {
  const { cause, kind } = diagnosis
  const { code, component } = site.expected
  if (Object.keys(site.hosts).length > 0)
    return kind === 'outside-configuration' && cause?.code === code && cause.component === result.target
  return (
    kind === 'proven' &&
    cause?.code === code &&
    cause.component === component &&
    isAmong(diagnosis.blockers, site.expected)
  )
}

/**
 * Whether a blocker is the one expected: its code, its component, and the rule that decided. A thing that is gone may be named by the
 * routes of another of the function's tables.
 */
export function isAmong(blockers: Diagnosis['blockers'], expected: ExpectedCause): boolean {
  return blockers.some(
    (one) =>
      one.code === expected.code &&
      (expected.rule === undefined
        ? one.component === expected.component
        : one.rule?.summary.includes(expected.rule) === true),
  )
}

/** Whether a diagnosis raises no alarm while packets get through: of a fault that only some calls meet it may speak. */
export function isCalm({ kind, blockers }: Diagnosis): boolean {
  return kind === 'healthy' || (kind === 'predicted' && blockers.every(({ share }) => share !== undefined))
}

/** Whether a diagnosis says what to do about a fault for which there is no fix. */
export function isAdvised({ advice }: Diagnosis, { expected }: FaultSite): boolean {
  return expected.advice === undefined || advice.some(({ code }) => code === expected.advice)
}

/** All that a diagnosis names: what blocks, and what its first fix found behind that. */
export function namedBy({ blockers, fixes }: Diagnosis): Diagnosis['blockers'] {
  return [...blockers, ...(fixes[0]?.behind ?? [])]
}

/** The snapshot with the diagnosis' first fix; null where there is none. */
export function mended(snapshot: Snapshot, diagnosis: Diagnosis | null): Snapshot | null {
  const [fix] = diagnosis?.fixes ?? []
  return fix === undefined ? null : applyChanges(snapshot, fix.changes)
}
