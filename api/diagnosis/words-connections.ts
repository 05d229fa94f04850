import { josa } from '../korean.js'
import type { Text } from '../network/path.js'
import type { Change } from './diagnosis.js'

type Of<K extends Change['kind']> = Extract<Change, { kind: K }>
type Speakers<K extends Change['kind']> = { readonly [One in K]: (change: Of<One>) => Words }

/** What is said of one change: what it does, what it risks, how it is taken back. */
export interface Words {
  readonly does: Text
  readonly risk: Text
  readonly undo: Text
}

/** An endpoint's policy replaced by one that lets the account's own calls through. */
export function policyWords(endpointId: string): Words {
  return {
    does: {
      en: `let the policy of endpoint ${endpointId} allow this account's calls`,
      ko: `엔드포인트 ${endpointId}의 정책이 이 계정의 호출을 허용하게 함`,
    },
    risk: {
      en: 'Every caller in the VPC is affected; the rights of each role still decide behind it.',
      ko: 'VPC의 모든 호출자에게 적용됩니다. 역할마다의 권한은 그대로 적용됩니다.',
    },
    undo: {
      en: `give endpoint ${endpointId} its former policy`,
      ko: `엔드포인트 ${endpointId}의 이전 정책으로 되돌림`,
    },
  }
}

/** The words for changes that take things away, join VPCs, or settle names. */
export const NEW_THINGS: Speakers<
  | 'delete-route'
  | 'delete-network-acl-entry'
  | 'delete-endpoint'
  | 'create-peering'
  | 'create-egress-only-gateway'
  | 'create-dhcp-options'
  | 'associate-dhcp-options'
  | 'associate-hosted-zone'
  | 'associate-transit-gateway-route-table'
> = {
  'delete-route': (change) => ({
    does: {
      en: `delete the route to ${change.destination} from ${change.routeTableId}`,
      ko: `${change.routeTableId}에서 ${change.destination} 경로 삭제`,
    },
    risk: {
      en: `Every subnet of ${change.routeTableId} takes the next wider route to ${change.destination}.`,
      ko: `${change.routeTableId}의 모든 서브넷이 ${change.destination}에 대해 다음으로 넓은 경로를 따릅니다.`,
    },
    undo: {
      en: `add that route to ${change.routeTableId} again`,
      ko: `${change.routeTableId}에 그 경로를 다시 추가`,
    },
  }),
  'delete-network-acl-entry': (change) => {
    const side = change.egress ? { en: 'outbound', ko: '아웃바운드' } : { en: 'inbound', ko: '인바운드' }
    return {
      does: {
        en: `delete ${side.en} rule ${change.ruleNumber} from ${change.networkAclId}`,
        ko: `${change.networkAclId}에서 ${side.ko} 규칙 ${change.ruleNumber} 삭제`,
      },
      risk: {
        en: `In every subnet of ${change.networkAclId}, what this rule decided is decided by the rules after it, and denied where none fits.`,
        ko: `${change.networkAclId}의 모든 서브넷에서, 이 규칙이 판단하던 트래픽은 다음 규칙이 판단하고 맞는 규칙이 없으면 거부됩니다.`,
      },
      undo: {
        en: `add that rule to ${change.networkAclId} again`,
        ko: `${change.networkAclId}에 그 규칙을 다시 추가`,
      },
    }
  },
  'delete-endpoint': (change) => ({
    does: { en: `delete endpoint ${change.endpointId}`, ko: `엔드포인트 ${change.endpointId} 삭제` },
    risk: {
      en: 'Its private DNS names are free for another endpoint; until that one is there, the service is reached by public addresses.',
      ko: '프라이빗 DNS 이름을 다른 엔드포인트가 쓸 수 있게 됩니다. 새 엔드포인트가 생길 때까지 서비스는 퍼블릭 주소로 풀립니다.',
    },
    undo: { en: 'create that endpoint again', ko: '그 엔드포인트를 다시 생성' },
  }),
  'create-peering': (change) => ({
    does: {
      en: `peer ${change.requesterVpcId} with ${change.accepterVpcId}`,
      ko: josa`${change.requesterVpcId}와(과) ${change.accepterVpcId}을(를) 피어링`,
    },
    risk: {
      en: 'The owner of the other VPC has to accept it; routes and security groups still decide what passes.',
      ko: '상대 VPC의 소유자가 수락해야 합니다. 무엇이 통과하는지는 경로와 보안 그룹이 결정합니다.',
    },
    undo: { en: 'delete that peering connection', ko: '그 피어링 연결을 삭제' },
  }),
  'create-egress-only-gateway': (change) => ({
    does: {
      en: `create an egress-only internet gateway in ${change.vpcId}`,
      ko: `${change.vpcId}에 송신 전용 인터넷 게이트웨이 생성`,
    },
    risk: {
      en: 'Subnets whose tables lead to it reach the internet by IPv6; nobody outside can open a connection to them.',
      ko: '이 게이트웨이로 향하는 서브넷이 IPv6로 인터넷에 나갑니다. 밖에서 연결을 열 수는 없습니다.',
    },
    undo: { en: 'delete that gateway', ko: '그 게이트웨이를 삭제' },
  }),
  'create-dhcp-options': (change) => ({
    does: {
      en: `create DHCP options with the name servers ${change.nameServers.join(', ')}`,
      ko: `네임 서버가 ${change.nameServers.join(', ')}인 DHCP 옵션 생성`,
    },
    risk: {
      en: 'They do nothing until a VPC has them.',
      ko: 'VPC에 연결하기 전에는 아무 영향이 없습니다.',
    },
    undo: { en: 'delete those DHCP options', ko: '그 DHCP 옵션을 삭제' },
  }),
  'associate-dhcp-options': (change) => ({
    does: {
      en: `give ${change.vpcId} the DHCP options ${change.dhcpOptionsId}`,
      ko: `${change.vpcId}에 DHCP 옵션 ${change.dhcpOptionsId} 연결`,
    },
    risk: {
      en: `All of ${change.vpcId} changes its name servers as leases are renewed: names that only the former servers know no longer resolve.`,
      ko: `임대가 갱신되면서 ${change.vpcId} 전체의 네임 서버가 바뀝니다. 이전 서버만 아는 이름은 더 이상 풀리지 않습니다.`,
    },
    undo: {
      en: `give ${change.vpcId} its former DHCP options`,
      ko: `${change.vpcId}의 이전 DHCP 옵션으로 되돌림`,
    },
  }),
  'associate-hosted-zone': (change) => ({
    does: {
      en: `associate hosted zone ${change.hostedZoneId} with ${change.vpcId}`,
      ko: josa`호스팅 영역 ${change.hostedZoneId}을(를) ${change.vpcId}에 연결`,
    },
    risk: {
      en: `In ${change.vpcId} every name of that zone is answered by it alone.`,
      ko: `${change.vpcId}에서는 그 영역의 모든 이름을 이 영역만 답하게 됩니다.`,
    },
    undo: {
      en: `disassociate hosted zone ${change.hostedZoneId} from ${change.vpcId}`,
      ko: josa`호스팅 영역 ${change.hostedZoneId}와(과) ${change.vpcId}의 연결 해제`,
    },
  }),
  'associate-transit-gateway-route-table': (change) => ({
    does: {
      en: `associate ${change.attachmentId} with ${change.routeTableId}`,
      ko: josa`${change.attachmentId}을(를) ${change.routeTableId}에 연결`,
    },
    risk: {
      en: `All that ${change.attachmentId} sends follows ${change.routeTableId}.`,
      ko: josa`${change.attachmentId}에서 나가는 모든 트래픽이 ${change.routeTableId}을(를) 따릅니다.`,
    },
    undo: {
      en: `disassociate ${change.attachmentId} from ${change.routeTableId}`,
      ko: josa`${change.attachmentId}와(과) ${change.routeTableId}의 연결 해제`,
    },
  }),
}
