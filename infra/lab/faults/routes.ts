import type { Draft } from '../../../api/diagnosis/apply/draft.js'
import { PLACES } from '../../../api/diagnosis/raw.js'
import type { Subnet } from '../account.js'
import { isV6 } from '../addresses.js'
import { listed, type Raw, record, records, strings, text } from '../documents.js'
import { arg, type FaultKind, type FaultSite, type Found } from './fault.js'
import { isOwn, routeOf, startTables, type Terrain, tableOf, targetEni } from './terrain.js'

export const NO_ROUTE = 'NO_ROUTE_TO_DESTINATION'
const BLACKHOLE = 'BAD_STATE_ROUTE'

/** A route's own destination: a range, or a prefix list's id. */
export function destinationOf(route: Raw | undefined): string {
  return (
    text(route, 'DestinationCidrBlock') ||
    text(route, 'DestinationIpv6CidrBlock') ||
    text(route, 'DestinationPrefixListId')
  )
}

/** A table's routes changed by their destination: null takes a route away. */
export function editRoutes(draft: Draft, tableId: string, edit: (route: Raw) => Raw | null): void {
  const table = draft.get(PLACES.routeTable, tableId)
  const routes = records(table, 'Routes').flatMap((route) => edit(route) ?? [])
  draft.put(PLACES.routeTable, tableId, { ...table, Routes: routes })
}

/** Every route to a thing that is gone turns into a blackhole, as on AWS. */
export function blackholeRoutesTo(draft: Draft, id: string): void {
  for (const table of draft.all(PLACES.routeTable)) {
    if (!records(table, 'Routes').some((route) => Object.values(route).includes(id))) continue
    editRoutes(draft, text(table, 'RouteTableId'), (route) =>
      Object.values(route).includes(id) ? { ...route, State: 'blackhole' } : route,
    )
  }
}

/** The route of each of the flow's tables that leads to a target of one kind. */
function routesVia(terrain: Terrain, field: string): readonly { subnet: Subnet; route: Raw }[] {
  return startTables(terrain).flatMap((subnet) => {
    const route = routeOf(terrain.account, subnet, terrain.target.address)
    return text(route, field) === '' || route === undefined ? [] : [{ subnet, route }]
  })
}

function missingRoute(terrain: Terrain, field: string): readonly Found[] {
  return routesVia(terrain, field).map(({ subnet: { tableId }, route }) => ({
    component: tableId,
    args: { destination: destinationOf(route) },
    expected: { code: NO_ROUTE, component: tableId },
  }))
}

/** Takes the site's route out of its table. */
export const takeRoute = (draft: Draft, site: FaultSite): void =>
  editRoutes(draft, site.component, (route) =>
    destinationOf(route) === arg(site, 'destination') ? null : route,
  )

/** A subnet without any NAT gateway's or internet gateway's route, to which a NAT gateway could be put by mistake. */
function darkSubnet({ account, nat, starts }: Terrain): Subnet | undefined {
  return account.subnets.find(
    (subnet) =>
      subnet.vpcId === nat?.subnet.vpcId &&
      starts.every((start) => start.subnet.id !== subnet.id) &&
      records(tableOf(account, subnet.tableId), 'Routes').every(
        (route) => destinationOf(route) !== '0.0.0.0/0',
      ),
  )
}

/** Another subnet's table of the VPC whose default route leads to the internet gateway. */
function publicTable({ account, starts }: Terrain): string | undefined {
  return account.subnets
    .filter((subnet) => subnet.vpcId === starts[0]?.subnet.vpcId)
    .map((subnet) => subnet.tableId)
    .find((id) =>
      records(tableOf(account, id), 'Routes').some(
        (route) =>
          text(route, 'DestinationCidrBlock') === '0.0.0.0/0' && text(route, 'GatewayId').startsWith('igw-'),
      ),
    )
}

function mainTable({ account }: Terrain, vpcId: string): string {
  const main = account.tables.find(
    (table) =>
      text(table, 'VpcId') === vpcId && records(table, 'Associations').some((one) => one['Main'] === true),
  )
  return text(main, 'RouteTableId')
}

/** Takes a subnet out of the table that it has, and into another one; null leaves it to the VPC's main table. */
function associate(draft: Draft, subnetId: string, tableId: string | null): void {
  for (const table of draft.all(PLACES.routeTable)) {
    const id = text(table, 'RouteTableId')
    const own = records(table, 'Associations')
    const kept = own.filter((one) => text(one, 'SubnetId') !== subnetId)
    const added =
      id === tableId
        ? [
            {
              Main: false,
              RouteTableAssociationId: `rtbassoc-f${subnetId.slice('subnet-'.length + 1)}`,
              RouteTableId: id,
              SubnetId: subnetId,
              AssociationState: { State: 'associated' },
            },
          ]
        : []
    if (kept.length === own.length && added.length === 0) continue
    draft.put(PLACES.routeTable, id, { ...table, Associations: [...kept, ...added] })
  }
}

/** The NAT gateway moves with its interface, to an address of the other subnet that nobody has. */
function moveNat(draft: Draft, natId: string, subnetId: string): void {
  const nat = draft.get(PLACES.natGateway, natId)
  const subnet = draft.get(PLACES.subnet, subnetId)
  const address = text(subnet, 'CidrBlock').replace(/\d+\/\d+$/, '240')
  const addresses = records(nat, 'NatGatewayAddresses').map((one) => ({ ...one, PrivateIp: address }))
  draft.put(PLACES.natGateway, natId, { ...nat, SubnetId: subnetId, NatGatewayAddresses: addresses })
  for (const { NetworkInterfaceId: id } of addresses.map((one): Raw => one)) {
    if (typeof id !== 'string') continue
    const eni = draft.get(PLACES.networkInterface, id)
    draft.put(PLACES.networkInterface, id, {
      ...eni,
      SubnetId: subnetId,
      AvailabilityZone: text(subnet, 'AvailabilityZone'),
      PrivateIpAddress: address,
      PrivateIpAddresses: records(eni, 'PrivateIpAddresses').map((one) => ({
        ...one,
        PrivateIpAddress: address,
      })),
    })
  }
}

/** Faults of route tables and NAT gateways. */
export const ROUTE_FAULTS: readonly FaultKind[] = [
  {
    id: 'nat-route-missing',
    title: { en: 'No route to the NAT gateway', ko: 'NAT 게이트웨이로 가는 경로 없음' },
    description: {
      en: "The route table of the function's subnet has no route to the NAT gateway.",
      ko: '함수 서브넷의 라우팅 테이블에 NAT 게이트웨이로 가는 경로가 없습니다.',
    },
    sites: (terrain) => missingRoute(terrain, 'NatGatewayId'),
    inject: takeRoute,
  },
  {
    id: 'nat-deleted',
    title: { en: 'NAT gateway deleted', ko: 'NAT 게이트웨이 삭제됨' },
    description: {
      en: 'The NAT gateway was deleted; routes still lead to it and are black holes.',
      ko: 'NAT 게이트웨이가 삭제되었는데 경로는 여전히 그쪽을 가리켜 블랙홀이 되었습니다.',
    },
    sites: (terrain) =>
      terrain.nat === null
        ? []
        : routesVia(terrain, 'NatGatewayId')
            .slice(0, 1)
            .map(({ subnet: { tableId }, route }) => ({
              component: text(route, 'NatGatewayId'),
              expected: { code: BLACKHOLE, component: tableId, rule: text(route, 'NatGatewayId') },
            })),
    inject: (draft, { component }) => {
      const nat = draft.get(PLACES.natGateway, component)
      for (const one of records(nat, 'NatGatewayAddresses')) {
        const id = text(one, 'NetworkInterfaceId')
        if (draft.find(PLACES.networkInterface, id) !== undefined) draft.remove(PLACES.networkInterface, id)
      }
      draft.remove(PLACES.natGateway, component)
      blackholeRoutesTo(draft, component)
    },
  },
  {
    id: 'nat-failed',
    title: { en: 'NAT gateway failed', ko: 'NAT 게이트웨이 생성 실패' },
    description: {
      en: 'The NAT gateway is in the state failed.',
      ko: 'NAT 게이트웨이가 failed 상태입니다.',
    },
    sites: ({ nat }) =>
      nat === null ? [] : [{ component: nat.id, expected: { code: 'BAD_STATE', component: nat.id } }],
    inject: (draft, { component }) => {
      const nat = draft.get(PLACES.natGateway, component)
      draft.put(PLACES.natGateway, component, {
        ...nat,
        State: 'failed',
        FailureCode: 'Gateway.NotAttached',
        FailureMessage: 'Network has no Internet gateway attached',
      })
    },
  },
  {
    id: 'nat-in-private-subnet',
    title: { en: 'NAT gateway in a private subnet', ko: '프라이빗 서브넷에 있는 NAT 게이트웨이' },
    description: {
      en: 'The NAT gateway stands in a subnet whose route table does not lead to an internet gateway.',
      ko: 'NAT 게이트웨이가 인터넷 게이트웨이로 가는 경로가 없는 서브넷에 있습니다.',
    },
    sites: (terrain) => {
      const subnet = darkSubnet(terrain)
      return terrain.nat === null || subnet === undefined
        ? []
        : [
            {
              component: terrain.nat.id,
              args: { subnet: subnet.id },
              expected: { code: NO_ROUTE, component: subnet.tableId },
            },
          ]
    },
    inject: (draft, site) => moveNat(draft, site.component, arg(site, 'subnet')),
  },
  {
    id: 'nat-subnet-route-missing',
    title: { en: "No internet route in the NAT gateway's subnet", ko: 'NAT 서브넷에 인터넷 경로 없음' },
    description: {
      en: "The route table of the NAT gateway's subnet has no route to the internet gateway.",
      ko: 'NAT 게이트웨이 서브넷의 라우팅 테이블에 인터넷 게이트웨이로 가는 경로가 없습니다.',
    },
    sites: ({ account, nat, target }) => {
      const route = nat === null ? undefined : routeOf(account, nat.subnet, target.address)
      return nat === null || !text(route, 'GatewayId').startsWith('igw-')
        ? []
        : [
            {
              component: nat.subnet.tableId,
              args: { destination: destinationOf(route) },
              expected: { code: NO_ROUTE, component: nat.subnet.tableId },
            },
          ]
    },
    inject: takeRoute,
  },
  {
    id: 'internet-gateway-detached',
    title: { en: 'Internet gateway detached', ko: '인터넷 게이트웨이 분리됨' },
    description: {
      en: 'The internet gateway was detached from the VPC; routes to it are black holes.',
      ko: '인터넷 게이트웨이가 VPC에서 분리되어 그쪽으로 가는 경로가 블랙홀이 되었습니다.',
    },
    sites: ({ account, nat }) => {
      const gateway = nat === null ? undefined : account.internetGateways.get(nat.subnet.vpcId)
      return nat === null || gateway === undefined
        ? []
        : [
            {
              component: gateway,
              expected: { code: BLACKHOLE, component: nat.subnet.tableId, rule: gateway },
            },
          ]
    },
    inject: (draft, { component }) => {
      const gateway = draft.get(PLACES.internetGateway, component)
      draft.put(PLACES.internetGateway, component, { ...gateway, Attachments: [] })
      blackholeRoutesTo(draft, component)
    },
  },
  {
    id: 'subnet-on-public-table',
    title: { en: 'Function in a public subnet', ko: '퍼블릭 서브넷에 있는 함수' },
    description: {
      en: "The function's subnet is on the public route table: its interface has no public address to leave by.",
      ko: '함수의 서브넷이 퍼블릭 라우팅 테이블을 쓰는데, 함수의 인터페이스에는 퍼블릭 주소가 없습니다.',
    },
    sites: (terrain) => {
      const table = publicTable(terrain)
      const [start] = terrain.starts
      const gateway = terrain.account.internetGateways.get(start?.subnet.vpcId ?? '')
      return terrain.nat === null || table === undefined || start === undefined || gateway === undefined
        ? []
        : [
            {
              component: start.subnet.id,
              args: { table },
              expected: { code: 'IGW_PUBLIC_IP_ASSOCIATION_FOR_EGRESS', component: gateway },
            },
          ]
    },
    inject: (draft, site) => associate(draft, site.component, arg(site, 'table')),
  },
  {
    id: 'subnet-on-main-table',
    title: { en: 'Subnet fell back to the main table', ko: '기본 라우팅 테이블로 돌아간 서브넷' },
    description: {
      en: "The function's subnet lost its route table and follows the VPC's main one, which has local routes only.",
      ko: '함수 서브넷의 라우팅 테이블 연결이 사라져, 로컬 경로만 있는 VPC의 기본 라우팅 테이블을 따릅니다.',
    },
    sites: (terrain) => {
      const [start] = terrain.starts
      const main = mainTable(terrain, start?.subnet.vpcId ?? '')
      const away = terrain.nat !== null || remoteRoute(terrain)
      return start === undefined || main === start.subnet.tableId || !away || !localOnly(terrain, main)
        ? []
        : [{ component: start.subnet.id, expected: { code: NO_ROUTE, component: main } }]
    },
    inject: (draft, { component }) => associate(draft, component, null),
  },
  {
    id: 'more-specific-blackhole',
    title: { en: 'More specific route into a black hole', ko: '블랙홀로 가는 더 구체적인 경로' },
    description: {
      en: "A more specific route to the target's address leads to a peering connection that was deleted.",
      ko: '대상 주소로 가는 더 구체적인 경로가 삭제된 피어링 연결을 가리킵니다.',
    },
    sites: (terrain) =>
      !isOwn(terrain.target) || !remoteRoute(terrain) || isV6(terrain.target.address)
        ? []
        : startTables(terrain).map(({ tableId }) => ({
            component: tableId,
            args: { destination: `${terrain.target.address}/32` },
            expected: { code: BLACKHOLE, component: tableId, rule: `${terrain.target.address}/32` },
          })),
    inject: (draft, site) => {
      const table = draft.get(PLACES.routeTable, site.component)
      const route = {
        DestinationCidrBlock: arg(site, 'destination'),
        VpcPeeringConnectionId: 'pcx-0dead0dead0dead00',
        Origin: 'CreateRoute',
        State: 'blackhole',
      }
      draft.put(PLACES.routeTable, site.component, { ...table, Routes: [...records(table, 'Routes'), route] })
    },
  },
  {
    id: 'egress-only-gateway-deleted',
    title: { en: 'Egress-only internet gateway deleted', ko: '송신 전용 인터넷 게이트웨이 삭제됨' },
    description: {
      en: 'The egress-only internet gateway was deleted; the IPv6 route to it is a black hole.',
      ko: '송신 전용 인터넷 게이트웨이가 삭제되어 IPv6 경로가 블랙홀이 되었습니다.',
    },
    sites: (terrain) =>
      routesVia(terrain, 'EgressOnlyInternetGatewayId')
        .slice(0, 1)
        .map(({ subnet: { tableId }, route }) => ({
          component: text(route, 'EgressOnlyInternetGatewayId'),
          expected: { code: BLACKHOLE, component: tableId, rule: text(route, 'EgressOnlyInternetGatewayId') },
        })),
    inject: (draft, { component }) => {
      draft.remove(PLACES.egressOnlyGateway, component)
      blackholeRoutesTo(draft, component)
    },
  },
  {
    id: 'ipv6-route-missing',
    title: { en: 'No IPv6 route', ko: 'IPv6 경로 없음' },
    description: {
      en: "The route table of the function's subnet has no IPv6 route to the egress-only internet gateway.",
      ko: '함수 서브넷의 라우팅 테이블에 송신 전용 인터넷 게이트웨이로 가는 IPv6 경로가 없습니다.',
    },
    sites: (terrain) => missingRoute(terrain, 'EgressOnlyInternetGatewayId'),
    inject: takeRoute,
  },
  {
    id: 'function-out-of-vpc',
    title: { en: 'Function is not in the VPC', ko: 'VPC에 연결되지 않은 함수' },
    description: {
      en: 'The function lost its VPC configuration, and with it every private resource.',
      ko: '함수의 VPC 설정이 사라져 프라이빗 리소스에 닿을 수 없습니다.',
    },
    sites: (terrain) => {
      const { account, flow, target } = terrain
      const fn = listed(account.documents, 'list-functions', 'Functions').find(
        (one) => text(one, 'FunctionName') === flow.from,
      )
      const attached = strings(record(fn, 'VpcConfig'), 'SubnetIds').length > 0
      return isOwn(target) && attached && targetEni(terrain)?.publics.size === 0
        ? [{ component: flow.from, expected: { code: 'FUNCTION_NOT_IN_VPC', component: flow.from } }]
        : []
    },
    inject: (draft, { component }) => {
      const { VpcConfig: _, ...fn } = draft.get(PLACES.lambda, component)
      draft.put(PLACES.lambda, component, {
        ...fn,
        VpcConfig: { SubnetIds: [], SecurityGroupIds: [], VpcId: '', Ipv6AllowedForDualStack: false },
      })
    },
  },
]

/** Whether the flow leaves its VPC for another one. */
function remoteRoute({ account, starts, target }: Terrain): boolean {
  const [start] = starts
  if (start === undefined || !isOwn(target)) return false
  const route = routeOf(account, start.subnet, target.address)
  return text(route, 'VpcPeeringConnectionId') !== '' || text(route, 'TransitGatewayId') !== ''
}

function localOnly({ account }: Terrain, tableId: string): boolean {
  return records(tableOf(account, tableId), 'Routes').every((route) => text(route, 'GatewayId') === 'local')
}
