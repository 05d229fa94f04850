import { josa } from '../../korean.js'
import type { Text } from '../path.js'
import { placeKo } from './places.js'

/** Sentences about security groups and network ACLs. */

export const groupPass = (groupId: string, egress: boolean): Text =>
  egress
    ? {
        en: `Security group ${groupId} lets it out.`,
        ko: josa`보안 그룹 ${groupId}이(가) 아웃바운드를 허용합니다.`,
      }
    : {
        en: `Security group ${groupId} lets it in.`,
        ko: josa`보안 그룹 ${groupId}이(가) 인바운드를 허용합니다.`,
      }

export function groupBlock(
  groups: string,
  egress: boolean,
  asked: Text,
  peer: string,
  peerGroups: readonly string[],
): Text {
  const named = peerGroups.length > 0 ? `${peerGroups.join(', ')} (${peer})` : peer
  const namedKo = placeKo(named)
  const held =
    groups === '' ? { en: 'The interface has no security group, so it', ko: '보안 그룹이 없어' } : null
  if (egress) {
    return {
      en: `${held?.en ?? `Security group ${groups}`} has no outbound rule for ${asked.en} to ${named}.`,
      ko: josa`${held?.ko ?? `보안 그룹 ${groups}에`} ${namedKo}(으)로 나가는 ${asked.ko} 아웃바운드 규칙이 없습니다.`,
    }
  }
  return {
    en: `${held?.en ?? `Security group ${groups}`} lacks an inbound rule for ${asked.en} from ${named}.`,
    ko: `${held?.ko ?? `보안 그룹 ${groups}에`} ${namedKo}에서 들어오는 ${asked.ko} 인바운드 규칙이 없습니다.`,
  }
}

export function referenceUnused(
  groupId: string,
  rule: Text,
  via: {
    readonly nat: boolean
    readonly public: boolean
    readonly middlebox: boolean
    readonly transit: readonly unknown[]
  },
): Text {
  const [en, ko] = via.nat
    ? ['through a NAT gateway', 'NAT 게이트웨이를 거치면']
    : via.public
      ? ['by a public address', '퍼블릭 주소로 오면']
      : via.transit.length > 0
        ? [
            'through a transit gateway without security group referencing in this direction',
            '이 방향의 보안 그룹 참조를 지원하지 않는 Transit Gateway를 거치면',
          ]
        : via.middlebox
          ? ['through an appliance', '어플라이언스를 거치면']
          : ['over a peering connection to another Region', '다른 리전과의 피어링을 거치면']
  return {
    en: `The rule '${rule.en}' of ${groupId} names a security group, which does not count ${en}: name the address range instead.`,
    ko: josa`${groupId}의 규칙 '${rule.ko}'은(는) 보안 그룹을 참조하지만 ${ko} 적용되지 않습니다. 주소 범위로 지정하세요.`,
  }
}

export const groupMissing = (id: string): Text => ({
  en: `Security group ${id} is not in the snapshot (describe-security-groups).`,
  ko: josa`보안 그룹 ${id}이(가) 스냅샷에 없습니다(describe-security-groups).`,
})

export const groupsNotKnown = (component: string): Text => ({
  en: `The snapshot does not tell which security groups ${component} has.`,
  ko: `스냅샷에 ${component}의 보안 그룹이 나와 있지 않습니다.`,
})

export const listMissing = (id: string): Text => ({
  en: `The entries of prefix list ${id} are not in the snapshot (get-managed-prefix-list-entries).`,
  ko: `접두사 목록 ${id}의 항목이 스냅샷에 없습니다(get-managed-prefix-list-entries).`,
})

export const addressNeeded = (where: string, component: string): Text => ({
  en: `The rules of ${where} tell addresses apart, and the exact address of ${component} is not known.`,
  ko: `${where}의 규칙이 주소에 따라 다르지만 ${component}의 정확한 주소를 알 수 없습니다.`,
})

export const referenceUnknown = (groupId: string): Text => ({
  en: `Whether the rule that names ${groupId} counts here cannot be told from the snapshot.`,
  ko: josa`${groupId}을(를) 참조하는 규칙이 여기에 적용되는지 스냅샷으로는 알 수 없습니다.`,
})

export const aclMissing = (subnetId: string): Text => ({
  en: `The network ACL of ${subnetId} is not in the snapshot (describe-network-acls).`,
  ko: `${subnetId}의 네트워크 ACL이 스냅샷에 없습니다(describe-network-acls).`,
})

export const aclPass = (aclId: string, subnetId: string, egress: boolean): Text =>
  egress
    ? {
        en: `Network ACL ${aclId} lets it out of ${subnetId}.`,
        ko: josa`네트워크 ACL ${aclId}이(가) ${subnetId}의 아웃바운드를 허용합니다.`,
      }
    : {
        en: `Network ACL ${aclId} lets it into ${subnetId}.`,
        ko: josa`네트워크 ACL ${aclId}이(가) ${subnetId}의 인바운드를 허용합니다.`,
      }

export function aclBlock(
  aclId: string,
  subnetId: string,
  egress: boolean,
  denied: Text,
  peer: string,
  rule: Text,
  back: boolean,
): Text {
  const [what, whatKo] = back ? ['the replies', '응답'] : ['the traffic', '트래픽']
  return egress
    ? {
        en: `Network ACL ${aclId} of ${subnetId} keeps in ${what} (${denied.en} to ${peer}): ${rule.en}.`,
        ko: josa`${subnetId}의 네트워크 ACL ${aclId}이(가) 나가는 ${whatKo}(${placeKo(peer)}행 ${denied.ko})을 막습니다: ${rule.ko}.`,
      }
    : {
        en: `Network ACL ${aclId} of ${subnetId} keeps out ${what} (${denied.en} from ${peer}): ${rule.en}.`,
        ko: josa`${subnetId}의 네트워크 ACL ${aclId}이(가) 들어오는 ${whatKo}(${placeKo(peer)}발 ${denied.ko})을 막습니다: ${rule.ko}.`,
      }
}
