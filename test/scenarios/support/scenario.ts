import type { DiagnosisKind } from '../../../api/diagnosis/diagnosis.js'
import type { Verdict } from '../../../api/network/path.js'
import type { Outcome, Phase } from '../../../probe/outcome.js'
import type { World } from './world.js'

export interface ExpectedBlocker {
  readonly code: string
  readonly component: string
  readonly direction: 'forward' | 'return'
}

/** What the probe saw, as far as the diagnosis reads it. */
export interface Seen {
  readonly outcome: Outcome
  readonly endedIn?: Phase
  readonly kind?: string
  /** The result's target, where the probe names it otherwise than the trace does (an AWS endpoint's host name). */
  readonly target?: string
  readonly expect?: 'reachable' | 'unreachable'
  readonly address?: string
  readonly addressKind?: 'private' | 'public'
  readonly attempts?: readonly Outcome[]
  readonly addresses?: readonly { address: string; addressKind: 'private' | 'public'; outcome: Outcome }[]
  readonly detail?: Readonly<Record<string, unknown>>
  /** Of the last runs of this check, how many did not go well. */
  readonly history?: { readonly total: number; readonly failed: number }
}

/** One flow of a scenario: the question, and every answer that Sonde has to give to it. */
export interface Flow {
  readonly from: string
  readonly to: string
  readonly port: number | null
  readonly protocol?: string
  readonly verdict: Verdict
  readonly blockers?: readonly ExpectedBlocker[]
  /** Null: the probe could not run at all. */
  readonly seen: Seen | null
  readonly diagnosis: DiagnosisKind
  /** The first fix's changes: kind and what they touch. Absent where no change of the configuration is the answer. */
  readonly fix?: readonly Readonly<Record<string, unknown>>[]
  /** Codes of the first candidates, in order. */
  readonly candidates?: readonly string[]
  readonly advice?: readonly string[]
  /** What the target sees as the source. */
  readonly seenAs?: string
  /** Words that the summary must contain. */
  readonly says?: readonly string[]
}

export interface Scenario {
  readonly id: string
  readonly name: string
  /** The scenario in the words of the one who has it. */
  readonly about: string
  readonly change: (world: World) => void
  /** The same network after it was corrected, where the scenario needs two snapshots. */
  readonly later?: (world: World) => void
  readonly flows: readonly Flow[]
}
