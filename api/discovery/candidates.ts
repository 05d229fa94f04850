import type { Model } from '../network/model.js'
import type { Snapshot } from '../network/snapshot.js'
import { cacheCandidates } from './caches.js'
import type { Candidates } from './candidate.js'
import { databaseCandidates } from './databases.js'
import { domainCandidates } from './domains.js'
import { endpointCandidates } from './endpoints.js'
import type { SondeTags } from './found.js'

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
