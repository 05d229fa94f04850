import type { Check } from '../../probe/plan.schema.js'
import type { Model } from '../network/model.js'
import type { Snapshot } from '../network/snapshot.js'
import { cacheCandidates } from './caches.js'
import { databaseCandidates } from './databases.js'
import { domainCandidates } from './domains.js'
import { endpointCandidates } from './endpoints.js'
import type { SondeTags } from './found.js'

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

/** Every database, cache, domain and endpoint in a VPC of the snapshot, as a check; what is tagged `sonde:ignore` left out. */
export function candidatesIn(
  snapshot: Snapshot,
  model: Model,
  tagsOf: (arn: string) => SondeTags,
): Candidates {
  const parts = [
    databaseCandidates(snapshot, tagsOf),
    cacheCandidates(snapshot, model, tagsOf),
    domainCandidates(snapshot, tagsOf),
    endpointCandidates(snapshot),
  ]
  return {
    candidates: parts.flatMap(({ candidates }) => candidates),
    passed: parts.flatMap(({ passed }) => passed),
  }
}
