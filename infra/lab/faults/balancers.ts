import { PLACES } from '../../../api/diagnosis/raw.js'
import { balancerTargets, listenersAt } from '../balancers.js'
import { records, text } from '../documents.js'
import { arg, type FaultKind } from './fault.js'

const LISTENERS = { call: 'describe-listeners', list: null, id: '' } as const

/** Faults of a load balancer: its listener, and what lets it through to its targets. */
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
          expected: { code: 'ELBV2_LISTENERS_MISMATCH', component: balancer.name },
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
    id: 'balanced-rule-missing',
    title: { en: 'Targets do not admit the load balancer', ko: '대상이 로드 밸런서를 허용하지 않음' },
    description: {
      en: "The security group of the load balancer's targets has no inbound rule at all.",
      ko: '로드 밸런서 대상의 보안 그룹에 인바운드 규칙이 하나도 없습니다.',
    },
    sites: ({ account, target }) => {
      if (target.kind !== 'balancer') return []
      const groups = new Set(balancerTargets(account, target.balancer).flatMap(({ eni }) => eni.groups))
      const [component] = groups
      const group = account.groups.find((one) => text(one, 'GroupId') === component)
      if (component === undefined || groups.size !== 1 || records(group, 'IpPermissions').length === 0)
        return []
      return [{ component, expected: { code: 'SG_HAS_NO_RULES', component } }]
    },
    inject: (draft, { component }) =>
      draft.put(PLACES.securityGroup, component, {
        ...draft.get(PLACES.securityGroup, component),
        IpPermissions: [],
      }),
  },
]
