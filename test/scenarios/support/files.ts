import { awsFiles } from './aws.js'
import type { Scenario } from './scenario.js'
import { ACCOUNT, baseWorld, REGION, type World } from './world.js'

const TAKEN_AT = '2026-01-07T09:00:00.000Z'

/** The text of every file of one scenario, by its path inside the scenario's folder. */
export function scenarioFiles(scenario: Scenario): Map<string, string> {
  const files = new Map<string, string>()
  const write = (path: string, body: unknown) => files.set(path, `${JSON.stringify(body, null, 1)}\n`)
  const snapshot = (folder: string, change: (world: World) => void) => {
    const world = baseWorld()
    change(world)
    write(`${folder}/snapshot.json`, {
      version: 1,
      takenAt: TAKEN_AT,
      regions: [REGION],
      accounts: [ACCOUNT],
      missing: [],
    })
    for (const [name, body] of awsFiles(world)) write(`${folder}/${name}.json`, body)
  }
  snapshot('snapshot', scenario.change)
  if (scenario.later !== undefined) snapshot('later', scenario.later)
  const { id, name, about, flows } = scenario
  write('expected.json', { id, name, about, flows })
  return files
}
