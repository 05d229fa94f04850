import { applicable, faultKind } from '../../infra/lab/faults/catalogue.js'
import type { FaultSite } from '../../infra/lab/faults/fault.js'
import type { LabFlow } from '../../infra/lab/plan.js'
import type { Text } from '../network/path.js'
import type { Snapshot } from '../network/snapshot.js'

/** A fault that the sample offers: a kind of the lab's catalogue at a place of the sample's account. */
export interface SampleFault {
  readonly id: string
  readonly title: Text
  readonly description: Text
  /** The kind's id in the catalogue, the flow in whose way it is put, and at which of the places that fit. */
  readonly kind: string
  readonly flow: LabFlow
  readonly place: number
}

const database = (from: string, id = 'orders'): LabFlow => ({ from, to: `rds:${id}`, port: 5432 })
const internet = (from: string): LabFlow => ({ from, to: 'internet', port: 443 })
const service = (from: string, name: string): LabFlow => ({ from, to: `service:${name}`, port: 443 })

/** Those with which the sample begins. */
export const FAULTS_AT_START: readonly string[] = ['reports-not-admitted', 'partners-in-public-subnet']

export const SAMPLE_FAULTS: readonly SampleFault[] = [
  {
    id: 'reports-not-admitted',
    kind: 'target-rule-missing',
    flow: database('report-builder'),
    place: 0,
    title: {
      en: 'The database does not admit report-builder',
      ko: '데이터베이스가 report-builder를 허용하지 않음',
    },
    description: {
      en: 'The security group orders-db has no inbound rule for tcp/5432 from shop-reports.',
      ko: '보안 그룹 orders-db에 shop-reports에서 오는 tcp/5432 인바운드 규칙이 없습니다.',
    },
  },
  {
    id: 'partners-in-public-subnet',
    kind: 'subnet-on-public-table',
    flow: internet('partner-sync'),
    place: 0,
    title: { en: 'partner-sync stands in a public subnet', ko: 'partner-sync가 퍼블릭 서브넷에 있음' },
    description: {
      en: 'The subnet of partner-sync leads straight to the internet gateway, and a function has no public address.',
      ko: 'partner-sync의 서브넷이 인터넷 게이트웨이로 바로 이어지지만 함수에는 퍼블릭 주소가 없습니다.',
    },
  },
  {
    id: 'orders-db-wrong-port',
    kind: 'target-rule-wrong-port',
    flow: database('orders-api'),
    place: 0,
    title: {
      en: 'The database admits the shop on the wrong port',
      ko: '데이터베이스가 엉뚱한 포트를 허용함',
    },
    description: {
      en: 'The security group orders-db admits shop-app on tcp/5433; the database listens on 5432.',
      ko: '보안 그룹 orders-db가 shop-app에 tcp/5433을 허용하지만 데이터베이스의 포트는 5432입니다.',
    },
  },
  {
    id: 'one-route-missing',
    kind: 'nat-route-missing',
    flow: internet('orders-api'),
    place: 2,
    title: { en: 'One of three subnets has no way out', ko: '서브넷 세 개 중 하나에 나가는 경로가 없음' },
    description: {
      en: 'The route table app-c has lost its route to the NAT gateway: about a third of the calls fail.',
      ko: '라우팅 테이블 app-c에서 NAT 게이트웨이로 가는 경로가 사라져 호출의 약 3분의 1이 실패합니다.',
    },
  },
  {
    id: 'nat-replies-dropped',
    kind: 'acl-nat-replies-denied',
    flow: internet('orders-api'),
    place: 0,
    title: {
      en: 'A network ACL drops what comes back to NAT',
      ko: '네트워크 ACL이 NAT로 돌아오는 응답을 버림',
    },
    description: {
      en: 'The network ACL of the subnet public-a denies ports 1024-65535 inbound: nothing comes back from the internet.',
      ko: '서브넷 public-a의 네트워크 ACL이 1024-65535 인바운드를 거부해 인터넷에서 아무 응답도 돌아오지 않습니다.',
    },
  },
  {
    id: 'public-access-blocked',
    kind: 'block-public-access',
    flow: internet('orders-api'),
    place: 0,
    title: { en: 'VPC Block Public Access was turned on', ko: 'VPC 퍼블릭 액세스 차단이 켜짐' },
    description: {
      en: 'The account blocks the internet gateway in both directions: nothing reaches the internet.',
      ko: '계정에서 인터넷 게이트웨이를 양방향으로 차단해 아무것도 인터넷에 도달하지 못합니다.',
    },
  },
  {
    id: 'replies-dropped',
    kind: 'acl-replies-denied',
    flow: internet('orders-api'),
    place: 0,
    title: { en: 'A network ACL drops the replies', ko: '네트워크 ACL이 응답을 버림' },
    description: {
      en: 'The network ACL of the subnet app-a lets requests out and denies ports 1024-65535 on the way back.',
      ko: '서브넷 app-a의 네트워크 ACL이 요청은 내보내지만 돌아오는 1024-65535 포트를 거부합니다.',
    },
  },
  {
    id: 'jobs-egress-narrowed',
    kind: 'egress-narrowed',
    flow: service('audit-export', 's3'),
    place: 0,
    title: { en: 'The jobs may not send to S3', ko: '작업 함수가 S3로 보낼 수 없음' },
    description: {
      en: 'The outbound rules of the security group shop-jobs leave out S3 and the other services.',
      ko: '보안 그룹 shop-jobs의 아웃바운드 규칙에 S3와 다른 서비스가 빠져 있습니다.',
    },
  },
  {
    id: 's3-endpoint-unrouted',
    kind: 'gateway-endpoint-not-on-table',
    flow: service('audit-export', 's3'),
    place: 0,
    title: { en: 'The S3 endpoint is not on the route table', ko: 'S3 엔드포인트가 라우팅 테이블에 없음' },
    description: {
      en: 'The gateway endpoint for S3 is there, but not associated with the route table of the jobs.',
      ko: 'S3 게이트웨이 엔드포인트가 있지만 작업 함수의 라우팅 테이블에 연결되어 있지 않습니다.',
    },
  },
  {
    id: 'endpoint-closed',
    kind: 'endpoint-rule-missing',
    flow: service('audit-export', 'secretsmanager'),
    place: 0,
    title: {
      en: 'The Secrets Manager endpoint is closed to the jobs',
      ko: 'Secrets Manager 엔드포인트가 작업 함수에 닫혀 있음',
    },
    description: {
      en: 'The security group vpc-endpoints has no inbound rule for tcp/443 from shop-jobs.',
      ko: '보안 그룹 vpc-endpoints에 shop-jobs에서 오는 tcp/443 인바운드 규칙이 없습니다.',
    },
  },
  {
    id: 'private-dns-off',
    kind: 'endpoint-private-dns-off',
    flow: service('audit-export', 'secretsmanager'),
    place: 0,
    title: { en: 'Private DNS of the endpoint is off', ko: '엔드포인트의 프라이빗 DNS가 꺼져 있음' },
    description: {
      en: 'The name of Secrets Manager gives its public address: the shop goes round by NAT, the jobs get nowhere.',
      ko: 'Secrets Manager의 이름이 퍼블릭 주소를 돌려주어 상점 함수는 NAT로 돌아가고 작업 함수는 도달하지 못합니다.',
    },
  },
  {
    id: 'dns-off',
    kind: 'dns-support-off',
    flow: database('orders-api'),
    place: 0,
    title: { en: 'DNS of the VPC is off', ko: 'VPC의 DNS가 꺼져 있음' },
    description: {
      en: 'enableDnsSupport is false: no name resolves in the VPC, and everything in it fails.',
      ko: 'enableDnsSupport가 false라 VPC 안에서 이름을 확인할 수 없어 그 안의 모든 것이 실패합니다.',
    },
  },
  {
    id: 'orders-db-certificate-expired',
    kind: 'certificate-expired',
    flow: database('orders-api'),
    place: 0,
    title: { en: 'The certificate of the database has expired', ko: '데이터베이스의 인증서가 만료됨' },
    description: {
      en: 'The network is in order; TLS to the database orders ends with an expired certificate.',
      ko: '네트워크는 정상이며 데이터베이스 orders의 TLS가 만료된 인증서 때문에 끝납니다.',
    },
  },
]

/**
 * Where a fault is put in an account.
 * @returns null where the account is not as it was: something else stands in the way, or was changed by a fix
 */
export function siteOf(snapshot: Snapshot, fault: SampleFault): FaultSite | null {
  const kind = faultKind(fault.kind)
  const sites = kind === undefined ? [] : applicable(snapshot, fault.flow, [kind])
  return sites[fault.place] ?? null
}
