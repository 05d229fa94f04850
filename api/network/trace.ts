import { isPublic } from './address.js'
import { beyondBalancer, beyondEndpoint } from './balancing/behind.js'
import { balancersNamed, usualListenerPort } from './balancing/known.js'
import { standpointAt } from './balancing/leg.js'
import { setting, state } from './deciding-rule.js'
import { judgeResolver } from './dns.js'
import type { Database } from './entities.js'
import { type AskedFlow, askedFlow, type Flow, firstPacket } from './flow.js'
import { type Journey, journeyOf, travel, verdictOf } from './journey.js'
import { judgeLambda } from './lambda.js'
import type { Model } from './model.js'
import {
  type Blocker,
  type Hop,
  type Missing,
  type Note,
  type SubnetTrace,
  TRACE_VERSION,
  type Trace,
} from './path.js'
import { needsName, resolve } from './resolve.js'
import { reply } from './rules/packet.js'
import type { Destination, Source } from './selectors.js'
import { hasGateway, serviceOfHost } from './services.js'
import { type Standpoint, sourceName, standpoints } from './standpoint.js'
import {
  ANYWHERE,
  databaseNodes,
  databasesNamed,
  type Resolution,
  type Target,
  target as targetAt,
} from './targets.js'
import * as sayName from './text/names.js'
import * as say from './text/routes.js'
import { noFamily, noVpcConfig } from './text/rules.js'
import { throughGroups } from './walk/filters.js'
import { onInternet } from './walk/internet.js'
import { run } from './walk/run.js'
import { block, pass, startWalk } from './walk/walk.js'

export { type Flow, TraceInputError } from './flow.js'

/**
 * Follows a flow through the model, out and back, from each of the source's subnets, and tells every component on the
 * way and everything that blocks it. Pure and deterministic.
 * @throws TraceInputError where the source or destination is none of the snapshot's, or the flow makes no sense
 */
export function trace(model: Model, source: Source, destination: Destination, flow: Flow): Trace {
  const asked = askedFlow({ ...flow, port: flow.port ?? usualPort(model, destination, flow.protocol) })
  const perSubnet = standpoints(model, source).map((from) => traceFrom(model, from, destination, asked))
  const worst = perSubnet.reduce((a, b) => (RANK[b.verdict] > RANK[a.verdict] ? b : a))
  return {
    ...worst,
    version: TRACE_VERSION,
    source: sourceName(source),
    destination: destinationName(destination),
    protocol: asked.name,
    port: asked.port,
    blockers: perSubnet.length === 1 ? worst.blockers : perSubnet.flatMap((t) => t.blockers),
    missing: perSubnet.length === 1 ? worst.missing : perSubnet.flatMap((t) => t.missing),
    notes: perSubnet.length === 1 ? worst.notes : unique(perSubnet.flatMap((t) => t.notes)),
    perSubnet,
  }
}

/** The port that a database listens on, or that AWS's APIs do, where the question names none. */
function usualPort(model: Model, destination: Destination, protocol: string): number | null {
  if (protocol.trim().toLowerCase() !== 'tcp') return null
  if (destination.kind === 'service') return 443
  if (destination.kind === 'load-balancer')
    return usualListenerPort(model, balancersNamed(model, destination.id))
  if (destination.kind === 'rds') return databasesNamed(model, destination.id)[0]?.port ?? null
  return null
}

const RANK = { reachable: 0, unknown: 1, unreachable: 2 } as const

function unique(notes: readonly Note[]): readonly Note[] {
  const seen = new Set<string>()
  return notes.filter((n) => {
    const key = `${n.code} ${n.component}`
    if (seen.has(key)) return false
    seen.add(key)
    return true
  })
}

/** A destination as text, in the form that `parseDestination` reads. */
export function destinationName(d: Destination): string {
  switch (d.kind) {
    case 'internet':
      return 'internet'
    case 'service':
      return d.region === undefined ? `service:${d.service}` : `service:${d.service}@${d.region}`
    case 'rds':
      return `rds:${d.id}`
    case 'load-balancer':
      return `lb:${d.id}`
    case 'address':
      return d.address
    case 'host':
      return d.host
    case 'eni':
    case 'instance':
      return d.address === undefined ? d.id : `${d.id}@${d.address}`
  }
}

function traceFrom(model: Model, from: Standpoint, destination: Destination, flow: AskedFlow): SubnetTrace {
  const blockers: Blocker[] = []
  const missing: Missing[] = []
  const notes: Note[] = []
  if (from.lambda !== null) {
    const found = judgeLambda(model, from.lambda, from.subnetId)
    blockers.push(...found.blockers)
    notes.push(...found.notes)
    missing.push(...found.missing)
  }
  if (from.dead !== null) {
    const rule = state(from.name, from.dead)
    const text = say.badState(from.name, from.dead)
    blockers.push({ code: 'BAD_STATE', component: from.name, direction: 'forward', rule, text })
    return assemble(from, { blockers, missing, notes, resolved: [], journey: null })
  }
  if (from.missing !== null) {
    missing.push(from.missing)
    return assemble(from, { blockers, missing, notes, resolved: [], journey: null })
  }
  const resolution = resolve(model, from, destination)
  if (needsName(destination) && from.vpcId !== null) {
    const reaches = (server: string) =>
      traceFrom(model, from, { kind: 'address', address: server }, DNS_QUERY).verdict
    const found = judgeResolver(model, from.vpcId, reaches)
    blockers.push(...found.blockers)
    notes.push(...found.notes)
    missing.push(...found.missing)
  }
  blockers.push(...resolution.blockers)
  missing.push(...resolution.missing)
  notes.push(...resolution.notes)
  const journeys = resolution.targets.map((t) => toTarget(model, from, t, flow))
  const journey = choose(journeys, resolution, destination, notes, missing)
  const hints = journey !== null && journey.verdict === 'unreachable' ? resolution.hints : []
  if (journey !== null) notes.push(...advise(destination, journey, resolution))
  return assemble(from, { blockers, missing, notes, resolved: resolution.resolved, journey, hints })
}

const DNS_QUERY: AskedFlow = {
  protocol: 17,
  port: 53,
  destinationPorts: [[53, 53]],
  sourcePorts: [[1024, 65535]],
  name: 'udp',
}

interface Parts {
  readonly blockers: readonly Blocker[]
  readonly missing: readonly Missing[]
  readonly notes: readonly Note[]
  readonly resolved: readonly string[]
  readonly journey: Journey | null
  readonly hints?: readonly Blocker[]
}

/** There is no way at all by the address that the name led to: a better path then explains more than the missing one. */
const NO_WAY = new Set(['NO_ROUTE_TO_DESTINATION', 'IGW_PUBLIC_IP_ASSOCIATION_FOR_EGRESS'])

/** What keeps a path from being better stands before the way that is missing in its place; where a way is only closed, after it. */
function withHints(blockers: readonly Blocker[], hints: readonly Blocker[]): readonly Blocker[] {
  // Nobody means to reach a peered VPC's database by the internet.
  const wrongAddress = hints.some(({ code }) => code === 'PEERING_DNS_RESOLUTION_DISABLED')
  const at = wrongAddress ? 0 : blockers.findIndex(({ code }) => NO_WAY.has(code))
  return at < 0 ? [...blockers, ...hints] : [...blockers.slice(0, at), ...hints, ...blockers.slice(at)]
}

function assemble(from: Standpoint, p: Parts): SubnetTrace {
  const blockers =
    p.journey === null ? p.blockers : [...p.blockers, ...withHints(p.journey.blockers, p.hints ?? [])]
  const missing = p.journey === null ? p.missing : [...p.missing, ...p.journey.missing]
  return {
    subnet: from.subnetId,
    availabilityZone: from.zone,
    verdict: verdictOf(blockers, missing),
    blockers: withSubnet(distinct(blockers), from.subnetId),
    hops: p.journey?.hops ?? [],
    returnHops: p.journey?.returnHops ?? [],
    missing: once(missing),
    seenAs: p.journey?.seenAs ?? null,
    resolved: p.resolved,
    notes: p.journey === null ? p.notes : [...p.notes, ...p.journey.notes],
  }
}

/** One missing answer is told once, however often it was looked for. */
function once(missing: readonly Missing[]): readonly Missing[] {
  if (missing.length < 2) return missing
  const seen = new Set<string>()
  return missing.filter((m) => {
    const key = `${m.call} ${m.component}`
    if (seen.has(key)) return false
    seen.add(key)
    return true
  })
}

function distinct(blockers: readonly Blocker[]): readonly Blocker[] {
  if (blockers.length < 2) return blockers
  const seen = new Set<string>()
  return blockers.filter((b) => {
    const key = `${b.code} ${b.component} ${b.direction} ${b.rule?.summary}`
    if (seen.has(key)) return false
    seen.add(key)
    return true
  })
}

function withSubnet(blockers: readonly Blocker[], subnet: string | null): readonly Blocker[] {
  if (subnet === null) return blockers
  return blockers.map((b) => (b.subnet === undefined ? { ...b, subnet } : b))
}

/** Of several addresses: the worst, since a client may meet any of them; or as the resolution says. */
function choose(
  journeys: readonly Journey[],
  resolution: Resolution,
  destination: Destination,
  notes: Note[],
  missing: Missing[],
): Journey | null {
  const [first, ...rest] = journeys
  if (first === undefined) return null
  if (resolution.combine === 'first-reachable') {
    const open = journeys.find((j) => j.verdict === 'reachable')
    if (open !== undefined && open !== first) {
      notes.push({ code: 'IPV4_BLOCKED', component: null, text: sayName.ipv4Blocked })
    }
    return open ?? first
  }
  const worst = rest.reduce((a, b) => (RANK[b.verdict] > RANK[a.verdict] ? b : a), first)
  if (
    resolution.combine === 'ambiguous' &&
    journeys.some((j) => j.verdict !== worst.verdict) &&
    worst.verdict === 'unreachable'
  ) {
    const open = journeys.find((j) => j.verdict !== 'unreachable') ?? first
    const component = destinationName(destination)
    missing.push({ call: 'describe-network-interfaces', component, text: sayName.ambiguousPlace(component) })
    return open
  }
  return worst
}

/** True findings on a path that works: a gateway endpoint that would do better than NAT. */
function advise(destination: Destination, journey: Journey, resolution: Resolution): readonly Note[] {
  const service =
    destination.kind === 'service'
      ? destination.service
      : destination.kind === 'host'
        ? (serviceOfHost(destination.host)?.service ?? null)
        : null
  const nat = journey.hops.find((h) => h.kind === 'nat-gateway')
  if (journey.verdict !== 'reachable' || service === null || nat === undefined) return []
  const out: Note[] = resolution.hints.map((h) => ({ code: h.code, component: h.component, text: h.text }))
  if (hasGateway(service)) {
    out.push({
      code: 'GATEWAY_ENDPOINT_BYPASSED',
      component: nat.component,
      text: sayName.gatewayBypassed(service, nat.component),
    })
  }
  return out
}

function toTarget(model: Model, from: Standpoint, target: Target, flow: AskedFlow): Journey {
  if (from.lambda !== null && from.lambda.vpc === null) {
    const journey = fromOutside(model, from, target, flow)
    return target.balancer === null ? journey : beyondBalancer(model, target.balancer, journey, null, flow)
  }
  const { family } = target.address
  const source = family === 4 ? from.v4 : (from.v6 ?? from.v4)
  if (source === null || source.address.family !== family) {
    const other = from.v4 ?? from.v6
    const component = from.name
    const text = say.noCommonFamily(component, target.label ?? target.address.text)
    const rule = setting(other?.subnetId ?? component, noFamily(family))
    const blocker: Blocker = { code: 'NO_COMMON_ADDRESS_FAMILY', component, direction: 'forward', rule, text }
    return {
      verdict: 'unreachable',
      blockers: [blocker],
      hops: [],
      returnHops: [],
      missing: [],
      notes: [],
      seenAs: null,
    }
  }
  const journey = travel(model, from, source, target, flow)
  if (target.balancer !== null) return beyondBalancer(model, target.balancer, journey, source, flow)
  if (target.endpoint !== null)
    return beyondEndpoint(model, target.endpoint, journey, source, target.node, flow)
  return target.proxy === null ? journey : beyondProxy(model, target.proxy, journey)
}

/**
 * A function outside any VPC: it has the internet and no private address.
 * https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html
 */
function fromOutside(model: Model, from: Standpoint, target: Target, flow: AskedFlow): Journey {
  const w = startWalk(model, 'forward', target.node, null, [])
  const back = startWalk(model, 'return', null, null, [])
  const address = target.address.family === 4 ? ANYWHERE : null
  const packet = {
    ...firstPacket(flow, address ?? target.address, target.address, target.label, target.listId),
    sourceLabel: 'AWS Lambda',
  }
  const isPrivate = target.node !== null || !isPublic(target.address)
  if (isPrivate || address === null) {
    const rule = setting(from.name, noVpcConfig)
    block(w, 'lambda', from.name, packet, 'FUNCTION_NOT_IN_VPC', rule, say.noVpc(from.name))
  } else {
    pass(w, 'lambda', from.name, packet, null, say.outsideLambda(from.name))
    const end = run(w, onInternet(w, packet))
    if (end.at === 'delivered') {
      throughGroups(w, end.node, false, end.packet, {
        address: end.packet.source,
        groupIds: [],
        referable: 'no',
        listId: null,
      })
      const { subnet, component, publicIp } = end.node
      if (subnet !== null) {
        run(back, {
          at: 'subnet',
          subnet,
          packet: reply(end.packet),
          origin: { kind: 'interface', component, publicIp, lambda: false },
        })
      }
    }
  }
  return journeyOf([w], back, null)
}

/**
 * The proxy's own leg to its databases: its groups and subnets send, the database's admit.
 * https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-proxy-network-prereqs.html
 */
function beyondProxy(model: Model, proxy: Database, journey: Journey): Journey {
  const blockers: Blocker[] = [...journey.blockers]
  const missing: Missing[] = [...journey.missing]
  const hops: Hop[] = [...journey.hops]
  const targets = model.proxyTargets.get(`${proxy.scope} ${proxy.id.toLowerCase()}`)
  const lack = (component: string, call: string) =>
    missing.push({ call, component, text: say.notInSnapshot(component, call) })
  if (targets === undefined) lack(proxy.id, 'describe-db-proxy-targets')
  const seen = new Set<string>()
  const nodes = databaseNodes(model, proxy)
  for (const t of targets ?? []) {
    if (t.type === 'TRACKED_CLUSTER' || t.resourceId === null) continue
    const id = t.resourceId.slice(t.resourceId.lastIndexOf(':') + 1)
    const database = databasesNamed(model, id).find((d) => d.kind !== 'proxy')
    if (database === undefined) {
      lack(id, 'describe-db-instances')
      continue
    }
    const port = t.port ?? database.port
    const flow = askedFlow({ protocol: 'tcp', port })
    for (const node of nodes) {
      const from = standpointAt(proxy.id, node)
      const legs = databaseNodes(model, database).map((n) =>
        travel(model, from, node, targetAt(n.address, n), flow),
      )
      const leg = legs.reduce<Journey | null>(
        (a, b) => (a === null || RANK[b.verdict] < RANK[a.verdict] ? b : a),
        null,
      )
      if (leg === null) continue
      if (seen.size === 0) hops.push(...leg.hops)
      seen.add(node.subnetId)
      for (const { subnet: _, ...b } of leg.blockers) {
        if (
          !blockers.some(
            (x) => x.code === b.code && x.component === b.component && x.direction === b.direction,
          )
        )
          blockers.push(b)
      }
      missing.push(...leg.missing)
    }
  }
  return { ...journey, verdict: verdictOf(blockers, missing), blockers, missing, hops }
}
