import { aclDenies } from './filters.js'
import type { End, Finding, Shot, Way } from './packet.js'
import type { Attachment, Nat } from './places.js'
import {
  attachments,
  cidrsOf,
  endAt,
  endBehind,
  nats,
  privateCode,
  subnet,
  subnetAt,
  zoneOf,
} from './places.js'
import { type Answers, byId, inside, list, part, text } from './raw.js'
import { lookUp, lookUpTransit, tableOf } from './routes.js'

export interface Connection {
  readonly nat: Nat
  readonly before: Shot
}

/** One packet's way in one direction. */
export interface Trip {
  readonly findings: Finding[]
  readonly via: { nat: boolean; public: boolean; transit: boolean; farRegion: boolean }
  readonly connections: Connection[]
  outcome:
    | { readonly kind: 'delivered'; readonly to: End; readonly packet: Shot }
    | { readonly kind: 'internet'; readonly packet: Shot }
    | { readonly kind: 'service'; readonly vpc: string; readonly packet: Shot }
    | { readonly kind: 'stopped' }
    | { readonly kind: 'loop' }
    /** Left AWS: nobody here can tell. */
    | { readonly kind: 'beyond'; readonly vpc: string; readonly packet: Shot }
}

/** Who puts the packet into a subnet's table. */
interface Sender {
  readonly kind: 'end' | 'nat' | 'transit'
  readonly name: string
  readonly public: string | null
}

type Next =
  | { readonly go: 'leave'; readonly subnet: string; readonly packet: Shot; readonly sender: Sender }
  | { readonly go: 'arrive'; readonly vpc: string; readonly packet: Shot; readonly from: string | null }
  | { readonly go: 'outside'; readonly packet: Shot }
  | { readonly go: 'transit'; readonly attachment: Attachment; readonly packet: Shot }
  | { readonly go: 'end'; readonly outcome: Trip['outcome'] }

interface Context {
  readonly answers: Answers
  readonly way: Way
  /** Where a packet to this address is at home though no answer lists it: the asker's own host. */
  readonly home: End
  readonly natPort: number
  readonly wentOut: boolean
  readonly trip: Trip
  zone: string
}

const STOPPED: Next = { go: 'end', outcome: { kind: 'stopped' } }

export interface Start {
  readonly answers: Answers
  readonly way: Way
  readonly home: End
  readonly natPort: number
  readonly connections: readonly Connection[]
  /** Of an answer: whether what it answers went by the internet, and was judged there. */
  readonly wentOut: boolean
}

function newTrip(start: Start): Trip {
  return {
    findings: [],
    via: { nat: false, public: false, transit: false, farRegion: false },
    connections: [...start.connections],
    outcome: { kind: 'stopped' },
  }
}

/** Sends a packet from an end. */
export const fromEnd = (start: Start, sender: End, packet: Shot): Trip =>
  follow(start, zoneOf(start.answers, sender.subnet), {
    go: 'leave',
    subnet: sender.subnet,
    packet,
    sender: { kind: 'end', name: sender.name, public: sender.public },
  })

/** A packet comes from the internet. */
export const fromOutside = (start: Start, packet: Shot): Trip => follow(start, '', { go: 'outside', packet })

/** A packet comes from an AWS service through a gateway endpoint. */
export const fromService = (start: Start, vpc: string, packet: Shot): Trip =>
  follow(start, '', { go: 'arrive', vpc, packet, from: null })

function follow(start: Start, zone: string, first: Next): Trip {
  const c: Context = { ...start, trip: newTrip(start), zone }
  let next = first
  for (let turn = 0; turn < 40; turn++) {
    if (next.go === 'end') {
      c.trip.outcome = next.outcome
      return c.trip
    }
    next = step(c, next)
  }
  c.trip.outcome = { kind: 'loop' }
  return c.trip
}

function find(c: Context, code: string, component: string): void {
  c.trip.findings.push(`${code} ${component} ${c.way}`)
}

function edge(c: Context, subnetId: string, egress: boolean, p: Shot): void {
  const acl = aclDenies(c.answers, subnetId, egress, p)
  if (acl !== null) find(c, 'SUBNET_ACL_RESTRICTION', acl)
}

function step(c: Context, next: Exclude<Next, { go: 'end' }>): Next {
  switch (next.go) {
    case 'leave':
      return leave(c, next.subnet, next.packet, next.sender)
    case 'arrive':
      return arrive(c, next.vpc, next.packet, next.from)
    case 'outside':
      return outside(c, next.packet)
    case 'transit':
      return transit(c, next.attachment, next.packet)
  }
}

function leave(c: Context, subnetId: string, p: Shot, sender: Sender): Next {
  const here = subnet(c.answers, subnetId)
  const vpc = text(here, 'VpcId') ?? ''
  if (inside(text(here, 'CidrBlock') ?? '', p.dst)) return { go: 'arrive', vpc, packet: p, from: subnetId }
  edge(c, subnetId, true, p)
  const table = tableOf(c.answers, subnetId, vpc)
  const tableId = text(table, 'RouteTableId') ?? ''
  const hit = lookUp(c.answers, table, p.dst)
  if (hit === null) {
    find(c, 'NO_ROUTE_TO_DESTINATION', tableId)
    return STOPPED
  }
  if (hit.blackhole) {
    find(c, 'BAD_STATE_ROUTE', tableId)
    return STOPPED
  }
  const [kind] = hit.target.split('-')
  switch (kind) {
    case 'local':
      return { go: 'arrive', vpc, packet: p, from: subnetId }
    case 'igw':
      return toInternetGateway(c, hit.target, vpc, p, sender)
    case 'nat':
      return toNat(c, hit.target, tableId, subnetId, p, sender)
    case 'pcx':
      return toPeering(c, hit.target, vpc, p)
    case 'tgw':
      return toTransit(c, hit.target, vpc, subnetId, p)
    case 'vpce':
      return toEndpoint(c, hit.target, vpc, p)
    case 'eni':
      return toAppliance(c, hit.target, subnetId, p)
    case 'vgw':
      return { go: 'end', outcome: { kind: 'beyond', vpc, packet: p } }
    default:
      throw new Error(`the oracle knows no ${hit.target}`)
  }
}

function toInternetGateway(c: Context, id: string, vpc: string, p: Shot, sender: Sender): Next {
  let ok = true
  const block = (code: string, component: string) => {
    find(c, code, component)
    ok = false
  }
  const gateway = byId(c.answers, 'describe-internet-gateways', 'InternetGateways', 'InternetGatewayId', id)
  const attached = list(gateway, 'Attachments').some((a) => a['VpcId'] === vpc && a['State'] === 'available')
  if (!attached) block('BAD_STATE_ATTACHMENT', id)
  if (!c.wentOut && publicAccessBlocked(c.answers, sender.kind === 'nat'))
    block('VPC_BLOCK_PUBLIC_ACCESS_ENABLED', vpc)
  const notPublic = privateCode(p.dst)
  if (notPublic !== null) block(notPublic, id)
  else if (sender.public === null) block('IGW_PUBLIC_IP_ASSOCIATION_FOR_EGRESS', id)
  if (!ok || sender.public === null) return STOPPED
  return { go: 'outside', packet: { ...p, src: sender.public } }
}

function publicAccessBlocked(answers: Answers, outwardOnly: boolean): boolean {
  const options = answers.get('describe-vpc-block-public-access-options')
  const mode = text(part(options, 'VpcBlockPublicAccessOptions'), 'InternetGatewayBlockMode') ?? 'off'
  return mode === 'block-bidirectional' || (mode === 'block-ingress' && !outwardOnly)
}

function outside(c: Context, p: Shot): Next {
  c.trip.via.public = true
  const open = c.trip.connections.at(-1)
  if (c.way === 'return' && open !== undefined && open.nat.outer === p.dst) {
    return { go: 'arrive', vpc: open.nat.vpc, packet: { ...p, dst: open.nat.inner }, from: null }
  }
  const nat = nats(c.answers).find((n) => n.outer === p.dst)
  if (nat !== undefined) {
    find(c, 'NAT_GATEWAY_REJECTS_UNSOLICITED', nat.id)
    return STOPPED
  }
  const end = endBehind(c.answers, p.dst) ?? (c.home.public === p.dst ? c.home : undefined)
  if (end === undefined) return { go: 'end', outcome: { kind: 'internet', packet: p } }
  const gateway = list(c.answers.get('describe-internet-gateways'), 'InternetGateways').find((g) =>
    list(g, 'Attachments').some((a) => a['VpcId'] === end.vpc),
  )
  if (gateway === undefined) {
    find(c, 'BAD_STATE_ATTACHMENT', end.vpc)
    return STOPPED
  }
  if (!c.wentOut && publicAccessBlocked(c.answers, false)) {
    find(c, 'VPC_BLOCK_PUBLIC_ACCESS_ENABLED', end.vpc)
    return STOPPED
  }
  return { go: 'arrive', vpc: end.vpc, packet: { ...p, dst: end.address }, from: null }
}

function toNat(c: Context, id: string, tableId: string, from: string, p: Shot, sender: Sender): Next {
  const nat = nats(c.answers).find((n) => n.id === id)
  if (nat === undefined) {
    find(c, 'BAD_STATE', id)
    return STOPPED
  }
  if (nat.subnet !== from) edge(c, nat.subnet, false, p)
  if (sender.kind === 'nat' && sender.name === id) {
    find(c, 'NO_ROUTE_TO_DESTINATION', tableId)
    return STOPPED
  }
  if (c.way === 'return') {
    find(c, 'NAT_GATEWAY_REJECTS_UNSOLICITED', id)
    return STOPPED
  }
  const carried = [1, 6, 17].includes(p.protocol)
  if (nat.state !== 'available') find(c, 'BAD_STATE', id)
  if (!carried) find(c, 'PROTOCOL_RESTRICTION', id)
  if (nat.state !== 'available' || !carried) return STOPPED
  c.trip.via.nat = true
  c.trip.connections.push({ nat, before: p })
  const packet = { ...p, src: nat.inner, sport: p.sport === 0 ? 0 : c.natPort }
  return { go: 'leave', subnet: nat.subnet, packet, sender: { kind: 'nat', name: id, public: nat.outer } }
}

function toPeering(c: Context, id: string, vpc: string, p: Shot): Next {
  const peering = byId(
    c.answers,
    'describe-vpc-peering-connections',
    'VpcPeeringConnections',
    'VpcPeeringConnectionId',
    id,
  )
  const sides = [part(peering, 'RequesterVpcInfo'), part(peering, 'AccepterVpcInfo')]
  const [far] = sides.filter((s) => s !== undefined && s['VpcId'] !== vpc)
  if (peering === undefined || far === undefined) {
    find(c, 'BAD_STATE', id)
    return STOPPED
  }
  const farVpc = text(far, 'VpcId') ?? ''
  const active = text(part(peering, 'Status'), 'Code') === 'active'
  if (!active) find(c, 'BAD_STATE', id)
  const between =
    cidrsOf(c.answers, vpc).some((r) => inside(r, p.src)) &&
    cidrsOf(c.answers, farVpc).some((r) => inside(r, p.dst))
  if (!between) find(c, 'PCX_REQUIRES_ADDRESS_IN_VPC_CIDR', id)
  if (!active || !between) return STOPPED
  if (sides[0]?.['Region'] !== sides[1]?.['Region']) c.trip.via.farRegion = true
  return { go: 'arrive', vpc: farVpc, packet: p, from: null }
}

function toTransit(c: Context, tgw: string, vpc: string, from: string, p: Shot): Next {
  const attachment = attachments(c.answers).find((a) => a.tgw === tgw && a.vpc === vpc)
  if (attachment === undefined) {
    find(c, 'BAD_STATE_ATTACHMENT', tgw)
    return STOPPED
  }
  if (attachment.state !== 'available') {
    find(c, 'BAD_STATE_ATTACHMENT', attachment.id)
    return STOPPED
  }
  const zone = zoneOf(c.answers, from)
  const entry = attachment.subnets.find((s) => zoneOf(c.answers, s) === zone)
  if (entry === undefined) {
    find(c, 'TGW_ATTACH_VPC_AZ_RESTRICTION', attachment.id)
    return STOPPED
  }
  c.trip.via.transit = true
  c.zone = zone
  edge(c, entry, false, p)
  return { go: 'transit', attachment, packet: p }
}

function transit(c: Context, from: Attachment, p: Shot): Next {
  if (from.table === null) {
    find(c, 'TGW_ATTACH_MISSING_TGW_RTB_ASSOCIATION', from.id)
    return STOPPED
  }
  const route = lookUpTransit(c.answers, from.table, p.dst)
  if (route === null) {
    find(c, 'TGW_RTB_NO_ROUTE_TO_TGW_ATTACHMENT', from.table)
    return STOPPED
  }
  const to = text(list(route, 'TransitGatewayAttachments')[0], 'TransitGatewayAttachmentId')
  const attachment = attachments(c.answers).find((a) => a.id === to)
  if (route['State'] === 'blackhole' || attachment === undefined) {
    find(c, 'TGW_RTB_BAD_STATE_ROUTE', from.table)
    return STOPPED
  }
  if (attachment.state !== 'available') {
    find(c, 'BAD_STATE_ATTACHMENT', attachment.id)
    return STOPPED
  }
  const target = subnetAt(c.answers, attachment.vpc, p.dst)
  const near = target === undefined ? '' : text(target, 'AvailabilityZone')
  const entry =
    attachment.subnets.find((s) => zoneOf(c.answers, s) === c.zone) ??
    attachment.subnets.find((s) => zoneOf(c.answers, s) === near) ??
    attachment.subnets[0] ??
    ''
  const sender: Sender = { kind: 'transit', name: attachment.id, public: null }
  return { go: 'leave', subnet: entry, packet: p, sender }
}

function toEndpoint(c: Context, id: string, vpc: string, p: Shot): Next {
  if (p.protocol !== 6 && p.protocol !== 1) {
    find(c, 'VPCE_GATEWAY_PROTOCOL_RESTRICTION', id)
    return STOPPED
  }
  if (!cidrsOf(c.answers, vpc).some((r) => inside(r, p.src))) {
    find(c, 'VPCE_GATEWAY_EGRESS_SOURCE_ADDRESS_RESTRICTION', id)
    return STOPPED
  }
  return { go: 'end', outcome: { kind: 'service', vpc, packet: p } }
}

/** A route to an interface that checks source and destination: it takes only what is addressed to it. */
function toAppliance(c: Context, id: string, from: string, p: Shot): Next {
  const eni = byId(c.answers, 'describe-network-interfaces', 'NetworkInterfaces', 'NetworkInterfaceId', id)
  const where = text(eni, 'SubnetId') ?? ''
  if (list(eni, 'PrivateIpAddresses').some((a) => a['PrivateIpAddress'] === p.dst))
    return { go: 'arrive', vpc: text(eni, 'VpcId') ?? '', packet: p, from }
  if (where !== from) edge(c, where, false, p)
  if (eni?.['SourceDestCheck'] === false) throw new Error('the oracle knows no appliances')
  find(c, 'ENI_SOURCE_DEST_CHECK_RESTRICTION', id)
  return STOPPED
}

function arrive(c: Context, vpc: string, p: Shot, from: string | null): Next {
  const here = text(subnetAt(c.answers, vpc, p.dst), 'SubnetId')
  if (here === null) {
    find(c, 'NO_SUBNET_AT_ADDRESS', vpc)
    return STOPPED
  }
  if (from !== here) edge(c, here, false, p)
  const open = c.trip.connections.at(-1)
  if (c.way === 'return' && open !== undefined && open.nat.inner === p.dst && open.nat.subnet === here) {
    c.trip.connections.pop()
    const { before } = open
    const packet = { ...p, src: before.dst, dst: before.src, dport: before.sport }
    return { go: 'leave', subnet: here, packet, sender: { kind: 'nat', name: open.nat.id, public: null } }
  }
  const nat = nats(c.answers).find((n) => n.vpc === vpc && n.inner === p.dst)
  if (nat !== undefined) {
    find(c, 'NAT_GATEWAY_REJECTS_UNSOLICITED', nat.id)
    return STOPPED
  }
  const isHome = c.home.vpc === vpc && c.home.address === p.dst
  const to = isHome ? c.home : endAt(c.answers, vpc, p.dst)
  if (to === undefined) {
    find(c, 'NO_INTERFACE_AT_ADDRESS', here)
    return STOPPED
  }
  if (to.dead && c.way === 'forward') find(c, 'BAD_STATE', to.name)
  return { go: 'end', outcome: { kind: 'delivered', to, packet: p } }
}
