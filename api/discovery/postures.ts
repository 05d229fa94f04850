import { parseFunctionArn } from '../arn.js'
import { groupBy } from '../diagnosis/raw.js'
import { postureId } from '../health/standpoint.js'
import type { LambdaFunction } from '../network/entities.js'
import type { Model } from '../network/model.js'
import { hyperplanes } from '../network/standpoint.js'
import type { SondeTags } from './found.js'

/** Where a function stands in the network. */
interface Standing {
  readonly account: string | null
  readonly region: string
  readonly vpcId: string
  readonly subnets: readonly string[]
  readonly securityGroups: readonly string[]
  readonly ipv6: boolean
}

/** A function with where it stands and what its tags say. */
export interface DiscoveredFunction extends Standing {
  readonly name: string
  readonly tags: SondeTags
}

/** Functions that share subnets and groups, and so their network interfaces. */
export interface DiscoveredPosture extends Standing {
  readonly id: string
  readonly functions: readonly DiscoveredFunction[]
  /**
   * The interfaces that Lambda keeps for this posture, by subnet: one for each pair of subnet and set of groups, shared by all
   * functions that have them, and more only past 65,000 connections. None where no function of it was active when the
   * snapshot was taken. https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html
   */
  readonly interfaces: ReadonlyMap<string, readonly string[]>
}

/** The functions of a VPC, probes and what is tagged `sonde:ignore` left out. */
export function functionsIn(model: Model, tagsOf: (arn: string) => SondeTags): readonly DiscoveredFunction[] {
  // The model knows each by its name and by its ARN.
  return [...new Set([...model.functions.values()].flat())].flatMap((one) => {
    const arn = one.arn === null ? null : parseFunctionArn(one.arn)
    const region = arn?.region ?? regionOf(model, one)
    // A subnet's own answer tells its VPC first-hand.
    const vpcId =
      one.vpc?.subnetIds.map((id) => model.subnets.get(id)?.vpcId).find((id) => id !== undefined) ??
      one.vpc?.vpcId ??
      null
    if (one.vpc === null || vpcId === null || region === null) return []
    const tags = tagsOf(one.arn ?? '')
    if (tags.ignored || tags.probe !== null) return []
    return [
      {
        name: one.name,
        account: arn?.account ?? null,
        region,
        vpcId,
        subnets: [...new Set(one.vpc.subnetIds)].sort(),
        securityGroups: [...new Set(one.vpc.groupIds)].sort(),
        ipv6: one.ipv6,
        tags,
      },
    ]
  })
}

/** Groups functions by subnets and security groups, in the order of region, VPC and id. */
export function posturesOf(
  model: Model,
  functions: readonly DiscoveredFunction[],
): readonly DiscoveredPosture[] {
  const groups = groupBy(functions, ({ subnets, securityGroups }) => postureId(subnets, securityGroups))
  return [...groups]
    .flatMap(([id, members]): DiscoveredPosture[] => {
      const [first] = members
      if (first === undefined) return []
      const { account, region, vpcId, subnets, securityGroups } = first
      return [
        {
          id,
          account,
          region,
          vpcId,
          subnets,
          securityGroups,
          ipv6: members.some(({ ipv6 }) => ipv6),
          functions: [...members].sort((a, b) => compare(a.name, b.name)),
          interfaces: new Map(
            subnets.map((subnetId) => {
              const subnet = model.subnets.get(subnetId)
              const enis = subnet === undefined ? [] : hyperplanes(model, subnet, securityGroups)
              return [subnetId, enis.map((eni) => eni.id)] as const
            }),
          ),
        },
      ]
    })
    .sort((a, b) => compare(a.region, b.region) || compare(a.vpcId, b.vpcId) || compare(a.id, b.id))
}

function regionOf(model: Model, one: LambdaFunction): string | null {
  const zone = one.vpc?.subnetIds
    .map((id) => model.subnets.get(id)?.zone)
    .find((found) => typeof found === 'string')
  return zone?.replace(/[a-z]$/, '') ?? null
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
