import { type Journey, verdictOf } from '../journey.js'
import type { Hop } from '../path.js'
import type { Walk } from '../walk/walk.js'

/** A path to a load balancer and what lies behind it: told as one. */
export function joined(front: Journey, back: Journey): Journey {
  const blockers = [...front.blockers, ...back.blockers]
  const missing = [...front.missing, ...back.missing]
  return {
    ...front,
    verdict: verdictOf(blockers, missing),
    blockers,
    missing,
    notes: [...front.notes, ...back.notes],
    hops: [...front.hops, ...back.hops],
    returnHops: [...back.returnHops, ...front.returnHops],
  }
}

/** The walk's own findings and those of the ways to the targets; of these, the hops of the first that is worst. */
export function ended(w: Walk, legs: readonly Journey[]): Journey {
  const shown =
    legs.find((one) => one.blockers.length > 0) ?? legs.find((one) => one.missing.length > 0) ?? legs[0]
  const blockers = [...w.blockers, ...legs.flatMap((one) => one.blockers)].map(({ subnet: _, ...one }) => one)
  const missing = [...w.missing, ...legs.flatMap((one) => one.missing)]
  return {
    verdict: verdictOf(blockers, missing),
    blockers,
    missing,
    notes: [...w.notes, ...legs.flatMap((one) => one.notes)],
    hops: [...w.hops, ...(shown?.hops ?? []).filter(isNews)],
    returnHops: shown?.returnHops ?? [],
    seenAs: null,
  }
}

/** That a load balancer sends on what it took in goes without saying. */
const isNews = ({ kind, verdict }: Hop, index: number): boolean =>
  index > 0 || kind !== 'load-balancer' || verdict !== 'pass'
