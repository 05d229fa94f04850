import type { Draft } from '../../../api/diagnosis/apply/draft.js'
import { PLACES } from '../../../api/diagnosis/raw.js'
import type { Subnet } from '../account.js'
import { within } from '../addresses.js'
import { type Raw, record, records, strings, text } from '../documents.js'
import { arg, type FaultKind, type FaultSite, type Found } from './fault.js'
import { blackholeRoutesTo, destinationOf, NO_ROUTE, takeRoute } from './routes.js'
import { isOwn, routeOf, startTables, subnetOf, type Terrain, targetEni } from './terrain.js'

const TGW_NO_ROUTE = 'TGW_RTB_NO_ROUTE_TO_TGW_ATTACHMENT'

/** The thing between two VPCs that the flow's route leads to. */
function between(terrain: Terrain, field: string): string {
  const [start] = terrain.starts
  return !isOwn(terrain.target) || start === undefined
    ? ''
    : text(routeOf(terrain.account, start.subnet, terrain.target.address), field)
}

function routeThere(terrain: Terrain, field: string): readonly Found[] {
  if (between(terrain, field) === '') return []
  return startTables(terrain).map((subnet) => ({
    component: subnet.tableId,
    args: { destination: destinationOf(routeOf(terrain.account, subnet, terrain.target.address)) },
    expected: { code: NO_ROUTE, component: subnet.tableId },
  }))
}

/** The route of the target's table that leads back to where the flow starts. */
function routeBack(terrain: Terrain, field: string): readonly Found[] {
  const eni = targetEni(terrain)
  const subnet = eni === null ? undefined : subnetOf(terrain.account, eni)
  const [start] = terrain.starts
  const back = start?.subnet.cidrs[0]?.split('/')[0]
  if (between(terrain, field) === '' || subnet === undefined || back === undefined) return []
  const route = routeOf(terrain.account, subnet, back)
  return text(route, field) === ''
    ? []
    : [
        {
          component: subnet.tableId,
          args: { destination: destinationOf(route) },
          expected: { code: NO_ROUTE, component: subnet.tableId },
        },
      ]
}

interface Attachments {
  readonly own: Raw
  readonly other: Raw
}

/** The attachments of the two VPCs to the transit gateway between them. */
function attachments(terrain: Terrain): Attachments | null {
  const gateway = between(terrain, 'TransitGatewayId')
  if (gateway === '') return null
  const of = (vpcId: string) =>
    terrain.account.transit.vpcAttachments.find(
      (one) => text(one, 'TransitGatewayId') === gateway && text(one, 'VpcId') === vpcId,
    )
  const own = of(terrain.starts[0]?.subnet.vpcId ?? '')
  const other = of(targetEni(terrain)?.vpcId ?? '')
  return own === undefined || other === undefined || own === other ? null : { own, other }
}

const idOf = (attachment: Raw) => text(attachment, 'TransitGatewayAttachmentId')

function tableOf({ account }: Terrain, attachment: Raw): string {
  const listed = account.transit.attachments.find((one) => idOf(one) === idOf(attachment))
  return text(record(listed, 'Association'), 'TransitGatewayRouteTableId')
}

/** Routes of a transit gateway's table that hold an address. */
function transitRoutes(terrain: Terrain, table: string, address: string): readonly string[] {
  return (terrain.account.transit.routes.get(table) ?? [])
    .map((route) => text(route, 'DestinationCidrBlock'))
    .filter((range) => range !== '' && within(address, range))
}

function transitTable(terrain: Terrain, way: 'there' | 'back', code: string): readonly Found[] {
  const both = attachments(terrain)
  const [start] = terrain.starts
  if (both === null || start === undefined) return []
  const table = tableOf(terrain, way === 'there' ? both.own : both.other)
  const address = way === 'there' ? terrain.target.address : (start.subnet.cidrs[0]?.split('/')[0] ?? '')
  const destinations = transitRoutes(terrain, table, address)
  return table === '' || destinations.length !== 1
    ? []
    : [{ component: table, args: { destination: destinations.join() }, expected: { code, component: table } }]
}

function editTransitRoutes(draft: Draft, site: FaultSite, edit: (route: Raw) => Raw | null): void {
  const table = draft.get(PLACES.transitGatewayRoutes, site.component)
  const routes = records(table, 'Routes').flatMap((route) =>
    text(route, 'DestinationCidrBlock') === arg(site, 'destination') ? (edit(route) ?? []) : [route],
  )
  draft.put(PLACES.transitGatewayRoutes, site.component, { ...table, Routes: routes })
}

/** A route that is propagated goes with its propagation. */
function withoutTransitRoute(draft: Draft, site: FaultSite): void {
  const gone = records(draft.get(PLACES.transitGatewayRoutes, site.component), 'Routes')
    .filter((route) => text(route, 'DestinationCidrBlock') === arg(site, 'destination'))
    .flatMap((route) => records(route, 'TransitGatewayAttachments').map(idOf))
  editTransitRoutes(draft, site, () => null)
  const body = draft.find(TRANSIT_PROPAGATIONS, site.component)
  if (body === undefined) return
  const field = 'TransitGatewayRouteTablePropagations'
  draft.put(TRANSIT_PROPAGATIONS, site.component, {
    ...body,
    [field]: records(body, field).filter((one) => !gone.includes(idOf(one))),
  })
}

/** A zone of the flow's starts that the attachment of its VPC serves by a subnet. */
function servedZone(terrain: Terrain): { attachment: string; subnet: Subnet } | null {
  const both = attachments(terrain)
  if (both === null) return null
  const served = strings(both.own, 'SubnetIds').map((id) =>
    terrain.account.subnets.find((one) => one.id === id),
  )
  const zone = terrain.starts.at(-1)?.subnet.zone
  const subnet = served.find((one) => one?.zone === zone)
  return subnet === undefined || served.length < 2 ? null : { attachment: idOf(both.own), subnet }
}

/** Faults between VPCs: peering and transit gateways. */
export const BETWEEN_FAULTS: readonly FaultKind[] = [
  {
    id: 'peering-route-missing',
    title: { en: 'No route to the peering', ko: '피어링으로 가는 경로 없음' },
    description: {
      en: "The route table of the function's subnet has no route to the peered VPC.",
      ko: '함수 서브넷의 라우팅 테이블에 피어링된 VPC로 가는 경로가 없습니다.',
    },
    sites: (terrain) => routeThere(terrain, 'VpcPeeringConnectionId'),
    inject: takeRoute,
  },
  {
    id: 'peering-return-route-missing',
    title: { en: 'No route back over the peering', ko: '피어링으로 돌아오는 경로 없음' },
    description: {
      en: "The route table of the target's subnet has no route back to the function's VPC.",
      ko: '대상 서브넷의 라우팅 테이블에 함수의 VPC로 돌아오는 경로가 없습니다.',
    },
    sites: (terrain) => routeBack(terrain, 'VpcPeeringConnectionId'),
    inject: takeRoute,
  },
  {
    id: 'peering-deleted',
    title: { en: 'Peering deleted', ko: '피어링 삭제됨' },
    description: {
      en: 'The peering connection was deleted on the other side; routes to it are black holes.',
      ko: '상대가 피어링 연결을 삭제하여 그쪽으로 가는 경로가 블랙홀이 되었습니다.',
    },
    sites: (terrain) => {
      const peering = between(terrain, 'VpcPeeringConnectionId')
      const [first] = startTables(terrain)
      // A public database would be asked for by its public address then: another fault.
      const isPublic = (targetEni(terrain)?.publics.size ?? 0) > 0
      return peering === '' || first === undefined || isPublic
        ? []
        : [
            {
              component: peering,
              expected: { code: 'BAD_STATE_ROUTE', component: first.tableId, rule: peering },
            },
          ]
    },
    inject: (draft, { component }) => {
      const peering = draft.get(PLACES.peering, component)
      draft.put(PLACES.peering, component, {
        ...peering,
        Status: { Code: 'deleted', Message: 'Deleted by 111122223333' },
      })
      blackholeRoutesTo(draft, component)
    },
  },
  {
    id: 'peering-dns-off',
    title: { en: "Peering's DNS option is off", ko: '피어링의 DNS 옵션이 꺼짐' },
    description: {
      en: "Over the peering, the database's name resolves to its public address, as the peering's DNS option is off.",
      ko: '피어링의 DNS 옵션이 꺼져 있어 데이터베이스 이름이 퍼블릭 주소로 풀립니다.',
    },
    sites: (terrain) => {
      const peering = between(terrain, 'VpcPeeringConnectionId')
      const eni = targetEni(terrain)
      return peering === '' || eni === null || eni.publics.size === 0 || terrain.flow.to.startsWith('i-')
        ? []
        : [
            {
              component: peering,
              args: { vpc: eni.vpcId },
              expected: { code: 'PEERING_DNS_RESOLUTION_DISABLED', component: peering },
            },
          ]
    },
    inject: (draft, site) => {
      const peering = draft.get(PLACES.peering, site.component)
      const sides = (['RequesterVpcInfo', 'AccepterVpcInfo'] as const).map((name) => {
        const side = record(peering, name)
        const options = { ...record(side, 'PeeringOptions'), AllowDnsResolutionFromRemoteVpc: false }
        return [
          name,
          text(side, 'VpcId') === arg(site, 'vpc') ? { ...side, PeeringOptions: options } : side,
        ] as const
      })
      draft.put(PLACES.peering, site.component, { ...peering, ...Object.fromEntries(sides) })
    },
  },
  {
    id: 'transit-route-missing',
    title: { en: 'No route to the transit gateway', ko: 'Transit Gateway로 가는 경로 없음' },
    description: {
      en: "The route table of the function's subnet has no route to the transit gateway.",
      ko: '함수 서브넷의 라우팅 테이블에 Transit Gateway로 가는 경로가 없습니다.',
    },
    sites: (terrain) => routeThere(terrain, 'TransitGatewayId'),
    inject: takeRoute,
  },
  {
    id: 'transit-return-route-missing',
    title: { en: 'No route back to the transit gateway', ko: 'Transit Gateway로 돌아오는 경로 없음' },
    description: {
      en: "The route table of the target's subnet has no route back to the transit gateway.",
      ko: '대상 서브넷의 라우팅 테이블에 Transit Gateway로 돌아오는 경로가 없습니다.',
    },
    sites: (terrain) => routeBack(terrain, 'TransitGatewayId'),
    inject: takeRoute,
  },
  {
    id: 'transit-zone-missing',
    title: { en: 'Attachment lacks a zone', ko: '가용 영역이 빠진 연결' },
    description: {
      en: "The transit gateway's attachment has no subnet in one of the function's zones.",
      ko: 'Transit Gateway 연결에 함수가 있는 가용 영역의 서브넷이 하나 빠져 있습니다.',
    },
    sites: (terrain) => {
      const served = servedZone(terrain)
      return served === null
        ? []
        : [
            {
              component: served.attachment,
              args: { subnet: served.subnet.id },
              expected: { code: 'TGW_ATTACH_VPC_AZ_RESTRICTION', component: served.attachment },
            },
          ]
    },
    inject: (draft, site) => {
      const attachment = draft.get(PLACES.transitGatewayVpcAttachment, site.component)
      draft.put(PLACES.transitGatewayVpcAttachment, site.component, {
        ...attachment,
        SubnetIds: strings(attachment, 'SubnetIds').filter((id) => id !== arg(site, 'subnet')),
      })
    },
  },
  {
    id: 'transit-not-associated',
    title: { en: 'Attachment without a route table', ko: '라우팅 테이블이 없는 연결' },
    description: {
      en: "The attachment of the function's VPC is not associated with a transit gateway route table.",
      ko: '함수 VPC의 연결이 Transit Gateway 라우팅 테이블과 연결되어 있지 않습니다.',
    },
    sites: (terrain) => {
      const both = attachments(terrain)
      return both === null
        ? []
        : [
            {
              component: idOf(both.own),
              args: { table: tableOf(terrain, both.own) },
              expected: { code: 'TGW_ATTACH_MISSING_TGW_RTB_ASSOCIATION', component: idOf(both.own) },
            },
          ]
    },
    inject: (draft, site) => {
      const { Association: _, ...attachment } = draft.get(PLACES.transitGatewayAttachment, site.component)
      draft.put(PLACES.transitGatewayAttachment, site.component, attachment)
      const table = arg(site, 'table')
      const associations = draft.find(TRANSIT_ASSOCIATIONS, table)
      if (associations !== undefined)
        draft.put(TRANSIT_ASSOCIATIONS, table, {
          ...associations,
          Associations: records(associations, 'Associations').filter((one) => idOf(one) !== site.component),
        })
    },
  },
  {
    id: 'transit-table-route-missing',
    title: { en: "No route in the transit gateway's table", ko: 'Transit Gateway 테이블에 경로 없음' },
    description: {
      en: "The transit gateway's route table has no route to the target's VPC.",
      ko: 'Transit Gateway 라우팅 테이블에 대상 VPC로 가는 경로가 없습니다.',
    },
    sites: (terrain) => transitTable(terrain, 'there', TGW_NO_ROUTE),
    inject: withoutTransitRoute,
  },
  {
    id: 'transit-table-blackhole',
    title: { en: "Black hole in the transit gateway's table", ko: 'Transit Gateway 테이블의 블랙홀' },
    description: {
      en: "The route of the transit gateway's table to the target's VPC is a black hole.",
      ko: 'Transit Gateway 라우팅 테이블에서 대상 VPC로 가는 경로가 블랙홀입니다.',
    },
    sites: (terrain) => transitTable(terrain, 'there', 'TGW_RTB_BAD_STATE_ROUTE'),
    inject: (draft, site) =>
      editTransitRoutes(draft, site, (route) => ({
        ...route,
        Type: 'static',
        State: 'blackhole',
        TransitGatewayAttachments: [],
      })),
  },
  {
    id: 'transit-table-return-missing',
    title: {
      en: "No route back in the transit gateway's table",
      ko: 'Transit Gateway 테이블에 돌아오는 경로 없음',
    },
    description: {
      en: "The transit gateway's route table has no route back to the function's VPC.",
      ko: 'Transit Gateway 라우팅 테이블에 함수의 VPC로 돌아오는 경로가 없습니다.',
    },
    sites: (terrain) => transitTable(terrain, 'back', TGW_NO_ROUTE),
    inject: withoutTransitRoute,
  },
]

const TRANSIT_PROPAGATIONS = {
  call: 'get-transit-gateway-route-table-propagations',
  list: null,
  id: '',
} as const

const TRANSIT_ASSOCIATIONS = {
  call: 'get-transit-gateway-route-table-associations',
  list: null,
  id: '',
} as const
