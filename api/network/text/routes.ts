import { josa } from '../../korean.js'
import type { Text } from '../path.js'
import { placeKo } from './places.js'

/** Sentences about route tables and what they lead to. */

export const routePass = (tableId: string, to: string): Text => ({
  en: `Route table ${tableId} sends it to ${to}.`,
  ko: josa`라우팅 테이블 ${tableId}이(가) ${to}(으)로 보냅니다.`,
})

export const tableMissing = (subnetId: string): Text => ({
  en: `The route table of ${subnetId} is not in the snapshot (describe-route-tables).`,
  ko: `${subnetId}의 라우팅 테이블이 스냅샷에 없습니다(describe-route-tables).`,
})

export function noRoute(tableId: string, destination: string, natId: string | null, back: boolean): Text {
  if (natId !== null) {
    return {
      en: `NAT gateway ${natId} stands in a subnet whose own route table ${tableId} has no route to ${destination}: the gateway's subnet must lead there itself.`,
      ko: josa`NAT 게이트웨이 ${natId}이(가) 있는 서브넷의 라우팅 테이블 ${tableId}에 ${placeKo(destination)}(으)로 가는 경로가 없습니다. 이 서브넷에는 그곳으로 가는 경로가 있어야 합니다.`,
    }
  }
  return back
    ? {
        en: `Route table ${tableId} has no route back to ${destination}.`,
        ko: josa`라우팅 테이블 ${tableId}에 ${placeKo(destination)}(으)로 돌아가는 경로가 없습니다.`,
      }
    : {
        en: `Route table ${tableId} has no route to ${destination}.`,
        ko: josa`라우팅 테이블 ${tableId}에 ${placeKo(destination)}(으)로 가는 경로가 없습니다.`,
      }
}

export const blackhole = (tableId: string, route: string): Text => ({
  en: `The route '${route}' in ${tableId} is a black hole: what it leads to is gone or not working.`,
  ko: josa`${tableId}의 경로 '${route}'이(가) 블랙홀 상태입니다. 대상이 삭제되었거나 동작하지 않습니다.`,
})

export const targetGone = (tableId: string, route: string, target: string): Text => ({
  en: `The route '${route}' in ${tableId} leads to ${target}, which does not exist.`,
  ko: josa`${tableId}의 경로 '${route}'이(가) 존재하지 않는 ${target}을(를) 가리킵니다.`,
})

export const notInSnapshot = (what: Text | string, call: string): Text => {
  const { en, ko } = typeof what === 'string' ? { en: what, ko: what } : what
  return {
    en: `${en} is not in the snapshot (${call}).`,
    ko: josa`${ko}이(가) 스냅샷에 없습니다(${call}).`,
  }
}

/** Parts of things, as `notInSnapshot` names what is missing. */
export const partOf = {
  blockPublicAccess: (vpcId: string): Text => ({
    en: `VPC Block Public Access of ${vpcId}`,
    ko: `${vpcId}의 VPC 퍼블릭 액세스 차단 설정`,
  }),
  internetGateway: (vpcId: string): Text => ({
    en: `the internet gateway of ${vpcId}`,
    ko: `${vpcId}의 인터넷 게이트웨이`,
  }),
  otherSide: (id: string): Text => ({ en: `the other side of ${id}`, ko: `${id}의 상대편` }),
  attachment: (vpcId: string, gatewayId: string): Text => ({
    en: `the attachment of ${vpcId} to ${gatewayId}`,
    ko: josa`${vpcId}과(와) ${gatewayId}의 연결`,
  }),
  subnets: (id: string): Text => ({ en: `the subnets of ${id}`, ko: `${id}의 서브넷` }),
  association: (id: string): Text => ({
    en: `the route table association of ${id}`,
    ko: `${id}의 라우팅 테이블 연결`,
  }),
  routes: (tableId: string): Text => ({ en: `the routes of ${tableId}`, ko: `${tableId}의 경로` }),
}

export const listRoute = (tableId: string, listId: string): Text => ({
  en: `Route table ${tableId} has a route to prefix list ${listId}, whose entries are not in the snapshot (get-managed-prefix-list-entries).`,
  ko: `라우팅 테이블 ${tableId}에 접두사 목록 ${listId} 경로가 있으나 그 항목이 스냅샷에 없습니다(get-managed-prefix-list-entries).`,
})

export const unsupported = (component: string): Text => ({
  en: `${component} is a component that Sonde does not follow.`,
  ko: josa`${component}은(는) Sonde가 추적하지 않는 구성 요소입니다.`,
})

export const loop = (component: string): Text => ({
  en: `The packet goes round in circles through ${component}.`,
  ko: josa`패킷이 ${component}을(를) 거쳐 계속 맴돕니다.`,
})

export const sameSubnet = (subnetId: string): Text => ({
  en: `Both ends are in ${subnetId}: no network ACL and no route table comes between.`,
  ko: `양 끝이 모두 ${subnetId}에 있어 네트워크 ACL과 라우팅 테이블을 거치지 않습니다.`,
})

export const nobodyThere = (subnetId: string, address: string): Text => ({
  en: `No network interface in ${subnetId} holds ${address}.`,
  ko: `${subnetId}에 ${address} 주소를 가진 네트워크 인터페이스가 없습니다.`,
})

export const noSubnetThere = (vpcId: string, address: string): Text => ({
  en: `${address} lies in no subnet of ${vpcId}.`,
  ko: josa`${address}은(는) ${vpcId}의 어느 서브넷에도 속하지 않습니다.`,
})

export const interfacesMissing = (address: string, call: string): Text => ({
  en: `Which interface holds ${address} can't be told without the whole answer of ${call}.`,
  ko: `${call}의 전체 응답이 없어 어느 인터페이스의 주소가 ${address}인지 알 수 없습니다.`,
})

export const delivered = (component: string): Text => ({
  en: `It arrives at ${component}.`,
  ko: `${component}에 도착합니다.`,
})

export const badState = (component: string, state: string): Text => ({
  en: `${component} is ${state}.`,
  ko: `${component}의 상태가 ${state}입니다.`,
})

export const badStateOf = (component: string, part: string, state: string): Text => ({
  en: `${part} of ${component} is ${state}.`,
  ko: `${component}의 ${part} 상태가 ${state}입니다.`,
})

export const sourceDestCheck = (eniId: string): Text => ({
  en: `${eniId} drops what is neither from nor for its own addresses: its source/destination check is on.`,
  ko: josa`${eniId}은(는) 소스/대상 확인이 켜져 있어 자기 주소가 아닌 트래픽을 버립니다.`,
})

export const appliance = (component: string): Text => ({
  en: `What ${component} does with the packet is not in the AWS configuration.`,
  ko: josa`${component}이(가) 패킷을 어떻게 처리하는지는 AWS 구성에 나와 있지 않습니다.`,
})

export const overlap = (address: string, vpcId: string, component: string): Text => ({
  en: `${address} is delivered inside ${vpcId}, whose range holds it too: it never gets to ${component}.`,
  ko: josa`${address}은(는) 범위가 겹치는 ${vpcId} 안에서 전달되어 ${component}에 도달하지 못합니다.`,
})

export const asymmetric = (component: string, expected: string, got: string): Text => ({
  en: `The reply comes back as ${got}, but ${component} waits for one from ${expected}.`,
  ko: josa`응답이 ${got} 주소로 돌아오지만 ${component}은(는) ${expected}의 응답을 기다립니다.`,
})

export const noVpc = (name: string): Text => ({
  en: `Function ${name} is not in a VPC, so no private address can be reached: attach it to subnets and to a security group that the target admits.`,
  ko: josa`함수 ${name}이(가) VPC에 연결되어 있지 않아 프라이빗 주소에 도달할 수 없습니다. 서브넷과, 대상이 허용하는 보안 그룹에 연결하세요.`,
})

export const outsideLambda = (name: string): Text => ({
  en: `Function ${name} is not in a VPC: it has the internet by AWS's own network.`,
  ko: josa`함수 ${name}은(는) VPC에 연결되지 않아 AWS 네트워크를 통해 인터넷에 접속합니다.`,
})

export const sends = (component: string): Text => ({
  en: `${component} sends the packet.`,
  ko: josa`${component}이(가) 패킷을 보냅니다.`,
})

export const spoofed = (component: string, address: string): Text => ({
  en: `${address} is not an address of ${component}: packets from it are dropped.`,
  ko: josa`${address}은(는) ${component}의 주소가 아니므로 패킷이 버려집니다.`,
})

export const sameInterface = (component: string): Text => ({
  en: `Source and destination are one interface, ${component}: the packet never meets the network.`,
  ko: `출발지와 목적지가 같은 인터페이스 ${component}이므로 네트워크를 거치지 않습니다.`,
})

export const noCommonFamily = (source: string, destination: string): Text => ({
  en: `${source} and ${destination} have no address family (IPv4, IPv6) in common.`,
  ko: josa`${source}과(와) ${destination}에 공통된 주소 유형(IPv4, IPv6)이 없습니다.`,
})

export const detour = (tableId: string, destination: string, vpcId: string, route: string): Text => ({
  en: `Route table ${tableId} has no route of its own to ${destination} in ${vpcId}: ${route} takes it towards the internet, where private addresses are dropped.`,
  ko: josa`라우팅 테이블 ${tableId}에 ${vpcId}의 ${placeKo(destination)}(으)로 가는 경로가 따로 없습니다. ${route} 경로를 따라 인터넷 쪽으로 나가고, 프라이빗 주소는 그곳에서 버려집니다.`,
})
