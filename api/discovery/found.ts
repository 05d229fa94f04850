import { all, type Raw, record, records, text } from '../diagnosis/raw.js'
import type { Snapshot } from '../network/snapshot.js'
import { SONDE_TAGS } from './tags.js'

/** Sonde's own tags on one resource. */
export interface SondeTags {
  /** The value of `sonde:checks`. */
  readonly checks: string | null
  readonly ignored: boolean
  /** The posture whose probe it is. */
  readonly probe: string | null
}

const NO_TAGS: SondeTags = { checks: null, ignored: false, probe: null }

/** Sonde's tags by ARN, from `get-resources`. */
export function tagsIn(snapshot: Snapshot): (arn: string) => SondeTags {
  const byArn = new Map<string, SondeTags>()
  for (const mapping of all(snapshot, {
    call: 'get-resources',
    list: 'ResourceTagMappingList',
    id: 'ResourceARN',
  })) {
    const arn = text(mapping, 'ResourceARN')
    // Each tag was asked for by itself: a resource with two of them comes twice, each time with all its tags.
    byArn.set(arn, { ...(byArn.get(arn) ?? NO_TAGS), ...sondeTags(records(mapping, 'Tags')) })
  }
  return (arn) => byArn.get(arn) ?? NO_TAGS
}

/** Those of Sonde's tags that are among a resource's. */
function sondeTags(tags: readonly Raw[]): Partial<SondeTags> {
  const values = new Map(tags.map((tag) => [text(tag, 'Key'), text(tag, 'Value')]))
  const [checks, ignored, probe] = SONDE_TAGS.map((key) => values.get(key))
  return {
    ...(checks === undefined ? {} : { checks }),
    ...(ignored === undefined ? {} : { ignored: isOn(ignored) }),
    ...(probe === undefined ? {} : { probe }),
  }
}

/** Whether `sonde:ignore` stands among tags that an answer tells itself (`Tags` of EC2, `TagList` of RDS). */
export function isIgnored(tags: readonly Raw[]): boolean {
  return sondeTags(tags).ignored === true
}

function isOn(value: string): boolean {
  return value.trim().toLowerCase() !== 'false'
}

/** Subnet group → its VPC, for what names a group only. */
export function vpcOfSubnetGroup(
  snapshot: Snapshot,
  call: 'describe-db-subnet-groups' | 'describe-cache-subnet-groups',
) {
  const [list, id] =
    call === 'describe-db-subnet-groups'
      ? (['DBSubnetGroups', 'DBSubnetGroupName'] as const)
      : (['CacheSubnetGroups', 'CacheSubnetGroupName'] as const)
  const groups = new Map(
    all(snapshot, { call, list, id }).map((group) => [text(group, id), text(group, 'VpcId')]),
  )
  return (name: string): string => groups.get(name) ?? ''
}

/** `{Address, Port}` as several services answer it; null where there is none (yet). */
export function endpointIn(holder: Raw | undefined, field: string): { host: string; port: number } | null {
  const endpoint = record(holder, field)
  const host = text(endpoint, 'Address')
  const port = endpoint?.['Port']
  return host === '' || typeof port !== 'number' || port < 1 ? null : { host, port }
}
