import { hostLabels } from '../../network/service-names.js'
import type { Change } from '../diagnosis.js'
import { groupBy, PLACES, type Raw, records, strings, text } from '../raw.js'
import { addInterface } from './addresses.js'
import { ChangeError, type Draft } from './draft.js'

type Of<K extends Change['kind']> = Extract<Change, { kind: K }>

const OPEN_POLICY = '{"Statement":[{"Action":"*","Effect":"Allow","Principal":"*","Resource":"*"}]}'

/** The prefix list of a gateway endpoint's service, by the service's name. */
function servicePrefixList(lists: readonly Raw[], service: string): string | null {
  const list = lists.find((one) => text(one, 'PrefixListName') === service)
  return list === undefined ? null : text(list, 'PrefixListId')
}

/** AWS itself puts the route to the service's prefix list into each associated table. */
function addGatewayRoute(draft: Draft, tableId: string, endpointId: string, service: string): void {
  const lists = [...draft.all(PLACES.prefixList), ...draft.all(PLACES.managedPrefixList)]
  const list = servicePrefixList(lists, service)
  if (list === null)
    throw new ChangeError(`the snapshot has no prefix list of ${service} (describe-prefix-lists)`)
  const table = draft.get(PLACES.routeTable, tableId)
  const route = {
    DestinationPrefixListId: list,
    GatewayId: endpointId,
    Origin: 'CreateRoute',
    State: 'active',
  }
  const kept = records(table, 'Routes').filter((one) => one['DestinationPrefixListId'] !== list)
  draft.put(PLACES.routeTable, tableId, { ...table, Routes: [...kept, route] })
}

export function associateEndpointTable(draft: Draft, change: Of<'associate-endpoint-route-table'>): void {
  const endpoint = draft.get(PLACES.endpoint, change.endpointId)
  const tables = strings(endpoint, 'RouteTableIds')
  if (tables.includes(change.routeTableId)) {
    throw new ChangeError(`${change.endpointId} is on ${change.routeTableId} already`)
  }
  addGatewayRoute(draft, change.routeTableId, change.endpointId, text(endpoint, 'ServiceName'))
  draft.put(PLACES.endpoint, change.endpointId, {
    ...endpoint,
    RouteTableIds: [...tables, change.routeTableId],
  })
}

/** `com.amazonaws.ap-northeast-2.secretsmanager` → `secretsmanager.ap-northeast-2.amazonaws.com`. */
export function privateDnsName(service: string): string {
  const [, , region = '', ...rest] = service.split('.')
  return `${hostLabels(rest.join('.'))}.${region}.amazonaws.com`
}

function dnsEntries(endpointId: string, service: string, privateDns: boolean): readonly Raw[] {
  const [, , region = '', ...rest] = service.split('.')
  const own = { DnsName: `${endpointId}-sonde.${rest.join('.')}.${region}.vpce.amazonaws.com` }
  return privateDns ? [own, { DnsName: privateDnsName(service) }] : [own]
}

function addEndpointInterface(
  draft: Draft,
  endpointId: string,
  subnetId: string,
  groupIds: readonly string[],
) {
  const id = `eni-${endpointId}-${subnetId}`
  addInterface(draft, {
    id,
    subnetId,
    groupIds,
    type: 'vpc_endpoint',
    description: `VPC Endpoint Interface ${endpointId}`,
    owner: 'amazon-aws',
  })
  return id
}

export function createEndpoint(draft: Draft, change: Of<'create-endpoint'>): void {
  const vpc = draft.get(PLACES.vpc, change.vpcId)
  const gateway = change.endpointType === 'Gateway'
  const interfaces = gateway
    ? []
    : change.subnetIds.map((subnet) => addEndpointInterface(draft, change.as, subnet, change.groupIds))
  if (gateway) {
    for (const table of change.routeTableIds) addGatewayRoute(draft, table, change.as, change.service)
  }
  draft.add(
    PLACES.endpoint,
    change.as,
    {
      VpcEndpointId: change.as,
      VpcEndpointType: change.endpointType,
      VpcId: change.vpcId,
      ServiceName: change.service,
      State: 'available',
      PolicyDocument: OPEN_POLICY,
      RouteTableIds: gateway ? change.routeTableIds : [],
      SubnetIds: gateway ? [] : change.subnetIds,
      Groups: groupsOf(draft, gateway ? [] : change.groupIds),
      IpAddressType: 'ipv4',
      PrivateDnsEnabled: !gateway && change.privateDns,
      RequesterManaged: false,
      NetworkInterfaceIds: interfaces,
      DnsEntries: gateway ? [] : dnsEntries(change.as, change.service, change.privateDns),
      Tags: [],
      OwnerId: text(vpc, 'OwnerId'),
    },
    { place: PLACES.vpc, id: change.vpcId },
  )
}

function groupsOf(draft: Draft, ids: readonly string[]): readonly Raw[] {
  return ids.map((GroupId) => ({
    GroupId,
    GroupName: text(draft.get(PLACES.securityGroup, GroupId), 'GroupName'),
  }))
}

export function modifyEndpoint(draft: Draft, change: Of<'modify-endpoint'>): void {
  const endpoint = draft.get(PLACES.endpoint, change.endpointId)
  const service = text(endpoint, 'ServiceName')
  const newSubnets = (change.addSubnetIds ?? []).filter((id) => !strings(endpoint, 'SubnetIds').includes(id))
  const ownGroups = records(endpoint, 'Groups')
  const newGroups = groupsOf(draft, change.addGroupIds ?? [])
  const groups = [
    ...groupBy([...ownGroups, ...newGroups], (group) => text(group, 'GroupId')).values(),
  ].flatMap(([first]) => (first === undefined ? [] : [first]))
  const groupIds = groups.map((group) => text(group, 'GroupId'))
  for (const eniId of strings(endpoint, 'NetworkInterfaceIds')) {
    const eni = draft.find(PLACES.networkInterface, eniId)
    if (eni !== undefined && newGroups.length > 0)
      draft.put(PLACES.networkInterface, eniId, { ...eni, Groups: groups })
  }
  const interfaces = newSubnets.map((subnet) =>
    addEndpointInterface(draft, change.endpointId, subnet, groupIds),
  )
  const privateDns = change.privateDns ?? endpoint['PrivateDnsEnabled'] === true
  const name = privateDnsName(service)
  const entries = records(endpoint, 'DnsEntries').filter((entry) => entry['DnsName'] !== name)
  draft.put(PLACES.endpoint, change.endpointId, {
    ...endpoint,
    PrivateDnsEnabled: privateDns,
    DnsEntries: privateDns ? [...entries, { DnsName: name }] : entries,
    ...(change.policy === undefined ? {} : { PolicyDocument: change.policy }),
    SubnetIds: [...strings(endpoint, 'SubnetIds'), ...newSubnets],
    Groups: groups,
    NetworkInterfaceIds: [...strings(endpoint, 'NetworkInterfaceIds'), ...interfaces],
  })
}

/** With an endpoint go its interfaces, and the routes that AWS had put into tables for it. */
export function deleteEndpoint(draft: Draft, change: Of<'delete-endpoint'>): void {
  const endpoint = draft.get(PLACES.endpoint, change.endpointId)
  for (const id of strings(endpoint, 'NetworkInterfaceIds')) {
    if (draft.find(PLACES.networkInterface, id) !== undefined) draft.remove(PLACES.networkInterface, id)
  }
  for (const id of strings(endpoint, 'RouteTableIds')) {
    const table = draft.find(PLACES.routeTable, id)
    if (table === undefined) continue
    const kept = records(table, 'Routes').filter((route) => route['GatewayId'] !== change.endpointId)
    draft.put(PLACES.routeTable, id, { ...table, Routes: kept })
  }
  draft.remove(PLACES.endpoint, change.endpointId)
}

export function modifyVpcAttribute(draft: Draft, change: Of<'modify-vpc-attribute'>): void {
  draft.get(PLACES.vpc, change.vpcId)
  const id = `${change.vpcId}.${change.attribute}`
  const field = change.attribute === 'enableDnsSupport' ? 'EnableDnsSupport' : 'EnableDnsHostnames'
  const after = { VpcId: change.vpcId, [field]: { Value: change.value } }
  if (draft.find(PLACES.vpcAttribute, id) === undefined) {
    draft.add(PLACES.vpcAttribute, id, after, { place: PLACES.vpc, id: change.vpcId })
  } else {
    draft.put(PLACES.vpcAttribute, id, after)
  }
}
