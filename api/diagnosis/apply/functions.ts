import type { Change } from '../diagnosis.js'
import { number, PLACES, type Raw, record, records, strings, text } from '../raw.js'
import { addInterface, postureInterfaces } from './addresses.js'
import { ChangeError, type Draft } from './draft.js'

type Of<K extends Change['kind']> = Extract<Change, { kind: K }>

const REASONS = ['StateReason', 'StateReasonCode', 'LastUpdateStatusReason', 'LastUpdateStatusReasonCode']

/** A function's name from a name or an ARN. */
export function functionName(nameOrArn: string): string {
  return nameOrArn.startsWith('arn:') ? (nameOrArn.split(':')[6] ?? nameOrArn) : nameOrArn
}

/** The role's name from its ARN, without its path. */
export function roleName(arn: string): string {
  return arn.split('/').at(-1) ?? arn
}

/** The document of `simulate-principal-policy` about a role: its key may be the role's name or its ARN. */
function simulated(draft: Draft, role: string, arn: string): { id: string; object: Raw } | null {
  for (const id of [role, arn]) {
    const object = draft.find(PLACES.simulatedPolicy, id)
    if (object !== undefined) return { id, object }
  }
  return null
}

function lacksPermissions(draft: Draft, role: string, arn: string): boolean {
  const found = simulated(draft, role, arn)
  return records(found?.object, 'EvaluationResults').some(
    (result) =>
      text(result, 'EvalActionName').startsWith('ec2:') && text(result, 'EvalDecision') !== 'allowed',
  )
}

/**
 * What Lambda does on `update-function-configuration --vpc-config`: new interfaces for a new posture, the old ones
 * go once no function uses them, and the function is Active again if its role and its subnets allow it.
 */
export function configureFunction(draft: Draft, change: Of<'configure-function-vpc'>): void {
  const name = functionName(change.functionName)
  const fn = draft.get(PLACES.lambda, name)
  const subnets = change.subnetIds.map((id) => draft.get(PLACES.subnet, id))
  for (const group of change.groupIds) draft.get(PLACES.securityGroup, group)
  const vpcs = new Set(subnets.map((subnet) => text(subnet, 'VpcId')))
  if (vpcs.size !== 1) throw new ChangeError(`the subnets of ${name} have to be in one VPC`)
  const arn = text(fn, 'Role')
  const before = record(fn, 'VpcConfig')
  const vpcConfig = {
    SubnetIds: change.subnetIds,
    SecurityGroupIds: change.groupIds,
    VpcId: [...vpcs][0],
    Ipv6AllowedForDualStack: before?.['Ipv6AllowedForDualStack'] === true,
  }
  const kept = Object.fromEntries(Object.entries(fn).filter(([field]) => !REASONS.includes(field)))
  const full = subnets.find((subnet) => number(subnet, 'AvailableIpAddressCount') === 0)
  const failure = lacksPermissions(draft, roleName(arn), arn)
    ? 'InsufficientRolePermissions'
    : full === undefined
      ? null
      : 'SubnetOutOfIPAddresses'
  const state =
    failure === null
      ? { State: 'Active', LastUpdateStatus: 'Successful' }
      : {
          State: 'Failed',
          StateReasonCode: failure,
          LastUpdateStatus: 'Failed',
          LastUpdateStatusReasonCode: failure,
        }
  draft.put(PLACES.lambda, name, { ...kept, VpcConfig: vpcConfig, ...state })
  dropUnusedInterfaces(draft, before)
  if (failure === null) addPosture(draft, name, change.subnetIds, change.groupIds)
}

function dropUnusedInterfaces(draft: Draft, posture: Raw | undefined): void {
  const subnets = strings(posture, 'SubnetIds')
  const groups = strings(posture, 'SecurityGroupIds')
  for (const eni of postureInterfaces(draft, subnets, groups)) {
    const subnet = text(eni, 'SubnetId')
    const used = draft.all(PLACES.lambda).some((fn) => {
      const config = record(fn, 'VpcConfig')
      const own = [...strings(config, 'SecurityGroupIds')].sort().join()
      return strings(config, 'SubnetIds').includes(subnet) && own === [...groups].sort().join()
    })
    if (!used) draft.remove(PLACES.networkInterface, text(eni, 'NetworkInterfaceId'))
  }
}

function addPosture(
  draft: Draft,
  name: string,
  subnetIds: readonly string[],
  groupIds: readonly string[],
): void {
  const there = postureInterfaces(draft, subnetIds, groupIds).map((eni) => text(eni, 'SubnetId'))
  for (const subnetId of subnetIds) {
    if (there.includes(subnetId)) continue
    addInterface(draft, {
      id: `eni-${name}-${subnetId}`,
      subnetId,
      groupIds,
      type: 'lambda',
      description: `AWS Lambda VPC ENI-${name}`,
      owner: 'amazon-aws',
    })
  }
}

/** Attaches a managed policy; where a simulation stands in the snapshot, its answers for those actions turn to allowed. */
export function attachPolicy(draft: Draft, change: Of<'attach-role-policy'>): void {
  const fn = draft.all(PLACES.lambda).find((one) => roleName(text(one, 'Role')) === change.roleName)
  if (fn === undefined) throw new ChangeError(`no function of the snapshot has the role ${change.roleName}`)
  const arn = text(fn, 'Role')
  const beside = { place: PLACES.lambda, id: text(fn, 'FunctionName') }
  const policy = { PolicyName: change.policyArn.split('/').at(-1), PolicyArn: change.policyArn }
  const listed = draft.find(PLACES.attachedPolicies, change.roleName)
  if (listed === undefined) {
    draft.add(PLACES.attachedPolicies, change.roleName, { AttachedPolicies: [policy] }, beside)
  } else {
    const attached = [...records(listed, 'AttachedPolicies'), policy]
    draft.put(PLACES.attachedPolicies, change.roleName, { ...listed, AttachedPolicies: attached })
  }
  const found = simulated(draft, change.roleName, arn)
  if (found === null) return
  const results = records(found.object, 'EvaluationResults').map((result) =>
    change.actions.includes(text(result, 'EvalActionName')) ? { ...result, EvalDecision: 'allowed' } : result,
  )
  draft.put(PLACES.simulatedPolicy, found.id, { ...found.object, EvaluationResults: results })
}
