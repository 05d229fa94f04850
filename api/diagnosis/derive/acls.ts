import type { Blocker, Hop } from '../../network/path.js'
import type { Change } from '../diagnosis.js'
import { number, PLACES, type Raw, records, text } from '../raw.js'
import { protocolOf } from './protocols.js'
import {
  blockedHops,
  byId,
  cidrsOf,
  type Derive,
  isInternet,
  rangeFor,
  type Situation,
  within,
} from './situation.js'
import { vpcOfAddress } from './topology.js'

type Put = Extract<Change, { kind: 'put-network-acl-entry' }>

const IMPLICIT_DENY = 32767

/**
 * The ports that replies to a Lambda function come to: its own ephemeral range is 1024-65535
 * (https://docs.aws.amazon.com/lambda/latest/dg/troubleshooting-networking.html).
 */
const EPHEMERAL = { from: 1024, to: 65535 }

function side(acl: Raw, egress: boolean): readonly Raw[] {
  return records(acl, 'Entries').filter((entry) => entry['Egress'] === egress)
}

/**
 * A free number before the entry that denies: ten lower where there is room, else the nearest free one.
 * Null where no number is left before it.
 * @param given numbers that other new entries of the side have been given
 */
export function freeRuleNumber(
  acl: Raw,
  egress: boolean,
  deniedBy: number,
  given: readonly number[] = [],
): number | null {
  const taken = new Set([...given, ...side(acl, egress).map((entry) => number(entry, 'RuleNumber') ?? 0)])
  if (deniedBy >= IMPLICIT_DENY) {
    const last = Math.max(0, ...[...taken].filter((one) => one < IMPLICIT_DENY))
    const next = last === 0 ? 100 : Math.floor(last / 10) * 10 + 10
    if (next < IMPLICIT_DENY) return next
  }
  const room = deniedBy - 10
  if (room > 0 && !taken.has(room) && ![...taken].some((one) => one > room && one < deniedBy)) return room
  for (let candidate = Math.min(deniedBy, IMPLICIT_DENY) - 1; candidate > 0; candidate--) {
    if (!taken.has(candidate)) return candidate
  }
  return null
}

/** The number of the entry that turned the packet away: the trace says so, else the implicit last one. */
function denyingNumber(blocker: Blocker, hop: Hop | undefined): number {
  const raw = hop?.rule?.raw ?? blocker.rule?.raw
  const own = typeof raw === 'object' && raw !== null && 'RuleNumber' in raw ? raw.RuleNumber : undefined
  return typeof own === 'number' ? own : IMPLICIT_DENY
}

/** A new entry that has no number yet, and the one of the entry that it has to stand before. */
interface Wanted {
  readonly acl: Raw
  readonly put: Omit<Put, 'ruleNumber'>
  readonly before: number
}

function entries(blocker: Blocker, hop: Hop, situation: Situation): readonly Wanted[] {
  const acl = byId(situation.snapshot, PLACES.networkAcl, blocker.component)
  if (acl === undefined) return []
  const cidrs = records(acl, 'Associations').flatMap((one) =>
    cidrsOf(byId(situation.snapshot, PLACES.subnet, text(one, 'SubnetId'))),
  )
  const { source, destination } = hop.packet
  const protocol = protocolOf(situation.question.flow.protocol)
  const sided = protocol === '6' || protocol === '17'
  const replies = blocker.direction === 'return'
  const port = replies ? null : (hop.packet.destinationPort ?? situation.question.flow.port)
  const range = port !== null ? { from: port, to: port } : replies ? EPHEMERAL : { from: 0, to: 65535 }
  const put = (egress: boolean, far: string): Wanted => ({
    acl,
    before: denyingNumber(blocker, hop),
    put: {
      kind: 'put-network-acl-entry',
      networkAclId: blocker.component,
      egress,
      action: 'allow',
      protocol,
      cidr: farRange(situation, far),
      fromPort: sided ? range.from : null,
      toPort: sided ? range.to : null,
    },
  })
  // Where a packet goes does not tell the side that turned it away: on its way into a transit gateway the inbound rules of the
  // attachment's subnet judge it too (https://docs.aws.amazon.com/vpc/latest/tgw/tgw-nacls.html).
  const egress = hop.rule?.egress
  return [
    ...((egress ?? within(source, cidrs)) ? [put(true, destination)] : []),
    ...((egress === undefined ? within(destination, cidrs) : !egress) ? [put(false, source)] : []),
  ]
}

/** An endpoint has an interface in each of its subnets, and a client meets any of them: their VPC's range stands for all. */
function farRange(situation: Situation, far: string): string {
  const { resolved } = situation.trace
  const several = resolved.length > 1 && !isInternet(far)
  const vpc = several ? vpcOfAddress(situation, far) : undefined
  return cidrsOf(vpc).find((cidr) => within(far, [cidr])) ?? rangeFor(situation.snapshot, far)
}

/** New entries of one side need a number each; one for which none is left is no entry. */
function numbered(wanted: readonly Wanted[]): readonly Put[] {
  const puts: Put[] = []
  for (const { acl, put, before } of wanted) {
    const given = puts
      .filter((one) => one.networkAclId === put.networkAclId && one.egress === put.egress)
      .map(({ ruleNumber }) => ruleNumber)
    const ruleNumber = freeRuleNumber(acl, put.egress, before, given)
    if (ruleNumber !== null) puts.push({ ...put, ruleNumber })
  }
  return puts
}

/** An entry for each blocked crossing, all at once: what is not needed of them the search takes away again. */
export const deriveAclEntries: Derive = (blockers, situation) => {
  const found = blockers.flatMap((blocker) =>
    blockedHops(situation.trace, blocker).flatMap((hop) => entries(blocker, hop, situation)),
  )
  const unique = [...new Map(found.map((one) => [JSON.stringify(one.put), one] as const)).values()]
  const puts = numbered(unique)
  return puts.length === 0 ? [] : [puts]
}
