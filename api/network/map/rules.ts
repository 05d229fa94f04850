import type { AclEntry, GroupRule, NetworkAcl, SecurityGroup } from '../entities.js'
import type { Model } from '../model.js'
import { type MapRoute, mapRoute } from './subnets.js'

/** The rules of one component in the terms in which a change names them (`authorize-security-group` and the like). */
export type RuleSet =
  | {
      readonly kind: 'security-group'
      readonly id: string
      readonly name: string | null
      readonly rules: readonly GroupRuleView[]
    }
  | { readonly kind: 'network-acl'; readonly id: string; readonly entries: readonly AclEntryView[] }
  | { readonly kind: 'route-table'; readonly id: string; readonly routes: readonly MapRoute[] }

export interface GroupRuleView {
  readonly direction: 'ingress' | 'egress'
  /** As AWS writes it: `tcp`, `-1`, a number. */
  readonly protocol: string
  readonly fromPort: number | null
  readonly toPort: number | null
  readonly peer: { readonly cidr: string } | { readonly groupId: string } | { readonly prefixListId: string }
}

export interface AclEntryView {
  readonly egress: boolean
  readonly ruleNumber: number
  readonly action: 'allow' | 'deny'
  readonly protocol: string
  readonly cidr: string
  readonly fromPort: number | null
  readonly toPort: number | null
}

/** The rules of a security group, network ACL or route table; null where the model has none of that id. */
export function ruleSet(model: Model, id: string): RuleSet | null {
  const group = model.securityGroups.get(id)
  if (group !== undefined) return ofGroup(group)
  const acl = model.networkAcls.get(id)
  if (acl !== undefined) return ofAcl(acl)
  const table = model.routeTables.get(id)
  return table === undefined ? null : { kind: 'route-table', id, routes: table.routes.map(mapRoute) }
}

function ofGroup({ id, name, ingress, egress }: SecurityGroup): RuleSet {
  const view =
    (direction: GroupRuleView['direction']) =>
    (rule: GroupRule): GroupRuleView => {
      const written = rule.raw['IpProtocol']
      return {
        direction,
        protocol: typeof written === 'string' ? written : String(rule.protocol),
        fromPort: rule.fromPort,
        toPort: rule.toPort,
        peer: peerOf(rule.peer),
      }
    }
  return {
    kind: 'security-group',
    id,
    name,
    rules: [...ingress.map(view('ingress')), ...egress.map(view('egress'))],
  }
}

function peerOf(peer: GroupRule['peer']): GroupRuleView['peer'] {
  if (peer.kind === 'cidr') return { cidr: peer.prefix.text }
  return peer.kind === 'group' ? { groupId: peer.groupId } : { prefixListId: peer.id }
}

/** Without the last one, `*`: it can't be changed, and says only what the absence of a rule says. */
function ofAcl({ id, ingress, egress }: NetworkAcl): RuleSet {
  const view =
    (isEgress: boolean) =>
    (entry: AclEntry): AclEntryView => ({
      egress: isEgress,
      ruleNumber: entry.number,
      action: entry.allow ? 'allow' : 'deny',
      protocol: String(entry.protocol),
      cidr: entry.prefix.text,
      fromPort: entry.fromPort,
      toPort: entry.toPort,
    })
  const entries = [...ingress.map(view(false)), ...egress.map(view(true))]
  return { kind: 'network-acl', id, entries: entries.filter(({ ruleNumber }) => ruleNumber <= 32_766) }
}
