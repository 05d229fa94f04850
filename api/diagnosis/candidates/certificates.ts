/** TLS: the network works up to it, and the handshake fails. */
import { josa } from '../../korean.js'
import { candidate, type Explain, hostNamed, namedOr, targetOf } from './evidence.js'

export const untrusted: Explain = ({ observed }) => {
  const issuer = observed.detail?.certificateIssuer
  return [
    candidate(
      'CERTIFICATE_UNTRUSTED',
      {
        en: `The network works; the certificate${issuer === undefined ? '' : ` of issuer ${issuer}`} is signed by a CA that the client does not trust.`,
        ko: josa`네트워크는 정상입니다. 인증서${issuer === undefined ? '' : `(발급자 ${issuer})`}을(를) 서명한 CA를 클라이언트가 신뢰하지 않습니다.`,
      },
      {
        en: "Give the client the CA bundle (for RDS: AWS's global bundle), rather than switching verification off.",
        ko: '검증을 끄지 말고 클라이언트에 CA 번들(RDS는 AWS 글로벌 번들)을 넣으세요.',
      },
    ),
  ]
}

export const expired: Explain = ({ observed }) => {
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

export const wrongName: Explain = (evidence) => [
  candidate(
    'CERTIFICATE_NAME_MISMATCH',
    {
      en: `The network works; the certificate is for another name than ${hostNamed(evidence).en}.`,
      ko: `네트워크는 정상입니다. 인증서가 ${hostNamed(evidence).ko}의 것이 아닙니다.`,
    },
    {
      en: "Use the name that the certificate carries; a private alias of a database needs the database's own name for TLS.",
      ko: '인증서에 있는 이름으로 접속하세요. 별칭(CNAME)을 쓰는 데이터베이스는 원래 이름이 필요합니다.',
    },
  ),
]

/** Nothing was cut: the connection stands, and the hello got no answer. */
export const silentHello: Explain = (evidence) => {
  const target = targetOf(evidence)
  const name = namedOr(evidence.observed.detail?.serverName, hostNamed(evidence))
  return [
    candidate(
      'NO_ANSWER_TO_TLS',
      {
        en: `${target.en} accepts the connection and stays silent: it is no TLS port, or the server hangs or is overloaded.`,
        ko: josa`${target.ko}이(가) 연결을 받고는 응답하지 않습니다. TLS 포트가 아니거나, 서버가 멈췄거나 과부하 상태입니다.`,
      },
      {
        en: 'Does this port speak TLS from its first byte? If it does, look at the load of the server and its accept queue.',
        ko: '이 포트가 첫 바이트부터 TLS를 쓰는지 보고, 그렇다면 서버 부하와 연결 대기열을 확인하세요.',
      },
    ),
    candidate(
      'TLS_INSPECTED',
      {
        en: `Something on the way inspects TLS and drops the hello for ${name.en} without a word (Network Firewall, a proxy).`,
        ko: `경로 중간에서 TLS를 검사하는 장비(Network Firewall, 프록시)가 ${name.ko}에 대한 hello를 응답 없이 버립니다.`,
      },
      {
        en: `Look for ${name.en} in the firewall's domain lists and TLS rules, and in its alert log.`,
        ko: josa`방화벽의 도메인 목록, TLS 규칙, 경보 로그에서 ${name.ko}을(를) 찾아보세요.`,
      },
    ),
  ]
}

export const cutHello: Explain = (evidence) => {
  const name = namedOr(evidence.observed.detail?.serverName, hostNamed(evidence))
  return [
    candidate(
      'TLS_INSPECTED',
      {
        en: `The path works to layer 4 and TLS is cut during the hello for ${name.en}: something on the way inspects TLS and refuses that server name (Network Firewall, a proxy).`,
        ko: `4계층까지는 정상이고 ${name.ko}에 대한 TLS hello에서 끊깁니다. 경로 중간에서 TLS를 검사해 그 서버 이름을 거부하는 장비(Network Firewall, 프록시)가 있습니다.`,
      },
      {
        en: `Look for ${name.en} in the firewall's domain lists and TLS rules, and in its alert log.`,
        ko: josa`방화벽의 도메인 목록, TLS 규칙, 경보 로그에서 ${name.ko}을(를) 찾아보세요.`,
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
