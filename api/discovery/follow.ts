import { parseFunctionArn } from '../arn.js'
import { groupBy } from '../diagnosis/raw.js'
import type { Model } from '../network/model.js'
import type { Snapshot } from '../network/snapshot.js'
import { tagsIn } from './found.js'
import { functionsIn } from './postures.js'
import { placesCovered } from './propose.js'

/** All functions of one region of an account, as the store is told of them. */
export interface HomeOfFunctions {
  readonly account: string
  readonly region: string
  readonly functions: readonly {
    readonly name: string
    readonly posture: { readonly subnets: readonly string[]; readonly securityGroups: readonly string[] }
  }[]
}

/**
 * The functions of each region of each account that the snapshot listed, also where there are none; a place whose functions
 * could not be listed is not among them, so that nothing vanishes because it could not be seen.
 */
export function functionsByHome(snapshot: Snapshot, model: Model): readonly HomeOfFunctions[] {
  const functions = functionsIn(model, tagsIn(snapshot))
  const found = groupBy(functions, ({ account, region }) => `${account} ${region}`)
  return placesCovered(snapshot, functions).flatMap(({ account, region }) => {
    // Without the account nobody knows whose functions they are.
    if (account === null) return []
    const own = found.get(`${account} ${region}`) ?? []
    return [
      {
        account,
        region,
        functions: own.map(({ name, subnets, securityGroups }) => ({
          name,
          posture: { subnets, securityGroups },
        })),
      },
    ]
  })
}

/** What a runner asks besides reports: the probes that the newest snapshot shows to be a function's. */
export function taggedProbes(network: {
  readonly current: () => { readonly snapshot: Snapshot; readonly model: Model } | null
}) {
  return (health: Standing): ReturnType<typeof probesOfPosture> => {
    const current = network.current()
    return current === null ? [] : probesOfPosture(current.snapshot, current.model, health)
  }
}

/** Where a function stands, as its health tells it. */
interface Standing {
  readonly posture: string | null
  readonly account: string | null
  readonly region: string | null
}

/** The probes of a posture by their tag, whether they have reported or not. */
export function probesOfPosture(
  snapshot: Snapshot,
  model: Model,
  { posture, account, region }: Standing,
): readonly { readonly probe: string; readonly subnet: string | null }[] {
  if (posture === null) return []
  const tagsOf = tagsIn(snapshot)
  return [...new Set([...model.functions.values()].flat())].flatMap((one) => {
    if (one.arn === null || tagsOf(one.arn).probe !== posture) return []
    const arn = parseFunctionArn(one.arn)
    const elsewhere =
      (account !== null && arn?.account !== account) || (region !== null && arn?.region !== region)
    return elsewhere ? [] : [{ probe: one.name, subnet: one.vpc?.subnetIds[0] ?? null }]
  })
}
