import type { Snapshot, SnapshotDocument } from '../network/snapshot.js'

/** A JSON object as AWS printed it. */
export type Raw = Readonly<Record<string, unknown>>

/** Where one kind of object stands: in which call's answer, under which list, by which id. */
export interface Place {
  readonly call: string
  /** The answer's list; null where the whole answer is the object and the document's key is its id. */
  readonly list: string | null
  /** The field that holds the object's id; '' where the document's key does. */
  readonly id: string
}

export const PLACES = {
  vpc: { call: 'describe-vpcs', list: 'Vpcs', id: 'VpcId' },
  vpcAttribute: { call: 'describe-vpc-attribute', list: null, id: '' },
  dhcpOptions: { call: 'describe-dhcp-options', list: 'DhcpOptions', id: 'DhcpOptionsId' },
  egressOnlyGateway: {
    call: 'describe-egress-only-internet-gateways',
    list: 'EgressOnlyInternetGateways',
    id: 'EgressOnlyInternetGatewayId',
  },
  subnet: { call: 'describe-subnets', list: 'Subnets', id: 'SubnetId' },
  routeTable: { call: 'describe-route-tables', list: 'RouteTables', id: 'RouteTableId' },
  internetGateway: { call: 'describe-internet-gateways', list: 'InternetGateways', id: 'InternetGatewayId' },
  natGateway: { call: 'describe-nat-gateways', list: 'NatGateways', id: 'NatGatewayId' },
  securityGroup: { call: 'describe-security-groups', list: 'SecurityGroups', id: 'GroupId' },
  networkAcl: { call: 'describe-network-acls', list: 'NetworkAcls', id: 'NetworkAclId' },
  networkInterface: {
    call: 'describe-network-interfaces',
    list: 'NetworkInterfaces',
    id: 'NetworkInterfaceId',
  },
  endpoint: { call: 'describe-vpc-endpoints', list: 'VpcEndpoints', id: 'VpcEndpointId' },
  prefixList: { call: 'describe-prefix-lists', list: 'PrefixLists', id: 'PrefixListId' },
  managedPrefixList: { call: 'describe-managed-prefix-lists', list: 'PrefixLists', id: 'PrefixListId' },
  peering: {
    call: 'describe-vpc-peering-connections',
    list: 'VpcPeeringConnections',
    id: 'VpcPeeringConnectionId',
  },
  transitGatewayVpcAttachment: {
    call: 'describe-transit-gateway-vpc-attachments',
    list: 'TransitGatewayVpcAttachments',
    id: 'TransitGatewayAttachmentId',
  },
  transitGatewayAttachment: {
    call: 'describe-transit-gateway-attachments',
    list: 'TransitGatewayAttachments',
    id: 'TransitGatewayAttachmentId',
  },
  transitGatewayRouteTable: {
    call: 'describe-transit-gateway-route-tables',
    list: 'TransitGatewayRouteTables',
    id: 'TransitGatewayRouteTableId',
  },
  hostedZone: { call: 'get-hosted-zone', list: null, id: '' },
  transitGatewayAssociations: {
    call: 'get-transit-gateway-route-table-associations',
    list: null,
    id: '',
  },
  transitGatewayRoutes: { call: 'search-transit-gateway-routes', list: null, id: '' },
  blockPublicAccessExclusion: {
    call: 'describe-vpc-block-public-access-exclusions',
    list: 'VpcBlockPublicAccessExclusions',
    id: 'ExclusionId',
  },
  dbInstance: { call: 'describe-db-instances', list: 'DBInstances', id: 'DBInstanceIdentifier' },
  dbProxy: { call: 'describe-db-proxies', list: 'DBProxies', id: 'DBProxyName' },
  loadBalancer: { call: 'describe-load-balancers', list: 'LoadBalancers', id: 'LoadBalancerArn' },
  lambda: { call: 'list-functions', list: 'Functions', id: 'FunctionName' },
  simulatedPolicy: { call: 'simulate-principal-policy', list: null, id: '' },
  attachedPolicies: { call: 'list-attached-role-policies', list: null, id: '' },
} as const satisfies Record<string, Place>

export function isRaw(value: unknown): value is Raw {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The field's text, or '' where it is absent or none. */
export function text(object: Raw | undefined, field: string): string {
  const value = object?.[field]
  return typeof value === 'string' ? value : ''
}

export function number(object: Raw | undefined, field: string): number | null {
  const value = object?.[field]
  return typeof value === 'number' ? value : null
}

/** The field's objects; what is no object in it is left out. */
export function records(object: Raw | undefined, field: string): readonly Raw[] {
  const value = object?.[field]
  return Array.isArray(value) ? value.filter(isRaw) : []
}

export function strings(object: Raw | undefined, field: string): readonly string[] {
  const value = object?.[field]
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : []
}

export function record(object: Raw | undefined, field: string): Raw | undefined {
  const value = object?.[field]
  return isRaw(value) ? value : undefined
}

/** The objects of one document that stand at a place, each with its id. */
export function objectsIn(document: SnapshotDocument, place: Place): readonly { id: string; object: Raw }[] {
  if (document.call !== place.call || !isRaw(document.body)) return []
  if (place.list === null) return [{ id: document.key, object: document.body }]
  return records(document.body, place.list).map((object) => ({ id: text(object, place.id), object }))
}

/** Every object of one kind in a snapshot. */
export function all(snapshot: Snapshot, place: Place): readonly Raw[] {
  return snapshot.documents.flatMap((document) => objectsIn(document, place).map((found) => found.object))
}

/** The functions of a name: more than one where a snapshot holds several accounts or regions. */
export function lambdasNamed(snapshot: Snapshot, name: string): readonly Raw[] {
  const byArn = new Map(
    all(snapshot, PLACES.lambda)
      .filter((one) => text(one, 'FunctionName') === name)
      .map((one) => [text(one, 'FunctionArn').split(':').slice(0, 7).join(':'), one]),
  )
  return [...byArn.values()]
}

/** Groups items by a key, in the order of first appearance. */
export function groupBy<T, K>(items: readonly T[], keyOf: (item: T) => K): ReadonlyMap<K, readonly T[]> {
  const groups = new Map<K, T[]>()
  for (const item of items) {
    const key = keyOf(item)
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [item])
    else group.push(item)
  }
  return groups
}
