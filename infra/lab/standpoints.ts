import { type Account, type Eni, functionEni } from './account.js'
import { listed, type Raw, record, strings, text } from './documents.js'
import { LINK_LOCAL_RESOLVER, resolverOf } from './groups.js'
import { LAMBDA, namespaceOf } from './layout.js'

/** A place in the lab from which a probe can be run. */
export interface Standpoint {
  readonly namespace: string
  /** Null outside of any VPC. */
  readonly subnetId: string | null
  readonly groups: readonly string[]
  readonly nameServers: readonly string[]
}

/** What was asked of the lab can't be found in its snapshot. */
export class LabInputError extends Error {
  override readonly name = 'LabInputError'
}

/** Functions without a VPC configuration: they run in a network of Lambda's own. */
export function functionsOutside(account: Account): readonly Raw[] {
  return functionsOf(account).filter((fn) => strings(record(fn, 'VpcConfig'), 'SubnetIds').length === 0)
}

/** The names of all functions of the snapshot. */
export function functionNames(account: Account): readonly string[] {
  return functionsOf(account).map((fn) => text(fn, 'FunctionName'))
}

/**
 * Where packets of a function (by name), an interface or an instance start: one standpoint for each subnet of a function.
 * A function that never became active has none.
 * @throws {LabInputError} where the snapshot has no such thing
 */
export function standpointsOf(account: Account, from: string): readonly Standpoint[] {
  const eni = account.enis.find((one) => one.id === from) ?? instanceEni(account, from)
  if (eni !== undefined) return [standpointAt(account, eni)]
  const fn = functionsOf(account).find((one) => text(one, 'FunctionName') === from)
  if (fn === undefined)
    throw new LabInputError(`no function, interface or instance of the snapshot is called ${from}`)
  const config = record(fn, 'VpcConfig')
  const subnets = strings(config, 'SubnetIds')
  if (subnets.length === 0)
    return [{ namespace: LAMBDA, subnetId: null, groups: [], nameServers: [LINK_LOCAL_RESOLVER] }]
  return subnets.flatMap((subnetId) => {
    const own = functionEni(account.enis, subnetId, strings(config, 'SecurityGroupIds'))
    return own === undefined ? [] : [standpointAt(account, own)]
  })
}

function standpointAt(account: Account, eni: Eni): Standpoint {
  const vpc = account.vpcs.find((one) => one.id === eni.vpcId)
  return {
    namespace: namespaceOf(eni),
    subnetId: eni.subnetId,
    groups: eni.groups,
    nameServers: (vpc?.nameServers ?? []).map((one) => (one === 'AmazonProvidedDNS' ? resolverOf(vpc) : one)),
  }
}

function instanceEni(account: Account, id: string): Eni | undefined {
  const instance = listed(account.documents, 'describe-instances', 'Reservations')
    .flatMap((one) => (Array.isArray(one['Instances']) ? one['Instances'] : []))
    .find((one) => one?.InstanceId === id)
  const address = text(instance, 'PrivateIpAddress')
  return account.enis.find((eni) => address !== '' && eni.addresses.includes(address))
}

function functionsOf(account: Account): readonly Raw[] {
  return listed(account.documents, 'list-functions', 'Functions')
}

/** The primary address of an instance or interface, null where the snapshot has none such. */
export function addressOf(account: Account, id: string): string | null {
  const eni = account.enis.find((one) => one.id === id) ?? instanceEni(account, id)
  return eni?.addresses[0] ?? null
}
