/** Writes the scenarios' folders: `npx esbuild test/scenarios/support/write.ts --bundle --platform=node --format=esm | node --input-type=module`. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { SCENARIOS } from './all.js'
import { scenarioFiles } from './files.js'

const root = join(process.cwd(), 'test/scenarios/data')
for (const scenario of SCENARIOS) {
  // How hosts behave in the lab (lab.json) is written by hand, and stays.
  for (const written of ['snapshot', 'later'])
    rmSync(join(root, scenario.id, written), { recursive: true, force: true })
  for (const [path, text] of scenarioFiles(scenario)) {
    const file = join(root, scenario.id, path)
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, text)
  }
}
