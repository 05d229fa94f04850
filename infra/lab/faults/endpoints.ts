import type { Draft } from '../../../api/diagnosis/apply/draft.js'
import { PLACES } from '../../../api/diagnosis/raw.js'
import { records, strings, text } from '../documents.js'
import { arg, type FaultKind, type FaultSite, type Found } from './fault.js'
import { destinationOf, editRoutes } from './routes.js'
import { startTables, type Terrain } from './terrain.js'

const PRIVATE_DNS_OFF = 'ENDPOINT_PRIVATE_DNS_DISABLED'

function gateway(terrain: Terrain): string | null {
  const { target } = terrain
  return target.kind === 'service' && target.how === 'gateway'
    ? text(target.endpoint ?? {}, 'VpcEndpointId')
    : null
}

function direct({ target }: Terrain): string | null {
  return target.kind === 'service' && target.how === 'interface'
    ? text(target.endpoint ?? {}, 'VpcEndpointId')
    : null
}

const named = (id: string | null, code: string): readonly Found[] =>
  id === null ? [] : [{ component: id, expected: { code, component: id } }]

/** Without its endpoint a service is a public address like any other: what then lacks is a route. */
function noRoute(terrain: Terrain, id: string | null): readonly Found[] {
  const [first] = startTables(terrain)
  return id === null || first === undefined
    ? []
    : [{ component: id, expected: { code: 'NO_ROUTE_TO_DESTINATION', component: first.tableId } }]
}

function removeEndpoint(draft: Draft, { component }: FaultSite): void {
  for (const id of strings(draft.get(PLACES.endpoint, component), 'NetworkInterfaceIds'))
    draft.remove(PLACES.networkInterface, id)
  draft.remove(PLACES.endpoint, component)
  for (const table of draft.all(PLACES.routeTable)) {
    if (records(table, 'Routes').some((route) => text(route, 'GatewayId') === component))
      editRoutes(draft, text(table, 'RouteTableId'), (route) =>
        text(route, 'GatewayId') === component ? null : route,
      )
  }
}

function setPolicy(
  draft: Draft,
  { component }: FaultSite,
  statement: Readonly<Record<string, string>>,
): void {
  const endpoint = draft.get(PLACES.endpoint, component)
  draft.put(PLACES.endpoint, component, {
    ...endpoint,
    PolicyDocument: JSON.stringify({ Statement: [statement] }),
  })
}

/** Faults of VPC endpoints. */
export const ENDPOINT_FAULTS: readonly FaultKind[] = [
  {
    id: 'gateway-endpoint-not-on-table',
    title: { en: 'Gateway endpoint on another table', ko: '다른 테이블에 연결된 게이트웨이 엔드포인트' },
    description: {
      en: "The gateway endpoint is not associated with the route table of the function's subnet.",
      ko: '게이트웨이 엔드포인트가 함수 서브넷의 라우팅 테이블에 연결되어 있지 않습니다.',
    },
    sites: (terrain) =>
      startTables(terrain).flatMap(({ tableId }) =>
        named(gateway(terrain), 'GATEWAY_ENDPOINT_NOT_ASSOCIATED').map((found) => ({
          ...found,
          args: { table: tableId },
        })),
      ),
    inject: (draft, site) => {
      const endpoint = draft.get(PLACES.endpoint, site.component)
      const table = arg(site, 'table')
      draft.put(PLACES.endpoint, site.component, {
        ...endpoint,
        RouteTableIds: strings(endpoint, 'RouteTableIds').filter((id) => id !== table),
      })
      editRoutes(draft, table, (route) =>
        text(route, 'GatewayId') === site.component && destinationOf(route).startsWith('pl-') ? null : route,
      )
    },
  },
  {
    id: 'gateway-endpoint-deleted',
    title: { en: 'Gateway endpoint missing', ko: '게이트웨이 엔드포인트 없음' },
    description: {
      en: 'The VPC has no gateway endpoint for the service, and no other way to it.',
      ko: 'VPC에 이 서비스의 게이트웨이 엔드포인트가 없고 다른 길도 없습니다.',
    },
    sites: (terrain) => noRoute(terrain, gateway(terrain)),
    inject: removeEndpoint,
  },
  {
    id: 'interface-endpoint-deleted',
    title: { en: 'Interface endpoint missing', ko: '인터페이스 엔드포인트 없음' },
    description: {
      en: 'The VPC has no interface endpoint for the service, and no other way to it.',
      ko: 'VPC에 이 서비스의 인터페이스 엔드포인트가 없고 다른 길도 없습니다.',
    },
    sites: (terrain) => noRoute(terrain, direct(terrain)),
    inject: removeEndpoint,
  },
  {
    id: 'endpoint-private-dns-off',
    title: { en: 'Private DNS is off', ko: '프라이빗 DNS가 꺼짐' },
    description: {
      en: "The interface endpoint has no private DNS, so the service's name leads to public addresses.",
      ko: '인터페이스 엔드포인트의 프라이빗 DNS가 꺼져 있어 서비스 이름이 퍼블릭 주소로 풀립니다.',
    },
    sites: (terrain) => named(direct(terrain), PRIVATE_DNS_OFF),
    inject: (draft, { component }) => {
      const endpoint = draft.get(PLACES.endpoint, component)
      draft.put(PLACES.endpoint, component, {
        ...endpoint,
        PrivateDnsEnabled: false,
        DnsEntries: records(endpoint, 'DnsEntries').filter((one) => text(one, 'DnsName').includes('.vpce.')),
      })
    },
  },
  {
    id: 'dns-hostnames-off',
    title: { en: 'DNS hostnames are off', ko: 'DNS 호스트 이름이 꺼짐' },
    description: {
      en: "The VPC's enableDnsHostnames is off: the private DNS of its endpoints does not work.",
      ko: 'VPC의 enableDnsHostnames가 꺼져 있어 엔드포인트의 프라이빗 DNS가 동작하지 않습니다.',
    },
    sites: (terrain) =>
      direct(terrain) === null ? [] : named(terrain.starts[0]?.subnet.vpcId ?? null, PRIVATE_DNS_OFF),
    inject: (draft, { component }) =>
      draft.put(PLACES.vpcAttribute, `${component}.enableDnsHostnames`, {
        VpcId: component,
        EnableDnsHostnames: { Value: false },
      }),
  },
  {
    id: 'endpoint-failed',
    title: { en: 'Endpoint is not available', ko: '사용할 수 없는 엔드포인트' },
    description: {
      en: 'The interface endpoint is in the state failed.',
      ko: '인터페이스 엔드포인트가 failed 상태입니다.',
    },
    sites: (terrain) => named(direct(terrain), 'BAD_STATE'),
    inject: (draft, { component }) =>
      draft.put(PLACES.endpoint, component, { ...draft.get(PLACES.endpoint, component), State: 'failed' }),
  },
  {
    id: 'endpoint-policy-denies',
    title: { en: 'Endpoint policy denies', ko: '엔드포인트 정책이 거부' },
    description: {
      en: "The endpoint's policy denies every call.",
      ko: '엔드포인트 정책이 모든 호출을 거부합니다.',
    },
    sites: (terrain) => named(direct(terrain) ?? gateway(terrain), 'ENDPOINT_POLICY_DENIES'),
    inject: (draft, site) =>
      setPolicy(draft, site, { Action: '*', Effect: 'Deny', Principal: '*', Resource: '*' }),
  },
]
