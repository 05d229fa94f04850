import { all, PLACES, record, strings, text } from '../diagnosis/raw.js'
import type { Snapshot } from '../network/snapshot.js'
import type { FunctionDeclaration } from '../store/store.js'

/** The functions of one region of an account, as the store takes what discovery found. */
export interface FoundFunctions {
  readonly home: { readonly account: string; readonly region: string }
  readonly functions: readonly Pick<FunctionDeclaration, 'name' | 'posture'>[]
}

/** The functions of a snapshot, each with the posture that it has there. */
export function functionsIn(snapshot: Snapshot): readonly FoundFunctions[] {
  const found = new Map<
    string,
    { home: FoundFunctions['home']; functions: FoundFunctions['functions'][number][] }
  >()
  for (const fn of all(snapshot, PLACES.lambda)) {
    const [, , , region = '', account = ''] = text(fn, 'FunctionArn').split(':')
    const config = record(fn, 'VpcConfig')
    const subnets = strings(config, 'SubnetIds')
    const posture =
      subnets.length === 0
        ? {}
        : { posture: { subnets, securityGroups: strings(config, 'SecurityGroupIds') } }
    const there = found.get(`${account} ${region}`) ?? { home: { account, region }, functions: [] }
    there.functions.push({ name: text(fn, 'FunctionName'), ...posture })
    found.set(`${account} ${region}`, there)
  }
  return [...found.values()]
}
