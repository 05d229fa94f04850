import type { Account, Eni } from './account.js'
import type { Service } from './agent.js'
import { bodies, listed, number, type Raw, record, records, strings, text } from './documents.js'
import type { Identity } from './servers/web.js'

/** Where a load balancer sends to. */
export interface BalancerTarget {
  readonly address: string
  readonly port: number
}

/** A listener as one of the load balancer's interfaces has it. */
export interface LabListener {
  readonly port: number
  readonly protocol: string
  readonly targets: readonly BalancerTarget[]
  /** Whether the targets see the client's address. */
  readonly preserves: boolean
}

/** A load balancer of the snapshot; read here on its own, since the lab and the tracer check one another. */
export interface LabBalancer {
  readonly arn: string
  readonly name: string
  readonly dnsName: string
  readonly type: string
  readonly groups: readonly string[]
  readonly enis: readonly Eni[]
}

export function balancersOf(account: Account): readonly LabBalancer[] {
  return listed(account.documents, 'describe-load-balancers', 'LoadBalancers').map((raw) => {
    const arn = text(raw, 'LoadBalancerArn')
    return {
      arn,
      name: text(raw, 'LoadBalancerName'),
      dnsName: text(raw, 'DNSName').toLowerCase(),
      type: text(raw, 'Type'),
      groups: strings(raw, 'SecurityGroups'),
      enis: account.enis.filter((eni) => eni.description === `ELB ${arn.split(':loadbalancer/')[1]}`),
    }
  })
}

/** The load balancer that an interface was made for. */
export function balancerOf(account: Account, eni: Eni): LabBalancer | undefined {
  if (!eni.description.startsWith('ELB ')) return undefined
  return balancersOf(account).find(({ enis }) => enis.includes(eni))
}

export function listenersAt(
  account: Account,
  balancer: LabBalancer,
  eni: Eni | null,
): readonly LabListener[] {
  return listenersOf(account, balancer.arn).map((listener) => ({
    port: number(listener, 'Port') ?? 0,
    protocol: text(listener, 'Protocol'),
    targets: targetsAt(account, balancer, listener, eni),
    preserves: targetGroupsOf(account, balancer, listener).some((group) =>
      preserves(account, balancer, group),
    ),
  }))
}

/** The target groups that the default actions of a load balancer's listeners, or of one of them, forward to. */
export function targetGroupsOf(account: Account, { arn }: LabBalancer, only?: Raw): readonly Raw[] {
  const listeners = only === undefined ? listenersOf(account, arn) : [only]
  const arns = listeners.flatMap((one) =>
    records(one, 'DefaultActions').map((action) => text(action, 'TargetGroupArn')),
  )
  return listed(account.documents, 'describe-target-groups', 'TargetGroups').filter((one) =>
    arns.includes(text(one, 'TargetGroupArn')),
  )
}

function listenersOf({ documents }: Account, arn: string): readonly Raw[] {
  return bodies(documents, 'describe-listeners', arn).flatMap((body) => records(body, 'Listeners'))
}

interface Registered extends BalancerTarget {
  readonly healthy: boolean
  /** `all` where it belongs to no zone of the load balancer's VPC; undefined where nothing tells. */
  readonly zone: string | undefined
}

/** The targets of a target group that are in service. */
function registeredIn(account: Account, group: Raw): readonly Registered[] {
  return bodies(account.documents, 'describe-target-health', text(group, 'TargetGroupArn'))
    .flatMap((body) => records(body, 'TargetHealthDescriptions'))
    .filter((one) => !['unused', 'draining'].includes(text(record(one, 'TargetHealth'), 'State')))
    .flatMap((one): readonly Registered[] => {
      const target = record(one, 'Target')
      const address = addressFor(account, text(target, 'Id'))
      if (address === null) return []
      const place = account.enis.find((each) => each.addresses.includes(address))
      const zone = text(target, 'AvailabilityZone') || zoneOf(account, place)
      const healthy = ['healthy', 'unavailable'].includes(text(record(one, 'TargetHealth'), 'State'))
      return [{ address, port: number(target, 'Port') ?? number(group, 'Port') ?? 0, healthy, zone }]
    })
}

function zoneOf({ subnets }: Account, eni: Eni | null | undefined): string | undefined {
  return subnets.find((one) => one.id === eni?.subnetId)?.zone
}

function attribute({ documents }: Account, call: string, arn: string, name: string): string | undefined {
  return bodies(documents, call, arn)
    .flatMap((body) => records(body, 'Attributes'))
    .filter((one) => text(one, 'Key') === name)
    .map((one) => text(one, 'Value'))[0]
}

function ofGroup(account: Account, group: Raw, name: string): string | undefined {
  return attribute(account, 'describe-target-group-attributes', text(group, 'TargetGroupArn'), name)
}

const CROSS_ZONE = 'load_balancing.cross_zone.enabled'

function crosses(account: Account, balancer: LabBalancer, group: Raw): boolean {
  const own = ofGroup(account, group, CROSS_ZONE)
  if (own === 'true' || own === 'false') return own === 'true'
  const whole = attribute(account, 'describe-load-balancer-attributes', balancer.arn, CROSS_ZONE)
  return balancer.type === 'application' || whole === 'true'
}

/**
 * The interfaces that a load balancer's name leads to: where cross-zone load balancing is off, a zone in which one of its target groups
 * has no healthy target is left out, unless all are (https://repost.aws/knowledge-center/elb-dns-cross-zone-balance-configuration).
 */
export function inDns(account: Account, balancer: LabBalancer): readonly Eni[] {
  const zonal = targetGroupsOf(account, balancer).filter((group) => !crosses(account, balancer, group))
  const lit = balancer.enis.filter((eni) =>
    zonal.every((group) => {
      const registered = registeredIn(account, group)
      const zones = registered.filter(({ healthy }) => healthy).map(({ zone }) => zone)
      const anywhere = zones.includes('all') || zones.includes(undefined)
      return registered.length === 0 || anywhere || zones.includes(zoneOf(account, eni))
    }),
  )
  return lit.length > 0 ? lit : balancer.enis
}

/**
 * The healthy targets of the default action, or, where none is, all that are in service; of the interface's zone alone where
 * cross-zone load balancing is off
 * (https://docs.aws.amazon.com/elasticloadbalancing/latest/userguide/how-elastic-load-balancing-works.html).
 */
function targetsAt(
  account: Account,
  balancer: LabBalancer,
  listener: Raw,
  eni: Eni | null,
): readonly BalancerTarget[] {
  return targetGroupsOf(account, balancer, listener).flatMap((group) => {
    const own = [undefined, 'all', zoneOf(account, eni)]
    const everywhere = crosses(account, balancer, group)
    const usable = registeredIn(account, group).filter(({ zone }) => everywhere || own.includes(zone))
    const healthy = usable.filter((one) => one.healthy)
    return (healthy.length > 0 ? healthy : usable).map(({ address, port }) => ({ address, port }))
  })
}

/**
 * Whether targets see the client's address
 * (https://docs.aws.amazon.com/elasticloadbalancing/latest/network/edit-target-group-attributes.html#client-ip-preservation).
 */
function preserves(account: Account, balancer: LabBalancer, group: Raw): boolean {
  if (balancer.type !== 'network') return false
  const told = ofGroup(account, group, 'preserve_client_ip.enabled')
  const usually = text(group, 'TargetType') !== 'ip' || !['TCP', 'TLS'].includes(text(group, 'Protocol'))
  return told === undefined ? usually : told === 'true'
}

function addressFor(account: Account, id: string): string | null {
  if (!id.startsWith('i-')) return id
  const instance = listed(account.documents, 'describe-instances', 'Reservations')
    .flatMap((one) => records(one, 'Instances'))
    .find((one) => text(one, 'InstanceId') === id)
  return text(instance, 'PrivateIpAddress') || null
}

/** The load balancers with a listener whose targets see the client's address. */
function preservingOnes(account: Account): readonly LabBalancer[] {
  return balancersOf(account).filter((one) =>
    listenersAt(account, one, null).some((listener) => listener.preserves),
  )
}

/** What a load balancer signs packets with that it sends on under their client's address: a number of its own, which is not 0. */
export function forwarderNumber(account: Account, { arn }: LabBalancer): number {
  return 1 + preservingOnes(account).findIndex((one) => one.arn === arn)
}

/** The numbers of the load balancers that have a security group and sign what they send on; null where no load balancer does. */
export function forwardersWith(account: Account, groupId: string): readonly number[] | null {
  const all = preservingOnes(account)
  return all.length === 0
    ? null
    : all.flatMap((one, index) => (one.groups.includes(groupId) ? [1 + index] : []))
}

/** What an Application Load Balancer serves at an interface; nothing for one that passes connections on. */
export function balancerService(
  account: Account,
  balancer: LabBalancer,
  eni: Eni,
  identity: Identity,
): Service | null {
  if (balancer.type !== 'application') return null
  const listeners = listenersAt(account, balancer, eni).map(({ port, protocol, targets }) => ({
    port,
    tls: protocol === 'HTTPS',
    targets,
  }))
  return { kind: 'balancer', identity, listeners }
}

/** The same for connections of any protocol: they are joined to new ones of the load balancer's own. */
export function balancerRelay(account: Account, balancer: LabBalancer, eni: Eni): Service | null {
  if (balancer.type !== 'application') return null
  const listeners = listenersAt(account, balancer, eni)
  return { kind: 'relay', listeners: listeners.map(({ port, targets }) => ({ port, targets })) }
}

/** Every place that a load balancer, or any of them, sends to: its interface and port. */
export function balancerTargets(
  account: Account,
  only?: LabBalancer,
): readonly { readonly eni: Eni; readonly port: number }[] {
  const balancers = only === undefined ? balancersOf(account) : [only]
  const all = balancers.flatMap((balancer) =>
    balancer.enis.flatMap((eni) => listenersAt(account, balancer, eni).flatMap(({ targets }) => targets)),
  )
  const unique = new Map(all.map((one) => [`${one.address} ${one.port}`, one]))
  return [...unique.values()].flatMap(({ address, port }) => {
    const eni = account.enis.find((one) => one.addresses.includes(address))
    return eni === undefined ? [] : [{ eni, port }]
  })
}
