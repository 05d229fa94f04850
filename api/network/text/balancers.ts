import { josa } from '../../korean.js'
import type { Text } from '../path.js'

/** Sentences about load balancers, their listeners and targets. */

export const listenerPass = (listener: string, protocol: string, groups: readonly string[]): Text => ({
  en: `Listener ${listener} (${protocol}) takes it; its default action forwards to ${groups.join(', ')}.`,
  ko: josa`리스너 ${listener}(${protocol})이(가) 받아 기본 작업에 따라 ${groups.join(', ')}(으)로 전달합니다.`,
})

export const listenerAnswers = (listener: string, protocol: string, action: string): Text => ({
  en: `Listener ${listener} (${protocol}) takes it and answers by itself (${action}).`,
  ko: josa`리스너 ${listener}(${protocol})이(가) 받아 직접 응답합니다(${action}).`,
})

export const listenerAction = (protocol: string, actions: string): Text => ({
  en: `${protocol} → ${actions}`,
  ko: `${protocol} → ${actions}`,
})

export const noListener = (balancer: string, asked: string, others: string): Text =>
  others === ''
    ? {
        en: `Load balancer ${balancer} has no listener at all, so it takes nothing at ${asked}.`,
        ko: josa`로드 밸런서 ${balancer}에 리스너가 하나도 없어 ${asked}을(를) 받지 않습니다.`,
      }
    : {
        en: `Load balancer ${balancer} has no listener for ${asked}; it listens on ${others}.`,
        ko: josa`로드 밸런서 ${balancer}에 ${asked} 리스너가 없습니다. 리스너는 ${others}에만 있습니다.`,
      }

export const noListenerRule = (asked: string, others: string): Text => ({
  en: `no listener for ${asked}${others === '' ? '' : `, only ${others}`}`,
  ko: `${asked} 리스너 없음${others === '' ? '' : ` (${others}만 있음)`}`,
})

export const groupPass = (group: string, health: Text): Text => ({
  en: `Target group ${group}: ${health.en}.`,
  ko: `대상 그룹 ${group}: ${health.ko}.`,
})

/** States as the AWS console names them in Korean. */
const STATES: Readonly<Record<string, string>> = {
  healthy: '정상',
  unhealthy: '비정상',
  'unhealthy.draining': '비정상(드레이닝)',
  draining: '드레이닝',
  initial: '초기',
  unused: '미사용',
  unavailable: '상태 확인 안 함',
}

/** How many targets are in a state, and why, as AWS prints it. */
export interface StateCount {
  readonly state: string
  readonly reason: string | null
  readonly count: number
}

const why = (reason: string | null) => (reason === null ? '' : ` (${reason})`)

export const health = (counts: readonly StateCount[]): Text => ({
  en: counts.map(({ state, reason, count }) => `${count} ${state}${why(reason)}`).join(', '),
  ko: counts
    .map(({ state, reason, count }) => `${STATES[state] ?? state} ${count}개${why(reason)}`)
    .join(', '),
})

export const noTargets = (group: string): Text => ({
  en: `Target group ${group} has no registered target: there is nothing to forward to.`,
  ko: `대상 그룹 ${group}에 등록된 대상이 없어 전달할 곳이 없습니다.`,
})

export const noTargetsRule: Text = { en: 'no registered targets', ko: '등록된 대상 없음' }

export const notInService = (group: string, found: Text): Text => ({
  en: `No target of ${group} is in service (${found.en}): there is nothing to forward to.`,
  ko: `대상 그룹 ${group}에 서비스 중인 대상이 없어(${found.ko}) 전달할 곳이 없습니다.`,
})

export const zoneNotEnabled = (group: string, balancer: string, zones: string): Text => ({
  en: `The targets of ${group} stand in zones that ${balancer} is not enabled for; it forwards only into ${zones}.`,
  ko: josa`대상 그룹 ${group}의 대상이 ${balancer}에 활성화되지 않은 가용 영역에 있습니다. ${balancer}은(는) ${zones}(으)로만 전달합니다.`,
})

export const zonesRule = (zones: string): Text => ({
  en: `enabled zones: ${zones}`,
  ko: `활성화된 가용 영역: ${zones}`,
})

export const noTargetsInZone = (group: string, balancer: string, zone: string): Text => ({
  en: `Target group ${group} has no target in ${zone}, and ${balancer} doesn't balance across zones: what comes in there is lost.`,
  ko: josa`대상 그룹 ${group}의 대상이 ${zone}에 없고 ${balancer}의 교차 영역 로드 밸런싱이 꺼져 있어, 그 영역으로 들어온 트래픽은 갈 곳이 없습니다.`,
})

export const crossZoneOff = (zone: string): Text => ({
  en: `cross-zone off, no targets in ${zone}`,
  ko: `교차 영역 꺼짐, ${zone}에 대상 없음`,
})

export const unhealthy = (group: string, found: Text, failOpen: boolean): Text => ({
  en: `${group}: ${found.en}.${failOpen ? ' None is healthy, so the load balancer sends to all of them all the same.' : ' The load balancer leaves the unhealthy ones out.'}`,
  ko: `${group}: ${found.ko}.${failOpen ? ' 정상인 대상이 없어 로드 밸런서가 모든 대상으로 보냅니다.' : ' 로드 밸런서는 비정상 대상으로 보내지 않습니다.'}`,
})

export const zoneUnhealthy = (group: string, zone: string): Text => ({
  en: `${group} has healthy targets, but none in ${zone}, where cross-zone balancing is off: its address there is taken out of DNS, and AWS doesn't document what it does with packets that still come.`,
  ko: `${group}의 정상 대상이 ${zone}에는 없고 교차 영역 로드 밸런싱이 꺼져 있습니다. 이 영역의 주소는 DNS에서 빠지며, 그래도 들어온 패킷을 어떻게 하는지는 AWS 문서에 없습니다.`,
})

export const leftOutOfDns = (balancer: string, zones: string): Text => ({
  en: `${balancer}'s name leads to none of its addresses in ${zones}: a target group has no healthy target there.`,
  ko: josa`${zones}에 정상 대상이 없는 대상 그룹이 있어, ${balancer}의 이름은 그 영역의 주소로 풀리지 않습니다.`,
})

export const listenersMissing = (balancer: string): Text => ({
  en: `The listeners of ${balancer} are not in the snapshot (describe-listeners).`,
  ko: `${balancer}의 리스너가 스냅샷에 없습니다(describe-listeners).`,
})

export const healthMissing = (group: string): Text => ({
  en: `The targets of ${group} are not in the snapshot (describe-target-health).`,
  ko: `${group}의 대상이 스냅샷에 없습니다(describe-target-health).`,
})

export const crossZoneMissing = (balancer: string, call: string): Text => ({
  en: `Whether ${balancer} balances across zones is not in the snapshot (${call}).`,
  ko: `${balancer}의 교차 영역 로드 밸런싱 여부가 스냅샷에 없습니다(${call}).`,
})

export const preservationMissing = (group: string): Text => ({
  en: `Whether targets of ${group} see the client's address or the load balancer's is not in the snapshot (describe-target-group-attributes).`,
  ko: `${group}의 대상이 클라이언트 주소를 보는지 로드 밸런서 주소를 보는지 스냅샷에 없습니다(describe-target-group-attributes).`,
})

export const protocolUndocumented = (balancer: string, protocol: string): Text => ({
  en: `AWS doesn't document what load balancer ${balancer} does with ${protocol}: ask with tcp or udp and a port.`,
  ko: josa`로드 밸런서 ${balancer}이(가) ${protocol}을(를) 어떻게 처리하는지 AWS 문서에 없습니다. tcp나 udp와 포트로 물어보세요.`,
})

export const actionUnknown = (listener: string, action: string): Text => ({
  en: `What the default action of listener ${listener} (${action}) leads to is not known.`,
  ko: `리스너 ${listener}의 기본 작업(${action})이 어디로 보내는지 알 수 없습니다.`,
})

export const behindUntold = (balancer: string, type: string): Text => ({
  en: `Sonde follows the path to ${balancer} and not behind it: load balancers of type ${type} have their listeners and targets in other answers.`,
  ko: josa`경로를 ${balancer}까지만 추적합니다. ${type} 유형 로드 밸런서의 리스너와 대상은 다른 API에 있습니다.`,
})

export const lambdaTarget = (name: string): Text => ({
  en: `The load balancer invokes function ${name} through Lambda's API: no network of yours lies between.`,
  ko: josa`로드 밸런서가 Lambda API로 함수 ${name}을(를) 호출하므로 그 사이에 네트워크가 없습니다.`,
})

export const lambdaPolicy = (name: string): Text => ({
  en: `Whether the policy of function ${name} lets Elastic Load Balancing invoke it is not in the snapshot.`,
  ko: josa`함수 ${name}의 정책이 Elastic Load Balancing의 호출을 허용하는지는 스냅샷에 없습니다.`,
})

export const hairpin = (target: string): Text => ({
  en: `${target} is both client and target: it would get its own address as the packet's source, and its system drops that.`,
  ko: josa`${target}은(는) 클라이언트이면서 대상이라 자기 주소에서 온 패킷을 받게 되고, 운영 체제가 이를 버립니다.`,
})

export const serviceBehind = (service: string, balancer: string): Text => ({
  en: `Endpoint service ${service} hands it to load balancer ${balancer}.`,
  ko: josa`엔드포인트 서비스 ${service}이(가) 로드 밸런서 ${balancer}(으)로 넘깁니다.`,
})

export const serviceElsewhere = (endpoint: string, service: string): Text => ({
  en: `Endpoint ${endpoint} leads to ${service}, whose load balancer is not in the snapshot: the path is followed to the endpoint.`,
  ko: josa`엔드포인트 ${endpoint}은(는) ${service}(으)로 이어지지만 그 로드 밸런서가 스냅샷에 없어 엔드포인트까지만 추적합니다.`,
})
