import type { Change } from '../diagnosis.js'
import { PLACES, type Raw, record, records, strings, text } from '../raw.js'
import { addInterface } from './addresses.js'
import { ChangeError, type Draft } from './draft.js'

type Of<K extends Change['kind']> = Extract<Change, { kind: K }>

/** The field of a route that holds its target, by the target's kind (EC2 API reference, `Route`). */
const ROUTE_TARGET_FIELDS: Readonly<Record<string, string>> = {
  'internet-gateway': 'GatewayId',
  'virtual-private-gateway': 'GatewayId',
  'vpc-endpoint': 'GatewayId',
  'egress-only-internet-gateway': 'EgressOnlyInternetGatewayId',
  'nat-gateway': 'NatGatewayId',
  'network-interface': 'NetworkInterfaceId',
  'transit-gateway': 'TransitGatewayId',
  'vpc-peering-connection': 'VpcPeeringConnectionId',
}

function destinationField(destination: string): string {
  if (destination.startsWith('pl-')) return 'DestinationPrefixListId'
  return destination.includes(':') ? 'DestinationIpv6CidrBlock' : 'DestinationCidrBlock'
}

export function putRoute(draft: Draft, change: Of<'put-route'>): void {
  const table = draft.get(PLACES.routeTable, change.routeTableId)
  const targetField = ROUTE_TARGET_FIELDS[change.target.kind]
  if (targetField === undefined) {
    const known = Object.keys(ROUTE_TARGET_FIELDS).join(', ')
    throw new ChangeError(`a route's target can't be a ${change.target.kind}; it can be: ${known}`)
  }
  if (change.target.kind === 'nat-gateway') draft.get(PLACES.natGateway, change.target.id)
  const field = destinationField(change.destination)
  const routes = records(table, 'Routes')
  const standing = routes.find((route) => route[field] === change.destination)
  if (standing !== undefined && !change.replace) {
    throw new ChangeError(`${change.routeTableId} has a route to ${change.destination} already; set replace`)
  }
  if (standing === undefined && change.replace) {
    throw new ChangeError(`${change.routeTableId} has no route to ${change.destination} to replace`)
  }
  const route: Raw = {
    [field]: change.destination,
    [targetField]: change.target.id,
    Origin: 'CreateRoute',
    State: 'active',
  }
  const next =
    standing === undefined ? [...routes, route] : routes.map((one) => (one === standing ? route : one))
  draft.put(PLACES.routeTable, change.routeTableId, { ...table, Routes: next })
}

/**
 * @throws {ChangeError} where there is no such route, or AWS wouldn't let it go: a table's local routes stay, a gateway
 *   endpoint's route goes with its association, a propagated one with its propagation (VPC user guide, "Configure route
 *   tables" and "Gateway endpoints")
 */
export function deleteRoute(draft: Draft, change: Of<'delete-route'>): void {
  const table = draft.get(PLACES.routeTable, change.routeTableId)
  const field = destinationField(change.destination)
  const routes = records(table, 'Routes')
  const leaving = routes.filter((route) => route[field] === change.destination)
  if (leaving.length === 0)
    throw new ChangeError(`${change.routeTableId} has no route to ${change.destination}`)
  const keeper = leaving.map(keeperOf).find((why) => why !== null)
  if (keeper !== undefined)
    throw new ChangeError(
      `the route to ${change.destination} of ${change.routeTableId} can't be deleted: ${keeper}`,
    )
  draft.put(PLACES.routeTable, change.routeTableId, {
    ...table,
    Routes: routes.filter((route) => !leaving.includes(route)),
  })
}

/** What keeps a route in its table whatever is asked; null where nothing does. */
function keeperOf(route: Raw): string | null {
  const gateway = text(route, 'GatewayId')
  if (gateway === 'local') return "it is the VPC's own"
  if (gateway.startsWith('vpce-') && text(route, 'DestinationPrefixListId') !== '')
    return `it comes with ${gateway}; take the table from that endpoint instead`
  return text(route, 'Origin') === 'EnableVgwRoutePropagation'
    ? `it is propagated by ${gateway}; end the propagation instead`
    : null
}

/** Moves the subnet's explicit association; a subnet without one follows the main table until then. */
export function associateTable(draft: Draft, change: Of<'associate-route-table'>): void {
  draft.get(PLACES.subnet, change.subnetId)
  const target = draft.get(PLACES.routeTable, change.routeTableId)
  for (const table of draft.all(PLACES.routeTable)) {
    const associations = records(table, 'Associations')
    const kept = associations.filter((one) => one['SubnetId'] !== change.subnetId)
    if (kept.length < associations.length) {
      draft.put(PLACES.routeTable, text(table, 'RouteTableId'), { ...table, Associations: kept })
    }
  }
  const association: Raw = {
    Main: false,
    RouteTableAssociationId: `rtbassoc-${change.subnetId.slice('subnet-'.length)}`,
    RouteTableId: change.routeTableId,
    SubnetId: change.subnetId,
    AssociationState: { State: 'associated' },
  }
  const current = draft.find(PLACES.routeTable, change.routeTableId) ?? target
  draft.put(PLACES.routeTable, change.routeTableId, {
    ...current,
    Associations: [...records(current, 'Associations'), association],
  })
}

/** Elastic IPs that AWS will choose are stood for by TEST-NET-1, so that they can be nobody's. */
const FUTURE_RANGE = '192.0.2.'

/** Whether an address stands for an Elastic IP that is yet to be allocated. */
export function isFutureAddress(address: string): boolean {
  return address.startsWith(FUTURE_RANGE)
}

function futureAddress(draft: Draft): string {
  const taken = new Set(
    draft.all(PLACES.networkInterface).map((eni) => text(record(eni, 'Association'), 'PublicIp')),
  )
  for (let last = 1; last < 255; last += 1) {
    const address = `${FUTURE_RANGE}${last}`
    if (!taken.has(address)) return address
  }
  throw new ChangeError('no address is left to stand for a new Elastic IP')
}

export function createNat(draft: Draft, change: Of<'create-nat-gateway'>): void {
  const subnet = draft.get(PLACES.subnet, change.subnetId)
  const eniId = `eni-${change.as}`
  const publicAddress = futureAddress(draft)
  const eni = addInterface(draft, {
    id: eniId,
    subnetId: change.subnetId,
    groupIds: [],
    type: 'nat_gateway',
    description: `Interface for NAT Gateway ${change.as}`,
    owner: 'amazon-aws',
    sourceDestCheck: false,
    ...(change.public ? { publicAddress } : {}),
  })
  const address: Raw = {
    NetworkInterfaceId: eniId,
    PrivateIp: text(eni, 'PrivateIpAddress'),
    ...(change.public ? { PublicIp: publicAddress, AllocationId: `eipalloc-${change.as}` } : {}),
    IsPrimary: true,
    Status: 'succeeded',
  }
  draft.add(
    PLACES.natGateway,
    change.as,
    {
      NatGatewayAddresses: [address],
      NatGatewayId: change.as,
      State: 'available',
      SubnetId: change.subnetId,
      VpcId: text(subnet, 'VpcId'),
      Tags: [],
      ConnectivityType: change.public ? 'public' : 'private',
      AvailabilityMode: 'zonal',
    },
    { place: PLACES.subnet, id: change.subnetId },
  )
}

export function attachInternetGateway(draft: Draft, change: Of<'attach-internet-gateway'>): void {
  const gateway = draft.get(PLACES.internetGateway, change.internetGatewayId)
  draft.get(PLACES.vpc, change.vpcId)
  if (records(gateway, 'Attachments').length > 0) {
    throw new ChangeError(`${change.internetGatewayId} is attached to a VPC already`)
  }
  draft.put(PLACES.internetGateway, change.internetGatewayId, {
    ...gateway,
    Attachments: [{ State: 'available', VpcId: change.vpcId }],
  })
  revive(draft, change.internetGatewayId)
}

/** Routes to a gateway that is there again are active again. */
function revive(draft: Draft, gatewayId: string): void {
  for (const table of draft.all(PLACES.routeTable)) {
    const routes = records(table, 'Routes')
    const dead = (route: Raw) => route['GatewayId'] === gatewayId && route['State'] === 'blackhole'
    if (!routes.some(dead)) continue
    draft.put(PLACES.routeTable, text(table, 'RouteTableId'), {
      ...table,
      Routes: routes.map((route) => (dead(route) ? { ...route, State: 'active' } : route)),
    })
  }
}

export function createEgressOnlyGateway(draft: Draft, change: Of<'create-egress-only-gateway'>): void {
  draft.add(
    PLACES.egressOnlyGateway,
    change.as,
    {
      EgressOnlyInternetGatewayId: change.as,
      Attachments: [{ State: 'attached', VpcId: change.vpcId }],
      Tags: [],
    },
    { place: PLACES.vpc, id: change.vpcId },
  )
}

/** A peering as it is once the other side has accepted it. */
export function createPeering(draft: Draft, change: Of<'create-peering'>): void {
  const side = (vpcId: string): Raw => {
    const vpc = draft.get(PLACES.vpc, vpcId)
    const subnet = draft.all(PLACES.subnet).find((one) => one['VpcId'] === vpcId)
    return {
      VpcId: vpcId,
      OwnerId: text(vpc, 'OwnerId'),
      CidrBlock: text(vpc, 'CidrBlock'),
      CidrBlockSet: records(vpc, 'CidrBlockAssociationSet').map((one) => ({
        CidrBlock: text(one, 'CidrBlock'),
      })),
      PeeringOptions: { AllowDnsResolutionFromRemoteVpc: false },
      Region: text(subnet, 'AvailabilityZone').replace(/[a-z]$/, ''),
    }
  }
  draft.add(
    PLACES.peering,
    change.as,
    {
      VpcPeeringConnectionId: change.as,
      Status: { Code: 'active', Message: 'Active' },
      RequesterVpcInfo: side(change.requesterVpcId),
      AccepterVpcInfo: side(change.accepterVpcId),
      Tags: [],
    },
    { place: PLACES.vpc, id: change.requesterVpcId },
  )
}

/** An attachment has one association; both answers that tell of it do so afterwards. */
export function associateTransitTable(
  draft: Draft,
  change: Of<'associate-transit-gateway-route-table'>,
): void {
  const attachment =
    draft.find(PLACES.transitGatewayAttachment, change.attachmentId) ??
    draft.get(PLACES.transitGatewayVpcAttachment, change.attachmentId)
  const association = { TransitGatewayRouteTableId: change.routeTableId, State: 'associated' }
  if (draft.find(PLACES.transitGatewayAttachment, change.attachmentId) !== undefined)
    draft.put(PLACES.transitGatewayAttachment, change.attachmentId, {
      ...attachment,
      Association: association,
    })
  const table = draft.find(PLACES.transitGatewayAssociations, change.routeTableId)
  if (table === undefined) return
  draft.put(PLACES.transitGatewayAssociations, change.routeTableId, {
    ...table,
    Associations: [
      ...records(table, 'Associations').filter(
        (one) => text(one, 'TransitGatewayAttachmentId') !== change.attachmentId,
      ),
      {
        TransitGatewayAttachmentId: change.attachmentId,
        ResourceId: text(attachment, 'ResourceId') || text(attachment, 'VpcId'),
        ResourceType: text(attachment, 'ResourceType') || 'vpc',
        State: 'associated',
      },
    ],
  })
}

/** The option belongs to the side that owns the names: it lets the other side resolve them to private addresses. */
export function modifyPeeringDns(draft: Draft, change: Of<'modify-peering-dns'>): void {
  const peering = draft.get(PLACES.peering, change.peeringId)
  const field = change.side === 'requester' ? 'RequesterVpcInfo' : 'AccepterVpcInfo'
  const side = record(peering, field)
  draft.put(PLACES.peering, change.peeringId, {
    ...peering,
    [field]: {
      ...side,
      PeeringOptions: { ...record(side, 'PeeringOptions'), AllowDnsResolutionFromRemoteVpc: change.value },
    },
  })
}

export function modifyTransitAttachment(draft: Draft, change: Of<'modify-transit-gateway-attachment'>): void {
  const attachment = draft.get(PLACES.transitGatewayVpcAttachment, change.attachmentId)
  const before = strings(attachment, 'SubnetIds')
  const added = change.addSubnetIds.filter((subnet) => !before.includes(subnet))
  const own = draft
    .all(PLACES.networkInterface)
    .some((eni) => text(eni, 'InterfaceType') === 'transit_gateway' && before.includes(text(eni, 'SubnetId')))
  for (const subnetId of added) {
    draft.get(PLACES.subnet, subnetId)
    if (!own) continue
    addInterface(draft, {
      id: `eni-${change.attachmentId}-${subnetId}`,
      subnetId,
      groupIds: [],
      type: 'transit_gateway',
      description: `Network Interface for Transit Gateway Attachment ${change.attachmentId}`,
      owner: 'amazon-aws',
    })
  }
  draft.put(PLACES.transitGatewayVpcAttachment, change.attachmentId, {
    ...attachment,
    SubnetIds: [...before, ...added],
  })
}

export function putTransitRoute(draft: Draft, change: Of<'put-transit-gateway-route'>): void {
  const attachment =
    draft.find(PLACES.transitGatewayAttachment, change.attachmentId) ??
    draft.get(PLACES.transitGatewayVpcAttachment, change.attachmentId)
  const table = draft.get(PLACES.transitGatewayRoutes, change.routeTableId)
  const kept = records(table, 'Routes').filter(
    (route) => !(route['DestinationCidrBlock'] === change.destination && route['Type'] === 'static'),
  )
  const route: Raw = {
    DestinationCidrBlock: change.destination,
    TransitGatewayAttachments: [
      {
        TransitGatewayAttachmentId: change.attachmentId,
        ResourceId: text(attachment, 'ResourceId') || text(attachment, 'VpcId'),
        ResourceType: text(attachment, 'ResourceType') || 'vpc',
      },
    ],
    Type: 'static',
    State: 'active',
  }
  draft.put(PLACES.transitGatewayRoutes, change.routeTableId, { ...table, Routes: [...kept, route] })
}

export function createExclusion(draft: Draft, change: Of<'create-block-public-access-exclusion'>): void {
  const place = change.resourceId.startsWith('vpc-') ? PLACES.vpc : PLACES.subnet
  const resource = draft.get(place, change.resourceId)
  const id = `vpcbpa-exclude-${change.resourceId}`
  const kind = change.resourceId.startsWith('vpc-') ? 'vpc' : 'subnet'
  const region = text(resource, 'AvailabilityZone').replace(/[a-z]$/, '')
  draft.add(
    PLACES.blockPublicAccessExclusion,
    id,
    {
      ExclusionId: id,
      InternetGatewayExclusionMode: change.mode,
      ResourceArn: `arn:aws:ec2:${region}:${text(resource, 'OwnerId')}:${kind}/${change.resourceId}`,
      State: 'create-complete',
      Tags: [],
    },
    { place, id: change.resourceId },
  )
}
