import { josa } from '../korean.js'
import type { Text } from '../network/path.js'
import { asPrinted } from '../network/text/rules.js'
import type { Change } from './diagnosis.js'
import { peerName, portsOf } from './render/names.js'
import { NEW_THINGS, policyWords, type Words } from './words-connections.js'

type Of<K extends Change['kind']> = Extract<Change, { kind: K }>

type Speakers = { readonly [K in Change['kind']]: (change: Of<K>) => Words }

function ports(change: { protocol: string; fromPort: number | null; toPort: number | null }): Text {
  if (change.protocol === '-1') return { en: 'all traffic', ko: '모든 트래픽' }
  const names: Readonly<Record<string, string>> = { '6': 'tcp', '17': 'udp' }
  const name = names[change.protocol] ?? change.protocol
  const range = portsOf(change)
  if (range === null || name.startsWith('icmp')) return asPrinted(name)
  return asPrinted(range[0] === range[1] ? `${name}/${range[0]}` : `${name}/${range[0]}-${range[1]}`)
}

function rule(change: Of<'authorize-security-group'> | Of<'revoke-security-group'>): Text {
  const peer = peerName(change.peer)
  const inward = change.direction === 'ingress'
  return {
    en: `${inward ? 'inbound' : 'outbound'} ${ports(change).en} ${inward ? 'from' : 'to'} ${peer}`,
    ko: `${inward ? `${peer}에서 오는 인바운드` : josa`${peer}(으)로 가는 아웃바운드`} ${ports(change).ko}`,
  }
}

/** The ends of a peering connection. */
const SIDES = { requester: '요청자', accepter: '수락자' } as const

const SPEAKERS: Speakers = {
  ...NEW_THINGS,
  'authorize-security-group': (change) => {
    const said = rule(change)
    const broad = 'cidr' in change.peer
    return {
      does: { en: `allow ${said.en} in ${change.groupId}`, ko: `${change.groupId}에 ${said.ko} 허용` },
      risk: broad
        ? {
            en: `Everything in ${peerName(change.peer)} is let through, not this function alone.`,
            ko: `이 함수만이 아니라 ${peerName(change.peer)} 전체가 허용됩니다.`,
          }
        : {
            en: `Everything in ${peerName(change.peer)} is let through on this port, and nothing else.`,
            ko: `이 포트에 대해 ${peerName(change.peer)}만 허용됩니다.`,
          },
      undo: { en: `revoke that rule of ${change.groupId}`, ko: `${change.groupId}의 그 규칙을 제거` },
    }
  },
  'revoke-security-group': (change) => {
    const said = rule(change)
    return {
      does: { en: `remove ${said.en} from ${change.groupId}`, ko: `${change.groupId}에서 ${said.ko} 제거` },
      risk:
        change.direction === 'ingress'
          ? {
              en: `Everyone else who comes by this rule loses the way too: check who in ${peerName(change.peer)} needs it.`,
              ko: `이 규칙을 쓰는 다른 대상도 막힙니다. ${peerName(change.peer)} 중 필요한 곳이 있는지 확인하세요.`,
            }
          : {
              en: `Whatever else leaves ${change.groupId} by this rule is cut off: check what it needs in ${peerName(change.peer)}.`,
              ko: `${change.groupId}에서 이 규칙으로 나가는 다른 트래픽도 끊깁니다. ${peerName(change.peer)} 중 필요한 곳이 있는지 확인하세요.`,
            },
      undo: { en: `add that rule to ${change.groupId} again`, ko: `${change.groupId}에 그 규칙을 다시 추가` },
    }
  },
  'create-security-group': (change) => ({
    does: {
      en: `create security group ${change.name} in ${change.vpcId}`,
      ko: `${change.vpcId}에 보안 그룹 ${change.name} 생성`,
    },
    risk: {
      en: 'A new group admits nothing by itself.',
      ko: '새 그룹은 그 자체로는 아무것도 허용하지 않습니다.',
    },
    undo: { en: 'delete that group', ko: '그 그룹을 삭제' },
  }),
  'put-network-acl-entry': (change) => {
    const side = change.egress ? 'outbound' : 'inbound'
    return {
      does: {
        en: `add ${side} rule ${change.ruleNumber} ${change.action} ${ports(change).en} ${change.egress ? 'to' : 'from'} ${change.cidr} to ${change.networkAclId}`,
        ko: `${change.networkAclId}에 ${change.egress ? '아웃바운드' : '인바운드'} 규칙 ${change.ruleNumber} (${ports(change).ko}, ${change.cidr} ${change.action === 'allow' ? '허용' : '거부'}) 추가`,
      },
      risk: {
        en: `It holds for every subnet of ${change.networkAclId}; security groups still decide behind it.`,
        ko: `${change.networkAclId}의 모든 서브넷에 적용됩니다. 보안 그룹은 그대로 적용됩니다.`,
      },
      undo: {
        en: `delete ${side} rule ${change.ruleNumber} of ${change.networkAclId}`,
        ko: `${change.networkAclId}의 ${change.egress ? '아웃바운드' : '인바운드'} 규칙 ${change.ruleNumber} 삭제`,
      },
    }
  },
  'put-route': (change) => ({
    does: {
      en: `${change.replace ? 'point' : 'add'} the route to ${change.destination} in ${change.routeTableId} ${change.replace ? 'at' : 'by'} ${change.target.id}`,
      ko: change.replace
        ? josa`${change.routeTableId}의 ${change.destination} 경로를 ${change.target.id}(으)로 변경`
        : josa`${change.routeTableId}에 ${change.target.id}(으)로 가는 ${change.destination} 경로 추가`,
    },
    risk: {
      en: `Every subnet of ${change.routeTableId} takes this route.`,
      ko: `${change.routeTableId}의 모든 서브넷이 이 경로를 따릅니다.`,
    },
    undo: change.replace
      ? {
          en: `point the route to ${change.destination} of ${change.routeTableId} back at its former target`,
          ko: `${change.routeTableId}의 ${change.destination} 경로를 이전 대상으로 되돌림`,
        }
      : {
          en: `delete the route to ${change.destination} of ${change.routeTableId}`,
          ko: `${change.routeTableId}의 ${change.destination} 경로 삭제`,
        },
  }),
  'associate-endpoint-route-table': (change) => ({
    does: {
      en: `associate endpoint ${change.endpointId} with ${change.routeTableId}`,
      ko: josa`엔드포인트 ${change.endpointId}을(를) ${change.routeTableId}에 연결`,
    },
    risk: {
      en: `Open connections to the service from subnets of ${change.routeTableId} are dropped once.`,
      ko: `${change.routeTableId} 서브넷에서 그 서비스로 열린 연결이 한 번 끊깁니다.`,
    },
    undo: {
      en: `remove ${change.routeTableId} from endpoint ${change.endpointId}`,
      ko: `엔드포인트 ${change.endpointId}에서 ${change.routeTableId} 제거`,
    },
  }),
  'create-endpoint': (change) => {
    const kind = change.endpointType === 'Gateway' ? 'gateway' : 'interface'
    return {
      does: {
        en: `create ${kind === 'gateway' ? 'a gateway' : 'an interface'} endpoint for ${change.service} in ${change.vpcId}`,
        ko: `${change.vpcId}에 ${change.service}용 ${kind === 'gateway' ? '게이트웨이' : '인터페이스'} 엔드포인트 생성`,
      },
      risk:
        kind === 'gateway'
          ? {
              en: 'Open connections to the service are dropped once; bucket policies that name source addresses see private ones.',
              ko: '그 서비스로 열린 연결이 한 번 끊기고, 소스 주소를 쓰는 버킷 정책에는 프라이빗 주소로 보입니다.',
            }
          : {
              en: `With private DNS the whole of ${change.vpcId} reaches the service by this endpoint: its group has to admit them all.`,
              ko: `프라이빗 DNS로 ${change.vpcId} 전체가 이 엔드포인트를 쓰게 되므로, 엔드포인트의 보안 그룹이 모두를 허용해야 합니다.`,
            },
      undo: { en: 'delete that endpoint', ko: '그 엔드포인트를 삭제' },
    }
  },
  'modify-endpoint': (change) => {
    if (change.policy !== undefined) return policyWords(change.endpointId)
    const what: Text =
      change.privateDns !== undefined
        ? {
            en: `turn private DNS ${change.privateDns ? 'on' : 'off'}`,
            ko: `프라이빗 DNS ${change.privateDns ? '켜기' : '끄기'}`,
          }
        : change.addSubnetIds !== undefined
          ? { en: `add ${change.addSubnetIds.join(', ')}`, ko: `${change.addSubnetIds.join(', ')} 추가` }
          : {
              en: `add ${(change.addGroupIds ?? []).join(', ')}`,
              ko: `${(change.addGroupIds ?? []).join(', ')} 추가`,
            }
    return {
      does: {
        en: `${what.en} for endpoint ${change.endpointId}`,
        ko: `엔드포인트 ${change.endpointId}: ${what.ko}`,
      },
      risk: {
        en: 'Every caller in the VPC is affected: with private DNS the service is reached by the endpoint only, so its group has to admit them all.',
        ko: 'VPC의 모든 호출자에게 적용됩니다. 프라이빗 DNS를 쓰면 엔드포인트로만 가므로 보안 그룹이 모두를 허용해야 합니다.',
      },
      undo: {
        en: `set endpoint ${change.endpointId} back`,
        ko: `엔드포인트 ${change.endpointId}의 설정을 되돌림`,
      },
    }
  },
  'create-nat-gateway': (change) => ({
    does: {
      en: `create a NAT gateway in ${change.subnetId}`,
      ko: `${change.subnetId}에 NAT 게이트웨이 생성`,
    },
    risk: {
      en: 'The functions gain the whole internet, and the world sees the new Elastic IP: allow-lists elsewhere must learn it. One gateway is one availability zone.',
      ko: '함수가 인터넷 전체에 접근하게 되고, 외부에는 새 탄력적 IP로 보이므로 상대방 허용 목록에 등록해야 합니다. 게이트웨이 하나는 한 가용 영역에만 있습니다.',
    },
    undo: {
      en: 'delete that NAT gateway and release its address',
      ko: '그 NAT 게이트웨이를 삭제하고 주소를 반납',
    },
  }),
  'associate-route-table': (change) => ({
    does: {
      en: `associate ${change.subnetId} with ${change.routeTableId}`,
      ko: josa`${change.subnetId}을(를) ${change.routeTableId}에 연결`,
    },
    risk: {
      en: `Everything in ${change.subnetId} changes its routes.`,
      ko: `${change.subnetId}의 모든 경로가 바뀝니다.`,
    },
    undo: {
      en: `associate ${change.subnetId} with its former table`,
      ko: josa`${change.subnetId}을(를) 이전 라우팅 테이블에 연결`,
    },
  }),
  'modify-vpc-attribute': (change) => ({
    does: {
      en: `set ${change.attribute} of ${change.vpcId} to ${change.value}`,
      ko: josa`${change.vpcId}의 ${change.attribute}을(를) ${change.value}(으)로 설정`,
    },
    risk: {
      en: `It holds for the whole of ${change.vpcId}: names resolve there that did not before.`,
      ko: `${change.vpcId} 전체에 적용되어, 전에 풀리지 않던 이름이 풀립니다.`,
    },
    undo: {
      en: `set ${change.attribute} of ${change.vpcId} to ${!change.value}`,
      ko: josa`${change.vpcId}의 ${change.attribute}을(를) ${!change.value}(으)로 설정`,
    },
  }),
  'modify-peering-dns': (change) => ({
    does: {
      en: `let names of the ${change.side}'s VPC resolve to private addresses over ${change.peeringId}`,
      ko: `${change.peeringId}에서 ${SIDES[change.side]} VPC의 이름이 프라이빗 주소로 풀리게 함`,
    },
    risk: {
      en: 'Callers that used the public address change to the private one: groups and routes must let them.',
      ko: '퍼블릭 주소를 쓰던 호출자가 프라이빗 주소를 쓰게 되므로 보안 그룹과 경로가 허용해야 합니다.',
    },
    undo: {
      en: `turn the ${change.side}'s DNS option of ${change.peeringId} off`,
      ko: `${change.peeringId}의 ${SIDES[change.side]} DNS 옵션을 끔`,
    },
  }),
  'modify-transit-gateway-attachment': (change) => ({
    does: {
      en: `add ${change.addSubnetIds.join(', ')} to ${change.attachmentId}`,
      ko: `${change.attachmentId}에 ${change.addSubnetIds.join(', ')} 추가`,
    },
    risk: {
      en: 'The zone of that subnet reaches the transit gateway.',
      ko: '그 서브넷의 가용 영역이 Transit Gateway에 닿습니다.',
    },
    undo: {
      en: `remove that subnet from ${change.attachmentId}`,
      ko: `${change.attachmentId}에서 그 서브넷 제거`,
    },
  }),
  'put-transit-gateway-route': (change) => ({
    does: {
      en: `route ${change.destination} in ${change.routeTableId} to ${change.attachmentId}`,
      ko: josa`${change.routeTableId}에서 ${change.destination}을(를) ${change.attachmentId}(으)로 라우팅`,
    },
    risk: {
      en: `Every attachment of ${change.routeTableId} takes this route.`,
      ko: `${change.routeTableId}의 모든 연결이 이 경로를 따릅니다.`,
    },
    undo: { en: `delete that route of ${change.routeTableId}`, ko: `${change.routeTableId}의 그 경로 삭제` },
  }),
  'create-block-public-access-exclusion': (change) => ({
    does: {
      en: `exclude ${change.resourceId} from VPC Block Public Access (${change.mode})`,
      ko: josa`${change.resourceId}을(를) VPC 퍼블릭 액세스 차단에서 제외 (${change.mode})`,
    },
    risk: {
      en: 'An account-wide guard is lifted for this resource: whoever switched it on should agree.',
      ko: '계정 전체의 차단을 이 리소스에 대해 해제합니다. 설정한 담당자의 동의가 필요합니다.',
    },
    undo: { en: 'delete that exclusion', ko: '그 제외를 삭제' },
  }),
  'attach-internet-gateway': (change) => ({
    does: {
      en: `attach ${change.internetGatewayId} to ${change.vpcId}`,
      ko: josa`${change.internetGatewayId}을(를) ${change.vpcId}에 연결`,
    },
    risk: {
      en: 'Subnets whose tables lead to it become public.',
      ko: '이 게이트웨이로 향하는 서브넷이 퍼블릭이 됩니다.',
    },
    undo: { en: `detach ${change.internetGatewayId}`, ko: `${change.internetGatewayId} 분리` },
  }),
  'configure-function-vpc': (change) => ({
    does: {
      en: `attach ${change.functionName} to ${change.subnetIds.join(', ')} with ${change.groupIds.join(', ')}`,
      ko: josa`${change.functionName}을(를) 서브넷 ${change.subnetIds.join(', ')}과(와) 보안 그룹 ${change.groupIds.join(', ')}에 연결`,
    },
    risk: {
      en: 'The function is updated, and from then on reaches only what these subnets and groups let it reach; a function that had the internet outside the VPC needs NAT or endpoints for it now.',
      ko: '함수가 업데이트되고, 이후에는 이 서브넷과 보안 그룹이 허용하는 곳에만 닿습니다. VPC 밖에서 인터넷을 쓰던 함수라면 이제 NAT 게이트웨이나 엔드포인트가 필요합니다.',
    },
    undo: {
      en: `give ${change.functionName} its former VPC configuration`,
      ko: `${change.functionName}의 이전 VPC 구성으로 되돌림`,
    },
  }),
  'attach-role-policy': (change) => ({
    does: {
      en: `attach ${change.policyArn.split('/').at(-1) ?? change.policyArn} to role ${change.roleName}`,
      ko: `역할 ${change.roleName}에 ${change.policyArn.split('/').at(-1) ?? change.policyArn} 연결`,
    },
    risk: {
      en: `The function's own code may use these permissions too; AWS recommends denying them to it by lambda:SourceFunctionArn.`,
      ko: '함수 코드도 이 권한을 쓸 수 있습니다. AWS는 lambda:SourceFunctionArn 조건으로 함수 코드에는 거부하도록 권장합니다.',
    },
    undo: { en: `detach that policy from ${change.roleName}`, ko: `${change.roleName}에서 그 정책을 분리` },
  }),
}

function speak<K extends Change['kind']>(change: Of<K>, kind: K): Words {
  return SPEAKERS[kind](change)
}

const capital = (sentence: string) => sentence.charAt(0).toUpperCase() + sentence.slice(1)

function joined(parts: readonly Text[], end: { en: string; ko: string }): Text {
  const unique = (language: 'en' | 'ko') => [...new Set(parts.map((part) => part[language]))]
  return { en: `${capital(unique('en').join(end.en))}`, ko: unique('ko').join(end.ko) }
}

/** One change in words: `allow inbound tcp/5432 from sg-1 in sg-2`. */
export function describeChange(change: Change): Text {
  return speak(change, change.kind).does
}

/** What a list of changes does, risks, and how it is taken back (last change first). */
export function wordsOf(changes: readonly Change[]): { title: Text; risk: Text; undo: Text } {
  const words = changes.map((change) => speak(change, change.kind))
  return {
    title: joined(
      words.map((one) => one.does),
      { en: '; ', ko: '; ' },
    ),
    risk: joined(
      words.map((one) => one.risk),
      { en: ' ', ko: ' ' },
    ),
    undo: joined(
      [...words].reverse().map((one) => one.undo),
      { en: '; ', ko: '; ' },
    ),
  }
}
