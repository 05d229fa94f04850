import { createHash } from 'node:crypto'
import type { ProbeIdentity } from '../../probe/report.schema.js'

/** One place in the network from which packets are sent: one subnet with one set of security groups. */
export interface Standpoint {
  /** Says the same for the same place, whatever the order of its groups. */
  readonly id: string
  readonly account: string | null
  readonly region: string | null
  /** Null where the probe doesn't know it: then the function itself is the standpoint. */
  readonly subnet: string | null
  readonly securityGroups: readonly string[]
}

/** Where a probe stands. Two probes in one subnet with the same groups stand at the same standpoint. */
export function standpointOf(probe: ProbeIdentity): Standpoint {
  const { account, region, subnet } = probe
  const securityGroups = [...new Set(probe.securityGroups)].sort()
  const place = subnet === null ? ['function', probe.function] : ['subnet', subnet]
  return {
    id: shortHash([account, region, ...place, ...securityGroups]),
    account,
    region,
    subnet,
    securityGroups,
  }
}

/** Whether a standpoint belongs to a posture: its subnet is one of the posture's and its groups are the posture's. */
export function standsIn(
  standpoint: { readonly subnet: string | null; readonly securityGroups: readonly string[] },
  posture: { readonly subnets: readonly string[]; readonly securityGroups: readonly string[] },
): boolean {
  return (
    standpoint.subnet !== null &&
    posture.subnets.includes(standpoint.subnet) &&
    sameSet(standpoint.securityGroups, posture.securityGroups)
  )
}

/** Names a posture by its subnets and groups, in any order. Subnet ids are unique across accounts and regions. */
export function postureId(subnets: readonly string[], securityGroups: readonly string[]): string {
  return `posture-${shortHash([...sorted(subnets), '', ...sorted(securityGroups)])}`
}

/** The functions that a probe's report speaks for: its workloads, or itself where it names none. */
export function functionsOf(probe: ProbeIdentity): readonly string[] {
  return probe.workloads === undefined
    ? [probe.function]
    : [...new Set(probe.workloads)].filter((name) => name !== '')
}

/** A short stable name for a list of texts. */
export function shortHash(parts: readonly (string | null)[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 16)
}

function sorted(values: readonly string[]): readonly string[] {
  return [...new Set(values)].sort()
}

function sameSet(left: readonly string[], right: readonly string[]): boolean {
  const a = sorted(left)
  const b = sorted(right)
  return a.length === b.length && a.every((value, index) => value === b[index])
}
