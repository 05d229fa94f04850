import type { Result } from '../../probe/report.schema.js'
import type { Change } from '../diagnosis/diagnosis.js'
import type { Snapshot } from '../network/snapshot.js'
import type { SampleState } from './engine.js'

/** What the server and the sample's process say to each other over Node's channel between parent and child. */

/** How the sample is to be shown: the lab where this machine can have one, else the recording; or one of them. */
export type SampleMode = 'auto' | 'lab' | 'recording'

export type SampleKind = 'lab' | 'recording'

/** What is asked of the sample; each is answered once. */
export type SampleOrder = { readonly id: number } & SampleDeed

export type SampleDeed =
  | { readonly do: 'break'; readonly fault: string }
  | { readonly do: 'mend'; readonly fault: string }
  | { readonly do: 'fix'; readonly changes: readonly Change[] }
  | { readonly do: 'reset' }
  | { readonly do: 'run'; readonly function: string }

/** One probe's run, as far as it crosses the channel. */
export interface SampleRun {
  readonly probe: string
  readonly subnet: string | null
  readonly run: string | null
  readonly ms: number
  readonly results: readonly Result[]
  readonly error: string | null
}

export type SampleMessage =
  /** The first one: what is shown, and why it is not the lab. */
  | {
      readonly says: 'started'
      readonly kind: SampleKind
      readonly recordedAt: string | null
      readonly whyNoLab: string | null
    }
  /** The sample can't be shown as it was asked for. */
  | { readonly says: 'impossible'; readonly why: string }
  /** The account as it is from now on. */
  | { readonly says: 'account'; readonly snapshot: Snapshot; readonly state: SampleState }
  | { readonly says: 'done'; readonly id: number; readonly runs?: readonly SampleRun[] }
  | { readonly says: 'refused'; readonly id: number; readonly code: RefusalCode; readonly why: string }

/** Why an order was not followed: no such fault, the account is not as it needs, or the sample itself failed. */
export type RefusalCode = 'unknown' | 'unfit' | 'failed'
