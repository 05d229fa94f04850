import { shortHash } from '../../health/standpoint.js'
import type { Key } from './db.js'

/** Every key of the table, in one place. Times in keys are epoch milliseconds in 13 digits, so that they sort. */

/** Partitions that the probes' heads are spread over: each takes 1,000 writes a second. */
export const HEAD_SHARDS = 16
/** Partitions of the list of incidents: a wide outage opens thousands at once. */
export const INCIDENT_SHARDS = 8
/** Sorts after everything that may follow a prefix. */
export const LAST = '\uffff'

export const META: Key = { pk: 'meta', sk: '-' }
export const PING: Key = { pk: 'ping', sk: '-' }
export const FUNCTIONS = 'functions'
export const GROUPS = 'groups'
export const EVENTS = 'events'
export const REJECTS = 'rejects'
export const SOURCES = 'sources'
export const SNAPSHOTS = 'snapshots'

export function headKey(probe: string): Key {
  return { pk: headShard(Number.parseInt(probe.slice(0, 4), 16) % HEAD_SHARDS), sk: probe }
}

export function headShard(shard: number): string {
  return `heads#${shard.toString(16)}`
}

/** A probe's own partition: its dictionaries, reports, rollups, states and incidents. */
export function probePartition(probe: string): string {
  return `probe#${probe}`
}

export function baseKey(probe: string, base: number): Key {
  return { pk: probePartition(probe), sk: `base#${base}` }
}

export function namesKey(probe: string): Key {
  return { pk: probePartition(probe), sk: 'names' }
}

export function stretchKey(probe: string, hour: number, flush: number): Key {
  return { pk: probePartition(probe), sk: `${stretchesFrom(hour)}#${pad(flush, 10)}` }
}

export function stretchesFrom(hour: number): string {
  return `r#${time(hour)}`
}

export function snapshotKey(probe: string, hour: number): Key {
  return { pk: probePartition(probe), sk: `s#${time(hour)}` }
}

export function rollupKey(probe: string, step: 'minute' | 'hour' | 'day', bucket: number): Key {
  return { pk: probePartition(probe), sk: `${step[0] ?? ''}#${time(bucket)}` }
}

export function incidentKey(probe: string, openedAt: number, check: string): Key {
  return { pk: probePartition(probe), sk: `i#${time(openedAt)}#${shortHash([check])}` }
}

export function incidentList(shard: number): string {
  return `incidents#${shard}`
}

export function notableList(probe: string): string {
  return `notable#${probe}`
}

export function groupList(group: string): string {
  return `group#${group}`
}

export function functionKey(name: string): Key {
  return { pk: FUNCTIONS, sk: name }
}

export function baseNameKey(base: string): Key {
  return { pk: `base#${base}`, sk: '-' }
}

/** What is declared or discovered in one region of an account, by Lambda's own names. */
export function homePartition(account: string, region: string): string {
  return `home#${account}#${region}`
}

export function placeKey(standpoint: string): Key {
  return { pk: `place#${standpoint}`, sk: '-' }
}

export function subnetPartition(subnet: string): string {
  return `subnet#${subnet}`
}

export function groupKey(group: string): Key {
  return { pk: GROUPS, sk: group }
}

export function snapshotPartition(version: string): string {
  return `snapshot#${version}`
}

export function sourceKey(source: string): Key {
  return { pk: SOURCES, sk: shortHash([source]) }
}

export function eventKey(first: number): Key {
  return { pk: EVENTS, sk: pad(first, 16) }
}

/** A reject with a key of its own is one item however often it is read. */
export function rejectKey(source: string, key: string): Key {
  return { pk: `reject#${shortHash([source, key])}`, sk: '-' }
}

export function time(ms: number): string {
  return pad(Math.min(ms, 9_999_999_999_999), 13)
}

export function pad(value: number, digits: number): string {
  return String(value).padStart(digits, '0')
}
