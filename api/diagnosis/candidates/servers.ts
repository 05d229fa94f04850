/** The server was reached, and did not do what was asked of it. */
import { josa } from '../../korean.js'
import { gatewayStatus } from './balancers.js'
import { candidate, type Explain, targetOf } from './evidence.js'

/** NAT closes a connection idle for 350 s (https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-troubleshooting.html). */
const NAT_IDLE_MS = 350_000

export const refused: Explain = (evidence) => {
  const target = targetOf(evidence)
  return [
    candidate(
      'NOTHING_LISTENS',
      {
        en: `The path works and nothing listens on ${target.en}: not a network fault.`,
        ko: `경로는 정상이고 ${target.ko}에서 수신 대기 중인 서버가 없습니다. 네트워크 문제가 아닙니다.`,
      },
      {
        en: 'Is the server running, and on this port and address?',
        ko: '서버가 실행 중인지, 이 포트와 주소에서 수신 대기하는지 확인하세요.',
      },
    ),
    candidate(
      'HOST_FIREWALL_REJECTS',
      {
        en: "The host's own firewall rejects the connection.",
        ko: '호스트 자체 방화벽이 연결을 거부합니다.',
      },
      {
        en: "Look at the host's firewall (iptables, nftables, Windows Firewall).",
        ko: '호스트 방화벽 규칙을 확인하세요.',
      },
    ),
  ]
}

export const closed: Explain = (evidence) => {
  const held = evidence.observed.detail?.heldMs ?? 0
  const idle =
    held >= NAT_IDLE_MS && evidence.facts.nat !== null
      ? [
          candidate(
            'NAT_IDLE_TIMEOUT',
            {
              en: `The connection was idle for ${Math.round(held / 1000)} s; NAT gateway ${evidence.facts.nat} drops what is idle for 350 s and answers the next packet with a reset.`,
              ko: josa`연결이 ${Math.round(held / 1000)}초 동안 유휴 상태였습니다. NAT 게이트웨이 ${evidence.facts.nat}은(는) 350초 동안 유휴 상태인 연결을 버리고, 그다음 패킷에 RST로 응답합니다.`,
            },
            {
              en: 'Set TCP keep-alive below 350 s, or close and reopen idle connections; an endpoint avoids the NAT gateway.',
              ko: 'TCP keep-alive 간격을 350초보다 짧게 하거나, 유휴 연결을 닫고 다시 여세요. 엔드포인트를 쓰면 NAT 게이트웨이를 거치지 않습니다.',
            },
          ),
        ]
      : []
  return [
    ...idle,
    candidate(
      'SERVER_CLOSED',
      {
        en: 'The path works; the server closed the connection.',
        ko: '경로는 정상이고 서버가 연결을 닫았습니다.',
      },
      {
        en: "Look at the server's log at this time: limits, restarts, idle timeouts.",
        ko: '그 시각의 서버 로그(한도, 재시작, 유휴 시간)를 확인하세요.',
      },
    ),
  ]
}

export const mismatch: Explain = (evidence) => {
  const { message = '', code } = evidence.observed.detail ?? {}
  const wantsTls =
    code === '28000' ||
    /no encryption|SSL (off|required|connection is required)|insecure transport/i.test(message)
  if (wantsTls) {
    return [
      candidate(
        'SERVER_DEMANDS_TLS',
        {
          en: 'The path works; the server demands TLS and turned the plain connection away (rds.force_ssl, require_secure_transport).',
          ko: '경로는 정상입니다. 서버가 TLS를 요구해 평문 연결을 거절했습니다(rds.force_ssl, require_secure_transport).',
        },
        { en: 'Connect with TLS and the RDS CA bundle.', ko: 'RDS CA 번들을 넣고 TLS로 접속하세요.' },
      ),
    ]
  }
  return [
    candidate(
      'OTHER_PROTOCOL',
      {
        en: `The path works; ${targetOf(evidence).en} speaks another protocol.`,
        ko: josa`경로는 정상이나 ${targetOf(evidence).ko}이(가) 다른 프로토콜을 씁니다.`,
      },
      {
        en: 'Is this the right port? Does something else answer there?',
        ko: '포트가 맞는지, 다른 서버가 답하는지 확인하세요.',
      },
    ),
  ]
}

export const silent: Explain = () => [
  candidate(
    'SERVER_SILENT',
    {
      en: 'The connection stands and the server does not answer in time: busy, out of connections, or waiting for something itself.',
      ko: '연결은 되었으나 서버가 제때 답하지 않습니다. 과부하이거나, 연결 수가 한도에 찼거나, 서버도 다른 것을 기다리는 중입니다.',
    },
    {
      en: "Look at the server's load, connection count and what it depends on.",
      ko: '서버 부하, 연결 수, 의존 대상을 확인하세요.',
    },
  ),
]

export const status: Explain = (evidence) => [
  ...gatewayStatus(evidence),
  candidate(
    'HTTP_STATUS',
    {
      en: `The path works; the server answers HTTP ${evidence.observed.detail?.httpStatus ?? 'with an unexpected status'}.`,
      ko: josa`경로는 정상이고 서버가 ${evidence.observed.detail?.httpStatus === undefined ? '예상 밖의 HTTP 상태 코드' : `HTTP ${evidence.observed.detail.httpStatus}`}(으)로 응답합니다.`,
    },
    {
      en: "Look at the server's log; not a network fault.",
      ko: '서버 로그를 확인하세요. 네트워크 문제가 아닙니다.',
    },
  ),
]
