import { ChangeError, draftOf, type Patch, patchSnapshot } from '../../../api/diagnosis/apply/draft.js'
import type { Snapshot } from '../../../api/network/snapshot.js'
import type { LabFlow } from '../plan.js'
import { ACL_FAULTS } from './acls.js'
import { BALANCER_FAULTS } from './balancers.js'
import { BETWEEN_FAULTS } from './between.js'
import { ENDPOINT_FAULTS } from './endpoints.js'
import type { FaultKind, FaultSite } from './fault.js'
import { GROUP_FAULTS } from './groups.js'
import { ROUTE_FAULTS } from './routes.js'
import { HOST_FAULTS, SETTING_FAULTS } from './settings.js'
import { terrainOf } from './terrain.js'

/** Every kind of fault that Sonde is measured by, and that `sonde lab break` knows. */
export const FAULTS: readonly FaultKind[] = [
  ...GROUP_FAULTS,
  ...ROUTE_FAULTS,
  ...ACL_FAULTS,
  ...ENDPOINT_FAULTS,
  ...BETWEEN_FAULTS,
  ...BALANCER_FAULTS,
  ...SETTING_FAULTS,
  ...HOST_FAULTS,
]

/** A kind by its id; undefined where there is none such. */
export function faultKind(id: string): FaultKind | undefined {
  return FAULTS.find((kind) => kind.id === id)
}

/**
 * The places in which faults can stand in the way of a flow, each with what a diagnosis of the flow has to name then.
 * Whether a fault really breaks the flow, packets tell: there may be a second way.
 * @throws {LabInputError} where the snapshot has no such source
 */
export function applicable(
  snapshot: Snapshot,
  flow: LabFlow,
  kinds: readonly FaultKind[] = FAULTS,
): readonly FaultSite[] {
  const terrain = terrainOf(snapshot, flow)
  if (terrain === null) return []
  return kinds.flatMap((kind) =>
    kind.sites(terrain).map((found) => ({ fault: kind.id, args: {}, hosts: {}, ...found })),
  )
}

/** A snapshot with a fault in it, and the patches by which `undoPatches` takes it out again. */
export interface Injected {
  readonly snapshot: Snapshot
  readonly patches: readonly Patch[]
}

/**
 * Puts a fault into a snapshot, which itself stays as it is. How hosts behave with it stands in the site's `hosts`.
 * @throws {ChangeError} where the snapshot is not the one that the site was found in, or was changed since
 * @throws {RangeError} where the site's kind is none of the catalogue
 */
export function inject(snapshot: Snapshot, site: FaultSite): Injected {
  const kind = faultKind(site.fault)
  if (kind === undefined) throw new RangeError(`there is no kind of fault ${site.fault}`)
  const draft = draftOf(snapshot)
  kind.inject(draft, site)
  const patches = draft.patches()
  if (patches.length === 0 && Object.keys(site.hosts).length === 0)
    throw new ChangeError(`${site.fault} changes nothing at ${site.component}`)
  return { snapshot: patchSnapshot(snapshot, patches), patches }
}
