import type { Prefix } from '../address.js'
import type { TransitAttachment, TransitRoute, TransitRouteTable } from '../entities.js'
import { compileLpm } from '../lpm.js'
import type { Collected } from './documents.js'
import { attachmentKey } from './transit.js'

/** Which table each attachment is associated with, from whichever answer tells it. */
export function joinAttachments(c: Collected): Map<string, TransitAttachment> {
  const out = new Map(c.transitAttachments)
  for (const [key, attachment] of out) {
    if (attachment.associatedTable !== null) continue
    for (const [id, table] of c.transitTables) {
      if (table.gatewayId !== null && table.gatewayId !== attachment.gatewayId) continue
      const association = c.associations.get(attachmentKey(id, attachment.id))
      if (association === undefined) continue
      out.set(key, { ...attachment, associatedTable: id, associationState: association.state })
    }
  }
  // Tables that only the keyed answers name still associate, where exactly one gateway has the attachment.
  for (const [key, a] of out) {
    if (a.associatedTable !== null) continue
    for (const [pair, association] of c.associations) {
      const known = c.transitTables.get(association.table)
      if (
        pair.endsWith(` ${a.id}`) &&
        (known === undefined || known.gatewayId === null) &&
        a.kind !== 'peering'
      ) {
        out.set(key, { ...a, associatedTable: association.table, associationState: association.state })
      }
    }
  }
  byDefault(c, out)
  return out
}

/**
 * Where no answer tells of associations at all, but the gateway associates what is attached with its default table and
 * has no other one, that is the table.
 * https://docs.aws.amazon.com/vpc/latest/tgw/tgw-transit-gateways.html
 */
function byDefault(c: Collected, attachments: Map<string, TransitAttachment>): void {
  const asked = ['describe-transit-gateway-attachments', 'get-transit-gateway-route-table-associations']
  if (asked.some((call) => c.answered.has(call))) return
  if (!c.answered.has('describe-transit-gateway-route-tables')) return
  for (const [key, a] of attachments) {
    const table = c.transitGateways.get(a.gatewayId)?.defaultTable ?? null
    const tables = [...c.transitTables].filter(([, t]) => t.gatewayId === a.gatewayId)
    if (a.associatedTable !== null || a.kind !== 'vpc' || tables.length !== 1 || tables[0]?.[0] !== table)
      continue
    attachments.set(key, { ...a, associatedTable: table, associationState: 'associated' })
  }
}

/**
 * A table's routes are those that search-transit-gateway-routes printed and those that its propagations imply: the
 * former may have been asked for static routes alone. A VPC attachment propagates the VPC's CIDRs, a VPN with static
 * routing its routes; what others propagate only the search itself tells.
 * https://docs.aws.amazon.com/vpc/latest/tgw/how-transit-gateways-work.html
 */
export function joinTransitTables(
  c: Collected,
  attachments: ReadonlyMap<string, TransitAttachment>,
): Map<string, TransitRouteTable> {
  const byId = new Map<string, TransitAttachment[]>()
  for (const a of attachments.values()) byId.set(a.id, [...(byId.get(a.id) ?? []), a])
  const out = new Map<string, TransitRouteTable>()
  for (const [id, t] of c.transitTables) {
    const routes: TransitRoute[] = [...(t.routes ?? [])]
    const known = new Set(routes.flatMap((r) => r.attachmentIds.map((a) => `${r.destination.text} ${a}`)))
    const staticOnly = !routes.some((r) => r.type === 'propagated')
    const untold: string[] = []
    for (const attachmentId of t.propagations ?? []) {
      const implied = (byId.get(attachmentId) ?? []).map((a) => propagated(c, a))
      if (staticOnly && (implied.length === 0 || implied.includes(null))) untold.push(attachmentId)
      for (const destination of implied.flatMap((prefixes) => prefixes ?? [])) {
        if (known.has(`${destination.text} ${attachmentId}`)) continue
        routes.push({
          destination,
          type: 'propagated',
          state: 'active',
          attachmentIds: [attachmentId],
          raw: null,
        })
      }
    }
    // Static before propagated for one prefix, so that the first of a match decides.
    const ordered = routes.sort((a, b) => Number(a.type === 'propagated') - Number(b.type === 'propagated'))
    out.set(id, {
      id,
      gatewayId: t.gatewayId,
      state: t.state,
      routes: t.routes === null ? null : ordered,
      propagations: t.propagations,
      untold,
      compiled: compileLpm(ordered.map((r) => [r.destination, r] as const)),
    })
  }
  return out
}

/** What an attachment propagates; null where no answer tells. */
function propagated(c: Collected, a: TransitAttachment): readonly Prefix[] | null {
  if (a.resourceId === null) return null
  if (a.kind === 'vpc') return c.vpcs.get(a.resourceId)?.cidrs ?? null
  const vpn = a.kind === 'vpn' ? c.vpnConnections.get(a.resourceId) : undefined
  return vpn?.staticOnly === true ? vpn.routes : null
}
