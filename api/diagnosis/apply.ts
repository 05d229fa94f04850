import type { Snapshot } from '../network/snapshot.js'
import { ChangeError, type Draft, draftOf, type Patch, patchSnapshot } from './apply/draft.js'
import {
  associateEndpointTable,
  createEndpoint,
  deleteEndpoint,
  modifyEndpoint,
  modifyVpcAttribute,
} from './apply/endpoints.js'
import { attachPolicy, configureFunction } from './apply/functions.js'
import { authorizeGroup, createGroup, deleteAclEntry, putAclEntry, revokeGroup } from './apply/groups.js'
import { associateDhcpOptions, associateHostedZone, createDhcpOptions } from './apply/names.js'
import {
  associateTable,
  associateTransitTable,
  attachInternetGateway,
  createEgressOnlyGateway,
  createExclusion,
  createNat,
  createPeering,
  deleteRoute,
  modifyPeeringDns,
  modifyTransitAttachment,
  putRoute,
  putTransitRoute,
} from './apply/routes.js'
import type { Change } from './diagnosis.js'
import { objectsIn } from './raw.js'

export type { Patch } from './apply/draft.js'
export { ChangeError } from './apply/draft.js'

type Appliers = {
  readonly [K in Change['kind']]: (draft: Draft, change: Extract<Change, { kind: K }>) => void
}

const APPLIERS: Appliers = {
  'authorize-security-group': authorizeGroup,
  'revoke-security-group': revokeGroup,
  'create-security-group': createGroup,
  'put-network-acl-entry': putAclEntry,
  'delete-network-acl-entry': deleteAclEntry,
  'put-route': putRoute,
  'delete-route': deleteRoute,
  'associate-endpoint-route-table': associateEndpointTable,
  'create-endpoint': createEndpoint,
  'modify-endpoint': modifyEndpoint,
  'delete-endpoint': deleteEndpoint,
  'create-nat-gateway': createNat,
  'associate-route-table': associateTable,
  'modify-vpc-attribute': modifyVpcAttribute,
  'modify-peering-dns': modifyPeeringDns,
  'create-peering': createPeering,
  'create-egress-only-gateway': createEgressOnlyGateway,
  'create-dhcp-options': createDhcpOptions,
  'associate-dhcp-options': associateDhcpOptions,
  'associate-hosted-zone': associateHostedZone,
  'associate-transit-gateway-route-table': associateTransitTable,
  'modify-transit-gateway-attachment': modifyTransitAttachment,
  'put-transit-gateway-route': putTransitRoute,
  'create-block-public-access-exclusion': createExclusion,
  'attach-internet-gateway': attachInternetGateway,
  'configure-function-vpc': configureFunction,
  'attach-role-policy': attachPolicy,
}

function applyOne<K extends Change['kind']>(
  draft: Draft,
  change: Extract<Change, { kind: K }>,
  kind: K,
): void {
  APPLIERS[kind](draft, change)
}

/**
 * What a list of changes does to a snapshot, object by object, in AWS's own JSON.
 * @throws {ChangeError} where a change names something that the snapshot lacks, or repeats what is there.
 */
export function planChanges(snapshot: Snapshot, changes: readonly Change[]): readonly Patch[] {
  const draft = draftOf(snapshot)
  changes.forEach((change, index) => {
    try {
      applyOne(draft, change, change.kind)
    } catch (error) {
      if (!(error instanceof ChangeError)) throw error
      throw new ChangeError(`change ${index + 1} (${change.kind}): ${error.message}`, { cause: error })
    }
  })
  return draft.patches()
}

/**
 * The snapshot with the changes applied: the objects that AWS would show afterwards. The given snapshot stays as it
 * is, and shares with the new one every document that no change touches.
 * @throws {ChangeError} as `planChanges`.
 */
export function applyChanges(snapshot: Snapshot, changes: readonly Change[]): Snapshot {
  return patchSnapshot(snapshot, planChanges(snapshot, changes))
}

/**
 * Takes applied patches back.
 * @throws {ChangeError} where an object is no longer as the patch left it: it has been changed since.
 */
export function undoPatches(snapshot: Snapshot, patches: readonly Patch[]): Snapshot {
  for (const { place, id, after } of patches) {
    const now = snapshot.documents
      .flatMap((document) => objectsIn(document, place))
      .find((found) => found.id === id)?.object
    if (JSON.stringify(now ?? null) !== JSON.stringify(after)) {
      throw new ChangeError(`${id} has been changed since: it can't be taken back blindly`)
    }
  }
  return patchSnapshot(
    snapshot,
    patches.map((patch) => ({ ...patch, before: patch.after, after: patch.before })),
  )
}
