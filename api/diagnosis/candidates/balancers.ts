/** A load balancer answered in place of its targets, or nobody behind it did. */
import { josa } from '../../korean.js'
import type { Text } from '../../network/path.js'
import type { Candidate } from '../diagnosis.js'
import { candidate, type Evidence } from './evidence.js'

/** The listener of an Application Load Balancer that the path leads through. */
function httpListener({ trace }: Evidence): string | null {
  const hop = trace?.hops.find(({ kind, rule }) => kind === 'listener' && rule?.summary.startsWith('HTTP'))
  return hop?.component.replace(/:\d+$/, '') ?? null
}

const WHOSE: Text = {
  en: 'Compare HTTPCode_ELB_5XX_Count with HTTPCode_Target_5XX_Count in CloudWatch, or elb_status_code with target_status_code in the access log: they tell whether the load balancer or a target said it.',
  ko: 'CloudWatch의 HTTPCode_ELB_5XX_Count와 HTTPCode_Target_5XX_Count, 또는 액세스 로그의 elb_status_code와 target_status_code를 비교하면 로드 밸런서와 대상 중 누가 보낸 상태 코드인지 알 수 있습니다.',
}

const also = (first: Text): Text => ({ en: `${first.en} ${WHOSE.en}`, ko: `${first.ko} ${WHOSE.ko}` })

/**
 * What an Application Load Balancer means by the statuses that it makes itself.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-troubleshooting.html#load-balancer-http-error-codes
 */
export function gatewayStatus(evidence: Evidence): readonly Candidate[] {
  const balancer = httpListener(evidence)
  if (balancer === null) return []
  switch (evidence.observed.detail?.httpStatus) {
    case 502:
      return [
        candidate(
          'BALANCER_BAD_GATEWAY',
          {
            en: `The path works to ${balancer}, and a target refused or closed the connection, failed the TLS handshake, or answered what is no HTTP (502).`,
            ko: josa`${balancer}까지의 경로는 정상입니다. 대상이 연결을 거부하거나 끊었거나, TLS 핸드셰이크에 실패했거나, HTTP가 아닌 응답을 보냈습니다(502).`,
          },
          also({
            en: "Does the target listen on the target group's port and protocol, and does it keep idle connections longer than the load balancer's idle timeout?",
            ko: '대상이 대상 그룹의 포트와 프로토콜로 듣고 있는지, 대상의 keep-alive 시간이 로드 밸런서의 유휴 제한 시간보다 긴지 확인하세요.',
          }),
        ),
      ]
    case 503:
      return [
        candidate(
          'BALANCER_NO_TARGETS',
          {
            en: `The path works to ${balancer}, and the target group that the request came to has no target in service (503).`,
            ko: josa`${balancer}까지의 경로는 정상이지만 요청을 받은 대상 그룹에 서비스 중인 대상이 없습니다(503).`,
          },
          also({
            en: "Does another rule of the listener lead to an empty target group? Sonde follows the default action's.",
            ko: '리스너의 다른 규칙이 빈 대상 그룹으로 보내는지 확인하세요. Sonde는 기본 작업의 대상 그룹을 추적합니다.',
          }),
        ),
      ]
    case 504:
      return [
        candidate(
          'BALANCER_TARGET_TIMEOUT',
          {
            en: `The path works to ${balancer}, and a target took no connection within 10 seconds, or gave no answer within the idle timeout (504).`,
            ko: josa`${balancer}까지의 경로는 정상이지만 대상이 10초 안에 연결을 받지 않았거나 유휴 제한 시간 안에 응답하지 않았습니다(504).`,
          },
          also({
            en: "Look at TargetResponseTime and TargetConnectionErrorCount, and at the target's load and own firewall.",
            ko: 'TargetResponseTime과 TargetConnectionErrorCount, 대상의 부하와 호스트 방화벽을 확인하세요.',
          }),
        ),
      ]
    default:
      return []
  }
}

/** Every target fails its health checks, and gets what is sent all the same. */
export function sickTargets({ trace }: Evidence): readonly Candidate[] {
  const note = trace?.notes.find(({ code }) => code === 'TARGETS_UNHEALTHY')
  if (note === undefined) return []
  return [
    candidate('TARGETS_UNHEALTHY', note.text, {
      en: "Is the server up and listening on the target group's port? The reason beside the state says how its health checks fail.",
      ko: '서버가 동작하며 대상 그룹의 포트에서 듣고 있는지 확인하세요. 상태 옆의 사유가 상태 검사가 실패하는 이유입니다.',
    }),
  ]
}
