import { josa } from '../../korean.js'
import type { Text } from '../path.js'
import { ALL, ICMP, ICMPV6, TCP, UDP } from '../rules/packet.js'
import { placeKo } from './places.js'

/** What decides at a hop, in as few words as a picture has room for. */

/** A name, a value or a code that is the same in every language: `enableDnsSupport false`, `EniLimitExceeded`. */
export const asPrinted = (term: string): Text => ({ en: term, ko: term })

const side = (egress: boolean): Text =>
  egress ? { en: 'outbound', ko: '아웃바운드' } : { en: 'inbound', ko: '인바운드' }

/** The other end of a rule, under the name of its column in the AWS console. */
const far = (egress: boolean, who: string): Text =>
  egress ? { en: `to ${who}`, ko: `대상 ${who}` } : { en: `from ${who}`, ko: `소스 ${who}` }

/** @param ports ` 5432`, ` type 8`, or nothing */
export function groupEntry(traffic: Text, egress: boolean, peer: string): Text {
  const end = far(egress, peer)
  return { en: `${traffic.en} ${end.en}`, ko: `${traffic.ko}, ${end.ko}` }
}

/** @param number the rule's, `*` for the implicit last one */
export function aclEntry(number: string, allow: boolean, traffic: Text, egress: boolean, cidr: string): Text {
  const [way, end] = [side(egress), far(egress, cidr)]
  return {
    en: `${number} ${allow ? 'allow' : 'deny'} ${traffic.en} ${end.en} (${way.en})`,
    ko: `${number} ${allow ? '허용' : '거부'} ${traffic.ko}, ${end.ko} (${way.ko})`,
  }
}

export function aclDeniesAll(egress: boolean): Text {
  const way = side(egress)
  return { en: `* deny all (${way.en})`, ko: `* 모두 거부 (${way.ko})` }
}

/** @param protocol null for all; `ports` as text, `icmpType` where the rule names one */
export function traffic(protocol: string | null, ports: string | null, icmpType: number | null): Text {
  const name = protocol === null ? { en: 'all', ko: '모든 트래픽' } : asPrinted(protocol)
  if (ports !== null) return { en: `${name.en} ${ports}`, ko: `${name.ko} ${ports}` }
  if (icmpType !== null) return { en: `${name.en} type ${icmpType}`, ko: `${name.ko} 유형 ${icmpType}` }
  return name
}

/** The protocol's usual name. */
export function protocolName(protocol: number): Text {
  switch (protocol) {
    case ALL:
      return { en: 'all', ko: '모든 트래픽' }
    case TCP:
      return asPrinted('tcp')
    case UDP:
      return asPrinted('udp')
    case ICMP:
      return asPrinted('icmp')
    case ICMPV6:
      return asPrinted('icmpv6')
    default:
      return { en: `protocol ${protocol}`, ko: `프로토콜 ${protocol}` }
  }
}

export const noGroupRule = (asked: Text, egress: boolean, peer: string): Text =>
  egress
    ? {
        en: `no outbound rule for ${asked.en} to ${peer}`,
        ko: josa`${placeKo(peer)}(으)로 가는 ${asked.ko} 아웃바운드 규칙 없음`,
      }
    : {
        en: `no inbound rule for ${asked.en} from ${peer}`,
        ko: `${placeKo(peer)}에서 오는 ${asked.ko} 인바운드 규칙 없음`,
      }

export const noRouteTo = (destination: string): Text => ({
  en: `no route to ${destination}`,
  ko: josa`${placeKo(destination)}(으)로 가는 경로 없음`,
})

export const noRouteBut = (destination: string, route: string): Text => ({
  en: `no route to ${destination} but ${route}`,
  ko: josa`${placeKo(destination)}(으)로 가는 경로가 따로 없고 ${route}뿐`,
})

export const routingLoop: Text = { en: 'loop', ko: '순환' }

export const liesIn = (address: string, vpcId: string): Text => ({
  en: `${address} lies in the range of ${vpcId}`,
  ko: josa`${address}은(는) ${vpcId}의 범위 안`,
})

export const inNoneOf = (address: string, ranges: string): Text => ({
  en: `${address} is in none of ${ranges}`,
  ko: josa`${address}은(는) ${ranges} 밖`,
})

export const nothingAt = (address: string): Text => ({
  en: `nothing at ${address}`,
  ko: `${address}에 아무것도 없음`,
})

export const noConnection: Text = { en: 'no connection to match', ko: '해당하는 연결 없음' }

export const doesNotExist: Text = { en: 'does not exist', ko: '존재하지 않음' }

export const attachment = (vpcId: string, state: string | null): Text => ({
  en: `attachment to ${vpcId}: ${state ?? 'none'}`,
  ko: `${vpcId} 연결: ${state ?? '없음'}`,
})

export const destinationIs = (destination: string): Text => ({
  en: `destination ${destination}`,
  ko: `대상 주소 ${destination}`,
})

export const sourceIs = (source: string): Text => ({ en: `source ${source}`, ko: `소스 주소 ${source}` })

export const noPublicIp: Text = { en: 'no public IPv4 address', ko: '퍼블릭 IPv4 주소 없음' }

export const noFamily = (family: 4 | 6): Text => ({
  en: `no IPv${family} address`,
  ko: `IPv${family} 주소 없음`,
})

export const ipv6Only: Text = { en: 'IPv6 only', ko: 'IPv6만' }

export const noInternetGateway: Text = {
  en: 'no internet gateway attached',
  ko: '연결된 인터넷 게이트웨이 없음',
}

export const noElasticIp: Text = { en: 'no Elastic IP', ko: '탄력적 IP 주소 없음' }

export const exclusion = (mode: string, id: string, own: string): Text => ({
  en: `${mode}; exclusion ${id} ${own}`,
  ko: `${mode}; 제외 ${id} ${own}`,
})

/** @param field AWS's name of the field */
export const inState = (state: string, field = 'State'): Text => ({
  en: `${field} ${state}`,
  ko: `상태 ${state}`,
})

export const association = (state: string): Text => ({
  en: `association ${state}`,
  ko: `라우팅 테이블 연결 ${state}`,
})

export const noAssociation: Text = { en: 'no route table association', ko: '연결된 라우팅 테이블 없음' }

export const noAttachmentOf = (vpcId: string): Text => ({
  en: `no attachment of ${vpcId}`,
  ko: `${vpcId}의 연결 없음`,
})

export const noSubnetIn = (subnets: string, zone: string): Text => ({
  en: `SubnetIds ${subnets}: none in ${zone}`,
  ko: `SubnetIds ${subnets}: ${zone}에는 없음`,
})

export const tunnelsDown: Text = { en: 'all tunnels DOWN', ko: '모든 터널 DOWN' }

export const noAllowStatement: Text = { en: 'no Allow statement', ko: 'Allow 문 없음' }

export const replyFrom = (address: string): Text => ({
  en: `reply from ${address}`,
  ko: `${address}에서 온 응답`,
})

export const replyEndsAt = (component: string): Text => ({
  en: `the reply ends at ${component}`,
  ko: `응답이 ${component}에서 끝남`,
})

export const noVpcConfig: Text = { en: 'no VpcConfig', ko: 'VpcConfig 없음' }

export const notOnTable = (tableId: string): Text => ({ en: `not in ${tableId}`, ko: `${tableId}에 없음` })
