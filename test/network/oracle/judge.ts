import { groupsDeny, type Other } from './filters.js'
import { answerTo, type End, type Finding, type Shot, withPorts } from './packet.js'
import { endAt, endOf, isSomewhere, subnet } from './places.js'
import { type Answers, bits, ip, type Json, list, number, part, text } from './raw.js'
import { fromEnd, fromOutside, fromService, type Start, type Trip } from './walk.js'

/** A flow as it is asked of the command line, the source by its parts. */
export interface Asked {
  readonly from: { readonly instance: string } | Host
  readonly to: string
  readonly protocol: string
  readonly port: number | null
  readonly sourcePort: number | null
}

/** A host of a subnet that the snapshot doesn't list; without an address, whichever of the subnet's. */
export interface Host {
  readonly subnet: string
  readonly groups: readonly string[]
  readonly address: string | null
}

export interface Judgement {
  readonly verdict: 'reachable' | 'unreachable' | 'unknown'
  readonly findings: ReadonlySet<Finding>
  /** Every packet came to its end, so that the findings are all that there is to find. */
  readonly whole: boolean
  /** Packets of several kinds were sent: what they found about groups differs by kind. */
  readonly many: boolean
  /** Null unless the host's address matters and isn't told. */
  readonly dependsOnAddress: boolean
}

const NUMBERS: { readonly [name: string]: readonly number[] } = { tcp: [6], udp: [17], icmp: [1] }
/** Stand for every protocol: those with ports, with types, and some with neither. */
const EVERY = [6, 17, 1, 47, 50, 132]

/** Sends packet after packet, each with its own ports, and gathers what stopped any of them. */
export function judge(answers: Answers, asked: Asked): Judgement {
  const hosts = hostsOf(answers, asked)
  const all = hosts.map((host) => judgeHost(answers, host, asked))
  const [first] = all
  if (first === undefined) throw new Error('the flow has no source')
  const same = all.every((j) => describe(j) === describe(first))
  return same ? first : { ...first, dependsOnAddress: true }
}

const describe = (j: Judgement): string => `${j.verdict} ${[...j.findings].toSorted().join(',')}`

function hostsOf(answers: Answers, asked: Asked): readonly End[] {
  const { from } = asked
  if ('instance' in from) {
    const end = endOf(answers, from.instance)
    return end === undefined ? [] : [end]
  }
  const where = subnet(answers, from.subnet)
  const cidr = text(where, 'CidrBlock') ?? ''
  const addresses = from.address === null ? addressesThatMatter(answers, cidr) : [from.address]
  return addresses.map((address) => ({
    name: from.subnet,
    eniId: null,
    vpc: text(where, 'VpcId') ?? '',
    subnet: from.subnet,
    address,
    groups: from.groups,
    public: null,
    dead: false,
    ungrouped: false,
  }))
}

/** Of a subnet's addresses, one on each side of every range that any rule names. */
function addressesThatMatter(answers: Answers, cidr: string): readonly string[] {
  const size = 2 ** (32 - bits(cidr))
  const base = Math.floor(ip(cidr.split('/')[0] ?? '') / size) * size
  const wanted = new Set([base, base + size - 1])
  for (const range of JSON.stringify([...answers]).match(/\d+\.\d+\.\d+\.\d+\/\d+/g) ?? []) {
    const length = 2 ** (32 - bits(range))
    const low = Math.floor(ip(range.split('/')[0] ?? '') / length) * length
    for (const n of [low - 1, low, low + length - 1, low + length]) {
      if (n >= base && n < base + size) wanted.add(n)
    }
  }
  return [...wanted].map((n) => [24, 16, 8, 0].map((s) => Math.floor(n / 2 ** s) % 256).join('.'))
}

/** Ports at which some rule begins or ends, and their neighbours. */
function portsThatMatter(answers: Answers): readonly number[] {
  const ports = new Set([0, 1023, 1024, 65535])
  const add = (range: Json | undefined, low: string, high: string) => {
    for (const [key, step] of [
      [low, -1],
      [high, 1],
    ] as const) {
      const n = number(range, key)
      if (n === null) continue
      for (const p of [n, n + step]) if (p >= 0 && p <= 65535) ports.add(p)
    }
  }
  for (const acl of list(answers.get('describe-network-acls'), 'NetworkAcls'))
    for (const e of list(acl, 'Entries')) add(part(e, 'PortRange'), 'From', 'To')
  for (const group of list(answers.get('describe-security-groups'), 'SecurityGroups'))
    for (const key of ['IpPermissions', 'IpPermissionsEgress'])
      for (const rule of list(group, key)) add(rule, 'FromPort', 'ToPort')
  return [...ports]
}

function judgeHost(answers: Answers, host: End, asked: Asked): Judgement {
  const ports = portsThatMatter(answers)
  const high = ports.filter((p) => p >= 1024)
  const protocols = asked.protocol === 'all' ? EVERY : (NUMBERS[asked.protocol] ?? [Number(asked.protocol)])
  const findings = new Set<Finding>()
  const byProtocol: Set<Finding>[] = []
  let [whole, beyond, kinds] = [true, false, 0]
  const send = (shot: Shot, natPort: number): RoundTrip => {
    const one = roundTrip(answers, host, shot, natPort)
    for (const f of one.findings) findings.add(f)
    for (const f of one.findings) byProtocol.at(-1)?.add(f)
    whole &&= one.whole
    beyond ||= one.beyond
    return one
  }
  for (const protocol of protocols) {
    byProtocol.push(new Set())
    const dports = withPorts(protocol) ? (asked.port === null ? ports : [asked.port]) : [0]
    const sports = withPorts(protocol) ? (asked.sourcePort === null ? high : [asked.sourcePort]) : [0]
    const [dport = 0] = dports
    const [sport = 0] = sports
    const types = protocol === 1 ? (asked.protocol === 'all' ? [8, 0, 3] : [8]) : [0]
    kinds += dports.length * types.length
    for (const type of types) {
      const shot: Shot = { src: host.address, dst: asked.to, protocol, sport, dport, type, code: 0 }
      // Nothing looks at two of the three ports at once, so that each is varied by itself.
      const { translated } = send(shot, 1024)
      for (const d of dports.slice(1)) send({ ...shot, dport: d }, 1024)
      for (const s of sports.slice(1)) send({ ...shot, sport: s }, 1024)
      if (translated && withPorts(protocol)) for (const n of high) send(shot, n)
    }
  }
  const verdict =
    findings.size === 0 && beyond ? 'unknown' : findings.size > 0 || !whole ? 'unreachable' : 'reachable'
  // Where packets get lost, the flow is followed no further than all its protocols get.
  return {
    verdict,
    findings: whole ? findings : common(byProtocol),
    whole,
    many: kinds > 1,
    dependsOnAddress: false,
  }
}

const common = (sets: readonly ReadonlySet<Finding>[]): ReadonlySet<Finding> =>
  new Set([...(sets[0] ?? [])].filter((f) => sets.every((s) => s.has(f))))

interface RoundTrip {
  readonly findings: readonly Finding[]
  readonly whole: boolean
  readonly beyond: boolean
  /** It went through a NAT gateway, which chose a port of its own. */
  readonly translated: boolean
}

function roundTrip(answers: Answers, host: End, shot: Shot, natPort: number): RoundTrip {
  const start: Start = { answers, way: 'forward', home: host, natPort, connections: [], wentOut: false }
  const target = endAt(answers, host.vpc, shot.dst)
  if (host.eniId !== null && target?.eniId === host.eniId)
    return {
      findings: host.dead ? [`BAD_STATE ${host.name} forward`] : [],
      whole: true,
      beyond: false,
      translated: false,
    }
  const out = fromEnd(start, host, shot)
  const findings = [...out.findings]
  if (host.dead) findings.push(`BAD_STATE ${host.name} forward`)
  const { outcome } = out
  const peer = outcome.kind === 'delivered' ? outcome.to : null
  const finished = outcome.kind !== 'stopped' && outcome.kind !== 'loop' && outcome.kind !== 'beyond'
  for (const f of senderDenies(answers, host, shot, out, peer, finished)) findings.push(f)
  const translated = out.connections.length > 0
  const back: Start = { ...start, way: 'return', connections: out.connections, wentOut: out.via.public }
  if (outcome.kind === 'beyond') {
    // Whoever answers out there, the answer comes in again where the question left.
    findings.push(...fromService(back, outcome.vpc, answerTo(outcome.packet)).findings)
  }
  if (!finished) return { findings, whole: false, beyond: outcome.kind === 'beyond', translated }
  if (outcome.kind === 'delivered') {
    const denied = groupsDeny(answers, outcome.to, false, outcome.packet, {
      address: outcome.packet.src,
      groups: host.groups,
      references: references(answers, out, outcome.packet.src === host.address, false),
    })
    if (denied !== null) findings.push(`${denied} forward`)
  }
  const answer = answerTo(outcome.packet)
  const home =
    outcome.kind === 'delivered'
      ? fromEnd(back, outcome.to, answer)
      : outcome.kind === 'service'
        ? fromService(back, outcome.vpc, answer)
        : fromOutside(back, answer)
  const all = [...findings, ...home.findings, ...lost(host, shot, home)]
  return { findings: all, whole: true, beyond: false, translated }
}

/** Whether a reference to the other end's group counts on this way. */
function references(answers: Answers, out: Trip, direct: boolean, egress: boolean): Other['references'] {
  const { via } = out
  const gateway = list(answers.get('describe-transit-gateways'), 'TransitGateways')[0]
  const allowed = !egress && text(part(gateway, 'Options'), 'SecurityGroupReferencingSupport') === 'enable'
  if (direct && !via.nat && !via.public && !via.farRegion && (!via.transit || allowed)) return 'count'
  return via.transit ? 'lost in transit' : 'lost'
}

/** The sender's own groups. Where the packet got lost, only what holds for any way it might have gone is told. */
function senderDenies(
  answers: Answers,
  host: End,
  shot: Shot,
  out: Trip,
  peer: End | null,
  finished: boolean,
): readonly Finding[] {
  const meant = peer ?? endAt(answers, host.vpc, shot.dst) ?? null
  const other: Other = {
    address: shot.dst,
    groups: meant?.groups ?? [],
    references: references(answers, out, peer?.address === shot.dst, true),
  }
  const found = groupsDeny(answers, host, true, shot, other)
  if (finished) return found === null ? [] : [`${found} forward`]
  if (!isSomewhere(answers, shot.dst)) return found === null ? [] : [`${found} forward`]
  const everyone = list(answers.get('describe-security-groups'), 'SecurityGroups')
  const groups = everyone.map((g) => text(g, 'GroupId') ?? '')
  const best = groupsDeny(answers, host, true, shot, { ...other, groups, references: 'count' })
  return best === null ? [] : [`${best} forward`]
}

/** An answer must come home, from the address that was asked. */
function lost(host: End, shot: Shot, home: Trip): readonly Finding[] {
  if (home.outcome.kind === 'loop') return ['ROUTING_LOOP']
  if (home.findings.length > 0) return []
  const { outcome } = home
  if (outcome.kind === 'beyond') return []
  const atHome =
    outcome.kind === 'delivered' &&
    (host.eniId === null ? outcome.to === host : outcome.to.eniId === host.eniId)
  if (!atHome) return [`RETURN_PATH_LOST ${host.name} return`]
  return outcome.packet.src === shot.dst ? [] : [`ASYMMETRIC_RETURN ${host.name} return`]
}
