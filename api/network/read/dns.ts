import type { DnsRecord } from '../entities.js'
import { answer, body, bool, need, object, objects, type Source, str } from './source.js'

export interface ZoneDraft {
  name: string | null
  private: boolean | null
  vpcIds: string[] | null
  records: Map<string, DnsRecord[]> | null
}

type Zones = Map<string, ZoneDraft>

const zoneId = (id: string): string => id.slice(id.lastIndexOf('/') + 1)
/** Names are compared without their last dot, in lower case, with Route 53's octal escapes undone. */
export const plainName = (name: string): string =>
  name
    .replace(/\\(\d{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)))
    .replace(/\.$/, '')
    .toLowerCase()

function draft(zones: Zones, id: string): ZoneDraft {
  let z = zones.get(id)
  if (z === undefined) {
    z = { name: null, private: null, vpcIds: null, records: null }
    zones.set(id, z)
  }
  return z
}

export function readHostedZones(source: Source, zones: Zones): boolean {
  const items = answer(source, 'HostedZones')
  for (const o of items ?? []) {
    const id = need(source, o, 'Id')
    const name = need(source, o, 'Name')
    if (id === null || name === null) continue
    const z = draft(zones, zoneId(id))
    const config = object(source, o, 'Config')
    z.name = plainName(name)
    z.private = config === null ? false : bool(source, config, 'PrivateZone') === true
  }
  return items !== null
}

export function readHostedZone(source: Source, zones: Zones): boolean {
  const top = body(source)
  if (top === null) return false
  const o = object(source, top, 'HostedZone')
  if (o === null) return false
  const id = str(source, o, 'Id') ?? source.document.key
  const z = draft(zones, zoneId(id))
  const name = str(source, o, 'Name')
  if (name !== null) z.name = plainName(name)
  const config = object(source, o, 'Config')
  if (config !== null) z.private = bool(source, config, 'PrivateZone') === true
  z.vpcIds = objects(source, top, 'VPCs')
    .map((v) => str(source, v, 'VPCId'))
    .filter((v) => v !== null)
  return true
}

export function readRecordSets(source: Source, zones: Zones): boolean {
  const items = answer(source, 'ResourceRecordSets')
  if (items === null) return false
  const z = draft(zones, zoneId(source.document.key.split('.')[0] ?? ''))
  z.records ??= new Map()
  for (const o of items) {
    const name = str(source, o, 'Name')
    const type = str(source, o, 'Type')
    if (name === null || type === null) continue
    const alias = object(source, o, 'AliasTarget')
    const target = alias === null ? null : str(source, alias, 'DNSName')
    const values = objects(source, o, 'ResourceRecords')
      .map((r) => str(source, r, 'Value'))
      .filter((v) => v !== null)
    const key = plainName(name)
    const record: DnsRecord = target === null ? { type, values } : { type: 'ALIAS', values: [target] }
    const had = z.records.get(key)
    if (had === undefined) z.records.set(key, [record])
    else had.push(record)
  }
  return true
}
