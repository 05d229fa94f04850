import type { Prefix } from '../address.js'
import type { BlockPublicAccess, BlockPublicAccessExclusion, Subnet, Vpc } from '../entities.js'
import { answer, body, bool, need, num, object, objects, prefix, type Source, str } from './source.js'

/** `describe-vpcs`: one primary CIDR, secondary ones and IPv6 ones; a disassociated CIDR no longer routes. */
export function readVpcs(source: Source, vpcs: Map<string, Vpc>): boolean {
  const items = answer(source, 'Vpcs')
  for (const o of items ?? []) {
    const id = need(source, o, 'VpcId')
    if (id === null) continue
    const cidrs = new Map<string, Prefix>()
    const add = (p: Prefix | null) => {
      if (p !== null) cidrs.set(p.text, p)
    }
    for (const a of objects(source, o, 'CidrBlockAssociationSet')) {
      const state = object(source, a, 'CidrBlockState')
      if (isLive(state === null ? null : str(source, state, 'State'))) add(prefix(source, a, 'CidrBlock'))
    }
    for (const a of objects(source, o, 'Ipv6CidrBlockAssociationSet')) {
      const state = object(source, a, 'Ipv6CidrBlockState')
      if (isLive(state === null ? null : str(source, state, 'State'))) add(prefix(source, a, 'Ipv6CidrBlock'))
    }
    add(prefix(source, o, 'CidrBlock'))
    vpcs.set(id, {
      id,
      scope: source.document.scope,
      ownerId: str(source, o, 'OwnerId'),
      cidrs: [...cidrs.values()],
      dhcpOptionsId: str(source, o, 'DhcpOptionsId'),
    })
  }
  return items !== null
}

function isLive(state: string | null): boolean {
  return state === null || state === 'associated' || state === 'associating'
}

export interface VpcAttributes {
  readonly dnsSupport: boolean | null
  readonly dnsHostnames: boolean | null
}

/** `describe-vpc-attribute`: one attribute an answer; the file's key names the VPC where the answer doesn't. */
export function readVpcAttribute(source: Source, attributes: Map<string, VpcAttributes>): boolean {
  const o = body(source)
  if (o === null) return false
  const id = str(source, o, 'VpcId') ?? source.document.key.split('.')[0] ?? ''
  const value = (key: string): boolean | null => {
    const holder = object(source, o, key)
    return holder === null ? null : bool(source, holder, 'Value')
  }
  const before = attributes.get(id)
  attributes.set(id, {
    dnsSupport: value('EnableDnsSupport') ?? before?.dnsSupport ?? null,
    dnsHostnames: value('EnableDnsHostnames') ?? before?.dnsHostnames ?? null,
  })
  return true
}

export function readSubnets(source: Source, subnets: Map<string, Subnet>): boolean {
  const items = answer(source, 'Subnets')
  for (const o of items ?? []) {
    const id = need(source, o, 'SubnetId')
    const vpcId = need(source, o, 'VpcId')
    if (id === null || vpcId === null) continue
    // A shared subnet is listed by its owner and by each participant: the owner's answer knows most.
    const ownerId = str(source, o, 'OwnerId')
    const cidrs: Prefix[] = []
    const v4 = prefix(source, o, 'CidrBlock')
    if (v4 !== null) cidrs.push(v4)
    for (const a of objects(source, o, 'Ipv6CidrBlockAssociationSet')) {
      const state = object(source, a, 'Ipv6CidrBlockState')
      const v6 = prefix(source, a, 'Ipv6CidrBlock')
      if (v6 !== null && isLive(state === null ? null : str(source, state, 'State'))) cidrs.push(v6)
    }
    subnets.set(id, {
      id,
      vpcId,
      scope: source.document.scope,
      zone: str(source, o, 'AvailabilityZone'),
      zoneId: str(source, o, 'AvailabilityZoneId'),
      cidrs,
      freeAddresses: num(source, o, 'AvailableIpAddressCount'),
      ownerId,
    })
  }
  return items !== null
}

/** `describe-dhcp-options`: id → the name servers it hands out. */
export function readDhcpOptions(source: Source, options: Map<string, readonly string[]>): boolean {
  const items = answer(source, 'DhcpOptions')
  for (const o of items ?? []) {
    const id = need(source, o, 'DhcpOptionsId')
    if (id === null) continue
    const servers: string[] = []
    for (const c of objects(source, o, 'DhcpConfigurations')) {
      if (str(source, c, 'Key') !== 'domain-name-servers') continue
      for (const v of objects(source, c, 'Values')) {
        const text = str(source, v, 'Value')
        if (text !== null) servers.push(...text.split(/[\s,]+/).filter((s) => s !== ''))
      }
    }
    options.set(id, servers)
  }
  return items !== null
}

/** `describe-vpc-block-public-access-options`; scope → what is blocked there. */
export function readBlockPublicAccess(source: Source, byScope: Map<string, BlockPublicAccess>): boolean {
  const top = body(source)
  if (top === null) return false
  const o = object(source, top, 'VpcBlockPublicAccessOptions')
  if (o === null) return false
  byScope.set(source.document.scope, {
    mode: str(source, o, 'InternetGatewayBlockMode') ?? 'off',
    exclusionsAllowed: str(source, o, 'ExclusionsAllowed'),
  })
  return true
}

export function readBlockPublicAccessExclusions(
  source: Source,
  exclusions: Map<string, BlockPublicAccessExclusion>,
): boolean {
  const items = answer(source, 'VpcBlockPublicAccessExclusions')
  for (const o of items ?? []) {
    const arn = need(source, o, 'ResourceArn')
    const id = str(source, o, 'ExclusionId')
    if (arn === null || id === null) continue
    exclusions.set(arn, {
      id,
      resourceId: arn.slice(arn.lastIndexOf('/') + 1),
      mode: str(source, o, 'InternetGatewayExclusionMode') ?? '',
      state: str(source, o, 'State') ?? '',
    })
  }
  return items !== null
}
