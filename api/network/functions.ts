import type { LambdaFunction } from './entities.js'
import type { Model } from './model.js'

/** Every function of a model once, though it is known by name and by ARN. */
export function allFunctions(model: Model): readonly LambdaFunction[] {
  return [...new Set([...model.functions.values()].flat())]
}

/**
 * The VPC of a function; null outside any. By its subnets first: some emulators and hand-made snapshots give a VPC id that
 * isn't there.
 */
export function vpcOf(model: Model, one: LambdaFunction): string | null {
  for (const id of one.vpc?.subnetIds ?? []) {
    const subnet = model.subnets.get(id)
    if (subnet !== undefined) return subnet.vpcId
  }
  return one.vpc?.vpcId ?? null
}

/** Equal for functions that stand at one place: Lambda gives them the same network interfaces. */
export function standpointKey(one: LambdaFunction): string {
  const sorted = (ids: readonly string[] | undefined) => [...(ids ?? [])].sort()
  return JSON.stringify([sorted(one.vpc?.subnetIds), sorted(one.vpc?.groupIds), one.ipv6])
}
