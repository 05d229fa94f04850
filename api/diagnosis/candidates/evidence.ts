import type { Text, Trace } from '../../network/path.js'
import type { Candidate } from '../diagnosis.js'
import type { Facts, History, Observed } from '../observed.js'

/** All that a candidate may rest on. */
export interface Evidence {
  readonly observed: Observed
  readonly trace: Trace | null
  readonly facts: Facts
  readonly history: History | undefined
  /** Seconds between the snapshot and the run; null where not known. */
  readonly snapshotAge: number | null
}

/** What may explain one outcome, best first. */
export type Explain = (evidence: Evidence) => readonly Candidate[]

export function candidate(code: string, text: Text, next: Text): Candidate {
  return { code, text, next }
}

/** The target in words: as the check names it, else as the trace does. */
export function targetOf(evidence: Evidence): string {
  return evidence.observed.target ?? evidence.trace?.destination ?? evidence.observed.address ?? 'the target'
}
