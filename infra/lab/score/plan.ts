import type { Snapshot } from '../../../api/network/snapshot.js'
import { applicable, FAULTS, faultKind } from '../faults/catalogue.js'
import type { FaultSite } from '../faults/fault.js'
import { asSnapshot, print } from '../fuzz/print.js'
import { type Random, randomOf } from '../fuzz/random.js'
import type { LabFlow } from '../plan.js'
import { FAMILY_NAMES, type Family, type Topology, topologyOf } from './topologies.js'

/** One or two faults on one flow of a healthy network. */
export interface Case {
  readonly flow: LabFlow
  readonly sites: readonly FaultSite[]
}

/** A healthy network and what is to be tried in it. */
export interface Job {
  readonly seed: number
  readonly topology: Topology
  readonly snapshot: Snapshot
  readonly cases: readonly Case[]
}

/** Of ten injections, this many are pairs. */
const PAIRS = 0.4

/** How often each kind has been chosen: the rarest goes first, so that a score speaks of all of them. */
export type Chosen = Map<string, number>

/** A healthy network of a seed, and `count` injections in it of the kinds that had fewest so far. */
export function planJob(
  seed: number,
  count: number,
  chosen: Chosen,
  families: readonly Family[] = FAMILY_NAMES,
): Job {
  const random = randomOf(seed)
  const topology = topologyOf(random, families[seed % families.length] ?? 'nat')
  const snapshot = asSnapshot(print(topology.draft))
  const cases: Case[] = []
  for (let index = 0; index < count; index += 1) {
    const flow = random.pick(topology.flows)
    const first = rarest(random, applicable(snapshot, flow), chosen)
    if (first === undefined) continue
    const others = applicable(snapshot, flow).filter((site) => together(first, site))
    const second = random.chance(PAIRS) && canBeOfTwo(first) ? rarest(random, others, chosen) : undefined
    const sites = second === undefined ? [first] : [first, second]
    for (const { fault } of sites) chosen.set(fault, (chosen.get(fault) ?? 0) + 1)
    cases.push({ flow, sites })
  }
  return { seed, topology, snapshot, cases }
}

/** A host's fault can be seen only through an open path, and one that no fix lifts hides what lies behind it: they stand alone. */
function canBeOfTwo({ hosts, expected }: FaultSite): boolean {
  return Object.keys(hosts).length === 0 && expected.advice === undefined
}

/** Two faults of one thing can overwrite one another: a deleted gateway can't be in a failed state too. */
function together(one: FaultSite, other: FaultSite): boolean {
  return canBeOfTwo(other) && one.component !== other.component && one.fault !== other.fault
}

function rarest(random: Random, sites: readonly FaultSite[], chosen: Chosen): FaultSite | undefined {
  const times = ({ fault }: FaultSite) => chosen.get(fault) ?? 0
  const least = Math.min(...sites.map(times))
  const candidates = sites.filter((site) => times(site) === least)
  return candidates.length === 0 ? undefined : random.pick(candidates)
}

/** The kinds of the catalogue that no case has. */
export function never(chosen: Chosen): readonly string[] {
  return FAULTS.map(({ id }) => id).filter((id) => !chosen.has(id) && faultKind(id) !== undefined)
}
