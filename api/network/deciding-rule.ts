import type { AclEntry, GroupRule, Raw, Route, TransitRoute } from './entities.js'
import type { Memo } from './memo.js'
import type { DecidingRule, Text } from './path.js'
import { portsText } from './rules/ports.js'
import * as say from './text/rules.js'

/** What decided at a hop, made of what AWS printed. */

function decidingRule(
  kind: DecidingRule['kind'],
  component: string | null,
  text: Text,
  raw?: unknown,
): DecidingRule {
  const rule = { kind, in: component, summary: text.en, text }
  return raw === undefined || raw === null ? rule : { ...rule, raw }
}

const told = (text: Text | string): Text => (typeof text === 'string' ? say.asPrinted(text) : text)

/** @param text a string for what is the same in every language */
export const setting = (component: string | null, text: Text | string, raw?: Raw): DecidingRule =>
  decidingRule('setting', component, told(text), raw)

/** @param text a string for what is the same in every language */
export const state = (component: string, text: Text | string): DecidingRule =>
  decidingRule('state', component, told(text))

/** @param text a string for what is the same in every language */
export const absence = (component: string, text: Text | string): DecidingRule =>
  decidingRule('absence', component, told(text))

/** The same rule decides on many paths, and is told once. */
function once(memo: Memo, printed: object, holder: string, tell: () => DecidingRule): DecidingRule {
  const there = memo.rules.get(printed)
  if (there?.in === holder) return there
  const told = tell()
  memo.rules.set(printed, told)
  return told
}

export function routeRule(memo: Memo, tableId: string, route: Route): DecidingRule {
  return once(memo, route, tableId, () => tellRoute(tableId, route))
}

function tellRoute(tableId: string, route: Route): DecidingRule {
  const to = route.destination?.text ?? route.prefixListId ?? ''
  const condition = route.state === 'active' ? '' : ` (${route.state})`
  return decidingRule('route', tableId, say.asPrinted(`${to} → ${route.target}${condition}`), route.raw)
}

export function transitRouteRule(tableId: string, route: TransitRoute): DecidingRule {
  const [to = 'blackhole'] = route.attachmentIds
  const condition = route.state === 'active' ? '' : `, ${route.state}`
  const text = say.asPrinted(`${route.destination.text} → ${to} (${route.type}${condition})`)
  return decidingRule('transit-gateway-route', tableId, text, route.raw)
}

/** @param entry null for the last rule of every ACL, which no answer lists */
export function aclRule(memo: Memo, aclId: string, entry: AclEntry | null, egress: boolean): DecidingRule {
  if (entry === null) return { ...decidingRule('absence', aclId, say.aclDeniesAll(egress)), egress }
  return once(memo, entry, aclId, () => tellEntry(aclId, entry, egress))
}

function tellEntry(aclId: string, entry: AclEntry, egress: boolean): DecidingRule {
  const { number, allow, fromPort, toPort, icmpType } = entry
  const ports = fromPort !== null && toPort !== null ? portsText([[fromPort, toPort]]) : null
  const traffic = say.traffic(nameOf(entry.protocol), ports, icmpType === -1 ? null : icmpType)
  const text = say.aclEntry(
    number === 32767 ? '*' : String(number),
    allow,
    traffic,
    egress,
    entry.prefix.text,
  )
  return { ...decidingRule('network-acl-entry', aclId, text, entry.raw), egress }
}

export function groupRule(memo: Memo, groupId: string, rule: GroupRule, egress: boolean): DecidingRule {
  return once(memo, rule, groupId, () => tellGroupRule(groupId, rule, egress))
}

function tellGroupRule(groupId: string, rule: GroupRule, egress: boolean): DecidingRule {
  const { peer, protocol, fromPort, toPort } = rule
  const who = peer.kind === 'cidr' ? peer.prefix.text : peer.kind === 'group' ? peer.groupId : peer.id
  const isIcmp = protocol === 1 || protocol === 58
  const range = protocol === -1 || fromPort === null || toPort === null ? null : { fromPort, toPort }
  const ports = range === null || isIcmp ? null : portsText([[range.fromPort, range.toPort]])
  const icmpType = range !== null && isIcmp && range.fromPort !== -1 ? range.fromPort : null
  const text = say.groupEntry(say.traffic(nameOf(protocol), ports, icmpType), egress, who)
  return decidingRule('security-group-rule', groupId, text, rule.raw)
}

const PROTOCOLS: ReadonlyMap<number, string | null> = new Map([
  [-1, null],
  [1, 'icmp'],
  [6, 'tcp'],
  [17, 'udp'],
  [58, 'icmpv6'],
])

/** As the rules of groups and ACLs name a protocol; null for all of them. */
function nameOf(protocol: number): string | null {
  const name = PROTOCOLS.get(protocol)
  return name === undefined ? String(protocol) : name
}
