import { parseAddress } from '../address.js'
import { absence, setting, state } from '../deciding-rule.js'
import type { Endpoint } from '../entities.js'
import { type AskedFlow, firstPacket } from '../flow.js'
import type { Journey } from '../journey.js'
import type { Model } from '../model.js'
import type { Blocker, HopKind, Missing } from '../path.js'
import { TCP, UDP } from '../rules/packet.js'
import type { BalancerEnd } from '../targets.js'
import * as say from '../text/balancers.js'
import * as sayRoute from '../text/routes.js'
import { throughGroups } from '../walk/filters.js'
import { block, type Node, pass, startWalk, unsure } from '../walk/walk.js'
import type { EndpointService, Listener, LoadBalancer } from './entities.js'
import { toGroup } from './group.js'
import { ended, joined } from './journeys.js'
import { balancerNodes, carries, groupsOf, terminates } from './known.js'
import { type Client, ofFamily } from './way.js'

/**
 * What a load balancer does with a packet that reached it, or would have: its listener, the target groups of the default
 * action, and a way of its own to each target that it sends to. All of them count: a client may meet any.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/userguide/how-elastic-load-balancing-works.html
 */
export function beyondBalancer(
  model: Model,
  end: BalancerEnd,
  front: Journey,
  source: Node | null,
  flow: AskedFlow,
): Journey {
  // A NAT gateway on the way gives the packet another source, a private one where it leads into another VPC.
  const seen = parseAddress(front.seenAs ?? front.hops.at(-1)?.packet.source ?? '')
  const client = source === null ? null : { address: seen ?? source.address, eniId: source.eni?.id ?? null }
  return joined(front, behind(model, end, client, flow))
}

/**
 * An interface endpoint of a service that somebody offers behind Network Load Balancers. Its own rules stand before it; the load
 * balancer judges by the client's address, unless its inbound rules are set aside for PrivateLink, and sends on under its own.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/network/load-balancer-security-groups.html
 * https://docs.aws.amazon.com/vpc/latest/privatelink/create-endpoint-service.html
 */
export function beyondEndpoint(
  model: Model,
  endpoint: Endpoint,
  front: Journey,
  source: Node,
  node: Node | null,
  flow: AskedFlow,
): Journey {
  if (!endpoint.serviceName.includes('.vpce-svc-')) return front
  const service = model.endpointServices.get(endpoint.serviceName)
  const balancers = (service?.balancerArns ?? [])
    .map((arn) => model.loadBalancers.get(arn))
    .filter((one) => one !== undefined)
  if (service === undefined || balancers.length === 0) {
    const text = say.serviceElsewhere(endpoint.id, endpoint.serviceName)
    const note = { code: 'BEHIND_ENDPOINT_SERVICE_NOT_TRACED', component: endpoint.id, text }
    return { ...front, notes: [...front.notes, note] }
  }
  const client = { address: source.address, eniId: null }
  const backs = balancers.map((balancer) => {
    const nodes = balancerNodes(model, balancer)
    const at = nodes.find(({ subnet }) => subnet !== null && subnet.zone === node?.subnet?.zone) ?? null
    const end: BalancerEnd = { balancer, node: at, privateLink: true }
    return joined(
      intoBalancer(model, service, end, at ?? nodes[0], client, flow),
      behind(model, end, client, flow),
    )
  })
  return backs.reduce(joined, front)
}

/** From PrivateLink into a load balancer: no subnet and no route table of anybody's lies between. */
function intoBalancer(
  model: Model,
  { name }: EndpointService,
  { balancer }: BalancerEnd,
  node: Node | undefined,
  client: Client,
  flow: AskedFlow,
): Journey {
  const w = startWalk(model, 'forward', null, null, [])
  if (node === undefined) {
    const call = 'describe-subnets'
    w.missing.push({ call, component: balancer.name, text: sayRoute.notInSnapshot(balancer.name, call) })
    return ended(w, [])
  }
  const packet = firstPacket(flow, client.address, ofFamily(node, client.address.family).address, null, null)
  pass(w, 'load-balancer', balancer.name, packet, null, say.serviceBehind(name, balancer.name))
  if (balancer.rulesForPrivateLink) {
    const peer = { address: client.address, groupIds: [], referable: 'no', listId: null } as const
    throughGroups(w, node, false, packet, peer)
  }
  const own = ended(w, [])
  return { ...own, hops: w.hops }
}

function behind(
  model: Model,
  end: BalancerEnd,
  client: Client | null,
  flow: AskedFlow,
  isInner = false,
): Journey {
  const { balancer } = end
  const [first] = end.node === null ? balancerNodes(model, balancer) : [end.node]
  const w = startWalk(model, 'forward', null, null, [])
  const address = first?.address ?? client?.address ?? parseAddress('0.0.0.0')
  if (address === null) return ended(w, [])
  const packet = firstPacket(flow, client?.address ?? address, address, null, null)
  if (balancer.state === 'provisioning' || balancer.state === 'failed') {
    const text = sayRoute.badState(balancer.name, balancer.state)
    block(w, 'load-balancer', balancer.name, packet, 'BAD_STATE', state(balancer.name, balancer.state), text)
  }
  if (balancer.type !== 'application' && balancer.type !== 'network') {
    const text = say.behindUntold(balancer.name, balancer.type)
    w.notes.push({ code: 'BEHIND_LOAD_BALANCER_NOT_TRACED', component: balancer.name, text })
    return ended(w, [])
  }
  const unknown = (kind: HopKind, component: string, missing: Missing, code = 'UNKNOWN_RESOURCE') =>
    unsure(w, kind, component, packet, code, missing)
  const listeners = model.listeners.get(balancer.arn)
  if (listeners === undefined) {
    const text = say.listenersMissing(balancer.name)
    unknown('listener', balancer.name, { call: 'describe-listeners', component: balancer.arn, text })
    return ended(w, [])
  }
  if ((flow.protocol !== TCP && flow.protocol !== UDP) || flow.port === null) {
    const text = say.protocolUndocumented(balancer.name, flow.name)
    const missing = { call: null, component: balancer.name, text }
    unknown('listener', balancer.name, missing, 'UNSUPPORTED_COMPONENT')
    return ended(w, [])
  }
  const listener = listeners.find((one) => one.port === flow.port && carries(one, flow.protocol))
  if (listener === undefined) {
    const asked = `${flow.name}/${flow.port}`
    const others = listeners
      .map((one) => `${one.protocol}:${one.port}`)
      .sort()
      .join(', ')
    const rule = absence(balancer.name, say.noListenerRule(asked, others))
    const text = say.noListener(balancer.name, asked, others)
    block(w, 'listener', balancer.name, packet, 'ELBV2_LISTENERS_MISMATCH', rule, text)
    return ended(w, [])
  }
  const name = `${balancer.name}:${listener.port}`
  const groups = groupsOf(listener)
  const actions = listener.actions.map(({ type }) => type).join(', ')
  const named = groups.map((arn) => model.targetGroups.get(arn)?.name ?? arn)
  const rule = setting(
    balancer.name,
    say.listenerAction(listener.protocol, groups.length === 0 ? actions : named.join(', ')),
    listener.raw,
  )
  if (groups.length === 0 && !listener.actions.every(({ type }) => ANSWERS_ITSELF.has(type))) {
    const missing = { call: null, component: name, text: say.actionUnknown(name, actions) }
    unsure(w, 'listener', name, packet, 'UNSUPPORTED_COMPONENT', missing, rule)
    return ended(w, [])
  }
  const text =
    groups.length === 0
      ? say.listenerAnswers(name, listener.protocol, actions)
      : say.listenerPass(name, listener.protocol, named)
  pass(w, 'listener', name, packet, rule, text)
  // A load balancer forwards to another one at most once.
  const inner = isInner
    ? null
    : (next: BalancerEnd, asked: AskedFlow) => behind(model, next, client, asked, true)
  const legs = groups.flatMap((arn) => {
    const group = model.targetGroups.get(arn)
    if (group !== undefined) return toGroup({ model, end, client, flow, w, packet, inner }, group)
    unknown('target-group', arn, {
      call: 'describe-target-groups',
      component: arn,
      text: sayRoute.notInSnapshot(arn, 'describe-target-groups'),
    })
    return []
  })
  return told(ended(w, legs), balancer, listener)
}

const ANSWERS_ITSELF = new Set(['redirect', 'fixed-response', 'authenticate-oidc', 'authenticate-cognito'])

/** Where the load balancer ends the client's connection, a fault behind it doesn't keep that from being made. */
function told(journey: Journey, balancer: LoadBalancer, listener: Listener): Journey {
  if (!terminates(balancer, listener)) return journey
  const mark = (one: Blocker): Blocker =>
    one.code === 'BAD_STATE' && one.component === balancer.name ? one : { ...one, behind: balancer.name }
  return { ...journey, blockers: journey.blockers.map(mark) }
}
