/** Writes the sample's snapshot: `npx esbuild test/sample/support/write.ts --bundle --platform=node --format=esm | node --input-type=module`. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { sampleFiles } from './files.js'

const root = join(process.cwd(), 'infra/lab/sample/snapshot')
rmSync(root, { recursive: true, force: true })
mkdirSync(root, { recursive: true })
for (const [name, text] of sampleFiles()) writeFileSync(join(root, name), text)
