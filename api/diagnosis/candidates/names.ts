/** The name was not resolved. */
import { josa } from '../../korean.js'
import { candidate, type Explain, hostNamed } from './evidence.js'

export const names: Explain = (evidence) => {
  const { facts, observed } = evidence
  const host = hostNamed(evidence)
  const servers = [...new Set([...facts.nameServers, ...(observed.detail?.resolver ?? [])])]
  const own =
    facts.nameServers.length === 0
      ? []
      : [
          candidate(
            'NAME_SERVER_UNREACHABLE',
            {
              en: `The VPC's DHCP options send names to ${servers.join(', ')} instead of Amazon's resolver, and no answer came from there.`,
              ko: josa`VPC의 DHCP 옵션이 Amazon 리졸버 대신 ${servers.join(', ')}을(를) 쓰게 하는데, 거기서 답이 오지 않았습니다.`,
            },
            {
              en: `Is ${facts.nameServers.join(', ')} up, and does it admit UDP and TCP 53 from these subnets? Else use AmazonProvidedDNS.`,
              ko: josa`${facts.nameServers.join(', ')}이(가) 동작하는지, 이 서브넷에서 UDP/TCP 53을 허용하는지 확인하거나 AmazonProvidedDNS를 쓰세요.`,
            },
          ),
        ]
  const unknownName = candidate(
    'NAME_UNKNOWN',
    {
      en: `No record for ${host.en} is known in this VPC: a typing error, or a private hosted zone that is not associated with it.`,
      ko: `이 VPC에는 ${host.ko}의 레코드가 없습니다. 오타이거나, 프라이빗 호스팅 영역이 VPC에 연결되지 않았습니다.`,
    },
    {
      en: `Compare the name, and the VPCs that the private hosted zone of ${host.en} is associated with.`,
      ko: `이름이 맞는지, ${host.ko}의 프라이빗 호스팅 영역이 어느 VPC에 연결되어 있는지 확인하세요.`,
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
      en: `A DNS Firewall rule or a failing forwarder answers for ${host.en}.`,
      ko: `DNS Firewall 규칙이나 제대로 동작하지 않는 전달 서버가 ${host.ko}에 답합니다.`,
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
