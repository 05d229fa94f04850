import type { Draft } from '../../../api/diagnosis/apply/draft.js'
import { PLACES } from '../../../api/diagnosis/raw.js'
import { within } from '../addresses.js'
import { listenersAt, targetGroupsOf } from '../balancers.js'
import { type Raw, record, records, text } from '../documents.js'
import { arg, type FaultKind, type FaultSite, type Found } from './fault.js'
import { allow, covers, groupOf } from './groups.js'
import { HEALTH, markUnhealthy, unhealthyArgs } from './health.js'
import { destinationOf, NO_ROUTE, takeRoute } from './routes.js'
import { type Onward, onwardOf, routeOf, subnetOf, type Terrain } from './terrain.js'

const LISTENERS = { call: 'describe-listeners', list: null, id: '' } as const
const TARGET_GROUPS = { call: 'describe-target-groups', list: 'TargetGroups', id: 'TargetGroupArn' } as const

const GROUP_ATTRIBUTES = { call: 'describe-target-group-attributes', list: null, id: '' } as const
const PRESERVES = 'preserve_client_ip.enabled'

/** The one security group that all targets have, and its inbound rules. */
function balancedGroup(terrain: Terrain): (Onward & { readonly id: string; readonly port: number }) | null {
  const onward = onwardOf(terrain)
  const groups = new Set(onward?.targets.flatMap(({ eni }) => eni.groups))
  const [id] = groups
  const ports = new Set(onward?.targets.map(({ port }) => port))
  const [port] = ports
  if (onward === null || id === undefined || port === undefined || groups.size !== 1 || ports.size !== 1)
    return null
  return records(groupOf(terrain.account, id), 'IpPermissions').length === 0 ? null : { ...onward, id, port }
}

/** A fault at the one group of the targets, all of which it cuts off. */
function atTargets(terrain: Terrain, code: string): readonly Found[] {
  const found = balancedGroup(terrain)
  return found === null
    ? []
    : [
        {
          component: found.id,
          args: { port: String(found.port), ...unhealthyArgs(terrain.account, found, found.targets) },
          expected: { code, component: found.id },
        },
      ]
}

/** A fault at the load balancer's own group, the one that it has. */
function atBalancer(terrain: Terrain, code: string): readonly Found[] {
  const onward = onwardOf(terrain)
  const [component, ...more] = onward?.balancer.groups ?? []
  return onward === null || component === undefined || more.length > 0
    ? []
    : [
        {
          component,
          args: {
            port: String(onward.targets[0]?.port ?? 0),
            ...unhealthyArgs(terrain.account, onward, onward.targets),
          },
          expected: { code, component },
        },
      ]
}

function replaceRules(
  draft: Draft,
  site: FaultSite,
  field: 'IpPermissions' | 'IpPermissionsEgress',
  change: (rules: readonly Raw[]) => readonly Raw[],
): void {
  const group = draft.get(PLACES.securityGroup, site.component)
  draft.put(PLACES.securityGroup, site.component, { ...group, [field]: change(records(group, field)) })
  markUnhealthy(draft, site)
}

/** The route of one end's table to the other, where load balancer and targets stand in two VPCs. */
function routeBehind(terrain: Terrain, way: 'there' | 'back'): readonly Found[] {
  const onward = onwardOf(terrain)
  const [target] = onward?.targets ?? []
  const far = target === undefined ? undefined : subnetOf(terrain.account, target.eni)
  if (onward === null || target === undefined || far === undefined) return []
  const [from, address = ''] =
    way === 'there' ? [onward.node, target.eni.addresses[0]] : [far, onward.balancer.enis[0]?.addresses[0]]
  const route = routeOf(terrain.account, from, address)
  return text(route, 'VpcPeeringConnectionId') === ''
    ? []
    : [
        {
          component: from.tableId,
          args: {
            destination: destinationOf(route),
            ...unhealthyArgs(terrain.account, onward, onward.targets),
          },
          expected: { code: NO_ROUTE, component: from.tableId },
        },
      ]
}

/** The one target group behind the load balancer, by its ARN and by its name. */
function onlyGroup(terrain: Terrain): { readonly arn: string; readonly name: string } | null {
  const onward = onwardOf(terrain)
  const groups = onward === null ? [] : targetGroupsOf(terrain.account, onward.balancer)
  const [group] = groups
  return group === undefined || groups.length !== 1
    ? null
    : { arn: text(group, 'TargetGroupArn'), name: text(group, 'TargetGroupName') }
}

function putTargets(draft: Draft, arn: string, change: (targets: readonly Raw[]) => readonly Raw[]): void {
  const answer = draft.get(HEALTH, arn)
  const TargetHealthDescriptions = change(records(answer, 'TargetHealthDescriptions'))
  draft.put(HEALTH, arn, { ...answer, TargetHealthDescriptions })
}

/** Faults of a load balancer: its listener, its targets, and what lets it through to them. */
export const BALANCER_FAULTS: readonly FaultKind[] = [
  {
    id: 'listener-removed',
    title: { en: 'Listener removed', ko: '리스너 삭제' },
    description: {
      en: 'The load balancer has no listener at the port that the function calls.',
      ko: '함수가 호출하는 포트에 로드 밸런서의 리스너가 없습니다.',
    },
    sites: ({ account, target, port }) => {
      if (target.kind !== 'balancer') return []
      const { balancer } = target
      if (!listenersAt(account, balancer, null).some((one) => one.port === port)) return []
      return [
        {
          component: balancer.name,
          args: { arn: balancer.arn, port: String(port) },
          expected: {
            code: 'ELBV2_LISTENERS_MISMATCH',
            component: balancer.name,
            advice: 'LISTENER_MISSING',
          },
        },
      ]
    },
    inject: (draft, site) => {
      const answer = draft.get(LISTENERS, arg(site, 'arn'))
      const kept = records(answer, 'Listeners').filter((one) => String(one['Port']) !== arg(site, 'port'))
      draft.put(LISTENERS, arg(site, 'arn'), { ...answer, Listeners: kept })
    },
  },
  {
    id: 'targets-deregistered',
    title: { en: 'No registered targets', ko: '등록된 대상 없음' },
    description: {
      en: 'Every target was deregistered from the target group: the load balancer has nothing to forward to.',
      ko: '대상 그룹의 대상이 모두 등록 취소되어 로드 밸런서가 전달할 곳이 없습니다.',
    },
    sites: (terrain) => {
      const group = onlyGroup(terrain)
      return group === null
        ? []
        : [
            {
              component: group.name,
              args: { arn: group.arn },
              expected: {
                code: 'ELBV2_LISTENER_HAS_NO_TG',
                component: group.name,
                advice: 'TARGETS_MISSING',
              },
            },
          ]
    },
    inject: (draft, site) => putTargets(draft, arg(site, 'arn'), () => []),
  },
  {
    id: 'target-group-wrong-port',
    title: { en: 'Target group sends to another port', ko: '다른 포트로 보내는 대상 그룹' },
    description: {
      en: 'The target group sends to the port next to the right one, which the security group of the targets does not admit.',
      ko: '대상 그룹이 바로 옆의 다른 포트로 보내는데, 대상의 보안 그룹은 그 포트를 허용하지 않습니다.',
    },
    sites: (terrain) => {
      const group = onlyGroup(terrain)
      const own = balancedGroup(terrain)
      const open = records(groupOf(terrain.account, own?.id ?? ''), 'IpPermissions')
      if (group === null || own === null || open.some((rule) => covers(rule, own.port + 1))) return []
      return atTargets(terrain, 'ENI_SG_RULES_MISMATCH').map((found) => ({
        ...found,
        args: { ...found.args, arn: group.arn },
      }))
    },
    inject: (draft, site) => {
      const port = Number(arg(site, 'port')) + 1
      const arn = arg(site, 'arn')
      draft.put(TARGET_GROUPS, arn, { ...draft.get(TARGET_GROUPS, arn), Port: port })
      putTargets(draft, arn, (targets) =>
        targets.map((one) => ({
          ...one,
          Target: { ...record(one, 'Target'), Port: port },
          HealthCheckPort: String(port),
        })),
      )
      markUnhealthy(draft, site)
    },
  },
  {
    id: 'balanced-rule-missing',
    title: { en: 'Targets do not admit the load balancer', ko: '대상이 로드 밸런서를 허용하지 않음' },
    description: {
      en: "The security group of the load balancer's targets has no inbound rule at all.",
      ko: '로드 밸런서 대상의 보안 그룹에 인바운드 규칙이 하나도 없습니다.',
    },
    sites: (terrain) => atTargets(terrain, 'SG_HAS_NO_RULES'),
    inject: (draft, site) => replaceRules(draft, site, 'IpPermissions', () => []),
  },
  {
    id: 'balanced-rule-wrong-port',
    title: { en: 'Targets admit another port', ko: '다른 포트를 허용하는 대상' },
    description: {
      en: "The inbound rules of the targets' security group name the port next to the one that the target group sends to.",
      ko: '대상 보안 그룹의 인바운드 규칙이 대상 그룹이 보내는 포트가 아니라 바로 옆의 포트를 가리킵니다.',
    },
    sites: (terrain) => atTargets(terrain, 'ENI_SG_RULES_MISMATCH'),
    inject: (draft, site) =>
      replaceRules(draft, site, 'IpPermissions', (rules) => {
        const port = Number(arg(site, 'port'))
        return rules.map((rule) =>
          covers(rule, port) ? { ...rule, IpProtocol: 'tcp', FromPort: port + 1, ToPort: port + 1 } : rule,
        )
      }),
  },
  {
    id: 'balanced-rule-for-client',
    title: { en: 'Targets admit the function only', ko: '함수만 허용하는 대상' },
    description: {
      en: "The targets' security group refers to the function's group, but they see the load balancer.",
      ko: '대상의 보안 그룹이 함수의 보안 그룹을 참조하는데, 대상에게 보이는 것은 로드 밸런서입니다.',
    },
    sites: (terrain) => {
      const [client] = terrain.starts.flatMap(({ groups }) => groups)
      return client === undefined
        ? []
        : atTargets(terrain, 'ENI_SG_RULES_MISMATCH').map((found) => ({
            ...found,
            args: { ...found.args, client },
          }))
    },
    inject: (draft, site) =>
      replaceRules(draft, site, 'IpPermissions', (rules) => {
        const port = Number(arg(site, 'port'))
        const client = { UserIdGroupPairs: [{ GroupId: arg(site, 'client') }], IpRanges: [] }
        return rules.map((rule) => (covers(rule, port) ? { ...rule, ...client, PrefixListIds: [] } : rule))
      }),
  },
  {
    id: 'client-ip-preservation-changed',
    title: { en: 'Targets see another address', ko: '대상에게 보이는 주소가 바뀜' },
    description: {
      en: 'Client IP preservation of the target group was switched: the targets see another address than their security group admits.',
      ko: '대상 그룹의 클라이언트 IP 보존 설정이 바뀌어, 대상의 보안 그룹이 허용하지 않는 주소가 대상에게 보입니다.',
    },
    sites: (terrain) => {
      const group = onlyGroup(terrain)
      const own = balancedGroup(terrain)
      if (group === null || own === null || own.balancer.type !== 'network') return []
      const kept = listenersAt(terrain.account, own.balancer, null).some(({ preserves }) => preserves)
      const seen = kept
        ? own.balancer.enis.flatMap(({ addresses }) => addresses)
        : terrain.starts.map(({ subnet }) => subnet.cidrs[0]?.split('/')[0] ?? '')
      const admits = records(groupOf(terrain.account, own.id), 'IpPermissions')
        .filter((rule) => covers(rule, own.port))
        .some(
          (rule) =>
            records(rule, 'IpRanges').some((one) =>
              seen.some((address) => within(address, text(one, 'CidrIp'))),
            ) ||
            records(rule, 'UserIdGroupPairs').some((one) =>
              own.balancer.groups.includes(text(one, 'GroupId')),
            ),
        )
      return admits
        ? []
        : atTargets(terrain, 'ENI_SG_RULES_MISMATCH').map((found) => ({
            ...found,
            args: { ...found.args, arn: group.arn, value: String(!kept) },
          }))
    },
    inject: (draft, site) => {
      const answer = draft.get(GROUP_ATTRIBUTES, arg(site, 'arn'))
      const others = records(answer, 'Attributes').filter((one) => text(one, 'Key') !== PRESERVES)
      const Attributes = [...others, { Key: PRESERVES, Value: arg(site, 'value') }]
      draft.put(GROUP_ATTRIBUTES, arg(site, 'arn'), { ...answer, Attributes })
      markUnhealthy(draft, site)
    },
  },
  {
    id: 'balancer-egress-closed',
    title: { en: 'Load balancer without outbound rules', ko: '아웃바운드 규칙이 없는 로드 밸런서' },
    description: {
      en: "The load balancer's security group has no outbound rule at all.",
      ko: '로드 밸런서의 보안 그룹에 아웃바운드 규칙이 하나도 없습니다.',
    },
    sites: (terrain) => atBalancer(terrain, 'SG_HAS_NO_RULES'),
    inject: (draft, site) => replaceRules(draft, site, 'IpPermissionsEgress', () => []),
  },
  {
    id: 'balancer-egress-narrowed',
    title: {
      en: 'Outbound rules of the load balancer for another port',
      ko: '다른 포트만 여는 로드 밸런서 아웃바운드 규칙',
    },
    description: {
      en: "The load balancer's security group lets out to its targets on the port next to the right one.",
      ko: '로드 밸런서의 보안 그룹이 대상의 포트가 아니라 바로 옆의 포트로만 나가게 합니다.',
    },
    sites: (terrain) => atBalancer(terrain, 'ENI_SG_RULES_MISMATCH'),
    inject: (draft, site) =>
      replaceRules(draft, site, 'IpPermissionsEgress', () => [
        allow('tcp', Number(arg(site, 'port')) + 1, '0.0.0.0/0'),
      ]),
  },
  {
    id: 'balanced-route-missing',
    title: {
      en: 'No route from the load balancer to its targets',
      ko: '로드 밸런서에서 대상으로 가는 경로 없음',
    },
    description: {
      en: "The route table of the load balancer's subnets has no route to the peered VPC of its targets.",
      ko: '로드 밸런서 서브넷의 라우팅 테이블에 대상이 있는 피어링된 VPC로 가는 경로가 없습니다.',
    },
    sites: (terrain) => routeBehind(terrain, 'there'),
    inject: (draft, site) => {
      takeRoute(draft, site)
      markUnhealthy(draft, site)
    },
  },
  {
    id: 'balanced-return-route-missing',
    title: { en: 'No route back to the load balancer', ko: '로드 밸런서로 돌아오는 경로 없음' },
    description: {
      en: "The route table of the targets' subnet has no route back to the load balancer's VPC.",
      ko: '대상 서브넷의 라우팅 테이블에 로드 밸런서의 VPC로 돌아오는 경로가 없습니다.',
    },
    sites: (terrain) => routeBehind(terrain, 'back'),
    inject: (draft, site) => {
      takeRoute(draft, site)
      markUnhealthy(draft, site)
    },
  },
]
