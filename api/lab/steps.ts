import { inject } from '../../infra/lab/faults/catalogue.js'
import type { FaultSite } from '../../infra/lab/faults/fault.js'
import { applyChanges, ChangeError } from '../diagnosis/apply.js'
import type { Change } from '../diagnosis/diagnosis.js'
import type { LabState } from './live.js'

/** What was done to an account since the lab began: faults put in, fixes applied. */
export type Step =
  | { readonly kind: 'fault'; readonly id: string; readonly site: FaultSite }
  /** `mended`: the faults that it ended. */
  | { readonly kind: 'fix'; readonly changes: readonly Change[]; readonly mended: readonly string[] }

/**
 * A state with one step more.
 * @throws {ChangeError} where the step names what is not there, or repeats what is there already
 */
export function applyStep({ snapshot, hosts }: LabState, step: Step): LabState {
  if (step.kind === 'fix') return { snapshot: applyChanges(snapshot, step.changes), hosts }
  return { snapshot: inject(snapshot, step.site).snapshot, hosts: { ...hosts, ...step.site.hosts } }
}

/**
 * The state that results when a fault is taken back: all other steps, made again from the beginning. A fix that mended this fault alone,
 * or has nothing left to change, goes with it.
 */
export function withoutFault(
  base: LabState,
  steps: readonly Step[],
  id: string,
): { readonly state: LabState; readonly steps: readonly Step[] } {
  let state = base
  const kept: Step[] = []
  for (const step of steps) {
    if (step.kind === 'fault' && step.id === id) continue
    if (step.kind === 'fix' && step.mended.length > 0 && step.mended.every((one) => one === id)) continue
    try {
      state = applyStep(state, step)
    } catch (error) {
      if (step.kind === 'fix' && error instanceof ChangeError) continue
      throw error
    }
    kept.push(step)
  }
  return { state, steps: kept }
}
