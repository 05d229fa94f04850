import type { Text, Trace } from '../network/path.js'
import type { Candidate } from './diagnosis.js'
import { type Facts, failsLate, type History, hostOf, type Observed, sporadicRate } from './observed.js'

/** All that a candidate may rest on. */
export interface Evidence {
  readonly observed: Observed
  readonly trace: Trace | null
  readonly facts: Facts
  readonly history: History | undefined
  /** Seconds between the snapshot and the run; null where not known. */
  readonly snapshotAge: number | null
}

type Explain = (evidence: Evidence) => readonly Candidate[]

const candidate = (code: string, text: Text, next: Text): Candidate => ({ code, text, next })

const STALE_AFTER_SECONDS = 900

/** NAT closes a connection idle for 350 s (https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-troubleshooting.html). */
const NAT_IDLE_MS = 350_000

const targetOf = (evidence: Evidence) =>
  evidence.observed.target ?? evidence.trace?.destination ?? evidence.observed.address ?? 'the target'

const refused: Explain = (evidence) => {
  const target = targetOf(evidence)
  return [
    candidate(
      'NOTHING_LISTENS',
      {
        en: `The path works and nothing listens on ${target}: not a network fault.`,
        ko: `경로는 정상이고 ${target}에서 듣고 있는 서버가 없습니다. 네트워크 문제가 아닙니다.`,
      },
      {
        en: 'Is the server running, and on this port and address?',
        ko: '서버가 실행 중인지, 이 포트와 주소에서 듣는지 확인하세요.',
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

const untrusted: Explain = ({ observed }) => {
  const issuer = observed.detail?.certificateIssuer
  return [
    candidate(
      'CERTIFICATE_UNTRUSTED',
      {
        en: `The network works; the certificate${issuer === undefined ? '' : ` of issuer ${issuer}`} is signed by a CA that the client does not trust.`,
        ko: `네트워크는 정상입니다. 인증서${issuer === undefined ? '' : `(발급자 ${issuer})`}를 서명한 CA를 클라이언트가 신뢰하지 않습니다.`,
      },
      {
        en: "Give the client the CA bundle (for RDS: AWS's global bundle), rather than switching verification off.",
        ko: '검증을 끄지 말고 클라이언트에 CA 번들(RDS는 AWS 글로벌 번들)을 넣으세요.',
      },
    ),
  ]
}

const expired: Explain = ({ observed }) => {
  const { certificateExpires: until, certificateNotBefore: since } = observed.detail ?? {}
  const when =
    until === undefined ? '' : ` ${since === undefined ? '' : `valid from ${since} `}until ${until}`
  return [
    candidate(
      'CERTIFICATE_EXPIRED',
      {
        en: `The network works; the server's certificate is not valid at this time:${when || ' its dates are not known'}.`,
        ko: `네트워크는 정상입니다. 서버 인증서의 유효 기간이 아닙니다${until === undefined ? '' : ` (${since ?? '?'} ~ ${until})`}.`,
      },
      {
        en: 'Renew the certificate on the server (RDS: rotate to the current CA), and check the clock of the client.',
        ko: '서버 인증서를 갱신하고(RDS는 현재 CA로 교체) 클라이언트 시계를 확인하세요.',
      },
    ),
  ]
}

const wrongName: Explain = (evidence) => [
  candidate(
    'CERTIFICATE_NAME_MISMATCH',
    {
      en: `The network works; the certificate is for another name than ${hostOf(targetOf(evidence))}.`,
      ko: `네트워크는 정상입니다. 인증서가 ${hostOf(targetOf(evidence))}의 것이 아닙니다.`,
    },
    {
      en: "Use the name that the certificate carries; a private alias of a database needs the database's own name for TLS.",
      ko: '인증서에 있는 이름으로 접속하세요. 별칭(CNAME)을 쓰는 데이터베이스는 원래 이름이 필요합니다.',
    },
  ),
]

const cutHello: Explain = (evidence) => {
  const name = evidence.observed.detail?.serverName ?? hostOf(targetOf(evidence))
  return [
    candidate(
      'TLS_INSPECTED',
      {
        en: `The path works to layer 4 and TLS is cut during the hello for ${name}: something on the way inspects TLS and refuses that server name (Network Firewall, a proxy).`,
        ko: `4계층까지는 정상이고 ${name}에 대한 TLS hello에서 끊깁니다. 경로 중간에서 TLS를 검사해 그 서버 이름을 거부하는 장비(Network Firewall, 프록시)가 있습니다.`,
      },
      {
        en: `Look for ${name} in the firewall's domain lists and TLS rules, and in its alert log.`,
        ko: `방화벽의 도메인 목록, TLS 규칙, 경보 로그에서 ${name}을 찾아보세요.`,
      },
    ),
    candidate(
      'SERVER_REFUSES_TLS',
      {
        en: 'The server itself refuses this TLS version or does not speak TLS here.',
        ko: '서버가 이 TLS 버전을 거부하거나 이 포트에서 TLS를 쓰지 않습니다.',
      },
      {
        en: "Compare the server's TLS versions and ciphers with the client's.",
        ko: '서버와 클라이언트의 TLS 버전과 암호를 비교하세요.',
      },
    ),
  ]
}

const closed: Explain = (evidence) => {
  const held = evidence.observed.detail?.heldMs ?? 0
  const idle =
    held >= NAT_IDLE_MS && evidence.facts.nat !== null
      ? [
          candidate(
            'NAT_IDLE_TIMEOUT',
            {
              en: `The connection was idle for ${Math.round(held / 1000)} s; NAT gateway ${evidence.facts.nat} drops what is idle for 350 s and answers the next packet with a reset.`,
              ko: `연결이 ${Math.round(held / 1000)}초 동안 유휴였습니다. NAT 게이트웨이 ${evidence.facts.nat}는 350초 유휴 연결을 버리고 다음 패킷에 RST로 답합니다.`,
            },
            {
              en: 'Set TCP keep-alive below 350 s, or close and reopen idle connections; an endpoint avoids the NAT gateway.',
              ko: 'TCP keep-alive를 350초보다 짧게 하거나 유휴 연결을 다시 여세요. 엔드포인트를 쓰면 NAT를 거치지 않습니다.',
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

const mismatch: Explain = (evidence) => {
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
        en: `The path works; ${targetOf(evidence)} speaks another protocol.`,
        ko: `경로는 정상이나 ${targetOf(evidence)}이 다른 프로토콜을 씁니다.`,
      },
      {
        en: 'Is this the right port? Does something else answer there?',
        ko: '포트가 맞는지, 다른 서버가 답하는지 확인하세요.',
      },
    ),
  ]
}

const silent: Explain = () => [
  candidate(
    'SERVER_SILENT',
    {
      en: 'The connection stands and the server does not answer in time: busy, out of connections, or waiting for something itself.',
      ko: '연결은 되었으나 서버가 제때 답하지 않습니다. 과부하, 연결 수 초과, 또는 서버가 다른 것을 기다립니다.',
    },
    {
      en: "Look at the server's load, connection count and what it depends on.",
      ko: '서버 부하, 연결 수, 의존 대상을 확인하세요.',
    },
  ),
]

const status: Explain = ({ observed }) => [
  candidate(
    'HTTP_STATUS',
    {
      en: `The path works; the server answers HTTP ${observed.detail?.httpStatus ?? 'with an unexpected status'}.`,
      ko: `경로는 정상이고 서버가 HTTP ${observed.detail?.httpStatus ?? '예상 밖의 상태'}로 답합니다.`,
    },
    {
      en: "Look at the server's log; not a network fault.",
      ko: '서버 로그를 확인하세요. 네트워크 문제가 아닙니다.',
    },
  ),
]

const policyDenied: Explain = ({ facts, observed }) => {
  const endpoint = facts.endpoint ?? 'the endpoint'
  return [
    candidate(
      'ENDPOINT_POLICY_DENIES',
      {
        en: `The path works; the policy of endpoint ${endpoint} denies the call${observed.detail?.awsErrorCode === undefined ? '' : ` (${observed.detail.awsErrorCode})`}. It is not the role's policy.`,
        ko: `경로는 정상입니다. 역할이 아니라 엔드포인트 ${endpoint}의 정책이 호출을 거부합니다.`,
      },
      {
        en: `Read the policy of ${endpoint} for this action, principal and resource.`,
        ko: `${endpoint}의 정책에서 이 작업, 주체, 리소스를 확인하세요.`,
      },
    ),
  ]
}

const throttled: Explain = () => [
  candidate(
    'AWS_THROTTLED',
    {
      en: 'The path works; the service limits the rate of calls.',
      ko: '경로는 정상이고 서비스가 호출 빈도를 제한합니다.',
    },
    { en: 'Retry with backoff; look at the quota.', ko: '백오프로 재시도하고 할당량을 확인하세요.' },
  ),
]

const awsFailed: Explain = ({ observed }) => [
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

const egress: Explain = ({ observed, trace }) => [
  candidate(
    'EGRESS_BY_OTHER_ADDRESS',
    {
      en: `The world sees ${observed.detail?.egressIp ?? 'another address'}; the configuration leads to ${trace?.seenAs ?? 'an address that is not known'}.`,
      ko: `외부에는 ${observed.detail?.egressIp ?? '다른 주소'}로 보이며, 구성상으로는 ${trace?.seenAs ?? '알 수 없는 주소'}입니다.`,
    },
    {
      en: 'Which NAT gateway do the route tables of each subnet lead to, and which addresses does it have?',
      ko: '서브넷마다 어느 NAT 게이트웨이로 가는지, 그 주소가 무엇인지 확인하세요.',
    },
  ),
]

const names: Explain = (evidence) => {
  const { facts, observed } = evidence
  const host = hostOf(targetOf(evidence))
  const servers = [...new Set([...facts.nameServers, ...(observed.detail?.resolver ?? [])])]
  const own =
    facts.nameServers.length === 0
      ? []
      : [
          candidate(
            'NAME_SERVER_UNREACHABLE',
            {
              en: `The VPC's DHCP options send names to ${servers.join(', ')} instead of Amazon's resolver, and no answer came from there.`,
              ko: `VPC의 DHCP 옵션이 Amazon 리졸버 대신 ${servers.join(', ')}를 쓰게 하는데, 거기서 답이 오지 않았습니다.`,
            },
            {
              en: `Is ${facts.nameServers.join(', ')} up, and does it admit UDP and TCP 53 from these subnets? Else use AmazonProvidedDNS.`,
              ko: `${facts.nameServers.join(', ')}가 동작하는지, 이 서브넷에서 UDP/TCP 53을 허용하는지 확인하거나 AmazonProvidedDNS를 쓰세요.`,
            },
          ),
        ]
  const unknownName = candidate(
    'NAME_UNKNOWN',
    {
      en: `No record for ${host} is known in this VPC: a typing error, or a private hosted zone that is not associated with it.`,
      ko: `이 VPC에서 ${host}를 알지 못합니다. 오타이거나 프라이빗 호스팅 영역이 연결되지 않았습니다.`,
    },
    {
      en: `Compare the name, and the VPCs that the private hosted zone of ${host} is associated with.`,
      ko: `이름과, ${host}의 프라이빗 호스팅 영역이 연결된 VPC를 확인하세요.`,
    },
  )
  const throttledResolver = candidate(
    'RESOLVER_LIMIT',
    {
      en: 'The resolver takes 1,024 packets a second from one network interface, which functions of one posture share.',
      ko: '리졸버는 네트워크 인터페이스당 초당 1,024 패킷까지 받으며, 같은 서브넷·보안 그룹의 함수가 이를 공유합니다.',
    },
    {
      en: 'Do names fail under load only? Cache them in the function.',
      ko: '부하가 있을 때만 실패하는지 보고, 함수에서 이름을 캐시하세요.',
    },
  )
  const firewall = candidate(
    'DNS_FIREWALL',
    {
      en: `A DNS Firewall rule or a failing forwarder answers for ${host}.`,
      ko: `DNS Firewall 규칙이나 실패하는 전달 서버가 ${host}에 답합니다.`,
    },
    {
      en: 'Look at the Resolver rules and DNS Firewall groups associated with the VPC.',
      ko: 'VPC에 연결된 Resolver 규칙과 DNS Firewall 그룹을 확인하세요.',
    },
  )
  const last = observed.outcome === 'dns_timeout' ? [throttledResolver] : [firewall]
  return observed.outcome === 'dns_not_found'
    ? [unknownName, ...own, ...last]
    : [...own, ...last, unknownName]
}

function natPorts(nat: string): Candidate {
  return candidate(
    'NAT_PORT_EXHAUSTION',
    {
      en: `The first connections succeed and later ones fail through ${nat}: a NAT gateway has 55,000 ports for one destination and address.`,
      ko: `${nat}를 통한 첫 연결은 되고 뒤의 연결이 실패합니다. NAT 게이트웨이는 주소 하나에서 목적지 하나로 55,000개 포트까지입니다.`,
    },
    {
      en: `Look at ErrorPortAllocation of ${nat} in CloudWatch; reuse connections, or give it more addresses.`,
      ko: `CloudWatch에서 ${nat}의 ErrorPortAllocation을 보고, 연결을 재사용하거나 주소를 늘리세요.`,
    },
  )
}

const dropped: Explain = (evidence) => {
  const { facts, observed, trace, snapshotAge } = evidence
  const late = failsLate(observed)
  const rate = sporadicRate(observed, evidence.history)
  const ports = facts.nat !== null && (late || rate !== null) ? [natPorts(facts.nat)] : []
  const foreign =
    observed.address &&
    trace !== null &&
    trace.resolved.length > 0 &&
    !trace.resolved.includes(observed.address)
      ? [
          candidate(
            'DNS_ANSWER',
            {
              en: `The name gave ${observed.address}; the configuration expects ${trace.resolved.join(', ')}.`,
              ko: `이름이 ${observed.address}로 풀렸는데, 구성상으로는 ${trace.resolved.join(', ')}입니다.`,
            },
            {
              en: 'Which zone or resolver rule answers that name in this VPC?',
              ko: '이 VPC에서 어느 영역이나 리졸버 규칙이 그 이름에 답하는지 확인하세요.',
            },
          ),
        ]
      : []
  const stale =
    snapshotAge !== null && snapshotAge > STALE_AFTER_SECONDS
      ? [
          candidate(
            'STALE_SNAPSHOT',
            {
              en: `The snapshot was taken ${Math.round(snapshotAge / 60)} minutes before the run: the configuration may have changed.`,
              ko: `스냅샷이 실행 ${Math.round(snapshotAge / 60)}분 전의 것이라 구성이 바뀌었을 수 있습니다.`,
            },
            { en: 'Take a new snapshot and trace again.', ko: '스냅샷을 새로 받아 다시 추적하세요.' },
          ),
        ]
      : []
  return [
    ...(late ? ports : []),
    ...foreign,
    ...stale,
    candidate(
      'HOST_FIREWALL_DROPS',
      {
        en: "The host's own firewall, or the machine being down, swallows the packet: every hop of the VPC is open.",
        ko: 'VPC의 모든 구간은 열려 있고, 호스트 방화벽이나 꺼진 서버가 패킷을 버립니다.',
      },
      {
        en: 'Is the target up? Do its VPC flow logs show the packet accepted, and an answer?',
        ko: '대상이 켜져 있는지, VPC 흐름 로그에 패킷 수락과 응답이 있는지 확인하세요.',
      },
    ),
    ...(late ? [] : ports),
  ]
}

const BY_OUTCOME: Readonly<Record<string, Explain>> = {
  connect_refused: refused,
  tls_untrusted: untrusted,
  tls_expired: expired,
  tls_name_mismatch: wrongName,
  tls_failed: cutHello,
  protocol_mismatch: mismatch,
  exchange_timeout: silent,
  http_status: status,
  aws_endpoint_policy_denied: policyDenied,
  aws_throttled: throttled,
  aws_failed: awsFailed,
  wrong_egress_ip: egress,
  dns_not_found: names,
  dns_timeout: names,
  dns_failed: names,
  connect_timeout: dropped,
  connect_unreachable: dropped,
}

/** What may explain an outcome where the configuration is open, what fits best first. Empty where nothing is known to fit. */
export function candidatesFor(evidence: Evidence): readonly Candidate[] {
  const { outcome, endedIn } = evidence.observed
  if (endedIn === 'tls' && (outcome === 'connection_reset' || outcome === 'exchange_timeout'))
    return cutHello(evidence)
  if (outcome === 'connection_reset') return endedIn === 'connect' ? refused(evidence) : closed(evidence)
  return BY_OUTCOME[outcome]?.(evidence) ?? []
}
