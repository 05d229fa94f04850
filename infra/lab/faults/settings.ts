import { PLACES } from '../../../api/diagnosis/raw.js'
import { addressAt } from '../addresses.js'
import { arg, type FaultKind, type Found } from './fault.js'
import { onwardOf, type Terrain, targetEni } from './terrain.js'

const BLOCK_OPTIONS = {
  call: 'describe-vpc-block-public-access-options',
  list: null,
  id: '',
} as const

/** Distance of the dead name server from the end of the VPC's range, where nobody lives. */
const FROM_END = 203
const DEAD_OPTIONS = 'dopt-0dead0dead0dead00'

/** The VPC of the flow, where the flow starts from a name. */
function named(terrain: Terrain): string | null {
  const bare = /^(i|eni)-|^\[?[0-9a-f.:]+\]?(:\d+)?$/i.test(terrain.flow.to)
  return bare ? null : (terrain.starts[0]?.subnet.vpcId ?? null)
}

/** Faults of a VPC's settings: DNS, and Block Public Access. */
export const SETTING_FAULTS: readonly FaultKind[] = [
  {
    id: 'dns-support-off',
    title: { en: 'DNS support is off', ko: 'DNS 지원이 꺼짐' },
    description: {
      en: "The VPC's enableDnsSupport is off: no name resolves.",
      ko: 'VPC의 enableDnsSupport가 꺼져 있어 어떤 이름도 풀리지 않습니다.',
    },
    sites: (terrain) => {
      const vpc = named(terrain)
      return vpc === null
        ? []
        : [{ component: vpc, expected: { code: 'DNS_SUPPORT_DISABLED', component: vpc } }]
    },
    inject: (draft, { component }) =>
      draft.put(PLACES.vpcAttribute, `${component}.enableDnsSupport`, {
        VpcId: component,
        EnableDnsSupport: { Value: false },
      }),
  },
  {
    id: 'dns-dead-server',
    title: { en: 'Name server is dead', ko: '응답하지 않는 네임 서버' },
    description: {
      en: "The VPC's DHCP options name a name server that does not answer.",
      ko: 'VPC의 DHCP 옵션이 응답하지 않는 네임 서버를 가리킵니다.',
    },
    sites: (terrain) => {
      const vpc = named(terrain)
      const range = terrain.account.vpcs.find((one) => one.id === vpc)?.cidrs[0]
      if (vpc === null || range === undefined) return []
      const server = addressAt(range, 2 ** (32 - Number(range.split('/')[1])) - FROM_END)
      return [
        {
          component: vpc,
          args: { server },
          expected: { code: 'DNS_SERVER_UNREACHABLE', component: DEAD_OPTIONS },
        },
      ]
    },
    inject: (draft, site) => {
      const { component } = site
      const vpc = draft.get(PLACES.vpc, component)
      draft.put(PLACES.vpc, component, { ...vpc, DhcpOptionsId: DEAD_OPTIONS })
      draft.add(
        PLACES.dhcpOptions,
        DEAD_OPTIONS,
        {
          DhcpOptionsId: DEAD_OPTIONS,
          DhcpConfigurations: [{ Key: 'domain-name-servers', Values: [{ Value: arg(site, 'server') }] }],
          Tags: [],
        },
        { place: PLACES.vpc, id: component },
      )
    },
  },
  {
    id: 'block-public-access',
    title: { en: 'VPC Block Public Access is on', ko: 'VPC 퍼블릭 액세스 차단이 켜짐' },
    description: {
      en: 'VPC Block Public Access is on in both directions.',
      ko: 'VPC 퍼블릭 액세스 차단이 양방향으로 켜져 있습니다.',
    },
    sites: ({ account, nat, starts, target }) => {
      const vpc = nat?.subnet.vpcId ?? starts[0]?.subnet.vpcId
      const outward = nat !== null || (target.kind === 'internet' && target.address.includes(':'))
      return outward && vpc !== undefined && account.blockPublicAccess === 'off'
        ? [{ component: vpc, expected: { code: 'VPC_BLOCK_PUBLIC_ACCESS_ENABLED', component: vpc } }]
        : []
    },
    inject: (draft) => {
      const body = draft.find(BLOCK_OPTIONS, '') ?? {}
      const before = body['VpcBlockPublicAccessOptions']
      draft.put(BLOCK_OPTIONS, '', {
        VpcBlockPublicAccessOptions: {
          ...(typeof before === 'object' ? before : {}),
          State: 'update-complete',
          InternetGatewayBlockMode: 'block-bidirectional',
        },
      })
    },
  },
]

/** Behind a load balancer nothing listens on any target: one that passes connections on passes the refusal on, too. */
function targetsRefuse(terrain: Terrain): readonly Found[] {
  const onward = onwardOf(terrain)
  if (onward === null) return []
  const code = onward.balancer.type === 'application' ? 'BALANCER_BAD_GATEWAY' : 'NOTHING_LISTENS'
  const hosts = Object.fromEntries(onward.targets.map(({ eni }) => [eni.id, 'refuse' as const]))
  return [{ component: onward.balancer.name, hosts, expected: { code, component: terrain.flow.to } }]
}

/** The host that the flow ends at, by the interface's id or `internet`. */
function hostFault(
  terrain: Terrain,
  behaviour: 'refuse' | 'untrusted' | 'expired',
  code: string,
): readonly Found[] {
  const eni = terrain.target.kind === 'host' ? targetEni(terrain) : null
  const host = eni?.id ?? (terrain.target.kind === 'internet' && behaviour !== 'refuse' ? 'internet' : null)
  // A plain TCP check sees no certificate.
  const speaksTls = terrain.target.kind === 'internet' || terrain.port === 5432
  return host === null || (behaviour !== 'refuse' && !speaksTls)
    ? []
    : [{ component: host, hosts: { [host]: behaviour }, expected: { code, component: terrain.flow.to } }]
}

/** Faults of hosts, which no configuration shows. */
export const HOST_FAULTS: readonly FaultKind[] = [
  {
    id: 'nothing-listens',
    title: { en: 'Nothing listens', ko: '수신 대기 중인 서버 없음' },
    description: {
      en: 'The host is up, and nothing listens on the port.',
      ko: '호스트는 켜져 있지만 그 포트에서 수신 대기하는 프로세스가 없습니다.',
    },
    sites: (terrain) => [...hostFault(terrain, 'refuse', 'NOTHING_LISTENS'), ...targetsRefuse(terrain)],
    inject: () => undefined,
  },
  {
    id: 'certificate-expired',
    title: { en: 'Certificate expired', ko: '인증서 만료' },
    description: {
      en: "The server's certificate has expired.",
      ko: '서버의 인증서가 만료되었습니다.',
    },
    sites: (terrain) => hostFault(terrain, 'expired', 'CERTIFICATE_EXPIRED'),
    inject: () => undefined,
  },
  {
    id: 'certificate-untrusted',
    title: { en: 'Certificate of an unknown CA', ko: '알 수 없는 CA의 인증서' },
    description: {
      en: "The server's certificate was signed by a CA that the client does not have.",
      ko: '서버의 인증서를 클라이언트가 모르는 CA가 서명했습니다.',
    },
    sites: (terrain) => hostFault(terrain, 'untrusted', 'CERTIFICATE_UNTRUSTED'),
    inject: () => undefined,
  },
]
