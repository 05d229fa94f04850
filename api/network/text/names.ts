import { josa } from '../../korean.js'
import type { Text } from '../path.js'

/** Sentences about DNS, services, databases and functions. */

export const dnsSupportOff = (vpcId: string): Text => ({
  en: `DNS is off in ${vpcId} (enableDnsSupport is false): no name resolves there. This is not a routing fault.`,
  ko: `${vpcId}의 DNS가 꺼져 있어(enableDnsSupport=false) 이름을 확인할 수 없습니다. 라우팅 문제가 아닙니다.`,
})

export const dnsServersUnknown = (optionsId: string, servers: string): Text => ({
  en: `The DHCP options ${optionsId} name ${servers} as DNS servers; whether they can be reached is not known.`,
  ko: `DHCP 옵션 ${optionsId}의 DNS 서버 ${servers}에 도달할 수 있는지 알 수 없습니다.`,
})

export const dnsServersDead = (optionsId: string, servers: string): Text => ({
  en: `The DHCP options ${optionsId} name ${servers} as DNS servers, and none of them can be reached: no name resolves.`,
  ko: `DHCP 옵션 ${optionsId}의 DNS 서버 ${servers}에 모두 도달할 수 없어 이름을 확인할 수 없습니다.`,
})

export const dnsServersCustom = (optionsId: string, servers: string): Text => ({
  en: `Names are resolved by ${servers} (DHCP options ${optionsId}); what they answer is not in the snapshot.`,
  ko: `이름은 ${servers}(DHCP 옵션 ${optionsId})에서 확인하며 그 응답은 스냅샷에 없습니다.`,
})

export const dnsAttributesUnknown = (vpcId: string): Text => ({
  en: `The DNS attributes of ${vpcId} are not in the snapshot (describe-vpc-attribute); AWS's default is on.`,
  ko: `${vpcId}의 DNS 속성이 스냅샷에 없습니다(describe-vpc-attribute). AWS 기본값은 켜짐입니다.`,
})

export const namePublic = (host: string): Text => ({
  en: `${host} is in no private zone of the snapshot: it is taken for a name on the internet.`,
  ko: josa`${host}은(는) 스냅샷의 프라이빗 영역에 없어 인터넷 이름으로 간주합니다.`,
})

export const nameMissing = (host: string, zone: string): Text => ({
  en: `Private zone ${zone} answers for ${host} in this VPC and has no such record.`,
  ko: josa`이 VPC에서는 프라이빗 영역 ${zone}이(가) ${host}을(를) 담당하지만 해당 레코드가 없습니다.`,
})

export const zoneNotAssociated = (host: string, zone: string, vpcId: string): Text => ({
  en: `${host} is in private zone ${zone}, which is not associated with ${vpcId}: the name does not resolve there.`,
  ko: josa`${host}은(는) ${vpcId}에 연결되지 않은 프라이빗 영역 ${zone}에 있어 이름을 확인할 수 없습니다.`,
})

export const zoneUnknown = (zone: string, call: string): Text => ({
  en: `Zone ${zone} may answer for the name, but its content is not in the snapshot (${call}).`,
  ko: josa`영역 ${zone}이(가) 이 이름을 담당할 수 있으나 내용이 스냅샷에 없습니다(${call}).`,
})

export const peeringDns = (peeringId: string, host: string): Text => ({
  en: `${host} resolves to its public address here: peering connection ${peeringId} has DNS resolution from the remote VPC off.`,
  ko: josa`${host}이(가) 여기서는 퍼블릭 주소로 확인됩니다. 피어링 ${peeringId}의 원격 VPC DNS 확인이 꺼져 있습니다.`,
})

export const publicAddressUnknown = (component: string): Text => ({
  en: `The public address of ${component} is not in the snapshot (describe-network-interfaces).`,
  ko: `${component}의 퍼블릭 주소가 스냅샷에 없습니다(describe-network-interfaces).`,
})

export const ambiguousPlace = (component: string): Text => ({
  en: `In which of its subnets ${component} stands is not in the snapshot, and it decides.`,
  ko: josa`${component}이(가) 어느 서브넷에 있는지 스냅샷에 없으며 결과가 그에 따라 달라집니다.`,
})

export const privateDnsOff = (endpointId: string, service: string): Text => ({
  en: `Interface endpoint ${endpointId} for ${service} has private DNS off, so the service's name leads to its public addresses: turn it on, or use the endpoint's own name.`,
  ko: `${service}용 인터페이스 엔드포인트 ${endpointId}의 프라이빗 DNS가 꺼져 있어 서비스 이름이 퍼블릭 주소로 확인됩니다. 켜거나 엔드포인트 자체 이름을 사용하세요.`,
})

export const privateDnsNeedsAttributes = (endpointId: string, vpcId: string): Text => ({
  en: `Private DNS of endpoint ${endpointId} needs both enableDnsSupport and enableDnsHostnames in ${vpcId}.`,
  ko: `엔드포인트 ${endpointId}의 프라이빗 DNS에는 ${vpcId}의 enableDnsSupport와 enableDnsHostnames가 모두 필요합니다.`,
})

export const globalName = (host: string, endpointId: string): Text => ({
  en: `${host} is the global name, which the private DNS of endpoint ${endpointId} does not cover: use the regional name.`,
  ko: josa`${host}은(는) 글로벌 이름이라 엔드포인트 ${endpointId}의 프라이빗 DNS가 적용되지 않습니다. 리전 이름을 사용하세요.`,
})

export const resourceUnknown = (host: string): Text => ({
  en: `${host} is the name of a resource that the snapshot does not hold, so its addresses are not known: ask for its address or interface instead.`,
  ko: josa`${host}은(는) 스냅샷에 없는 리소스의 이름이라 주소를 알 수 없습니다. 주소나 네트워크 인터페이스로 물어보세요.`,
})

export const dhcpOptionsUnknown = (vpcId: string, call: string): Text => ({
  en: `The DHCP options of ${vpcId} are not in the snapshot (${call}): taken to name the Amazon DNS server.`,
  ko: `${vpcId}의 DHCP 옵션이 스냅샷에 없어(${call}) Amazon DNS 서버를 쓰는 것으로 봅니다.`,
})

export const nameNotCovered = (host: string, endpointId: string): Text => ({
  en: `${host} is none of the names that the private DNS of endpoint ${endpointId} covers: use the service's standard regional name, or an endpoint for this variant.`,
  ko: josa`${host}은(는) 엔드포인트 ${endpointId}의 프라이빗 DNS가 적용되는 이름이 아닙니다. 서비스의 표준 리전 이름을 사용하거나 이 변형용 엔드포인트를 만드세요.`,
})

export const gatewayNotAssociated = (endpointId: string, tableId: string): Text => ({
  en: `Gateway endpoint ${endpointId} is not associated with route table ${tableId} of this subnet.`,
  ko: josa`게이트웨이 엔드포인트 ${endpointId}이(가) 이 서브넷의 라우팅 테이블 ${tableId}에 연결되어 있지 않습니다.`,
})

export const gatewayBypassed = (service: string, natId: string): Text => ({
  en: `${service} is reached through NAT gateway ${natId}: a gateway endpoint would be free, private and off its bill.`,
  ko: josa`${service}에 NAT 게이트웨이 ${natId}을(를) 거쳐 접속합니다. 게이트웨이 엔드포인트를 쓰면 무료이고 트래픽이 AWS 네트워크 안에 머뭅니다.`,
})

export const ipv4Blocked: Text = {
  en: 'Only IPv6 gets out from here; IPv4 is blocked.',
  ko: '여기서는 IPv6만 나갈 수 있고 IPv4는 막혀 있습니다.',
}

export function roleLacks(role: string, actions: Text | string): Text {
  const { en, ko } = typeof actions === 'string' ? { en: actions, ko: actions } : actions
  return {
    en: `Role ${role} lacks ${en}, without which Lambda cannot make the function's network interfaces: attach AWSLambdaVPCAccessExecutionRole.`,
    ko: `역할 ${role}에 ${ko} 권한이 없어 Lambda가 네트워크 인터페이스를 만들 수 없습니다. AWSLambdaVPCAccessExecutionRole을 연결하세요.`,
  }
}

export const functionState = (
  name: string,
  state: string,
  code: string | null,
  reason: string | null,
): Text => ({
  en: `Function ${name} is ${state}${code === null ? '' : ` (${code})`}${reason ? `: ${reason.replace(/\.$/, '')}` : ''}.`,
  ko: `함수 ${name}의 상태가 ${state}입니다${code === null ? '' : `(${code})`}.${reason ? ` Lambda의 설명: “${reason}”` : ''}`,
})

export const functionInactive = (name: string): Text => ({
  en: `Function ${name} is Inactive: the next call fails once while Lambda makes its network interfaces again. This is not a network fault.`,
  ko: josa`함수 ${name}이(가) Inactive 상태입니다. 다음 호출은 네트워크 인터페이스를 다시 만드는 동안 한 번 실패합니다. 네트워크 문제가 아닙니다.`,
})

export const eniLimit = (name: string): Text => ({
  en: `Lambda could not make network interfaces for ${name}: the VPC's quota of them is used up (EniLimitExceeded). Functions with the same subnets and security groups share interfaces.`,
  ko: `VPC의 네트워크 인터페이스 할당량을 다 써서(EniLimitExceeded) ${name}의 인터페이스를 만들 수 없습니다. 서브넷과 보안 그룹이 같은 함수는 인터페이스를 공유합니다.`,
})

export const outOfAddresses = (subnetId: string): Text => ({
  en: `Subnet ${subnetId} has no free address left for the function's network interface (SubnetOutOfIPAddresses).`,
  ko: `서브넷 ${subnetId}에 함수의 네트워크 인터페이스용 여유 주소가 없습니다(SubnetOutOfIPAddresses).`,
})

export const nearlyOut = (subnetId: string): Text => ({
  en: `Subnet ${subnetId} has no free address left; the function's present interface still works.`,
  ko: `서브넷 ${subnetId}에 여유 주소가 없습니다. 현재 인터페이스는 계속 동작합니다.`,
})
