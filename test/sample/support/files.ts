import { awsFiles } from '../../scenarios/support/aws.js'
import { ACCOUNT, REGION } from '../../scenarios/support/world.js'
import { sampleWorld } from './world.js'

const TAKEN_AT = '2026-01-07T09:00:00.000Z'

/** The text of every file of the sample's snapshot, by its name. */
export function sampleFiles(): ReadonlyMap<string, string> {
  const manifest = { version: 1, takenAt: TAKEN_AT, regions: [REGION], accounts: [ACCOUNT], missing: [] }
  const all: [string, unknown][] = [['snapshot', manifest], ...awsFiles(sampleWorld())]
  return new Map(all.map(([name, body]) => [`${name}.json`, `${JSON.stringify(body, null, 1)}\n`]))
}
