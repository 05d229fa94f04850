import type { Draft } from '../../../api/diagnosis/apply/draft.js'
import { PLACES } from '../../../api/diagnosis/raw.js'
import type { Account } from '../account.js'
import { within } from '../addresses.js'
import { number, type Raw, records, text } from '../documents.js'
import { arg, type FaultKind, type FaultSite, type Found } from './fault.js'
import { type Terrain, targetEni } from './terrain.js'

/** A group that was deleted: rules that name it stay behind as stale ones. */
const DELETED_GROUP = 'sg-0dead0dead0dead00'
const SOMEBODYS_ADDRESS = '203.0.113.99/32'

/** Whether a rule is for a port. */
export const covers = (rule: Raw, port: number): boolean => {
  const [from, to] = [number(rule, 'FromPort'), number(rule, 'ToPort')]
  return text(rule, 'IpProtocol') === '-1' || (from !== null && to !== null && from <= port && port <= to)
}

/** The target's one group, if what this catalogue takes away admits the flow. `empties`: nothing is put in its place. */
function targetGroup(terrain: Terrain, endpoint: boolean, empties = false): readonly Found[] {
  const eni = targetEni(terrain)
  if (eni === null || (terrain.target.kind === 'service') !== endpoint || eni.groups.length !== 1) return []
  const [component = ''] = eni.groups
  const args = {
    port: String(terrain.port),
    groups: terrain.starts.flatMap(({ groups }) => groups).join(),
    addresses: terrain.starts.map(({ subnet }) => subnet.cidrs[0]?.split('/')[0] ?? '').join(),
  }
  const rules = records(groupOf(terrain.account, component), 'IpPermissions')
  const without = rulesInstead(rules, args, () => [])
  if (JSON.stringify(without) === JSON.stringify(rules)) return []
  const code = empties && without.length === 0 ? 'SG_HAS_NO_RULES' : 'ENI_SG_RULES_MISMATCH'
  return [{ component, args, expected: { code, component } }]
}

/** The one group of the flow's start. */
function sourceGroup({ starts }: Terrain, expectedCode: string): readonly Found[] {
  const ids = new Set(starts.flatMap(({ groups }) => groups))
  const [component] = ids
  return component === undefined || ids.size !== 1
    ? []
    : [{ component, expected: { code: expectedCode, component } }]
}

type Instead = (rule: Raw, pairs: readonly Raw[], ranges: readonly Raw[]) => readonly Raw[]

/** Rules in place of those that let the flow in: each admitting peer is taken out of its rule, and what `instead` makes of it is put in. */
function rulesInstead(
  rules: readonly Raw[],
  args: { readonly port: string; readonly groups: string; readonly addresses: string },
  instead: Instead,
): readonly Raw[] {
  const port = Number(args.port)
  const groups = args.groups.split(',')
  const addresses = args.addresses.split(',')
  return rules.flatMap((rule): readonly Raw[] => {
    if (!covers(rule, port)) return [rule]
    const isOwn = (pair: Raw) => groups.includes(text(pair, 'GroupId'))
    const holds = (range: Raw) => addresses.some((one) => within(one, text(range, 'CidrIp')))
    const [pairs, ranges] = [records(rule, 'UserIdGroupPairs'), records(rule, 'IpRanges')]
    const kept = {
      ...rule,
      UserIdGroupPairs: pairs.filter((pair) => !isOwn(pair)),
      IpRanges: ranges.filter((range) => !holds(range)),
    }
    const empty = ['UserIdGroupPairs', 'IpRanges', 'Ipv6Ranges', 'PrefixListIds'].every(
      (field) => records(kept, field).length === 0,
    )
    const [ownPairs, ownRanges] = [pairs.filter(isOwn), ranges.filter(holds)]
    if (ownPairs.length + ownRanges.length === 0) return [rule]
    return [...(empty ? [] : [kept]), ...instead(rule, ownPairs, ownRanges)]
  })
}

function replaceAdmission(draft: Draft, site: FaultSite, instead: Instead): void {
  const group = draft.get(PLACES.securityGroup, site.component)
  const args = {
    port: arg(site, 'port'),
    groups: arg(site, 'groups'),
    addresses: arg(site, 'addresses'),
  }
  const rules = rulesInstead(records(group, 'IpPermissions'), args, instead)
  draft.put(PLACES.securityGroup, site.component, { ...group, IpPermissions: rules })
}

const only = (rule: Raw, pairs: readonly Raw[], ranges: readonly Raw[]): Raw => ({
  ...rule,
  UserIdGroupPairs: pairs,
  IpRanges: ranges,
  Ipv6Ranges: [],
  PrefixListIds: [],
})

function egressOnly(draft: Draft, site: FaultSite, rules: readonly Raw[]): void {
  const group = draft.get(PLACES.securityGroup, site.component)
  draft.put(PLACES.securityGroup, site.component, { ...group, IpPermissionsEgress: rules })
}

/** A rule for a range, as AWS prints it. */
export const allow = (protocol: string, port: number | null, cidr: string): Raw => ({
  IpProtocol: protocol,
  ...(port === null ? {} : { FromPort: port, ToPort: port }),
  IpRanges: [{ CidrIp: cidr }],
  Ipv6Ranges: [],
  PrefixListIds: [],
  UserIdGroupPairs: [],
})

/** Faults of security groups. */
export const GROUP_FAULTS: readonly FaultKind[] = [
  {
    id: 'target-rule-missing',
    title: { en: 'Inbound rule missing', ko: '인바운드 규칙 없음' },
    description: {
      en: "The target's security group has no inbound rule for the function.",
      ko: '대상의 보안 그룹에 함수를 허용하는 인바운드 규칙이 없습니다.',
    },
    sites: (terrain) => targetGroup(terrain, false, true),
    inject: (draft, site) => replaceAdmission(draft, site, () => []),
  },
  {
    id: 'target-rule-wrong-port',
    title: { en: 'Inbound rule for another port', ko: '다른 포트의 인바운드 규칙' },
    description: {
      en: "The inbound rule of the target's security group names the port next to the right one.",
      ko: '대상 보안 그룹의 인바운드 규칙이 바로 옆의 다른 포트를 가리킵니다.',
    },
    sites: (terrain) => targetGroup(terrain, false),
    inject: (draft, site) =>
      replaceAdmission(draft, site, (rule, pairs, ranges) => {
        const port = Number(arg(site, 'port')) + 1
        return [only({ ...rule, IpProtocol: 'tcp', FromPort: port, ToPort: port }, pairs, ranges)]
      }),
  },
  {
    id: 'target-rule-own-address',
    title: { en: 'Inbound rule for one address only', ko: '한 주소만 허용하는 인바운드 규칙' },
    description: {
      en: "The target's security group admits the address of whoever made it, and nobody else.",
      ko: '대상의 보안 그룹이 만든 사람의 주소만 허용합니다.',
    },
    sites: (terrain) => targetGroup(terrain, false),
    inject: (draft, site) =>
      replaceAdmission(draft, site, (rule) => [only(rule, [], [{ CidrIp: SOMEBODYS_ADDRESS }])]),
  },
  {
    id: 'target-rule-stale-group',
    title: { en: 'Inbound rule for a deleted group', ko: '삭제된 그룹을 가리키는 인바운드 규칙' },
    description: {
      en: "The inbound rule of the target's security group refers to a group that was deleted.",
      ko: '대상 보안 그룹의 인바운드 규칙이 삭제된 보안 그룹을 참조합니다.',
    },
    sites: (terrain) => targetGroup(terrain, false),
    inject: (draft, site) =>
      replaceAdmission(draft, site, (rule) => [only(rule, [{ GroupId: DELETED_GROUP }], [])]),
  },
  {
    id: 'target-rule-wrong-group',
    title: { en: 'Inbound rule for another group', ko: '다른 그룹을 허용하는 인바운드 규칙' },
    description: {
      en: "The inbound rule of the target's security group refers to a group that the function does not have.",
      ko: '대상 보안 그룹의 인바운드 규칙이 함수에 없는 보안 그룹을 참조합니다.',
    },
    sites: (terrain) =>
      targetGroup(terrain, false).flatMap((found) => {
        const other = otherGroup(terrain, found.component)
        return other === undefined ? [] : [{ ...found, args: { ...found.args, other } }]
      }),
    inject: (draft, site) =>
      replaceAdmission(draft, site, (rule) => [only(rule, [{ GroupId: arg(site, 'other') }], [])]),
  },
  {
    id: 'egress-closed',
    title: { en: 'No outbound rules', ko: '아웃바운드 규칙 없음' },
    description: {
      en: "The function's security group has no outbound rule at all.",
      ko: '함수의 보안 그룹에 아웃바운드 규칙이 하나도 없습니다.',
    },
    sites: (terrain) => sourceGroup(terrain, 'SG_HAS_NO_RULES'),
    inject: (draft, site) => egressOnly(draft, site, []),
  },
  {
    id: 'egress-narrowed',
    title: { en: 'Outbound rules for other ports', ko: '다른 포트만 여는 아웃바운드 규칙' },
    description: {
      en: "The function's security group lets out to every address, but not on the target's port.",
      ko: '함수의 보안 그룹이 모든 주소로 나가게 하지만, 대상의 포트는 열려 있지 않습니다.',
    },
    sites: (terrain) =>
      sourceGroup(terrain, 'ENI_SG_RULES_MISMATCH').map((found) => ({
        ...found,
        args: { port: terrain.port === 443 ? '5432' : '443' },
      })),
    inject: (draft, site) => egressOnly(draft, site, [allow('tcp', Number(arg(site, 'port')), '0.0.0.0/0')]),
  },
  {
    id: 'egress-private-only',
    title: { en: 'Outbound rules for private ranges only', ko: '프라이빗 주소 범위만 여는 아웃바운드 규칙' },
    description: {
      en: "The function's security group lets out to private ranges only; the target has a public address.",
      ko: '함수의 보안 그룹이 프라이빗 주소 범위으로만 나가게 하는데, 대상은 퍼블릭 주소입니다.',
    },
    sites: (terrain) =>
      terrain.target.kind === 'internet' ||
      (terrain.target.kind === 'service' && terrain.target.how !== 'interface')
        ? sourceGroup(terrain, 'ENI_SG_RULES_MISMATCH')
        : [],
    inject: (draft, site) => egressOnly(draft, site, [allow('-1', null, '10.0.0.0/8')]),
  },
  {
    id: 'endpoint-rule-missing',
    title: { en: 'Endpoint does not admit the function', ko: '엔드포인트가 함수를 허용하지 않음' },
    description: {
      en: "The interface endpoint's security group has no inbound rule for 443 from the function.",
      ko: '인터페이스 엔드포인트의 보안 그룹에 함수에서 오는 443 인바운드 규칙이 없습니다.',
    },
    sites: (terrain) => targetGroup(terrain, true, true),
    inject: (draft, site) => replaceAdmission(draft, site, () => []),
  },
]

export function groupOf({ groups }: Account, id: string): Raw | undefined {
  return groups.find((one) => text(one, 'GroupId') === id)
}

/** A group of the target's VPC that neither end has. */
function otherGroup({ account, starts }: Terrain, own: string): string | undefined {
  const vpcId = text(groupOf(account, own), 'VpcId')
  const taken = new Set([own, ...starts.flatMap(({ groups }) => groups)])
  return account.groups
    .filter((one) => text(one, 'VpcId') === vpcId)
    .map((one) => text(one, 'GroupId'))
    .find((id) => !taken.has(id))
}
