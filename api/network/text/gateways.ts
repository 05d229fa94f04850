import { josa } from '../../korean.js'
import type { Text } from '../path.js'
import { placeKo } from './places.js'

/** Sentences about gateways, endpoints, peering and transit. */

export const igwPass = (id: string, as: string | null): Text => ({
  en: as === null ? `Internet gateway ${id} passes it on.` : `Internet gateway ${id} passes it on as ${as}.`,
  ko:
    as === null
      ? josa`인터넷 게이트웨이 ${id}을(를) 통과합니다.`
      : josa`인터넷 게이트웨이 ${id}을(를) ${as} 주소로 통과합니다.`,
})

export const igwNoPublicIp = (id: string, component: string, lambda: boolean): Text =>
  lambda
    ? {
        en: `Internet gateway ${id} drops it: a Lambda function's interface never gets a public IPv4 address, in a public subnet neither. Use a private subnet whose route leads to a NAT gateway.`,
        ko: josa`인터넷 게이트웨이 ${id}이(가) 패킷을 버립니다. Lambda 함수의 인터페이스는 퍼블릭 서브넷에서도 퍼블릭 IPv4 주소를 받지 못합니다. NAT 게이트웨이로 가는 경로가 있는 프라이빗 서브넷을 사용하세요.`,
      }
    : {
        en: `Internet gateway ${id} drops it: ${component} has no public IPv4 address.`,
        ko: josa`인터넷 게이트웨이 ${id}이(가) 패킷을 버립니다. ${component}에 퍼블릭 IPv4 주소가 없습니다.`,
      }

export const igwAfterTransit = (id: string, source: string): Text => ({
  en: `${source} comes back into its own VPC by a transit gateway, to leave by ${id}: AWS doesn't document whether the internet gateway then gives it its public address or drops it.`,
  ko: josa`${source}에서 나온 패킷이 Transit Gateway를 거쳐 자기 VPC로 돌아와 ${id}(으)로 나가려 합니다. 이때 인터넷 게이트웨이가 퍼블릭 주소로 바꾸어 보내는지 버리는지는 AWS 문서에 없습니다.`,
})

export const igwPrivateDestination = (id: string, destination: string): Text => ({
  en: `Internet gateway ${id} drops it: ${destination} is a private address.`,
  ko: josa`인터넷 게이트웨이 ${id}이(가) 패킷을 버립니다. ${destination}은(는) 프라이빗 주소입니다.`,
})

export const notAttached = (id: string, vpcId: string): Text => ({
  en: `${id} is not attached to ${vpcId}.`,
  ko: josa`${id}이(가) ${vpcId}에 연결되어 있지 않습니다.`,
})

export const noInternetGateway = (vpcId: string): Text => ({
  en: `${vpcId} has no internet gateway, so nothing from the internet gets in.`,
  ko: `${vpcId}에 인터넷 게이트웨이가 없어 인터넷에서 들어올 수 없습니다.`,
})

export const internet = (as: string | null): Text => ({
  en: as === null ? 'It is on the internet.' : `It is on the internet, seen as ${as}.`,
  ko: as === null ? '인터넷에 도달합니다.' : `인터넷에 ${as} 주소로 도달합니다.`,
})

export const eigwPass = (id: string): Text => ({
  en: `Egress-only internet gateway ${id} passes it on.`,
  ko: josa`송신 전용 인터넷 게이트웨이 ${id}을(를) 통과합니다.`,
})

export const natPass = (id: string, as: string): Text => ({
  en: `NAT gateway ${id} sends it on as ${as}.`,
  ko: josa`NAT 게이트웨이 ${id}이(가) 소스 주소를 ${as}(으)로 바꿔 보냅니다.`,
})

export const natBack = (id: string, to: string): Text => ({
  en: `NAT gateway ${id} turns the reply back to ${to}.`,
  ko: josa`NAT 게이트웨이 ${id}이(가) 응답을 ${to}(으)로 되돌립니다.`,
})

export const natProtocol = (id: string, protocol: Text): Text => ({
  en: `NAT gateway ${id} carries tcp, udp and icmp only, not ${protocol.en}.`,
  ko: josa`NAT 게이트웨이 ${id}은(는) tcp, udp, icmp만 전달하며 ${protocol.ko}은(는) 전달하지 않습니다.`,
})

export const natIpv6 = (id: string, destination: string): Text => ({
  en: `NAT gateway ${id} carries IPv6 only for NAT64 addresses (64:ff9b::/96), not for ${destination}.`,
  ko: josa`NAT 게이트웨이 ${id}은(는) IPv6 중 NAT64 주소(64:ff9b::/96)만 전달하며 ${destination}은(는) 전달하지 않습니다.`,
})

export const natNoAddress = (id: string): Text => ({
  en: `Public NAT gateway ${id} has no Elastic IP address.`,
  ko: `퍼블릭 NAT 게이트웨이 ${id}에 탄력적 IP 주소가 없습니다.`,
})

export const natPrivateToInternet = (id: string, igw: string): Text => ({
  en: `NAT gateway ${id} is private: internet gateway ${igw} drops what it sends.`,
  ko: josa`NAT 게이트웨이 ${id}은(는) 프라이빗이므로 인터넷 게이트웨이 ${igw}이(가) 그 트래픽을 버립니다.`,
})

export const natUnsolicited = (id: string): Text => ({
  en: `NAT gateway ${id} takes in only replies to connections that went out through it.`,
  ko: josa`NAT 게이트웨이 ${id}은(는) 자신을 통해 나간 연결의 응답만 받아들입니다.`,
})

export const bpa = (mode: string, component: string): Text => ({
  en: `VPC Block Public Access (${mode}) keeps ${component} from the internet; no exclusion covers it.`,
  ko: `VPC 퍼블릭 액세스 차단(${mode})이 ${component}의 인터넷 트래픽을 막으며 제외 항목이 없습니다.`,
})

export const bpaAssumedOff = (vpcId: string): Text => ({
  en: `The snapshot doesn't tell of VPC Block Public Access (describe-vpc-block-public-access-options): taken as off, its default, for ${vpcId}.`,
  ko: `스냅샷에 VPC 퍼블릭 액세스 차단 설정이 없어(describe-vpc-block-public-access-options) ${vpcId}에서는 기본값인 꺼짐으로 간주합니다.`,
})

export const bpaPass = (mode: string): Text => ({
  en: `VPC Block Public Access (${mode}) lets this pass.`,
  ko: `VPC 퍼블릭 액세스 차단(${mode})이 이 트래픽은 허용합니다.`,
})

export const endpointPass = (id: string, service: string): Text => ({
  en: `Gateway endpoint ${id} takes it to ${service}.`,
  ko: josa`게이트웨이 엔드포인트 ${id}이(가) ${service}(으)로 보냅니다.`,
})

export const endpointProtocol = (id: string, protocol: Text): Text => ({
  en: `Gateway endpoint ${id} carries tcp and icmp only, not ${protocol.en}.`,
  ko: josa`게이트웨이 엔드포인트 ${id}은(는) tcp와 icmp만 전달하며 ${protocol.ko}은(는) 전달하지 않습니다.`,
})

export const endpointSource = (id: string): Text => ({
  en: `Gateway endpoint ${id} serves only its own VPC, not what comes from outside.`,
  ko: josa`게이트웨이 엔드포인트 ${id}은(는) 자기 VPC 안의 트래픽만 처리합니다.`,
})

export const endpointPolicy = (id: string): Text => ({
  en: `The policy of endpoint ${id} allows nothing, so the service answers every request through it with a denial.`,
  ko: `엔드포인트 ${id}의 정책이 아무것도 허용하지 않아 이를 통한 모든 요청이 거부됩니다.`,
})

export const endpointPolicyNote = (id: string): Text => ({
  en: `Endpoint ${id} has a policy of its own that may deny single requests; the network path does not depend on it.`,
  ko: `엔드포인트 ${id}에 자체 정책이 있어 일부 요청을 거부할 수 있습니다. 네트워크 경로와는 무관합니다.`,
})

export const peeringPass = (id: string, vpcId: string): Text => ({
  en: `Peering connection ${id} takes it to ${vpcId}.`,
  ko: josa`피어링 연결 ${id}이(가) ${vpcId}(으)로 보냅니다.`,
})

export const peeringOutside = (id: string, address: string): Text => ({
  en: `Peering connection ${id} carries only what goes from one of its VPCs to the other: ${address} is in neither's range.`,
  ko: josa`피어링 연결 ${id}은(는) 두 VPC 사이의 트래픽만 전달합니다. ${address}은(는) 해당 VPC 범위에 없습니다.`,
})

export const peerVpcMissing = (id: string, vpcId: string): Text => ({
  en: `The other side of ${id}, ${vpcId}, is not in the snapshot (describe-vpcs, describe-subnets).`,
  ko: josa`${id}의 상대 VPC ${vpcId}이(가) 스냅샷에 없습니다(describe-vpcs, describe-subnets).`,
})

export const tgwAttach = (id: string, gatewayId: string): Text => ({
  en: `Attachment ${id} takes it to transit gateway ${gatewayId}.`,
  ko: josa`연결 ${id}이(가) Transit Gateway ${gatewayId}(으)로 보냅니다.`,
})

export const tgwEntryOpen = (id: string): Text => ({
  en: `Attachment ${id} has no subnet in the sender's zone; AWS doesn't document which of its subnets is used then, and their network ACLs or route tables differ.`,
  ko: `연결 ${id}에는 보내는 쪽 가용 영역의 서브넷이 없습니다. 이때 어느 서브넷이 쓰이는지 AWS 문서에 없으며, 서브넷마다 네트워크 ACL이나 라우팅 테이블이 다릅니다.`,
})

export const tgwInto = (id: string, vpcId: string): Text => ({
  en: `Attachment ${id} takes it into ${vpcId}.`,
  ko: josa`연결 ${id}이(가) ${vpcId}(으)로 들여보냅니다.`,
})

export const tgwNoAttachment = (gatewayId: string, vpcId: string): Text => ({
  en: `${vpcId} has no attachment to transit gateway ${gatewayId}.`,
  ko: `${vpcId}에 Transit Gateway ${gatewayId} 연결이 없습니다.`,
})

export const tgwZone = (id: string, zone: string): Text => ({
  en: `Attachment ${id} has no subnet in ${zone}: from that Availability Zone the transit gateway cannot be reached.`,
  ko: `연결 ${id}에 ${zone} 서브넷이 없어 그 가용 영역에서는 Transit Gateway에 도달할 수 없습니다.`,
})

export const tgwNoAssociation = (id: string): Text => ({
  en: `Attachment ${id} is associated with no transit gateway route table.`,
  ko: josa`연결 ${id}이(가) 어떤 Transit Gateway 라우팅 테이블에도 연결되어 있지 않습니다.`,
})

export const tgwNoRoute = (tableId: string, destination: string): Text => ({
  en: `Transit gateway route table ${tableId} has no route to ${destination}.`,
  ko: josa`Transit Gateway 라우팅 테이블 ${tableId}에 ${placeKo(destination)}(으)로 가는 경로가 없습니다.`,
})

export const tgwBlackhole = (tableId: string, route: string): Text => ({
  en: `The route '${route}' in transit gateway route table ${tableId} is a black hole.`,
  ko: josa`Transit Gateway 라우팅 테이블 ${tableId}의 경로 '${route}'이(가) 블랙홀입니다.`,
})

export const tgwRoute = (tableId: string, to: string): Text => ({
  en: `Transit gateway route table ${tableId} sends it to ${to}.`,
  ko: josa`Transit Gateway 라우팅 테이블 ${tableId}이(가) ${to}(으)로 보냅니다.`,
})

export const tgwIpv6 = (id: string): Text => ({
  en: `Attachment ${id} has IPv6 support switched off.`,
  ko: `연결 ${id}의 IPv6 지원이 꺼져 있습니다.`,
})

export const beyond = (component: string): Text => ({
  en: `What lies behind ${component} is not in the AWS configuration.`,
  ko: `${component} 너머의 네트워크는 AWS 구성에 나와 있지 않습니다.`,
})

export const vpnDown = (id: string): Text => ({
  en: `All tunnels of VPN connection ${id} are down.`,
  ko: `VPN 연결 ${id}의 모든 터널이 다운되었습니다.`,
})

export const vgwPass = (id: string): Text => ({
  en: `Virtual private gateway ${id} takes it out of the VPC.`,
  ko: josa`가상 프라이빗 게이트웨이 ${id}이(가) VPC 밖으로 보냅니다.`,
})
