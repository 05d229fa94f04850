import { ENI_ACTIONS } from '../../network/eni-actions.js'
import { roleName } from '../apply/functions.js'
import type { Change } from '../diagnosis.js'
import { all, number, PLACES, type Raw, record, records, text } from '../raw.js'
import { LAMBDA_VPC_POLICY } from '../render/names.js'
import { deriveEndpoints } from './endpoints.js'
import {
  byId,
  type Derive,
  freshId,
  groupIdsOf,
  interfaceAt,
  type Option,
  type Situation,
} from './situation.js'
import { hasNatRoute, internetGatewayOf, subnetsOf, zoneOf } from './topology.js'

function configure(
  situation: Situation,
  subnetIds: readonly string[],
  groupIds: readonly string[],
): readonly Option[] {
  const { functionName } = situation.standpoint
  return functionName === null || subnetIds.length === 0
    ? []
    : [[{ kind: 'configure-function-vpc', functionName, subnetIds, groupIds }]]
}

/** Subnets for a function, one a zone: private ones with a way to the internet first, then private ones that have none. */
function homes(
  situation: Situation,
  vpcId: string,
  zones: readonly string[],
): readonly (readonly string[])[] {
  const candidates = subnetsOf(situation, vpcId)
    .filter((subnet) => number(subnet, 'AvailableIpAddressCount') !== 0)
    .map((subnet) => text(subnet, 'SubnetId'))
    .filter((subnet) => internetGatewayOf(situation, subnet) === null)
  const pick = (ids: readonly string[]) => {
    const perZone = new Map<string, string>()
    for (const id of ids) {
      const zone = zoneOf(situation, id)
      if (!perZone.has(zone) && (zones.length === 0 || zones.includes(zone))) perZone.set(zone, id)
    }
    return [...perZone.values()]
  }
  const connected = pick(candidates.filter((subnet) => hasNatRoute(situation, subnet)))
  const isolated = pick(candidates.filter((subnet) => !hasNatRoute(situation, subnet)))
  return [connected, isolated].filter((ids) => ids.length > 0)
}

/** A Lambda in a public subnet moves to private ones in the same zones; for an AWS service an endpoint does as well. */
export const deriveMoveToPrivate: Derive = (blockers, situation) => {
  const { vpcId, subnetIds, groupIds } = situation.standpoint
  if (vpcId === null) return []
  const zones = subnetIds.map((subnet) => zoneOf(situation, subnet))
  const choices = [...homes(situation, vpcId, zones), ...homes(situation, vpcId, [])]
  const unique = [...new Map(choices.map((ids) => [ids.join(), ids] as const)).values()]
  return [
    ...deriveEndpoints(blockers, situation),
    ...unique.flatMap((ids) => configure(situation, ids, groupIds)),
  ]
}

/** The interface of the thing asked for, to learn its VPC and who is admitted. */
function targetInterface(situation: Situation): Raw | undefined {
  const { destination } = situation.question
  if (destination.kind === 'eni') return byId(situation.snapshot, PLACES.networkInterface, destination.id)
  if (destination.kind === 'instance') {
    return all(situation.snapshot, PLACES.networkInterface).find(
      (eni) => text(record(eni, 'Attachment'), 'InstanceId') === destination.id,
    )
  }
  const address = destination.kind === 'address' ? destination.address : situation.trace.resolved[0]
  return address === undefined ? undefined : interfaceAt(situation.snapshot, address)
}

/** The VPC and the groups of what is asked for: by its interface, else by what RDS says of the database. */
function target(situation: Situation): { vpcId: string; groupIds: readonly string[] } | null {
  const eni = targetInterface(situation)
  if (eni !== undefined) return { vpcId: text(eni, 'VpcId'), groupIds: groupIdsOf(eni) }
  const { destination } = situation.question
  if (destination.kind !== 'rds') return null
  const database = byId(situation.snapshot, PLACES.dbInstance, destination.id)
  if (database === undefined) return null
  return {
    vpcId: text(record(database, 'DBSubnetGroup'), 'VpcId'),
    groupIds: records(database, 'VpcSecurityGroups').map((one) => text(one, 'VpcSecurityGroupId')),
  }
}

/** Groups that the target's groups admit on the port asked for. */
function admitted(situation: Situation, groupIds: readonly string[]): readonly string[] {
  const port = situation.question.flow.port
  return groupIds.flatMap((groupId) =>
    records(byId(situation.snapshot, PLACES.securityGroup, groupId), 'IpPermissions')
      .filter((rule) => {
        const [from, to] = [number(rule, 'FromPort'), number(rule, 'ToPort')]
        return port === null || from === null || to === null || (from <= port && port <= to)
      })
      .flatMap((rule) => records(rule, 'UserIdGroupPairs').map((pair) => text(pair, 'GroupId'))),
  )
}

/** A function outside the VPC is attached to private subnets of the target's VPC, with a group that the target admits. */
export const deriveAttach: Derive = (_blockers, situation) => {
  const found = target(situation)
  if (found === null) return []
  const groups = [...new Set(admitted(situation, found.groupIds))].filter(
    (id) => text(byId(situation.snapshot, PLACES.securityGroup, id), 'VpcId') === found.vpcId,
  )
  const places = homes(situation, found.vpcId, [])
  const named = places.flatMap((ids) => groups.flatMap((group) => configure(situation, ids, [group])))
  const as = freshId(situation, 'sg')
  const { functionName } = situation.standpoint
  const [own] = found.groupIds
  const port = situation.question.flow.port
  if (functionName === null || port === null) return named
  const create: Change = {
    kind: 'create-security-group',
    vpcId: found.vpcId,
    name: functionName,
    description: `The function ${functionName}`,
    as,
  }
  // A Network Load Balancer that was made without groups turns nobody away.
  const admit: readonly Change[] =
    own === undefined
      ? []
      : [
          {
            kind: 'authorize-security-group',
            direction: 'ingress',
            groupId: own,
            protocol: 'tcp',
            fromPort: port,
            toPort: port,
            peer: { groupId: as },
          },
        ]
  const fresh = places.flatMap((ids) =>
    configure(situation, ids, [as]).map((option): Option => [create, ...admit, ...option]),
  )
  return [...named, ...fresh]
}

/** The managed policy, then the function's configuration anew: a failed function does not recover by itself. */
export const derivePermissions: Derive = (_blockers, situation) => {
  const { functionName, subnetIds, groupIds } = situation.standpoint
  if (functionName === null) return []
  const role = roleName(text(byId(situation.snapshot, PLACES.lambda, functionName), 'Role'))
  if (role === '') return []
  const attach: Change = {
    kind: 'attach-role-policy',
    roleName: role,
    policyArn: LAMBDA_VPC_POLICY,
    actions: ENI_ACTIONS,
  }
  return [...configure(situation, subnetIds, groupIds).map((option): Option => [attach, ...option]), [attach]]
}

/** The subnets that still have addresses, else others in the same zones. */
export const deriveFreeSubnets: Derive = (_blockers, situation) => {
  const { vpcId, subnetIds, groupIds } = situation.standpoint
  if (vpcId === null) return []
  const free = (id: string) =>
    number(byId(situation.snapshot, PLACES.subnet, id), 'AvailableIpAddressCount') !== 0
  const left = subnetIds.filter(free)
  const zones = subnetIds.map((subnet) => zoneOf(situation, subnet))
  const other = homes(situation, vpcId, zones).map((ids) => [
    ...left,
    ...ids.filter((id) => !left.some((one) => zoneOf(situation, one) === zoneOf(situation, id))),
  ])
  return [...other, left].flatMap((ids) => configure(situation, ids, groupIds))
}
