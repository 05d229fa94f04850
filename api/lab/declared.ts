import { all, PLACES, record, strings, text } from '../diagnosis/raw.js'
import type { Snapshot } from '../network/snapshot.js'
import type { FunctionDeclaration } from '../store/store.js'

/** The functions of a snapshot as the store takes them: each with the posture that it has there. */
export function declaredFunctions(snapshot: Snapshot): readonly FunctionDeclaration[] {
  return all(snapshot, PLACES.lambda).map((fn) => {
    const [, , , region = '', account = ''] = text(fn, 'FunctionArn').split(':')
    const config = record(fn, 'VpcConfig')
    const subnets = strings(config, 'SubnetIds')
    return {
      name: text(fn, 'FunctionName'),
      region,
      account,
      ...(subnets.length === 0
        ? {}
        : { posture: { subnets, securityGroups: strings(config, 'SecurityGroupIds') } }),
    }
  })
}
