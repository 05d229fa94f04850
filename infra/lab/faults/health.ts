import type { Draft } from '../../../api/diagnosis/apply/draft.js'
import type { Account } from '../account.js'
import { targetGroupsOf } from '../balancers.js'
import { listed, record, records, text } from '../documents.js'
import { arg, type FaultSite } from './fault.js'
import type { Onward } from './terrain.js'

/** The answer that tells the targets of a target group, by its ARN. */
export const HEALTH = { call: 'describe-target-health', list: null, id: '' } as const

/** Arguments by which `markUnhealthy` finds the targets that a fault cuts off. */
export function unhealthyArgs(
  account: Account,
  { balancer }: Onward,
  cutOff: Onward['targets'],
): Readonly<Record<string, string>> {
  const addresses = cutOff.flatMap(({ eni }) => eni.addresses)
  const instances = listed(account.documents, 'describe-instances', 'Reservations')
    .flatMap((one) => records(one, 'Instances'))
    .filter((one) => addresses.includes(text(one, 'PrivateIpAddress')))
    .map((one) => text(one, 'InstanceId'))
  const groups = targetGroupsOf(account, balancer).map((one) => text(one, 'TargetGroupArn'))
  return { targets: [...addresses, ...instances].join(), targetGroups: groups.join() }
}

/**
 * What a load balancer's own checks don't get through to any more AWS calls unhealthy
 * (https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health-checks.html).
 */
export function markUnhealthy(draft: Draft, site: FaultSite): void {
  const ids = arg(site, 'targets').split(',')
  const told = { State: 'unhealthy', Reason: 'Target.Timeout', Description: 'Request timed out' }
  for (const group of arg(site, 'targetGroups').split(',')) {
    const answer = draft.get(HEALTH, group)
    const described = records(answer, 'TargetHealthDescriptions').map((one) =>
      ids.includes(text(record(one, 'Target'), 'Id')) ? { ...one, TargetHealth: told } : one,
    )
    draft.put(HEALTH, group, { ...answer, TargetHealthDescriptions: described })
  }
}
