import { join } from 'node:path'
import type { Snapshot } from '../../api/network/snapshot.js'
import { readSnapshot } from '../../api/snapshot/read.js'

/** The snapshot of an acceptance scenario. */
export async function scenarioSnapshot(id: string, part = 'snapshot'): Promise<Snapshot> {
  return (await readSnapshot(join(process.cwd(), 'test/scenarios/data', id, part))).snapshot
}

/** A snapshot's files by name, with their parsed JSON. */
export function filesOf(snapshot: Snapshot): Record<string, unknown> {
  return Object.fromEntries(snapshot.documents.map((one) => [one.file, one.body]))
}

/** A snapshot's files by name, as the text that stands in them. */
export function textsOf(snapshot: Snapshot): Record<string, string> {
  return Object.fromEntries(snapshot.documents.map((one) => [one.file, JSON.stringify(one.body)]))
}
