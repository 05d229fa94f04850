import type { Text } from '../network/path.js'
import type { Change } from './diagnosis.js'

/**
 * How invasive a change is, in no unit: what it opens and how much it moves. Only the order matters, by which the
 * search tries the narrowest first and the reader sees it first.
 */
function weight(change: Change): number {
  switch (change.kind) {
    case 'authorize-security-group':
    case 'revoke-security-group': {
      const base = 'groupId' in change.peer ? 1 : 'prefixListId' in change.peer ? 1.2 : 2
      const anyone = 'cidr' in change.peer && /^(0\.0\.0\.0|::)\/0$/.test(change.peer.cidr) ? 0.3 : 0
      return base + anyone + (change.fromPort === null ? 1 : 0)
    }
    case 'put-network-acl-entry':
      return change.toPort === change.fromPort ? 2 : 2.2
    case 'associate-endpoint-route-table':
    case 'associate-hosted-zone':
      return 1
    case 'delete-route':
    case 'delete-network-acl-entry':
    case 'create-dhcp-options':
      return 1.5
    case 'modify-peering-dns':
      return 1.5
    case 'put-route':
      return change.replace ? 2.5 : 2
    case 'modify-endpoint':
    case 'modify-vpc-attribute':
    case 'put-transit-gateway-route':
    case 'associate-transit-gateway-route-table':
    case 'create-egress-only-gateway':
      return 2
    case 'attach-role-policy':
    case 'modify-transit-gateway-attachment':
    case 'associate-route-table':
    case 'associate-dhcp-options':
    case 'delete-endpoint':
      return 3
    case 'create-security-group':
      return 1
    case 'create-endpoint':
      return change.endpointType === 'Gateway' ? 3 : 6
    case 'configure-function-vpc':
      return 5
    case 'create-block-public-access-exclusion':
      return change.resourceId.startsWith('vpc-') ? 9 : 6
    case 'attach-internet-gateway':
    case 'create-peering':
      return 6
    case 'create-nat-gateway':
      return 10
  }
}

export function invasiveness(changes: readonly Change[]): number {
  return changes.reduce((sum, change) => sum + weight(change), 0)
}

const FREE: Text = { en: 'No charge of its own.', ko: '별도 비용이 없습니다.' }

/** What a fix costs in kind; prices change and differ by region, so none is named. */
export function costOf(changes: readonly Change[]): Text {
  const nat = changes.some((change) => change.kind === 'create-nat-gateway')
  const endpoint = changes.some(
    (change) => change.kind === 'create-endpoint' && change.endpointType === 'Interface',
  )
  const gateway = changes.some(
    (change) =>
      change.kind === 'associate-endpoint-route-table' ||
      (change.kind === 'create-endpoint' && change.endpointType === 'Gateway'),
  )
  const parts: Text[] = [
    ...(nat
      ? [
          {
            en: 'NAT gateway: charged by the hour and by the gigabyte, and its public IPv4 address by the hour.',
            ko: 'NAT 게이트웨이: 시간당, 처리 GB당 요금이 있고 퍼블릭 IPv4 주소도 시간당 요금이 있습니다.',
          },
        ]
      : []),
    ...(endpoint
      ? [
          {
            en: 'Interface endpoint: charged by the hour in each availability zone, and by the gigabyte.',
            ko: '인터페이스 엔드포인트: 가용 영역마다 시간당, 처리 GB당 요금이 있습니다.',
          },
        ]
      : []),
    ...(gateway ? [{ en: 'Gateway endpoint: no charge.', ko: '게이트웨이 엔드포인트: 무료입니다.' }] : []),
    ...(changes.some((change) => change.kind === 'modify-transit-gateway-attachment')
      ? [
          {
            en: 'Transit gateway: no further attachment, traffic charged by the gigabyte as before.',
            ko: 'Transit Gateway: 연결이 늘지 않으며, 트래픽은 전과 같이 GB당 과금됩니다.',
          },
        ]
      : []),
  ]
  if (parts.length === 0) return FREE
  return { en: parts.map((part) => part.en).join(' '), ko: parts.map((part) => part.ko).join(' ') }
}
