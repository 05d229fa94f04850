import type {
  EndpointService,
  Listener,
  ListenerAction,
  LoadBalancer,
  RegisteredTarget,
  TargetGroup,
} from '../balancing/entities.js'
import type { Raw } from '../entities.js'
import { answer, body, need, num, object, objects, type Source, str, strings } from './source.js'

/** An answer about one load balancer or target group, under the name that its file goes by: an ARN, or the bare name. */
interface Keyed<T> {
  readonly scope: string
  readonly key: string
  readonly value: T
}

export type Attributes = ReadonlyMap<string, string>

/** All that is read of load balancers, not yet joined. */
export interface BalancerDrafts {
  readonly balancers: Map<string, LoadBalancer>
  readonly listeners: Keyed<readonly Listener[]>[]
  readonly targetGroups: Map<string, TargetGroup>
  readonly health: Keyed<readonly RegisteredTarget[]>[]
  readonly balancerAttributes: Keyed<Attributes>[]
  readonly groupAttributes: Keyed<Attributes>[]
  readonly services: Map<string, EndpointService>
}

export const noBalancers = (): BalancerDrafts => ({
  balancers: new Map(),
  listeners: [],
  targetGroups: new Map(),
  health: [],
  balancerAttributes: [],
  groupAttributes: [],
  services: new Map(),
})

/** What the model knows of load balancers. An answer that nobody gave isn't in these. */
export interface Balancers {
  readonly loadBalancers: ReadonlyMap<string, LoadBalancer>
  /** Load balancer's ARN → its listeners. */
  readonly listeners: ReadonlyMap<string, readonly Listener[]>
  readonly targetGroups: ReadonlyMap<string, TargetGroup>
  /** Target group's ARN → its targets. */
  readonly targets: ReadonlyMap<string, readonly RegisteredTarget[]>
  /** ARN of a load balancer or of a target group → its attributes. */
  readonly balancingAttributes: ReadonlyMap<string, Attributes>
  /** Description of an interface that AWS makes for a load balancer → that. */
  readonly balancerOfInterface: ReadonlyMap<string, LoadBalancer>
  /** Service name (`com.amazonaws.vpce.REGION.vpce-svc-…`) → what the account offers under it. */
  readonly endpointServices: ReadonlyMap<string, EndpointService>
}

/** `elbv2 describe-load-balancers` and the classic `elb` form, which share the command's name. */
export function readLoadBalancers(source: Source, { balancers }: BalancerDrafts): boolean {
  const o = body(source)
  if (o === null) return false
  const classic = o['LoadBalancers'] === undefined && o['LoadBalancerDescriptions'] !== undefined
  const items = answer(source, classic ? 'LoadBalancerDescriptions' : 'LoadBalancers')
  for (const b of items ?? []) {
    const dnsName = str(source, b, 'DNSName')
    const name = need(source, b, 'LoadBalancerName')
    if (name === null || dnsName === null) continue
    const zones = classic ? [] : objects(source, b, 'AvailabilityZones')
    const state = object(source, b, 'State')
    const arn = str(source, b, 'LoadBalancerArn') ?? name
    balancers.set(arn, {
      name,
      arn,
      type: classic ? 'classic' : (str(source, b, 'Type') ?? 'application'),
      scope: source.document.scope,
      internetFacing: str(source, b, 'Scheme') === 'internet-facing',
      dnsName: dnsName.toLowerCase(),
      vpcId: str(source, b, classic ? 'VPCId' : 'VpcId'),
      subnetIds: classic
        ? strings(source, b, 'Subnets')
        : zones.map((z) => str(source, z, 'SubnetId')).filter((s) => s !== null),
      groupIds: strings(source, b, 'SecurityGroups'),
      rulesForPrivateLink: str(source, b, 'EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic') !== 'off',
      state: state === null ? null : str(source, state, 'Code'),
      publicIps: zones
        .flatMap((z) => objects(source, z, 'LoadBalancerAddresses'))
        .map((a) => str(source, a, 'IpAddress'))
        .filter((ip) => ip !== null),
    })
  }
  return items !== null
}

/** `describe-listeners.LOAD_BALANCER`. */
export function readListeners(source: Source, drafts: BalancerDrafts): boolean {
  const items = answer(source, 'Listeners')
  if (items === null) return false
  const read = items.flatMap((o): Listener[] => {
    const arn = need(source, o, 'ListenerArn')
    const protocol = str(source, o, 'Protocol')
    if (arn === null) return []
    return [
      {
        arn,
        balancerArn: str(source, o, 'LoadBalancerArn') ?? '',
        port: num(source, o, 'Port'),
        protocol: protocol ?? '',
        actions: actionsOf(source, o),
        raw: o,
      },
    ]
  })
  const { scope, key } = source.document
  // A file that goes by another name still says in each listener whose it is.
  const owners = new Set(read.map(({ balancerArn }) => balancerArn).filter((arn) => arn !== ''))
  for (const owner of owners)
    drafts.listeners.push({ scope, key: owner, value: read.filter((one) => one.balancerArn === owner) })
  if (owners.size === 0) drafts.listeners.push({ scope, key, value: read })
  return true
}

function actionsOf(source: Source, listener: Raw): readonly ListenerAction[] {
  const actions = [...objects(source, listener, 'DefaultActions')].sort(
    (a, b) => (num(source, a, 'Order') ?? 0) - (num(source, b, 'Order') ?? 0),
  )
  return actions.map((o) => {
    const forward = object(source, o, 'ForwardConfig')
    const weighted = forward === null ? [] : objects(source, forward, 'TargetGroups')
    const groups = weighted.flatMap((g) => {
      const arn = str(source, g, 'TargetGroupArn')
      return arn === null ? [] : [{ arn, weight: num(source, g, 'Weight') ?? 1 }]
    })
    const only = str(source, o, 'TargetGroupArn')
    return {
      type: str(source, o, 'Type') ?? '',
      targetGroups: groups.length > 0 || only === null ? groups : [{ arn: only, weight: 1 }],
    }
  })
}

export function readTargetGroups(source: Source, { targetGroups }: BalancerDrafts): boolean {
  const items = answer(source, 'TargetGroups')
  for (const o of items ?? []) {
    const arn = need(source, o, 'TargetGroupArn')
    if (arn === null) continue
    targetGroups.set(arn, {
      arn,
      name: str(source, o, 'TargetGroupName') ?? arn.split('/')[1] ?? arn,
      protocol: str(source, o, 'Protocol'),
      port: num(source, o, 'Port'),
      vpcId: str(source, o, 'VpcId'),
      targetType: str(source, o, 'TargetType') ?? 'instance',
    })
  }
  return items !== null
}

/** `describe-target-health.TARGET_GROUP`: the answer itself doesn't say whose it is. */
export function readTargetHealth(source: Source, drafts: BalancerDrafts): boolean {
  const items = answer(source, 'TargetHealthDescriptions')
  if (items === null) return false
  const value = items.flatMap((o): RegisteredTarget[] => {
    const described = object(source, o, 'Target')
    const id = described === null ? null : need(source, described, 'Id')
    if (described === null || id === null) return []
    const health = object(source, o, 'TargetHealth')
    return [
      {
        id,
        port: num(source, described, 'Port'),
        zone: str(source, described, 'AvailabilityZone'),
        state: (health === null ? null : str(source, health, 'State')) ?? 'unavailable',
        reason: health === null ? null : str(source, health, 'Reason'),
      },
    ]
  })
  drafts.health.push({ scope: source.document.scope, key: source.document.key, value })
  return true
}

/** `describe-load-balancer-attributes.X` and `describe-target-group-attributes.X`. */
export function readAttributes(source: Source, drafts: Keyed<Attributes>[]): boolean {
  const items = answer(source, 'Attributes')
  if (items === null) return false
  const value = new Map<string, string>()
  for (const o of items) {
    const key = need(source, o, 'Key')
    const told = str(source, o, 'Value')
    if (key !== null && told !== null) value.set(key, told)
  }
  drafts.push({ scope: source.document.scope, key: source.document.key, value })
  return true
}

export function readEndpointServices(source: Source, { services }: BalancerDrafts): boolean {
  const items = answer(source, 'ServiceConfigurations')
  for (const o of items ?? []) {
    const name = need(source, o, 'ServiceName')
    if (name === null) continue
    services.set(name, {
      id: str(source, o, 'ServiceId') ?? name,
      name,
      state: str(source, o, 'ServiceState'),
      balancerArns: strings(source, o, 'NetworkLoadBalancerArns'),
    })
  }
  return items !== null
}

/** Gives every answer to the load balancer or target group that its key names. */
export function joinBalancers(drafts: BalancerDrafts): Balancers {
  const { balancers, targetGroups } = drafts
  const balancerArns = arnsOf(balancers.values())
  const groupArns = arnsOf(targetGroups.values())
  return {
    loadBalancers: balancers,
    listeners: joined(drafts.listeners, balancerArns, (a, b) => [...a, ...b]),
    targetGroups,
    targets: joined(drafts.health, groupArns, (a, b) => [...a, ...b]),
    balancingAttributes: new Map([
      ...joined(drafts.balancerAttributes, balancerArns, (a, b) => new Map([...a, ...b])),
      ...joined(drafts.groupAttributes, groupArns, (a, b) => new Map([...a, ...b])),
    ]),
    balancerOfInterface: new Map(
      [...balancers.values()].map((one) => [interfaceDescription(one), one] as const),
    ),
    endpointServices: drafts.services,
  }
}

/** How AWS describes the interfaces that it makes for a load balancer: `ELB app/web/50dc6c495c0c9188`. */
export function interfaceDescription({ arn, name }: LoadBalancer): string {
  return `ELB ${/loadbalancer\/(.+)$/.exec(arn)?.[1] ?? name}`
}

function arnsOf(
  things: Iterable<{ readonly arn: string; readonly name: string }>,
): ReadonlyMap<string, readonly string[]> {
  const out = new Map<string, string[]>()
  for (const { arn, name } of things) {
    out.set(arn, [arn])
    out.set(name, [...(out.get(name) ?? []), arn])
  }
  return out
}

/** A name that several regions or types use leads to the one of the answer's own scope, if it can be told. */
function joined<T>(
  drafts: readonly Keyed<T>[],
  arns: ReadonlyMap<string, readonly string[]>,
  both: (a: T, b: T) => T,
): ReadonlyMap<string, T> {
  const out = new Map<string, T>()
  for (const { scope, key, value } of drafts) {
    const named = arns.get(key) ?? []
    const near = named.filter((arn) => scope.split('/').includes(arn.split(':')[3] ?? ''))
    const [arn = key, second] = near.length > 0 ? near : named
    if (second !== undefined) continue
    const before = out.get(arn)
    out.set(arn, before === undefined ? value : both(before, value))
  }
  return out
}
