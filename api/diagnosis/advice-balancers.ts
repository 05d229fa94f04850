import { josa } from '../korean.js'
import type { Blocker, Text, Trace } from '../network/path.js'
import type { Diagnosis } from './diagnosis.js'

type Advice = Diagnosis['advice'][number]

/** What helps where a load balancer has nothing to forward by: more than the configuration can say is needed to change it. */
const BY_CODE: Readonly<
  Record<string, (component: string) => { readonly code: string; readonly text: Text }>
> = {
  ELBV2_LISTENERS_MISMATCH: (balancer) => ({
    code: 'LISTENER_MISSING',
    text: {
      en: `Ask for a port that ${balancer} listens on, or add a listener (aws elbv2 create-listener): its protocol, certificate and target group are for you to say.`,
      ko: josa`${balancer}의 리스너가 있는 포트로 요청하거나 리스너를 추가하세요(create-listener). 프로토콜, 인증서, 대상 그룹은 직접 정해야 합니다.`,
    },
  }),
  ELBV2_LISTENER_HAS_NO_TG: (group) => ({
    code: 'TARGETS_MISSING',
    text: {
      en: `Register targets with ${group} (aws elbv2 register-targets), or see why its service or Auto Scaling group registers none.`,
      ko: `${group}에 대상을 등록하거나(register-targets), 서비스나 오토 스케일링 그룹이 등록하지 않는 이유를 확인하세요.`,
    },
  }),
  TARGETS_NOT_IN_SERVICE: (group) => ({
    code: 'TARGETS_MISSING',
    text: {
      en: `Start the targets of ${group}, or register others: none of those that it has takes new connections.`,
      ko: `${group}의 대상을 시작하거나 다른 대상을 등록하세요. 지금 대상은 모두 새 연결을 받지 않습니다.`,
    },
  }),
  ELBV2_NO_TARGETS_IN_AZ: (group) => ({
    code: 'TARGETS_MISSING_IN_ZONE',
    text: {
      en: `Register a target of ${group} in that zone, or turn cross-zone load balancing on (aws elbv2 modify-load-balancer-attributes, load_balancing.cross_zone.enabled), which charges for transfer between zones.`,
      ko: `그 가용 영역에 ${group}의 대상을 등록하거나, 영역 간 전송 요금이 드는 교차 영역 로드 밸런싱을 켜세요(modify-load-balancer-attributes, load_balancing.cross_zone.enabled).`,
    },
  }),
  ELB_INSTALLED_AZ_RESTRICTION: (group) => ({
    code: 'ZONE_NOT_ENABLED',
    text: {
      en: `Enable the zone of the targets of ${group} for the load balancer (aws elbv2 set-subnets), or register targets in a zone that it has.`,
      ko: `로드 밸런서에 ${group} 대상의 가용 영역을 활성화하거나(set-subnets), 이미 활성화된 영역의 대상을 등록하세요.`,
    },
  }),
}

export function balancerAdvice(trace: Trace): readonly Advice[] {
  const advice = ({ code, component }: Blocker): Advice | null => {
    const found = Object.hasOwn(BY_CODE, code) ? BY_CODE[code]?.(component) : undefined
    return found === undefined ? null : { component, ...found }
  }
  const all = trace.blockers.map(advice).filter((one) => one !== null)
  return [...new Map(all.map((one) => [`${one.code} ${one.component}`, one])).values()]
}
