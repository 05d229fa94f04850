import type { TransitAttachment, TransitGateway, TransitRoute } from '../entities.js'
import { answer, need, object, objects, prefix, type Source, str, strings } from './source.js'

export function readTransitGateways(source: Source, gateways: Map<string, TransitGateway>): boolean {
  const items = answer(source, 'TransitGateways')
  for (const o of items ?? []) {
    const id = need(source, o, 'TransitGatewayId')
    if (id === null) continue
    const options = object(source, o, 'Options')
    const enabled = (key: string) => options !== null && str(source, options, key) === 'enable'
    gateways.set(id, {
      id,
      state: str(source, o, 'State'),
      groupReferencing: enabled('SecurityGroupReferencingSupport'),
      dnsSupport: enabled('DnsSupport'),
      defaultTable:
        options !== null && enabled('DefaultRouteTableAssociation')
          ? str(source, options, 'AssociationDefaultRouteTableId')
          : null,
      raw: o,
    })
  }
  return items !== null
}

export const attachmentKey = (gatewayId: string, attachmentId: string): string =>
  `${gatewayId} ${attachmentId}`

type Attachments = Map<string, TransitAttachment>

/** Several calls tell of one attachment; each adds what it knows. */
function merge(attachments: Attachments, a: TransitAttachment): void {
  const key = attachmentKey(a.gatewayId, a.id)
  const b = attachments.get(key)
  if (b === undefined) {
    attachments.set(key, a)
    return
  }
  attachments.set(key, {
    ...a,
    resourceId: a.resourceId ?? b.resourceId,
    state: a.state === '' ? b.state : a.state,
    subnetIds: a.subnetIds ?? b.subnetIds,
    associatedTable: a.associatedTable ?? b.associatedTable,
    associationState: a.associationState ?? b.associationState,
    applianceMode: a.applianceMode || b.applianceMode,
    ipv6: a.ipv6 ?? b.ipv6,
    dnsSupport: a.dnsSupport ?? b.dnsSupport,
    groupReferencing: a.groupReferencing ?? b.groupReferencing,
  })
}

function bare(
  id: string,
  gatewayId: string,
  kind: string,
  resourceId: string | null,
  state: string,
): TransitAttachment {
  return {
    id,
    gatewayId,
    kind,
    resourceId,
    state,
    subnetIds: null,
    associatedTable: null,
    associationState: null,
    applianceMode: false,
    ipv6: null,
    dnsSupport: null,
    groupReferencing: null,
  }
}

export function readAttachments(source: Source, attachments: Attachments): boolean {
  const items = answer(source, 'TransitGatewayAttachments')
  for (const o of items ?? []) {
    const id = need(source, o, 'TransitGatewayAttachmentId')
    const gatewayId = need(source, o, 'TransitGatewayId')
    if (id === null || gatewayId === null) continue
    const association = object(source, o, 'Association')
    merge(attachments, {
      ...bare(
        id,
        gatewayId,
        str(source, o, 'ResourceType') ?? '',
        str(source, o, 'ResourceId'),
        str(source, o, 'State') ?? '',
      ),
      associatedTable: association === null ? null : str(source, association, 'TransitGatewayRouteTableId'),
      associationState: association === null ? null : str(source, association, 'State'),
    })
  }
  return items !== null
}

export function readVpcAttachments(source: Source, attachments: Attachments): boolean {
  const items = answer(source, 'TransitGatewayVpcAttachments')
  for (const o of items ?? []) {
    const id = need(source, o, 'TransitGatewayAttachmentId')
    const gatewayId = need(source, o, 'TransitGatewayId')
    if (id === null || gatewayId === null) continue
    const options = object(source, o, 'Options')
    const option = (key: string): boolean | null => {
      const word = options === null ? null : str(source, options, key)
      return word === null ? null : word === 'enable'
    }
    merge(attachments, {
      ...bare(id, gatewayId, 'vpc', str(source, o, 'VpcId'), str(source, o, 'State') ?? ''),
      subnetIds: strings(source, o, 'SubnetIds'),
      applianceMode: option('ApplianceModeSupport') === true,
      ipv6: option('Ipv6Support'),
      dnsSupport: option('DnsSupport'),
      groupReferencing: option('SecurityGroupReferencingSupport'),
    })
  }
  return items !== null
}

/** A peering attachment belongs to two transit gateways under one id: it is entered once for each. */
export function readPeeringAttachments(source: Source, attachments: Attachments): boolean {
  const items = answer(source, 'TransitGatewayPeeringAttachments')
  for (const o of items ?? []) {
    const id = need(source, o, 'TransitGatewayAttachmentId')
    if (id === null) continue
    const requester = object(source, o, 'RequesterTgwInfo')
    const accepter = object(source, o, 'AccepterTgwInfo')
    const state = str(source, o, 'State') ?? ''
    const one = requester === null ? null : str(source, requester, 'TransitGatewayId')
    const two = accepter === null ? null : str(source, accepter, 'TransitGatewayId')
    if (one !== null) merge(attachments, bare(id, one, 'peering', two, state))
    if (two !== null) merge(attachments, bare(id, two, 'peering', one, state))
  }
  return items !== null
}

export interface TransitTableDraft {
  gatewayId: string | null
  state: string | null
  routes: TransitRoute[] | null
  propagations: string[] | null
}

type Drafts = Map<string, TransitTableDraft>

function draft(drafts: Drafts, id: string): TransitTableDraft {
  let d = drafts.get(id)
  if (d === undefined) {
    d = { gatewayId: null, state: null, routes: null, propagations: null }
    drafts.set(id, d)
  }
  return d
}

const idOf = (source: Source): string => source.document.key.split('.')[0] ?? ''

export function readTransitRouteTables(source: Source, drafts: Drafts): boolean {
  const items = answer(source, 'TransitGatewayRouteTables')
  for (const o of items ?? []) {
    const id = need(source, o, 'TransitGatewayRouteTableId')
    if (id === null) continue
    const d = draft(drafts, id)
    d.gatewayId = str(source, o, 'TransitGatewayId')
    d.state = str(source, o, 'State')
  }
  return items !== null
}

export function readTransitRoutes(source: Source, drafts: Drafts): boolean {
  const items = answer(source, 'Routes')
  if (items === null) return false
  const d = draft(drafts, idOf(source))
  d.routes ??= []
  for (const o of items) {
    const destination = prefix(source, o, 'DestinationCidrBlock')
    if (destination === null) continue
    d.routes.push({
      destination,
      type: str(source, o, 'Type') === 'propagated' ? 'propagated' : 'static',
      state: str(source, o, 'State') ?? 'active',
      attachmentIds: objects(source, o, 'TransitGatewayAttachments')
        .map((a) => str(source, a, 'TransitGatewayAttachmentId'))
        .filter((a) => a !== null),
      raw: o,
    })
  }
  return true
}

export function readAssociations(
  source: Source,
  byAttachment: Map<string, { table: string; state: string }>,
): boolean {
  const items = answer(source, 'Associations')
  if (items === null) return false
  const table = idOf(source)
  for (const o of items) {
    const id = str(source, o, 'TransitGatewayAttachmentId')
    const state = str(source, o, 'State') ?? 'associated'
    // A peering attachment is associated on both of its sides, so the table is part of the key.
    if (id !== null) byAttachment.set(attachmentKey(table, id), { table, state })
  }
  return true
}

export function readPropagations(source: Source, drafts: Drafts): boolean {
  const items = answer(source, 'TransitGatewayRouteTablePropagations')
  if (items === null) return false
  const d = draft(drafts, idOf(source))
  d.propagations ??= []
  for (const o of items) {
    const id = str(source, o, 'TransitGatewayAttachmentId')
    const state = str(source, o, 'State') ?? 'enabled'
    if (id !== null && (state === 'enabled' || state === 'enabling')) d.propagations.push(id)
  }
  return true
}
