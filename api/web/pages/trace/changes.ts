import type { Change } from '../../../diagnosis/diagnosis.js'
import type { Hop, SubnetTrace } from '../../../network/path.js'

/** What a form of a rule holds: all of it text, as it was typed. */
export type Fields = Readonly<Record<string, string>>

/** What holds rules that can be changed here. */
const HOLDERS: ReadonlySet<Hop['kind']> = new Set(['security-group', 'network-acl', 'route-table'])

/** Ids of the groups, ACLs and route tables on a path, in its order; what blocks comes first. */
export function holdersOn(parts: readonly SubnetTrace[]): readonly string[] {
  const hops = parts.flatMap(({ hops: out, returnHops }) => [...out, ...returnHops])
  const ours = hops.filter(({ kind }) => HOLDERS.has(kind))
  const blocking = ours.filter(({ verdict }) => verdict === 'block')
  return [...new Set([...blocking, ...ours].map(({ component }) => component))]
}

const TARGETS: readonly (readonly [prefix: string, kind: string])[] = [
  ['igw-', 'internet-gateway'],
  ['eigw-', 'egress-only-internet-gateway'],
  ['nat-', 'nat-gateway'],
  ['eni-', 'network-interface'],
  ['tgw-', 'transit-gateway'],
  ['pcx-', 'vpc-peering-connection'],
  ['vgw-', 'virtual-private-gateway'],
  ['vpce-', 'vpc-endpoint'],
]

/** What a route leads to, by the form of its id; the server refuses what is none. */
export function targetOf(id: string): { readonly kind: string; readonly id: string } {
  return { kind: TARGETS.find(([prefix]) => id.startsWith(prefix))?.[1] ?? 'unknown', id }
}

type Peer = Extract<Change, { kind: 'authorize-security-group' }>['peer']

export function peerOf(text: string): Peer {
  const plain = text.trim()
  if (plain.startsWith('sg-')) return { groupId: plain }
  if (plain.startsWith('pl-')) return { prefixListId: plain }
  return { cidr: plain }
}

export function peerText(peer: { readonly cidr?: string } | { readonly groupId?: string } | object): string {
  const found = Object.values(peer).find((value) => typeof value === 'string')
  return typeof found === 'string' ? found : ''
}

/** A port of a form; null where nothing was entered, which means all of them. */
export function portOf(text: string | undefined): number | null {
  return text === undefined || text.trim() === '' ? null : Number(text)
}

/** AWS writes the usual protocols of a group by name and those of an ACL by number. */
const NUMBERS: Readonly<Record<string, string>> = { tcp: '6', udp: '17', icmp: '1', all: '-1' }

export function aclProtocol(text: string): string {
  return NUMBERS[text.trim().toLowerCase()] ?? text.trim()
}

export function protocolName(number: string): string {
  return Object.entries(NUMBERS).find(([, one]) => one === number)?.[0] ?? number
}

export function groupProtocol(text: string): string {
  const plain = text.trim().toLowerCase()
  return plain === 'all' ? '-1' : plain
}

/** The words that a change in a line needs: those of the form. */
export type RuleWords = Readonly<Record<'ingress' | 'egress' | 'allow' | 'deny' | 'allTraffic', string>>

/** A change in a line, for the list of what was changed. */
export function changeText(change: Change, words: RuleWords): string {
  switch (change.kind) {
    case 'authorize-security-group':
    case 'revoke-security-group': {
      const sign = change.kind === 'authorize-security-group' ? '+' : '−'
      return `${sign} ${change.groupId} ${words[change.direction]} ${traffic(change, words)} ${peerText(change.peer)}`
    }
    case 'put-network-acl-entry':
      return `+ ${change.networkAclId} ${words[change.egress ? 'egress' : 'ingress']} ${change.ruleNumber} ${words[change.action]} ${traffic(change, words)} ${change.cidr}`
    case 'delete-network-acl-entry':
      return `− ${change.networkAclId} ${words[change.egress ? 'egress' : 'ingress']} ${change.ruleNumber}`
    case 'delete-route':
      return `− ${change.routeTableId} ${change.destination}`
    case 'put-route':
      return `${change.replace ? '±' : '+'} ${change.routeTableId} ${change.destination} → ${change.target.id}`
    default:
      return change.kind
  }
}

function traffic(
  {
    protocol,
    fromPort,
    toPort,
  }: { readonly protocol: string; readonly fromPort: number | null; readonly toPort: number | null },
  words: RuleWords,
): string {
  if (protocol === '-1') return words.allTraffic
  const range = portsText(fromPort, toPort)
  return range === '' ? protocol : `${protocol} ${range}`
}

export function portsText(from: number | null, to: number | null): string {
  if (from === null || to === null) return ''
  return from === to ? String(from) : `${from}-${to}`
}

export function portText(port: number | null): string {
  return port === null ? '' : String(port)
}
