import { contains, isPublic, parsePrefix } from '../../network/address.js'
import type { Blocker, Hop, SubnetTrace, Trace } from '../../network/path.js'
import { privateLinkName } from '../../network/service-names.js'
import { serviceOfHost } from '../../network/services.js'
import type { Snapshot } from '../../network/snapshot.js'
import { functionName } from '../apply/functions.js'
import type { Change } from '../diagnosis.js'
import { all, lambdasNamed, PLACES, type Raw, record, records, strings, text } from '../raw.js'
import type { Question } from '../rehearse.js'

/** Where the packet starts, as far as the configuration tells. */
export interface Standpoint {
  readonly functionName: string | null
  readonly subnetIds: readonly string[]
  readonly groupIds: readonly string[]
  readonly vpcId: string | null
}

/** A snapshot, a question, and the trace that answers it: all that the derivation of a fix may look at. */
export interface Situation {
  readonly snapshot: Snapshot
  readonly question: Question
  readonly trace: Trace
  readonly standpoint: Standpoint
  /** Of the service asked for, in the form `com.amazonaws.REGION.NAME`; null where the destination is none. */
  readonly service: string | null
  /** Changes that the search has chosen already, so that new things get fresh ids. */
  readonly chosen: readonly Change[]
}

/** One way to lift a group of blockers. */
export type Option = readonly Change[]

/** A family's derivation: the blockers it is given share code and direction. */
export type Derive = (blockers: readonly Blocker[], situation: Situation) => readonly Option[]

export function situationOf(
  snapshot: Snapshot,
  question: Question,
  trace: Trace,
  chosen: readonly Change[] = [],
): Situation {
  const standpoint = standpointOf(snapshot, question)
  return { snapshot, question, trace, standpoint, service: serviceOf(snapshot, question), chosen }
}

export function byId(
  snapshot: Snapshot,
  place: (typeof PLACES)[keyof typeof PLACES],
  id: string,
): Raw | undefined {
  return all(snapshot, place).find((object) => text(object, place.id) === id)
}

function standpointOf(snapshot: Snapshot, question: Question): Standpoint {
  const { source } = question
  if (source.kind === 'function') {
    const name = functionName(source.name)
    const named = lambdasNamed(snapshot, name)
    const meant = named.find((one) => source.name.startsWith(text(one, 'FunctionArn'))) ?? named[0]
    const config = record(meant, 'VpcConfig')
    return {
      // A change names its function by name: where several bear it, it could be applied to the wrong one.
      functionName: named.length > 1 ? null : name,
      subnetIds: strings(config, 'SubnetIds'),
      groupIds: strings(config, 'SecurityGroupIds'),
      vpcId: text(config, 'VpcId') || null,
    }
  }
  if (source.kind === 'posture') {
    const subnet = byId(snapshot, PLACES.subnet, source.subnetId)
    return {
      functionName: null,
      subnetIds: [source.subnetId],
      groupIds: source.groupIds,
      vpcId: text(subnet, 'VpcId') || null,
    }
  }
  const eni =
    source.kind === 'eni'
      ? byId(snapshot, PLACES.networkInterface, source.id)
      : all(snapshot, PLACES.networkInterface).find(
          (one) => text(record(one, 'Attachment'), 'InstanceId') === source.id,
        )
  return {
    functionName: null,
    subnetIds: eni === undefined ? [] : [text(eni, 'SubnetId')],
    groupIds: groupIdsOf(eni),
    vpcId: text(eni, 'VpcId') || null,
  }
}

/** The region of a snapshot's subnets; '' where it has none. */
export function regionOf(snapshot: Snapshot): string {
  const zone = text(all(snapshot, PLACES.subnet)[0], 'AvailabilityZone')
  return zone.replace(/[a-z]$/, '')
}

function serviceOf(snapshot: Snapshot, question: Question): string | null {
  const { destination } = question
  if (destination.kind === 'service') {
    return `com.amazonaws.${destination.region ?? regionOf(snapshot)}.${privateLinkName(destination.service)}`
  }
  if (destination.kind !== 'host') return null
  const named = serviceOfHost(destination.host)
  return named?.region == null ? null : `com.amazonaws.${named.region}.${privateLinkName(named.service)}`
}

export function groupIdsOf(eni: Raw | undefined): readonly string[] {
  return records(eni, 'Groups').map((group) => text(group, 'GroupId'))
}

/** The interface that has the address, private or public. */
export function interfaceAt(snapshot: Snapshot, address: string): Raw | undefined {
  return all(snapshot, PLACES.networkInterface).find((eni) =>
    [eni, ...records(eni, 'PrivateIpAddresses')].some(
      (one) => one['PrivateIpAddress'] === address || record(one, 'Association')?.['PublicIp'] === address,
    ),
  )
}

function subnetOfAddress(snapshot: Snapshot, address: string): Raw | undefined {
  const eni = interfaceAt(snapshot, address)
  if (eni !== undefined) return byId(snapshot, PLACES.subnet, text(eni, 'SubnetId'))
  return all(snapshot, PLACES.subnet).find((subnet) => within(address, cidrsOf(subnet)))
}

export function cidrsOf(object: Raw | undefined): readonly string[] {
  const associated = [
    ...records(object, 'CidrBlockAssociationSet').map((one) => text(one, 'CidrBlock')),
    ...records(object, 'Ipv6CidrBlockAssociationSet').map((one) => text(one, 'Ipv6CidrBlock')),
  ]
  return [...new Set([text(object, 'CidrBlock'), ...associated])].filter((cidr) => cidr !== '')
}

/** `address` may be a range: that of a subnet stands for an interface which the snapshot doesn't list. */
export function within(address: string, cidrs: readonly string[]): boolean {
  const parsed = parsePrefix(address)
  return (
    parsed !== null &&
    cidrs.some((cidr) => {
      const prefix = parsePrefix(cidr)
      return prefix !== null && contains(prefix, parsed)
    })
  )
}

/**
 * Whether a packet's end belongs to the internet. The trace gives an end of which no single address is known its name:
 * `internet`, or a service's host.
 */
export function isInternet(address: string): boolean {
  if (address === '') return false
  const parsed = parsePrefix(address)
  return parsed === null || isPublic(parsed)
}

export function anywhere(address: string): string {
  return address.includes(':') ? '::/0' : '0.0.0.0/0'
}

/** The range that stands for an address in a rule: its subnet's, as addresses of Lambda and RDS change; else the address. */
export function rangeFor(snapshot: Snapshot, address: string): string {
  if (isInternet(address)) return anywhere(address)
  const cidrs = cidrsOf(subnetOfAddress(snapshot, address))
  const own = cidrs.find((cidr) => within(address, [cidr]))
  if (own !== undefined || address.includes('/')) return own ?? address
  return `${address}/${address.includes(':') ? 128 : 32}`
}

/** The hops of every subnet's trace, out and back, that a blocker is about. */
export function blockedHops(trace: Trace, blocker: Blocker): readonly Hop[] {
  const traces: readonly SubnetTrace[] = trace.perSubnet.length > 0 ? trace.perSubnet : [trace]
  return traces.flatMap((one) =>
    (blocker.direction === 'forward' ? one.hops : one.returnHops).filter(
      (hop) => hop.verdict === 'block' && hop.component === blocker.component && hop.code === blocker.code,
    ),
  )
}

/** The places of things that fixes create, by the prefix of their ids. */
const CREATED = {
  sg: PLACES.securityGroup,
  vpce: PLACES.endpoint,
  nat: PLACES.natGateway,
  pcx: PLACES.peering,
  eigw: PLACES.egressOnlyGateway,
  dopt: PLACES.dhcpOptions,
} as const

/** An id for a thing that a fix creates: neither another change of the same fix has it, nor anything in the snapshot. */
export function freshId(situation: Situation, prefix: keyof typeof CREATED): string {
  const place = CREATED[prefix]
  const taken = new Set([
    ...situation.chosen.flatMap((change) => ('as' in change ? [change.as] : [])),
    ...all(situation.snapshot, place).map((one) => text(one, place.id)),
  ])
  for (let count = 1; ; count++) {
    const id = `${prefix}-new-${count}`
    if (!taken.has(id)) return id
  }
}
