import { type Prefix, parseAddress } from '../address.js'
import type { Endpoint, Eni, EniAddress, Instance, Raw } from '../entities.js'
import {
  answer,
  bool,
  need,
  num,
  object,
  objects,
  prefix,
  type Source,
  str,
  strings,
  wrong,
} from './source.js'

function address(source: Source, o: Raw, key: string): Prefix | null {
  const text = str(source, o, key)
  if (text === null || text === '') return null
  const parsed = parseAddress(text)
  if (parsed === null) wrong(source, o, key, 'an IP address')
  return parsed
}

function publicIp(source: Source, o: Raw): string | null {
  const association = object(source, o, 'Association')
  return association === null ? null : str(source, association, 'PublicIp')
}

function addresses(source: Source, o: Raw): readonly EniAddress[] {
  const out: EniAddress[] = []
  const seen = new Set<string>()
  const add = (p: Prefix | null, ip: string | null) => {
    if (p === null || seen.has(p.text)) return
    seen.add(p.text)
    out.push({ address: p, publicIp: ip })
  }
  const listed = objects(source, o, 'PrivateIpAddresses')
  for (const a of listed)
    if (bool(source, a, 'Primary') === true) add(address(source, a, 'PrivateIpAddress'), publicIp(source, a))
  if (listed.length === 0) add(address(source, o, 'PrivateIpAddress'), publicIp(source, o))
  for (const a of listed) add(address(source, a, 'PrivateIpAddress'), publicIp(source, a))
  add(address(source, o, 'PrivateIpAddress'), publicIp(source, o))
  for (const a of objects(source, o, 'Ipv6Addresses')) add(address(source, a, 'Ipv6Address'), null)
  add(address(source, o, 'Ipv6Address'), null)
  return out
}

function groupIds(source: Source, o: Raw, key: string): readonly string[] | null {
  if (!Array.isArray(o[key])) return null
  return objects(source, o, key)
    .map((g) => str(source, g, 'GroupId'))
    .filter((g) => g !== null)
}

function eni(source: Source, o: Raw, instanceId: string | null): Eni | null {
  const id = need(source, o, 'NetworkInterfaceId')
  const subnetId = need(source, o, 'SubnetId')
  const vpcId = need(source, o, 'VpcId')
  if (id === null || subnetId === null || vpcId === null) return null
  const attachment = object(source, o, 'Attachment')
  return {
    id,
    scope: source.document.scope,
    vpcId,
    subnetId,
    type: str(source, o, 'InterfaceType') ?? 'interface',
    description: str(source, o, 'Description') ?? '',
    requesterId: str(source, o, 'RequesterId'),
    ownerId: str(source, o, 'OwnerId'),
    status: str(source, o, 'Status'),
    groupIds: groupIds(source, o, 'Groups'),
    addresses: addresses(source, o),
    delegated: [
      ...objects(source, o, 'Ipv4Prefixes').map((p) => prefix(source, p, 'Ipv4Prefix')),
      ...objects(source, o, 'Ipv6Prefixes').map((p) => prefix(source, p, 'Ipv6Prefix')),
    ].filter((p) => p !== null),
    sourceDestCheck: bool(source, o, 'SourceDestCheck') ?? true,
    instanceId: instanceId ?? (attachment === null ? null : str(source, attachment, 'InstanceId')),
  }
}

export function readNetworkInterfaces(source: Source, enis: Map<string, Eni>): boolean {
  const items = answer(source, 'NetworkInterfaces')
  for (const o of items ?? []) {
    const read = eni(source, o, null)
    if (read !== null) enis.set(read.id, read)
  }
  return items !== null
}

/** `describe-instances`: also a second witness for the interfaces, where describe-network-interfaces wasn't answered. */
export function readInstances(
  source: Source,
  instances: Map<string, Instance>,
  witnessed: Map<string, Eni>,
): boolean {
  const items = answer(source, 'Reservations')
  for (const reservation of items ?? []) {
    for (const o of objects(source, reservation, 'Instances')) {
      const id = need(source, o, 'InstanceId')
      if (id === null) continue
      const state = object(source, o, 'State')
      const order: { readonly id: string; readonly index: number }[] = []
      for (const n of objects(source, o, 'NetworkInterfaces')) {
        const read = eni(source, n, id)
        if (read === null) continue
        const attachment = object(source, n, 'Attachment')
        order.push({
          id: read.id,
          index: (attachment === null ? null : num(source, attachment, 'DeviceIndex')) ?? order.length,
        })
        witnessed.set(read.id, read)
      }
      instances.set(id, {
        id,
        state: state === null ? null : str(source, state, 'Name'),
        eniIds: order.sort((a, b) => a.index - b.index).map((n) => n.id),
        vpcId: str(source, o, 'VpcId'),
        privateDnsName: str(source, o, 'PrivateDnsName'),
        publicDnsName: str(source, o, 'PublicDnsName'),
      })
    }
  }
  return items !== null
}

/** `describe-addresses`: public address → where it is translated to. */
export interface ElasticAddress {
  readonly publicIp: string
  readonly privateIp: string | null
  readonly eniId: string | null
}

export function readAddresses(source: Source, elastic: Map<string, ElasticAddress>): boolean {
  const items = answer(source, 'Addresses')
  for (const o of items ?? []) {
    const ip = str(source, o, 'PublicIp')
    if (ip === null) continue
    elastic.set(ip, {
      publicIp: ip,
      privateIp: str(source, o, 'PrivateIpAddress'),
      eniId: str(source, o, 'NetworkInterfaceId'),
    })
  }
  return items !== null
}

const ENDPOINT_TYPES = new Map<string, Endpoint['type']>([
  ['Gateway', 'Gateway'],
  ['Interface', 'Interface'],
  ['GatewayLoadBalancer', 'GatewayLoadBalancer'],
])

export function readEndpoints(source: Source, endpoints: Map<string, Endpoint>): boolean {
  const items = answer(source, 'VpcEndpoints')
  for (const o of items ?? []) {
    const id = need(source, o, 'VpcEndpointId')
    const vpcId = need(source, o, 'VpcId')
    if (id === null || vpcId === null) continue
    const policy = o['PolicyDocument']
    endpoints.set(id, {
      id,
      vpcId,
      serviceName: str(source, o, 'ServiceName') ?? '',
      type: ENDPOINT_TYPES.get(str(source, o, 'VpcEndpointType') ?? 'Gateway') ?? 'other',
      state: str(source, o, 'State') ?? 'available',
      routeTableIds: strings(source, o, 'RouteTableIds'),
      subnetIds: strings(source, o, 'SubnetIds'),
      groupIds: groupIds(source, o, 'Groups'),
      eniIds: strings(source, o, 'NetworkInterfaceIds'),
      privateDns: bool(source, o, 'PrivateDnsEnabled') ?? false,
      privateDnsInboundOnly: inboundOnly(o['DnsOptions']),
      dnsNames: objects(source, o, 'DnsEntries')
        .map((d) => str(source, d, 'DnsName'))
        .filter((d) => d !== null),
      policy: policy === undefined ? null : policy,
    })
  }
  return items !== null
}

function inboundOnly(options: unknown): boolean {
  return (
    typeof options === 'object' &&
    options !== null &&
    'PrivateDnsOnlyForInboundResolverEndpoint' in options &&
    options.PrivateDnsOnlyForInboundResolverEndpoint === true
  )
}
