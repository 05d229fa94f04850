import type { Draft } from '../../../api/diagnosis/apply/draft.js'
import type { Text } from '../../../api/network/path.js'
import type { Hosts } from '../services.js'
import type { Terrain } from './terrain.js'

/** What a diagnosis of the flow has to name as its cause, once the fault is in. */
export interface ExpectedCause {
  readonly code: string
  /** Id of the blocking component; null where it is the check's own target. */
  readonly component: string
  /** What the deciding rule, route or state has to name, where the component has many. */
  readonly rule?: string
  /** What the diagnosis has to advise, where no configuration can tell how to mend it: there is no fix then. */
  readonly advice?: string
}

/** One place in an account where a fault of some kind can be put. Plain data: it can be kept, shown and put in later. */
export interface FaultSite {
  /** The kind's id. */
  readonly fault: string
  /** Id of the thing that is changed or taken away: sg-…, rtb-…, acl-…, or a function's name. */
  readonly component: string
  readonly expected: ExpectedCause
  /** What else the change has to know: ids and numbers by name. */
  readonly args: Readonly<Record<string, string>>
  /** How hosts behave with the fault: empty where it is one of the configuration. */
  readonly hosts: Hosts
}

/** What `sites` says of a place; the catalogue adds the kind. */
export type Found = Omit<FaultSite, 'fault' | 'args' | 'hosts'> & {
  readonly args?: FaultSite['args']
  readonly hosts?: Hosts
}

/** A kind of fault: what it is, where it can be put, and the change in AWS's own JSON. */
export interface FaultKind {
  readonly id: string
  readonly title: Text
  readonly description: Text
  /** The places in a flow's surroundings where this fault would stand in its way. */
  readonly sites: (terrain: Terrain) => readonly Found[]
  /** Makes the change; a fault of a host changes no document. */
  readonly inject: (draft: Draft, site: FaultSite) => void
}

/** An argument of a site; a site without it was not made by its kind. */
export function arg(site: FaultSite, name: string): string {
  const value = site.args[name]
  if (value === undefined) throw new RangeError(`a site of ${site.fault} has no ${name}`)
  return value
}
