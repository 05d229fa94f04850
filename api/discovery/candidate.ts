import type { Check } from '../../probe/plan.schema.js'

/** A check that could be made of something in a VPC. */
export interface Candidate {
  readonly vpcId: string
  /** Named as `sonde trace --to` names its target: `rds:orders`, `service:sqs`. The name never depends on what else there is. */
  readonly check: Check
}

/** Something that no check is proposed for, and why. */
export interface Passed {
  readonly vpcId: string
  readonly what: string
  readonly why: string
}

export interface Candidates {
  readonly candidates: readonly Candidate[]
  readonly passed: readonly Passed[]
}
