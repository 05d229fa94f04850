import type { Text, Trace } from '../../network/path.js'
import { placeKo } from '../../network/text/places.js'
import type { Candidate } from '../diagnosis.js'
import { type Facts, type History, hostOf, type Observed } from '../observed.js'

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

/** A name in both languages, or what stands for it where there is none. */
export const namedOr = (name: string | null | undefined, fallback: Text): Text =>
  name === null || name === undefined ? fallback : { en: name, ko: name }

/** The target in words: as the check names it, else as the trace does. */
export function targetOf({ observed, trace }: Evidence): Text {
  const { en, ko } = namedOr(observed.target ?? trace?.destination ?? observed.address, {
    en: 'the target',
    ko: '대상',
  })
  return { en, ko: placeKo(ko) }
}

/** The target's host alone. */
export function hostNamed(evidence: Evidence): Text {
  const { en, ko } = targetOf(evidence)
  return { en: hostOf(en), ko: hostOf(ko) }
}
