/** An AWS service answered, or the world saw another address than was expected. */
import { josa } from '../../korean.js'
import { candidate, type Explain } from './evidence.js'

export const policyDenied: Explain = ({ facts, observed }) => {
  const endpoint =
    facts.endpoint === null
      ? { en: 'the endpoint', ko: '엔드포인트' }
      : { en: `endpoint ${facts.endpoint}`, ko: `엔드포인트 ${facts.endpoint}` }
  return [
    candidate(
      'ENDPOINT_POLICY_DENIES',
      {
        en: `The path works; the policy of ${endpoint.en} denies the call${observed.detail?.awsErrorCode === undefined ? '' : ` (${observed.detail.awsErrorCode})`}. It is not the role's policy.`,
        ko: `경로는 정상입니다. 역할의 정책이 아니라 ${endpoint.ko}의 정책이 호출을 거부합니다.`,
      },
      {
        en: `Read the policy of ${endpoint.en} for this action, principal and resource.`,
        ko: `${endpoint.ko}의 정책에서 이 작업, 보안 주체, 리소스를 확인하세요.`,
      },
    ),
  ]
}

export const throttled: Explain = () => [
  candidate(
    'AWS_THROTTLED',
    {
      en: 'The path works; the service limits the rate of calls.',
      ko: '경로는 정상이고 서비스가 호출 빈도를 제한합니다.',
    },
    { en: 'Retry with backoff; look at the quota.', ko: '백오프로 재시도하고 할당량을 확인하세요.' },
  ),
]

export const awsFailed: Explain = ({ observed }) => [
  candidate(
    'AWS_FAILED',
    {
      en: `The path works; the service answers with an error${observed.detail?.awsErrorCode === undefined ? '' : ` (${observed.detail.awsErrorCode})`}.`,
      ko: `경로는 정상이고 서비스가 오류로 답합니다${observed.detail?.awsErrorCode === undefined ? '' : ` (${observed.detail.awsErrorCode})`}.`,
    },
    {
      en: 'Look the code up in the documentation of the service.',
      ko: '서비스 문서에서 오류 코드를 확인하세요.',
    },
  ),
]

export const egress: Explain = ({ observed, trace }) => [
  candidate(
    'EGRESS_BY_OTHER_ADDRESS',
    {
      en: `The world sees ${observed.detail?.egressIp ?? 'another address'}; the configuration leads to ${trace?.seenAs ?? 'an address that is not known'}.`,
      ko: josa`외부에는 ${observed.detail?.egressIp ?? '다른 주소'}(으)로 보이며, 구성상으로는 ${trace?.seenAs ?? '알 수 없는 주소'}입니다.`,
    },
    {
      en: 'Which NAT gateway do the route tables of each subnet lead to, and which addresses does it have?',
      ko: '서브넷마다 어느 NAT 게이트웨이로 가는지, 그 주소가 무엇인지 확인하세요.',
    },
  ),
]
